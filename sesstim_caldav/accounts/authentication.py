"""Who signs in: the one way for CalDAV and the pages, from an address and a password to an account.

What a device asks all day costs one SELECT. An application password is found by its keyed hash and passes whoever is
guessing; a chosen password passes at once where it was found right before for the same client. Any other is a guess:
it is looked at slowly, and only while there are not too many of them (`throttle`). Where a directory is configured, it
is asked about what has not the account's own hash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import bindparam, select, update

from sesstim_caldav.accounts.passwords import MOST_CHARACTERS, NONE, Passwords, app_password_hash
from sesstim_caldav.accounts.throttle import Guesser, Throttle, clock
from sesstim_caldav.accounts.verdicts import KEPT, Verdicts
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Store, StoreUnavailable
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Statement, storable
from sesstim_caldav.store.schema import accounts, app_passwords

if TYPE_CHECKING:
    from sesstim_caldav.accounts.directory import Directory, Entry

LAST_USED_EVERY = 86_400
"""Seconds between two notes of when an application password was last used: a poll is to write nothing."""
DIRECTORYS_WORD = 600
"""Seconds for which the directory's word is believed: so soon a password ends that was changed or taken away there."""
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


class DirectoryUnavailable(Exception):
    """The directory that knows the password does not answer. HTTP says 503 with `Retry-After`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who comes with an address and a password; `now` in UTC epoch seconds.

    `own` and `directorys` are what a verdict of the account's stored hash, or of the directory, would be remembered by
    ("": there is none to be had).
    """

    address: str
    password: str
    client: str
    now: float
    account: Account | None = None
    stored: str = NONE
    own: str = ""
    directorys: str = ""


class Authentication:
    """Signs in, from any thread; `key` is what the workers of one server share (see `Verdicts`).

    `welcome` makes the account of an address at whose first sign-in the directory vouches for the entry.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        passwords: Passwords,
        key: bytes | None = None,
        welcome: Callable[[str, Entry, int], Account | None] = lambda *_: None,
    ) -> None:
        self.store = store
        self.settings = settings
        self.throttle = Throttle(store, settings.sign_in)
        self.verdicts = Verdicts(store, key)
        self._passwords = passwords
        self._welcome = welcome
        self._directory = _directory(settings)
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
            return self._judged(Attempt(address, password, client, moment))
        account = account_of(row)
        stored, app_password, last_used = row[9:]
        if app_password is not None and devices:
            if account.active:
                self._note_use(app_password, last_used, int(moment))
            return account if account.active else None
        own = self.verdicts.digest(account, password, stored, client) if stored != NONE else ""
        if own and self.verdicts.knows(own, moment):
            return account if account.active else None
        directorys = self.verdicts.digest(account, password, self._judge, client) if self._directory else ""
        attempt = Attempt(address, password, client, moment, account, stored, own, directorys)
        if self._known(attempt):
            return account if account.active else None
        return self._judged(attempt)

    def recognise(self, account: Account, client: str, now: float | None = None) -> None:
        """Notes that a client is the account's owner's; not noting it harms nobody."""
        with suppress(StoreUnavailable, *self.store.database.conflicts), self.store.changing() as change:
            self.verdicts.recognise(change.session, account, client, int(clock(now)))

    def forget(self, now: float | None = None) -> None:
        """Drops what no longer counts of guesses and verdicts. Raises `StoreUnavailable`."""
        with self.store.changing() as change:
            self.throttle.forget(change.session, clock(now))
            self.verdicts.forget(change.session, clock(now))

    # -- inside

    @property
    def _judge(self) -> str:
        """Whose a verdict is that no stored hash stands behind."""
        return f"directory {self.settings.directory.url}"

    def _known(self, attempt: Attempt) -> bool:
        """Whether this process remembers that the password is right."""
        own, directorys = attempt.own, attempt.directorys
        return bool(
            (own and self.verdicts.knows(own, attempt.now))
            or (directorys and self.verdicts.knows(directorys, attempt.now, DIRECTORYS_WORD))
        )

    def _judged(self, attempt: Attempt) -> Account | None:
        """Looks at a password that this process does not know. Takes as long for an address without an account."""
        account = attempt.account
        with self._turns[hash(attempt.address) % _STRIPES]:
            if account is not None and self._known(attempt):
                return account if account.active else None
            with self.store.reading() as reading:
                for digest, lasts in ((attempt.own, KEPT), (attempt.directorys, DIRECTORYS_WORD)):
                    if account and digest and self.verdicts.finds(reading.session, account, digest, attempt.now, lasts):
                        return account if account.active else None
                # once right, and to be asked about again: no guess
                again = bool(attempt.directorys) and self.verdicts.knows(attempt.directorys, attempt.now)
                familiar = account is not None and self.verdicts.is_familiar(
                    reading.session, account, attempt.client, attempt.now
                )
            guesser = self.throttle.guesser(attempt.address, attempt.client, familiar)
            if not again:
                self.throttle.charge(guesser, attempt.now)
            if self._has_the_stored_hash(attempt, again):
                if account is None or not account.active:
                    return None
                return self._right(account, attempt, attempt.own, None if again else guesser)
            return self._asked(attempt, None if again else guesser) if self._directory else None

    def _has_the_stored_hash(self, attempt: Attempt, again: bool) -> bool:
        if attempt.stored != NONE:
            return self._passwords.verify(attempt.password, attempt.stored)
        if not again:
            self._passwords.verify_nobody(attempt.password)
        return False

    def _asked(self, attempt: Attempt, guesser: Guesser | None) -> Account | None:
        """What the directory says of a password. Raises `DirectoryUnavailable`."""
        assert self._directory is not None
        account = attempt.account
        try:
            entry = self._directory.entry(attempt.address, attempt.password)
        except DirectoryUnavailable:
            if guesser is not None and attempt.stored == NONE:  # nobody has looked at it
                with suppress(StoreUnavailable), self.store.changing() as change:
                    self.throttle.pay_back(change.session, guesser)
            raise
        if entry is None:
            if guesser is None:
                self._wrong_by_now(attempt.directorys)
            return None
        if account is None:
            account = self._welcome(attempt.address, entry, int(attempt.now))
        if account is None or not account.active:
            return None
        digest = self.verdicts.digest(account, attempt.password, self._judge, attempt.client)
        return self._right(account, attempt, digest, guesser)

    def _right(self, account: Account, attempt: Attempt, digest: str, guesser: Guesser | None) -> Account:
        """Remembers that a password is right, tells the other workers, and pays its guess back."""
        now = int(attempt.now)
        self.verdicts.remember(digest, now)
        # it is right all the same: another worker has noted it at this moment, or will look for itself
        with suppress(StoreUnavailable, *self.store.database.conflicts), self.store.changing() as change:
            if guesser is not None:
                self.throttle.pay_back(change.session, guesser)
            self.verdicts.note(change.session, account, attempt.client, digest, now)
        return account

    def _wrong_by_now(self, digest: str) -> None:
        """Forgets a password that the directory does not take any more."""
        with suppress(StoreUnavailable), self.store.changing() as change:
            self.verdicts.drop(change.session, digest)

    def _note_use(self, app_password: int, last_used: int | None, now: int) -> None:
        if last_used is not None and now - last_used < LAST_USED_EVERY:
            return
        with suppress(StoreUnavailable), self.store.changing() as change:  # nothing that anybody waits for
            change.session.run(_USED, {"the_id": app_password, "last_used": now})


def _directory(settings: Settings) -> Directory | None:
    """The directory of the configuration; its library is loaded where there is one."""
    if not settings.directory.url:
        return None
    from sesstim_caldav.accounts.directory import Directory

    return Directory(settings.directory)
