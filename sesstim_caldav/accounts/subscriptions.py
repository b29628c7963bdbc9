"""Subscriptions: secret addresses that show a feed to a program which cannot sign in (Outlook, Google, webcal).

A secret is told once, when it is made; the store keeps its keyed hash alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import bindparam, delete, insert, select, update

from sesstim_caldav.accounts.secret import new_secret, secret_hash
from sesstim_caldav.settings import RESERVED_SLUGS, Settings
from sesstim_caldav.store import Account, Store
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Row, Session, Statement
from sesstim_caldav.store.schema import accounts, subscriptions

ALL, MINE = "all", "mine"
LAST_USED_EVERY = 86_400
"""Seconds between two notes of when a subscription was last read: a poll is to write nothing."""

_PURPOSE = "feed"
_LONGEST = 200


class NoSuchFeed(LookupError):
    """Neither a published room's slug nor `all` nor `mine`."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as its account sees it listed. `feed` is a room's slug, `all` or `mine`; times are UTC epoch
    seconds, `last_used` to the day (None: never read)."""

    id: int
    feed: str
    nameless: bool
    created: int
    last_used: int | None


_COLUMNS = (
    subscriptions.c.id,
    subscriptions.c.feed,
    subscriptions.c.nameless,
    subscriptions.c.created,
    subscriptions.c.last_used,
)
_FIND = Statement(
    select(*ACCOUNT, *_COLUMNS)
    .select_from(subscriptions.join(accounts, accounts.c.id == subscriptions.c.account))
    .where(subscriptions.c.hash == bindparam("hash"))
)
_OF = Statement(select(*_COLUMNS).where(subscriptions.c.account == bindparam("account")).order_by(subscriptions.c.id))
_NEW = Statement(insert(subscriptions).values({c.name: bindparam(c.name) for c in subscriptions.c if c.name != "id"}))
_REVOKE = Statement(
    delete(subscriptions).where(subscriptions.c.id == bindparam("the_id"), subscriptions.c.account == bindparam("mine"))
)
_USED = Statement(
    update(subscriptions).where(subscriptions.c.id == bindparam("the_id")).values(last_used=bindparam("now"))
)


class Subscriptions:
    """The subscriptions of a site. Methods may be called from any thread and process; all raise `StoreUnavailable`."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    def make(self, account: Account, feed: str, nameless: bool = False, now: int | None = None) -> str:
        """Makes a subscription and answers its secret, which is told this once. Raises `NoSuchFeed`."""
        if feed not in RESERVED_SLUGS and self.settings.published(feed) is None:
            raise NoSuchFeed(feed)
        secret = new_secret()
        values = {
            "account": account.id,
            "hash": self._hash(secret),
            "feed": feed,
            "nameless": int(nameless),
            "created": int(time.time()) if now is None else now,
            "last_used": None,
        }
        with self.store.changing() as change:
            change.session.run(_NEW, values)
        return secret

    def address(self, secret: str, feed: str) -> str:
        """The address to subscribe to, under `base_url`."""
        return f"{self.settings.site.base_url}/feeds/{secret}/{quote(feed)}.ics"

    def of(self, account: Account) -> list[Subscription]:
        """The account's subscriptions, oldest first."""
        with self.store.reading() as reading:
            return [_subscription(row) for row in reading.session.all(_OF, {"account": account.id})]

    def revoke(self, account: Account, subscription: int) -> bool:
        """Ends a subscription of this account, from the next request on; False where the account has none such."""
        with self.store.changing() as change:
            count: int = change.session.run(_REVOKE, {"the_id": subscription, "mine": account.id}).rowcount
        return count > 0

    def find(self, secret: str) -> tuple[Subscription, Account] | None:
        """Whose a secret is; None where it is none, or its account may not sign in."""
        with self.store.reading() as reading:
            return self.found(reading.session, secret)

    def found(self, session: Session, secret: str) -> tuple[Subscription, Account] | None:
        """As `find`, within a transaction: one SELECT by an index, whose key nobody without the store's can choose."""
        if len(secret) > _LONGEST:
            return None
        row = session.one(_FIND, {"hash": self._hash(secret)})
        if row is None:
            return None
        account = account_of(row)
        if not account.active or not self.settings.institutional(account.email):
            return None
        return _subscription(row[len(ACCOUNT) :]), account

    def note_use(self, subscription: Subscription, now: int) -> None:
        """Notes that a subscription is read, once a day at most."""
        if subscription.last_used is None or now - subscription.last_used >= LAST_USED_EVERY:
            with self.store.changing() as change:
                change.session.run(_USED, {"the_id": subscription.id, "now": now})

    def _hash(self, secret: str) -> str:
        return secret_hash(secret, self.store.secret, _PURPOSE)


def _subscription(row: Row) -> Subscription:
    return Subscription(row[0], row[1], bool(row[2]), row[3], row[4])
