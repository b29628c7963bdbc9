"""An account gets another name: one act, though the name stands in the text of every booking that it has.

The name is stored first, and with it a note that the bookings are to follow. Whoever finds the note follows it: the act
itself, or after a crash the server as it starts and once a day. A booking that shows the name of today already is left
alone, so following a note twice is as once.
"""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, delete, insert, select, update

from sesstim_caldav.accounts.accounts import AccountError, proper_name
from sesstim_caldav.booking import calendar_object, views
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.proposal import Person
from sesstim_caldav.store import Account, Store, StoredBooking, Writing
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import accounts, meta

AT_A_TIME = 50
"""How many bookings are written in one transaction: other writers get in between."""

_NOTE = "renamed "
_SET_NAME = Statement(
    update(accounts)
    .where(accounts.c.id == bindparam("the_id"))
    .values(first_name=bindparam("first_name"), last_name=bindparam("last_name"))
)
_ACCOUNT = Statement(select(*ACCOUNT).where(accounts.c.id == bindparam("the_id")))
_UNNOTED = Statement(delete(meta).where(meta.c.key == bindparam("the_key")))
_NOTED = Statement(insert(meta).values(key=bindparam("key"), value=bindparam("value")))
_NOTES = Statement(select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_NOTE)).order_by(meta.c.key))
_FOLLOWED = Statement(delete(meta).where(meta.c.key == bindparam("the_key"), meta.c.value == bindparam("the_value")))


def rename(store: Store, account: Account, first_name: str, last_name: str, now: int) -> Account:
    """Gives an account another name, everywhere; `now` in UTC epoch seconds.

    Raises `AccountError`, and `StoreUnavailable`: the name is then the old one, or the bookings follow later.
    """
    names = {"first_name": proper_name(first_name), "last_name": proper_name(last_name)}
    key = f"{_NOTE}{account.id}"
    with store.changing() as change:
        change.session.run(_SET_NAME, {**names, "the_id": account.id})
        row = change.session.one(_ACCOUNT, {"the_id": account.id})
        if row is None:
            raise AccountError(f"{account.email} has no account")
        # a value of its own: one act is not to cross out the note of another that came after it
        change.session.run(_UNNOTED, {"the_key": key})
        change.session.run(_NOTED, {"key": key, "value": secrets.token_hex(8)})
    finish(store, now)
    return account_of(row)


def finish(store: Store, now: int) -> None:
    """Follows every note of a new name; does nothing where there is none. Raises `StoreUnavailable`."""
    with store.reading() as reading:
        notes = reading.session.all(_NOTES, {})
    for key, value in notes:
        account = int(key.removeprefix(_NOTE))
        # every room, not those of the account's bookings: one may be under way, and is waited for at the room's lock
        for slug in sorted(store.booking_counts()):
            _follow(store, slug, account, now)
        with store.changing() as change:
            change.session.run(_FOLLOWED, {"the_key": key, "the_value": value})


def _follow(store: Store, slug: str, account: int, now: int) -> None:
    done = 0  # bookings by their ids; whatever is stored from now on has the new name
    while True:
        with store.writing(slug) as writing:
            organiser = writing.account(account)
            if organiser is None:
                return
            some = writing.of_organiser(account, after=done, most=AT_A_TIME)
            for booking in some:
                show(writing, booking, organiser.person(), now)
        if len(some) < AT_A_TIME:
            return
        done = some[-1].id


def show(writing: Writing, booking: StoredBooking, organiser: Person, now: int) -> None:
    """Writes a booking's texts with its organiser's name of today, where they have another."""
    try:
        texts = views.shown(views.renamed(calendar_object.read(booking.text), organiser), organiser)
    except Unsupported:
        return  # stored by rules that read more; `verify` tells of it
    if (texts.own, texts.manager, texts.other) != (booking.text, booking.text_manager, booking.text_other):
        writing.render(booking, texts, now)
