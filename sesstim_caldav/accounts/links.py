"""Links that are mailed and work once: to confirm a sign-up or a further address, to choose a password anew.

A link is a random secret; the store keeps its keyed hash, with what is to happen when somebody comes with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select

from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.secret import new_secret, secret_hash
from sesstim_caldav.store import Store
from sesstim_caldav.store.database import Change, Row, Session, Statement
from sesstim_caldav.store.schema import links

HOUR, WEEK = 3600, 7 * 86_400
MOST_AN_HOUR = 5
"""Mails of one purpose to one address within an hour: nobody's mailbox is flooded by a form."""

_PURPOSE = "link"
_LONGEST = 200


class Purpose(StrEnum):
    SIGN_UP = "sign-up"
    ADDRESS = "address"
    RESET = "reset"
    NOTICE = "notice"
    """No link: a note that an address was written to, or asked about, kept for the count of an hour."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for. Times are UTC epoch seconds."""

    hash: str
    purpose: Purpose
    account: int | None
    address: str
    created: int
    expires: int
    payload: Mapping[str, Any] = field(default_factory=dict)

    def valid(self, now: int) -> bool:
        return now < self.expires


_COLUMNS = (
    links.c.hash,
    links.c.purpose,
    links.c.account,
    links.c.address,
    links.c.created,
    links.c.expires,
    links.c.payload,
)
_NEW = Statement(insert(links).values({c.name: bindparam(c.name) for c in links.c}))
_FIND = Statement(select(*_COLUMNS).where(links.c.hash == bindparam("hash")))
_REDEEM = Statement(
    delete(links).where(links.c.hash == bindparam("hash"), links.c.expires > bindparam("now")).returning(*_COLUMNS)
)
_LOCKED = Statement(
    select(links.c.hash)
    .where(or_(links.c.address == bindparam("address"), links.c.account == bindparam("account")))
    .order_by(links.c.hash)
    .with_for_update()
)
_RECENT = Statement(
    select(func.count())
    .select_from(links)
    .where(
        links.c.address == bindparam("address"),
        links.c.purpose == bindparam("purpose"),
        links.c.created > bindparam("since"),
    )
)
_CANCEL = Statement(
    delete(links).where(links.c.address == bindparam("address"), links.c.purpose == bindparam("purpose"))
)
_CANCEL_OF = Statement(
    delete(links).where(links.c.account == bindparam("account"), links.c.purpose == bindparam("purpose"))
)
_RECENT_OF = Statement(
    select(func.count())
    .select_from(links)
    .where(
        links.c.account == bindparam("account"),
        links.c.purpose == bindparam("purpose"),
        links.c.created > bindparam("since"),
    )
)
_FORGET = Statement(
    delete(links).where(
        links.c.expires < bindparam("now"),
        or_(links.c.created < bindparam("before"), links.c.purpose == bindparam("notice")),
    )
)


class Links:
    """The links of a site. `now` is in UTC epoch seconds throughout."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def make(
        self,
        change: Change,
        purpose: Purpose,
        address: str,
        *,
        seconds: int,
        now: int,
        account: int | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> str:
        """Makes a link that works for so many seconds; answers its secret, which is told this once."""
        secret = new_secret()
        values = {
            "hash": self.hash(secret),
            "purpose": str(purpose),
            "account": account,
            "address": address,
            "payload": json.dumps(payload or {}, ensure_ascii=False),
            "created": now,
            "expires": now + seconds,
        }
        change.session.run(_NEW, values)
        return secret

    def find(self, secret: str) -> Link | None:
        """What a secret is for, also for some time after it has expired; None where it is none, or was used."""
        if len(secret) > _LONGEST:
            return None
        with self.store.reading() as reading:
            row = reading.session.one(_FIND, {"hash": self.hash(secret)})
        return _link(row) if row else None

    def by_hash(self, session: Session, link_hash: str) -> Link | None:
        """The link that is stored under a hash."""
        row = session.one(_FIND, {"hash": link_hash})
        return _link(row) if row else None

    def redeem(self, change: Change, secret: str, now: int) -> Link | None:
        """Uses a link up, within the transaction of what it brings about; None where it does not work.

        The other links of its address and account are locked with it, in one order for all who come at once.
        """
        if len(secret) > _LONGEST:
            return None
        found = self.by_hash(change.session, self.hash(secret))
        if found is None:
            return None
        self._lock(change, found.address, found.account)
        row = change.session.one(_REDEEM, {"hash": found.hash, "now": now})
        return _link(row) if row else None

    def too_many(self, session: Session, purpose: Purpose, address: str, now: int) -> bool:
        """Whether an address got as many links for a purpose within an hour as it may."""
        values = {"address": address, "purpose": str(purpose), "since": now - HOUR}
        row = session.one(_RECENT, values)
        return bool(row and row[0] >= MOST_AN_HOUR)

    def too_many_of(self, session: Session, purpose: Purpose, account: int, now: int) -> bool:
        """Whether an account made as many links for a purpose within an hour as it may."""
        row = session.one(_RECENT_OF, {"account": account, "purpose": str(purpose), "since": now - HOUR})
        return bool(row and row[0] >= MOST_AN_HOUR)

    def cancel(self, change: Change, purpose: Purpose, address: str) -> None:
        """Ends every link of an address for a purpose."""
        change.session.run(_CANCEL, {"address": address, "purpose": str(purpose)})

    def cancel_of(self, change: Change, purpose: Purpose, account: int) -> None:
        """Ends every link of an account for a purpose."""
        self._lock(change, "", account)
        change.session.run(_CANCEL_OF, {"account": account, "purpose": str(purpose)})

    def forget(self, now: int) -> None:
        """Removes links that expired and are a week old: unconfirmed sign-ups vanish with theirs."""
        with self.store.changing() as change:
            values = {"now": now, "before": now - WEEK, "notice": str(Purpose.NOTICE)}
            if count := change.session.run(_FORGET, values).rowcount:
                audit.note(change, audit.UPKEEP, "forget", f"{count} mailed links and sign-ups", now)

    def _lock(self, change: Change, address: str, account: int | None) -> None:
        change.session.all(_LOCKED, {"address": address, "account": account})

    def hash(self, secret: str) -> str:
        """Under which a link is stored; it does not tell the secret."""
        return secret_hash(secret, self.store.secret, _PURPOSE)


def _link(row: Row) -> Link:
    return Link(row[0], Purpose(row[1]), row[2], row[3], row[4], row[5], json.loads(row[6]))
