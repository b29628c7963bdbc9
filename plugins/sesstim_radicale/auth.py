"""Signing in for Radicale: institutional accounts with their password or an application password."""

from __future__ import annotations

from radicale import config
from radicale.auth import AuthContext, BaseAuth

from sesstim_caldav.accounts import Account, DirectoryUnavailable, TooManyGuesses
from sesstim_caldav.office import Office
from sesstim_radicale.offices import office_for

LONGEST_LOGIN = 320


class Auth(BaseAuth):
    """Sleeps on nothing: guessing is slowed down where accounts are, not in a worker that others wait for."""

    def __init__(self, configuration: config.Configuration, office: Office | None = None) -> None:
        super().__init__(configuration)
        self.office = office or office_for(configuration)

    def account(self, login: str, password: str, client: str = "") -> Account | None:
        """The account of a login (its e-mail address, in any case) and a password, None if they are not right.

        `client` is the IP address that asks. Raises `TooManyGuesses`, `DirectoryUnavailable` and
        `StoreUnavailable`.
        """
        return self.office.accounts.authenticate(login, password, client) if len(login) <= LONGEST_LOGIN else None

    def _login_ext(self, login: str, password: str, context: AuthContext) -> str:
        try:
            account = self.account(login, password, context.remote_addr or "")
        except (TooManyGuesses, DirectoryUnavailable):
            return ""  # Radicale itself knows neither 429 nor 503 here
        return account.email if account else ""

    def _sleep_for_constant_exec_time(self, time_ns_begin: int) -> None:
        """Nothing: accounts take the same time for an unknown address as for a wrong password."""
