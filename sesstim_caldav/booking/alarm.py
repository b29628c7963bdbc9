"""When an alarm rings: the trigger of a VALARM and its repetitions (RFC 5545 section 3.6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice

from sesstim_caldav.booking.contentline import Component
from sesstim_caldav.booking.pattern import Length
from sesstim_caldav.booking.recurrence import DAY, LAST_DAY
from sesstim_caldav.booking.schedule import FOREVER, Schedule, parse_duration
from sesstim_caldav.booking.zones import EPOCH, instant_of, wall_of

_MOST_EXAMINED = 2_000
"""Occurrences that are looked at for one question."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`at` is a fixed moment in UTC epoch seconds; None: `offset` from the start, or `from_end`, of every occurrence.

    It rings again `repeats` times, `every` so many seconds.
    """

    at: int | None
    offset: Length
    from_end: bool
    repeats: int
    every: int

    def rings(self, times: Schedule, event: int, start: int, end: int) -> bool:
        """Whether it rings at or after `start` and before `end` (UTC epoch seconds; RFC 4791 section 9.9).

        `event` is the index of the alarm's own VEVENT, whose occurrences it rings for.
        """
        if self.at is not None:
            return self._within(self.at, start, end)
        # a day of the calendar has up to an hour or two more or less than 24
        shift, margin = self.offset.total, DAY
        earliest = max(start - shift - self.repeats * self.every - margin, DAY - EPOCH)
        latest = min(end - shift + margin, FOREVER)
        return any(
            occurrence.event == event
            and self._within(self._trigger(occurrence.start, occurrence.end, times.zone), start, end)
            for occurrence in islice(times.between(earliest, latest), _MOST_EXAMINED)
        )

    def _trigger(self, start: int, end: int, where: tzinfo) -> int:
        base = end if self.from_end else start
        if self.offset.days:
            wall = wall_of(where, base) + self.offset.days * DAY
            base = instant_of(where, min(max(wall, DAY), LAST_DAY * DAY))  # no clock shows a time outside of these
        return base + self.offset.seconds

    def _within(self, first: int, start: int, end: int) -> bool:
        """Whether the first ring or one of its repetitions falls inside."""
        again = min(max(0, -(-(start - first) // self.every)), self.repeats) if self.every > 0 else 0
        return start <= first + again * self.every < end


def read(component: Component) -> Alarm | None:
    """The alarm that a VALARM is; None where its trigger cannot be read."""
    trigger = component.line("TRIGGER")
    if trigger is None:
        return None
    at, offset = None, parse_duration(trigger.value.strip())
    if offset is None:
        try:
            at = int(datetime.strptime(trigger.value.strip(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
        except ValueError:
            return None
    repeat, duration = component.line("REPEAT"), component.line("DURATION")
    every = parse_duration(duration.value.strip()) if duration else None
    again = repeat.value.strip() if repeat else ""
    repeats = int(again) if every and every.total > 0 and again.isdecimal() and len(again) <= 9 else 0
    from_end = (trigger.param("RELATED") or "").upper() == "END"
    return Alarm(at, offset or Length(0, 0), from_end, repeats, every.total if every and repeats else 0)
