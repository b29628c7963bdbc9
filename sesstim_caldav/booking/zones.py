"""Time zones by the name that a client wrote: IANA, libical's prefixed names, Windows names, or the object's VTIMEZONE.

A name that IANA knows is read by name, whatever a VTIMEZONE beside it claims.  Any other name means the VTIMEZONE of
the same object, never one seen before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from sesstim_caldav.booking.calendar_object import Reason, Unsupported
from sesstim_caldav.booking.contentline import Component, parse, unescape_text, write
from sesstim_caldav.booking.recurrence import CYCLE, DAY, LAST_DAY, Rule, day_of, parse_rule, strand_walls, strands

EPOCH = (datetime(1970, 1, 1).toordinal() - 1) * DAY  # noqa: DTZ001
"""The wall (see ``recurrence``) of 1970-01-01T00:00:00."""

_OLDEST = day_of(1900, 1, 1)
_SOON = day_of(2101, 1, 1)
_MOST_CHANGES = 50_000
_START = datetime(1, 1, 1)  # noqa: DTZ001
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_LOCAL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(Z?)")
_UNIVERSAL = frozenset(
    ["UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "ZULU", "UNIVERSAL", "GREENWICH", "Z", "TZONE://MICROSOFT/UTC"]
)
_NOT_ZONES = ("posix/", "right/", "posixrules", "Factory", "localtime")


def zone(tzid: str, calendar: Component, room_zone: ZoneInfo) -> tzinfo:
    """The zone that a TZID means inside this object; ``room_zone`` stands for an empty name.

    Raises Unsupported (UNKNOWN_ZONE with the TZID; BAD_VALUE for a VTIMEZONE beyond reason).
    """
    if not tzid:
        return room_zone
    known = iana(tzid)
    if known is not None:
        return known
    for definition in calendar.components("VTIMEZONE"):
        line = definition.line("TZID")
        if line is not None and tzid in (line.value.strip().strip('"'), unescape_text(line.value)):
            custom = _custom(definition)
            if custom is not None:
                return custom
    windows = _windows(tzid)
    if windows is None:
        raise Unsupported(Reason.UNKNOWN_ZONE, tzid)
    return windows


def is_universal(tzid: str) -> bool:
    """Whether a TZID is one of the names of UTC."""
    return tzid.upper().removeprefix("ETC/") in _UNIVERSAL


@lru_cache(maxsize=512)
def iana(tzid: str) -> ZoneInfo | None:
    """The IANA zone of this name, in any case, also behind libical's and Mozilla's ``/vendor/version/`` prefixes."""
    candidates = [tzid]
    if tzid.startswith("/"):
        segments = tzid.strip("/").split("/")
        candidates = ["/".join(segments[-length:]) for length in (3, 2, 1) if len(segments) > length]
    for candidate in candidates:
        name = _names().get(candidate.lower())
        if name is not None:
            return ZoneInfo(name)
    return None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    listed = files("tzdata").joinpath("zones").read_text().split()
    return {name.lower(): name for name in listed if not name.startswith(_NOT_ZONES)}


@lru_cache(maxsize=128)
def _windows(tzid: str) -> ZoneInfo | None:
    if is_universal(tzid):
        return ZoneInfo("UTC")
    wanted = tzid.lower()
    for name, olson in WINDOWS_TO_OLSON.items():
        if name.lower() == wanted:
            return iana(olson)
    return None


class DefinedZone(tzinfo):
    """A zone by the observances of a VTIMEZONE (RFC 5545 section 3.6.5).

    Before the first onset (and before 1900, for rules that never end) the first offset holds.
    """

    def __init__(self, name: str, observances: list[_Observance]) -> None:
        self.name = name
        self._observances = observances
        self._far = False
        self._fill(_SOON)

    def _fill(self, until: int) -> None:
        """Work out the changes up to a day; pairs of (onset as UTC seconds since the year 1, offset after)."""
        onsets: dict[int, int] = {}
        for observance in self._observances:
            for wall in observance.onsets(until):
                onsets[wall - observance.before] = observance.after
            if len(onsets) > _MOST_CHANGES:
                raise Unsupported(Reason.BAD_VALUE, self.name)
        before = min(self._observances, key=lambda o: o.start).before
        self.first_offset = before
        changed: list[tuple[int, int, int]] = []
        for onset in sorted(onsets):
            if onsets[onset] != before:
                changed.append((onset, before, onsets[onset]))
                before = onsets[onset]
        # new lists, switches last: other threads may be reading; the later table begins like the earlier one
        self.changes = changed
        self._switches = [onset + max(old, new) for onset, old, new in changed]

    def offset(self, wall: int) -> int:
        """Seconds east of Greenwich at a wall; in a gap and a fold the offset before it (RFC 5545 section 3.3.5)."""
        if not self._far and wall >= _SOON * DAY - 2 * DAY:
            self._fill(LAST_DAY)
            self._far = True
        index = bisect_right(self._switches, wall)
        return self.changes[index - 1][2] if index else self.first_offset

    def universal_offset(self, instant: int) -> int:
        """Seconds east of Greenwich at an instant (UTC seconds since the year 1)."""
        if not self._far and instant >= _SOON * DAY - 2 * DAY:
            self._fill(LAST_DAY)
            self._far = True
        index = bisect_right(self.changes, (instant, DAY * 99, 0))
        return self.changes[index - 1][2] if index else self.first_offset

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        if moment is None:
            return None
        elapsed = moment.replace(tzinfo=None) - _START
        wall = elapsed.days * DAY + elapsed.seconds
        offset = self.offset(wall)
        if moment.fold:
            later = self.universal_offset(wall - offset + 1)
            repeated = self.universal_offset(wall - min(later, offset))
            offset = min(offset, repeated)
        return timedelta(seconds=offset)

    def fromutc(self, moment: datetime) -> datetime:
        elapsed = moment.replace(tzinfo=None) - _START
        instant = elapsed.days * DAY + elapsed.seconds
        offset = self.universal_offset(instant)
        local = moment + timedelta(seconds=offset)
        return local.replace(fold=1) if self.offset(instant + offset) != offset else local

    def dst(self, _moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return self.name

    @property
    def always_universal(self) -> bool:
        """Whether this is UTC under another name."""
        return not self.changes and self.first_offset == 0


class _Observance:
    """A STANDARD or DAYLIGHT: when it sets in (wall of ``before``), and the offsets before and after."""

    def __init__(self, component: Component, name: str) -> None:
        line = component.line("DTSTART")
        start = _local(line.value if line else "")
        before, after = (_seconds(component, key) for key in ("TZOFFSETFROM", "TZOFFSETTO"))
        if start is None or after is None:
            raise ValueError(name)
        self.start = start
        self.after = after
        self.before = after if before is None else before
        self.dates = [start]
        for line in component.lines("RDATE"):
            for value in line.value.split(","):
                date = _local(value.split("/")[0])
                if date is not None:
                    self.dates.append(date)
        self.rules: list[Rule] = [parse_rule(line.value) for line in component.lines("RRULE")]
        if any(rule.freq not in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY") for rule in self.rules):
            raise Unsupported(Reason.BAD_VALUE, name)

    def onsets(self, until_day: int) -> list[int]:
        found = list(self.dates)
        for rule in self.rules:
            last = (until_day + 1) * DAY - 1
            if rule.until is not None:
                written = _local(rule.until if "T" in rule.until else rule.until + "T235959")
                if written is None:
                    raise Unsupported(Reason.BAD_VALUE, "UNTIL")
                last = min(last, written + (self.before if rule.until.endswith("Z") else 0))
            earliest = _OLDEST * DAY if rule.count is None else self.start
            dates = strand_walls(strands(rule, self.start) or (), max(self.start, earliest))
            for index, wall in enumerate(takewhile(lambda wall: wall <= last, dates)):  # noqa: B023
                if index == rule.count:
                    break
                if index > _MOST_CHANGES:
                    raise Unsupported(Reason.BAD_VALUE, "VTIMEZONE")
                found.append(wall)
        return found


def _custom(definition: Component) -> DefinedZone | None:
    """The zone of a VTIMEZONE; None when it says nothing."""
    found = _defined(write(definition))
    if isinstance(found, Unsupported):
        raise Unsupported(found.reason, found.detail)
    return found


@lru_cache(maxsize=256)
def _defined(text: str) -> DefinedZone | Unsupported | None:
    definition = parse(text)
    line = definition.line("TZID")
    name = line.value if line else ""
    observances = [part for part in definition.components() if part.name in ("STANDARD", "DAYLIGHT")]
    if not observances:
        return None
    try:
        return DefinedZone(name, [_Observance(part, name) for part in observances])
    except ValueError:
        return None
    except Unsupported as error:
        return Unsupported(Reason.BAD_VALUE, f"VTIMEZONE {name} ({error.detail})")


def _local(text: str) -> int | None:
    match = _LOCAL.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        return day_of(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    except ValueError:
        return None


def _seconds(component: Component, name: str) -> int | None:
    line = component.line(name)
    match = _OFFSET.fullmatch(line.value.strip()) if line else None
    if match is None:
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    return min(seconds, DAY - 1) * (-1 if match[1] == "-" else 1)


# --- walls and instants ---------------------------------------------------------------------------------------------


def offset_at_wall(where: tzinfo, wall: int) -> int:
    """Seconds east of Greenwich of a wall; in a gap the offset before it, in a fold the first (RFC 5545 3.3.5)."""
    if where is UTC:
        return 0
    if isinstance(where, DefinedZone):
        return where.offset(wall)
    offset = (_START + timedelta(seconds=wall)).replace(tzinfo=where).utcoffset()
    return offset.days * DAY + offset.seconds if offset else 0


def instant_of(where: tzinfo, wall: int) -> int:
    """The instant (UTC epoch seconds) of a wall."""
    return wall - offset_at_wall(where, wall) - EPOCH


def wall_of(where: tzinfo, instant: int) -> int:
    """The wall of an instant (UTC epoch seconds) that lies in the years 1 to 9999."""
    if where is UTC:
        return instant + EPOCH
    if isinstance(where, DefinedZone):
        return instant + EPOCH + where.universal_offset(instant + EPOCH)
    universal = min(max(instant + EPOCH, DAY), LAST_DAY * DAY)
    offset = (_START + timedelta(seconds=universal)).replace(tzinfo=UTC).astimezone(where).utcoffset()
    return instant + EPOCH + (offset.days * DAY + offset.seconds if offset else 0)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a zone's offset: the onset in UTC seconds since the year 1, the offsets before and after."""

    onset: int
    before: int
    after: int

    @property
    def switch(self) -> int:
        """The first wall that is read with the offset after."""
        return self.onset + max(self.before, self.after)


MODERN = day_of(1990, 1, 1) * DAY
"""The wall from which the changes of a zone are listed."""

_SETTLED = day_of(2101, 1, 1)


@lru_cache(maxsize=32)
def changes(where: tzinfo) -> tuple[int, tuple[Change, ...]]:
    """The offset at 1 January 1990 and every change from then until 9999-12-31.

    An IANA zone is sampled every week until 2101, then every four weeks of one cycle of 400 years, which repeats
    for ever (by then only the rule at the end of the zone's file is left, with two changes a year at most).
    """
    if where is UTC:
        return 0, ()
    if isinstance(where, DefinedZone):
        where.offset(LAST_DAY * DAY)
        return where.universal_offset(MODERN), tuple(Change(*change) for change in where.changes if change[0] >= MODERN)
    begin, settled = MODERN, _SETTLED * DAY
    recent = _sampled(where, begin, settled, 7 * DAY)
    lasting = _sampled(where, settled, settled + CYCLE * DAY, 28 * DAY)
    found = list(recent)
    shift = 0
    while lasting and settled + shift <= LAST_DAY * DAY:
        found += [Change(change.onset + shift, change.before, change.after) for change in lasting]
        shift += CYCLE * DAY
    return wall_of(where, begin - EPOCH) - begin, tuple(c for c in found if c.onset <= LAST_DAY * DAY)


def _sampled(where: tzinfo, begin: int, end: int, step: int) -> list[Change]:
    def offset(universal: int) -> int:
        return wall_of(where, universal - EPOCH) - universal

    found = []
    low, before = begin, offset(begin)
    while low < end:
        high = min(low + step, end)
        after = offset(high)
        if after != before:
            left, right = low, high
            while right - left > 1:
                middle = (left + right) // 2
                left, right = (left, middle) if offset(middle) != before else (middle, right)
            found.append(Change(right, before, after))
        low, before = high, after
    return found
