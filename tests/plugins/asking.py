"""A CalDAV client without a network: requests go straight into the application."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from xml.etree import ElementTree

from building import PASSWORD
from sesstim_radicale.application import Application

from sesstim_caldav.accounts import Account

NS = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
    "B": "urn:sesstim:booking",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items() if prefix != "B")


@dataclass
class Told:
    """An answer; of a multistatus, `props(href)` and `status(href)` tell what stands in it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    @property
    def hrefs(self) -> list[str]:
        return [node.findtext("D:href", "", NS) for node in self.xml.findall("D:response", NS)]

    def response(self, href: str) -> ElementTree.Element:
        return next(node for node in self.xml.findall("D:response", NS) if node.findtext("D:href", "", NS) == href)

    def props(self, href: str | None = None, status: int = 200) -> dict[str, ElementTree.Element]:
        """The properties of a response (the first one without `href`) that have a status, by local name."""
        node = self.response(href) if href else self.xml.find("D:response", NS)
        assert node is not None
        return {
            prop.tag.rpartition("}")[2]: prop
            for propstat in node.findall("D:propstat", NS)
            if f" {status} " in propstat.findtext("D:status", "", NS)
            for prop in propstat.find("D:prop", NS) or ()
        }

    @property
    def conditions(self) -> set[str]:
        """The local names of what stands in a DAV:error."""
        return {node.tag.rpartition("}")[2] for node in self.xml}


@dataclass
class Asking:
    """One account's way to the application; `path` is percent-encoded and starts at the mount point."""

    application: Application
    account: Account | None
    password: str = PASSWORD
    mount: str = "/dav"

    def __call__(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Told:
        return self.raw(method, unquote_to_bytes(path), body, headers)

    def raw(self, method: str, path: bytes, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> Told:
        content = body.encode() if isinstance(body, str) else body
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": self.mount,
            "PATH_INFO": path.decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": "rooms.test",
            "SERVER_PORT": "80",
            "HTTP_HOST": "rooms.test",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
        }
        if content:
            environ["CONTENT_LENGTH"] = str(len(content))
        if self.account is not None:
            pair = f"{self.account.email}:{self.password}".encode()
            environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(pair).decode()
        for name, value in (headers or {}).items():
            key = name.upper()
            environ[key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") or key.startswith("HTTP_") else f"HTTP_{key}"] = (
                value
            )
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, given: list[tuple[str, str]], *_: object) -> Any:
            started.append((status, given))

        answered = self.application(environ, start_response)
        try:
            content = b"".join(answered)
        finally:
            close = getattr(answered, "close", None)
            if close:
                close()
        status, given = started[0]
        return Told(int(status.split()[0]), {name.lower(): value for name, value in given}, content)

    def put(self, data: bytes, name: str = "a.ics", room: str = "prado", **headers: str) -> Told:
        return self("PUT", f"/rooms/{room}/{quote(name)}", data, **headers)

    def propfind(self, path: str, *names: str, depth: str = "0", **headers: str) -> Told:
        props = "".join(f"<{name}/>" for name in names)
        body = f"<D:propfind {DECLARED}><D:prop>{props}</D:prop></D:propfind>"
        return self("PROPFIND", path, body, depth=depth, **headers)

    def query(self, inside: str, props: str = "<D:getetag/>", path: str = "/rooms/prado/") -> Told:
        """A calendar-query with what stands inside the comp-filter of VEVENT."""
        return self.filtered(
            f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inside}</C:comp-filter></C:comp-filter>',
            props,
            path,
        )

    def filtered(self, filter_: str, props: str = "<D:getetag/>", path: str = "/rooms/prado/") -> Told:
        body = f"<C:calendar-query {DECLARED}><D:prop>{props}</D:prop><C:filter>{filter_}</C:filter></C:calendar-query>"
        return self("REPORT", path, body, depth="1")

    def multiget(self, *hrefs: str, props: str = "<D:getetag/><C:calendar-data/>", path: str = "/rooms/prado/") -> Told:
        listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        body = f"<C:calendar-multiget {DECLARED}><D:prop>{props}</D:prop>{listed}</C:calendar-multiget>"
        return self("REPORT", path, body, depth="1")

    def sync(self, token: str = "", props: str = "<D:getetag/>", **headers: str) -> Told:
        body = (
            f"<D:sync-collection {DECLARED}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            f"<D:prop>{props}</D:prop></D:sync-collection>"
        )
        return self("REPORT", "/rooms/prado/", body, **headers)


def names(told: Told) -> list[str]:
    """The last path segments of a listing's hrefs."""
    return sorted(href.rpartition("/")[2] for href in told.hrefs)


def unfolded(text: str) -> Iterator[str]:
    yield from text.replace("\r\n", "\n").replace("\n ", "").split("\n")
