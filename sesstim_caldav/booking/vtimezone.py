"""A VTIMEZONE (RFC 5545 3.6.5) for a zone known by name, exact from 1970 to 2037 and by its last rule after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.contentline import fold

_FIRST = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(2038, 1, 1, tzinfo=UTC).timestamp())
_STEP = 7 * 86_400
_LAST_YEAR = 2037
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Change(NamedTuple):
    """A change of the offset: the wall clock before it (RFC 5545 wants onsets so), the offsets in seconds."""

    onset: datetime
    before: int
    after: int
    summer: bool
    name: str


@lru_cache(maxsize=256)
def definition(tzid: str, zone: ZoneInfo) -> str:
    """The VTIMEZONE of `zone` under the name `tzid`, as text with CRLF, lines folded."""
    begins = datetime.fromtimestamp(_FIRST, zone)
    base = _seconds(begins.utcoffset())
    first = _Change(datetime(1970, 1, 1), base, base, False, begins.tzname() or "")  # noqa: DTZ001
    kinds: dict[tuple[int, int, bool, str], list[_Change]] = {}
    for change in _changes(zone):
        kinds.setdefault(change[1:], []).append(change)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{tzid}", *_observance([first], "")]
    for changes in kinds.values():
        ruled = _ruled(changes)
        if ruled:
            lines += _observance(ruled, _rule(ruled))
        single = changes[: len(changes) - len(ruled)]
        if single:
            lines += _observance(single, "")
    lines.append("END:VTIMEZONE")
    return "".join(fold(line) for line in lines)


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0


def _changes(zone: ZoneInfo) -> list[_Change]:
    found = []
    left, state = _FIRST, _state(zone, _FIRST)
    while left < _LAST:
        right = min(left + _STEP, _LAST)
        if _state(zone, right) == state:
            left = right
            continue
        while right - left > 1:
            middle = (left + right) // 2
            if _state(zone, middle) == state:
                left = middle
            else:
                right = middle
        onset = datetime.fromtimestamp(right + state[0], UTC).replace(tzinfo=None)
        left, before, state = right, state[0], _state(zone, right)
        found.append(_Change(onset, before, *state))
    return found


def _state(zone: ZoneInfo, instant: int) -> tuple[int, bool, str]:
    clock = datetime.fromtimestamp(instant, zone)
    return _seconds(clock.utcoffset()), bool(clock.dst()), clock.tzname() or ""


def _ruled(changes: list[_Change]) -> list[_Change]:
    """The last changes that one yearly rule gives, up to the last year known; none where there is no such rule."""
    if len(changes) < 3 or changes[-1].onset.year != _LAST_YEAR:
        return []
    for length in range(len(changes), 2, -1):
        tail = changes[-length:]
        if tail[0].onset.year == _LAST_YEAR - length + 1 and _rule(tail):
            return tail
    return []


def _rule(changes: list[_Change]) -> str:
    """The yearly rule that gives these changes, one a year; empty where none does."""
    onsets = [change.onset for change in changes]
    first = onsets[0]
    years = [onset.year for onset in onsets]
    alike = {(onset.month, onset.weekday(), onset.time()) for onset in onsets}
    if len(alike) != 1 or years != list(range(years[0], years[0] + len(years))):
        return ""
    if all((onset + timedelta(days=7)).month != onset.month for onset in onsets):
        place = -1
    elif len({(onset.day - 1) // 7 for onset in onsets}) == 1:
        place = (first.day - 1) // 7 + 1
    else:
        return ""
    return f"RRULE:FREQ=YEARLY;BYMONTH={first.month};BYDAY={place}{_DAYS[first.weekday()]}"


def _observance(changes: list[_Change], rule: str) -> list[str]:
    first = changes[0]
    kind = "DAYLIGHT" if first.summer else "STANDARD"
    lines = [f"BEGIN:{kind}", f"DTSTART:{first.onset:%Y%m%dT%H%M%S}"]
    if rule:
        lines.append(rule)
    elif len(changes) > 1:
        lines.append("RDATE:" + ",".join(f"{change.onset:%Y%m%dT%H%M%S}" for change in changes[1:]))
    lines += [f"TZOFFSETFROM:{_offset(first.before)}", f"TZOFFSETTO:{_offset(first.after)}"]
    if first.name:
        lines.append(f"TZNAME:{first.name}")
    return [*lines, f"END:{kind}"]


def _offset(seconds: int) -> str:
    """ "+0100"; the few offsets with seconds (before 1972) are cut to the minute, as many readers want."""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"
