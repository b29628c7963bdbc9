"""Passwords: argon2id for those that people choose, a keyed hash for the random ones of applications.

A phone polls every few minutes with its password. A random application password of 118 bits needs no slow hash, so its
check is one keyed BLAKE2b and an indexed SELECT; what argon2 says of a chosen one is remembered (`verdicts`).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_CHARACTERS = 256
"""Characters that a password has at most; every one counts."""
NONE = ""
"""Stored in place of a hash for an account whose password somebody else knows: a directory, a provider."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 6, 4


def normalised(password: str) -> str:
    """The password as it is hashed: composed characters, however the keyboard wrote them (RFC 8265 section 4.2)."""
    return unicodedata.normalize("NFC", password)


def new_app_password() -> str:
    """A random application password of 118 bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def app_password_hash(password: str, secret: bytes) -> str:
    """The keyed hash under which an application password is stored and found."""
    return hashlib.blake2b(
        password.strip().encode("utf-8", "surrogatepass"), key=secret[:64], digest_size=32
    ).hexdigest()


class Passwords:
    """Hashes and verifies chosen passwords."""

    def __init__(self) -> None:
        # OWASP's parameters for argon2id: 19 MiB, so that a worker's memory stays small
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._one_at_a_time = threading.Lock()
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        with self._one_at_a_time:
            return self._hasher.hash(normalised(password))

    def verify(self, password: str, stored: str) -> bool:
        """Whether a password has the stored hash; nothing has the hash of an account without a password (`NONE`)."""
        with self._one_at_a_time:
            try:
                return self._hasher.verify(stored, normalised(password).encode("utf-8", "surrogatepass"))
            except (VerificationError, InvalidHashError):
                return False

    def verify_nobody(self, password: str) -> None:
        """Takes as long as `verify`, for an address that has no account: nobody learns which ones have."""
        if self._nobody is None:
            self._nobody = self.hash(secrets.token_hex(16))
        self.verify(password, self._nobody)
