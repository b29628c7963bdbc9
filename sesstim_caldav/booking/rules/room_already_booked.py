"""One room, one booking at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.proposal import Held, Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.violation import Rule, Violation

if TYPE_CHECKING:
    from sesstim_caldav.booking.occurrence import Occurrence

RULE = Rule.ROOM_ALREADY_BOOKED


def check(proposal: Proposal) -> Iterator[Violation]:
    """No occurrence overlaps another of the room, be it another's or of the same booking; touching ends do not overlap.

    One violation an occurrence, which names everybody who is in its way.
    """
    holders: dict[Occurrence, list[str]] = {}
    addresses: dict[Occurrence, str] = {}
    for occurrence, held in proposal.taken:
        if overlap(occurrence, held):
            names = holders.setdefault(occurrence, [])
            if held.holder not in names:
                names.append(held.holder)
            if held.email:
                addresses.setdefault(occurrence, held.email)
    for occurrence in sorted(holders):
        holder = ", ".join(filter(None, holders[occurrence])) or None
        yield Violation(RULE, occurrence, holder=holder, email=addresses.get(occurrence))
    clash = proposal.schedule.clash_with_itself() if proposal.schedule is not None else None
    if clash is not None:
        yield Violation(RULE, max(clash), own_series=True)


def overlap(one: Occurrence, other: Occurrence | Held) -> bool:
    """Whether two times [start, end) have a moment in common."""
    return one.start < other.end and other.start < one.end


def sentence(language: str, room: Room, violations: list[Violation]) -> str:
    """Which dates are taken, and by whom; never what for."""
    others = [violation for violation in violations if not violation.own_series]
    own = [violation for violation in violations if violation.own_series]
    texts = []
    if others:
        booked = "est déjà réservée" if language == "fr" else "is already booked"
        on = "" if language == "fr" else "on"
        texts.append(f"{sentences.the_room(language, room)} {booked} {sentences.spans(language, room, others, on)}.")
    if own:
        overlaps = (
            "Votre propre série se chevauche elle-même" if language == "fr" else "Your own series overlaps itself"
        )
        on = "" if language == "fr" else "on"
        texts.append(f"{overlaps} {sentences.spans(language, room, own, on)}.")
    return " ".join(texts)


_MARIE = (("2026-12-01 10:00", "2026-12-01 11:00", "Marie Dupont"),)

EXAMPLES = Examples(
    taken=(
        Example("an empty room"),
        Example("from the end of another", "DTSTART:20261201T110000\nDTEND:20261201T120000", held=_MARIE),
        Example("until the start of another", "DTSTART:20261201T090000\nDTEND:20261201T100000", held=_MARIE),
        Example(
            "a series whose dates touch", "DTSTART:20261201T100000\nDTEND:20261201T110000\nRRULE:FREQ=HOURLY;COUNT=3"
        ),
        Example(
            "a series without the date in the way",
            "DTSTART:20261130T100000\nDTEND:20261130T110000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261201T100000",
            held=_MARIE,
        ),
        Example(
            "a date that both RRULE and RDATE give",
            "DTSTART:20261201T100000\nDTEND:20261201T110000\nRRULE:FREQ=DAILY;COUNT=2\nRDATE:20261202T100000",
        ),
        Example("a cancelled one", "DTSTART:20261201T100000\nDTEND:20261201T110000\nSTATUS:CANCELLED", held=_MARIE),
    ),
    refused=(
        Example("the same time", held=_MARIE),
        Example("a quarter too early", "DTSTART:20261201T104500\nDTEND:20261201T114500", held=_MARIE),
        Example("a quarter too late", "DTSTART:20261201T091500\nDTEND:20261201T101500", held=_MARIE),
        Example("around it", "DTSTART:20261201T090000\nDTEND:20261201T120000", held=_MARIE),
        Example("within it", "DTSTART:20261201T101500\nDTEND:20261201T103000", held=_MARIE),
        Example(
            "the second date of a series",
            "DTSTART:20261130T100000\nDTEND:20261130T110000\nRRULE:FREQ=DAILY;COUNT=3",
            held=_MARIE,
        ),
        Example(
            "free for others is still used",
            "DTSTART:20261201T100000\nDTEND:20261201T110000\nTRANSP:TRANSPARENT",
            held=_MARIE,
        ),
        Example(
            "a series that overlaps itself", "DTSTART:20261201T100000\nDTEND:20261201T113000\nRRULE:FREQ=HOURLY;COUNT=2"
        ),
        Example(
            "an override moved onto its own sibling",
            "BEGIN:VEVENT\nDTSTART:20261201T100000\nDTEND:20261201T110000\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n"
            "BEGIN:VEVENT\nRECURRENCE-ID:20261202T100000\nDTSTART:20261201T103000\nDTEND:20261201T113000\nEND:VEVENT",
        ),
    ),
)
