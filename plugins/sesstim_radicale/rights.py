"""What an account may do at a path, as Radicale asks it: rooms are everybody's, a principal is its account's own."""

from __future__ import annotations

from typing import Any

from radicale import config
from radicale.rights import BaseRights

from sesstim_caldav.office import Office


class Rights(BaseRights):
    """Coarse on purpose: whether a booking may be changed is the reception's to say, with the reason."""

    def __init__(self, configuration: config.Configuration, office: Office | None = None) -> None:  # noqa: ARG002
        super().__init__(configuration)

    def authorization(self, user: str, user_groups: set[Any], path: str) -> str:  # noqa: ARG002
        """R reads a collection, r and w read and write bookings; nothing lets a collection be made or replaced."""
        if not user:
            return ""
        match path.strip("/").split("/"):
            case [""] | ["rooms"]:
                return "R"
            case ["rooms", _] | ["rooms", _, _]:
                return "rw"
            case [email] if email.lower() == user.lower():
                return "R"
            case _:
                return ""
