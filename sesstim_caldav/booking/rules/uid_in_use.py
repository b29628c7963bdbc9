"""One UID, one resource in a room (RFC 4791 4.1), and a resource keeps its UID."""

from __future__ import annotations

from collections.abc import Iterator

from sesstim_caldav.booking.proposal import Proposal, Room
from sesstim_caldav.booking.rules.example import Example, Examples
from sesstim_caldav.booking.violation import Rule, Violation

RULE = Rule.UID_IN_USE


def check(proposal: Proposal) -> Iterator[Violation]:
    """Another resource of the room has this UID, or this resource has another one."""
    if proposal.after is None:
        return
    if proposal.uid_owner is not None:
        yield Violation(RULE, href_name=proposal.uid_owner, detail=proposal.after.uid)
    elif proposal.before is not None and proposal.before.uid != proposal.after.uid:
        yield Violation(RULE, detail=proposal.after.uid)


def sentence(language: str, room: Room, violations: list[Violation]) -> str:  # noqa: ARG001
    """What is in the way; a UID says nothing to people."""
    elsewhere = violations[0].href_name is not None
    if language == "fr":
        return (
            "Cette réservation existe déjà dans la salle, sous un autre nom de fichier."
            if elsewhere
            else "Une autre réservation est déjà enregistrée sous ce nom de fichier."
        )
    return (
        "This booking exists already in the room, under another file name."
        if elsewhere
        else "Another booking is already stored under this file name."
    )


EXAMPLES = Examples(
    taken=(
        Example("a UID that the room does not have"),
        Example("a change under the same UID", organiser="marie"),
        Example("a cancellation", organiser="marie", cancels=True),
    ),
    refused=(
        Example("another resource has this UID", uid_owner="other.ics"),
        Example("the resource has another UID", organiser="marie", uid="two"),
    ),
)
