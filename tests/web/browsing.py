"""A browser without scripts, for the stories of the pages: follows the forms that a page holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import described
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesstim_caldav.accounts import Account
from sesstim_caldav.office import Office
from sesstim_caldav.web.application import create

PASSWORD = "correct horse battery staple"


@dataclass
class Browser:
    """Cookies and a language; one instance a person and device."""

    client: FlaskClient
    language: str = "en"

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self.language}, **more)

    def token(self, path: str = "/terms") -> str:
        """The token against forged requests, from a form of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"no form on {path}"
        return unescape(found[1])

    def post(self, path: str, form: str = "/terms", **fields: str) -> TestResponse:
        """Sends a form; a field's `__` stands for the `-` of its name."""
        data = {name.replace("__", "-"): value for name, value in fields.items()} | {"csrf_token": self.token(form)}
        return self.client.post(path, data=data, headers={"Accept-Language": self.language})

    def sign_in(self, account: Account, password: str = PASSWORD) -> TestResponse:
        return self.post("/login", email=account.email, password=password)


def a_browser(office: Office, language: str = "en") -> Browser:
    app = create(office)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # also those of the check itself
    app.after_request(described.check)
    return Browser(app.test_client(), language)
