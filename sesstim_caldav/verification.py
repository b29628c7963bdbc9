"""The store against itself: every occurrence computed anew from the stored iCalendar, and no two that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import meeting
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule
from sesstim_caldav.store import RoomReading, Store, StoredBooking


def differences(store: Store, zone: ZoneInfo) -> Iterator[str]:
    """One line for each difference between bookings and index, and for each two bookings that overlap.

    Rooms that are no longer published are looked at, too. `zone` is the rooms' own. Raises `StoreUnavailable`.
    """
    for slug in sorted(store.booking_counts()):
        with store.reading() as reading:
            room = reading.room(slug)
            if room is not None:
                yield from (f"{slug}: {difference}" for difference in _in_room(room, zone))


def expected(stored: StoredBooking, horizon: int, zone: ZoneInfo) -> list[Occurrence]:
    """The occurrences that the index should hold of a booking; of an endless series up to `horizon` (epoch seconds).

    Raises `Unsupported` where the stored text cannot be read.
    """
    return _held(_times(stored, zone), horizon)


def _times(stored: StoredBooking, zone: ZoneInfo) -> Schedule:
    return schedule(calendar_object.read(stored.text), zone)


def _held(times: Schedule, horizon: int) -> list[Occurrence]:
    return times.occurrences(horizon if times.endless else FOREVER)


def _in_room(room: RoomReading, zone: ZoneInfo) -> Iterator[str]:
    names: dict[int, str] = {}
    endless: list[tuple[str, Schedule]] = []
    for stored in room.bookings():
        names[stored.id] = stored.name
        try:
            times = _times(stored, zone)
        except Unsupported as unsupported:
            yield f"{stored.name}: cannot be read: {unsupported}"
            continue
        if times.endless:
            endless.append((stored.name, times))
        held, indexed = set(_held(times, room.horizon)), set(room.occurrences_of(stored.id))
        for missing in sorted(held - indexed, key=str):
            yield f"{stored.name}: {_span(missing.start, missing.end, zone)} is not indexed"
        for surplus in sorted(indexed - held, key=str):
            yield f"{stored.name}: {_span(surplus.start, surplus.end, zone)} is indexed and not held"
    yield from _overlaps(room, names, zone)
    for (name, one), (other_name, other) in combinations(endless, 2):
        pair = meeting(one, other, room.horizon)
        if pair is not None:
            yield f"{name} and {other_name} meet at {_span(pair[0].start, pair[0].end, zone)}"


def _overlaps(room: RoomReading, names: dict[int, str], zone: ZoneInfo) -> Iterator[str]:
    last: tuple[Occurrence, int] | None = None
    for one, booking in room.indexed():
        if last is not None and one.start < last[0].end:
            other = names.get(last[1], "?")
            yield f"{names.get(booking, '?')} and {other} overlap at {_span(one.start, one.end, zone)}"
        if last is None or one.end > last[0].end:
            last = (one, booking)


def _span(start: int, end: int, zone: ZoneInfo) -> str:
    return " to ".join(datetime.fromtimestamp(moment, zone).isoformat(timespec="minutes") for moment in (start, end))
