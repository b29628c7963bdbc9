"""What is held already with the same start and end is not judged again on hours and grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sesstim_caldav.booking.proposal import Proposal

if TYPE_CHECKING:
    from sesstim_caldav.booking.occurrence import Occurrence


def held_already(proposal: Proposal, occurrence: Occurrence) -> bool:
    """Whether the booking, as it stands, holds this very time; of an endless one also beyond what the index knows."""
    time = (occurrence.start, occurrence.end)
    if time in proposal.held_before:
        return True
    if proposal.before is None or not proposal.before.schedule.endless:
        return False
    standing = proposal.before.schedule.between(occurrence.start, max(occurrence.end, occurrence.start + 1))
    return any((each.start, each.end) == time for each in standing)
