"""A booking lies inside one open day."""

from __future__ import annotations

from collections.abc import Iterator

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.rules.held_already import held_already
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.OUTSIDE_OPENING_HOURS


def check(proposal: Proposal) -> Iterator[Violation]:
    """An open weekday, start and end on one date, and within the hours; all on the room's wall clock."""
    room, hours = proposal.room, proposal.room.hours
    for occurrence in proposal.occurrences:
        start, end = room.clock(occurrence.start), room.clock(occurrence.end)
        inside = (
            start.date() == end.date()
            and start.weekday() in hours.weekdays
            and hours.opens <= start.time()
            and end.time() <= hours.closes
        )
        if not inside and not held_already(proposal, occurrence):
            yield Violation(RULE, occurrence)


def sentence(language: str, room: Room, violations: list[Violation]) -> str:
    """When the room is open, and which dates are not then; who wants the whole day is told how to have it."""
    open_, when = sentences.opening(language, room.hours), sentences.spans(language, room, violations)
    opens, closes = sentences.hour(room.hours.opens), sentences.hour(room.hours.closes)
    days = any(_beyond_a_day(room, violation) for violation in violations)
    if language == "fr":
        advice = f" Pour une journée entière, réservez de {opens} à {closes}, chaque jour à part." if days else ""
        return f"{sentences.the_room(language, room)} est ouverte {open_}, mais pas {when}.{advice}"
    advice = f" For a whole day, book from {opens} to {closes}, each day by itself." if days else ""
    return f"{sentences.the_room(language, room)} is open {open_}, but not {when}.{advice}"


def _beyond_a_day(room: Room, violation: Violation) -> bool:
    occurrence = violation.occurrence
    return occurrence is not None and room.clock(occurrence.start).date() != room.clock(occurrence.end).date()


EXAMPLES = Examples(
    taken=(
        Example("the whole day", "DTSTART:20261201T080000\nDTEND:20261201T200000"),
        Example("a Friday", "DTSTART:20261204T100000\nDTEND:20261204T110000"),
        Example("a Monday", "DTSTART:20261207T100000\nDTEND:20261207T110000"),
        Example(
            "in Paris, across the change to summer time",
            "DTSTART;TZID=Europe/Paris:20270322T080000\nDTEND;TZID=Europe/Paris:20270322T090000\nRRULE:FREQ=WEEKLY;COUNT=2",
        ),
        Example(
            "held already, and the hours have changed since",
            "DTSTART:20261201T060000\nDTEND:20261201T070000\nSUMMARY:new",
            before="DTSTART:20261201T060000\nDTEND:20261201T070000",
            organiser="marie",
        ),
        Example(
            "an endless one held already",
            "DTSTART:20261201T060000\nDTEND:20261201T070000\nRRULE:FREQ=WEEKLY\nEXDATE:20261201T060000",
            before="DTSTART:20261201T060000\nDTEND:20261201T070000\nRRULE:FREQ=WEEKLY",
            organiser="marie",
        ),
        Example("a cancelled one", "DTSTART:20261205T100000\nDTEND:20261205T110000\nSTATUS:CANCELLED"),
    ),
    refused=(
        Example("a Saturday", "DTSTART:20261205T100000\nDTEND:20261205T110000"),
        Example("a Sunday", "DTSTART:20261206T100000\nDTEND:20261206T110000"),
        Example("a second too early", "DTSTART:20261201T075959\nDTEND:20261201T100000"),
        Example("a second too late", "DTSTART:20261201T190000\nDTEND:20261201T200001"),
        Example("overnight", "DTSTART:20261201T100000\nDTEND:20261202T110000"),
        Example("all day", "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202"),
        Example("all day, without an end", "DTSTART;VALUE=DATE:20261201"),
        Example(
            "a daily series that reaches Saturday",
            "DTSTART:20261203T100000\nDTEND:20261203T110000\nRRULE:FREQ=DAILY;COUNT=3",
        ),
        Example(
            "in UTC, across the change to summer time",
            "DTSTART:20270322T183000Z\nDTEND:20270322T190000Z\nRRULE:FREQ=WEEKLY;COUNT=2",
        ),
        Example(
            "held already, and made longer",
            "DTSTART:20261201T060000\nDTEND:20261201T071500",
            before="DTSTART:20261201T060000\nDTEND:20261201T070000",
            organiser="marie",
        ),
        Example(
            "held already, and begun earlier",
            "DTSTART:20261201T054500\nDTEND:20261201T070000",
            before="DTSTART:20261201T060000\nDTEND:20261201T070000",
            organiser="marie",
        ),
        Example(
            "an endless one held already, and made longer",
            "DTSTART:20261201T060000\nDTEND:20261201T071500\nRRULE:FREQ=WEEKLY",
            before="DTSTART:20261201T060000\nDTEND:20261201T070000\nRRULE:FREQ=WEEKLY",
            organiser="marie",
        ),
    ),
)
