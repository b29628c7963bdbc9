"""What the store holds, read in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, literal_column, select

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import Held, Person
from sesstim_caldav.store.account import ACCOUNT, Account, account_of
from sesstim_caldav.store.database import Row, Session, Statement, Work
from sesstim_caldav.store.schema import Number, accounts, bookings, nudges, occurrences, rooms

LONGEST = 90_000
"""Seconds that no occurrence lasts longer than: a day of twenty-five hours, since all lie within one open day."""
NOBODY = -1
"""Stands for "no booking" where a booking's id is wanted in a comparison."""
ALL = 2**31 - 1
"""Stands for "no limit" where a number of rows is wanted."""
_PAIRS = (1, 8, 64, 512)
"""How many occurrences are compared in one statement; each number is a statement of its own, compiled once."""


@dataclass(frozen=True, slots=True)
class StoredBooking:
    """A booking as it stands in the store.

    `text` is the organiser's own, `text_manager` and `text_other` what managers and others see (None: the same as
    `text`). `rev` is the room's seq when the content was last written, `shown` when the views were. Times are UTC
    epoch seconds.
    """

    id: int
    room: int
    name: str
    uid: str
    private: bool
    endless: bool
    rev: int
    shown: int
    created: int
    modified: int
    text: str
    text_manager: str | None
    text_other: str | None
    organiser: Person | None


_BOOKING = (
    bookings.c.id,
    bookings.c.room,
    bookings.c.name,
    bookings.c.uid,
    bookings.c.private,
    bookings.c.endless,
    bookings.c.rev,
    bookings.c.shown,
    bookings.c.created,
    bookings.c.modified,
    bookings.c.text,
    bookings.c.text_manager,
    bookings.c.text_other,
)
_WITH_ORGANISER = select(*_BOOKING, *ACCOUNT).select_from(
    bookings.outerjoin(accounts, accounts.c.id == bookings.c.organiser)
)
_IN_ROOM = bookings.c.room == bindparam("room")


def _stored(row: Row) -> StoredBooking:
    organiser = account_of(row[13:]).person() if row[13] is not None else None
    booking, room, name, uid, private, endless, rev, shown, created, modified, text, manager, other = row[:13]
    return StoredBooking(
        booking,
        room,
        name,
        uid,
        bool(private),
        bool(endless),
        rev,
        shown,
        created,
        modified,
        text,
        manager,
        other,
        organiser,
    )


def _overlapping(pairs: int) -> Statement:
    """Bookings' occurrences that come near any of `pairs` times: k0, s0, e0, k1, …"""
    wanted = (
        sa.values(sa.column("k", sa.Integer), sa.column("s", Number), sa.column("e", Number), name="wanted")
        .data(
            [
                (
                    bindparam(f"k{i}", type_=sa.Integer),
                    bindparam(f"s{i}", type_=Number),
                    bindparam(f"e{i}", type_=Number),
                )
                for i in range(pairs)
            ]
        )
        .cte("wanted")
    )
    o = occurrences.c
    return Statement(
        select(
            wanted.c.k, o.start, o.end, o.booking, accounts.c.first_name, accounts.c.last_name, accounts.c.email
        ).select_from(
            wanted.join(
                occurrences,
                sa.and_(
                    o.room == bindparam("room"),
                    o.start <= wanted.c.e,
                    o.start >= wanted.c.s - literal_column(str(LONGEST)),
                    o.end >= wanted.c.s,
                    o.booking != bindparam("but"),
                ),
            )
            .join(bookings, bookings.c.id == o.booking)
            .outerjoin(accounts, accounts.c.id == bookings.c.organiser)
        )
    )


_ROOM = Statement(
    select(rooms.c.id, rooms.c.seq, rooms.c.horizon, rooms.c.modified).where(rooms.c.slug == bindparam("slug"))
)
_BY_NAME = Statement(_WITH_ORGANISER.where(_IN_ROOM, bookings.c.name == bindparam("name")))
_ALL = Statement(_WITH_ORGANISER.where(_IN_ROOM).order_by(bookings.c.id))
_ENDLESS = Statement(
    _WITH_ORGANISER.where(_IN_ROOM, sa.text("bookings.endless = 1"), bookings.c.id != bindparam("but")).order_by(
        bookings.c.id
    )
)
_OF_ORGANISER = Statement(
    _WITH_ORGANISER.where(_IN_ROOM, bookings.c.organiser == bindparam("organiser"), bookings.c.id > bindparam("after"))
    .order_by(bookings.c.id)
    .limit(bindparam("most"))
)
_NAME_OF_UID = Statement(select(bookings.c.name).where(_IN_ROOM, bookings.c.uid == bindparam("uid")))
_OVERLAPPING = {pairs: _overlapping(pairs) for pairs in _PAIRS}
_INDEX = (occurrences.c.start, occurrences.c.end, occurrences.c.recurrence_id, occurrences.c.event)
_OF_BOOKING = Statement(
    select(*_INDEX).where(occurrences.c.booking == bindparam("booking")).order_by(occurrences.c.start)
)
_INDEXED = Statement(
    select(*_INDEX, occurrences.c.booking)
    .where(occurrences.c.room == bindparam("room"))
    .order_by(occurrences.c.start, occurrences.c.booking)
)
_ACCOUNT_BY_ID = Statement(select(*ACCOUNT).where(accounts.c.id == bindparam("id")))
_NUDGE = Statement(
    select(nudges.c.n).where(
        nudges.c.account == bindparam("account"),
        nudges.c.room == bindparam("room"),
        nudges.c.booking == bindparam("booking"),
    )
)


def occurrence(row: Row) -> Occurrence:
    """The occurrence in a row that begins with start, end, recurrence id and event."""
    return Occurrence(row[0], row[1], row[2], row[3])


class RoomReading:
    """One room's bookings within a transaction. `seq`, `horizon` and `modified` are the room's (UTC epoch seconds)."""

    __slots__ = ("_session", "horizon", "modified", "room_id", "seq", "slug")

    def __init__(self, session: Session, slug: str, row: Row) -> None:
        self._session = session
        self.slug = slug
        self.room_id: int = row[0]
        self.seq: int = row[1]
        self.horizon: int = row[2]
        self.modified: int = row[3]

    def booking(self, name: str) -> StoredBooking | None:
        row = self._session.one(_BY_NAME, {"room": self.room_id, "name": name})
        return _stored(row) if row else None

    def bookings(self) -> Iterator[StoredBooking]:
        """Every booking of the room, a few hundred at a time in memory."""
        return map(_stored, self._session.stream(_ALL, {"room": self.room_id}))

    def of_organiser(self, account: int, after: int = 0, most: int = ALL) -> list[StoredBooking]:
        """An account's bookings in the room, by their ids: those `after` one, at most so many."""
        values = {"room": self.room_id, "organiser": account, "after": after, "most": most}
        return [_stored(row) for row in self._session.all(_OF_ORGANISER, values)]

    def endless(self, but: int | None = None) -> list[StoredBooking]:
        """The room's endless series, but for the booking of that id."""
        values = {"room": self.room_id, "but": NOBODY if but is None else but}
        return [_stored(row) for row in self._session.all(_ENDLESS, values)]

    def name_of_uid(self, uid: str) -> str | None:
        """The name of the resource that has a UID in this room."""
        row = self._session.one(_NAME_OF_UID, {"room": self.room_id, "uid": uid})
        return row[0] if row else None

    def overlapping(self, wanted: Sequence[Occurrence], but: int | None = None) -> list[tuple[Occurrence, Held]]:
        """Every pair of a wanted time and an indexed occurrence of another booking that overlap or touch.

        Fetched generously: whether they do overlap is for the rule to say. `but` is the id of the booking that is to
        be changed.
        """
        found: list[tuple[Occurrence, Held]] = []
        other = NOBODY if but is None else but
        at = 0
        while at < len(wanted):
            left = len(wanted) - at
            pairs = next((size for size in _PAIRS if size >= left), _PAIRS[-1])
            values: dict[str, Any] = {"room": self.room_id, "but": other}
            for i in range(pairs):
                index = at + i
                one = wanted[index] if index < len(wanted) else None
                values[f"k{i}"] = index
                # a place that is not used asks for an impossible time
                values[f"s{i}"] = one.start if one else 1
                values[f"e{i}"] = one.end if one else -LONGEST
            for k, start, end, booking, first, last, email in self._session.run(_OVERLAPPING[pairs], values):
                holder = f"{first} {last}" if first is not None else ""
                found.append((wanted[k], Held(start, end, holder, booking, email or "")))
            at += pairs
        return found

    def occurrences_of(self, booking: int) -> list[Occurrence]:
        """The indexed occurrences of one booking, in order."""
        return [occurrence(row) for row in self._session.run(_OF_BOOKING, {"booking": booking})]

    def indexed(self) -> Iterator[tuple[Occurrence, int]]:
        """The room's whole index, ordered by start: occurrences with the ids of their bookings."""
        for row in self._session.stream(_INDEXED, {"room": self.room_id}):
            yield occurrence(row), row[4]

    def account(self, account: int) -> Account | None:
        """An account by its id, within this transaction."""
        row = self._session.one(_ACCOUNT_BY_ID, {"id": account})
        return account_of(row) if row else None

    def nudge_of(self, account: int, booking: int) -> int:
        """The number of the account's last nudge about a booking; 0 if there is none."""
        row = self._session.one(_NUDGE, {"account": account, "room": self.room_id, "booking": booking})
        return row[0] if row else 0


class Reading(Work):
    """One snapshot of the whole store."""

    __slots__ = ()

    def room(self, slug: str) -> RoomReading | None:
        """A room that the store knows, published or not."""
        row = self.session.one(_ROOM, {"slug": slug})
        return RoomReading(self.session, slug, row) if row else None
