"""How fast passwords can be guessed: over CalDAV and the pages together, across worker processes and restarts.

Every address that is signed in with and every client (an IPv4 address, an IPv6 network of 64 bits) has an allowance of
so many wrong passwords at once and so many a minute after that: the generic cell rate algorithm, whose whole memory is
one number a guesser, the moment at which all its guesses are paid off. A guess is paid for before it is looked at, so
that no number of simultaneous ones gets past, and paid back if it was right. One that is not allowed costs nothing.
A client that has signed an account in before has an allowance of its own at it (`verdicts`).
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import and_, bindparam, case, delete, insert, or_, select, update

from sesstim_caldav.accounts.secret import secret_hash
from sesstim_caldav.settings import SignIn
from sesstim_caldav.store import Store
from sesstim_caldav.store.database import Session, Statement
from sesstim_caldav.store.schema import guesses

_PURPOSE = "guess"
_ATTEMPTS = 3

_THIS = guesses.c.key == bindparam("the_key")
_AHEAD = and_(guesses.c.paid > bindparam("now"), guesses.c.paid <= bindparam("latest"))
_CHARGED = Statement(
    update(guesses)
    .where(_THIS, or_(guesses.c.paid <= bindparam("latest"), guesses.c.paid > bindparam("beyond")))
    .values(paid=case((_AHEAD, guesses.c.paid), else_=bindparam("now")) + bindparam("interval"))
)
_FIRST = Statement(insert(guesses).values(key=bindparam("the_key"), paid=bindparam("paid")))
_PAID = Statement(select(guesses.c.paid).where(_THIS))
_BACK = Statement(update(guesses).where(_THIS).values(paid=guesses.c.paid - bindparam("interval")))
_OVER = Statement(delete(guesses).where(guesses.c.paid < bindparam("now")))


class TooManyGuesses(Exception):
    """So many wrong passwords were tried that this one is not looked at. HTTP says 429 with `Retry-After`.

    `retry_after` is in whole seconds, at least 1: from then on a password is looked at again.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many guesses; the next one is looked at in {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many guesses at once, then one every `interval` milliseconds."""

    burst: int
    interval: int

    @classmethod
    def of(cls, burst: int, per_minute: float) -> Allowance:
        return cls(burst, max(1, round(60_000 / per_minute)))

    def latest(self, now: int) -> int:
        """Until when the guesses so far may be unpaid for another one to be allowed (epoch milliseconds)."""
        return now + (self.burst - 1) * self.interval

    def beyond(self, now: int) -> int:
        """What no guessing leads to: a clock was put back, or another allowance was configured."""
        return now + 2 * self.burst * self.interval


MAILS = Allowance.of(200, 20)
"""How many mails one client makes the site write: a whole lab that signs up on its first day has one IP address."""
RETURNS = Allowance.of(200, 20)
"""How often one client comes back from the organisation's provider, with whatever in its hands."""


@dataclass(frozen=True, slots=True)
class Guesser:
    """The rows of one attempt to sign in, in the order in which they are always locked."""

    keys: tuple[tuple[str, Allowance], ...]


class Throttle:
    """The allowances of a site. All methods raise `StoreUnavailable`."""

    def __init__(self, store: Store, allowed: SignIn) -> None:
        self.store = store
        self._account = Allowance.of(allowed.account_burst, allowed.account_per_minute)
        self._client = Allowance.of(allowed.client_burst, allowed.client_per_minute)

    def guesser(self, address: str, client: str, familiar: bool = False) -> Guesser:
        """Who guesses: at the password of an address (in lower case), from a client ("": unknown).

        `familiar`: the client has signed the account in before. It does not share the allowance of all the others.
        """
        return Guesser(tuple(self._keys(address, client, familiar)))

    def writer(self, client: str) -> Guesser:
        """Who makes the site write mails, by forms that are open to strangers; nobody where the client is unknown."""
        key = secret_hash(f"mails:{network(client)}", self.store.secret, _PURPOSE)
        return Guesser(((key, MAILS),) if client else ())

    def returning(self, client: str) -> Guesser:
        """Who comes back from the provider, which has the site write a note and ask the provider."""
        key = secret_hash(f"returns:{network(client)}", self.store.secret, _PURPOSE)
        return Guesser(((key, RETURNS),) if client else ())

    def charge(self, guesser: Guesser, now: float) -> None:
        """Takes a guess off every allowance, or off none: then raises `TooManyGuesses`, having locked nothing.

        `now` is in UTC epoch seconds, as everywhere here.
        """
        with self.store.reading() as reading:
            for key, allowance in guesser.keys:
                row = reading.session.one(_PAID, {"the_key": key})
                if row is not None:
                    _admit(row[0], allowance, _milliseconds(now))
        for attempt in range(_ATTEMPTS):
            try:
                with self.store.changing() as change:
                    for key, allowance in guesser.keys:
                        _charge(change.session, key, allowance, _milliseconds(now))
                return
            except self.store.database.conflicts:  # another process made the row just now
                if attempt == _ATTEMPTS - 1:
                    raise

    def pay_back(self, session: Session, guesser: Guesser) -> None:
        """Gives a guess back that was right, in a transaction that writes."""
        for key, allowance in guesser.keys:
            session.run(_BACK, {"the_key": key, "interval": allowance.interval})

    def forget(self, session: Session, now: float) -> None:
        """Drops the rows of guessers who have paid everything off, in a transaction that writes."""
        session.run(_OVER, {"now": _milliseconds(now)})

    def _keys(self, address: str, client: str, familiar: bool) -> Iterator[tuple[str, Allowance]]:
        whence = network(client) if familiar else "anywhere"
        yield secret_hash(f"account:{address} {whence}", self.store.secret, _PURPOSE), self._account
        if client:
            yield secret_hash(f"client:{network(client)}", self.store.secret, _PURPOSE), self._client


@lru_cache(maxsize=4096)
def network(client: str) -> str:
    """What counts as one client: an IPv4 address, the /64 of an IPv6 one (a household or a phone has a whole one)."""
    try:
        ip = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def _charge(session: Session, key: str, allowance: Allowance, now: int) -> None:
    values = {
        "the_key": key,
        "now": now,
        "latest": allowance.latest(now),
        "beyond": allowance.beyond(now),
        "interval": allowance.interval,
    }
    if session.run(_CHARGED, values).rowcount:
        return
    row = session.one(_PAID, {"the_key": key})
    if row is None:
        session.run(_FIRST, {"the_key": key, "paid": now + allowance.interval})
    else:
        _admit(row[0], allowance, now)


def _admit(paid: int, allowance: Allowance, now: int) -> None:
    if allowance.latest(now) < paid <= allowance.beyond(now):
        raise TooManyGuesses(max(1, -((allowance.latest(now) - paid) // 1000)))


def _milliseconds(now: float) -> int:
    return int(now * 1000)


def clock(now: float | None) -> float:
    """The moment asked for, or the present one, in UTC epoch seconds."""
    return time.time() if now is None else now
