"""Passwords that were found right: looked at slowly once, then known again at once, to every worker of a server.

A verdict is about one account, one password as the store has its hash, and one client. A changed password is another
hash, so nothing that was known of the old one is ever asked for again; and since the client belongs to it, a stranger
elsewhere who tries passwords too fast learns nothing from what is remembered of the member's own devices. What is
written down is keyed with random bytes that only the memory of the server's processes holds.

That a client has signed an account in at all is noted as well, without the password and beyond the server's life: it
has an allowance of its own then, which nobody elsewhere can use up.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict

from sqlalchemy import bindparam, delete, insert, select

from sesstim_caldav.accounts.passwords import normalised
from sesstim_caldav.accounts.secret import secret_hash
from sesstim_caldav.accounts.throttle import network
from sesstim_caldav.store import Account, Store
from sesstim_caldav.store.database import Session, Statement
from sesstim_caldav.store.schema import verdicts

REMEMBERED = 8192
"""Verdicts that a process remembers; what it forgets it finds again in the store."""
KEPT = 30 * 86_400
"""Seconds for which a verdict stands in the store."""

_MINE = verdicts.c.account == bindparam("the_account")
_FAMILIAR = "familiar client"
_FOUND = Statement(select(verdicts.c.at).where(verdicts.c.digest == bindparam("the_digest"), _MINE))
_NEW = Statement(insert(verdicts).values({c.name: bindparam(c.name) for c in verdicts.c}))
_OLD = Statement(delete(verdicts).where(verdicts.c.digest == bindparam("the_digest")))
_PAST = Statement(delete(verdicts).where(verdicts.c.at < bindparam("before")))


class Verdicts:
    """What is known of passwords. `key` is shared by the workers of one server (None: this process knows alone)."""

    def __init__(self, store: Store, key: bytes | None = None) -> None:
        self.store = store
        self._key = key or secrets.token_bytes(32)
        self._known: OrderedDict[str, int] = OrderedDict()

    def digest(self, account: Account, password: str, stored: str, client: str) -> str:
        """What a verdict is remembered by; `stored` is the password's stored hash or the name of who judged it."""
        content = f"{account.id}\0{network(client)}\0{stored}\0{normalised(password)}"
        return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32).hexdigest()

    def familiar(self, account: Account, client: str) -> str:
        """What is noted of a client that has signed an account in."""
        return secret_hash(f"{account.id} {network(client)}", self.store.secret, _FAMILIAR)

    def knows(self, digest: str, now: float, lasts: int = KEPT) -> bool:
        """Whether this process remembers a verdict that is at most `lasts` seconds old."""
        at = self._known.get(digest)
        return at is not None and now - at <= lasts

    def finds(self, session: Session, account: Account, digest: str, now: float, lasts: int = KEPT) -> bool:
        """The same of any process of the server; what is found is remembered here, also when it is older."""
        at = self._noted(session, account, digest)
        if at is None:
            return False
        self.remember(digest, at)
        return self.knows(digest, now, lasts)

    def is_familiar(self, session: Session, account: Account, client: str, now: float) -> bool:
        """Whether a client has signed an account in within a month, in this life of the server or an earlier one."""
        at = self._noted(session, account, self.familiar(account, client))
        return at is not None and now - at <= KEPT

    def remember(self, digest: str, at: int) -> None:
        """Remembers a verdict of a moment (UTC epoch seconds) in this process."""
        self._known[digest] = at
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def note(self, session: Session, account: Account, client: str, digest: str, at: int) -> None:
        """Tells the other processes, in a transaction that writes."""
        self._note(session, account, digest, at)
        self.recognise(session, account, client, at)

    def recognise(self, session: Session, account: Account, client: str, at: int) -> None:
        """Notes that a client has signed an account in, or has read its mail; in a transaction that writes."""
        self._note(session, account, self.familiar(account, client), at)

    def drop(self, session: Session, digest: str) -> None:
        """Forgets a verdict that does not hold any more, in a transaction that writes."""
        self._known.pop(digest, None)
        session.run(_OLD, {"the_digest": digest})

    def forget(self, session: Session, now: float) -> None:
        """Drops what is older than a month, in a transaction that writes."""
        session.run(_PAST, {"before": int(now) - KEPT})

    @staticmethod
    def _note(session: Session, account: Account, digest: str, at: int) -> None:
        session.run(_OLD, {"the_digest": digest})
        session.run(_NEW, {"digest": digest, "account": account.id, "at": at})

    @staticmethod
    def _noted(session: Session, account: Account, digest: str) -> int | None:
        row = session.one(_FOUND, {"the_digest": digest, "the_account": account.id})
        return None if row is None else int(row[0])
