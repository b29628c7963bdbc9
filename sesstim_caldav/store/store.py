"""The store: opened once a process, read in snapshots, written room by room."""

from __future__ import annotations

import secrets
import time
from typing import Self, overload

import sqlalchemy as sa
from sqlalchemy import bindparam, insert, select

from sesstim_caldav.settings import Settings
from sesstim_caldav.store.database import Change, Database, Statement, StoreUnavailable, database_url
from sesstim_caldav.store.migrations import migrate
from sesstim_caldav.store.reading import Reading
from sesstim_caldav.store.schema import bookings, meta, rooms
from sesstim_caldav.store.writing import OneRoom, SeveralRooms

DAY = 86_400
FIRST_HORIZON = 3 * 366 * DAY
"""Seconds from now to the horizon of a new room."""

_META = Statement(select(meta.c.key, meta.c.value))
_SLUGS = Statement(select(rooms.c.slug))
_NEW_META = Statement(insert(meta).values(key=bindparam("key"), value=bindparam("value")))
_NEW_ROOM = Statement(insert(rooms).values({c: bindparam(c) for c in ("slug", "seq", "horizon", "modified")}))
_COUNTS = Statement(
    select(rooms.c.slug, sa.func.count(bookings.c.id))
    .select_from(rooms.outerjoin(bookings, bookings.c.room == rooms.c.id))
    .group_by(rooms.c.slug)
)
_ROOMS_OF = Statement(
    select(rooms.c.slug)
    .where(rooms.c.id.in_(select(bookings.c.room).where(bookings.c.organiser == bindparam("organiser"))))
    .order_by(rooms.c.slug)
)
_OLD_META = Statement(sa.delete(meta).where(meta.c.key == bindparam("key")))
_REMEMBERED = Statement(select(meta.c.value).where(meta.c.key == bindparam("key")))


class Store:
    """All that is kept. Safe for any number of threads; a forked child opens its own connections."""

    def __init__(self, database: Database, settings: Settings, identity: str, secret: bytes) -> None:
        self.database = database
        self.settings = settings
        self.id = identity
        """Eight random hex digits, made anew when a copy is restored."""
        self.secret = secret
        """The key of everything that the server signs or hashes with a key."""

    @classmethod
    def open(cls, settings: Settings) -> Store:
        """Opens the store, which is made or brought to the newest schema if need be.

        Raises `StoreUnavailable` when that cannot be done now.
        """
        folder = settings.store.data_dir
        if not settings.store.url:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnavailable(f"{folder}: {error.strerror}") from error
        database = Database(database_url(settings.store.url, folder))
        try:
            migrate(database, None if settings.store.url else folder / "migration.lock")
            known = _identity(database)
            _furnish(database, settings)
        except BaseException:
            database.close()
            raise
        return cls(database, settings, known["store_id"], bytes.fromhex(known["server_secret"]))

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self) -> Reading:
        """A context with one snapshot of everything."""
        return Reading(self.database)

    @overload
    def writing(self, slug: str, /) -> OneRoom: ...
    @overload
    def writing(self, slug: str, other: str, /, *more: str) -> SeveralRooms: ...
    def writing(self, *slugs: str) -> OneRoom | SeveralRooms:
        """A context with a room locked (`Writing`), or several (a tuple of them, one object where a slug is repeated).

        Commits at the end and rolls back after an exception. Raises `NoSuchRoom`, and `StoreUnavailable` if the lock
        cannot be had within ten seconds or the transaction cannot be stored.
        """
        return OneRoom(self.database, slugs) if len(slugs) == 1 else SeveralRooms(self.database, slugs)

    def changing(self) -> Change:
        """A context with a transaction that locks no room: accounts, properties."""
        return Change(self.database)

    def booking_counts(self) -> dict[str, int]:
        """How many bookings each room has that the store knows, published or not."""
        with self.reading() as reading:
            return dict(reading.session.run(_COUNTS, {}).fetchall())

    def rooms_of(self, account: int) -> list[str]:
        """The slugs of the rooms in which an account has bookings."""
        with self.reading() as reading:
            return [slug for (slug,) in reading.session.all(_ROOMS_OF, {"organiser": account})]

    def remembered(self, key: str) -> str | None:
        """What `remember` noted under a key."""
        with self.reading() as reading:
            row = reading.session.one(_REMEMBERED, {"key": key})
        return None if row is None else str(row[0])

    def remember(self, key: str, value: str) -> None:
        """Notes something about the store itself. Raises `StoreUnavailable`."""
        with self.changing() as change:
            change.session.run(_OLD_META, {"key": key})
            change.session.run(_NEW_META, {"key": key, "value": value})

    def ping(self) -> None:
        """Raises `StoreUnavailable` unless the store answers."""
        with self.reading() as reading:
            reading.session.one(_REMEMBERED, {"key": "store_id"})


def _identity(database: Database) -> dict[str, str]:
    """The store's random id and secret, made at the first opening."""
    with Reading(database) as reading:
        known = dict(reading.session.run(_META, {}).fetchall())
    if "store_id" in known and "server_secret" in known:
        return known
    try:
        with Change(database) as change:
            change.session.run(_NEW_META, {"key": "store_id", "value": secrets.token_hex(4)})
            change.session.run(_NEW_META, {"key": "server_secret", "value": secrets.token_hex(32)})
    except database.conflicts:
        pass  # another process was quicker
    with Reading(database) as reading:
        return dict(reading.session.run(_META, {}).fetchall())


def _furnish(database: Database, settings: Settings) -> None:
    """Makes a row for every room that the configuration names and the store does not know yet."""
    with Reading(database) as reading:
        known = {slug for (slug,) in reading.session.all(_SLUGS, {})}
    now = int(time.time())
    for room in settings.rooms:
        if room.slug not in known:
            try:
                with Change(database) as change:
                    values = {"slug": room.slug, "seq": 0, "horizon": now + FIRST_HORIZON, "modified": now}
                    change.session.run(_NEW_ROOM, values)
            except database.conflicts:
                pass  # another process was quicker
