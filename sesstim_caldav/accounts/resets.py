"""Passwords chosen anew: by a mailed link where the old one is forgotten, on the account page where it is known."""

from __future__ import annotations

import time

from sesstim_caldav.accounts.accounts import Accounts
from sesstim_caldav.accounts.address import institutional_address
from sesstim_caldav.accounts.links import Links, Purpose
from sesstim_caldav.accounts.registration import LinkUseless
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.accounts.strength import Weakness, weakness
from sesstim_caldav.accounts.throttle import Throttle
from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.store import Account
from sesstim_caldav.store.database import Change

MINUTE = 60


class WeakPassword(ValueError):
    """A password that cannot be taken."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(str(weakness))
        self.weakness = weakness


class Resets:
    """Changes of passwords. Times are UTC epoch seconds; all methods raise `StoreUnavailable`."""

    def __init__(self, accounts: Accounts, outbox: Outbox, messages: Messages) -> None:
        self.accounts = accounts
        self.store = accounts.store
        self.settings = accounts.settings
        self.outbox = outbox
        self.messages = messages
        self.links = Links(accounts.store)
        self._throttle = Throttle(accounts.store, accounts.settings.sign_in)
        self._sessions = Sessions(accounts.store, accounts.settings)

    def ask(self, text: str, language: str, now: int | None = None, client: str = "") -> None:
        """Mails a link to whoever has an account that may sign in; does the same work for any other address.

        `client` is the visitor's IP address. Raises `AddressRefused` for what can be no member's address, and
        `TooManyGuesses`.
        """
        at = _now(now)
        address = institutional_address(text, self.settings.accounts.domains, tags=True)
        self._throttle.charge(self._throttle.writer(client), at)
        seconds = self.settings.accounts.reset_minutes * MINUTE
        with self.store.changing() as change:
            account = self.accounts.holder(change, address)
            if account is not None and not self._may(account):
                account = None
            purpose = Purpose.RESET if account else Purpose.NOTICE
            if self.links.too_many(change.session, purpose, address, at):
                return
            holder = account.id if account else None
            secret = self.links.make(change, purpose, address, seconds=seconds, now=at, account=holder)
            to, spoken = (account.email, account.language or language) if account else (address, language)
            mail = self.messages.choose_password(to, secret, spoken, at)
            if account:
                self.outbox.put(change, mail, at)
            else:
                self.outbox.write(mail)  # for nobody, and thrown away

    def find(self, secret: str, now: int | None = None) -> Account | None:
        """Whose password a link lets one choose; None where it does not work."""
        link = self.links.find(secret)
        if link is None or link.purpose != Purpose.RESET or not link.valid(_now(now)) or link.account is None:
            return None
        account = self.accounts.by_id(link.account)
        return account if account is not None and self._may(account) else None

    def choose(self, secret: str, password: str, now: int | None = None) -> Account:
        """Gives the password that somebody with a link chose; no link does so twice.

        Every browser is signed out, application passwords stay. Raises `LinkUseless`, `WeakPassword`.
        """
        at = _now(now)
        account = self.find(secret, at)
        if account is None:
            raise LinkUseless
        password_hash = self._hashed(account, password)
        with self.store.changing() as change:
            if self.links.redeem(change, secret, at) is None:
                raise LinkUseless
            self._give(change, account, password_hash, "", at)
        return account

    def change(self, account: Account, password: str, but: str = "", now: int | None = None) -> None:
        """Gives the password that a signed-in member chose; every browser is signed out `but` the one of that session.

        Raises `WeakPassword`.
        """
        password_hash = self._hashed(account, password)
        with self.store.changing() as change:
            self._give(change, account, password_hash, but, _now(now))

    # -- inside

    def _may(self, account: Account) -> bool:
        return account.active and self.settings.institutional(account.email)

    def _hashed(self, account: Account, password: str) -> str:
        words = (account.first_name, account.last_name, account.email, self.settings.site.name)
        weak = weakness(password, words)
        if weak:
            raise WeakPassword(weak)
        return self.accounts.hashed(password)

    def _give(self, change: Change, account: Account, password_hash: str, but: str, now: int) -> None:
        self.accounts.store_password(change, account, password_hash, now)
        self._sessions.end_all_within(change, account.id, but)
        self.links.cancel_of(change, Purpose.RESET, account.id)
        language = account.language or self.settings.site.languages[0]
        self.outbox.put(change, self.messages.password_changed(account.email, language, now), now)


def _now(now: int | None) -> int:
    return int(time.time()) if now is None else now
