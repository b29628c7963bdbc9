"""Secrets that are handed out in addresses and cookies, and the keyed hashes under which they are kept."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new_secret() -> str:
    """A random secret of 256 bits, in characters that can stand in an address."""
    return secrets.token_urlsafe(BYTES)


def secret_hash(secret: str, key: bytes, purpose: str) -> str:
    """The hash under which a secret is stored and found, as 64 hex digits: keyed, and another for each purpose."""
    content = f"{purpose}\0{secret}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, key=key[:64], digest_size=32).hexdigest()
