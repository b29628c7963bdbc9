"""Bookings start and end on the grid, so that no unusable gaps are left between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.rules.held_already import held_already
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.NOT_ON_QUARTER_HOUR


def check(proposal: Proposal) -> Iterator[Violation]:
    """Start and end are whole multiples of the grid after midnight, to the second, on the room's wall clock."""
    room, grid = proposal.room, proposal.room.hours.grid_minutes
    for occurrence in proposal.occurrences:
        on_grid = _on(grid, room.clock(occurrence.start)) and _on(grid, room.clock(occurrence.end))
        if not on_grid and not held_already(proposal, occurrence):
            yield Violation(RULE, occurrence)


def _on(grid: int, clock: datetime) -> bool:
    return clock.second == 0 and (clock.hour * 60 + clock.minute) % grid == 0


_GRIDS = {
    "fr": {15: "au quart d'heure", 30: "à la demi-heure", 60: "à l'heure juste"},
    "en": {15: "on the quarter hour", 30: "on the half hour", 60: "on the hour"},
}


def sentence(language: str, room: Room, violations: list[Violation]) -> str:
    """What the grid is, and which dates are off it."""
    grid, when = room.hours.grid_minutes, sentences.spans(language, room, violations)
    if language == "fr":
        steps = _GRIDS["fr"].get(grid, f"par pas de {grid} minutes")
        return f"Les réservations commencent et finissent {steps}, ce qui n'est pas le cas {when}."
    steps = _GRIDS["en"].get(grid, f"in steps of {grid} minutes")
    return f"Bookings start and end {steps}, which is not so {when}."


EXAMPLES = Examples(
    taken=(
        Example("quarters", "DTSTART:20261201T101500\nDTEND:20261201T104500"),
        Example("another zone's quarters are ours", "DTSTART;TZID=Asia/Kathmandu:20261201T150000\nDURATION:PT30M"),
        Example(
            "held already, and the grid has changed since",
            "DTSTART:20261201T101000\nDTEND:20261201T102000\nSUMMARY:new",
            before="DTSTART:20261201T101000\nDTEND:20261201T102000",
            organiser="marie",
        ),
    ),
    refused=(
        Example("a start off the grid", "DTSTART:20261201T101000\nDTEND:20261201T110000"),
        Example("an end off the grid", "DTSTART:20261201T100000\nDTEND:20261201T111400"),
        Example("a start off by a second", "DTSTART:20261201T100001\nDTEND:20261201T110000"),
        Example("an end off by a second", "DTSTART:20261201T100000\nDTEND:20261201T105959"),
        Example(
            "held already, and moved off the grid",
            "DTSTART:20261201T100500\nDTEND:20261201T110500",
            before="DTSTART:20261201T100000\nDTEND:20261201T110000",
            organiser="marie",
        ),
    ),
)
