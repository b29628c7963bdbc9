"""A series ended at a moment: what has begun stays as it was, what was to come is gone."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import calendar_object, contentline
from sesstim_caldav.booking.calendar_object import CalendarObject, Reason, Unsupported
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.schedule import Schedule, instants, schedule
from sesstim_caldav.booking.zones import EPOCH, wall_of


def ended(obj: CalendarObject, at: int, room_zone: ZoneInfo) -> str | None:
    """The booking's text with the occurrences that begin before `at` (UTC epoch seconds) and no others.

    The same text where none begins later, None where none begins before. A rule ends by UNTIL (RFC 5545 section
    3.3.10); RDATEs and overrides to come are taken out. A date of the past that an override had put off is excluded,
    rather than brought back. `room_zone` reads floating times. Raises Unsupported as `schedule` does.
    """
    times = schedule(obj, room_zone)
    kept = times.occurrences(at)
    if not kept:
        return None
    if not times.endless and kept == times.extras:
        return obj.text
    return _Cutting(obj, at, room_zone).text()


class _Cutting:
    def __init__(self, obj: CalendarObject, at: int, room_zone: ZoneInfo) -> None:
        self.obj = obj
        self.at = at
        self.room_zone = room_zone

    def text(self) -> str:
        excluded: list[Line] = []
        overrides: dict[int, Component | None] = {}
        for event in self.obj.events:
            line = event.line("RECURRENCE-ID")
            if line is not None and not self._stays(event, line):
                overrides[id(event)] = None
                if self._first(line) < self.at:
                    excluded.append(_excluding(line))
        master = self.obj.master
        if master is None:
            return self._written(overrides)
        series = self._without_later_dates(master, excluded)
        text = self._written(overrides | {id(master): series})
        times = self._times(text)
        goes_on = times is None or times.endless or any(held.start >= self.at for held in times.extras)
        return self._cut(master, series, overrides) if goes_on else text

    def _cut(self, master: Component, series: Component, overrides: dict[int, Component | None]) -> str:
        """The rule ended by UNTIL; where it then has no date at all it goes, and DTSTART too if that is to come."""
        text = self._written(overrides | {id(master): self._until(series)})
        if self._times(text) is not None:
            return text
        start = series.line("DTSTART")
        assert start is not None
        later = [_excluding(start)] if self._first(start) >= self.at else []
        children = [c for c in series.children if not (isinstance(c, Line) and c.name == "RRULE")]
        return self._written(overrides | {id(master): _with_lines(Component(series.name, children), later)})

    def _stays(self, event: Component, recurrence_id: Line) -> bool:
        """Whether an override is of the time before: by when it begins, or, if cancelled, by the date that it frees."""
        line = event.line("DTSTART")
        if line is None or calendar_object.is_cancelled(event):
            line = recurrence_id
        return self._first(line) < self.at

    def _without_later_dates(self, master: Component, excluded: list[Line]) -> Component:
        children: list[Line | Component] = []
        for child in master.children:
            if isinstance(child, Line) and child.name == "RDATE":
                values = [value for value, instant in instants(self.obj, child, self.room_zone) if instant < self.at]
                if values:
                    children.append(_valued(child, ",".join(values)))
            else:
                children.append(child)
        return _with_lines(Component(master.name, children), excluded)

    def _until(self, series: Component) -> Component:
        start, rule = series.line("DTSTART"), series.line("RRULE")
        assert start is not None
        if rule is None:
            return _with_lines(series, [_excluding(start)])
        last = self.at - 1
        value, tzid = start.value.strip(), start.param("TZID")
        if "T" not in value.upper():
            until = _written_wall(wall_of(self.room_zone, last))[:8]
        elif tzid is None and not value.upper().endswith("Z"):
            until = _written_wall(wall_of(self.room_zone, last))
        else:
            until = _written_wall(last + EPOCH) + "Z"
        parts = [part for part in rule.value.split(";") if part and part.upper()[:6] not in ("COUNT=", "UNTIL=")]
        ended = _valued(rule, ";".join([*parts, f"UNTIL={until}"]))
        return Component(series.name, [ended if child is rule else child for child in series.children])

    def _times(self, text: str) -> Schedule | None:
        """The schedule of a text; None where its rule would have no date."""
        try:
            return schedule(calendar_object.read(text), self.room_zone)
        except Unsupported as unsupported:
            if unsupported.reason is not Reason.EMPTY_RULE:
                raise
            return None

    def _first(self, line: Line) -> int:
        return instants(self.obj, line, self.room_zone)[0][1]

    def _written(self, events: dict[int, Component | None]) -> str:
        """The object with some of its VEVENTs replaced or, by None, left out."""
        children = []
        for child in self.obj.root.children:
            standing = events.get(id(child), child)
            if standing is not None:
                children.append(standing)
        return contentline.write(Component(self.obj.root.name, children))


def _excluding(line: Line) -> Line:
    """An EXDATE of the time that a DTSTART or a RECURRENCE-ID names, in its zone and type."""
    params = [(name, values[0]) for name, values in line.params if name in ("TZID", "VALUE")]
    return contentline.make_line("EXDATE", line.value, params)


def _valued(line: Line, value: str) -> Line:
    head = line.text[: len(line.text) - len(line.value)]
    return Line(line.name, line.params, value, head + value)


def _with_lines(component: Component, lines: list[Line]) -> Component:
    """The component with more lines, before its parts."""
    at = next((i for i, child in enumerate(component.children) if isinstance(child, Component)), None)
    children = list(component.children)
    at = len(children) if at is None else at
    return Component(component.name, [*children[:at], *lines, *children[at:]])


def _written_wall(wall: int) -> str:
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(wall - EPOCH))
