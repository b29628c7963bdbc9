"""A booking belongs to its organiser: others leave it alone, and nobody books in another's name, but for managers."""

from __future__ import annotations

from collections.abc import Iterator

from sesstim_caldav.booking.proposal import UNKNOWN_PERSON, Person, Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.NOT_THE_ORGANISER


def check(proposal: Proposal) -> Iterator[Violation]:
    """Whose the booking is, then whom it would name as ORGANIZER (RFC 5545 3.8.4.3)."""
    asker, before, named = proposal.asker, proposal.before, proposal.named
    if before is not None and not may_change(asker, before.organiser):
        yield Violation(RULE, holder=before.organiser.name if before.organiser is not None else None)
    if named is UNKNOWN_PERSON or (isinstance(named, Person) and named.id != asker.id and not asker.manager):
        yield Violation(RULE, detail=_name_given(proposal))


def may_change(asker: Person, organiser: Person | None) -> bool:
    """Whether the asker may change or cancel a booking of `organiser` (None: the account is gone)."""
    return asker.manager or (organiser is not None and organiser.id == asker.id)


def _name_given(proposal: Proposal) -> str:
    """The address that is not the asker's."""
    events = proposal.after.events if proposal.after is not None else ()
    values = [line.value.strip() for event in events for line in event.lines("ORGANIZER")]
    foreign = next((value for value in values if not proposal.asker.is_called(value)), "?")
    return foreign[7:] if foreign[:7].lower() == "mailto:" else foreign


def sentence(language: str, room: Room, violations: list[Violation]) -> str:  # noqa: ARG001
    """Whose it is, or which name may not be used."""
    violation = violations[0]
    if violation.detail:
        if language == "fr":
            return (
                f"L'organisateur indiqué ({violation.detail}) n'est ni vous ni quelqu'un pour qui vous pouvez réserver."
            )
        return f"The organizer given ({violation.detail}) is neither you nor somebody for whom you can book."
    if language == "fr":
        holder = f"est au nom de {violation.holder}" if violation.holder else "n'est pas à votre nom"
        return (
            f"Cette réservation {holder} : seuls son titulaire et les gestionnaires peuvent la modifier ou l'annuler."
        )
    holder = f"is {violation.holder}'s" if violation.holder else "is not yours"
    return f"This booking {holder}: only its organiser and the managers can change or cancel it."


_HOUR = "DTSTART:20261201T100000\nDTEND:20261201T110000\n"
_OVERRIDDEN = (
    "BEGIN:VEVENT\nDTSTART:20261201T100000\nDTEND:20261201T110000\nRRULE:FREQ=DAILY;COUNT=2\n{}END:VEVENT\n"
    "BEGIN:VEVENT\nRECURRENCE-ID:20261202T100000\nDTSTART:20261202T120000\nDTEND:20261202T130000\n{}END:VEVENT"
)

EXAMPLES = Examples(
    taken=(
        Example("a new booking that names nobody", _HOUR),
        Example("a new booking in one's own name", _HOUR + "ORGANIZER:mailto:marie@univ-amu.fr"),
        Example("one's own address in capitals", _HOUR + "ORGANIZER:MAILTO:Marie@Univ-AMU.fr"),
        Example("a further confirmed address", _HOUR + "ORGANIZER:mailto:marie.dupont@inserm.fr"),
        Example("the principal's path", _HOUR + "ORGANIZER:/dav/marie@univ-amu.fr/"),
        Example(
            "the principal's whole address", _HOUR + "ORGANIZER:https://salles.example.org/dav/marie%40univ-amu.fr/"
        ),
        Example("the organiser changes his own", organiser="marie"),
        Example("the organiser cancels his own", organiser="marie", cancels=True),
        Example("a manager changes another's", asker="odile", organiser="marie"),
        Example("a manager cancels another's", asker="odile", organiser="marie", cancels=True),
        Example("a manager cancels one whose account is gone", asker="odile", organiser="gone", cancels=True),
        Example("a manager books for a member", _HOUR + "ORGANIZER:mailto:paul@univ-amu.fr", asker="odile"),
        Example("a manager hands over", _HOUR + "ORGANIZER:mailto:paul@univ-amu.fr", asker="odile", organiser="marie"),
        Example(
            "a manager hands a series over in its master alone",
            _OVERRIDDEN.format("ORGANIZER:mailto:paul@univ-amu.fr\n", "ORGANIZER:mailto:marie@univ-amu.fr\n"),
            asker="odile",
            organiser="marie",
        ),
        Example(
            "a manager changes one whose organiser's account is gone, and his device sends the old name",
            _HOUR + "ORGANIZER:mailto:gone@univ-amu.fr",
            asker="odile",
            organiser="gone",
        ),
        Example(
            "an address that is no longer confirmed, but stands in the booking",
            _HOUR + "ORGANIZER:mailto:former@univ-amu.fr",
            organiser="marie",
        ),
        Example(
            "an override in one's own name",
            _OVERRIDDEN.format("", "ORGANIZER:mailto:marie@univ-amu.fr\n"),
        ),
    ),
    refused=(
        Example("a member changes another's", asker="paul", organiser="marie"),
        Example("a member cancels another's", asker="paul", organiser="marie", cancels=True),
        Example("a member cancels one whose account is gone", organiser="gone", cancels=True),
        Example("a member books in another's name", _HOUR + "ORGANIZER:mailto:paul@univ-amu.fr"),
        Example("a member books under another's principal", _HOUR + "ORGANIZER:/dav/paul@univ-amu.fr/"),
        Example("a member hands over", _HOUR + "ORGANIZER:mailto:paul@univ-amu.fr", before=_HOUR, organiser="marie"),
        Example("a member books for a stranger", _HOUR + "ORGANIZER:mailto:someone@example.org"),
        Example("a manager books for a stranger", _HOUR + "ORGANIZER:mailto:someone@example.org", asker="odile"),
        Example(
            "a member takes another's booking by naming himself",
            _HOUR + "ORGANIZER:mailto:paul@univ-amu.fr",
            asker="paul",
            organiser="marie",
        ),
        Example(
            "another's name in an override",
            _OVERRIDDEN.format("ORGANIZER:mailto:marie@univ-amu.fr\n", "ORGANIZER:mailto:paul@univ-amu.fr\n"),
        ),
        Example("another's name in an override alone", _OVERRIDDEN.format("", "ORGANIZER:mailto:paul@univ-amu.fr\n")),
        Example("an address that only ends like one's own", _HOUR + "ORGANIZER:mailto:xmarie@univ-amu.fr"),
    ),
)
