"""Stored texts put together: a whole room as one calendar, a series as its single dates.

Stored texts are tidy (CRLF, names of components in capitals or not, lines folded anywhere), so most of it is done on
the text itself; an object is parsed only where a time zone must be renamed or something stands in an unusual place.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import contentline, zones
from sesstim_caldav.booking.calendar_object import PRODUCT, Unsupported
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.vtimezone import definition

_EVENT = "\r\nBEGIN:VEVENT\r\n"
_EVENT_END = "\r\nEND:VEVENT\r\n"
_ZONE = "\r\nBEGIN:VTIMEZONE\r\n"
_CLOSE = "END:VCALENDAR\r\n"

_TIMES = re.compile(
    r"^(?:DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|EXRULE|RECURRENCE-ID)[;:].*\r\n(?:[ \t].*\r\n)*",
    re.IGNORECASE | re.MULTILINE,
)
_NESTED = re.compile(r"^BEGIN:", re.IGNORECASE | re.MULTILINE)
_TZID = re.compile(r';TZID=(?:"[^"\r\n]*"|[^";:,\r\n]*)', re.IGNORECASE)


# -- single dates


def expand(text: str, *occurrences: Occurrence) -> str:
    """A stored object as the given dates of it, in UTC, without rule and zones (RFC 4791 9.6.5).

    `occurrences` are the object's own; `Occurrence.event` says which of its VEVENTs describes each.
    """
    parts = [_head(text)]
    bodies = _bodies(text)
    for occurrence in occurrences:
        properties, nested = bodies[occurrence.event if occurrence.event < len(bodies) else 0]
        recurrence = ""
        if occurrence.recurrence_id is not None:
            recurrence = f"RECURRENCE-ID:{_utc(occurrence.recurrence_id)}\r\n"
        parts.append(
            f"BEGIN:VEVENT\r\n{recurrence}DTSTART:{_utc(occurrence.start)}\r\nDTEND:{_utc(occurrence.end)}\r\n"
            f"{properties}{nested}END:VEVENT\r\n"
        )
    parts.append(_CLOSE)
    return "".join(parts)


def _head(text: str) -> str:
    """The calendar's first line and its own properties."""
    first = text.find("\r\nBEGIN:", 5)
    head = text[: first + 2] if first >= 0 else ""
    if "\r\nVERSION" not in head:
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n"
    return head


def _bodies(text: str) -> list[tuple[str, str]]:
    """Every VEVENT's properties that are no times, and its alarms and other parts, in the order of the object."""
    if text.count("\r\nBEGIN:VEVENT") != text.count(_EVENT) or text.find(_EVENT) < 0:
        text = contentline.write(contentline.parse(text))
    bodies = []
    for block in text.split(_EVENT)[1:]:
        body = block[: block.find("\r\nEND:VEVENT") + 2]
        nested = _NESTED.search(body)
        if nested is None:
            bodies.append((_TIMES.sub("", body), ""))
            continue
        properties, parts = body[: nested.start()], body[nested.start() :]
        last = parts.rfind("\r\nEND:") + 2
        behind = parts.find("\r\n", last) + 2
        if behind < len(parts) or parts.count("\r\nEND:") > 1:
            properties, parts = _sorted(body)
        else:
            properties = _TIMES.sub("", properties)
        bodies.append((properties, parts))
    return bodies


def _sorted(body: str) -> tuple[str, str]:
    """Properties without times, and components, where they stand among each other."""
    event = contentline.parse(f"BEGIN:VEVENT\r\n{body}END:VEVENT\r\n")
    lines = [contentline.fold(child.text) for child in event.children if isinstance(child, Line)]
    parts = [contentline.write(child) for child in event.children if isinstance(child, Component)]
    return _TIMES.sub("", "".join(lines)), "".join(parts)


def _utc(instant: int) -> str:
    moment = time.gmtime(instant)
    return "%04d%02d%02dT%02d%02d%02dZ" % moment[:6]  # noqa: UP031 (half the time of an f-string here)


# -- whole calendars


def fragment(text: str) -> str:
    """The VEVENTs of an object, as they stand."""
    start, end = text.find(_EVENT), text.rfind(_EVENT_END)
    if start < 0 or end < 0 or _ZONE in text[start:end]:
        events = contentline.parse(text).components("VEVENT")
        return "".join(contentline.write(event) for event in events)
    return text[start + 2 : end + len(_EVENT_END)]


def calendar(name: str, description: str, objects: Iterable[str]) -> Iterator[str]:
    """One calendar of many objects, piece by piece; each TZID is defined once, and renamed where two differ."""
    heading = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n"
    heading += contentline.fold(f"X-WR-CALNAME:{contentline.escape_text(name)}")
    if description:
        heading += contentline.fold(f"X-WR-CALDESC:{contentline.escape_text(description)}")
    yield heading
    known = _Zones()
    for text in objects:
        yield known.taken(text)
    yield _CLOSE


@dataclass(slots=True)
class _Zones:
    """The zones that a composed calendar has defined so far."""

    defined: set[str] = field(default_factory=set)
    named: dict[tuple[str, str], str] = field(default_factory=dict)  # (TZID, definition) -> the name it has here
    settled: dict[str, str | None] = field(default_factory=dict)  # heads of objects seen -> the only TZID they define

    def taken(self, text: str) -> str:
        """An object's events, after the definitions of zones that they are the first to need."""
        start, end = text.find(_EVENT), text.rfind(_EVENT_END)
        if start >= 0 and text.endswith(_CLOSE) and end + len(_EVENT_END) + len(_CLOSE) == len(text):
            head = text[:start]
            if head in self.settled:
                body = text[start + 2 : end + len(_EVENT_END)]
                only = self.settled[head]
                named = body.count(";TZID=")
                if named == (body.count(f";TZID={only}:") if only else 0) and "BEGIN:VTIMEZONE" not in body:
                    return body
        return self._read(text)

    def _read(self, text: str) -> str:
        root = contentline.parse(text)
        own = {
            line.value.strip().strip('"'): zone
            for zone in root.components("VTIMEZONE")
            if (line := zone.line("TZID")) is not None
        }
        events = root.components("VEVENT")
        needed = list(dict.fromkeys(tzid for event in events for tzid in _tzids(event)))
        renaming: dict[str, str] = {}
        parts: list[str] = []
        for tzid in needed:
            here, definition = self._name(tzid, own.get(tzid))
            if definition:
                parts.append(definition)
            if here != tzid:
                renaming[tzid] = here
        if renaming:
            parts += [contentline.write(_renamed(event, renaming)) for event in events]
        else:
            parts.append(fragment(text))
            start = text.find(_EVENT)
            if start >= 0 and len(self.settled) < 500 and start < 20_000:
                self.settled[text[:start]] = needed[0] if len(needed) == 1 and len(own) <= 1 else None
        return "".join(parts)

    def _name(self, tzid: str, zone: Component | None) -> tuple[str, str]:
        """The name that a zone has in this calendar, and its definition where it is new here."""
        meaning = _definition(tzid, zone)
        if meaning is None:
            return tzid, ""
        known = self.named.get((tzid, meaning))
        if known is not None:
            return known, ""
        here, number = tzid, 2
        while here in self.defined:
            here, number = f"{tzid} {number}", number + 1
        self.defined.add(here)
        self.named[(tzid, meaning)] = here
        if here == tzid:
            return here, meaning
        return here, contentline.write(_zone_called(contentline.parse(meaning), here))


def _tzids(component: Component) -> Iterator[str]:
    for child in component.children:
        if isinstance(child, Component):
            yield from _tzids(child)
        elif (tzid := child.param("TZID")) is not None:
            yield tzid


def _renamed(component: Component, names: dict[str, str]) -> Component:
    """A component whose lines name their zones anew."""
    children: list[Line | Component] = []
    for child in component.children:
        if isinstance(child, Component):
            children.append(_renamed(child, names))
            continue
        tzid = child.param("TZID")
        if tzid is not None and tzid in names:
            here = names[tzid]
            head = child.text[: len(child.text) - len(child.value)]
            before, after = _TZID.split(head, maxsplit=1)
            params = tuple((key, (here,) if key == "TZID" else values) for key, values in child.params)
            text = f"{before};TZID={contentline.quote(here)}{after}{child.value}"
            children.append(Line(child.name, params, child.value, text))
        else:
            children.append(child)
    return Component(component.name, children)


def _zone_called(zone: Component, name: str) -> Component:
    line = contentline.make_line("TZID", name)
    return Component(
        zone.name, [line if isinstance(child, Line) and child.name == "TZID" else child for child in zone.children]
    )


def _definition(tzid: str, zone: Component | None) -> str | None:
    """What a TZID means: a zone known by name, else the object's own VTIMEZONE; None where it means nothing."""
    try:
        found = zones.zone(tzid, Component("VCALENDAR", [zone] if zone is not None else []), _UTC)
    except Unsupported:
        return contentline.write(zone) if zone is not None else None
    if isinstance(found, ZoneInfo):
        return definition(tzid, found)
    return contentline.write(zone) if zone is not None else None


_UTC = ZoneInfo("UTC")
