"""Ways out of a refusal: what could be booked instead, each tried on the rules by a dry run before it is offered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from datetime import time as clock
from enum import StrEnum

from sesstim_caldav.booking.draft import Draft, Impossible
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.booking.recurrence import DAY
from sesstim_caldav.booking.violation import Rule
from sesstim_caldav.booking.zones import instant_of, wall_of
from sesstim_caldav.reception import Reception, Verdict
from sesstim_caldav.settings import RoomSettings

MOST_ROOMS = 2
MOST_TIMES = 2
"""How many other rooms, and times of the day and of the week, are offered."""
MOST_DATES = 400
"""Dates of a series for which a common free time is sought."""


_GLANCE = 8
"""Dates that are looked at before all are tried."""


class Kind(StrEnum):
    ROOM = "room"  # the same in another room
    TIME = "time"  # another time in this room
    FREE_DATES = "free-dates"  # the series without the dates that are taken
    SPLIT = "split"  # these in another room


@dataclass(frozen=True, slots=True)
class Offer:
    """A booking that could be had."""

    room: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Way:
    """Offers to be taken together; `free` dates can be had as asked (None: without end), `taken` ones cannot."""

    kind: Kind
    offers: tuple[Offer, ...]
    free: int | None
    taken: int


Examine = Callable[[Offer], Verdict]
"""What the reception would say to an offer."""


def ways_out(
    reception: Reception,
    asked: Offer,
    verdict: Verdict,
    examine: Examine,
    *,
    now: int,
    but: int | None = None,
    alone: bool = False,
    patience: float = 1.0,
    trial: float = 0.0,
) -> list[Way]:
    """What could be booked instead of what was refused by `verdict`.

    `now` in UTC epoch seconds: nothing is offered before. `but` is the id of the booking that is to be changed, and
    `alone`: it can only become one booking. After `patience` seconds of work what has been found is answered;
    `trial` is how long one dry run takes.
    """
    return list(_Search(reception, asked, verdict, examine, now, but, patience, trial).ways(alone))


class _Search:
    def __init__(
        self,
        reception: Reception,
        asked: Offer,
        verdict: Verdict,
        examine: Examine,
        now: int,
        but: int | None,
        patience: float,
        trial: float,
    ) -> None:
        self.reception = reception
        self.asked = asked
        self.draft = asked.draft
        self.verdict = verdict
        self.examine = examine
        self.now = now
        self.but = but
        self.until = time.thread_time() + patience
        self.trial = trial
        self.zone = reception.zone
        self.place: Room = verdict.place
        taken = {v.occurrence for v in verdict.violations if v.occurrence and v.rule is Rule.ROOM_ALREADY_BOOKED}
        self.taken = sorted({self._day(occurrence) for occurrence in taken})
        self.dates = sorted({self._day(occurrence) for occurrence in verdict.judged})
        self.endless = verdict.times is not None and verdict.times.endless

    def ways(self, alone: bool) -> Iterator[Way]:
        rules = {violation.rule for violation in self.verdict.violations}
        movable = {Rule.ROOM_ALREADY_BOOKED, Rule.OUTSIDE_OPENING_HOURS, Rule.NOT_ON_QUARTER_HOUR}
        if not rules or not rules <= movable or not self.dates or self._length <= 0:
            return
        only_taken = rules == {Rule.ROOM_ALREADY_BOOKED} and not any(v.own_series for v in self.verdict.violations)
        if only_taken:
            yield from self._rooms()
        yield from self._times()
        if only_taken and len(self.dates) > 1:
            yield from self._without_taken(alone)

    def _taken_by(self, offer: Offer) -> bool:
        """Whether the reception would book an offer; no longer where patience would end meanwhile."""
        if time.thread_time() + self.trial > self.until:
            return False
        try:
            return not self.examine(offer).violations
        except Impossible:
            return False

    # -- another room

    def _rooms(self) -> Iterator[Way]:
        found = 0
        for room in self._others():
            offer = replace(self.asked, room=room.slug)
            if self._first_dates_free(room.slug, self.verdict.judged[:_GLANCE]) and self._taken_by(offer):
                yield Way(Kind.ROOM, (offer,), self._count(), 0)
                found += 1
                if found == MOST_ROOMS:
                    return

    def _others(self) -> list[RoomSettings]:
        """The rooms that seat as many, the nearest in size first."""
        rooms = self.reception.settings.rooms
        own = next((room.capacity for room in rooms if room.slug == self.asked.room), None) or 0
        others = [room for room in rooms if room.slug != self.asked.room and (room.capacity or 0) >= own]
        return sorted(others, key=lambda room: (room.capacity or 0, room.name))

    def _first_dates_free(self, slug: str, wanted: Sequence[Occurrence]) -> bool:
        """A quick look that spares most of the dry runs."""
        if time.thread_time() > self.until:
            return False
        with self.reception.store.reading() as reading:
            room = reading.room(slug)
            pairs = room.overlapping(wanted, self.but) if room else []
        return not any(one.start < held.end and held.start < one.end for one, held in pairs)

    # -- another time

    @property
    def _length(self) -> int:
        """Minutes, up to the grid."""
        grid = self.place.hours.grid_minutes
        return -(-(_minutes(self.draft.end) - _minutes(self.draft.start)) // grid) * grid

    def _times(self) -> Iterator[Way]:
        wanted = _minutes(self.draft.start)
        free = self._common_starts(self.dates[:MOST_DATES])
        before = max((start for start in free if start < wanted), default=None)
        after = min((start for start in free if start > wanted), default=None)
        same_day = sorted((s for s in (before, after) if s is not None), key=lambda start: abs(start - wanted))
        for start in same_day[:MOST_TIMES]:
            yield from self._at(self.draft.day, start)
        if len(self.dates) > 1 or self.draft.repeat is not None:
            return
        found = 0
        for day in self._days_of_the_week():
            for start in sorted(self._common_starts([day]), key=lambda start: abs(start - wanted))[:1]:
                for way in self._at(day, start):
                    yield way
                    found += 1
            if found == MOST_TIMES:
                return

    def _at(self, day: date, start: int) -> Iterator[Way]:
        end = start + self._length
        draft = replace(self.draft, day=day, start=_clock(start), end=_clock(end))
        offer = Offer(self.asked.room, draft)
        if self._taken_by(offer):
            yield Way(Kind.TIME, (offer,), self._count(), 0)

    def _days_of_the_week(self) -> Iterable[date]:
        """The other open days of the week, the nearest first."""
        day, today = self.draft.day, date.fromordinal(wall_of(self.zone, self.now) // DAY + 1)
        monday = day - timedelta(days=day.weekday())
        days = [monday + timedelta(days=weekday) for weekday in sorted(self.place.hours.weekdays)]
        others = [each for each in days if each != day and each >= today]
        return sorted(others, key=lambda each: (abs((each - day).days), each))

    def _common_starts(self, days: Sequence[date]) -> list[int]:
        """The minutes of the day at which the booking could begin on every one of these days, on the grid."""
        if time.thread_time() > self.until:
            return []
        hours = self.place.hours
        opens, closes = _minutes(hours.opens), _minutes(hours.closes)
        windows = [Occurrence(self._instant(day, opens), self._instant(day, closes)) for day in days]
        with self.reception.store.reading() as reading:
            room = reading.room(self.asked.room)
            pairs = room.overlapping(windows, self.but) if room else []
        busy = set()
        for window, held in pairs:
            midnight = wall_of(self.zone, window.start) // DAY * DAY
            begin, end = ((wall_of(self.zone, at) - midnight) // 60 for at in (held.start, held.end))
            busy.add((begin, end))
        earliest = opens
        for day in days[:1]:
            if self._instant(day, closes) > self.now > self._instant(day, 0):
                earliest = max(opens, (wall_of(self.zone, self.now) % DAY + 59) // 60)
        first = -(-earliest // hours.grid_minutes) * hours.grid_minutes
        starts = range(first, closes - self._length + 1, hours.grid_minutes)
        return [s for s in starts if not any(s < end and begin < s + self._length for begin, end in busy)]

    # -- other dates

    def _without_taken(self, alone: bool) -> Iterator[Way]:
        taken = set(self.taken)
        free = [day for day in self.dates if day not in taken]
        if not free or not self.taken or (self.draft.repeat is None and not self.draft.custom):
            return
        rest = replace(self.draft, excluding=tuple(sorted({*self.draft.excluding, *self.taken})))
        without = Offer(self.asked.room, rest)
        if not self._taken_by(without):
            return
        count = None if self.endless else len(free)
        yield Way(Kind.FREE_DATES, (without,), count, len(self.taken))
        if alone:
            return
        others = replace(
            self.draft, day=self.taken[0], repeat=None, excluding=(), also=tuple(self.taken[1:]), custom=False
        )
        wanted = [self._on(day) for day in self.taken[:_GLANCE]]
        for room in self._others():
            offer = Offer(room.slug, others)
            if self._first_dates_free(room.slug, wanted) and self._taken_by(offer):
                yield Way(Kind.SPLIT, (without, offer), count, len(self.taken))
                return

    # -- the lab's clock

    def _count(self) -> int | None:
        return None if self.endless else len(self.dates)

    def _day(self, occurrence: Occurrence) -> date:
        return date.fromordinal(wall_of(self.zone, occurrence.start) // DAY + 1)

    def _instant(self, day: date, minute: int) -> int:
        return instant_of(self.zone, (day.toordinal() - 1) * DAY + minute * 60)

    def _on(self, day: date) -> Occurrence:
        """The draft's times on a day."""
        return Occurrence(self._instant(day, _minutes(self.draft.start)), self._instant(day, _minutes(self.draft.end)))


def _minutes(at: clock) -> int:
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> clock:
    return clock(minutes // 60, minutes % 60)
