"""Signing up: a form, a mail, a link that opens the account; further addresses are confirmed by the same kind of link.

The form's page says the same whether the address has an account or not, after the same work: one slow hash, one
transaction, one mail. Each link carries its own form, so that the last of two carries the last password.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sesstim_caldav.accounts.accounts import AccountError, Accounts, AddressTaken, Newcomer, proper_name
from sesstim_caldav.accounts.address import AddressRefused, institutional_address
from sesstim_caldav.accounts.audit import note
from sesstim_caldav.accounts.links import HOUR, WEEK, Link, Links, Purpose
from sesstim_caldav.accounts.members import plausible_phone
from sesstim_caldav.accounts.strength import Weakness, weakness
from sesstim_caldav.accounts.throttle import Throttle
from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.store import Account
from sesstim_caldav.store.database import Change


@dataclass(frozen=True, slots=True)
class SignUp:
    """The form as somebody filled it in."""

    first_name: str
    last_name: str
    email: str
    phone: str
    password: str
    sector: str
    agreed: bool


class Fault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    UNUSABLE = "unusable"


Faults = Mapping[str, Fault | Weakness | AddressRefused]
"""What is wrong with a form, by the names of `SignUp`'s fields."""


class SignUpRefused(ValueError):
    """A form that cannot be taken; whether the address has an account already is no fault of it."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


class LinkUseless(Exception):
    """A link that was used, has expired or never was."""


class TooManyLinks(Exception):
    """An account asked for more mails within an hour than it may."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a link brought about: a new account, or a further address of an account."""

    account: Account
    address: str
    new: bool


class Registration:
    """Sign-ups and further addresses. Times are UTC epoch seconds; all methods raise `StoreUnavailable`."""

    def __init__(self, accounts: Accounts, outbox: Outbox, messages: Messages) -> None:
        self.accounts = accounts
        self.store = accounts.store
        self.settings = accounts.settings
        self.outbox = outbox
        self.messages = messages
        self.links = Links(accounts.store)
        self._throttle = Throttle(accounts.store, accounts.settings.sign_in)

    # -- signing up

    def sign_up(self, form: SignUp, language: str, now: int | None = None, client: str = "") -> str:
        """Takes a form and mails a link; to whoever has an account already, mails that instead.

        Answers by what the browser is known that signed up: a `Link.hash`, or nothing if the address was written to too
        often within the hour. `client` is the visitor's IP address. Raises `SignUpRefused`, `TooManyGuesses`.
        """
        at = _now(now)
        newcomer = self._checked(form)
        self._throttle.charge(self._throttle.writer(client), at)
        payload = {
            "first_name": newcomer.first_name,
            "last_name": newcomer.last_name,
            "password_hash": self.accounts.hashed(form.password),
            "phone": newcomer.phone,
            "sector": newcomer.sector,
            "language": language,
            "terms": at,
        }
        with self.store.changing() as change:
            return self._mail(change, newcomer.email, payload, language, at)

    def ask_again(self, link_hash: str, now: int | None = None, client: str = "") -> str:
        """Mails another link with the form of an earlier one, of which the browser knows the hash; answers as `sign_up`
        does. Raises `TooManyGuesses`."""
        self._throttle.charge(self._throttle.writer(client), _now(now))
        with self.store.changing() as change:
            link = self.links.by_hash(change.session, link_hash)
            if link is None or link.purpose not in (Purpose.SIGN_UP, Purpose.NOTICE):
                return ""
            return self._mail_again(change, link, _now(now))

    def renew(self, secret: str, now: int | None = None) -> bool:
        """Mails another link in the place of one that has expired; False where there is none such any more."""
        link = self.links.find(secret)
        if link is None or link.purpose != Purpose.SIGN_UP:
            return False
        with self.store.changing() as change:
            self._mail_again(change, link, _now(now))
        return True

    # -- further addresses

    def add_address(self, account: Account, text: str, language: str, now: int | None = None) -> str:
        """Mails a link to a further address; answers the address in its one form.

        Nothing is mailed, and nothing said, where it is another account's. Raises `AddressRefused`, `AddressTaken`
        where the account has it already, `TooManyLinks`.
        """
        at = _now(now)
        address = institutional_address(text, self.settings.accounts.domains)
        if address in (account.email, *account.addresses):
            raise AddressTaken(f"{address} is the account's already")
        with self.store.changing() as change:
            if self.links.too_many_of(change.session, Purpose.ADDRESS, account.id, at):
                raise TooManyLinks
            purpose, seconds = Purpose.ADDRESS, self.settings.accounts.confirm_hours * HOUR
            secret = self.links.make(change, purpose, address, seconds=seconds, now=at, account=account.id)
            if self.accounts.holder(change, address) is None:
                mail = self.messages.confirm_address(address, account.email, secret, language, at)
                self.outbox.put(change, mail, at)
        return address

    # -- links

    def find(self, secret: str) -> Link | None:
        """What a link is to confirm, also when it has expired; None where it was used or never was."""
        link = self.links.find(secret)
        return link if link is not None and link.purpose in (Purpose.SIGN_UP, Purpose.ADDRESS) else None

    def confirm(self, secret: str, now: int | None = None) -> Confirmed:
        """Opens the account, or gives the further address, that a link is for; no link does so twice.

        Raises `LinkUseless`, and `AddressTaken` where the address became an account's in the meantime.
        """
        at = _now(now)
        try:
            with self.store.changing() as change:
                link = self.links.redeem(change, secret, at)
                if link is None or not self.settings.institutional(link.address):
                    raise LinkUseless
                if link.purpose == Purpose.SIGN_UP:
                    return self._opened(change, link, at)
                if link.purpose == Purpose.ADDRESS and link.account is not None:
                    return self._given(change, link, link.account, at)
                raise LinkUseless
        except self.store.database.conflicts as error:
            raise AddressTaken("the address has an account already") from error

    def forget(self, now: int) -> None:
        """Removes sign-ups that nobody confirmed within a week, and links that have expired."""
        self.links.forget(now)

    # -- inside

    def _opened(self, change: Change, link: Link, now: int) -> Confirmed:
        form: dict[str, Any] = dict(link.payload)
        if form["language"] not in self.settings.site.languages:
            form["language"] = None
        account = self.accounts.enter(change, Newcomer(link.address, **form), now)
        self.links.cancel(change, Purpose.SIGN_UP, link.address)
        return Confirmed(account, link.address, new=True)

    def _given(self, change: Change, link: Link, account_id: int, now: int) -> Confirmed:
        self.accounts.enter_address(change, account_id, link.address)
        self.links.cancel(change, Purpose.SIGN_UP, link.address)
        self.links.cancel(change, Purpose.ADDRESS, link.address)
        account = self.accounts.holder(change, link.address)
        assert account is not None
        note(change, account.email, "add-address", f"{account.email}: {link.address}", now)
        return Confirmed(account, link.address, new=False)

    def _mail_again(self, change: Change, link: Link, now: int) -> str:
        language = str(link.payload.get("language", self.settings.site.languages[0]))
        return self._mail(change, link.address, link.payload, language, now)

    def _mail(self, change: Change, address: str, payload: Mapping[str, object], language: str, now: int) -> str:
        """Mails a link, or that there is an account; the same work either way."""
        owner = self.accounts.holder(change, address)
        purpose = Purpose.NOTICE if owner else Purpose.SIGN_UP
        if self.links.too_many(change.session, purpose, address, now):
            return ""
        # what a stranger typed is not kept: the note about an account holds the language that the form was in
        kept = {"language": language} if owner else payload
        seconds = HOUR if owner else min(self.settings.accounts.confirm_hours * HOUR, WEEK)
        secret = self.links.make(change, purpose, address, seconds=seconds, now=now, payload=kept)
        if owner:
            mail = self.messages.account_exists(owner.email, owner.language or language, now)
        else:
            mail = self.messages.confirm_sign_up(address, secret, language, now)
        self.outbox.put(change, mail, now)
        return self.links.hash(secret)

    def _checked(self, form: SignUp) -> Newcomer:
        """The form in order, its password hash still to come. Raises `SignUpRefused` with all that is wrong."""
        faults: dict[str, Fault | Weakness | AddressRefused] = {}
        names = {}
        for field in ("first_name", "last_name"):
            typed = getattr(form, field)
            try:
                names[field] = proper_name(typed)
            except AccountError:
                faults[field] = Fault.UNUSABLE if typed.strip() else Fault.MISSING
        address = ""
        try:
            address = institutional_address(form.email, self.settings.accounts.domains)
        except AddressRefused as refused:
            faults["email"] = refused
        phone = form.phone.strip()
        if not plausible_phone(phone):
            faults["phone"] = Fault.UNUSABLE
        if form.sector not in self.settings.accounts.sectors:
            faults["sector"] = Fault.UNUSABLE if form.sector else Fault.MISSING
        if not form.agreed:
            faults["agreed"] = Fault.MISSING
        own_words = (form.first_name, form.last_name, form.email, self.settings.site.name)
        weak = weakness(form.password, own_words)
        if weak:
            faults["password"] = weak
        if faults:
            raise SignUpRefused(faults)
        return Newcomer(address, names["first_name"], names["last_name"], "", phone=phone, sector=form.sector)


def _now(now: int | None) -> int:
    return int(time.time()) if now is None else now
