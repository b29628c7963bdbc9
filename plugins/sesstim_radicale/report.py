"""REPORT: calendar-query, calendar-multiget, free-busy-query (RFC 4791 section 7) and sync-collection (RFC 6578)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from http import HTTPStatus
from itertools import islice
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.alarm import read as read_alarm
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.compose import expand
from sesstim_caldav.booking.contentline import Component, Malformed, parse
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import Schedule, schedule
from sesstim_caldav.publication import InvalidToken, Published, RoomState, Snapshot
from sesstim_radicale import calendar_data, filters
from sesstim_radicale.answers import CALENDAR, XML, Answer, Failure, bad_request, streamed
from sesstim_radicale.calendar_data import LIMITS, MOST_INSTANCES, WHOLE, CalendarData, partial, too_much
from sesstim_radicale.filters import Filter, Range
from sesstim_radicale.markup import MULTISTATUS, MULTISTATUS_END, caldav, dav, escape, href
from sesstim_radicale.places import Kind, Place, encoded
from sesstim_radicale.properties import CALENDAR_DATA, BookingResponses, Wanted, wanted
from sesstim_radicale.propfind import existing
from sesstim_radicale.request import LARGEST_XML, REMEMBERED, Request, parsed

BATCH = 400
"""Bookings of a multiget that are fetched together."""
LONGEST_BUSY = 200_000
"""Periods that one free-busy answer holds at most."""

_GONE = "<D:status>HTTP/1.1 404 Not Found</D:status></D:response>"
_CUT_SHORT = f"<D:status>HTTP/1.1 507 Insufficient Storage</D:status><D:error><D:{LIMITS}/></D:error></D:response>"
_NOTHING = Wanted(())

Texts = Iterator[str]


def answer(request: Request) -> Answer:
    """Dispatches on the root element. Raises `Failure`: 403 supported-report for a report that is not known here."""
    content = request.content(LARGEST_XML)
    if not content.strip():
        raise bad_request("A REPORT needs a body.")
    _ = request.depth  # a malformed header is refused; which depth it is makes no difference to a room
    root = _remembered(content) if len(content) <= REMEMBERED else parsed(content)
    report = _REPORTS.get(root.tag)
    if report is None or request.place.kind not in report[0]:
        with request.office.publication.snapshot(request.account) as snapshot:
            existing(request, snapshot)
        raise Failure(HTTPStatus.FORBIDDEN, "D:supported-report", told="This report is not supported here.")
    with ExitStack() as stack:
        snapshot = stack.enter_context(request.office.publication.snapshot(request.account))
        texts, status, kind = report[1](request, snapshot, root)
        return streamed(status, kind, texts, stack.pop_all().close)


@lru_cache(maxsize=64)
def _remembered(content: bytes) -> Element:
    return parsed(content)


def _multistatus(texts: Iterable[str]) -> tuple[Texts, int, str]:
    def whole() -> Texts:
        yield MULTISTATUS
        yield from texts
        yield MULTISTATUS_END

    return whole(), HTTPStatus.MULTI_STATUS, XML


# ---- what is asked for ---------------------------------------------------------------------------------------------


def _asked(root: Element) -> tuple[Wanted, CalendarData]:
    """The properties, and how calendar-data is wanted."""
    prop = root.find(dav("prop"))
    if prop is None:
        if root.find(dav("allprop")) is not None:
            return Wanted((), everything=True), WHOLE
        if root.find(dav("propname")) is not None:
            return Wanted((), names_only=True), WHOLE
        return _NOTHING, WHOLE
    data = prop.find(CALENDAR_DATA)
    return wanted(prop), WHOLE if data is None else calendar_data.read(data)


def _responses(request: Request, asked: Wanted, data: CalendarData) -> BookingResponses:
    """Responses with calendar-data whole or in part; expansion needs the occurrences and stands in `_expanded`."""
    if data.part is None:
        return BookingResponses(request, asked, lambda booking: escape(booking.text))
    part = data.part
    return BookingResponses(request, asked, lambda booking: escape(partial(booking.text, part)))


def _root(request: Request, slug: str) -> str:
    return request.address(Place(Kind.ROOM, slug=slug))


def _slugs(request: Request, snapshot: Snapshot) -> list[str]:
    """The rooms that a query at this place searches. Raises `Failure` (404)."""
    subject = existing(request, snapshot)
    if subject is not None:
        return [request.place.slug]
    return [state.room.slug for state in snapshot.rooms()]


# ---- calendar-query ------------------------------------------------------------------------------------------------


def _calendar_query(request: Request, snapshot: Snapshot, root: Element) -> tuple[Texts, int, str]:
    wanted_filter = filters.read(root.find(caldav("filter")))
    asked, data = _asked(root)
    slugs = _slugs(request, snapshot)
    if wanted_filter.never:
        return _multistatus(())
    if data.expand is not None and CALENDAR_DATA in asked.names:
        return _multistatus(_expanded_query(request, snapshot, slugs, wanted_filter, asked, data))
    responses = _responses(request, asked, data)

    def texts() -> Texts:
        for slug in slugs:
            address = _root(request, slug)
            for booking in _matching(request, snapshot, slug, wanted_filter):
                yield responses.of(address + encoded(booking.name), booking)

    return _multistatus(texts())


def _matching(request: Request, snapshot: Snapshot, slug: str, wanted_filter: Filter) -> Iterator[Published]:
    candidates: Iterable[Published]
    if request.place.kind is Kind.BOOKING:
        candidates = snapshot.bookings(slug, [request.place.name])
        if wanted_filter.range is not None:
            names = {booking.name for booking in snapshot.between(slug, *wanted_filter.range)}
            candidates = [booking for booking in candidates if booking.name in names]
    elif wanted_filter.range is not None:
        candidates = snapshot.between(slug, *wanted_filter.range)
    else:
        candidates = snapshot.all(slug)
    if wanted_filter.exact:
        yield from candidates
        return
    zone = request.office.settings.zone
    for booking in candidates:
        if wanted_filter.alarms and "VALARM" not in booking.text.upper():
            continue
        calendar = parse(booking.text)
        if wanted_filter.holds(calendar, _Times(booking, calendar, zone, wanted_filter.range)):
            yield booking


class _Times:
    """The times of one booking; its schedule is made when it is first needed. `held`: it has an occurrence there."""

    def __init__(self, booking: Published, calendar: Component, zone: ZoneInfo, held: Range | None) -> None:
        self._booking = booking
        self._events = calendar.components("VEVENT")
        self._zone = zone
        self._held = held

    @cached_property
    def _schedule(self) -> Schedule | None:
        try:
            return schedule(calendar_object.read(self._booking.text), self._zone)
        except (Unsupported, Malformed):
            return None

    def events(self, bounds: Range) -> frozenset[int]:
        count = len(self._events)
        if count == 1 and bounds == self._held:
            return frozenset((0,))
        if self._schedule is None:
            return frozenset(range(count))
        found: set[int] = set()
        for occurrence in islice(self._schedule.between(*bounds), MOST_INSTANCES):
            found.add(occurrence.event)
            if len(found) == count:
                break
        return frozenset(found)

    def rings(self, event: Component, alarm: Component, bounds: Range) -> bool:
        found = read_alarm(alarm)
        index = next((at for at, one in enumerate(self._events) if one is event), None)
        if found is None or index is None or self._schedule is None:
            return False
        return found.rings(self._schedule, index, *bounds)


def _expanded_query(
    request: Request,
    snapshot: Snapshot,
    slugs: list[str],
    wanted_filter: Filter,
    asked: Wanted,
    data: CalendarData,
) -> Texts:
    assert data.expand is not None
    for slug in slugs:
        if wanted_filter.exact and wanted_filter.range == data.expand and request.place.kind is not Kind.BOOKING:
            yield from _expanded(request, slug, snapshot.occurrences(slug, *data.expand), asked, data)
            continue
        matching = list(_matching(request, snapshot, slug, wanted_filter))
        yield from _expanded(request, slug, _with_occurrences(snapshot, slug, matching, data.expand), asked, data)


def _with_occurrences(
    snapshot: Snapshot, slug: str, bookings: Sequence[Published], bounds: Range
) -> Iterator[tuple[Published, Sequence[Occurrence]]]:
    """The occurrences in a range of some bookings, none for those that have none there."""
    names = {booking.name for booking in bookings}
    held: dict[str, Sequence[Occurrence]] = {}
    total = 0
    for booking, occurrences in snapshot.occurrences(slug, *bounds):
        if booking.name in names:
            held[booking.name] = occurrences
            total += len(occurrences)
            if total > MOST_INSTANCES:
                raise too_much()
    for booking in bookings:
        yield booking, held.get(booking.name, ())


def _expanded(
    request: Request,
    slug: str,
    found: Iterable[tuple[Published, Sequence[Occurrence]]],
    asked: Wanted,
    data: CalendarData,
) -> Texts:
    """Responses of expanded bookings. Raises `Failure` (403) when there are too many, before the first is given."""
    held: list[tuple[Published, Sequence[Occurrence]]] = []
    total = 0
    for booking, occurrences in found:
        total += len(occurrences)
        if total > MOST_INSTANCES:
            raise too_much()
        held.append((booking, occurrences))
    times = {booking.name: occurrences for booking, occurrences in held}
    part = data.part
    responses = BookingResponses(
        request, asked, lambda booking: escape(partial(expand(booking.text, *times[booking.name]), part))
    )
    address = _root(request, slug)
    for booking, _ in held:
        yield responses.of(address + encoded(booking.name), booking)


# ---- calendar-multiget ---------------------------------------------------------------------------------------------


def _calendar_multiget(request: Request, snapshot: Snapshot, root: Element) -> tuple[Texts, int, str]:
    asked, data = _asked(root)
    existing(request, snapshot)
    by_room: dict[str, dict[str, str]] = {}
    unknown: dict[str, None] = {}
    mount = request.mount
    count = 0
    for node in root.iterfind(dav("href")):
        reference = (node.text or "").strip()
        count += 1
        place = mount.place(reference) if reference.startswith(("/", "http://", "https://")) else None
        if place is None or place.kind is not Kind.BOOKING:
            unknown[reference] = None
        else:
            by_room.setdefault(place.slug, {}).setdefault(place.name, reference)
    if not count:
        raise bad_request("A calendar-multiget names addresses.")
    return _multistatus(_fetched(request, snapshot, by_room, unknown, asked, data))


def _fetched(
    request: Request,
    snapshot: Snapshot,
    by_room: dict[str, dict[str, str]],
    unknown: Iterable[str],
    asked: Wanted,
    data: CalendarData,
) -> Texts:
    responses = _responses(request, asked, data)
    bounds = data.expand if CALENDAR_DATA in asked.names else None
    for slug, references in by_room.items():
        address = _root(request, slug)
        missing = dict(references)
        names = iter(references)
        while batch := list(islice(names, BATCH)):
            bookings: Iterable[Published] = snapshot.bookings(slug, batch) if snapshot.room(slug) else ()
            if bounds is not None:
                bookings = list(bookings)
                yield from _expanded(request, slug, _with_occurrences(snapshot, slug, bookings, bounds), asked, data)
                for booking in bookings:
                    missing.pop(booking.name, None)
                continue
            for booking in bookings:
                missing.pop(booking.name, None)
                yield responses.of(address + encoded(booking.name), booking)
        for reference in missing.values():
            yield f"<D:response>{href(escape(reference))}{_GONE}"
    for reference in unknown:
        yield f"<D:response>{href(escape(reference))}{_GONE}"


# ---- sync-collection -----------------------------------------------------------------------------------------------


def _sync_collection(request: Request, snapshot: Snapshot, root: Element) -> tuple[Texts, int, str]:
    """RFC 6578 section 3.2. A room has no collections inside, so both levels and every Depth mean the same.

    Where a limit cuts the answer short, the room stands in it with 507 (section 3.6), and its token goes on there.
    """
    token = root.find(dav("sync-token"))
    level = root.find(dav("sync-level"))
    if token is None:
        raise bad_request("A sync-collection needs a sync-token, if an empty one.")
    if level is not None and (level.text or "").strip().lower() not in ("1", "infinite", "infinity"):
        raise bad_request("sync-level must be 1 or infinite.")
    asked, data = _asked(root)
    subject = existing(request, snapshot)
    assert isinstance(subject, RoomState)
    slug = request.place.slug
    try:
        changes = snapshot.changes(slug, (token.text or "").strip(), _limit(root))
    except InvalidToken:
        raise Failure(HTTPStatus.FORBIDDEN, "D:valid-sync-token", told="The sync-token is not known.") from None
    responses = _responses(request, asked, data)
    address = _root(request, slug)

    def texts() -> Texts:
        if responses.light and CALENDAR_DATA not in asked.names:
            yield from responses.listed(address, changes.changed)
        else:
            names = iter([name for name, _ in changes.changed])
            while batch := list(islice(names, BATCH)):
                found = snapshot.bookings(slug, batch)
                if data.expand is not None and CALENDAR_DATA in asked.names:
                    bookings = list(found)
                    several = _with_occurrences(snapshot, slug, bookings, data.expand)
                    yield from _expanded(request, slug, several, asked, data)
                    continue
                for booking in found:
                    yield responses.of(address + encoded(booking.name), booking)
        for name in changes.removed:
            yield f"<D:response><D:href>{address}{encoded(name)}</D:href>{_GONE}"
        if changes.more:
            yield f"<D:response><D:href>{address}</D:href>{_CUT_SHORT}"
        yield f"<D:sync-token>{escape(changes.token)}</D:sync-token>"

    return _multistatus(texts())


def _limit(root: Element) -> int | None:
    """DAV:limit (RFC 5323 section 5.17): how many responses at most. Raises `Failure` (400)."""
    limit = root.find(dav("limit"))
    if limit is None:
        return None
    text = (limit.findtext(dav("nresults")) or "").strip()
    if not text.isascii() or not text.isdecimal() or not text.strip("0"):
        raise bad_request("A limit is a number of results, 1 or more.")
    return int(text) if len(text) <= 9 else None


# ---- free-busy-query -----------------------------------------------------------------------------------------------


def _free_busy_query(request: Request, snapshot: Snapshot, root: Element) -> tuple[Texts, int, str]:
    """RFC 4791 section 7.10: when the room is used, whatever TRANSP says, cut to the range asked for."""
    node = root.find(caldav("time-range"))
    if node is None:
        raise bad_request("A free-busy-query needs a time-range.")
    if node.get("start") is None or node.get("end") is None:
        raise bad_request("A free-busy-query needs a start and an end.")
    start, end = filters.time_range(node)
    slugs = _slugs(request, snapshot)
    if end - start > calendar_data.LONGEST_EXPANSION:
        raise too_much()
    lines: list[str] = []
    for slug in slugs:
        for busy_start, busy_end in snapshot.busy(slug, start, end):
            lines.append(f"FREEBUSY;FBTYPE=BUSY:{_utc(max(busy_start, start))}/{_utc(min(busy_end, end))}\r\n")
            if len(lines) > LONGEST_BUSY:
                raise too_much()
    head = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//SESSTIM//sesstim-caldav//EN\r\nBEGIN:VFREEBUSY\r\n"
        f"UID:{_utc(start)}-{_utc(end)}-{'-'.join(slugs)[:100]}\r\n"
        f"DTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}\r\nDTSTART:{_utc(start)}\r\nDTEND:{_utc(end)}\r\n"
    )
    return iter([head, *lines, "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"]), HTTPStatus.OK, CALENDAR


def _utc(moment: int) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


_ROOMS = (Kind.HOME, Kind.ROOM, Kind.BOOKING)
_REPORTS: dict[str, tuple[tuple[Kind, ...], Callable[[Request, Snapshot, Element], tuple[Texts, int, str]]]] = {
    caldav("calendar-query"): (_ROOMS, _calendar_query),
    caldav("calendar-multiget"): (_ROOMS, _calendar_multiget),
    caldav("free-busy-query"): ((Kind.HOME, Kind.ROOM), _free_busy_query),
    dav("sync-collection"): ((Kind.ROOM,), _sync_collection),
}
