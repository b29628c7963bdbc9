"""What is over for `accounts.retention_days` loses what tells of a person: bookings keep their times, the log its newer
lines.

A booking counts with its last date; a series that goes on keeps its title.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, exists, literal_column, select

from sesstim_caldav.accounts import audit
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.departure import AT_A_TIME, empty
from sesstim_caldav.store import NoSuchRoom, Store, Writing
from sesstim_caldav.store import schema as tables
from sesstim_caldav.store.database import Statement

DAY = 86_400

_BEFORE = bindparam("before", type_=sa.BigInteger)
_LASTS = exists().where(tables.occurrences.c.booking == tables.bookings.c.id, tables.occurrences.c.end > _BEFORE)
_OVER = Statement(
    select(tables.rooms.c.slug, tables.bookings.c.name)
    .select_from(tables.bookings.join(tables.rooms, tables.rooms.c.id == tables.bookings.c.room))
    .where(
        tables.bookings.c.organiser.is_not(None),  # emptied ones are nobody's
        tables.bookings.c.endless == literal_column("0"),
        ~_LASTS,
        # one that holds no date at all counts from when it was written
        sa.or_(
            tables.bookings.c.modified < _BEFORE,
            exists().where(tables.occurrences.c.booking == tables.bookings.c.id),
        ),
    )
    .order_by(tables.rooms.c.slug, tables.bookings.c.id)
)
_OLD_LINES = Statement(delete(tables.audit).where(tables.audit.c.at < _BEFORE))


def forget(store: Store, days: int, zone: ZoneInfo, now: int) -> None:
    """Empties what has been over for `days` (0: nothing ever is) at `now`, UTC epoch seconds; `zone` the rooms' own.

    Raises `StoreUnavailable`; what was not finished is done at the next call.
    """
    if days <= 0:
        return
    before = now - days * DAY
    with store.reading() as reading:
        found = reading.session.all(_OVER, {"before": before})
    rooms: dict[str, list[str]] = {}
    for slug, name in found:
        rooms.setdefault(slug, []).append(name)
    for slug, names in rooms.items():
        for at in range(0, len(names), AT_A_TIME):
            _empty(store, slug, names[at : at + AT_A_TIME], before, zone, now)
    with store.changing() as change:
        count = change.session.run(_OLD_LINES, {"before": before}).rowcount
        if count:
            audit.note(change, audit.UPKEEP, "forget", f"{count} lines of this log", now)


def _empty(store: Store, slug: str, names: list[str], before: int, zone: ZoneInfo, now: int) -> None:
    try:
        with store.writing(slug) as writing:
            count = sum(_emptied(writing, name, before, zone, now) for name in names)
            if count:
                writing.audit(audit.UPKEEP, "forget", f"{slug}: {count} bookings that are over", now)
    except NoSuchRoom:
        pass


def _emptied(writing: Writing, name: str, before: int, zone: ZoneInfo, now: int) -> bool:
    """Empties a booking, unless it has changed since it was found."""
    booking = writing.booking(name)
    if booking is None or booking.organiser is None or booking.endless:
        return False
    if any(held.end > before for held in writing.occurrences_of(booking.id)):
        return False
    try:
        empty(writing, booking, booking.text, zone, now)
    except Unsupported:
        writing.remove(booking, now)  # what cannot be read cannot be emptied
    return True
