"""Accounts of members whom somebody else vouches for: an identity provider or a directory."""

from __future__ import annotations

from sesstim_caldav.accounts.accounts import LONGEST_NAME, AccountError, Accounts, Newcomer, proper_name
from sesstim_caldav.accounts.passwords import NONE
from sesstim_caldav.store import Account
from sesstim_caldav.store.database import Change


def welcome(
    accounts: Accounts,
    change: Change,
    address: str,
    first_name: str,
    last_name: str,
    *,
    by: str,
    now: int,
    language: str | None = None,
) -> Account:
    """Makes an account without a password for an institutional address in its one form, within a transaction.

    `by` names who vouches, for the audit log. Raises `AddressTaken`, or a conflict of the database's.
    """
    first, last = names(first_name, last_name, address)
    spoken = language if language in accounts.settings.site.languages else None
    return accounts.enter(change, Newcomer(address, first, last, NONE, language=spoken), now, by)


def names(first_name: str, last_name: str, address: str) -> tuple[str, str]:
    """First and last name as others tell them; what they do not tell is read off the address (`marie.dupont@…`)."""
    first, last = _name(first_name), _name(last_name)
    if first and not last and " " in first:
        first, _, last = first.partition(" ")
    if first and last:
        return first, last
    local = address.partition("@")[0]
    given, _, family = local.replace("_", ".").partition(".")
    return first or given.title(), last or (family or given).replace(".", " ").title()


def _name(text: str) -> str:
    try:
        return proper_name(text[:LONGEST_NAME])
    except AccountError:
        return ""
