"""What is booked when, in all rooms at once: what the pages draw. One range scan a room; no booking is parsed.

A title is read out of the stored text where it is first wanted and remembered until the booking changes.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import bindparam, func, literal_column, select

from sesstim_caldav.booking import contentline
from sesstim_caldav.booking.contentline import Component, unescape_text
from sesstim_caldav.booking.draft import one_line
from sesstim_caldav.publication import Publication, Snapshot
from sesstim_caldav.store import Account
from sesstim_caldav.store.database import Row, Statement
from sesstim_caldav.store.reading import LONGEST
from sesstim_caldav.store.schema import accounts, bookings, occurrences, rooms
from sesstim_caldav.store.tags import etag

MOST_TITLES = 20_000
"""Bookings whose titles a process remembers."""
_AT_ONCE = (1, 8, 64, 256)

_HELD = (
    occurrences.c.room == bindparam("room"),
    occurrences.c.start < bindparam("end"),
    occurrences.c.start > bindparam("start") - literal_column(str(LONGEST)),
    occurrences.c.end > bindparam("start"),
)
_WHOSE = (
    bookings.c.id,
    bookings.c.name,
    bookings.c.rev,
    bookings.c.shown,
    bookings.c.private,
    bookings.c.organiser,
    accounts.c.first_name,
    accounts.c.last_name,
    accounts.c.email,
)
_WITH_ORGANISER = bookings.outerjoin(accounts, accounts.c.id == bookings.c.organiser)
_TAKEN = Statement(
    select(
        occurrences.c.start,
        occurrences.c.end,
        occurrences.c.recurrence_id,
        occurrences.c.event,
        *_WHOSE,
    )
    .select_from(occurrences.join(_WITH_ORGANISER, bookings.c.id == occurrences.c.booking))
    .where(*_HELD)
    .order_by(occurrences.c.start)
)
_BY_ID = Statement(select(*_WHOSE).select_from(_WITH_ORGANISER).where(bookings.c.id == bindparam("booking")))
_TIMES = Statement(
    select(
        occurrences.c.start,
        occurrences.c.end,
        occurrences.c.recurrence_id,
        occurrences.c.event,
        occurrences.c.booking,
    ).where(*_HELD)
)
_OF_MINE = (
    select(occurrences.c.booking)
    .select_from(bookings.join(occurrences, occurrences.c.booking == bookings.c.id))
    .where(bookings.c.organiser == bindparam("me"))
    .group_by(occurrences.c.booking)
)


def _mine(of: sa.Select[Any], at: sa.ColumnElement[Any]) -> Statement:
    """The viewer's bookings, each at one of its occurrences."""
    chosen = of.add_columns(at.label("start")).subquery()
    return Statement(
        select(
            rooms.c.slug,
            occurrences.c.start,
            occurrences.c.end,
            occurrences.c.recurrence_id,
            occurrences.c.event,
            *_WHOSE,
        )
        .select_from(
            chosen.join(_WITH_ORGANISER, bookings.c.id == chosen.c.booking)
            .join(rooms, rooms.c.id == bookings.c.room)
            .join(
                occurrences,
                sa.and_(
                    occurrences.c.room == bookings.c.room,
                    occurrences.c.start == chosen.c.start,
                    occurrences.c.booking == bookings.c.id,
                ),
            )
        )
        .order_by(occurrences.c.start, bookings.c.id)
    )


_COMING = _mine(_OF_MINE.where(occurrences.c.end > bindparam("now")), func.min(occurrences.c.start))
_PAST = _mine(_OF_MINE.having(func.max(occurrences.c.end) <= bindparam("now")), func.max(occurrences.c.start))
_OWN = Statement(select(bookings.c.id).where(bookings.c.organiser == bindparam("me")))
_BUSY = Statement(
    select(occurrences.c.start, occurrences.c.end, occurrences.c.booking).where(*_HELD).order_by(occurrences.c.start)
)
_TEXTS = {
    count: Statement(
        select(bookings.c.id, bookings.c.text).where(bookings.c.id.in_([bindparam(f"b{i}") for i in range(count)]))
    )
    for count in _AT_ONCE
}


class Taken(NamedTuple):
    """One occurrence as an account sees it; times in UTC epoch seconds.

    `hidden`: another's private booking, without a title. `organiser` is "" where the account is gone. `recurrence` as
    in `Occurrence`: None for a booking that does not repeat.
    """

    room: str
    name: str
    etag: str
    start: int
    end: int
    recurrence: int | None
    title: str
    private: bool
    hidden: bool
    mine: bool
    organiser: str
    email: str


class Titles:
    """The titles of bookings' VEVENTs by booking and revision; safe for any number of threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[str, ...]] = {}

    def of(self, booking: int, rev: int) -> tuple[str, ...] | None:
        """The titles of a booking's events in their order, if they are remembered."""
        return self._known.get((booking, rev))

    def read(self, booking: int, rev: int, text: str) -> tuple[str, ...]:
        """Reads and remembers the titles of a booking."""
        if len(self._known) >= MOST_TITLES:
            self._known = {}
        found = self._known[booking, rev] = titles(text)
        return found


class Occupation(Snapshot):
    """What an account sees of all rooms at one moment, by day of the lab's clock."""

    __slots__ = ("_mine", "_titles", "_zone")

    def __init__(self, publication: Publication, viewer: Account, titles: Titles) -> None:
        super().__init__(publication, viewer)
        self._titles = titles
        self._zone = publication.settings.zone
        self._mine: frozenset[int] | None = None

    def taken(self, slug: str, start: int, end: int) -> list[Taken]:
        """The occurrences that overlap [start, end), in order. Raises `NoSuchRoom`."""
        place = self._place(slug)
        rows = self.session.all(_TAKEN, self._range(place, start, end))
        for booking, held in self._beyond(place, start, end):
            whose = self.session.one(_BY_ID, {"booking": booking})
            assert whose is not None
            rows += [(o.start, o.end, o.recurrence_id, o.event, *whose) for o in held]
            rows.sort(key=lambda row: row[0])
        return self._seen(slug, rows)

    def soon(self, start: int, end: int, most: int) -> list[Taken]:
        """The first few of the viewer's occurrences that overlap [start, end), in the published rooms."""
        own = self._own()
        found: list[tuple[int, str, Row]] = []
        for state in self.rooms() if own else []:
            slug = state.room.slug
            place = self._place(slug)
            rows = self.session.all(_TIMES, self._range(place, start, end))
            for booking, held in self._beyond(place, start, end):
                rows += [(o.start, o.end, o.recurrence_id, o.event, booking) for o in held]
            found += [(row[0], slug, row) for row in rows if row[4] in own]
        found.sort(key=lambda one: one[:2])
        seen: list[Taken] = []
        for _, slug, row in found[:most]:
            whose = self.session.one(_BY_ID, {"booking": row[4]})
            assert whose is not None
            seen += self._seen(slug, [(*row[:4], *whose)])
        return seen

    def mine(self, now: int, past: bool = False) -> list[Taken]:
        """The viewer's bookings in published rooms, each once: at its next occurrence, the soonest first.

        `past`: those that are over, at their last occurrence, the latest first. `now` is in UTC epoch seconds; an
        occurrence under way is still to come.
        """
        by_room: dict[str, list[Row]] = {}
        for row in self.session.all(_PAST if past else _COMING, {"me": self.viewer.id, "now": now}):
            by_room.setdefault(row[0], []).append(row[1:])
        published = {state.room.slug for state in self.rooms()}
        found = [one for slug, rows in by_room.items() if slug in published for one in self._seen(slug, rows)]
        return sorted(found, key=lambda one: (one.start, one.room, one.name), reverse=past)

    def _seen(self, slug: str, rows: Sequence[Row]) -> list[Taken]:
        """Rows of start, end, recurrence id, event and `_WHOSE`, as the viewer sees them."""
        known = self._look_up(rows)
        nudged = self._nudged(self._place(slug))
        me, store, epoch = self.viewer.id, self._store, self.viewer.epoch
        found = []
        for begins, ends, recurrence, event, booking, name, rev, shown, private, organiser, first, last, email in rows:
            mine = organiser == me
            hidden = private == 1 and not mine
            found.append(
                Taken(
                    slug,
                    name,
                    etag(store, rev, shown, epoch, nudged.get(booking, 0)),
                    begins,
                    ends,
                    recurrence,
                    "" if hidden else _at(known[booking], event),
                    private == 1,
                    hidden,
                    mine,
                    f"{first} {last}" if email else "",
                    email or "",
                )
            )
        return found

    def strips(self, slug: str, first: date, last: date) -> dict[str, list[tuple[int, int, int]]]:
        """When a room is taken, by day ("2026-12-01"): start and end in minutes of the day, 1 for one's own.

        Days without a booking are absent. Raises `NoSuchRoom`.
        """
        place = self._place(slug)
        days = Days(self._zone, first, last)
        start, end = days.bounds
        rows = self.session.all(_BUSY, self._range(place, start, end))
        for booking, held in self._beyond(place, start, end):
            rows += [(o.start, o.end, booking) for o in held]
            rows.sort()
        return days.strips(rows, self._own())

    def _own(self) -> frozenset[int]:
        """The ids of the viewer's bookings: a scan of their index costs less than a look at each booking held."""
        if self._mine is None:
            self._mine = frozenset(row[0] for row in self.session.all(_OWN, {"me": self.viewer.id}))
        return self._mine

    def _look_up(self, rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
        """The titles of the bookings that the viewer may read, by their ids."""
        me = self.viewer.id
        revs = {row[4]: row[6] for row in rows if not row[8] or row[9] == me}
        found: dict[int, tuple[str, ...]] = {}
        wanted = []
        for booking, rev in revs.items():
            known = self._titles.of(booking, rev)
            if known is None:
                wanted.append(booking)
            else:
                found[booking] = known
        at = 0
        while at < len(wanted):
            count = next((size for size in _AT_ONCE if size >= len(wanted) - at), _AT_ONCE[-1])
            some = wanted[at : at + count]
            values = {f"b{i}": some[i] if i < len(some) else some[0] for i in range(count)}
            for booking, text in self.session.all(_TEXTS[count], values):
                found[booking] = self._titles.read(booking, revs[booking], text)
            at += count
        return found


class Days:
    """Some days of a wall clock, both ends included."""

    def __init__(self, zone: ZoneInfo, first: date, last: date) -> None:
        self._zone = zone
        count = (last - first).days + 1
        walls = [datetime(first.year, first.month, first.day) + timedelta(days=n) for n in range(count + 1)]  # noqa: DTZ001
        self._names = [wall.date().isoformat() for wall in walls[:-1]]
        self._starts = [int(wall.replace(tzinfo=zone).timestamp()) for wall in walls]

    @property
    def bounds(self) -> tuple[int, int]:
        """[start, end) in UTC epoch seconds."""
        return self._starts[0], self._starts[-1]

    def strips(self, rows: Iterable[Row], own: Container[int]) -> dict[str, list[tuple[int, int, int]]]:
        """Rows of start, end (UTC epoch seconds, ordered by start) and booking as spans of each day, `own` marked."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        starts = self._starts
        at = -1
        day_end = starts[0]
        day_start = 0
        strip: list[tuple[int, int, int]] = []
        plain = True
        for start, end, booking in rows:
            if start >= day_end:
                while start >= starts[at + 1]:
                    at += 1
                day_start, day_end = starts[at], starts[at + 1]
                plain = day_end - day_start == 86_400
                strip = found[self._names[at]] = []
            elif at < 0:
                continue  # began before the first day
            if plain:
                strip.append(
                    ((start - day_start) // 60, (min(end, day_end) - day_start) // 60, 1 if booking in own else 0)
                )
            else:
                strip.append(
                    (self._minute(start), self._minute(end) if end < day_end else 1440, 1 if booking in own else 0)
                )
        return found

    def _minute(self, instant: int) -> int:
        wall = datetime.fromtimestamp(instant, self._zone)
        return wall.hour * 60 + wall.minute


# ---- titles

_SUMMARY = re.compile(r"\r\nSUMMARY(?:;(?:[^:\"\r\n]|\"[^\"\r\n]*\")*)?:([^\r\n]*)", re.IGNORECASE)
_INNER = re.compile(r"\r\nBEGIN:", re.IGNORECASE)
_EVENT = re.compile(r"\r\nBEGIN:VEVENT(?=\r\n)", re.IGNORECASE)


def titles(text: str) -> tuple[str, ...]:
    """The title of each VEVENT of a calendar object, in order and on one line; "" where it has none."""
    found = []
    for event in _EVENT.split(text.replace("\r\n ", "").replace("\r\n\t", ""))[1:]:
        if _INNER.search(event):  # an alarm may have a SUMMARY of its own
            return tuple(_title(each) for each in contentline.parse(text).components("VEVENT"))
        line = _SUMMARY.search(event)
        found.append(one_line(unescape_text(line[1])) if line else "")
    return tuple(found)


def _at(found: tuple[str, ...], event: int) -> str:
    return found[event] if event < len(found) else ""


def _title(event: Component) -> str:
    line = event.line("SUMMARY")
    return one_line(unescape_text(line.value)) if line else ""
