"""What each account sees of a booking, and how a change by somebody who did not see all of it is laid over the whole.

Texts here are whole calendar objects (RFC 5545) with CRLF. What is not spoken of here passes line by line, unknown
properties included. Everything works on parsed components and never reads a time but where two RECURRENCE-IDs that are
written differently must be told to be one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import contentline
from sesstim_caldav.booking.calendar_object import PRODUCT, CalendarObject, Unsupported
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.proposal import Person
from sesstim_caldav.booking.zones import zone

MARK = "\ue000"
"""Stands where the word "Réservé" goes, in whichever language the reader has; see `worded`."""

WORDS = {"fr": "Réservé", "en": "Reserved"}

_SUMMARY = f"\r\nSUMMARY:{MARK}\r\n"
_HIDDEN = frozenset({"ATTENDEE", "REQUEST-STATUS", "X-MOZ-SEND-INVITATIONS", "X-MOZ-SEND-INVITATIONS-UNDISCLOSED"})
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
_STAMPS = frozenset({"DTSTAMP", "SEQUENCE", "LAST-MODIFIED"})
_SLOT = _TIMES | _STAMPS | {"UID"}
_ZONE_LINES = frozenset(
    {"TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "DTSTART", "RRULE", "RDATE", "EXDATE", "LAST-MODIFIED", "TZUNTIL"}
)
_GONE = Person(0, "Compte supprimé", "compte-supprime@account.invalid", frozenset(), "")


@dataclass(frozen=True, slots=True)
class Views:
    """The texts of one booking; None where it is the organiser's own."""

    own: str
    manager: str | None
    other: str | None


def worded(text: str, language: str) -> str:
    """A text of a private booking with the reader's word in the place of the mark, and nowhere else."""
    word = WORDS["fr" if language.lower().startswith("fr") else "en"]
    return text.replace(_SUMMARY, f"\r\nSUMMARY:{word}\r\n")


def organised(obj: CalendarObject, person: Person) -> CalendarObject:
    """The object with `person` as ORGANIZER of every VEVENT that names nobody; the rest stands as it was sent."""
    lacking = [event.line("ORGANIZER") is None for event in obj.events]
    if not any(lacking):
        return obj
    line = _organizer(person)
    events = [
        Component(event.name, [line, *event.children]) if lacks else event
        for event, lacks in zip(obj.events, lacking, strict=True)
    ]
    text = None
    if all(lacking) and obj.text.count("\r\nBEGIN:VEVENT\r\n") == len(events):
        text = obj.text.replace("\r\nBEGIN:VEVENT\r\n", f"\r\nBEGIN:VEVENT\r\n{contentline.fold(line.text)}")
    return _with_events(obj, events, text)


def renamed(obj: CalendarObject, person: Person) -> CalendarObject:
    """The object with the organiser's name of today, where its ORGANIZER has a name at all."""
    events = []
    for event in obj.events:
        children = [
            _called(child, person.name)
            if isinstance(child, Line) and child.name == "ORGANIZER" and person.is_called(child.value)
            else child
            for child in event.children
        ]
        events.append(Component(event.name, children))
    if [event.children for event in events] == [event.children for event in obj.events]:
        return obj
    return _with_events(obj, events)


def shown(obj: CalendarObject, organiser: Person | None) -> Views:
    """The booking as its organiser, a manager and anybody else see it; `organiser` None: the account is gone.

    Alarms, invitations and attendees are the organiser's alone. Of a private booking nothing but times, organiser and
    `MARK` is left. Who may not change it sees the organiser as an attendee in the chair, too.
    """
    organizer = _organizer(organiser or _GONE)
    written, chair = contentline.fold(organizer.text), contentline.fold(_chair(organiser or _GONE).text)
    if obj.private:
        text = contentline.write(_slots(obj, organizer))
        return Views(obj.text, text, text.replace(f"\r\n{written}", f"\r\n{written}{chair}"))
    head, count = _head(obj)
    for_managers, for_others = [head], [head]
    differs = False
    for child in obj.root.children[count:]:
        if isinstance(child, Component) and child.name == "VEVENT":
            open_, hides = _open_part(child, organiser, organizer)
            differs = differs or hides
            for_managers.append("BEGIN:VEVENT\r\n")
            for_others.append("BEGIN:VEVENT\r\n")
            place = next(
                (at for at, each in enumerate(open_) if isinstance(each, Line) and each.name == "ORGANIZER"), -1
            )
            if place < 0:
                for_others += [written, chair]
            for at, each in enumerate(open_):
                text = contentline.fold(each.text) if isinstance(each, Line) else contentline.write(each)
                for_managers.append(text)
                for_others.append(text if at != place or organiser is not None else written)
                if at == place:
                    for_others.append(chair)
            for_managers.append("END:VEVENT\r\n")
            for_others.append("END:VEVENT\r\n")
            continue
        if isinstance(child, Line):
            text = contentline.fold(child.text)
        else:
            silent = _without_alarms(child)
            differs = differs or silent is not child
            text = contentline.write(silent) if child.name != "VALARM" else ""
            differs = differs or not text
        for_managers.append(text)
        for_others.append(text)
    for_others.append("END:VCALENDAR\r\n")
    for_managers.append("END:VCALENDAR\r\n")
    return Views(obj.text, "".join(for_managers) if differs else None, "".join(for_others))


def restored(before: CalendarObject, sent: CalendarObject, asker: Person, organiser: Person | None) -> str:
    """What a manager's change of another's booking makes of it: what he was not shown stays as it was.

    Each VEVENT of `sent` is laid over the one of the same RECURRENCE-ID, a new override over the series. Of a private
    booking only the times are his to change. His own alarms go; an ORGANIZER that names somebody else stays in place.
    """
    if before.private:
        return contentline.write(_moved(before, sent, organiser))
    changed = False
    children: list[Line | Component] = []
    found = _Counterparts(before, sent)
    for child in sent.root.children:
        if isinstance(child, Component) and child.name == "VEVENT":
            merged = _merged(child, found.of(child), before, asker, organiser)
            changed = changed or merged is not child
            children.append(merged)
        else:
            children.append(child)
    return contentline.write(Component("VCALENDAR", children)) if changed else sent.text


def handed_over(obj: CalendarObject, new_organiser: Person) -> str:
    """The booking as another member gets it: what only its former organiser saw is taken out first."""
    organizer = _organizer(new_organiser)
    if obj.private:
        return _reserved(obj, organizer)
    children: list[Line | Component] = []
    for child in obj.root.children:
        if isinstance(child, Line):
            children.append(child)
        elif child.name == "VEVENT":
            children.append(Component("VEVENT", _open_part(child, new_organiser, organizer)[0]))
        elif child.name != "VALARM":
            children.append(_without_alarms(child))
    return contentline.write(Component("VCALENDAR", children))


def emptied(obj: CalendarObject) -> str:
    """The booking as nobody's: its times, and nothing that tells of a person but the UID, by which clients know it."""
    return _reserved(obj, _organizer(_GONE))


def quiet(obj: CalendarObject) -> str:
    """The object without alarms: what a manager books for another does not ring on that member's phone."""
    root = _without_alarms(obj.root)
    return obj.text if root is obj.root else contentline.write(root)


def anonymous(obj: CalendarObject) -> str:
    """The times and `MARK`, no more."""
    return contentline.write(_slots(obj, None))


# -- what others see


def _head(obj: CalendarObject) -> tuple[str, int]:
    """What stands before the first VEVENT, as it is in the text, and how many of the calendar's children that is.

    Zones are most of an ordinary object, and nothing in them is hidden.
    """
    count = 0
    for child in obj.root.children:
        if isinstance(child, Component) and child.name != "VTIMEZONE":
            break
        count += 1
    end = obj.text.find("\r\nBEGIN:VEVENT\r\n") + 2
    head = obj.text[:end]
    others = head[5:].lower().replace("begin:vtimezone", "")
    if end > 2 and obj.root.children[count] is obj.events[0] and "begin:v" not in others:
        return head, count
    return "BEGIN:VCALENDAR\r\n", 0


def _open_part(event: Component, organiser: Person | None, organizer: Line) -> tuple[list[Line | Component], bool]:
    """The children of a VEVENT that are not the organiser's alone, and whether any is gone or changed."""
    kept: list[Line | Component] = []
    differs = False
    for child in event.children:
        if isinstance(child, Line):
            if child.name in _HIDDEN:
                differs = True
                continue
            if child.name == "ORGANIZER" and organiser is not None and not _says(child, organiser):
                kept.append(organizer)
                differs = True
                continue
            kept.append(child)
        elif child.name == "VALARM":
            differs = True
        else:
            silent = _without_alarms(child)
            differs = differs or silent is not child
            kept.append(silent)
    return kept, differs


def _without_alarms(component: Component) -> Component:
    """The component itself where no VALARM is in it."""
    children: list[Line | Component] = []
    changed = False
    for child in component.children:
        if isinstance(child, Component):
            if child.name == "VALARM":
                changed = True
                continue
            silent = _without_alarms(child)
            changed = changed or silent is not child
            children.append(silent)
        else:
            children.append(child)
    return Component(component.name, children) if changed else component


def _slots(obj: CalendarObject, organizer: Line | None) -> Component:
    """Nothing of the client's text but times and what identifies the booking."""
    children: list[Line | Component] = [_line("VERSION", "2.0"), _line("PRODID", PRODUCT)]
    used = {line.param("TZID") for event in obj.events for line in _lines(event) if line.name in _TIMES}
    for child in obj.root.children:
        if isinstance(child, Line):
            continue
        if child.name == "VEVENT":
            children.append(Component("VEVENT", list(_slot(child, organizer))))
        elif child.name == "VTIMEZONE":
            tzid = child.line("TZID")
            if tzid is not None and tzid.value in used:
                children.append(_bare_zone(child))
    return Component("VCALENDAR", children)


def _reserved(obj: CalendarObject, organizer: Line) -> str:
    """The times and an organiser, under the word that every client reads."""
    return contentline.write(_slots(obj, organizer)).replace(_SUMMARY, f"\r\nSUMMARY:{WORDS['fr']}\r\n")


def _slot(event: Component, organizer: Line | None) -> Iterator[Line]:
    if organizer is not None:
        yield organizer
    for line in _lines(event):
        if line.name in _SLOT:
            yield _bare(line)
        elif line.name == "STATUS" and line.value.strip().upper() == "CANCELLED":
            yield _line("STATUS", "CANCELLED")
    yield _line("SUMMARY", MARK)


def _bare_zone(component: Component) -> Component:
    """A VTIMEZONE, or a part of one, without remarks."""
    children: list[Line | Component] = []
    for child in component.children:
        if isinstance(child, Component):
            if child.name in ("STANDARD", "DAYLIGHT"):
                children.append(_bare_zone(child))
        elif child.name in _ZONE_LINES:
            children.append(_bare(child))
    return Component(component.name, children)


def _bare(line: Line) -> Line:
    """The line with the parameters that make a time, and no others."""
    params = tuple(param for param in line.params if param[0] in ("TZID", "VALUE"))
    return line if len(params) == len(line.params) else _line(line.name, line.value, params)


# -- a change by somebody who did not see all


class _Counterparts:
    """Which VEVENT of the standing booking each VEVENT sent stands for."""

    def __init__(self, before: CalendarObject, sent: CalendarObject) -> None:
        self._before, self._sent = before, sent
        self._plain = {_written(event): event for event in before.events}
        self._instants: dict[object, Component] | None = None

    def of(self, event: Component) -> Component:
        """The one with the same RECURRENCE-ID, else the series; of overrides alone, the first."""
        same = self._plain.get(_written(event))
        if same is not None:
            return same
        if event.line("RECURRENCE-ID") is not None:
            if self._instants is None:
                pairs = ((_instant(each, self._before.root), each) for each in self._before.events)
                self._instants = {instant: each for instant, each in pairs if instant is not None}
            instant = _instant(event, self._sent.root)
            if instant is not None and instant in self._instants:
                return self._instants[instant]
        return self._plain.get(("", None), self._before.events[0])


def _written(event: Component) -> tuple[str, str | None]:
    line = event.line("RECURRENCE-ID")
    return ("", None) if line is None else (line.value.strip(), line.param("TZID"))


def _instant(event: Component, root: Component) -> datetime | None:
    """The instant of a RECURRENCE-ID that has a zone; a floating one and a date can only be compared as written."""
    line = event.line("RECURRENCE-ID")
    if line is None:
        return None
    value, tzid = line.value.strip().upper(), line.param("TZID")
    try:
        if value.endswith("Z"):
            return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if tzid is None:
            return None
        clock = datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone(tzid, root, _UTC))
        return clock.astimezone(UTC)
    except (ValueError, OverflowError, Unsupported):
        return None


_UTC = ZoneInfo("UTC")


def _merged(
    event: Component, standing: Component, before: CalendarObject, asker: Person, organiser: Person | None
) -> Component:
    """A VEVENT sent, with the organiser's alone of `standing`; the event itself where that changes nothing."""
    stored = {line.value.strip().lower() for each in before.events for line in each.lines("ORGANIZER")}
    invited = {line.value.strip().lower() for line in standing.lines("ATTENDEE")}
    lines: list[Line | Component] = []
    parts: list[Line | Component] = []
    names_another = False
    for child in event.children:
        if isinstance(child, Component):
            if child.name != "VALARM":
                parts.append(child)
        elif child.name == "ORGANIZER":
            value = child.value.strip().lower()
            if value not in stored and (organiser is None or not organiser.is_called(value)):
                names_another = True
                lines.append(child)
        elif child.name == "ATTENDEE":
            people = [person for person in (asker, organiser) if person is not None]
            if child.value.strip().lower() not in invited and not any(p.is_called(child.value) for p in people):
                lines.append(child)
        elif child.name != "CLASS" and child.name not in _HIDDEN:
            lines.append(child)
    for line in _lines(standing):
        if line.name in _HIDDEN or line.name == "CLASS" or (line.name == "ORGANIZER" and not names_another):
            lines.append(line)
    parts += [child for child in standing.children if isinstance(child, Component) and child.name == "VALARM"]
    merged = Component("VEVENT", lines + parts)
    return event if sorted(_texts(merged)) == sorted(_texts(event)) else merged


def _moved(before: CalendarObject, sent: CalendarObject, organiser: Person | None) -> Component:
    """A private booking at the times that were sent."""
    stored = {line.value.strip().lower() for each in before.events for line in each.lines("ORGANIZER")}
    found = _Counterparts(before, sent)
    children: list[Line | Component] = []
    known = {line.value for line in _zone_names(sent)}
    for child in before.root.children:
        if isinstance(child, Line):
            children.append(child)
        elif child.name == "VTIMEZONE":
            tzid = child.line("TZID")
            if tzid is not None and tzid.value not in known:
                children.append(child)
        elif child.name not in ("VEVENT", "VALARM"):
            children.append(child)
    children += sent.root.components("VTIMEZONE")
    for event in sent.events:
        standing = found.of(event)
        times = [
            line
            for line in _lines(event)
            if line.name in _TIMES
            or line.name in _STAMPS
            or (line.name == "STATUS" and line.value.strip().upper() == "CANCELLED")
            or (
                line.name == "ORGANIZER"
                and line.value.strip().lower() not in stored
                and (organiser is None or not organiser.is_called(line.value))
            )
        ]
        replaced = {line.name for line in times}
        kept = [child for child in standing.children if not _given_way(child, replaced)]
        children.append(Component("VEVENT", [*times, *kept]))
    return Component("VCALENDAR", children)


def _given_way(child: Line | Component, replaced: set[str]) -> bool:
    """Whether a part of the standing event is what was shown to the manager, and so is his to change."""
    if isinstance(child, Component):
        return False
    if child.name == "STATUS":
        return "STATUS" in replaced or child.value.strip().upper() == "CANCELLED"
    return child.name in _TIMES or child.name in replaced


def _zone_names(obj: CalendarObject) -> Iterable[Line]:
    for component in obj.root.components("VTIMEZONE"):
        yield from component.lines("TZID")


# -- lines


def _with_events(obj: CalendarObject, events: list[Component], text: str | None = None) -> CalendarObject:
    """The object with other VEVENTs in the places of its own; `text` where it is known already."""
    rest = iter(events)
    children = [
        next(rest) if isinstance(child, Component) and child.name == "VEVENT" else child for child in obj.root.children
    ]
    root = Component(obj.root.name, children)
    return replace(obj, text=contentline.write(root) if text is None else text, root=root, events=tuple(events))


def _lines(component: Component) -> Iterator[Line]:
    return (child for child in component.children if isinstance(child, Line))


def _texts(component: Component) -> list[str]:
    return [child.text if isinstance(child, Line) else contentline.write(child) for child in component.children]


def _line(name: str, value: str, params: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Line:
    written = "".join(f";{param}={','.join(_param(each) for each in values)}" for param, values in params)
    return Line(name, params, value, f"{name}{written}:{value}")


def _param(value: str) -> str:
    """A parameter's value, quoted where it must be, or holds a name (RFC 5545 3.2)."""
    return f'"{value}"' if any(character in value for character in " ,;:") else value


def _quotable(name: str) -> str:
    """A name that can stand between double quotes: RFC 5545 has no way to write one of them there."""
    return "".join("'" if character == '"' else character for character in name if character.isprintable())


def _called(line: Line, name: str) -> Line:
    """A line with another CN, where it has one."""
    if line.param("CN") in (None, name):
        return line
    params = tuple((param, (_quotable(name),) if param == "CN" else values) for param, values in line.params)
    return _line(line.name, line.value, params)


def _says(line: Line, person: Person) -> bool:
    """Whether an ORGANIZER is the person by his address and today's name."""
    return line.value.lower() == f"mailto:{person.email.lower()}" and line.param("CN") == _quotable(person.name)


def _organizer(person: Person) -> Line:
    name = _quotable(person.name)
    value = f"mailto:{person.email}"
    return Line("ORGANIZER", (("CN", (name,)),), value, f'ORGANIZER;CN="{name}":{value}')


def _chair(person: Person) -> Line:
    name = _quotable(person.name)
    params = (("CN", (name,)), ("ROLE", ("CHAIR",)), ("PARTSTAT", ("ACCEPTED",)))
    value = f"mailto:{person.email}"
    return Line("ATTENDEE", params, value, f'ATTENDEE;CN="{name}";ROLE=CHAIR;PARTSTAT=ACCEPTED:{value}')
