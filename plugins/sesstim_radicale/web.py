"""The page that a browser gets where a calendar program is expected."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from radicale import config
from radicale.types import WSGIResponse
from radicale.web import BaseWeb

from sesstim_caldav.office import Office

_PAGES = {
    "fr": "Les salles sont des calendriers CalDAV. Donnez cette adresse à votre application d'agenda.\n",
    "en": "The rooms are CalDAV calendars. Give this address to your calendar application.\n",
}


class Web(BaseWeb):
    """A line of text; the pages for people stand outside `/dav/`."""

    def __init__(self, configuration: config.Configuration, office: Office | None = None) -> None:  # noqa: ARG002
        super().__init__(configuration)

    def page(self, language: str) -> str:
        return _PAGES.get(language, _PAGES["en"])

    def get(
        self,
        environ: Any,  # noqa: ARG002
        base_prefix: str,  # noqa: ARG002
        path: str,  # noqa: ARG002
        user: str,  # noqa: ARG002
        user_groups: set[Any],  # noqa: ARG002
        request_info: dict[str, Any],  # noqa: ARG002
    ) -> WSGIResponse:
        return HTTPStatus.OK, {"Content-Type": "text/plain"}, self.page("en"), None
