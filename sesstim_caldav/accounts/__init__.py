"""Accounts: who may sign in, with which passwords, and as what."""

from sesstim_caldav.accounts.accounts import AccountError, Accounts, Entry
from sesstim_caldav.accounts.authentication import DirectoryUnavailable
from sesstim_caldav.accounts.passwords import MOST_CHARACTERS
from sesstim_caldav.accounts.throttle import TooManyGuesses
from sesstim_caldav.store.account import Account, Role

__all__ = [
    "MOST_CHARACTERS",
    "Account",
    "AccountError",
    "Accounts",
    "DirectoryUnavailable",
    "Entry",
    "Role",
    "TooManyGuesses",
]
