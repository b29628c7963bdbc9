"""What an account is shown: rooms, bookings, what has changed since. The read side; nothing here parses a booking
except an endless series that is asked for past the room's horizon.
"""

from __future__ import annotations

import heapq
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, insert, literal_column, select

from sesstim_caldav.booking import calendar_object, compose, views
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import Schedule, schedule
from sesstim_caldav.settings import RoomSettings, Settings
from sesstim_caldav.store.account import Account
from sesstim_caldav.store.database import Database, Row, Statement, Work, storable, utf8
from sesstim_caldav.store.reading import LONGEST, occurrence
from sesstim_caldav.store.schema import bookings, nudges, occurrences, properties, removals, rooms
from sesstim_caldav.store.store import Store
from sesstim_caldav.store.tags import Token, ctag, etag, token_of
from sesstim_caldav.store.writing import NoSuchRoom

_SERIES = 512
"""Endless series whose schedules a process remembers."""
_NAMES = (1, 8, 64, 256)
"""How many names one statement asks for; each number is a statement of its own, compiled once."""
_FAR = 1 << 62
"""No time is later; what drivers can still carry."""


class InvalidToken(ValueError):
    """A sync token (RFC 6578) that is none of ours, of another life of the store or view, or from the future."""


class Published(NamedTuple):
    """A booking as one account sees it; `modified` is in UTC epoch seconds."""

    name: str
    etag: str
    text: str
    uid: str
    modified: int
    private: bool

    @property
    def events(self) -> int:
        """How many VEVENTs the text has."""
        return self.text.count("BEGIN:VEVENT\r\n")


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as one account sees it now; `modified` is in UTC epoch seconds, `etag` has its quotes."""

    room: RoomSettings
    ctag: str
    token: str
    etag: str
    modified: int


class Changes(NamedTuple):
    """What an account has to fetch or forget since a token (RFC 6578). `changed` may be a stream: for one pass.

    `more`: a limit has cut it short, and what follows is asked for with `token`.
    """

    changed: Iterable[tuple[str, str]]
    removed: Sequence[str]
    token: str
    more: bool = False


class _Place(NamedTuple):
    """The row of a room: `nudge` is the account's highest there."""

    id: int
    seq: int
    horizon: int
    modified: int
    nudge: int


_ME = bindparam("me", type_=sa.Integer)
_IN_ROOM = bookings.c.room == bindparam("room")
_LAST_NUDGE = (
    select(func.coalesce(func.max(nudges.c.n), literal_column("0")))
    .where(nudges.c.account == _ME, nudges.c.room == rooms.c.id)
    .scalar_subquery()
)
_PLACE = (rooms.c.id, rooms.c.seq, rooms.c.horizon, rooms.c.modified, _LAST_NUDGE)
_ROOM = Statement(select(*_PLACE).where(rooms.c.slug == bindparam("slug")))
_ROOMS = Statement(select(rooms.c.slug, *_PLACE))
_LISTED = (bookings.c.id, bookings.c.name, bookings.c.rev, bookings.c.shown)
_ETAGS = Statement(select(*_LISTED).where(_IN_ROOM).order_by(bookings.c.shown))
_CHANGED = Statement(select(*_LISTED).where(_IN_ROOM, bookings.c.shown > bindparam("seq")).order_by(bookings.c.shown))
_REMOVED = Statement(
    select(removals.c.name)
    .where(removals.c.room == bindparam("room"), removals.c.seq > bindparam("seq"))
    .order_by(removals.c.seq)
)
_CHANGED_NEXT = Statement(
    select(*_LISTED)
    .where(_IN_ROOM, bookings.c.shown > bindparam("seq"))
    .order_by(bookings.c.shown)
    .limit(bindparam("most", type_=sa.Integer))
)
_REMOVED_NEXT = Statement(
    select(removals.c.seq, removals.c.name)
    .where(removals.c.room == bindparam("room"), removals.c.seq > bindparam("seq"))
    .order_by(removals.c.seq)
    .limit(bindparam("most", type_=sa.Integer))
)
_NUDGED = Statement(
    select(*_LISTED)
    .select_from(nudges.join(bookings, bookings.c.id == nudges.c.booking))
    .where(
        nudges.c.account == _ME,
        nudges.c.room == bindparam("room"),
        nudges.c.n > bindparam("n"),
        bookings.c.shown <= bindparam("seq"),
        _IN_ROOM,
    )
    .order_by(nudges.c.n)
)
_NUDGES = Statement(
    select(nudges.c.booking, nudges.c.n).where(nudges.c.account == _ME, nudges.c.room == bindparam("room"))
)
_HELD = sa.and_(
    occurrences.c.room == bindparam("room"),
    occurrences.c.start < bindparam("end"),
    occurrences.c.start > bindparam("start") - literal_column(str(LONGEST)),
    occurrences.c.end > bindparam("start"),
)
_BUSY = Statement(select(occurrences.c.start, occurrences.c.end).where(_HELD).order_by(occurrences.c.start))
_TIMES = Statement(
    select(
        occurrences.c.booking,
        occurrences.c.start,
        occurrences.c.end,
        occurrences.c.recurrence_id,
        occurrences.c.event,
    )
    .where(_HELD)
    .order_by(occurrences.c.booking, occurrences.c.start)
)
_ENDLESS = Statement(
    select(bookings.c.id, bookings.c.rev, bookings.c.text)
    .where(_IN_ROOM, sa.text("bookings.endless = 1"))
    .order_by(bookings.c.id)
)
_PROPERTIES = Statement(
    select(properties.c.name, properties.c.xml).where(
        properties.c.account == _ME, properties.c.path == bindparam("path")
    )
)
_UNSET = Statement(
    delete(properties).where(
        properties.c.account == _ME, properties.c.path == bindparam("path"), properties.c.name == bindparam("name")
    )
)
_SET = Statement(insert(properties).values({c.name: bindparam(c.name) for c in properties.c}))


class _Shown:
    """The statements that fetch bookings with the text for one kind of viewer."""

    def __init__(self, text: sa.Column[str | None]) -> None:
        shown = (
            bookings.c.private,
            bookings.c.organiser,
            sa.case((bookings.c.organiser == _ME, bookings.c.text), else_=func.coalesce(text, bookings.c.text)),
        )
        columns = (*_LISTED, bookings.c.uid, bookings.c.modified, *shown)
        self.texts = Statement(select(*shown[:2], utf8(shown[2])).where(_IN_ROOM).order_by(bookings.c.shown))
        self.all = Statement(select(*columns).where(_IN_ROOM).order_by(bookings.c.shown))
        self.between = Statement(
            select(*columns)
            .where(bookings.c.id.in_(select(occurrences.c.booking).where(_HELD)))
            .order_by(bookings.c.id)
        )
        self.by_id = Statement(select(*columns).where(bookings.c.id == bindparam("booking")))
        self.named = {
            count: Statement(
                select(*columns).where(_IN_ROOM, bookings.c.name.in_([bindparam(f"n{i}") for i in range(count)]))
            )
            for count in _NAMES
        }


_FOR_MANAGERS = _Shown(bookings.c.text_manager)
_FOR_OTHERS = _Shown(bookings.c.text_other)


class Publication:
    """Shows each account what it may see."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.series = _Series(settings.zone)
        self.looks = {
            # what of a room stands in its calendar beside the bookings is part of the calendar's ETag
            room.slug: f"{zlib.crc32(repr((room.name, room.description, settings.site.timezone)).encode()):08x}"
            for room in settings.rooms
        }

    def snapshot(self, viewer: Account) -> Snapshot:
        """A context: everything as it stands at one moment, for one account."""
        return Snapshot(self, viewer)

    def set_properties(self, viewer: Account, path: str, put: Mapping[str, str], remove: Iterable[str] = ()) -> None:
        """Keeps dead properties (name to XML) of a path for one account, in one piece (RFC 4918 section 9.2)."""
        with self.store.changing() as change:
            for name in (*remove, *put):
                change.session.run(_UNSET, {"me": viewer.id, "path": path, "name": name})
            for name, xml in put.items():
                change.session.run(_SET, {"account": viewer.id, "path": path, "name": name, "xml": xml})


class Snapshot(Work):
    """What one account sees, at one moment. Streams are to be read inside the context.

    Methods that take a slug raise `NoSuchRoom` unless the room is published (`room` and `booking` answer None). Times
    are UTC epoch seconds, ranges half open.
    """

    __slots__ = ("_language", "_nudges", "_places", "_publication", "_shown", "_store", "viewer")

    def __init__(self, publication: Publication, viewer: Account) -> None:
        database: Database = publication.store.database
        super().__init__(database)
        self.viewer = viewer
        self._publication = publication
        self._store = publication.store.id
        self._shown = _FOR_MANAGERS if viewer.manager else _FOR_OTHERS
        self._language = viewer.language or publication.settings.site.languages[0]
        self._places: dict[str, _Place] = {}
        self._nudges: dict[int, dict[int, int]] = {}

    # -- rooms

    def rooms(self) -> list[RoomState]:
        """The published rooms in the order of the configuration."""
        for row in self.session.all(_ROOMS, {"me": self.viewer.id}):
            self._places[row[0]] = _Place(*row[1:])
        known = self._publication.settings.rooms
        return [self._state(room, self._places[room.slug]) for room in known if room.slug in self._places]

    def room(self, slug: str) -> RoomState | None:
        room = self._publication.settings.published(slug)
        place = self._placed(slug) if room else None
        return self._state(room, place) if room and place else None

    def _state(self, room: RoomSettings, place: _Place) -> RoomState:
        epoch = self.viewer.epoch
        tag = ctag(self._store, epoch, place.seq, place.nudge)
        look = self._publication.looks[room.slug]
        return RoomState(room, tag, self._token(place), f'"{tag}-{look}"', place.modified)

    def _token(self, place: _Place) -> str:
        return str(Token(self._store, self.viewer.epoch, place.seq, place.nudge))

    def _placed(self, slug: str) -> _Place | None:
        place = self._places.get(slug)
        if place is None:
            row = self.session.one(_ROOM, {"slug": slug, "me": self.viewer.id})
            if row is None:
                return None
            place = self._places[slug] = _Place(*row)
        return place

    def _place(self, slug: str) -> _Place:
        place = self._placed(slug) if self._publication.settings.published(slug) else None
        if place is None:
            raise NoSuchRoom(slug)
        return place

    # -- bookings

    def etags(self, slug: str) -> Iterator[tuple[str, str]]:
        """Name and ETag of every booking, streamed."""
        place = self._place(slug)
        return self._tagged(self.session.stream(_ETAGS, {"room": place.id}), self._nudged(place))

    def booking(self, slug: str, name: str) -> Published | None:
        """One booking, or None where the room or the name is none."""
        if not storable(name) or not self._publication.settings.published(slug):
            return None
        place = self._placed(slug)
        if place is None:
            return None
        row = self.session.one(self._shown.named[1], {"room": place.id, "me": self.viewer.id, "n0": name})
        return self._publish(row, self._nudged(place)) if row else None

    def bookings(self, slug: str, names: Sequence[str]) -> Iterator[Published]:
        """The bookings of these names that there are, in any order, each once."""
        place = self._place(slug)
        nudged = self._nudged(place)
        wanted = list(dict.fromkeys(name for name in names if storable(name)))
        at = 0
        while at < len(wanted):
            count = next((size for size in _NAMES if size >= len(wanted) - at), _NAMES[-1])
            some = wanted[at : at + count]
            values: dict[str, str | int] = {f"n{i}": some[i] if i < len(some) else some[0] for i in range(count)}
            values |= {"room": place.id, "me": self.viewer.id}
            for row in self.session.all(self._shown.named[count], values):
                yield self._publish(row, nudged)
            at += count

    def all(self, slug: str) -> Iterator[Published]:
        """Every booking of the room, streamed."""
        place = self._place(slug)
        nudged = self._nudged(place)
        for row in self.session.stream(self._shown.all, {"room": place.id, "me": self.viewer.id}):
            yield self._publish(row, nudged)

    def calendar(self, slug: str) -> Iterator[bytes]:
        """The whole room as one iCalendar text in UTF-8, in pieces."""
        place = self._place(slug)
        room = self._publication.settings.published(slug)
        assert room is not None
        return compose.calendar(room.name, room.description, self._texts(place))

    # -- times

    def between(self, slug: str, start: int, end: int) -> Iterator[Published]:
        """The bookings with an occurrence that overlaps [start, end), also past the horizon; ordered by nothing."""
        place = self._place(slug)
        nudged = self._nudged(place)
        beyond = {booking for booking, _ in self._beyond(place, start, end)}
        for row in self.session.stream(self._shown.between, self._range(place, start, end)):
            beyond.discard(row[0])
            yield self._publish(row, nudged)
        for booking in sorted(beyond):
            yield self._by_id(booking, nudged)

    def occurrences(self, slug: str, start: int, end: int) -> Iterator[tuple[Published, Sequence[Occurrence]]]:
        """As `between`, each with those of its occurrences that overlap [start, end), in order.

        A series that has no end is held whole for the range, so a range of centuries is for the caller to refuse.
        """
        place = self._place(slug)
        nudged = self._nudged(place)
        beyond = {booking: list(held) for booking, held in self._beyond(place, start, end)}
        values = self._range(place, start, end)
        times = self.session.stream(_TIMES, values)
        time = next(times, None)
        for row in self.session.stream(self._shown.between, values):
            booking = row[0]
            held: list[Occurrence] = []
            while time is not None and time[0] == booking:
                held.append(occurrence(time[1:]))
                time = next(times, None)
            yield self._publish(row, nudged), held + beyond.pop(booking, [])
        for booking, held in sorted(beyond.items()):
            yield self._by_id(booking, nudged), held

    def busy(self, slug: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Start and end of every occurrence that overlaps [start, end), ordered by start, not cut to the range."""
        place = self._place(slug)
        indexed: Iterator[Row] = self.session.stream(_BUSY, self._range(place, start, end))
        beyond = [((o.start, o.end) for o in held) for _, held in self._beyond(place, start, end)]
        return heapq.merge(((row[0], row[1]) for row in indexed), *beyond) if beyond else map(_pair, indexed)

    def _beyond(self, place: _Place, start: int, end: int) -> list[tuple[int, Iterator[Occurrence]]]:
        """Endless series with occurrences past the horizon that overlap [start, end): the booking's id, and those."""
        if end <= place.horizon:
            return []
        found: list[tuple[int, Iterator[Occurrence]]] = []
        for booking, rev, text in self.session.all(_ENDLESS, {"room": place.id}):
            times = self._publication.series.of(booking, rev, text)
            held = (o for o in times.between(max(start, place.horizon), end) if o.start >= place.horizon)
            first = next(held, None)
            if first is not None:
                found.append((booking, _led_by(first, held)))
        return found

    def _range(self, place: _Place, start: int, end: int) -> dict[str, int]:
        return {
            "room": place.id,
            "me": self.viewer.id,
            "start": max(-_FAR, min(start, _FAR)),
            "end": max(-_FAR, min(end, _FAR)),
        }

    # -- changes

    def changes(self, slug: str, token: str, most: int | None = None) -> Changes:
        """What has changed for this account since a token; everything since the empty one.

        Of more than `most` the oldest. Raises `InvalidToken`.
        """
        place = self._place(slug)
        now = self._token(place)
        if not token and most is None:
            return Changes(self.etags(slug), (), now)
        known = token_of(token) if token else Token(self._store, self.viewer.epoch, 0, place.nudge)
        if (
            known is None
            or (known.store, known.epoch) != (self._store, self.viewer.epoch)
            or known.seq > place.seq
            or known.nudge > place.nudge
        ):
            raise InvalidToken(token)
        if most is not None:
            return self._next_changes(place, known, most, removals=bool(token))
        nudged = self._nudged(place)
        changed: list[tuple[str, str]] = []
        removed: list[str] = []
        if known.seq < place.seq:
            since = {"room": place.id, "seq": known.seq}
            changed += self._tagged(self.session.all(_CHANGED, since), nudged)
            removed += [name for (name,) in self.session.all(_REMOVED, since)]
        if known.nudge < place.nudge:
            changed += self._tagged(self._nudged_since(place, known), nudged)
        return Changes(changed, removed, now)

    def _next_changes(self, place: _Place, known: Token, most: int, removals: bool) -> Changes:
        """The first `most` changes since a token, by their numbers, then the account's own nudges by theirs."""
        nudged = self._nudged(place)
        since = {"room": place.id, "seq": known.seq, "most": most + 1}
        rows = self.session.all(_CHANGED_NEXT, since)
        found: list[tuple[int, str, str]] = [
            (row[3], name, tag) for row, (name, tag) in zip(rows, self._tagged(rows, nudged), strict=True)
        ]
        if removals:
            found += [(seq, name, "") for seq, name in self.session.all(_REMOVED_NEXT, since)]
            found.sort()
        seq, nudge = place.seq, place.nudge
        more = len(found) > most
        if more:
            del found[most:]  # no two changes of a room have one number
            seq, nudge = found[-1][0], known.nudge
        changed = [(name, tag) for _, name, tag in found if tag]
        if not more and known.nudge < place.nudge:
            nudges_left = self._nudged_since(place, known)
            left = most - len(found)
            more = len(nudges_left) > left
            if more:
                nudges_left = nudges_left[:left]
                nudge = nudged[nudges_left[-1][0]] if nudges_left else known.nudge
            changed += self._tagged(nudges_left, nudged)
        removed = [name for _, name, tag in found if not tag]
        return Changes(changed, removed, str(Token(known.store, known.epoch, seq, nudge)), more)

    def _nudged_since(self, place: _Place, known: Token) -> Sequence[Row]:
        """The bookings that only this account's refused attempts have touched since a token."""
        since = {"room": place.id, "me": self.viewer.id, "n": known.nudge, "seq": known.seq}
        return self.session.all(_NUDGED, since)

    # -- properties

    def properties(self, path: str) -> dict[str, str]:
        """The dead properties that the account keeps of a path: name to XML."""
        return dict(self.session.all(_PROPERTIES, {"me": self.viewer.id, "path": path}))

    # -- inside

    def _texts(self, place: _Place) -> Iterator[bytes]:
        me = self.viewer.id
        for private, organiser, text in self.session.stream(self._shown.texts, {"room": place.id, "me": me}):
            yield views.worded(text.decode(), self._language).encode() if private and organiser != me else text

    def _nudged(self, place: _Place) -> Mapping[int, int]:
        """The account's nudges in a room: booking id to number."""
        if not place.nudge:
            return _NONE
        if place.id not in self._nudges:
            rows = self.session.all(_NUDGES, {"me": self.viewer.id, "room": place.id})
            self._nudges[place.id] = dict(rows)
        return self._nudges[place.id]

    def _tagged(self, rows: Iterable[Row], nudged: Mapping[int, int]) -> Iterator[tuple[str, str]]:
        store, epoch = self._store, self.viewer.epoch
        if nudged:
            return ((name, etag(store, rev, shown, epoch, nudged.get(at, 0))) for at, name, rev, shown in rows)
        before, after = f'"{store}-', f'-{epoch}"'
        return ((name, f"{before}{rev}-{shown}{after}") for _, name, rev, shown in rows)

    def _publish(self, row: Row, nudged: Mapping[int, int]) -> Published:
        booking, name, rev, shown, uid, modified, private, organiser, text = row
        tag = etag(self._store, rev, shown, self.viewer.epoch, nudged.get(booking, 0))
        if private and organiser != self.viewer.id:
            text = views.worded(text, self._language)
        return Published(name, tag, text, uid, modified, private == 1)

    def _by_id(self, booking: int, nudged: Mapping[int, int]) -> Published:
        row = self.session.one(self._shown.by_id, {"booking": booking, "me": self.viewer.id})
        assert row is not None
        return self._publish(row, nudged)


_NONE: Mapping[int, int] = {}


def _pair(row: Row) -> tuple[int, int]:
    return row[0], row[1]


def _led_by(first: Occurrence, rest: Iterator[Occurrence]) -> Iterator[Occurrence]:
    yield first
    yield from rest


class _Series:
    """Schedules of endless series, by booking and content."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: OrderedDict[tuple[int, int], Schedule] = OrderedDict()
        self._lock = Lock()

    def of(self, booking: int, rev: int, text: str) -> Schedule:
        key = (booking, rev)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        times = schedule(calendar_object.read(text), self._zone)
        with self._lock:
            self._known[key] = times
            while len(self._known) > _SERIES:
                self._known.popitem(last=False)
        return times
