"""Addresses that may have an account, and the many that only look as if."""

from __future__ import annotations

import pytest
from hostile import ADDRESSES

from sesstim_caldav.accounts.address import AddressRefused, Reason, institutional_address

DOMAINS = ["univ-amu.fr", "inserm.fr", ".ird.fr"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("prenom.nom@univ-amu.fr", "prenom.nom@univ-amu.fr"),
        ("  Prenom.NOM@Univ-AMU.fr ", "prenom.nom@univ-amu.fr"),
        ("o'neil@inserm.fr", "o'neil@inserm.fr"),
        ("jean-luc_2@inserm.fr", "jean-luc_2@inserm.fr"),
        ("a@ird.fr", "a@ird.fr"),
        ("a@lab.dakar.ird.fr", "a@lab.dakar.ird.fr"),
        (f"{'a' * 64}@univ-amu.fr", f"{'a' * 64}@univ-amu.fr"),
    ],
)
def test_an_institutional_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert institutional_address(typed, DOMAINS) == kept


@pytest.mark.parametrize("typed", ADDRESSES, ids=lambda typed: ascii(typed)[:40])
def test_a_hostile_address_is_refused_and_the_domains_are_named(typed: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        institutional_address(typed, DOMAINS)

    assert refused.value.domains == tuple(DOMAINS)
    assert refused.value.reason in Reason


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Reason.MISSING),
        ("   ", Reason.MISSING),
        ("marie@gmail.com", Reason.FOREIGN),
        ("marie@univ-amu.fr.evil.org", Reason.FOREIGN),
        ("marie@etu.univ-amu.fr", Reason.FOREIGN),
        ("marie@univ-amu.fr.", Reason.FOREIGN),
        ("marie+tag@univ-amu.fr", Reason.TAG),
        ("mаrie@univ-amu.fr", Reason.NOT_LATIN),
        ("marie@\u212aird.fr", Reason.NOT_LATIN),
        ("marie@xn--lab-9na.ird.fr", Reason.NOT_LATIN),
        ('"marie"@univ-amu.fr', Reason.QUOTED),
        ("marie(x)@univ-amu.fr", Reason.QUOTED),
        ("marie@univ-amu.fr\nBcc: a@evil.org", Reason.CONTROL),
        ("a@univ-amu.fr,b@univ-amu.fr", Reason.SEVERAL),
        ("marie%evil.org@univ-amu.fr", Reason.ROUTE),
        ("marie..dupont@univ-amu.fr", Reason.SYNTAX),
        (f"{'a' * 65}@univ-amu.fr", Reason.SYNTAX),
        (f"{'a' * 300}@univ-amu.fr", Reason.TOO_LONG),
    ],
)
def test_the_refusal_says_why(typed: str, reason: Reason) -> None:
    with pytest.raises(AddressRefused) as refused:
        institutional_address(typed, DOMAINS)

    assert refused.value.reason == reason


def test_an_administrator_may_mean_an_address_with_a_tag() -> None:
    assert institutional_address("o'neil+salles@ird.fr", DOMAINS, tags=True) == "o'neil+salles@ird.fr"


def test_a_domain_that_only_a_lab_knows_is_taken_where_it_is_configured() -> None:
    assert institutional_address("marie@lab.test", ["lab.test"]) == "marie@lab.test"
