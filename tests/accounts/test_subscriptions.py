"""Secret addresses: made, listed, revoked, and dead at once when their account may not sign in."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import Lab, settings_in

from sesstim_caldav.accounts.secret import new_secret, secret_hash
from sesstim_caldav.accounts.subscriptions import NoSuchFeed, Subscriptions
from sesstim_caldav.office import Office


@pytest.fixture
def subscriptions(lab: Lab) -> Subscriptions:
    return lab.office.subscriptions


def test_a_secret_finds_its_subscription_and_whose_it_is(lab: Lab, subscriptions: Subscriptions) -> None:
    secret = subscriptions.make(lab.marie, "prado", nameless=True, now=1_800_000_000)

    found = subscriptions.find(secret)

    assert found is not None
    assert (found[0].feed, found[0].nameless, found[0].created, found[0].last_used) == (
        "prado",
        True,
        1_800_000_000,
        None,
    )
    assert found[1].email == lab.marie.email


def test_every_subscription_has_a_secret_of_its_own(lab: Lab, subscriptions: Subscriptions) -> None:
    secrets = {subscriptions.make(lab.marie, "prado") for _ in range(3)}

    assert len(secrets) == 3
    assert [each.feed for each in subscriptions.of(lab.marie)] == ["prado"] * 3
    assert subscriptions.of(lab.paul) == []


def test_a_secret_is_not_in_the_store(lab: Lab, subscriptions: Subscriptions, tmp_path: Path) -> None:
    secret = subscriptions.make(lab.marie, "all")

    assert all(secret.encode() not in file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())


@pytest.mark.parametrize("feed", ["nowhere", "", "ALL", "prado.ics"])
def test_what_is_no_feed_cannot_be_subscribed_to(lab: Lab, subscriptions: Subscriptions, feed: str) -> None:
    with pytest.raises(NoSuchFeed):
        subscriptions.make(lab.marie, feed)


def test_one_is_revoked_and_the_others_stay(lab: Lab, subscriptions: Subscriptions) -> None:
    first, second = subscriptions.make(lab.marie, "all"), subscriptions.make(lab.marie, "mine")

    assert subscriptions.revoke(lab.marie, subscriptions.of(lab.marie)[0].id)

    assert subscriptions.find(first) is None
    assert subscriptions.find(second) is not None


def test_nobody_revokes_anothers(lab: Lab, subscriptions: Subscriptions) -> None:
    secret = subscriptions.make(lab.marie, "all")

    assert not subscriptions.revoke(lab.anne, subscriptions.of(lab.marie)[0].id)

    assert subscriptions.find(secret) is not None


def test_a_disabled_account_has_no_feeds_until_it_is_enabled(lab: Lab, subscriptions: Subscriptions) -> None:
    secret = subscriptions.make(lab.marie, "all")

    lab.office.accounts.disable(lab.marie.email)
    assert subscriptions.find(secret) is None
    lab.office.accounts.enable(lab.marie.email)
    assert subscriptions.find(secret) is not None


def test_a_deleted_account_leaves_no_feeds(lab: Lab, subscriptions: Subscriptions) -> None:
    secret = subscriptions.make(lab.marie, "all")

    lab.leave(lab.marie)

    assert subscriptions.find(secret) is None


def test_a_domain_that_is_removed_takes_its_feeds_along(lab: Lab, tmp_path: Path) -> None:
    secret = lab.office.subscriptions.make(lab.marie, "all")

    with Office.open(settings_in(tmp_path, accounts={"domains": ["inserm.fr"]})) as office:
        assert office.subscriptions.find(secret) is None


def test_the_last_use_is_noted_once_a_day(lab: Lab, subscriptions: Subscriptions) -> None:
    subscriptions.make(lab.marie, "all")

    def used_at(now: int) -> int | None:
        subscriptions.note_use(subscriptions.of(lab.marie)[0], now)
        return subscriptions.of(lab.marie)[0].last_used

    assert [used_at(1_800_000_000), used_at(1_800_086_399), used_at(1_800_086_400)] == [
        1_800_000_000,
        1_800_000_000,
        1_800_086_400,
    ]


@pytest.mark.parametrize("secret", ["", "x", "é" * 50, "\udc80" * 30, "a\0b", "x" * 100_000, "' OR 1=1 --"])
def test_what_is_no_secret_finds_nothing(subscriptions: Subscriptions, secret: str) -> None:
    assert subscriptions.find(secret) is None


def test_one_secret_has_another_hash_for_each_purpose_and_key() -> None:
    secret = new_secret()

    hashes = {secret_hash(secret, key, purpose) for key in (b"a" * 32, b"b" * 32) for purpose in ("feed", "reset")}

    assert len(hashes) == 4
