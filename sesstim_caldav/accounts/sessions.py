"""Browsers that are signed in: server-side sessions, so that each can be ended from the next request on."""

from __future__ import annotations

import time

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, insert, select, update

from sesstim_caldav.accounts.secret import new_secret, secret_hash
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Store
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Change, Statement
from sesstim_caldav.store.schema import accounts, sessions

DAY = 86_400
NOTED_EVERY = 3600
"""Seconds between two notes that a session is used: reading a page is to write nothing."""

_PURPOSE = "session"
_LONGEST = 200

_FIND = Statement(
    select(*ACCOUNT, sessions.c.used)
    .select_from(sessions.join(accounts, accounts.c.id == sessions.c.account))
    .where(sessions.c.hash == bindparam("hash"), sessions.c.expires > bindparam("now"))
)
_NEW = Statement(insert(sessions).values({c.name: bindparam(c.name) for c in sessions.c}))
_USED = Statement(
    update(sessions)
    .where(sessions.c.hash == bindparam("the_hash"))
    .values(used=bindparam("used"), expires=bindparam("expires"))
)
_END = Statement(delete(sessions).where(sessions.c.hash == bindparam("hash")))
_END_ALL = Statement(
    delete(sessions).where(sessions.c.account == bindparam("account"), sessions.c.hash != bindparam("but"))
)
_FORGET = Statement(delete(sessions).where(sessions.c.expires <= bindparam("now")))
_COUNT = Statement(select(sa.func.count()).select_from(sessions).where(sessions.c.account == bindparam("account")))


class Sessions:
    """The sessions of a site. Times are UTC epoch seconds; all methods raise `StoreUnavailable`."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @property
    def lifetime(self) -> int:
        """Seconds for which a browser that is not used stays signed in."""
        return self.settings.accounts.session_days * DAY

    def begin(self, account: Account, now: int | None = None) -> str:
        """Signs a browser in; answers the secret for its cookie, which is told this once."""
        secret = new_secret()
        at = int(time.time()) if now is None else now
        values = {
            "hash": self._hash(secret),
            "account": account.id,
            "created": at,
            "used": at,
            "expires": at + self.lifetime,
        }
        with self.store.changing() as change:
            change.session.run(_NEW, values)
        return secret

    def account(self, secret: str, now: int | None = None) -> Account | None:
        """Whose session it is; None where it is none, has ended, or its account may not sign in any more."""
        if not secret or len(secret) > _LONGEST:
            return None
        at = int(time.time()) if now is None else now
        hashed = self._hash(secret)
        with self.store.reading() as reading:
            row = reading.session.one(_FIND, {"hash": hashed, "now": at})
        if row is None:
            return None
        account = account_of(row)
        if not account.active or not self.settings.institutional(account.email):
            return None
        if at - row[len(ACCOUNT)] >= NOTED_EVERY:
            with self.store.changing() as change:
                change.session.run(_USED, {"the_hash": hashed, "used": at, "expires": at + self.lifetime})
        return account

    def end(self, secret: str) -> None:
        """Signs a browser out."""
        with self.store.changing() as change:
            change.session.run(_END, {"hash": self._hash(secret)})

    def end_all(self, account: int, but: str = "") -> None:
        """Signs an account out everywhere, `but` on the browser with this secret."""
        with self.store.changing() as change:
            self.end_all_within(change, account, but)

    def end_all_within(self, change: Change, account: int, but: str = "") -> None:
        """As `end_all`, within a transaction."""
        change.session.run(_END_ALL, {"account": account, "but": self._hash(but)})

    def count(self, account: int) -> int:
        """In how many browsers an account is signed in, ended sessions that are not forgotten yet included."""
        with self.store.reading() as reading:
            row = reading.session.one(_COUNT, {"account": account})
        return int(row[0]) if row else 0

    def forget(self, now: int) -> None:
        """Removes sessions that have ended."""
        with self.store.changing() as change:
            change.session.run(_FORGET, {"now": now})

    def _hash(self, secret: str) -> str:
        return secret_hash(secret, self.store.secret, _PURPOSE)
