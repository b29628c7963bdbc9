"""Builders for tests of the store: bookings put there without the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.store import Store, StoredBooking, Writing

ROOMS = [{"slug": "prado", "name": "Salle Prado"}, {"slug": "frioul", "name": "Salle Frioul"}]
HOUR = 3600
MONDAY = 1_796_025_600
"""A Monday, midnight in UTC."""


def an_hour(at: float = 9, day: int = 0) -> Occurrence:
    """An hour that begins `at` o'clock of UTC, `day` days after `MONDAY`."""
    start = MONDAY + day * 24 * HOUR + int(at * HOUR)
    return Occurrence(start, start + HOUR)


def put(writing: Writing, name: str = "a.ics", times: Sequence[Occurrence] = (), **changes: Any) -> StoredBooking:
    values: dict[str, Any] = {
        "uid": f"uid of {name}",
        "organiser_id": None,
        "text": f"text of {name}",
        "text_manager": None,
        "text_other": None,
        "private": False,
        "endless": False,
        "before": None,
        "now": MONDAY,
    }
    return writing.put(name=name, occurrences=times or [an_hour()], **{**values, **changes})


def stored(store: Store, name: str = "a.ics", times: Sequence[Occurrence] = (), **changes: Any) -> StoredBooking:
    """A booking stored in a transaction of its own, in the room prado."""
    with store.writing("prado") as writing:
        return put(writing, name, times, **changes)
