"""Changes of a room's bookings, under the room's lock: all of a transaction is stored, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, insert, select, update

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.store.database import Database, Row, Session, Statement, StoreUnavailable
from sesstim_caldav.store.reading import RoomReading, StoredBooking
from sesstim_caldav.store.schema import audit, bookings, nudges, occurrences, removals, rooms


class NoSuchRoom(LookupError):
    """No room of this slug is published, or the store knows none."""


class Rendered(Protocol):
    """A booking's texts: its organiser's own, a manager's and the others' (None: the same as the own)."""

    @property
    def own(self) -> str: ...
    @property
    def manager(self) -> str | None: ...
    @property
    def other(self) -> str | None: ...


def _inserted(table: sa.Table, *but: str) -> sa.Insert:
    return insert(table).values({column.name: bindparam(column.name) for column in table.c if column.name not in but})


_LOCKED_ROOM = Statement(
    select(rooms.c.id, rooms.c.seq, rooms.c.horizon, rooms.c.modified)
    .where(rooms.c.slug == bindparam("slug"))
    .with_for_update()
)
_ROOM_MOVED = Statement(
    update(rooms)
    .where(rooms.c.id == bindparam("the_room"))
    .values(seq=bindparam("seq"), horizon=bindparam("horizon"), modified=bindparam("modified"))
)
_NEW = Statement(_inserted(bookings, "id").returning(bookings.c.id))
_CHANGED = Statement(
    update(bookings)
    .where(bookings.c.id == bindparam("the_booking"))
    .values(
        {
            column: bindparam(column)
            for column in (
                "name",
                "uid",
                "organiser",
                "private",
                "endless",
                "rev",
                "shown",
                "modified",
                "text",
                "text_manager",
                "text_other",
            )
        }
    )
)
_RENDERED = Statement(
    update(bookings)
    .where(bookings.c.id == bindparam("the_booking"))
    .values({column: bindparam(column) for column in ("shown", "text", "text_manager", "text_other")})
)
_GONE = Statement(delete(bookings).where(bookings.c.id == bindparam("booking")))
_FREED = Statement(delete(occurrences).where(occurrences.c.booking == bindparam("booking")))
_HELD = Statement(_inserted(occurrences))
_REMOVED = Statement(_inserted(removals))
_BACK = Statement(delete(removals).where(removals.c.room == bindparam("room"), removals.c.name == bindparam("name")))
_UNNUDGED = Statement(
    delete(nudges).where(
        nudges.c.account == bindparam("account"),
        nudges.c.room == bindparam("room"),
        nudges.c.booking == bindparam("booking"),
    )
)
_LAST_NUDGE = Statement(
    select(sa.func.max(nudges.c.n)).where(nudges.c.account == bindparam("account"), nudges.c.room == bindparam("room"))
)
_NUDGED = Statement(_inserted(nudges))
_AUDITED = Statement(_inserted(audit, "id"))


def note(session: Session, who: str, what: str, detail: str, now: int) -> None:
    """A line of the audit log, in a transaction that writes; `now` in UTC epoch seconds."""
    session.run(_AUDITED, {"at": now, "who": who, "what": what, "detail": detail})


class Writing(RoomReading):
    """One room, locked. Reads see what the transaction has written so far."""

    __slots__ = ("_moved",)

    def __init__(self, session: Session, slug: str, row: Row) -> None:
        super().__init__(session, slug, row)
        self._moved = False

    @property
    def session(self) -> Session:
        """The transaction, for what else belongs to it."""
        return self._session

    def put(
        self,
        *,
        name: str,
        uid: str,
        organiser_id: int | None,
        text: str,
        text_manager: str | None,
        text_other: str | None,
        private: bool,
        endless: bool,
        occurrences: Iterable[Occurrence],
        before: StoredBooking | None,
        now: int,
    ) -> StoredBooking:
        """Stores a booking: a new one, or in the place of `before` (a booking of this room, read in this transaction).

        Of an endless series the occurrences up to the room's horizon are indexed, of any other all. `now` is in UTC
        epoch seconds.
        """
        seq = self._next(now)
        values = {
            "name": name,
            "uid": uid,
            "organiser": organiser_id,
            "private": int(private),
            "endless": int(endless),
            "rev": seq,
            "shown": seq,
            "modified": now,
            "text": text,
            "text_manager": text_manager,
            "text_other": text_other,
        }
        session = self._session
        if before is None:
            row = session.one(_NEW, {**values, "room": self.room_id, "created": now})
            assert row is not None
            booking: int = row[0]
            created = now
        else:
            booking, created = before.id, before.created
            session.run(_CHANGED, {**values, "the_booking": booking})
            session.run(_FREED, {"booking": booking})
        if before is None or before.name != name:
            session.run(_BACK, {"room": self.room_id, "name": name})
            if before is not None:
                session.run(_REMOVED, {"room": self.room_id, "name": before.name, "seq": self._next(now)})
        self._hold(booking, occurrences, endless)
        if before is not None and (before.organiser.id if before.organiser else None) == organiser_id:
            organiser = before.organiser
        else:
            account = self.account(organiser_id) if organiser_id is not None else None
            organiser = account.person() if account else None
        return StoredBooking(
            id=booking,
            room=self.room_id,
            name=name,
            uid=uid,
            private=private,
            endless=endless,
            rev=seq,
            shown=seq,
            created=created,
            modified=now,
            text=text,
            text_manager=text_manager,
            text_other=text_other,
            organiser=organiser,
        )

    def render(self, booking: StoredBooking, texts: Rendered, now: int) -> None:
        """Stores new views of a booking whose content stays: an `If-Match` with its ETags still holds afterwards."""
        values = {"text": texts.own, "text_manager": texts.manager, "text_other": texts.other}
        self._session.run(_RENDERED, {**values, "shown": self._next(now), "the_booking": booking.id})

    def remove(self, booking: StoredBooking, now: int) -> None:
        """Takes a booking out of the room."""
        self._session.run(_FREED, {"booking": booking.id})
        self._session.run(_GONE, {"booking": booking.id})
        self._session.run(_REMOVED, {"room": self.room_id, "name": booking.name, "seq": self._next(now)})

    def nudge(self, account: int, booking: int) -> int:
        """Makes the booking look changed to one account alone; answers the nudge's number."""
        row = self._session.one(_LAST_NUDGE, {"account": account, "room": self.room_id})
        n: int = (row[0] or 0 if row else 0) + 1
        values = {"account": account, "room": self.room_id, "booking": booking}
        self._session.run(_UNNUDGED, values)
        self._session.run(_NUDGED, {**values, "n": n})
        return n

    def audit(self, who: str, what: str, detail: str, now: int) -> None:
        """Notes who did what, for whoever has to find out later."""
        note(self._session, who, what, detail, now)

    def extend(self, until: int, rows: Iterable[tuple[int, Sequence[Occurrence]]]) -> None:
        """Moves the horizon to `until` (UTC epoch seconds) with what the endless series hold between the two.

        `rows` are booking ids with their occurrences that start at or after the old horizon and before the new one.
        """
        if until <= self.horizon:
            return
        since, self.horizon = self.horizon, until
        for booking, held in rows:
            self._hold(booking, (one for one in held if one.start >= since), endless=True)
        self._moved = True

    def reindex(self, booking: int, held: Iterable[Occurrence], endless: bool) -> None:
        """Writes a booking's index anew: for new rules of a time zone."""
        self._session.run(_FREED, {"booking": booking})
        self._hold(booking, held, endless)

    def _hold(self, booking: int, held: Iterable[Occurrence], endless: bool) -> None:
        room, horizon = self.room_id, self.horizon
        # one that is given twice exists once
        rows = {
            one.start: {
                "room": room,
                "start": one.start,
                "end": one.end,
                "booking": booking,
                "recurrence_id": one.recurrence_id,
                "event": one.event,
            }
            for one in held
            if not endless or one.start < horizon
        }
        if len(rows) == 1:
            self._session.run(_HELD, next(iter(rows.values())))
        elif rows:
            self._session.run_many(_HELD, list(rows.values()))

    def _next(self, now: int) -> int:
        self.seq += 1
        self._moved = True
        self.modified = now
        return self.seq

    def flush(self) -> None:
        """Writes the room's own row, once a transaction."""
        if self._moved:
            values = {"the_room": self.room_id, "seq": self.seq, "horizon": self.horizon, "modified": self.modified}
            self._session.run(_ROOM_MOVED, values)


class Locked:
    """Rooms locked for writing, as a context: the one writing, or as many as were asked for, in their order."""

    __slots__ = ("_database", "_session", "_slugs", "_writings")

    def __init__(self, database: Database, slugs: Sequence[str]) -> None:
        self._database = database
        self._slugs = slugs

    def _enter(self) -> list[Writing]:
        self._session = self._database.begin("write")
        try:
            # always in the same order, or two transactions could wait for each other
            self._writings = {slug: self._lock(slug) for slug in sorted(set(self._slugs))}
        except BaseException as error:
            self._database.end("write", self._session, error)
            raise
        return [self._writings[slug] for slug in self._slugs]

    def _lock(self, slug: str) -> Writing:
        row = self._session.one(_LOCKED_ROOM, {"slug": slug})
        if row is None:
            raise NoSuchRoom(slug)
        return Writing(self._session, slug, row)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                for writing in self._writings.values():
                    writing.flush()
            except BaseException as trouble:
                self._database.end("write", self._session, trouble)
                raise
        self._database.end("write", self._session, error)
        if isinstance(error, self._database.conflicts):
            # names and UIDs are compared under the room's lock: what is left is an account that went in between
            raise StoreUnavailable(str(error)) from error


class OneRoom(Locked):
    __slots__ = ()

    def __enter__(self) -> Writing:
        return self._enter()[0]


class SeveralRooms(Locked):
    __slots__ = ()

    def __enter__(self) -> tuple[Writing, ...]:
        return tuple(self._enter())
