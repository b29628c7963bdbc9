"""Passwords are hashed slowly once and then remembered; application passwords are random."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from sesstim_caldav.accounts.passwords import REMEMBERED, Passwords, app_password_hash, new_app_password


def test_a_verdict_is_remembered_for_this_password_and_this_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords()
    stored, other = passwords.hash("secret"), passwords.hash("secret")
    asked: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored_hash: str, password: bytes) -> bool:
        asked.append(stored_hash)
        return bool(verify(hasher, stored_hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)

    assert [passwords.verify(password, stored) for password in ("secret", "wrong") * 3] == [True, False] * 3
    assert asked == [stored, stored]
    assert passwords.verify("secret", other)
    assert asked == [stored, stored, other]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PasswordHasher, "verify", lambda *_: True)
    passwords = Passwords()

    for number in range(REMEMBERED + 10):
        passwords.verify(str(number), "hash")

    assert len(passwords._verdicts) == REMEMBERED


def test_a_stored_hash_that_is_none_lets_nobody_in() -> None:
    assert not Passwords().verify("", "")
    assert not Passwords().verify("x", "plain")


def test_app_passwords_differ_and_their_hash_depends_on_the_key() -> None:
    password = new_app_password()

    assert len({new_app_password() for _ in range(100)}) == 100
    assert app_password_hash(password, b"a" * 32) == app_password_hash(f" {password} ", b"a" * 32)
    assert app_password_hash(password, b"a" * 32) != app_password_hash(password, b"b" * 32)
