"""Passwords that others guess are refused; what they are made of is nobody's business."""

from __future__ import annotations

import pytest

from sesstim_caldav.accounts.strength import Weakness, weakness

MARIE = ("Marie", "Dupont", "marie.dupont@univ-amu.fr", "SESSTIM")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "chocolat noir amer",
        "qlwmzptr",
        "xkvq7hwp",
        "пароль длинный и странный",
        "密码🔑密码🔑很长的密码",
        "x7" * 3 + "correct horse battery" * 10,
    ],
)
def test_a_password_of_any_kind_is_taken_that_is_hard_to_guess(password: str) -> None:
    assert weakness(password, MARIE) is None


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("", Weakness.MISSING),
        ("x7Qp#z2", Weakness.TOO_SHORT),
        ("e\u0301" * 7, Weakness.TOO_SHORT),
        ("x" * 257, Weakness.TOO_LONG),
        ("password1", Weakness.GUESSABLE),
        ("azerty123", Weakness.GUESSABLE),
        ("motdepasse", Weakness.GUESSABLE),
        ("11111111", Weakness.GUESSABLE),
        ("a" * 256, Weakness.GUESSABLE),
        ("half \ud800 a character", Weakness.UNUSABLE),
        ("a zero \0 inside", Weakness.UNUSABLE),
    ],
)
def test_a_password_that_is_no_good_is_refused_with_the_reason(password: str, found: Weakness) -> None:
    assert weakness(password, MARIE) == found


@pytest.mark.parametrize(
    "password", ["mariedupont", "Marie.Dupont", "marie.dupont@univ-amu.fr", "dupont2026", "sesstim1", "tnopud.eiram"]
)
def test_ones_own_name_and_address_are_guessed_first(password: str) -> None:
    assert weakness(password, MARIE) == Weakness.GUESSABLE
