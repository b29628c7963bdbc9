"""A calendar object resource (RFC 4791 section 4.1): one UID, its VEVENTs, and the zones that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sesstim_caldav.booking.contentline import (
    Component,
    Line,
    Malformed,
    make_line,
    mend,
    parse_all,
    unescape_text,
    write,
)

LARGEST = 4 * 2**20
"""The most octets that one calendar object may have."""

LONGEST_UID = 1000
"""The most characters that a UID may have."""

PRODUCT = "-//SESSTIM//sesstim-caldav//FR"


class Precondition(Enum):
    """The preconditions of RFC 4791 section 5.3.2.1 that an object can break."""

    VALID_CALENDAR_DATA = "valid-calendar-data"
    SUPPORTED_CALENDAR_COMPONENT = "supported-calendar-component"
    VALID_CALENDAR_OBJECT_RESOURCE = "valid-calendar-object-resource"


class Reason(Enum):
    """Why a calendar object cannot be held."""

    NOT_ICALENDAR = "not-icalendar"
    NO_UID = "no-uid"
    SEVERAL_UIDS = "several-uids"
    WRONG_COMPONENT = "wrong-component"
    METHOD = "method"
    EMPTY_RULE = "empty-rule"
    TOO_MANY = "too-many"
    BAD_COUNT = "bad-count"
    COUNT_AND_UNTIL = "count-and-until"
    TWO_RRULES = "two-rrules"
    EXRULE = "exrule"
    RECURRENCE_ID_TWICE = "recurrence-id-twice"
    END_AND_DURATION = "end-and-duration"
    UNKNOWN_ZONE = "unknown-zone"
    ZONE_ON_UTC = "zone-on-utc"
    THIS_AND_FUTURE = "this-and-future"
    BAD_RULE = "bad-rule"
    BAD_VALUE = "bad-value"
    TOO_LARGE = "too-large"


_PRECONDITIONS = {
    Reason.WRONG_COMPONENT: Precondition.SUPPORTED_CALENDAR_COMPONENT,
    Reason.METHOD: Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
    Reason.SEVERAL_UIDS: Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
    Reason.NO_UID: Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
    Reason.RECURRENCE_ID_TWICE: Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
}


class Unsupported(Exception):
    """The object cannot be held; ``detail`` names what was met (a TZID, a property, a rule).

    ``uid`` and ``summary`` tell which event of a file it was, where that is known.
    """

    def __init__(self, reason: Reason, detail: str = "", uid: str | None = None, summary: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.uid = uid
        self.summary = summary

    @property
    def precondition(self) -> Precondition:
        """The precondition of RFC 4791 that stands beside ours."""
        return _PRECONDITIONS.get(self.reason, Precondition.VALID_CALENDAR_DATA)

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """A calendar object: the text that would be stored (CRLF), whether it is what was sent, and its VEVENTs."""

    text: str
    untouched: bool
    root: Component
    uid: str
    events: tuple[Component, ...]

    @property
    def master(self) -> Component | None:
        """The VEVENT without RECURRENCE-ID; None when the object holds overrides alone."""
        return next((event for event in self.events if event.line("RECURRENCE-ID") is None), None)

    @property
    def organizer(self) -> Line | None:
        """The ORGANIZER of the master, else of the first event."""
        return (self.master or self.events[0]).line("ORGANIZER")

    @property
    def summary(self) -> str:
        """The title of the master, else of the first event, unescaped; empty when there is none."""
        line = (self.master or self.events[0]).line("SUMMARY")
        return unescape_text(line.value) if line else ""

    @property
    def private(self) -> bool:
        """Whether any event has a CLASS other than PUBLIC (an unknown one counts as PRIVATE, RFC 5545 3.8.1.3)."""
        return any(line.value.strip().upper() not in ("PUBLIC", "") for e in self.events for line in e.lines("CLASS"))

    @property
    def cancelled(self) -> bool:
        """Whether the booking as a whole is STATUS:CANCELLED."""
        master = self.master
        return is_cancelled(master) if master else all(is_cancelled(event) for event in self.events)


def is_cancelled(event: Component) -> bool:
    """Whether this VEVENT is STATUS:CANCELLED."""
    status = event.line("STATUS")
    return status is not None and status.value.strip().upper() == "CANCELLED"


def read(data: bytes | str) -> CalendarObject:
    """One calendar object resource as a client sends it.  Raises Unsupported."""
    octets = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(octets) > LARGEST:
        raise Unsupported(Reason.TOO_LARGE)
    try:
        text, untouched = mend(octets)
        calendars = parse_all(text)
    except Malformed as error:
        raise Unsupported(Reason.NOT_ICALENDAR, str(error)) from error
    if len(calendars) != 1 or calendars[0].name != "VCALENDAR":
        raise Unsupported(Reason.NOT_ICALENDAR, calendars[0].name if calendars else "")
    root = calendars[0]
    if root.line("METHOD"):
        raise Unsupported(Reason.METHOD, "METHOD")
    return _checked(root, text, untouched)


def split(data: bytes) -> Iterator[CalendarObject | Unsupported]:
    """Every calendar object of a whole file, grouped by UID, each with only the zones that it names.

    METHOD:PUBLISH is taken and left out.  What cannot be held is yielded as Unsupported, with ``uid`` and ``summary``.
    Raises Unsupported when the file as a whole is not iCalendar.
    """
    try:
        text, _ = mend(data)
        calendars = parse_all(text)
    except Malformed as error:
        raise Unsupported(Reason.NOT_ICALENDAR, str(error)) from error
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise Unsupported(Reason.NOT_ICALENDAR)
    for calendar in calendars:
        method = calendar.line("METHOD")
        if method and method.value.strip().upper() != "PUBLISH":
            yield Unsupported(Reason.METHOD, method.value)
            continue
        yield from _split_calendar(calendar)


def _split_calendar(calendar: Component) -> Iterator[CalendarObject | Unsupported]:
    heading: list[Line | Component] = [
        child
        for child in calendar.children
        if isinstance(child, Line) and child.name in ("VERSION", "PRODID", "CALSCALE")
    ]
    zones = calendar.components("VTIMEZONE")
    groups: dict[str, list[Component]] = {}
    for component in calendar.components():
        if component.name == "VTIMEZONE" or component.name.startswith("X-"):
            continue
        uid = component.line("UID")
        summary = component.line("SUMMARY")
        title = unescape_text(summary.value) if summary else ""
        name = unescape_text(uid.value) if uid else None
        if component.name != "VEVENT":
            yield Unsupported(Reason.WRONG_COMPONENT, component.name, name, title)
        elif not name:
            yield Unsupported(Reason.NO_UID, "UID", None, title)
        else:
            groups.setdefault(name, []).append(component)
    for uid_text, events in groups.items():
        named = set(_zones_named(events))
        used: list[Line | Component] = [
            zone
            for zone in zones
            if (line := zone.line("TZID")) and (line.value in named or unescape_text(line.value) in named)
        ]
        root = Component("VCALENDAR", [*heading, *used, *events])
        try:
            yield _checked(root, write(root), False)
        except Unsupported as error:
            summary = events[0].line("SUMMARY")
            error.uid, error.summary = uid_text, unescape_text(summary.value) if summary else ""
            yield error


def _zones_named(components: list[Component]) -> Iterator[str]:
    for component in components:
        for child in component.children:
            if isinstance(child, Component):
                yield from _zones_named([child])
            elif child.params and (tzid := child.param("TZID")) is not None:
                yield tzid


def _checked(root: Component, text: str, untouched: bool) -> CalendarObject:
    events: list[Component] = []
    for component in root.components():
        if component.name == "VEVENT":
            events.append(component)
        elif component.name != "VTIMEZONE" and not component.name.startswith("X-"):
            raise Unsupported(Reason.WRONG_COMPONENT, component.name)
    version = root.line("VERSION")
    if version and version.value.strip() == "1.0":
        raise Unsupported(Reason.NOT_ICALENDAR, "VERSION:1.0")
    if not events:
        raise Unsupported(Reason.WRONG_COMPONENT, "VCALENDAR")
    uid = _uid(events)
    mended = False
    if not version:
        root.children.insert(0, make_line("VERSION", "2.0"))
        mended = True
    if not root.line("PRODID"):
        root.children.insert(1, make_line("PRODID", PRODUCT))
        mended = True
    for event in events:
        if not event.line("DTSTAMP"):
            event.children.insert(_after_uid(event), _stamp(event))
            mended = True
        mended |= _tidied(event)
    for definition in root.components("VTIMEZONE"):
        for observance in definition.components():
            mended |= _tidied(observance)
    if mended:
        text, untouched = write(root), False
    return CalendarObject(text, untouched, root, uid, tuple(events))


def _uid(events: list[Component]) -> str:
    uids: set[str] = set()
    for event in events:
        lines = event.lines("UID")
        if not lines or not lines[0].value.strip():
            raise Unsupported(Reason.NO_UID, "UID")
        uids.update(unescape_text(line.value) for line in lines)
    if len(uids) != 1:
        raise Unsupported(Reason.SEVERAL_UIDS, ", ".join(sorted(uids)[:3]))
    uid = uids.pop()
    if len(uid) > LONGEST_UID:
        raise Unsupported(Reason.BAD_VALUE, "UID")
    return uid


def _after_uid(event: Component) -> int:
    for index, child in enumerate(event.children):
        if isinstance(child, Line) and child.name == "UID":
            return index + 1
    return 0


def _stamp(event: Component) -> Line:
    """A DTSTAMP for an event that has none; drawn from the event, so that the same file mends alike each time."""
    for name in ("LAST-MODIFIED", "CREATED"):
        line = event.line(name)
        if line and len(line.value) == 16 and line.value.endswith("Z"):
            return make_line("DTSTAMP", line.value)
    return make_line("DTSTAMP", "19700101T000000Z")


_DAYS = re.compile(r"[0-9]{8}(?:,[0-9]{8})*")
_LONG_OFFSET = re.compile(r"[+-][0-9]{6}")
_UTC_OR_LOCAL = re.compile(r"([0-9]{8}T[0-9]{6})(Z?)")
_PLAIN_DURATION = re.compile(r"\+?P(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})S)?)?")


def _tidied(component: Component) -> bool:
    """Mend the times of a VEVENT or an observance in place; whether anything had to be.

    Days that do not say VALUE=DATE, offsets of six digits (no clock of today has seconds), a DURATION that only
    repeats DTEND.
    """
    mended = False
    for index, child in enumerate(component.children):
        if not isinstance(child, Line):
            continue
        if child.name in ("TZOFFSETFROM", "TZOFFSETTO"):
            if _LONG_OFFSET.fullmatch(child.value):
                component.children[index] = make_line(child.name, child.value[:5])
                mended = True
        elif (
            child.name in ("DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID")
            and child.param("VALUE") is None
            and _DAYS.fullmatch(child.value)
        ):
            head = child.text[: len(child.name)]
            text = f"{head};VALUE=DATE{child.text[len(child.name) :]}"
            component.children[index] = Line(child.name, (("VALUE", ("DATE",)), *child.params), child.value, text)
            mended = True
    duration, end, start = (component.line(name) for name in ("DURATION", "DTEND", "DTSTART"))
    if duration and end and start and _agree(start, end, duration):
        component.children.remove(duration)
        mended = True
    return mended


def _agree(start: Line, end: Line, duration: Line) -> bool:
    """Whether DTEND and DURATION say the same, judged only where both times are of one clock and one day."""
    one, other = _UTC_OR_LOCAL.fullmatch(start.value), _UTC_OR_LOCAL.fullmatch(end.value)
    length = _PLAIN_DURATION.fullmatch(duration.value)
    if not one or not other or not length or one[2] != other[2] or start.param("TZID") != end.param("TZID"):
        return False
    try:
        elapsed = datetime.strptime(other[1], "%Y%m%dT%H%M%S") - datetime.strptime(one[1], "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        return False
    days, hours, minutes, seconds = (int(group or 0) for group in length.groups())
    return elapsed == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) and one[1][:8] == other[1][:8]
