"""Who signs in: the one way for CalDAV and the pages, from an address and a password to an account.

What a device asks all day costs one SELECT. An application password is found by its keyed hash and passes whoever is
guessing; a chosen password passes at once where it was found right before for the same client. Any other is a guess:
it is looked at slowly, and only while there are not too many of them (`throttle`).
"""

from __future__ import annotations

import threading

import sqlalchemy as sa
from sqlalchemy import bindparam, select, update

from sesstim_caldav.accounts.passwords import MOST_CHARACTERS, Passwords, app_password_hash
from sesstim_caldav.accounts.throttle import Guesser, Throttle, clock
from sesstim_caldav.accounts.verdicts import Verdicts
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Store, StoreUnavailable
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Statement, storable
from sesstim_caldav.store.schema import accounts, app_passwords

LAST_USED_EVERY = 86_400
"""Seconds between two notes of when an application password was last used: a poll is to write nothing."""
_STRIPES = 64

_SIGN_IN = Statement(
    select(*ACCOUNT, accounts.c.password_hash, app_passwords.c.id, app_passwords.c.last_used)
    .select_from(
        accounts.outerjoin(
            app_passwords,
            sa.and_(app_passwords.c.hash == bindparam("hash"), app_passwords.c.account == accounts.c.id),
        )
    )
    .where(accounts.c.email == bindparam("email"))
)
_USED = Statement(
    update(app_passwords).where(app_passwords.c.id == bindparam("the_id")).values(last_used=bindparam("last_used"))
)


class Authentication:
    """Signs in, from any thread; `key` is what the workers of one server share (see `Verdicts`)."""

    def __init__(self, store: Store, settings: Settings, passwords: Passwords, key: bytes | None = None) -> None:
        self.store = store
        self.settings = settings
        self.throttle = Throttle(store, settings.sign_in)
        self.verdicts = Verdicts(store, key)
        self._passwords = passwords
        # one at a time for an address: of a device's first requests, sent together, one is judged and the others know
        self._turns = [threading.Lock() for _ in range(_STRIPES)]

    def account(
        self, email: str, password: str, client: str = "", now: float | None = None, *, devices: bool = True
    ) -> Account | None:
        """The account that an address and a password sign in; else None. See `Accounts.authenticate`."""
        address = email.strip().lower()
        if not password or len(password) > MOST_CHARACTERS:
            return None
        if not storable(address) or not self.settings.institutional(address):
            return None
        moment = clock(now)
        with self.store.reading() as reading:
            row = reading.session.one(
                _SIGN_IN, {"email": address, "hash": app_password_hash(password, self.store.secret)}
            )
        if row is None:
            return self._judged(address, password, client, moment, None, "", "")
        account = account_of(row)
        stored, app_password, last_used = row[9:]
        if app_password is not None and devices:
            if account.active:
                self._note_use(app_password, last_used, int(moment))
            return account if account.active else None
        digest = self.verdicts.digest(account, password, stored, client)
        if self.verdicts.knows(digest, moment):
            return account if account.active else None
        return self._judged(address, password, client, moment, account, stored, digest)

    def forget(self, now: float | None = None) -> None:
        """Drops what no longer counts of guesses and verdicts. Raises `StoreUnavailable`."""
        with self.store.changing() as change:
            self.throttle.forget(change.session, clock(now))
            self.verdicts.forget(change.session, clock(now))

    # -- inside

    def _judged(
        self, address: str, password: str, client: str, now: float, account: Account | None, stored: str, digest: str
    ) -> Account | None:
        """Looks at a password that this process does not know. Takes as long for an address without an account."""
        guesser = self.throttle.guesser(address, client)
        with self._turns[hash(address) % _STRIPES]:
            if account is not None and self.verdicts.knows(digest, now):
                return account if account.active else None
            with self.store.reading() as reading:
                if account is not None and self.verdicts.finds(reading.session, account, digest, now):
                    return account if account.active else None
                self.throttle.check(reading.session, guesser, now)
            self.throttle.charge(guesser, now)
            if account is None:
                self._passwords.verify_nobody(password)
                return None
            if not self._passwords.verify(password, stored) or not account.active:
                return None
            self._right(guesser, account, digest, int(now))
            return account

    def _right(self, guesser: Guesser, account: Account, digest: str, now: int) -> None:
        self.verdicts.remember(digest, now)
        try:
            with self.store.changing() as change:
                self.throttle.pay_back(change.session, guesser)
                self.verdicts.note(change.session, account, digest, now)
        except StoreUnavailable:
            pass  # it is right all the same; another worker will look for itself
        except self.store.database.conflicts:
            pass  # another worker has noted it at the same moment

    def _note_use(self, app_password: int, last_used: int | None, now: int) -> None:
        if last_used is not None and now - last_used < LAST_USED_EVERY:
            return
        try:
            with self.store.changing() as change:
                change.session.run(_USED, {"the_id": app_password, "last_used": now})
        except StoreUnavailable:
            pass  # a note, nothing that anybody waits for
