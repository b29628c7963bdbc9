"""The times of one booking: every occurrence, under RFC 5545 as the clients mean it.

What is undefined is read generously, so that no client shows a date that the room does not hold: a DTSTART that its
rule lacks is an occurrence, and so is an override whose series lacks or excludes that date.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.calendar_object import CalendarObject, Reason, Unsupported, is_cancelled
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import Length, Pattern
from sesstim_caldav.booking.recurrence import DAY, LAST_DAY, MOST, Rule, day_of, parse_rule, strands, walls
from sesstim_caldav.booking.zones import EPOCH, instant_of, is_universal, wall_of, zone

FOREVER = LAST_DAY * DAY - EPOCH
"""9999-12-31T00:00:00Z in UTC epoch seconds; nothing is held from then on."""

_FIRST = DAY - EPOCH
"""0001-01-02T00:00:00Z; nothing is held before, since no clock east of Greenwich could show it."""

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[Tt]([0-9]{2})([0-9]{2})([0-9]{2})([Zz]?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,9})W|(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,12})S)?)?)"
)
_ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "STATUS", "CLASS")
_TIMES = frozenset([*_ONCE, "RRULE", "RDATE", "EXDATE", "EXRULE"])


@dataclass(frozen=True, slots=True)
class _Moment:
    """A DATE or DATE-TIME: its wall, the zone it is read in, and the instant (UTC epoch seconds)."""

    wall: int
    zone: tzinfo
    instant: int
    whole_day: bool


class Schedule:
    """The occurrences of one calendar object, finite or endless.

    ``zone`` is the zone of DTSTART; ``endless`` whether the rule has neither COUNT nor UNTIL (nor is cancelled);
    ``first`` the earliest start (UTC epoch seconds), None when nothing is held (``empty``).
    """

    __slots__ = ("_extras", "_longest", "_pattern", "_starts", "uid", "zone")

    def __init__(self, uid: str, where: tzinfo, extras: list[Occurrence], pattern: Pattern | None) -> None:
        self.uid = uid
        self.zone = where
        self._extras = sorted(extras)
        self._starts = [occurrence.start for occurrence in self._extras]
        self._longest = max((o.end - o.start for o in self._extras), default=0)
        self._pattern = pattern

    @property
    def endless(self) -> bool:
        """Whether the series goes on for ever."""
        return self._pattern is not None

    @property
    def pattern(self) -> Pattern | None:
        """What repeats for ever; None for a finite schedule."""
        return self._pattern

    @property
    def extras(self) -> list[Occurrence]:
        """The occurrences beside the pattern (moved ones, RDATEs); of a finite schedule all of them; sorted."""
        return self._extras

    @property
    def empty(self) -> bool:
        """Whether nothing is held at all: cancelled, or every date excluded."""
        return self.first is None

    @property
    def first(self) -> int | None:
        """The earliest start, UTC epoch seconds."""
        starts = self._starts[:1]
        if self._pattern is not None:
            found = self._pattern.first()
            if found is not None:
                starts = [*starts, found.start]
        return min(starts, default=None)

    def occurrences(self, until: int) -> list[Occurrence]:
        """Sorted by start.  Of a finite schedule all (``until`` may be FOREVER), at most 10,000 of them;
        of an endless one all that start before ``until`` (UTC epoch seconds)."""
        if self._pattern is None:
            return self._extras if until >= FOREVER else self._extras[: bisect_left(self._starts, until)]
        found = list(self._pattern.between(_FIRST - 1, until))
        found += self._extras[: bisect_left(self._starts, until)]
        found.sort()
        return found

    def between(self, start: int, end: int) -> Iterator[Occurrence]:
        """The occurrences that overlap ``[start, end)`` (UTC epoch seconds), by start; jumps straight there.

        One whose end is not after its start is found by its start.
        """
        extras = self._extras_between(start, end)
        if self._pattern is None:
            return extras
        return _merged(self._pattern.between(start, end), extras)

    def _extras_between(self, start: int, end: int) -> Iterator[Occurrence]:
        for index in range(bisect_left(self._starts, start - self._longest), len(self._extras)):
            occurrence = self._extras[index]
            if occurrence.start >= end:
                return
            if occurrence.end > start or occurrence.start >= start:
                yield occurrence

    def kinds(self, room_zone: ZoneInfo) -> list[Occurrence]:
        """What has to be judged for opening hours and grid: of a finite schedule every occurrence; of an endless one
        the earliest of every kind (weekday and wall-clock start and end in ``room_zone``) that it will ever have."""
        if self._pattern is None:
            return self._extras
        return sorted([*self._extras, *self._pattern.kinds(room_zone)])

    def clash_with_itself(self) -> tuple[Occurrence, Occurrence] | None:
        """Two occurrences of this schedule that overlap, now or at any time until 9999; None when there are none."""
        found = clash(self._extras)
        if self._pattern is None:
            return found
        for extra in self._extras:
            for other in self._pattern.between(extra.start, extra.end):
                if other.overlaps(extra):
                    pair = (min(extra, other), max(extra, other))
                    found = pair if found is None or pair < found else found
                    break
        own = self._pattern.clash()
        if own is not None and (found is None or own < found):
            found = own
        return found


def clash(occurrences: list[Occurrence]) -> tuple[Occurrence, Occurrence] | None:
    """The first two of these (sorted) that overlap."""
    latest: Occurrence | None = None
    for occurrence in occurrences:
        if occurrence.end <= occurrence.start:
            continue
        if latest is not None and occurrence.start < latest.end:
            return latest, occurrence
        latest = occurrence
    return None


def _merged(one: Iterator[Occurrence], other: Iterator[Occurrence]) -> Iterator[Occurrence]:
    a, b = next(one, None), next(other, None)
    while a is not None and b is not None:
        if b < a:
            yield b
            b = next(other, None)
        else:
            yield a
            a = next(one, None)
    if a is not None:
        yield a
        yield from one
    if b is not None:
        yield b
        yield from other


def schedule(obj: CalendarObject, room_zone: ZoneInfo) -> Schedule:
    """The times of a calendar object; ``room_zone`` reads floating times and whole days.

    Raises Unsupported.  Whatever a rule says, the work is bounded.
    """
    return _Reader(obj, room_zone).schedule()


def instants(obj: CalendarObject, line: Line, room_zone: ZoneInfo) -> list[tuple[str, int]]:
    """The values of a line of times (DTSTART, RECURRENCE-ID, RDATE, EXDATE) as written, each with the UTC epoch second
    that it names: the midnight of a day, the begin of a period.  Raises Unsupported."""
    reader = _Reader(obj, room_zone)
    kind = "DATE-TIME" if (line.param("VALUE") or "").upper() == "PERIOD" else ""
    return [(value, reader._moment(line, value.partition("/")[0], kind).instant) for value in line.value.split(",")]


def rule_walls(rule: Rule, wall: int, where: tzinfo) -> Iterator[int]:
    """The walls of a rule from that of its DTSTART on, read in a zone: all, at most 10,000, of one with COUNT or UNTIL.

    Raises Unsupported.
    """
    if rule.endless:
        return walls(rule, wall)
    return iter(_dates(rule, _Moment(wall, where, instant_of(where, wall), False)))


class _Reader:
    """Reads one object; zones and the room's clock at hand."""

    def __init__(self, obj: CalendarObject, room_zone: ZoneInfo) -> None:
        self.obj = obj
        self.room_zone = room_zone
        self.zones: dict[str, tzinfo] = {}

    def schedule(self) -> Schedule:
        masters: list[tuple[int, dict[str, list[Line]]]] = []
        overrides: list[tuple[int, dict[str, list[Line]]]] = []
        for index, event in enumerate(self.obj.events):
            lines = _times_of(event)
            if "RECURRENCE-ID" in lines:
                overrides.append((index, lines))
            else:
                masters.append((index, lines))
        if len(masters) > 1:
            raise Unsupported(Reason.RECURRENCE_ID_TWICE, self.obj.uid)
        moved, replaced, replaced_days = self._overrides(overrides)
        if not masters:
            return Schedule(self.obj.uid, self._moment(overrides[0][1]["DTSTART"][0]).zone, moved, None)
        return self._series(*masters[0], moved, replaced, replaced_days)

    def _overrides(
        self, overrides: list[tuple[int, dict[str, list[Line]]]]
    ) -> tuple[list[Occurrence], set[int], set[int]]:
        """The occurrences of the overrides, the instants that they replace, and the days (as wall // DAY)."""
        moved: list[Occurrence] = []
        replaced: set[int] = set()
        days: set[int] = set()
        for index, lines in overrides:
            line = lines["RECURRENCE-ID"][0]
            reach = line.param("RANGE")
            if reach is not None:
                raise Unsupported(Reason.THIS_AND_FUTURE, reach)
            for name in ("RRULE", "RDATE", "EXRULE"):
                if name in lines:
                    raise Unsupported(Reason.BAD_RULE, f"{name} beside RECURRENCE-ID")
            identity = self._moment(line)
            if identity.instant in replaced:
                raise Unsupported(Reason.RECURRENCE_ID_TWICE, line.value)
            replaced.add(identity.instant)
            if identity.whole_day:
                days.add(identity.wall // DAY)
            start, length = self._extent(lines)
            if not is_cancelled(self.obj.events[index]):
                moved.append(Occurrence(start.instant, _end(start, length), identity.instant, index))
        return moved, replaced, days

    def _series(
        self,
        index: int,
        lines: dict[str, list[Line]],
        moved: list[Occurrence],
        replaced: set[int],
        replaced_days: set[int],
    ) -> Schedule:
        start, length = self._extent(lines)
        if "EXRULE" in lines:
            raise Unsupported(Reason.EXRULE, lines["EXRULE"][0].value[:200])
        rules = lines.get("RRULE", ())
        if len(rules) > 1:
            raise Unsupported(Reason.TWO_RRULES, rules[1].value[:200])
        rule = parse_rule(rules[0].value) if rules else None
        added = self._added(lines.get("RDATE", ()), start, length)
        out, out_days = self._excluded(lines.get("EXDATE", ()), start)
        cancelled = is_cancelled(self.obj.events[index])
        held: dict[int, int] = {start.instant: _end(start, length)}
        pattern: Pattern | None = None
        if rule is not None and rule.endless:
            pattern = self._pattern(rule, start, length, index)
            if cancelled:
                pattern = None
            elif start.wall in pattern:
                del held[start.instant]
        elif rule is not None:
            for wall in _dates(rule, start):
                instant = instant_of(start.zone, wall)
                if instant < FOREVER:
                    held[instant] = instant + length.seconds if not length.days else _end_of(start.zone, wall, length)
        if pattern is not None:
            held.update((at, end) for at, end in added.items() if not pattern.holds(at, end))
        else:
            held.update(added)
        if len(held) + len(moved) > MOST:
            raise Unsupported(Reason.TOO_MANY, rules[0].value[:200] if rules else "RDATE")
        if cancelled:
            return Schedule(self.obj.uid, start.zone, moved, None)
        if not (rule or added or replaced or out or out_days):
            return Schedule(
                self.obj.uid, start.zone, [Occurrence(start.instant, held[start.instant], None, index)], None
            )
        for instant in out:
            held.pop(instant, None)
        for instant in replaced:
            held.pop(instant, None)
        if out_days or replaced_days:
            self._take_days(held, start, out_days, replaced_days)
        repeats = rule is not None or bool(added) or bool(replaced)
        extras = [Occurrence(at, end, at if repeats else None, index) for at, end in held.items()]
        if pattern is not None:
            pattern.exclude(out | replaced, out_days | replaced_days)
            if pattern.first() is None:
                pattern = None
        return Schedule(self.obj.uid, start.zone, extras + moved, pattern)

    def _take_days(self, held: dict[int, int], start: _Moment, out: set[int], replaced: set[int]) -> None:
        """EXDATE as a day takes all of that day; RECURRENCE-ID as a day likewise names what is on it."""
        for instant in list(held):
            if wall_of(start.zone, instant) // DAY in out or wall_of(start.zone, instant) // DAY in replaced:
                del held[instant]

    def _pattern(self, rule: Rule, start: _Moment, length: Length, index: int) -> Pattern:
        found = strands(rule, start.wall)
        if found is None:
            raise Unsupported(Reason.TOO_MANY, rule.freq)
        if sum(len(strand.times) for strand in found) > 96:
            raise Unsupported(Reason.TOO_MANY, rule.freq)
        pattern = Pattern(found, start.wall, start.zone, length, index)
        if pattern.first() is None:
            raise Unsupported(Reason.EMPTY_RULE, rule.freq)
        return pattern

    def _added(self, lines: list[Line] | tuple[()], start: _Moment, length: Length) -> dict[int, int]:
        """RDATEs: start and end (UTC epoch seconds); a PERIOD keeps its own length."""
        found: dict[int, int] = {}
        periods: dict[int, int] = {}
        for line in lines:
            as_period = (line.param("VALUE") or "").upper() == "PERIOD"
            for value in line.value.split(","):
                if as_period:
                    begin, slash, rest = value.partition("/")
                    moment = self._moment(line, begin, "DATE-TIME")
                    if not slash:
                        raise Unsupported(Reason.BAD_VALUE, line.text[:200])
                    if rest[:1] in ("P", "+", "-"):
                        end = _end(moment, _duration(rest, line))
                    else:
                        end = self._moment(line, rest, "DATE-TIME").instant
                    periods[moment.instant] = end
                else:
                    moment = self._moment(line, value)
                    if moment.whole_day is not start.whole_day:
                        raise Unsupported(Reason.BAD_VALUE, line.text[:200])
                    found[moment.instant] = _end(moment, length)
            if len(found) + len(periods) > MOST:
                raise Unsupported(Reason.TOO_MANY, "RDATE")
        found.update(periods)
        return found

    def _excluded(self, lines: list[Line] | tuple[()], start: _Moment) -> tuple[set[int], set[int]]:
        """EXDATEs: instants, and days (wall // DAY) that go as a whole."""
        instants: set[int] = set()
        days: set[int] = set()
        for line in lines:
            for value in line.value.split(","):
                moment = self._moment(line, value)
                if moment.whole_day and not start.whole_day:
                    days.add(moment.wall // DAY)
                else:
                    instants.add(moment.instant)
                    if start.whole_day and not moment.whole_day:
                        days.add(moment.wall // DAY)
        return instants, days

    def _extent(self, lines: dict[str, list[Line]]) -> tuple[_Moment, Length]:
        """DTSTART, and how long it lasts."""
        for name in _ONCE:
            if len(lines.get(name, ())) > 1:
                raise Unsupported(Reason.BAD_VALUE, name)
        if "DTSTART" not in lines:
            raise Unsupported(Reason.BAD_VALUE, "DTSTART")
        start = self._moment(lines["DTSTART"][0])
        length = Length(1, 0) if start.whole_day else Length(0, 0)
        if "DTEND" in lines:
            end = self._moment(lines["DTEND"][0])
            if end.whole_day is not start.whole_day:
                raise Unsupported(Reason.BAD_VALUE, lines["DTEND"][0].text[:200])
            if start.whole_day:
                length = Length((end.wall - start.wall) // DAY, 0)
            else:
                length = Length(0, end.instant - start.instant)
        if "DURATION" in lines:
            line = lines["DURATION"][0]
            duration = _duration(line.value, line)
            if "DTEND" in lines and _end(start, duration) != _end(start, length):
                raise Unsupported(Reason.END_AND_DURATION, line.value)
            if "DTEND" not in lines:
                length = duration
        if not _FIRST <= start.instant + length.days * DAY + length.seconds < FOREVER:
            raise Unsupported(Reason.BAD_VALUE, lines["DTSTART"][0].text[:200])
        return start, length

    def _moment(self, line: Line, value: str | None = None, kind: str = "") -> _Moment:
        """A DATE or DATE-TIME of this line.  Raises Unsupported."""
        text = line.value if value is None else value
        if not kind and line.params:
            kind = (line.param("VALUE") or "").upper()
        match = _DATE.fullmatch(text)
        if match is None or (kind and kind != ("DATE" if match[4] is None else "DATE-TIME")):
            raise Unsupported(Reason.BAD_VALUE, line.text[:200])
        year, month, day, hour, minute, second, universal = match.groups()
        try:
            wall = day_of(int(year), int(month), int(day)) * DAY
        except ValueError as error:
            raise Unsupported(Reason.BAD_VALUE, line.text[:200]) from error
        if hour is None:
            where: tzinfo = self.room_zone
        else:
            if int(hour) > 23 or int(minute) > 59 or int(second) > 60:
                raise Unsupported(Reason.BAD_VALUE, line.text[:200])
            wall += int(hour) * 3600 + int(minute) * 60 + min(int(second), 59)
            tzid = line.param("TZID") if line.params else None
            if universal:
                if tzid and not self._is_universal(tzid):
                    raise Unsupported(Reason.ZONE_ON_UTC, tzid)
                where = UTC
            else:
                where = self._zone(tzid) if tzid else self.room_zone
        instant = instant_of(where, wall)
        if not _FIRST <= instant < FOREVER:
            raise Unsupported(Reason.BAD_VALUE, line.text[:200])
        return _Moment(wall, where, instant, hour is None)

    def _zone(self, tzid: str) -> tzinfo:
        found = self.zones.get(tzid)
        if found is None:
            found = UTC if is_universal(tzid) else zone(tzid, self.obj.root, self.room_zone)
            self.zones[tzid] = found
        return found

    def _is_universal(self, tzid: str) -> bool:
        return is_universal(tzid) or getattr(self._zone(tzid), "always_universal", False) is True


def _times_of(event: Component) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for child in event.children:
        if child.name in _TIMES and isinstance(child, Line):
            found.setdefault(child.name, []).append(child)
    return found


def _end(start: _Moment, length: Length) -> int:
    return start.instant + length.seconds if not length.days else _end_of(start.zone, start.wall, length)


def _end_of(where: tzinfo, wall: int, length: Length) -> int:
    """Days are days of the calendar, the rest is exact (RFC 5545 section 3.3.6)."""
    if not length.days:
        return instant_of(where, wall) + length.seconds
    return instant_of(where, min(max(wall + length.days * DAY, DAY), LAST_DAY * DAY)) + length.seconds


@lru_cache(maxsize=256)
def parse_duration(text: str) -> Length | None:
    """A DURATION (RFC 5545 section 3.3.6), weeks as days; None if it is none."""
    match = _DURATION.fullmatch(text.upper())
    if match is None or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    found = Length(sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds))
    return found if abs(found.days) + abs(found.seconds) // DAY < LAST_DAY else None


def _duration(text: str, line: Line) -> Length:
    found = parse_duration(text)
    if found is None:
        raise Unsupported(Reason.BAD_VALUE, line.text[:200])
    return found


def _dates(rule: Rule, start: _Moment) -> list[int]:
    """The walls of a rule with COUNT or UNTIL, at most 10,000.  Raises Unsupported."""
    found: list[int] = []
    count = rule.count or MOST + 1
    last = (LAST_DAY + 1) * DAY
    last_instant: int | None = None
    if rule.until is not None:
        match = _DATE.fullmatch(rule.until)
        if match is None:
            raise Unsupported(Reason.BAD_RULE, rule.until)
        try:
            wall = day_of(int(match[1]), int(match[2]), int(match[3])) * DAY
        except ValueError as error:
            raise Unsupported(Reason.BAD_RULE, rule.until) from error
        if match[4] is None or start.whole_day:
            last = wall + DAY - 1
        else:
            wall += int(match[4]) * 3600 + int(match[5]) * 60 + int(match[6])
            if match[7]:
                last_instant = wall - EPOCH
                last = wall + 2 * DAY
            else:
                last = wall
    for wall in walls(rule, start.wall):
        if wall > last:
            break
        if last_instant is not None and instant_of(start.zone, wall) > last_instant:
            continue
        found.append(wall)
        if len(found) > MOST:
            raise Unsupported(Reason.TOO_MANY, rule.freq)
        if len(found) == count:
            break
    if not found:
        raise Unsupported(Reason.EMPTY_RULE, rule.freq)
    return found
