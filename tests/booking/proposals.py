"""Builders for stories about the rules: a room, its people, and proposals made from an `Example`."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.calendar_object import CalendarObject, Unsupported, read
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import (
    UNKNOWN_PERSON,
    Held,
    OpeningHours,
    Person,
    Proposal,
    Room,
    Standing,
    Unknown,
)
from sesstim_caldav.booking.rules import judge
from sesstim_caldav.booking.rules.example import Example
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule
from sesstim_caldav.booking.violation import Violation

PARIS = ZoneInfo("Europe/Paris")
PRADO = Room("prado", "Salle Prado", PARIS, OpeningHours(frozenset(range(5)), time(8), time(20), 15))
DAY = 86_400


def a_person(number: int, name: str, email: str, *further: str, manager: bool = False) -> Person:
    return Person(number, name, email, frozenset({email, *further}), f"/dav/{email}/", manager)


MARIE = a_person(1, "Marie Dupont", "marie@univ-amu.fr", "marie.dupont@inserm.fr")
PAUL = a_person(2, "Paul Martin", "paul@univ-amu.fr")
ODILE = a_person(3, "Odile Bernard", "odile@univ-amu.fr", manager=True)
PEOPLE: dict[str, Person | None] = {"marie": MARIE, "paul": PAUL, "odile": ODILE, "gone": None}


def at(text: str) -> int:
    """ "2026-12-01 10:00" on the room's clock, as an instant."""
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())


def occurrence(start: str, end: str) -> Occurrence:
    return Occurrence(at(start), at(end))


def an_object(event: str, uid: str = "one") -> bytes:
    """A calendar object of one VEVENT's lines, or of whole components."""
    if not event.startswith("BEGIN:"):
        event = f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT"
    head = f"UID:{uid}\nDTSTAMP:20261101T000000Z"
    lines = (
        event.strip().replace("BEGIN:VEVENT", f"BEGIN:VEVENT\n{head}").replace("BEGIN:VTODO", f"BEGIN:VTODO\n{head}")
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n{lines}\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def named(obj: CalendarObject, before: CalendarObject | None) -> Person | Unknown | None:
    """Whom the ORGANIZERs name that do not stand already."""
    values = {line.value for event in obj.events for line in event.lines("ORGANIZER")}
    if before is not None:
        values -= {line.value for event in before.events for line in event.lines("ORGANIZER")}
    found = {next((p for p in (MARIE, PAUL, ODILE) if p.is_called(value)), UNKNOWN_PERSON) for value in values}
    return found.pop() if len(found) == 1 else UNKNOWN_PERSON if found else None


def judged(example: Example) -> list[Violation]:
    """What every rule says of an example, as the reception would ask them."""
    asker = PEOPLE[example.asker]
    assert asker is not None
    standing = None
    if example.organiser is not None:
        owner = PEOPLE[example.organiser]
        address = owner.email if owner is not None else "gone@univ-amu.fr"
        obj = read(an_object(example.before or example.event))
        if not any(event.line("ORGANIZER") for event in obj.events):
            former = f"ORGANIZER:mailto:{address}\r\nORGANIZER:mailto:former@univ-amu.fr\r\nEND:VEVENT"
            obj = read(obj.text.replace("END:VEVENT", former))
        standing = Standing(1, obj.uid, owner, obj, schedule(obj, PARIS))
    if example.cancels:
        return judge(Proposal(PRADO, asker, before=standing))
    try:
        obj = read(an_object(example.event, example.uid))
        times = schedule(obj, PARIS)
        occurrences = dates(times)
    except Unsupported as error:
        return [Violation.of(error)]
    held = [Held(at(start), at(end), holder, 7) for start, end, holder in example.held]
    proposal = Proposal(
        room=PRADO,
        asker=asker,
        before=standing,
        after=obj,
        schedule=times,
        occurrences=occurrences,
        taken=[(mine, theirs) for mine in occurrences for theirs in held],
        uid_owner=example.uid_owner,
        named=named(obj, standing.object if standing is not None else None),
        held_before=frozenset((o.start, o.end) for o in dates(standing.schedule))
        if standing is not None
        else frozenset(),
    )
    return judge(proposal)


def dates(times: Schedule) -> list[Occurrence]:
    if times.endless:
        first = times.first
        assert first is not None
        return [*times.occurrences(first + 30 * DAY), *times.kinds(PARIS)]
    return times.occurrences(FOREVER)
