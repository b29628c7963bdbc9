"""A member goes: the account is deleted, by himself or by who runs the site, in one way.

What he had booked and has not begun is free again; of a series what is to come. What is over keeps its slot and names
nobody. It is done room by room and the account goes last, so that whatever interrupts it, doing it again finishes it.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, literal_column, or_, select, update

from sesstim_caldav.accounts import Account, audit
from sesstim_caldav.booking import calendar_object, views
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.cutting import ended
from sesstim_caldav.booking.schedule import FOREVER, schedule
from sesstim_caldav.store import Store, StoredBooking, Writing
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import accounts, addresses, bookings, links, outbox
from sesstim_caldav.store.schema import audit as audit_lines

ACTS = ("book", "change", "move", "cancel", "end")
"""What the log says of bookings: who had which room is told by these lines as well, and goes with the account."""
NOBODY = "deleted account"
"""Whom the log then names."""
AT_A_TIME = 50
"""How many bookings one transaction deals with: others write in between."""

_ACCOUNT = bindparam("the_id", type_=sa.BigInteger)
_HIS_ADDRESSES = sa.union_all(
    select(accounts.c.email).where(accounts.c.id == _ACCOUNT),
    select(addresses.c.address).where(addresses.c.account == _ACCOUNT),
)
_LOCKED = Statement(select(accounts.c.id).where(accounts.c.id == _ACCOUNT).with_for_update())
_LEFT = Statement(select(func.count()).select_from(bookings).where(bookings.c.organiser == _ACCOUNT))
_UNNAMED = Statement(
    update(audit_lines)
    .where(
        audit_lines.c.who.in_(_HIS_ADDRESSES),
        audit_lines.c.what.in_([literal_column(f"'{what}'") for what in ACTS]),
    )
    .values(who=bindparam("nobody"))
)
_FORGOTTEN = [
    Statement(delete(outbox).where(func.lower(outbox.c.recipient).in_(_HIS_ADDRESSES))),
    Statement(delete(links).where(or_(links.c.account == _ACCOUNT, links.c.address.in_(_HIS_ADDRESSES)))),
    Statement(delete(accounts).where(accounts.c.id == _ACCOUNT)),  # all that refers to it goes along
]


def depart(store: Store, zone: ZoneInfo, account: Account, who: str, now: int) -> None:
    """Deletes an account with all that is stored about it. `who` is named in the audit log, `zone` the rooms' own.

    `now` (UTC epoch seconds) parts what has begun, and stays without a name, from what is cancelled. Raises
    `StoreUnavailable`; then, or after a crash, it is to be called again.
    """
    while True:
        for slug in store.rooms_of(account.id):
            while _leave(store, slug, zone, account, who, now):
                pass
        with store.changing() as change:
            found = change.session.one(_LOCKED, {"the_id": account.id})
            left = change.session.one(_LEFT, {"the_id": account.id})
            if left and left[0]:
                continue  # booked in the meantime
            change.session.run(_UNNAMED, {"the_id": account.id, "nobody": NOBODY})
            for statement in _FORGOTTEN:
                change.session.run(statement, {"the_id": account.id})
            if found:
                audit.note(change, who, "delete", account.email, now)
            return


def _leave(store: Store, slug: str, zone: ZoneInfo, account: Account, who: str, now: int) -> bool:
    """Deals with some of the account's bookings in a room; whether there were any."""
    with store.writing(slug) as writing:
        some = writing.of_organiser(account.id, most=AT_A_TIME)
        for booking in some:
            what = _left(writing, booking, zone, now)
            if what:
                writing.audit(who, what, f"{slug}/{booking.name}", now)
    return bool(some)


def _left(writing: Writing, booking: StoredBooking, zone: ZoneInfo, now: int) -> str:
    """Takes a booking out, or leaves of it what has begun; what the log is to say (nothing: it only lost its name)."""
    try:
        text = ended(calendar_object.read(booking.text), now, zone)
    except Unsupported:
        text = None  # what cannot be read cannot be emptied either
    if text is None:
        writing.remove(booking, now)
        return "cancel"
    empty(writing, booking, text, zone, now)
    return "end" if text != booking.text else ""


def empty(writing: Writing, booking: StoredBooking, text: str, zone: ZoneInfo, now: int) -> None:
    """Stores a booking as nobody's, at the times of `text` and without what tells of a person. Raises `Unsupported`."""
    obj = calendar_object.read(views.emptied(calendar_object.read(text)))
    times = schedule(obj, zone)
    shown = views.shown(obj, None)
    writing.put(
        name=booking.name,
        uid=booking.uid,
        organiser_id=None,
        text=shown.own,
        text_manager=shown.manager,
        text_other=shown.other,
        private=False,
        endless=times.endless,
        occurrences=times.occurrences(writing.horizon if times.endless else FOREVER),
        before=booking,
        now=now,
    )
