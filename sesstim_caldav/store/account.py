"""An account as everything above the store knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from sesstim_caldav.booking.proposal import Person
from sesstim_caldav.store.schema import accounts, addresses


class Role(StrEnum):
    MEMBER = "member"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `epoch` counts what changed the account's own view: its role, its language."""

    id: int
    email: str
    first_name: str
    last_name: str
    role: Role
    language: str | None
    active: bool
    epoch: int
    addresses: tuple[str, ...] = field(default=())
    """Further confirmed addresses, in lower case."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def principal(self) -> str:
        """The path of the principal under the server's root, not percent-encoded."""
        return f"/dav/{self.email}/"

    def person(self) -> Person:
        """The account as the booking rules see it."""
        return Person(
            id=self.id,
            name=self.name,
            email=self.email,
            addresses=frozenset((self.email, *self.addresses)),
            principal=self.principal,
            manager=self.role == Role.MANAGER,
        )


further_addresses = (
    # a literal separator: one given as text is filled in at each execution, and compiled statements have none
    sa.select(sa.func.aggregate_strings(addresses.c.address, sa.literal_column("' '")))  # type: ignore[arg-type]
    .where(addresses.c.account == accounts.c.id, addresses.c.confirmed == sa.literal_column("1"))
    .scalar_subquery()
)

ACCOUNT = (
    accounts.c.id,
    accounts.c.email,
    accounts.c.first_name,
    accounts.c.last_name,
    accounts.c.role,
    accounts.c.language,
    accounts.c.active,
    accounts.c.epoch,
    further_addresses,
)
"""The columns that `account_of` reads."""


def account_of(row: tuple[Any, ...]) -> Account:
    """The account in a row that begins with the columns of `ACCOUNT`."""
    further = row[8]
    return Account(
        row[0],
        row[1],
        row[2],
        row[3],
        Role(row[4]),
        row[5],
        bool(row[6]),
        row[7],
        tuple(sorted(further.split(" "))) if further else (),
    )
