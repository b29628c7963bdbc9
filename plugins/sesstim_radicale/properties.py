"""Live properties of every kind of resource (RFC 4918, 3744, 4791, 5397, 6578), and responses made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from xml.etree.ElementTree import Element

from sesstim_caldav.booking.vtimezone import definition
from sesstim_caldav.publication import Published, RoomState
from sesstim_radicale.answers import bad_request
from sesstim_radicale.markup import (
    APPLE,
    CALENDARSERVER,
    MISSING,
    OK,
    caldav,
    dav,
    element,
    escape,
    href,
    tags,
)
from sesstim_radicale.places import PLAIN, Kind, Place, encoded
from sesstim_radicale.request import LARGEST_OBJECT, Request

CALENDAR_DATA = caldav("calendar-data")
DISPLAYNAME = dav("displayname")
GETETAG = dav("getetag")
COLOR = f"{{{APPLE}}}calendar-color"
DESCRIPTION = caldav("calendar-description")
TIMEZONE = caldav("calendar-timezone")
TIMEZONE_ID = caldav("calendar-timezone-id")

PRESENTATION = frozenset({DISPLAYNAME, COLOR, DESCRIPTION, TIMEZONE, TIMEZONE_ID})
"""Live properties that an account may set for itself; its own value then stands in the place of ours."""

CALENDAR_TYPE = "text/calendar; charset=utf-8; component=VEVENT"

Subject = RoomState | Published | None
Maker = Callable[[Request, Subject], str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which properties a PROPFIND or REPORT asks for, in Clark notation, each once and in the order asked."""

    names: tuple[str, ...]
    everything: bool = False
    """allprop: the names are those of `include`."""
    names_only: bool = False


MOST = 500
"""Properties that one request may ask for: each is told of each booking, if only that there is none."""


def wanted(prop: Element) -> Wanted:
    """From a DAV:prop element. Raises `Failure` (400) where it asks for more than `MOST`."""
    names = tuple(dict.fromkeys(child.tag for child in prop))
    if len(names) > MOST:
        raise bad_request(f"At most {MOST} properties can be asked for at once.")
    return Wanted(names)


def http_date(moment: int) -> str:
    """Epoch seconds as HTTP writes them."""
    at = datetime.fromtimestamp(moment, UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year} {at:%H:%M:%S} GMT"


# ---- the values, as inner XML --------------------------------------------------------------------------------------


def principal(request: Request) -> str:
    """The address of the asking account's principal."""
    return request.address(Place(Kind.PRINCIPAL, email=request.account.email))


def _constant(value: str) -> Maker:
    return lambda _request, _subject: value


def _principal(request: Request, _: Subject) -> str:
    return href(principal(request))


def _home(request: Request, _: Subject) -> str:
    return href(request.address(Place(Kind.HOME)))


def _root(request: Request, _: Subject) -> str:
    return href(request.address(Place(Kind.ROOT)))


def _addresses(request: Request, _: Subject) -> str:
    """The account's own address first: Android takes the first for the name of the account."""
    account = request.account
    own = account.email.lower()
    others = sorted(address for address in account.person().addresses if address.lower() != own)
    return "".join(href(f"mailto:{escape(mail)}") for mail in (account.email, *others)) + href(principal(request))


def _account_name(request: Request, _: Subject) -> str:
    return escape(request.account.name)


def _site_name(request: Request, _: Subject) -> str:
    return escape(request.office.settings.site.name)


def _timezone(request: Request, _: Subject) -> str:
    settings = request.office.settings
    zone = definition(settings.site.timezone, settings.zone)
    return escape(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//SESSTIM//sesstim-caldav//EN\r\n{zone}END:VCALENDAR\r\n")


def _timezone_id(request: Request, _: Subject) -> str:
    return escape(request.office.settings.site.timezone)


def _room(value: Callable[[RoomState], str]) -> Maker:
    def made(_: Request, subject: Subject) -> str:
        assert isinstance(subject, RoomState)
        return value(subject)

    return made


def _booking(value: Callable[[Published], str]) -> Maker:
    def made(_: Request, subject: Subject) -> str:
        return value(subject)  # type: ignore[arg-type]

    return made


def _privileges(*names: str) -> Maker:
    return _constant("".join(f"<D:privilege><{name}/></D:privilege>" for name in names))


def _reports(*names: str) -> Maker:
    return _constant(
        "".join(f"<D:supported-report><D:report><{name}/></D:report></D:supported-report>" for name in names)
    )


_SHARED: dict[str, Maker] = {
    dav("current-user-principal"): _principal,
    dav("principal-collection-set"): _root,
    caldav("calendar-home-set"): _home,
}
_READABLE = _privileges("D:read", "D:write-properties", "D:read-current-user-privilege-set")

MAKERS: dict[Kind, dict[str, Maker]] = {
    Kind.ROOT: {
        dav("resourcetype"): _constant("<D:collection/>"),
        DISPLAYNAME: _site_name,
        **_SHARED,
        dav("current-user-privilege-set"): _READABLE,
        dav("supported-report-set"): _constant(""),
    },
    Kind.PRINCIPAL: {
        dav("resourcetype"): _constant("<D:collection/><D:principal/>"),
        DISPLAYNAME: _account_name,
        **_SHARED,
        dav("principal-URL"): _principal,
        dav("owner"): _principal,
        dav("group-membership"): _constant(""),
        dav("current-user-privilege-set"): _READABLE,
        dav("supported-report-set"): _constant(""),
        caldav("calendar-user-address-set"): _addresses,
        caldav("calendar-user-type"): _constant("INDIVIDUAL"),
    },
    Kind.HOME: {
        dav("resourcetype"): _constant("<D:collection/>"),
        DISPLAYNAME: _site_name,
        **_SHARED,
        dav("owner"): _principal,
        dav("current-user-privilege-set"): _READABLE,
        dav("supported-report-set"): _reports("C:calendar-query", "C:calendar-multiget", "C:free-busy-query"),
    },
    Kind.ROOM: {
        dav("resourcetype"): _constant("<D:collection/><C:calendar/>"),
        DISPLAYNAME: _room(lambda state: escape(state.room.name)),
        **_SHARED,
        dav("owner"): _principal,
        dav("current-user-privilege-set"): _privileges(
            "D:read",
            "D:write",
            "D:write-properties",
            "D:write-content",
            "D:bind",
            "D:unbind",
            "D:read-current-user-privilege-set",
            "C:read-free-busy",
        ),
        dav("supported-report-set"): _reports(
            "C:calendar-query", "C:calendar-multiget", "C:free-busy-query", "D:sync-collection"
        ),
        GETETAG: _room(lambda state: escape(state.etag)),
        dav("getlastmodified"): _room(lambda state: http_date(state.modified)),
        dav("sync-token"): _room(lambda state: escape(state.token)),
        f"{{{CALENDARSERVER}}}getctag": _room(lambda state: escape(state.ctag)),
        caldav("supported-calendar-component-set"): _constant('<C:comp name="VEVENT"/>'),
        caldav("supported-calendar-data"): _constant('<C:calendar-data content-type="text/calendar" version="2.0"/>'),
        caldav("supported-collation-set"): _constant(
            "".join(
                f"<C:supported-collation>{name}</C:supported-collation>"
                for name in ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
            )
        ),
        caldav("max-resource-size"): _constant(str(LARGEST_OBJECT)),
        caldav("max-instances"): _constant("10000"),
        DESCRIPTION: _room(lambda state: escape(state.room.description or state.room.name)),
        TIMEZONE: _timezone,
        TIMEZONE_ID: _timezone_id,
        COLOR: _room(lambda state: escape(state.room.color)),
    },
    Kind.BOOKING: {
        dav("resourcetype"): _constant(""),
        dav("current-user-principal"): _principal,
        dav("principal-collection-set"): _root,
        dav("current-user-privilege-set"): _privileges(
            "D:read", "D:write", "D:write-content", "D:read-current-user-privilege-set", "C:read-free-busy"
        ),
        dav("supported-report-set"): _reports("C:calendar-query", "C:calendar-multiget"),
        dav("getcontenttype"): _constant(CALENDAR_TYPE),
        GETETAG: _booking(lambda booking: booking.etag),
        dav("getlastmodified"): _booking(lambda booking: http_date(booking.modified)),
        dav("getcontentlength"): _booking(lambda booking: str(len(booking.text.encode()))),
    },
}
"""What each kind of resource has. A value of None is an absent property, "" an empty one."""

VARIABLE = frozenset({GETETAG, dav("getlastmodified"), dav("getcontentlength"), CALENDAR_DATA})
"""The properties in which one booking differs from another."""

_ALLPROP = frozenset(
    {
        dav(name)
        for name in ("resourcetype", "displayname", "getetag", "getlastmodified", "getcontenttype", "getcontentlength")
    }
)

PROTECTED = (
    frozenset(
        {name for makers in MAKERS.values() for name in makers}
        | {
            dav(name)
            for name in (
                "creationdate",
                "getcontentlanguage",
                "lockdiscovery",
                "supportedlock",
                "acl",
                "acl-restrictions",
                "inherited-acl-set",
                "group",
                "group-member-set",
                "supported-privilege-set",
                "alternate-URI-set",
                "quota-available-bytes",
                "quota-used-bytes",
                "resource-id",
                "parent-set",
            )
        }
        | {caldav("min-date-time"), caldav("max-date-time"), caldav("max-attendees-per-instance"), CALENDAR_DATA}
    )
    - PRESENTATION
)
"""Live properties that no client may set."""


# ---- responses -----------------------------------------------------------------------------------------------------


def needs_own(request: Wanted, kind: Kind) -> bool:
    """Whether the account's own properties have to be looked up for this request."""
    makers = MAKERS[kind]
    return (kind is not Kind.BOOKING and (request.everything or request.names_only)) or any(
        name in PRESENTATION or name not in makers for name in request.names
    )


def response(request: Request, place: Place, subject: Subject, asked: Wanted, own: Mapping[str, str]) -> str:
    """The DAV:response of one resource that is no booking; `own` holds the account's own properties as elements."""
    makers = MAKERS[place.kind]
    found: list[str] = []
    missing: list[str] = []
    for name in _names(asked, makers, own):
        stored = own.get(name)
        if stored is not None:
            found.append(tags(name)[2] if asked.names_only else stored)
            continue
        make = makers.get(name)
        value = make(request, subject) if make else None
        if value is None:
            if not asked.names_only:
                missing.append(tags(name)[2])
        else:
            found.append(tags(name)[2] if asked.names_only else element(name, value))
    return f"<D:response>{href(request.address(place))}{propstats(found, missing, request.minimal)}</D:response>"


def _names(asked: Wanted, makers: Mapping[str, Maker], own: Mapping[str, str]) -> tuple[str, ...]:
    if asked.names_only:
        return (*makers, *(name for name in own if name not in makers))
    if asked.everything:
        live = (name for name in makers if name in _ALLPROP)
        return tuple(dict.fromkeys((*live, *own, *asked.names)))
    return asked.names


def propstats(found: list[str], missing: list[str], minimal: bool) -> str:
    """One propstat a status, 200 first; a response needs at least one."""
    parts: list[str] = []
    if found or not missing or minimal:
        parts += "<D:propstat><D:prop>", *found, OK
    if missing and not minimal:
        parts += "<D:propstat><D:prop>", *missing, MISSING
    return "".join(parts)


_TOGETHER = 200
"""Light responses that are joined at once."""


class BookingResponses:
    """Makes the responses of one listing's bookings: what all of them share is assembled once.

    `data` writes CALDAV:calendar-data (escaped) for a REPORT; without it the property is not found.
    """

    def __init__(self, request: Request, asked: Wanted, data: Callable[[Published], str] | None = None) -> None:
        makers = MAKERS[Kind.BOOKING]
        self.names = _names(asked, makers, {})
        self._pieces: list[str | Callable[[Published], str]] = []
        found = False
        missing: list[str] = []
        self._add("</D:href><D:propstat><D:prop>")
        for name in self.names:
            start, end, empty = tags(name)
            make = makers.get(name)
            if name == CALENDAR_DATA and data is not None:
                self._add(start)
                self._pieces.append(data)
                self._add(end)
            elif make is None:
                missing.append(empty)
                continue
            elif asked.names_only:
                self._add(empty)
            elif name in VARIABLE:
                self._add(start)
                self._pieces.append(_value(make, request))
                self._add(end)
            else:
                self._add(element(name, make(request, None) or ""))
            found = True
        self._add(OK)
        if missing and not request.minimal and not asked.names_only:
            block = "".join(("<D:propstat><D:prop>", *missing, MISSING))
            self._pieces = [f"</D:href>{block}"] if not found else [*self._pieces, block]
        self._add("</D:response>")
        self.light = not any(name in VARIABLE and name != GETETAG for name in self.names) or asked.names_only
        """Whether names and ETags are enough to make these responses."""
        self._pieces = self._joined()

    def _add(self, text: str) -> None:
        self._pieces.append(text)

    def _joined(self) -> list[str | Callable[[Published], str]]:
        """The pieces with neighbouring texts as one."""
        joined: list[str | Callable[[Published], str]] = []
        for piece in self._pieces:
            last = joined[-1] if joined else None
            if isinstance(piece, str) and isinstance(last, str):
                joined[-1] = last + piece
            else:
                joined.append(piece)
        return joined

    def of(self, address: str, booking: Published) -> str:
        """The response of one booking at an encoded address."""
        parts = ["<D:response><D:href>", address]
        for piece in self._pieces:
            parts.append(piece if isinstance(piece, str) else piece(booking))
        return "".join(parts)

    def listed(self, root: str, tagged: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Light responses of many bookings, by name and ETag, in pieces; `root` is their room's encoded address."""
        texts = [piece for piece in self._pieces if isinstance(piece, str)]
        start, middle, end = f"<D:response><D:href>{root}", texts[0], texts[-1]
        plain = PLAIN.fullmatch
        rows = iter(tagged)
        while batch := list(islice(rows, _TOGETHER)):
            if len(texts) == 1:
                yield "".join([f"{start}{encoded(name)}{middle}" for name, _ in batch])
            else:
                yield "".join(
                    [f"{start}{name if plain(name) else encoded(name)}{middle}{etag}{end}" for name, etag in batch]
                )


def _value(make: Maker, request: Request) -> Callable[[Published], str]:
    return lambda booking: make(request, booking) or ""
