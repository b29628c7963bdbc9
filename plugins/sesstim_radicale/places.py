"""The addresses under `/dav/` (RFC 3986): which resource a path names, and the path of a resource.

A path inside is decoded and starts at the mount point ("/rooms/prado/a b.ics"); an address outside is percent-encoded
and carries the prefix under which the application is mounted ("/dav/rooms/prado/a%20b.ics").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

LONGEST = 1000
"""Characters of the longest name or e-mail address in a path."""

REMEMBERED = 200
"""Characters of the longest path whose reading is remembered."""

PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~@/-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Kind(Enum):
    ROOT = "root"
    PRINCIPAL = "principal"
    HOME = "home"
    ROOM = "room"
    BOOKING = "booking"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names, whether it exists or not; `slug` is a room's, `name` a booking's, `email` a principal's."""

    kind: Kind
    slug: str = ""
    name: str = ""
    email: str = ""

    @property
    def path(self) -> str:
        """The decoded path, as dead properties are kept under it."""
        match self.kind:
            case Kind.PRINCIPAL:
                return f"/{self.email.lower()}/"
            case Kind.HOME:
                return "/rooms/"
            case Kind.ROOM:
                return f"/rooms/{self.slug}/"
            case Kind.BOOKING:
                return f"/rooms/{self.slug}/{self.name}"
            case _:
                return "/"


NOWHERE = Place(Kind.NOWHERE)
_ROOT = Place(Kind.ROOT)
_HOME = Place(Kind.HOME)


class Unreadable(ValueError):
    """A path that could name nothing: its bytes are no UTF-8, or it holds control characters or dot segments."""


def encoded(segment: str) -> str:
    """One path segment, percent-encoded."""
    return segment if PLAIN.fullmatch(segment) else quote(segment, safe="")


def address(prefix: str, place: Place) -> str:
    """The address of a place; `prefix` is encoded already."""
    match place.kind:
        case Kind.PRINCIPAL:
            return f"{prefix}/{encoded(place.email)}/"
        case Kind.HOME:
            return f"{prefix}/rooms/"
        case Kind.ROOM:
            return f"{prefix}/rooms/{place.slug}/"
        case Kind.BOOKING:
            return f"{prefix}/rooms/{place.slug}/{encoded(place.name)}"
        case _:
            return f"{prefix}/"


def mounted(script_name: str) -> str:
    """The encoded prefix from WSGI's SCRIPT_NAME (bytes read as Latin-1)."""
    return _mounted(script_name)


@lru_cache(maxsize=64)
def _mounted(script_name: str) -> str:
    return quote(script_name.encode("latin-1", "replace").rstrip(b"/"), safe="/:@!$&'()*+,;=~")


def requested(path_info: str) -> Place:
    """What WSGI's PATH_INFO (bytes read as Latin-1, percent-decoded by the server) names. Raises `Unreadable`."""
    return _remembered(path_info) if len(path_info) <= REMEMBERED else _requested(path_info)


@lru_cache(maxsize=2048)
def _remembered(path_info: str) -> Place:
    return _requested(path_info)


def _requested(path_info: str) -> Place:
    try:
        path = path_info.encode("latin-1").decode()
    except UnicodeError:
        raise Unreadable("the path is not UTF-8") from None
    return _named(path.split("/"), path.endswith("/"))


def _named(segments: list[str], slash: bool) -> Place:
    """The place of decoded segments; empty ones (`//`) are passed over, as every server in front of one does."""
    segments = [segment for segment in segments if segment]
    if any(_CONTROL.search(segment) or segment in (".", "..") for segment in segments):
        raise Unreadable("the path holds control characters or dot segments")
    if any(len(segment) > LONGEST for segment in segments):
        raise Unreadable("the path is too long")
    match segments:
        case []:
            return _ROOT
        case ["rooms"]:
            return _HOME
        case ["rooms", slug]:
            return Place(Kind.ROOM, slug=slug)
        case ["rooms", slug, name] if not slash:
            return Place(Kind.BOOKING, slug=slug, name=name)
        case [email] if "@" in email:
            return Place(Kind.PRINCIPAL, email=email)
        case _:
            return NOWHERE


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the application hangs, for reading addresses that come in headers and bodies."""

    prefix: str
    """Encoded, without a slash at the end."""
    host: str
    """The request's own `Host`."""
    base_url: str
    """The site's address as configured."""

    def place(self, reference: str) -> Place | None:
        """What an address (absolute URL or absolute path) names here, None if it is foreign or unreadable.

        Ours is a path under the mount point, and a URL of the request's own host or under `base_url`.
        """
        if self.prefix and reference.startswith(f"{self.prefix}/") and _PLAIN_PATH.fullmatch(reference):
            try:
                return _named(reference[len(self.prefix) :].split("/"), reference.endswith("/"))
            except Unreadable:
                return None
        try:
            parts = urlsplit(reference.strip())
            if parts.scheme and not parts.netloc:
                return None
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            return None
        base = urlsplit(self.base_url)
        roots = [self.prefix]
        if host:
            roots = [self.prefix] if _same_host(host, self.host, parts.scheme) else []
            if _same_host(host, base.netloc, parts.scheme or base.scheme):
                roots.append(base.path.rstrip("/") + "/" + self.prefix.rpartition("/")[2])
        decoded = _decoded(parts.path)
        if decoded is None:
            return None
        for root in roots:
            below = _below(decoded, _decoded(root) or [])
            if below is not None:
                try:
                    return _named(below, parts.path.endswith("/"))
                except Unreadable:
                    return None
        return None


def _below(segments: list[str], root: list[str]) -> list[str] | None:
    return segments[len(root) :] if segments[: len(root)] == root else None


def _decoded(path: str) -> list[str] | None:
    """The decoded segments of an encoded path, without empty ones; None if one is no UTF-8 or hides a slash."""
    try:
        raw = path.encode()
    except UnicodeError:
        return None
    found = []
    for segment in raw.split(b"/"):
        if not segment:
            continue
        try:
            text = unquote_to_bytes(segment).decode()
        except UnicodeError:
            return None
        if "/" in text:
            return None
        found.append(text)
    return found


def _same_host(one: str, other: str, scheme: str) -> bool:
    port = {"http": ":80", "https": ":443"}.get(scheme.lower(), "")
    return one.lower().removesuffix(port) == other.lower().removesuffix(port)
