"""What an endless series does for ever, and where two of them first meet.

Everything is answered exactly until 9999-12-31, by bit masks of days: one a time of the day and offset of its zone.
Two series meet on the days that the one mask and the other, shifted by a day or not, have in common.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.recurrence import (
    ALL_DAYS,
    CYCLE,
    DAY,
    LAST_DAY,
    AnyDays,
    Days,
    Strand,
    first_bit,
    mask_of,
    mask_of_runs,
    strand_walls,
)
from sesstim_caldav.booking.zones import EPOCH, MODERN, changes, instant_of, wall_of

if TYPE_CHECKING:
    from sesstim_caldav.booking.schedule import Schedule

_SLACK = 2 * DAY
"""More than two clocks ever differ."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long an occurrence lasts: days of the calendar, then seconds (RFC 5545 section 3.3.6)."""

    days: int
    seconds: int

    @property
    def total(self) -> int:
        """In seconds, a day counted as 24 hours."""
        return self.days * DAY + self.seconds


@dataclass(slots=True)
class Slot:
    """A time of the day (seconds), the days of its strand, from which day on, and the days excluded."""

    time: int
    days: AnyDays
    begin: int
    gone: list[int]
    universal: list[tuple[int, int]] | None = None
    _mask: int | None = None

    @property
    def mask(self) -> int:
        """The days as a bit mask, exclusions taken out."""
        if self._mask is None:
            mask = full_mask(self.days) >> self.begin << self.begin
            if self.gone:
                mask &= ~mask_of(self.gone)
            self._mask = mask
        return self._mask


class Pattern:
    """The occurrences that a rule without end gives to its series, but for those excluded."""

    __slots__ = ("_days", "_first", "_instants", "_slots", "event", "length", "start_wall", "strands", "zone")

    def __init__(self, strands: tuple[Strand, ...], start_wall: int, zone: tzinfo, length: Length, event: int) -> None:
        self.strands = strands
        self.start_wall = start_wall
        self.zone = zone
        self.length = length
        self.event = event
        self._instants: frozenset[int] = frozenset()
        self._days: frozenset[int] = frozenset()
        self._slots: list[Slot] | None = None
        self._first: Occurrence | None = None

    def exclude(self, instants: set[int], days: set[int]) -> None:
        """Take out these instants (UTC epoch seconds) and these days of the series' own clock."""
        self._instants |= instants
        self._days |= days
        self._slots = None
        self._first = None

    def __contains__(self, wall: int) -> bool:
        """Whether the rule has this wall (from its start on), excluded or not."""
        return wall >= self.start_wall and next(strand_walls(self.strands, wall), None) == wall

    def holds(self, instant: int, end: int) -> bool:
        """Whether the rule has this occurrence; a longer or shorter one at the same instant is taken out of it."""
        for wall in self._walls_of(instant):
            if wall in self:
                if self.occurrence(wall).end == end:
                    return True
                self._instants |= {instant}
        return False

    def occurrence(self, wall: int) -> Occurrence:
        """The occurrence that begins at this wall."""
        start = instant_of(self.zone, wall)
        if self.length.days:
            later = min(max(wall + self.length.days * DAY, DAY), LAST_DAY * DAY)
            end = instant_of(self.zone, later) + self.length.seconds
        else:
            end = start + self.length.seconds
        return Occurrence(start, end, start, self.event)

    def first(self) -> Occurrence | None:
        """The earliest occurrence; None when there is none."""
        if self._first is None:
            self._first = next(self._since(self.start_wall), None)
        return self._first

    def between(self, start: int, end: int) -> Iterator[Occurrence]:
        """The occurrences that overlap ``[start, end)``, by start; an empty one counts where it starts."""
        for found in self._since(start + EPOCH - max(self.length.total, 0) - _SLACK):
            if found.start >= end:
                return
            if found.end > start or found.start >= start:
                yield found

    def _since(self, wall: int) -> Iterator[Occurrence]:
        """From this wall on, sorted by start and each start once, whatever the clock does."""
        waiting: list[Occurrence] = []
        last: int | None = None
        limit = LAST_DAY * DAY - EPOCH
        for at in strand_walls(self.strands, max(wall, self.start_wall)):
            found = self.occurrence(at)
            while waiting and waiting[0].start < found.start - _SLACK:
                ready = heapq.heappop(waiting)
                if ready.start != last:
                    last = ready.start
                    yield ready
            if found.start >= limit:
                break
            if found.start in self._instants or at // DAY in self._days:
                continue
            heapq.heappush(waiting, found)
        while waiting:
            ready = heapq.heappop(waiting)
            if ready.start != last:
                last = ready.start
                yield ready

    def _walls_of(self, instant: int) -> set[int]:
        """The walls that mean this instant: usually one, two beside a gap."""
        found = {wall_of(self.zone, instant), wall_of(self.zone, instant - DAY) + DAY}
        return {wall for wall in found if instant_of(self.zone, wall) == instant}

    def slots(self) -> list[Slot]:
        """Each time of the day of the series' own clock, with the days that have it."""
        if self._slots is None:
            out: dict[int, set[int]] = {}
            for instant in self._instants:
                for wall in self._walls_of(instant):
                    out.setdefault(wall % DAY, set()).add(wall // DAY)
            first_day, first_time = divmod(self.start_wall, DAY)
            self._slots = [
                Slot(
                    time,
                    strand.days,
                    first_day if time >= first_time else first_day + 1,
                    [day for day in {*out.get(time, ()), *self._days} if 0 <= day <= LAST_DAY],
                )
                for strand in self.strands
                for time in strand.times
            ]
        return self._slots

    def kinds(self, room_zone: tzinfo) -> list[Occurrence]:
        """The earliest occurrence of every kind: weekday and wall-clock start and end of the room."""
        found: dict[tuple[int, int, int], Occurrence] = {}

        def note(occurrence: Occurrence) -> None:
            start, end = wall_of(room_zone, occurrence.start), wall_of(room_zone, occurrence.end)
            kind = (start // DAY % 7, start % DAY, end - start // DAY * DAY)
            if kind not in found or occurrence < found[kind]:
                found[kind] = occurrence

        base = self.start_wall // DAY
        total = max(self.length.total, 0)
        same = same_clock(self.zone, room_zone) and self.start_wall >= MODERN
        settled = True
        for slot in self.slots():
            if same and steady(self.zone, slot.time, slot.time + total):
                parts = [slot.mask]
            else:
                settled = False
                parts = self._by_offsets(slot, room_zone)
            for part in parts:
                shifted = part >> base
                for weekday in range(7):
                    day = _first_of_weekday(shifted, base, weekday)
                    if day is not None:
                        note(self.occurrence(day * DAY + slot.time))
        if not settled and total <= 7 * DAY:
            # an occurrence during which a clock changes is a kind of its own; after 400 years all have been seen,
            # of a series with many times a day after thirty
            last = self.start_wall + (CYCLE + 366 if len(self.slots()) <= 4 else 30 * 366) * DAY
            onsets = {c.onset for clock in (room_zone, self.zone) for c in changes(clock)[1]}
            for onset in sorted(onset for onset in onsets if self.start_wall - _SLACK <= onset <= last):
                for occurrence in self.between(onset - EPOCH - 1, onset - EPOCH + 1):
                    note(occurrence)
        return list(found.values())

    def _by_offsets(self, slot: Slot, room_zone: tzinfo) -> list[int]:
        """The days of a slot, parted by the offset of its own clock and of the room's."""
        return [
            part
            for offset, own in offset_days(self.zone, slot.time, True)
            if slot.mask & own
            for _, other in offset_days(room_zone, slot.time - offset, False)
            if (part := slot.mask & own & other)
        ]

    def universal(self, slot: Slot) -> list[tuple[int, int]]:
        """A slot in universal time: seconds (may lie outside of one day), and the mask of days that have them."""
        if slot.universal is None:
            slot.universal = [
                (slot.time - offset, part)
                for offset, days in offset_days(self.zone, slot.time, True)
                if (part := slot.mask & days)
            ]
        return slot.universal

    def clash(self) -> tuple[Occurrence, Occurrence] | None:
        """Two occurrences of the pattern that overlap at any time."""
        total = self.length.total
        if total <= 0:
            return None
        if len(self.strands) == 1 and total <= 12 * 3600:
            strand = self.strands[0]
            if len(strand.times) == 1 and total + largest_jump(self.zone) <= DAY:
                return None
            gaps = [b - a for a, b in zip(strand.times, strand.times[1:], strict=False)]
            gaps.append(strand.times[0] + DAY - strand.times[-1])
            settled = self.start_wall >= MODERN and steady(self.zone, strand.times[0], strand.times[-1] + total)
            if settled and min(gaps) >= total and gaps[-1] - total >= largest_jump(self.zone):
                return None
        recent: Occurrence | None = None
        for index, occurrence in enumerate(self._since(self.start_wall)):
            if recent is not None and occurrence.start < recent.end:
                return recent, occurrence
            recent = occurrence
            if index >= 500:
                break
        return _first_meeting(self, self, self.start_wall - EPOCH, apart=True)


# --- clocks ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def full_mask(days: AnyDays) -> int:
    """One bit a day until 9999-12-31."""
    return days.mask()


def same_clock(one: tzinfo, other: tzinfo) -> bool:
    """Whether two zones are the same by name (an object's own VTIMEZONE is only the same as itself)."""
    if one is other:
        return True
    return getattr(one, "key", None) == getattr(other, "key", "")  # only what has a name by IANA has a key


@lru_cache(maxsize=64)
def _unsteady(where: tzinfo) -> tuple[tuple[int, int], ...]:
    """Stretches of the day (seconds; the end may pass midnight) in which the clock changes on some day since 1990."""
    found = set()
    for change in changes(where)[1]:
        low, high = change.onset + min(change.before, change.after), change.onset + max(change.before, change.after)
        found.add((low % DAY, low % DAY + high - low))
    return tuple(sorted(found))


def steady(where: tzinfo, low: int, high: int) -> bool:
    """Whether a clock never changes between two times of the same day (seconds), ends included."""
    if high >= DAY:
        return not _unsteady(where)
    return all(end < low or begin > high for begin, end in _unsteady(where)) and all(
        end - DAY < low for _, end in _unsteady(where)
    )


@lru_cache(maxsize=64)
def largest_jump(where: tzinfo) -> int:
    """The most seconds that a clock is set forward or back, since 1990."""
    return max((abs(change.after - change.before) for change in changes(where)[1]), default=0)


def offset_days(where: tzinfo, time: int, by_wall: bool) -> list[tuple[int, int]]:
    """For each offset of a zone the days on which it holds at a time: of its own clock, or in universal time.

    ``time`` in seconds may lie outside of one day.  Exact from 1990 on.
    """
    shift, time = divmod(time, DAY)
    moments = _moments_of_change(where, by_wall)
    index = bisect_right(moments, time)
    found = _offset_days(where, moments[index - 1] if index else 0, by_wall)
    if shift >= 0:
        return [(offset, mask >> shift) for offset, mask in found] if shift else list(found)
    return [(offset, mask << -shift) for offset, mask in found]


@lru_cache(maxsize=64)
def _moments_of_change(where: tzinfo, by_wall: bool) -> tuple[int, ...]:
    """The times of the day (seconds) at which a clock ever changes: between two of them all times are alike."""
    return tuple(sorted({(c.switch if by_wall else c.onset) % DAY for c in changes(where)[1]}))


@lru_cache(maxsize=16)
def _offset_days(where: tzinfo, time: int, by_wall: bool) -> tuple[tuple[int, int], ...]:
    offset, found = changes(where)
    runs: dict[int, list[tuple[int, int]]] = {}
    begin = 0
    for change in found:
        at = change.switch if by_wall else change.onset
        end = -((time - at) // DAY)
        runs.setdefault(offset, []).append((begin, end))
        begin, offset = end, change.after
    runs.setdefault(offset, []).append((begin, LAST_DAY + 1))
    if len(runs) == 1:
        return ((offset, ALL_DAYS),)
    return tuple((seconds, mask_of_runs(stretches)) for seconds, stretches in runs.items())


@lru_cache(maxsize=7)
def _weekday_mask(remainder: int) -> int:
    return Days(7, (remainder,)).mask()


def _first_of_weekday(shifted: int, base: int, weekday: int) -> int | None:
    """The first day of a weekday in a mask whose bit 0 is the day ``base``."""
    wanted = _weekday_mask((weekday - base) % 7)
    near = shifted & _NEAR & wanted
    found = first_bit(near) if near else first_bit(shifted & wanted)
    return None if found is None else base + found


_NEAR = (1 << 4096) - 1


# --- two of them ----------------------------------------------------------------------------------------------------


def meeting(one: Schedule, other: Schedule, since: int) -> tuple[Occurrence, Occurrence] | None:
    """The first overlapping pair of two endless schedules (one's, other's), of which at least one begins at or after
    ``since`` (UTC epoch seconds); None when they never meet until the year 9999.  Exact."""
    found: list[tuple[Occurrence, Occurrence]] = []

    def consider(pair: tuple[Occurrence, Occurrence] | None) -> None:
        if pair is not None:
            found.append(pair)

    for extra in one.extras:
        consider(_meets(extra, other, since))
    if one.pattern is not None:
        for extra in other.extras:
            pair = _first_of(extra, one.pattern.between(extra.start, extra.end), since)
            consider((pair[1], pair[0]) if pair else None)
        if other.pattern is not None:
            consider(_first_meeting(one.pattern, other.pattern, since))
    return min(found, key=lambda pair: max(pair[0].start, pair[1].start), default=None)


def _meets(extra: Occurrence, other: Schedule, since: int) -> tuple[Occurrence, Occurrence] | None:
    return _first_of(extra, other.between(extra.start, extra.end), since)


def _first_of(extra: Occurrence, others: Iterator[Occurrence], since: int) -> tuple[Occurrence, Occurrence] | None:
    for occurrence in others:
        if extra.overlaps(occurrence) and max(extra.start, occurrence.start) >= since:
            return extra, occurrence
    return None


def _first_meeting(
    one: Pattern, other: Pattern, since: int, apart: bool = False
) -> tuple[Occurrence, Occurrence] | None:
    """The first overlapping pair of two patterns; ``apart``: of two different occurrences of the same pattern."""
    if one.length.total <= 0 or other.length.total <= 0:
        return None
    best: tuple[Occurrence, Occurrence] | None = None
    for a in one.slots():
        for b in other.slots():
            for pair in _pairs(one, a, other, b, since, apart):
                if not pair[0].overlaps(pair[1]) or max(pair[0].start, pair[1].start) < since:
                    continue
                if apart and pair[0].start == pair[1].start:  # two walls of one instant, beside a gap: held once
                    continue
                if best is None or max(pair[0].start, pair[1].start) < max(best[0].start, best[1].start):
                    best = pair
                break
    return best


def _pairs(
    one: Pattern, a: Slot, other: Pattern, b: Slot, since: int, apart: bool
) -> Iterator[tuple[Occurrence, Occurrence]]:
    """What may overlap, by the day; nearly every pair given does."""
    since_day = max((since + EPOCH - max(one.length.total, other.length.total)) // DAY - 3, 0)
    lasts, other_lasts = one.length.total, other.length.total
    if one.length.days or other.length.days:
        lasts, other_lasts = lasts + _SLACK, other_lasts + _SLACK
    elif same_clock(one.zone, other.zone) and _far_apart(one, a, other, b):
        return
    elif _plain(one, a, other, b):
        if a.time + lasts <= b.time or b.time + other_lasts <= a.time or (apart and a.time == b.time):
            return
        if _never_common(a.days, b.days):
            return
        yield from _walk([(0, (a.mask >> since_day) & (b.mask >> since_day))], one, a, other, b, since_day)
        return
    candidates: list[tuple[int, int]] = []
    for begin, days in one.universal(a):
        for other_begin, other_days in other.universal(b):
            low = (begin - other_begin - other_lasts) // DAY + 1
            high = -((other_begin - begin - lasts) // DAY) - 1
            for shift in range(max(low, -400), min(high, 400) + 1):
                if apart and shift == 0 and a.time == b.time:
                    continue
                shifted = other_days >> shift if shift >= 0 else other_days << -shift
                common = (days >> since_day) & (shifted >> since_day)
                if common:
                    candidates.append((shift, common))
    yield from _walk(candidates, one, a, other, b, since_day)


def _walk(
    candidates: list[tuple[int, int]], one: Pattern, a: Slot, other: Pattern, b: Slot, since_day: int
) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Days of candidate masks, ascending over all of them, as pairs of occurrences."""

    def days(shift: int, mask: int) -> Iterator[tuple[int, int]]:
        base = since_day
        while mask:
            word = mask & _NEAR
            while word:
                low = word & -word
                yield base + low.bit_length() - 1, shift
                word ^= low
            mask >>= 4096
            base += 4096

    for day, shift in heapq.merge(*(days(shift, mask) for shift, mask in candidates)):
        if 0 <= day + shift <= LAST_DAY:
            yield one.occurrence(day * DAY + a.time), other.occurrence((day + shift) * DAY + b.time)


def _plain(one: Pattern, a: Slot, other: Pattern, b: Slot) -> bool:
    """Whether two slots can be compared by the clock on the wall: one zone, and no change of it between them."""
    if not same_clock(one.zone, other.zone) or min(one.start_wall, other.start_wall) < MODERN:
        return False
    end, other_end = a.time + one.length.total, b.time + other.length.total
    jump = largest_jump(one.zone)
    if DAY + b.time - end < jump or DAY + a.time - other_end < jump:
        return False
    return steady(one.zone, min(a.time, b.time), max(end, other_end))


def _far_apart(one: Pattern, a: Slot, other: Pattern, b: Slot) -> bool:
    """Whether so much time lies between two slots of one clock that no change of it could bring them together."""
    if min(one.start_wall, other.start_wall) < MODERN:
        return False
    jump = largest_jump(one.zone)
    end, other_end = a.time + one.length.total + jump, b.time + other.length.total + jump
    return end <= DAY + b.time and other_end <= DAY + a.time and (end <= b.time or other_end <= a.time)


def _never_common(one: AnyDays, other: AnyDays) -> bool:
    if not isinstance(one, Days) or not isinstance(other, Days):
        return False
    step = gcd(one.period, other.period)
    remainders = {offset % step for offset in one.offsets}
    return not any(offset % step in remainders for offset in other.offsets)
