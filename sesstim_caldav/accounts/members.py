"""What members see of their own account and change by themselves: how to reach them, and their devices' passwords."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update

from sesstim_caldav.accounts import audit
from sesstim_caldav.store import Account, Store
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import accounts, addresses, app_passwords

LONGEST_PHONE = 40
_PHONE = re.compile(r"[0-9+().,/ x#-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says of its owner beside the name. `created` is in UTC epoch seconds."""

    phone: str
    sector: str
    created: int


@dataclass(frozen=True, slots=True)
class AppPassword:
    """An application password as it is listed; `last_used` is right to the day. Times are UTC epoch seconds."""

    id: int
    label: str
    created: int
    last_used: int | None


_PROFILE = Statement(
    select(accounts.c.phone, accounts.c.sector, accounts.c.created).where(accounts.c.id == bindparam("id"))
)
_SET_PROFILE = Statement(
    update(accounts)
    .where(accounts.c.id == bindparam("the_id"))
    .values(phone=bindparam("phone"), sector=bindparam("sector"))
)
_APP_PASSWORDS = Statement(
    select(app_passwords.c.id, app_passwords.c.label, app_passwords.c.created, app_passwords.c.last_used)
    .where(app_passwords.c.account == bindparam("account"))
    .order_by(app_passwords.c.id)
)
_REVOKE = Statement(
    delete(app_passwords)
    .where(app_passwords.c.id == bindparam("the_id"), app_passwords.c.account == bindparam("mine"))
    .returning(app_passwords.c.label)
)
_FORGET_ADDRESS = Statement(
    delete(addresses).where(addresses.c.account == bindparam("mine"), addresses.c.address == bindparam("the_address"))
)


def plausible_phone(text: str) -> bool:
    """Whether a text can be a telephone number; an empty one can: it is optional."""
    return len(text) <= LONGEST_PHONE and _PHONE.fullmatch(text) is not None


class Members:
    """Methods may be called from any thread and process; all raise `StoreUnavailable`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def profile(self, account: Account) -> Profile:
        with self.store.reading() as reading:
            row = reading.session.one(_PROFILE, {"id": account.id})
        return Profile(*row) if row else Profile("", "", int(time.time()))

    def set_profile(self, account: Account, phone: str, sector: str) -> None:
        with self.store.changing() as change:
            change.session.run(_SET_PROFILE, {"the_id": account.id, "phone": phone.strip(), "sector": sector})

    def app_passwords(self, account: Account) -> list[AppPassword]:
        """The account's application passwords, oldest first."""
        with self.store.reading() as reading:
            return [AppPassword(*row) for row in reading.session.all(_APP_PASSWORDS, {"account": account.id})]

    def revoke_app_password(self, account: Account, app_password: int) -> bool:
        """Revokes one, from the next request on; False where the account has none such."""
        with self.store.changing() as change:
            revoked = change.session.one(_REVOKE, {"the_id": app_password, "mine": account.id})
            if revoked is not None:
                detail = f"{account.email}: {revoked[0]}"
                audit.note(change, account.email, "revoke-app-password", detail, int(time.time()))
        return revoked is not None

    def forget_address(self, account: Account, address: str) -> bool:
        """Takes a further address away; bookings under it stay the account's. False where it has none such."""
        if address not in account.addresses:
            return False
        with self.store.changing() as change:
            change.session.run(_FORGET_ADDRESS, {"mine": account.id, "the_address": address})
            audit.note(change, account.email, "remove-address", f"{account.email}: {address}", int(time.time()))
        return True
