"""Stored texts put together: a whole room as one calendar, a series as its single dates.

Stored texts are tidy (CRLF, names of components in capitals or not, lines folded anywhere), so most of it is done on
the text itself; an object is parsed only where a time zone must be renamed or something stands in an unusual place.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
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
_CLOSE_LENGTH = len(_CLOSE)
_FIRST_LINE = b"BEGIN:VEVENT\r\n"
_LAST_LINES = (_EVENT_END + _CLOSE).encode()
_EVENT_BYTES = _EVENT.encode()
_ZONE_BEGINS = b"BEGIN:VTIMEZONE"
_CAPITALS = bytes(range(256)).upper()

TOGETHER = 250
"""Objects of a whole calendar that are composed at a time."""
_HEADS = 500
"""Beginnings of objects that a composed calendar remembers."""
_LONGEST_HEAD = 20_000
_NO_HEAD = b"\0"

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


def calendar(name: str, description: str, objects: Iterable[bytes], more: Iterable[str] = ()) -> Iterator[bytes]:
    """One calendar of many objects, piece by piece; each TZID is defined once, and renamed where two differ.

    Objects and pieces are UTF-8: nothing need be decoded that is only copied. `more` are further lines of the calendar.
    """
    heading = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n"
    heading += contentline.fold(f"X-WR-CALNAME:{contentline.escape_text(name)}")
    if description:
        heading += contentline.fold(f"X-WR-CALDESC:{contentline.escape_text(description)}")
    heading += "".join(map(contentline.fold, more))
    yield heading.encode()
    known = _Zones()
    texts = iter(objects)
    while some := list(islice(texts, TOGETHER)):
        yield from known.taken(some)
    yield _CLOSE.encode()


@dataclass(slots=True)
class _Zones:
    """The zones that a composed calendar has defined so far."""

    defined: set[str] = field(default_factory=set)
    named: dict[tuple[str, str], str] = field(default_factory=dict)  # (TZID, definition) -> the name it has here
    settled: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    """What stands before the first property of the first event, for objects that are taken as they stand -> the TZIDs
    that behind it mean what they mean in this calendar."""

    def taken(self, texts: Iterable[bytes]) -> Iterator[bytes]:
        """Objects' events, after the definitions of zones that they are the first to need.

        Clients begin all that they write with the same lines, so what begins alike is joined and looked at as one.
        """
        alike: dict[bytes, list[bytes]] = {}
        head, some = _NO_HEAD, list[bytes]()
        for text in texts:
            if not text.startswith(head):
                its_head = _head_of(text)
                if its_head not in self.settled:
                    yield self._read(text.decode()).encode()
                    continue
                head, some = its_head, alike.setdefault(its_head, [])
            some.append(text)
        for head, some in alike.items():
            yield from self._joined(head, some)

    def _joined(self, head: bytes, texts: list[bytes]) -> Iterator[bytes]:
        """The events of objects that begin with a settled head; those that do not fit it are read each by itself."""
        start = len(head) - len(_FIRST_LINE)
        bodies = [text[start:-_CLOSE_LENGTH] for text in texts if text.endswith(_LAST_LINES)]
        body = b"".join(bodies)
        if len(bodies) == len(texts) and _names_only(body, self.settled[head]):
            yield body
        elif len(texts) == 1:
            yield self._read(texts[0].decode()).encode()
        else:
            half = len(texts) // 2
            yield from self._joined(head, texts[:half])
            yield from self._joined(head, texts[half:])

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
            self._settle(text, needed, len(root.components("VTIMEZONE")))
        return "".join(parts)

    def _settle(self, text: str, needed: Sequence[str], zones: int) -> None:
        """Remembers how an object begins that stands here under the names of its own, if all its zones stand there."""
        head = _head_of(text.encode())
        if not head.endswith(_EVENT_BYTES) or len(head) > _LONGEST_HEAD or head.count(_ZONE.encode()) != zones:
            return
        if head in self.settled or len(self.settled) < _HEADS:
            self.settled[head] = tuple(dict.fromkeys((*self.settled.get(head, ()), *needed)))

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


def _head_of(text: bytes) -> bytes:
    """What stands before the first property of the first event."""
    return text[: text.find(_EVENT_BYTES) + len(_EVENT_BYTES)]


def _names_only(body: bytes, tzids: Iterable[str]) -> bool:
    """Whether events name no zone but these, each written plainly, and define none.

    Without line ends and blanks, in capitals, nothing is folded or in another case; what looks like the name of a zone
    in the midst of a text only makes the answer no.
    """
    bare = body.translate(_CAPITALS, b"\r\n\t ")
    if _ZONE_BEGINS in bare:
        return False
    plain = sum(body.count(f";TZID={contentline.quote(tzid)}:".encode()) for tzid in tzids)
    return bare.count(b";TZID=") == plain


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
