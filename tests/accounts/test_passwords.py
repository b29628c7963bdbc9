"""Passwords are hashed slowly; application passwords are random."""

from __future__ import annotations

from sesstim_caldav.accounts.passwords import NONE, Passwords, app_password_hash, new_app_password


def test_a_password_has_its_hash_and_no_other() -> None:
    passwords = Passwords()
    stored = passwords.hash("secret")

    assert stored != passwords.hash("secret")
    assert passwords.verify("secret", stored)
    assert not passwords.verify("Secret", stored)


def test_a_stored_hash_that_is_none_lets_nobody_in() -> None:
    assert not Passwords().verify("", NONE)
    assert not Passwords().verify("x", "plain")


def test_app_passwords_differ_and_their_hash_depends_on_the_key() -> None:
    password = new_app_password()

    assert len({new_app_password() for _ in range(100)}) == 100
    assert app_password_hash(password, b"a" * 32) == app_password_hash(f" {password} ", b"a" * 32)
    assert app_password_hash(password, b"a" * 32) != app_password_hash(password, b"b" * 32)
