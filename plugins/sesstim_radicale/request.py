"""One request: who asks, for which place, with which headers and body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from sesstim_caldav.accounts import Account
from sesstim_caldav.language import accepted
from sesstim_caldav.office import Office
from sesstim_caldav.reception import Conditions
from sesstim_radicale.answers import Failure, bad_request
from sesstim_radicale.places import Mount, Place, address

LARGEST_OBJECT = 2 * 2**20
"""Bytes of the largest calendar object that PUT takes (CALDAV:max-resource-size)."""
LARGEST_XML = 4 * 2**20
"""Bytes of the largest XML body: a multiget of some fifty thousand addresses."""
MOST_TAGS = 200_000
"""An XML body with more tags is no request but an attack on the memory."""
DEEPEST = 64
NO_TAG = '""'
"""An entity tag that nothing has."""
REMEMBERED = 2048
"""Bytes of the largest XML body whose reading is remembered."""


@dataclass(slots=True)
class Request:
    """What the methods work with. `prefix` is the encoded mount point ("/dav"), `language` that of sentences."""

    environ: Mapping[str, Any]
    office: Office
    place: Place
    account: Account
    prefix: str
    language: str

    def header(self, name: str) -> str | None:
        """A header's value by its WSGI name without HTTP_ ("IF_MATCH"), None where it is absent."""
        value = self.environ.get(f"HTTP_{name}")
        return None if value is None else str(value).strip()

    @property
    def mount(self) -> Mount:
        return Mount(self.prefix, self.environ.get("HTTP_HOST", ""), self.office.settings.site.base_url)

    @property
    def depth(self) -> str | None:
        """ "0", "1" or "infinity"; None where the header is absent. Raises `Failure` (400) on any other."""
        value = self.header("DEPTH")
        if value is None:
            return None
        lowered = value.lower()
        if lowered not in ("0", "1", "infinity"):
            raise bad_request("Depth must be 0, 1 or infinity.")
        return lowered

    @property
    def overwrite(self) -> bool:
        """RFC 4918 section 10.6: absent means T."""
        value = (self.header("OVERWRITE") or "T").upper()
        if value not in ("T", "F"):
            raise bad_request("Overwrite must be T or F.")
        return value == "T"

    @property
    def minimal(self) -> bool:
        """Whether the client wants no propstat of what is missing (RFC 8144, and Apple's Brief)."""
        return "return=minimal" in self.environ.get("HTTP_PREFER", "") or self.environ.get("HTTP_BRIEF", "") == "t"

    def conditions(self, current: str | None) -> Conditions:
        """If-Match, If-None-Match and the entity tags of If (RFC 4918 section 10.4).

        `current` is the ETag of the resource, None where there is none. An If that does not hold (we know no locks) is
        an If-Match that cannot: who may not change the resource at all is told so first. Raises `Failure`: 400 where
        it is malformed.
        """
        if_match = self.header("IF_MATCH")
        condition = self.header("IF")
        if condition is not None and not _holds(condition, self, current):
            if_match = NO_TAG
        elif if_match == "":
            if_match = None
        return Conditions(if_match=if_match, if_none_match=self.header("IF_NONE_MATCH") or None)

    def address(self, place: Place) -> str:
        return address(self.prefix, place)

    def content(self, largest: int) -> bytes:
        """The body. Raises `Failure`: 413 beyond `largest` bytes, 400 if it is cut short, 415 if it is compressed."""
        return body(self.environ, largest)

    def xml(self) -> Element | None:
        """The root element of the body, None if there is none; not to be changed. Raises `Failure` (400, 413)."""
        content = self.content(LARGEST_XML)
        if not content.strip():
            return None
        return _remembered(content) if len(content) <= REMEMBERED else parsed(content)


def body(environ: Mapping[str, Any], largest: int) -> bytes:
    """A request's body, of known length or chunked, never more than `largest` bytes."""
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Failure(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told="Compressed request bodies are not understood.")
    stated = environ.get("CONTENT_LENGTH") or ""
    if stated:
        if not (stated.isascii() and stated.isdigit()):
            raise bad_request("Content-Length must be a number.")
        if len(stated) > 18 or int(stated) > largest:
            raise Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told="The request body is too large.")
        length = int(stated)
        content = _read(environ["wsgi.input"], length)
        if len(content) < length:
            raise bad_request("The request body is shorter than announced.")
        return content
    if environ.get("wsgi.input_terminated") or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        content = _read(environ["wsgi.input"], largest + 1)
        if len(content) > largest:
            raise Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told="The request body is too large.")
        return content
    return b""


def _read(stream: Any, most: int) -> bytes:
    pieces: list[bytes] = []
    left = most
    try:
        while left and (piece := stream.read(min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
    except (OSError, ValueError):
        raise bad_request("The request body could not be read.") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def parsed(content: bytes) -> Element:
    """The root element of an XML body without DTD or entities. Raises `Failure` (400, 413)."""
    if content.count(b"<") > MOST_TAGS:
        raise Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told="The request body holds too many elements.")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise bad_request("The request body is not the XML it should be.") from None
    level: list[Element] = [root]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
        if not level:
            return root
    raise bad_request("The request body is nested too deep.")


@lru_cache(maxsize=32)
def _remembered(content: bytes) -> Element:
    return parsed(content)


def language(account_language: str | None, accept: str, spoken: list[str]) -> str:
    """The account's language, else the best of Accept-Language (RFC 9110 section 12.5.4), else the site's first."""
    if account_language:
        return account_language
    if not accept:
        return spoken[0]
    return _accepted(accept, tuple(spoken))


_accepted = lru_cache(maxsize=256)(accepted)


# ---- the If header -------------------------------------------------------------------------------------------------

_IF = re.compile(r"\s*(?:(?P<tag><[^>]*>)|(?P<open>\()|(?P<close>\))|(?P<not>[Nn]ot\b)|(?P<state>\[[^\]]*\]))")


def _holds(header: str, request: Request, current: str | None) -> bool:
    """Whether one of the lists of an If header holds. Lists tagged with another resource count as not holding."""
    mine = request.address(request.place)
    position, inside, ours, negated = 0, False, True, False
    result, held, conditions = False, True, 0
    header = header.strip()
    while position < len(header):
        match = _IF.match(header, position)
        if match is None:
            raise bad_request("The If header cannot be read.")
        position = match.end()
        if match["open"] and not inside:
            inside, held, conditions = True, True, 0
        elif match["close"] and inside and conditions and not negated:
            inside = False
            result = result or (held and ours)
        elif match["tag"] and not inside:
            place = request.mount.place(match["tag"][1:-1])
            ours = place is not None and request.address(place) == mine
        elif match["not"] and inside and not negated:
            negated = True
            continue
        elif (match["tag"] or match["state"]) and inside:
            true = bool(match["state"]) and current is not None and _same_tag(match["state"][1:-1], current)
            held = held and true != negated
            conditions += 1
        else:
            raise bad_request("The If header cannot be read.")
        negated = False
    if inside or negated:
        raise bad_request("The If header cannot be read.")
    return result


def _same_tag(one: str, other: str) -> bool:
    return plain_tag(one) == plain_tag(other)


def plain_tag(tag: str) -> str:
    """An entity tag without what compressing proxies make of it: `W/"x"` and `"x-gzip"` are `"x"`."""
    bare = tag.strip().removeprefix("W/").strip('"')
    for suffix in ("-gzip", ";gzip"):
        bare = bare.removesuffix(suffix)
    return bare
