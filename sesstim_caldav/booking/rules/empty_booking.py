"""A booking ends after it starts."""

from __future__ import annotations

from collections.abc import Iterator

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.EMPTY_BOOKING


def check(proposal: Proposal) -> Iterator[Violation]:
    """An end at or before its start; a start without DTEND and DURATION ends there and then (RFC 5545 3.6.1)."""
    for occurrence in proposal.occurrences:
        if occurrence.end <= occurrence.start:
            yield Violation(RULE, occurrence)


def sentence(language: str, room: Room, violations: list[Violation]) -> str:
    """Which start has no end after it."""
    when = sentences.spans(language, room, violations)
    if language == "fr":
        return f"La fin doit venir après le début : {when}."
    return f"The end must come after the start: {when}."


EXAMPLES = Examples(
    taken=(
        Example("an hour"),
        Example("a second", "DTSTART:20261201T100000\nDTEND:20261201T100001"),
        Example("a duration", "DTSTART:20261201T100000\nDURATION:PT15M"),
        Example("an end in another zone", "DTSTART:20261201T100000\nDTEND;TZID=Europe/London:20261201T100000"),
    ),
    refused=(
        Example("an end at its start", "DTSTART:20261201T100000\nDTEND:20261201T100000"),
        Example("an end before its start", "DTSTART:20261201T100000\nDTEND:20261201T093000"),
        Example(
            "an end in another zone before its start",
            "DTSTART:20261201T100000\nDTEND;TZID=Europe/London:20261201T090000",
        ),
        Example("no end at all", "DTSTART:20261201T100000"),
        Example("no duration", "DTSTART:20261201T100000\nDURATION:PT0S"),
        Example("a duration backwards", "DTSTART:20261201T100000\nDURATION:-PT1H"),
        Example("a series without an end", "DTSTART:20261201T100000\nRRULE:FREQ=DAILY;COUNT=3"),
    ),
)
