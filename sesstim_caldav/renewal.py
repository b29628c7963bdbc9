"""New rules of a time zone: the index brought to what the stored iCalendar means now, and what then overlaps told.

The index holds instants. Where the world changes its clocks, or this program learns to read a rule better, the same
text means other instants. The server looks once as it starts, before anybody is answered. Nothing is deleted: people
decide which of two bookings stays.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.reception import now
from sesstim_caldav.store import RoomReading, Store, StoredBooking
from sesstim_caldav.verification import differences, expected

READING = 1
"""Raised by whoever changes which occurrences a stored text has."""
_REMEMBERED = "time_rules"
_WHO = "upkeep"


def rules_in_force() -> str:
    """Names the rules by which wall clocks become instants in this process: the system's, else the package's."""
    for folder in zoneinfo.TZPATH:
        try:
            with (Path(folder) / "tzdata.zi").open(encoding="utf-8") as source:
                version = source.readline().strip("# \n")
                return f"{READING} tzdata {version}"
        except (OSError, UnicodeDecodeError):
            continue
    return f"{READING} tzdata {metadata.version('tzdata')}"


def renew(store: Store, zone: ZoneInfo, rules: str | None = None) -> Iterator[str]:
    """Brings the index up to date where the rules are others than at the last call; a line for each thing to know.

    `zone` is the rooms' own, `rules` those in force. What was not finished is begun again at the next call. Raises
    `StoreUnavailable`.
    """
    rules = rules or rules_in_force()
    if store.remembered(_REMEMBERED) == rules:
        return
    changed = 0
    for slug in sorted(store.booking_counts()):
        with store.reading() as reading:
            room = reading.room(slug)
            stale = [each.name for each in room.bookings() if _stale(room, each, zone)] if room else []
        for name in stale:
            with store.writing(slug) as writing:
                stored = writing.booking(name)
                if stored is not None:
                    writing.reindex(stored.id, expected(stored, writing.horizon, zone), stored.endless)
                    writing.audit(_WHO, "reindex", f"{slug}/{name}", now())
        changed += len(stale)
    if changed:
        yield f"the rules of time are new ({rules}): other times for {changed} bookings"
        for difference in differences(store, zone):
            with store.writing(difference.partition(":")[0]) as writing:
                writing.audit(_WHO, "overlap", difference, now())
            yield difference
    store.remember(_REMEMBERED, rules)


def _stale(room: RoomReading, stored: StoredBooking, zone: ZoneInfo) -> bool:
    try:
        return set(expected(stored, room.horizon, zone)) != set(room.occurrences_of(stored.id))
    except Unsupported:
        return False  # `verify` tells of it
