"""A directory (LDAP, RFC 4511) that knows the members' passwords: it is asked, nothing of it is copied but names.

Whoever signs in is looked up by his address with the directory's own account for reading, and the password is then
tried by a bind as the entry found. The two are different connections: nothing is read with a member's rights.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import ldap3
from ldap3.core.exceptions import (
    LDAPBusyResult,
    LDAPException,
    LDAPOperationResult,
    LDAPSASLPrepError,
    LDAPSizeLimitExceededResult,
    LDAPTimeLimitExceededResult,
    LDAPUnavailableResult,
)
from ldap3.utils.conv import escape_filter_chars

from sesstim_caldav.accounts.authentication import DirectoryUnavailable
from sesstim_caldav.settings import Directory as DirectorySettings
from sesstim_caldav.settings import secret_in

log = logging.getLogger("sesstim_caldav.directory")

PATIENCE = 5
"""Seconds that the directory may take to be connected to, and for each answer."""

_AWAY = (LDAPBusyResult, LDAPUnavailableResult, LDAPTimeLimitExceededResult)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody whose address and password go together, as the directory names him ("": it does not)."""

    first_name: str
    last_name: str


class Directory:
    """The directory of the configuration. Methods may be called from any thread."""

    def __init__(self, settings: DirectorySettings) -> None:
        self.settings = settings
        encrypted = settings.start_tls or settings.url.startswith("ldaps:")
        self._tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=settings.ca_file or None) if encrypted else None

    def entry(self, address: str, password: str) -> Entry | None:
        """Who has an address (lower case) and this password; None where nobody has both.

        Raises `DirectoryUnavailable` where the directory does not answer, or not to us.
        """
        if not password:
            return None  # a bind without a password succeeds, as nobody (RFC 4513 section 5.1.2)
        found = self._found(address)
        if found is None:
            return None
        name, attributes = found
        return _entry(attributes, self.settings) if self._opens(name, password) else None

    def _found(self, address: str) -> tuple[str, Mapping[str, list[bytes]]] | None:
        """The one entry of an address: its distinguished name and attributes."""
        wanted = self.settings.filter.replace("{address}", escape_filter_chars(address))
        names = [self.settings.mail, self.settings.first_name, self.settings.last_name]
        try:
            secret = secret_in(self.settings.bind_password_file)
            with self._connection(self.settings.bind_dn, secret) as connection:
                connection.search(
                    self.settings.base_dn, wanted, ldap3.SUBTREE, attributes=names, size_limit=2, time_limit=PATIENCE
                )
                entries = [each for each in connection.response or () if each.get("type") == "searchResEntry"]
        except LDAPSizeLimitExceededResult:
            entries = [{}, {}]
        except (LDAPException, OSError) as error:
            raise DirectoryUnavailable(f"looking up: {type(error).__name__}: {error}") from error
        if len(entries) != 1:
            if entries:
                log.warning("the directory has several entries for %r", address)
            return None
        attributes: Mapping[str, list[bytes]] = entries[0]["raw_attributes"]
        if address not in (value.lower() for value in _texts(attributes, self.settings.mail)):
            log.warning("the entry that the directory has for %r is of another address", address)
            return None
        return entries[0]["dn"], attributes

    def _opens(self, name: str, password: str) -> bool:
        """Whether the entry of a distinguished name can be bound as."""
        try:
            with self._connection(name, password):
                return True
        except _AWAY as error:
            raise DirectoryUnavailable(f"signing in: {type(error).__name__}") from error
        except (LDAPOperationResult, LDAPSASLPrepError):
            return False  # wrong, expired, locked, or no password at all
        except (LDAPException, OSError) as error:
            raise DirectoryUnavailable(f"signing in: {type(error).__name__}: {error}") from error

    @contextmanager
    def _connection(self, name: str, password: str) -> Iterator[ldap3.Connection]:
        """A connection bound as a distinguished name ("": as nobody)."""
        # another one each time: a server object remembers for minutes that nobody answered
        server = ldap3.Server(self.settings.url, tls=self._tls, connect_timeout=PATIENCE, get_info=ldap3.NONE)
        connection = ldap3.Connection(
            server,
            name or None,
            password or None,
            authentication=ldap3.SIMPLE if name else ldap3.ANONYMOUS,
            receive_timeout=PATIENCE,
            auto_referrals=False,
            read_only=True,
            raise_exceptions=True,
        )
        try:
            connection.open()
            if self.settings.start_tls:
                connection.start_tls()
            connection.bind()
            yield connection
        finally:
            with suppress(LDAPException, OSError):  # it is gone already
                connection.unbind()


def _entry(attributes: Mapping[str, list[bytes]], settings: DirectorySettings) -> Entry:
    return Entry(
        next(iter(_texts(attributes, settings.first_name)), ""), next(iter(_texts(attributes, settings.last_name)), "")
    )


def _texts(attributes: Mapping[str, list[bytes]], name: str) -> list[str]:
    """The values of an attribute, whose name has no case."""
    values: list[bytes] = next((found for each, found in attributes.items() if each.lower() == name.lower()), [])
    return [value.decode(errors="replace") for value in values]
