"""SQL: rooms, accounts, bookings, occurrences, changes, mails to send; SQLite or PostgreSQL."""

from sesstim_caldav.store.account import Account, Role
from sesstim_caldav.store.database import StoreUnavailable
from sesstim_caldav.store.reading import Reading, RoomReading, StoredBooking
from sesstim_caldav.store.store import Store
from sesstim_caldav.store.writing import NoSuchRoom, Writing

__all__ = [
    "Account",
    "NoSuchRoom",
    "Reading",
    "Role",
    "RoomReading",
    "Store",
    "StoreUnavailable",
    "StoredBooking",
    "Writing",
]
