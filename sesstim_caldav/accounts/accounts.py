"""The accounts of a site: made, found, signed in, changed."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy import bindparam, func, insert, select, update

from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.address import AddressRefused, Reason, institutional_address
from sesstim_caldav.accounts.authentication import Authentication
from sesstim_caldav.accounts.passwords import MOST_CHARACTERS, NONE, Passwords, app_password_hash, new_app_password
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Role, Store, StoredBooking, Writing
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Change, Row, Statement, Values, storable
from sesstim_caldav.store.schema import accounts, addresses, app_passwords, bookings
from sesstim_caldav.store.tags import etag

if TYPE_CHECKING:
    from sesstim_caldav.accounts.directory import Entry as DirectoryEntry

LONGEST_NAME = 100

# no control characters, no line separators, none that turn the reading direction: a name stands in other people's lines
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


class AccountError(Exception):
    """An account cannot be made, found or changed; the text says why in one line of English."""


class AddressTaken(AccountError):
    """An address is an account's already."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account to be made, all of it checked. `terms`: when the terms of use were agreed to, UTC epoch seconds."""

    email: str
    first_name: str
    last_name: str
    password_hash: str
    role: Role = Role.MEMBER
    phone: str = ""
    sector: str = ""
    language: str | None = None
    terms: int | None = None


def proper_name(text: str) -> str:
    """A first or last name with single blanks. Raises `AccountError`."""
    name = " ".join(text.split())
    if not name:
        raise AccountError("a first name and a last name are needed")
    if len(name) > LONGEST_NAME:
        raise AccountError(f"a name has at most {LONGEST_NAME} characters")
    if _CONTROL.search(name):
        raise AccountError("a name cannot hold control characters")
    return name


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of accounts. `created` is in UTC epoch seconds."""

    account: Account
    created: int
    bookings: int
    app_passwords: tuple[str, ...]


_BY_EMAIL = Statement(select(*ACCOUNT).where(accounts.c.email == bindparam("email")))
_BY_ID = Statement(select(*ACCOUNT).where(accounts.c.id == bindparam("id")))
_BY_FURTHER_ADDRESS = Statement(
    select(*ACCOUNT).where(
        accounts.c.id.in_(
            select(addresses.c.account).where(
                addresses.c.address == bindparam("address"), addresses.c.confirmed == sa.literal_column("1")
            )
        )
    )
)
_ALL = Statement(
    select(
        *ACCOUNT,
        accounts.c.created,
        select(func.count()).select_from(bookings).where(bookings.c.organiser == accounts.c.id).scalar_subquery(),
    ).order_by(accounts.c.email)
)
_LABELS = Statement(select(app_passwords.c.account, app_passwords.c.label).order_by(app_passwords.c.id))
_NEW = Statement(
    insert(accounts)
    .values({column.name: bindparam(column.name) for column in accounts.c if column.name != "id"})
    .returning(accounts.c.id)
)
_NEW_ADDRESS = Statement(insert(addresses).values({c.name: bindparam(c.name) for c in addresses.c}))
_NEW_APP_PASSWORD = Statement(
    insert(app_passwords).values({c.name: bindparam(c.name) for c in app_passwords.c if c.name != "id"})
)
_MINE = accounts.c.id == bindparam("the_id")
_SET_ACTIVE = Statement(update(accounts).where(_MINE).values(active=bindparam("active")))
_SET_ROLE = Statement(update(accounts).where(_MINE).values(role=bindparam("role"), epoch=accounts.c.epoch + 1))
_SET_LANGUAGE = Statement(
    update(accounts).where(_MINE).values(language=bindparam("language"), epoch=accounts.c.epoch + 1)
)
_PASSWORD = Statement(select(accounts.c.password_hash).where(accounts.c.id == bindparam("id")))
_SET_PASSWORD = Statement(update(accounts).where(_MINE).values(password_hash=bindparam("password_hash")))


class Accounts:
    """The accounts. Methods may be called from any thread and process; a change holds for every later request."""

    def __init__(self, store: Store, settings: Settings, key: bytes | None = None) -> None:
        """`key`: random bytes that the workers of one server share, by which they tell each other who signed in."""
        self.store = store
        self.settings = settings
        self._passwords = Passwords()
        self._authentication = Authentication(store, settings, self._passwords, key, self._welcome)

    # -- who it is

    def institutional(self, email: str) -> bool:
        """Whether the address belongs to one of the institution's domains; no other ever signs in."""
        return self.settings.institutional(email)

    def authenticate(
        self, email: str, password: str, client: str = "", now: int | None = None, *, devices: bool = True
    ) -> Account | None:
        """The account that an address and its password, or one of its application passwords, sign in; else None.

        `client` is the IP address that asks ("": none is known), `now` UTC epoch seconds; without `devices` the
        account's own password alone counts. Costs one SELECT, and more the first time that a client comes with the
        pair. Raises `TooManyGuesses`, `StoreUnavailable` and `DirectoryUnavailable`.
        """
        return self._authentication.account(email, password, client, now, devices=devices)

    def recognise(self, account: Account, client: str, now: int | None = None) -> None:
        """Notes that a client is its owner's who proved it without a password: it gets guesses of its own at it."""
        self._authentication.recognise(account, client, now)

    def has_password(self, account: Account) -> bool:
        """Whether the account has a password, here or in the directory; a provider's never comes here."""
        row = self._one(_PASSWORD, {"id": account.id})
        return bool(self.settings.directory.url) or (row is not None and row[0] != NONE)

    def forget_guesses(self, now: int | None = None) -> None:
        """Drops what no longer counts of guesses at passwords; for upkeep. Raises `StoreUnavailable`."""
        self._authentication.forget(now)

    def by_email(self, email: str) -> Account | None:
        """The account of an address (case does not matter), whether it may sign in or not."""
        return self._found(_BY_EMAIL, {"email": email.strip().lower()})

    def by_id(self, account: int) -> Account | None:
        return self._found(_BY_ID, {"id": account})

    def resolve(self, address: str) -> Account | None:
        """The account that a calendar user address names (RFC 5545 section 3.3.3), or None.

        `mailto:` in any case with the account's address or a further confirmed one, or the principal's path, absolute
        or relative, percent-encoded or not. Disabled accounts are found too: a booking can be theirs.
        """
        value = address.strip()
        if value[:7].lower() == "mailto:":
            return self._by_mail(unquote(value[7:].partition("?")[0]))
        try:
            path = unquote(urlsplit(value).path if "://" in value else value)
        except ValueError:
            return None
        _, marker, rest = path.rpartition("/dav/")
        if marker and rest.strip("/") and "/" not in rest.strip("/"):
            return self.by_email(rest.strip("/"))
        if "/" not in path and "@" in path:
            return self._by_mail(path)
        return None

    def etag(self, viewer: Account, writing: Writing, booking: StoredBooking) -> str:
        """The ETag of a booking just written, as the viewer will be told it."""
        nudge = writing.nudge_of(viewer.id, booking.id)
        return etag(self.store.id, booking.rev, booking.shown, viewer.epoch, nudge)

    def all(self) -> list[Account]:
        """Every account, ordered by address."""
        return [entry.account for entry in self.entries()]

    def entries(self) -> list[Entry]:
        """Every account, ordered by address."""
        with self.store.reading() as reading:
            rows = reading.session.all(_ALL, {})
            labels: dict[int, list[str]] = {}
            for account, label in reading.session.all(_LABELS, {}):
                labels.setdefault(account, []).append(label)
        return [Entry(account_of(row), row[9], row[10], tuple(labels.get(row[0], ()))) for row in rows]

    # -- changes

    def add(
        self,
        email: str,
        first_name: str,
        last_name: str,
        password: str,
        *,
        manager: bool = False,
        phone: str = "",
        sector: str = "",
        language: str | None = None,
        by: str | None = None,
    ) -> Account:
        """Makes a confirmed account. Raises `AccountError`.

        `by`, here and below, is whom the audit log names: an address or `command line`; None: the member himself.
        """
        address = self._institutional(email)
        member = Newcomer(
            address,
            proper_name(first_name),
            proper_name(last_name),
            self.hashed(password),
            Role.MANAGER if manager else Role.MEMBER,
            phone,
            sector,
            language,
        )
        try:
            with self.store.changing() as change:
                return self.enter(change, member, int(time.time()), by)
        except self.store.database.conflicts as error:
            raise AddressTaken(f"{address} has an account already") from error

    def enter(self, change: Change, newcomer: Newcomer, now: int, by: str | None = None) -> Account:
        """Makes an account within a transaction. Raises `AddressTaken`, or a conflict of the database's."""
        if self.holder(change, newcomer.email):
            raise AddressTaken(f"{newcomer.email} has an account already")
        values = asdict(newcomer) | {"role": str(newcomer.role), "active": 1, "epoch": 1, "created": now}
        row = change.session.one(_NEW, values)
        assert row is not None
        audit.note(change, by or newcomer.email, "add", newcomer.email, now)
        names = newcomer.first_name, newcomer.last_name
        return Account(row[0], newcomer.email, *names, newcomer.role, newcomer.language, True, 1)

    def _welcome(self, address: str, entry: DirectoryEntry, now: int) -> Account | None:
        """The account of an address for which the directory vouches: made now, at the first sign-in."""
        from sesstim_caldav.accounts.vouching import welcome

        try:
            proper = institutional_address(address, self.settings.accounts.domains)
            with self.store.changing() as change:
                names = entry.first_name, entry.last_name
                return welcome(self, change, proper, *names, by=audit.DIRECTORY, now=now)
        except AddressRefused:
            return None
        except AddressTaken:
            return self.by_email(address)  # made by another request at this moment; or somebody's further address
        except self.store.database.conflicts:
            return self.by_email(address)

    def holder(self, change: Change, address: str) -> Account | None:
        """Whose an address in its one form is, as the first or a further one, seen from within a transaction."""
        row = change.session.one(_BY_EMAIL, {"email": address})
        row = row or change.session.one(_BY_FURTHER_ADDRESS, {"address": address})
        return account_of(row) if row else None

    def set_role(self, email: str, role: Role | str, by: str | None = None) -> Account:
        """Gives a role. What the account sees changes with it: its ETags and tokens move. Raises `AccountError`."""
        try:
            wanted = Role(role)
        except ValueError:
            raise AccountError(f"{role!r} is no role ({' or '.join(Role)})") from None
        return self._change(email, _SET_ROLE, {"role": str(wanted)}, "set-role", by, str(wanted))

    def set_language(self, email: str, language: str | None) -> Account:
        """Gives a language (None: none). Its ETags and tokens move. Raises `AccountError`."""
        if language is not None and language not in self.settings.site.languages:
            raise AccountError(f"{language!r} is not one of the site's languages")
        return self._change(email, _SET_LANGUAGE, {"language": language})

    def set_password(self, email: str, password: str, by: str | None = None) -> Account:
        """Gives another password; the old one is refused from the next request on. Raises `AccountError`."""
        return self._change(email, _SET_PASSWORD, {"password_hash": self.hashed(password)}, "set-password", by)

    def store_password(self, change: Change, account: Account, password_hash: str, now: int) -> None:
        """As `set_password` by the member, of a password `hashed` before, within a transaction."""
        change.session.run(_SET_PASSWORD, {"password_hash": password_hash, "the_id": account.id})
        audit.note(change, account.email, "set-password", account.email, now)

    def disable(self, email: str, by: str | None = None) -> Account:
        """The account cannot sign in any more; its bookings stay. Raises `AccountError`."""
        return self._change(email, _SET_ACTIVE, {"active": 0}, "disable", by)

    def enable(self, email: str, by: str | None = None) -> Account:
        return self._change(email, _SET_ACTIVE, {"active": 1}, "enable", by)

    def add_address(self, email: str, further: str) -> Account:
        """Gives a further confirmed address, by which an ORGANIZER names the account as well. Raises `AccountError`."""
        address = self._institutional(further)
        account = self._named(email)
        with self.store.changing() as change:
            self.enter_address(change, account.id, address)
        return self._named(email)

    def enter_address(self, change: Change, account: int, address: str) -> None:
        """Gives a further address, in its one form, within a transaction. Raises `AddressTaken`."""
        if self.holder(change, address):
            raise AddressTaken(f"{address} is an account's address already")
        change.session.run(_NEW_ADDRESS, {"account": account, "address": address, "confirmed": 1})

    def app_password(self, email: str, label: str, by: str | None = None) -> str:
        """Makes an application password for a device; it is told this once. Raises `AccountError`."""
        account = self._named(email)
        if not label.strip() or _CONTROL.search(label):
            raise AccountError("an application password needs a label: the device's name")
        password, now = new_app_password(), int(time.time())
        values = {
            "account": account.id,
            "label": label.strip(),
            "hash": app_password_hash(password, self.store.secret),
            "created": now,
            "last_used": None,
        }
        with self.store.changing() as change:
            change.session.run(_NEW_APP_PASSWORD, values)
            audit.note(change, by or account.email, "app-password", f"{account.email}: {label.strip()}", now)
        return password

    # -- inside

    def _one(self, statement: Statement, values: Values) -> Row | None:
        with self.store.reading() as reading:
            return reading.session.one(statement, values)

    def _found(self, statement: Statement, values: Values) -> Account | None:
        if not all(storable(value) for value in values.values() if isinstance(value, str)):
            return None
        row = self._one(statement, values)
        return account_of(row) if row else None

    def _by_mail(self, address: str) -> Account | None:
        found = address.strip().lower()
        return self.by_email(found) or self._found(_BY_FURTHER_ADDRESS, {"address": found})

    def _named(self, email: str) -> Account:
        account = self.by_email(email)
        if account is None:
            raise AccountError(f"{email} has no account")
        return account

    def _change(
        self, email: str, statement: Statement, values: Values, what: str = "", by: str | None = None, detail: str = ""
    ) -> Account:
        """Changes an account; noted as `what` where that is given."""
        account = self._named(email)
        with self.store.changing() as change:
            change.session.run(statement, {**values, "the_id": account.id})
            if what:
                told = f"{account.email}: {detail}" if detail else account.email
                audit.note(change, by or account.email, what, told, int(time.time()))
        return self._named(email)

    def _institutional(self, text: str) -> str:
        try:
            return institutional_address(text, self.settings.accounts.domains, tags=True)
        except AddressRefused as refused:
            if refused.reason == Reason.FOREIGN:
                domains = ", ".join(refused.domains)
                raise AccountError(f"{text.strip()!r} is not of an institutional domain ({domains})") from refused
            raise AccountError(f"{text!r} is not an e-mail address that can have an account") from refused

    def hashed(self, password: str) -> str:
        """The hash under which a chosen password is stored. Raises `AccountError` where it is none, or too long."""
        if not password:
            raise AccountError("an empty password is none")
        if len(password) > MOST_CHARACTERS:
            raise AccountError(f"a password has at most {MOST_CHARACTERS} characters")
        return self._passwords.hash(password)
