"""Passwords: argon2id for those that people choose, a keyed hash for the random ones of applications.

A phone polls every few minutes with its password. A random application password of 120 bits needs no slow hash, so its
check is one keyed BLAKE2b and an indexed SELECT; a chosen one is verified by argon2 once and then remembered for the
life of the process, under a key of that process and together with the stored hash, so that a changed or revoked
password is forgotten at once.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_CHARACTERS = 256
"""Characters that a password has at most; every one counts."""
REMEMBERED = 2048
"""Verdicts that a process remembers."""

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
    """Hashes and verifies chosen passwords; remembers verdicts in this process."""

    def __init__(self) -> None:
        # OWASP's parameters for argon2id: 19 MiB, so that a worker's memory stays small
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._one_at_a_time = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._verdicts: OrderedDict[bytes, bool] = OrderedDict()
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        with self._one_at_a_time:
            return self._hasher.hash(normalised(password))

    def verify(self, password: str, stored: str) -> bool:
        """Whether a password has the stored hash."""
        plain = normalised(password).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(stored.encode() + b"\0" + plain, key=self._key, digest_size=32).digest()
        verdict = self._verdicts.get(digest)
        if verdict is None:
            with self._one_at_a_time:
                try:
                    verdict = self._hasher.verify(stored, plain)
                except (VerificationError, InvalidHashError):
                    verdict = False
                self._verdicts[digest] = verdict
                while len(self._verdicts) > REMEMBERED:
                    self._verdicts.popitem(last=False)
        return verdict

    def verify_nobody(self, password: str) -> None:
        """Takes as long as `verify`, for an address that has no account: nobody learns which ones have."""
        if self._nobody is None:
            self._nobody = self.hash(secrets.token_hex(16))
        self.verify(password, self._nobody)
