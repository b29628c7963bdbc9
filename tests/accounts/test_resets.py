"""Passwords chosen anew, by a mailed link or on the account page."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from building import PASSWORD, Lab, settings_in
from letters import secret_in, text_of, waiting
from postgresql import on_each_database

from sesstim_caldav.accounts.address import AddressRefused
from sesstim_caldav.accounts.links import MOST_AN_HOUR
from sesstim_caldav.accounts.passwords import Passwords
from sesstim_caldav.accounts.registration import LinkUseless
from sesstim_caldav.accounts.resets import WeakPassword
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.accounts.strength import Weakness
from sesstim_caldav.office import Office

NOW = 1_800_000_000
MINUTE = 60
ANOTHER = "thé vert sans sucre"


def ask(lab: Lab, email: str, now: int = NOW) -> str:
    """Asks for a link; answers the secret in the mail that then waits last."""
    lab.office.resets.ask(email, "fr", now)
    return secret_in(waiting(lab.office)[-1])


@on_each_database
def test_a_mailed_link_lets_a_member_choose_another_password(lab: Lab) -> None:
    secret = ask(lab, "Marie.Dupont@univ-amu.fr")
    assert lab.office.resets.find(secret, NOW) == lab.marie

    lab.office.resets.choose(secret, ANOTHER, NOW + MINUTE)

    assert lab.office.accounts.authenticate(lab.marie.email, ANOTHER) == lab.marie
    assert lab.office.accounts.authenticate(lab.marie.email, PASSWORD) is None


def test_browsers_are_signed_out_and_devices_are_not(lab: Lab) -> None:
    sessions = Sessions(lab.office.store, lab.office.settings)
    cookie, others = sessions.begin(lab.marie, NOW), sessions.begin(lab.paul, NOW)
    phone = lab.office.accounts.app_password(lab.marie.email, "phone")

    lab.office.resets.choose(ask(lab, lab.marie.email), ANOTHER, NOW)

    assert sessions.account(cookie, NOW) is None
    assert sessions.account(others, NOW) == lab.paul
    assert lab.office.accounts.authenticate(lab.marie.email, phone) == lab.marie


def test_a_link_works_once_and_ends_the_others(lab: Lab) -> None:
    first, second = ask(lab, lab.marie.email), ask(lab, lab.marie.email)
    lab.office.resets.choose(second, ANOTHER, NOW)

    for secret in (first, second):
        assert lab.office.resets.find(secret, NOW) is None
        with pytest.raises(LinkUseless):
            lab.office.resets.choose(secret, "yet another password", NOW)


def test_a_link_expires(lab: Lab) -> None:
    secret = ask(lab, lab.marie.email)

    assert lab.office.resets.find(secret, NOW + 59 * MINUTE) == lab.marie
    assert lab.office.resets.find(secret, NOW + 60 * MINUTE) is None
    with pytest.raises(LinkUseless):
        lab.office.resets.choose(secret, ANOTHER, NOW + 60 * MINUTE)


def test_a_weak_password_leaves_the_link_as_it_is(lab: Lab) -> None:
    secret = ask(lab, lab.marie.email)
    with pytest.raises(WeakPassword) as refused:
        lab.office.resets.choose(secret, "dupont2026", NOW)
    assert refused.value.weakness == Weakness.GUESSABLE

    lab.office.resets.choose(secret, ANOTHER, NOW)
    assert lab.office.accounts.authenticate(lab.marie.email, ANOTHER)


def test_the_owner_is_told_that_the_password_was_changed(lab: Lab) -> None:
    lab.office.resets.choose(ask(lab, lab.marie.email), ANOTHER, NOW)

    told = waiting(lab.office, lab.marie.email)[-1]
    assert "mot de passe a été changé" in str(told["Subject"])
    assert ANOTHER not in text_of(told)


@on_each_database
def test_who_knows_the_old_password_stays_signed_in_where_it_was_changed(lab: Lab) -> None:
    sessions = Sessions(lab.office.store, lab.office.settings)
    here, there = sessions.begin(lab.marie, NOW), sessions.begin(lab.marie, NOW)
    link = ask(lab, lab.marie.email)

    lab.office.resets.change(lab.marie, ANOTHER, here, NOW)

    assert sessions.account(here, NOW) == lab.marie
    assert sessions.account(there, NOW) is None
    assert lab.office.resets.find(link, NOW) is None
    assert lab.office.accounts.authenticate(lab.marie.email, ANOTHER)
    with pytest.raises(WeakPassword):
        lab.office.resets.change(lab.marie, "short", here, NOW)


def test_a_change_is_in_the_audit_log(lab: Lab) -> None:
    lab.office.resets.choose(ask(lab, lab.marie.email), ANOTHER, NOW)

    with lab.office.store.reading() as reading:
        rows = reading.session.driver.execute("SELECT at, who, what FROM audit ORDER BY id DESC").fetchone()
    assert rows == (NOW, lab.marie.email, "set-password")


@pytest.mark.parametrize("email", ["nobody@univ-amu.fr", "o'neil+x@ird.fr"])
def test_an_address_without_an_account_gets_no_mail(lab: Lab, email: str) -> None:
    lab.office.resets.ask(email, "fr", NOW)

    assert waiting(lab.office) == []


def test_a_disabled_account_gets_no_mail_and_its_link_is_dead(lab: Lab) -> None:
    secret = ask(lab, lab.marie.email)
    lab.office.accounts.disable(lab.marie.email)

    lab.office.resets.ask(lab.marie.email, "fr", NOW)

    assert len(waiting(lab.office)) == 1
    with pytest.raises(LinkUseless):
        lab.office.resets.choose(secret, ANOTHER, NOW)


def test_a_domain_that_is_removed_lets_nobody_choose(lab: Lab, tmp_path: Path) -> None:
    secret = ask(lab, lab.marie.email)

    with Office.open(settings_in(tmp_path, accounts={"domains": ["inserm.fr"]})) as later:
        with pytest.raises(AddressRefused):
            later.resets.ask(lab.marie.email, "fr", NOW)
        assert later.resets.find(secret, NOW) is None


def test_a_further_address_reaches_the_account(lab: Lab) -> None:
    lab.office.accounts.add_address(lab.marie.email, "m.dupont@ird.fr")

    ask(lab, "m.dupont@ird.fr")

    assert [mail["To"] for mail in waiting(lab.office)] == [lab.marie.email]


def test_a_link_to_confirm_an_address_chooses_no_password(lab: Lab) -> None:
    lab.office.registration.add_address(lab.marie, "m.dupont@ird.fr", "fr", NOW)
    further = secret_in(waiting(lab.office)[-1])
    reset = ask(lab, lab.marie.email)

    assert lab.office.resets.find(further, NOW) is None
    with pytest.raises(LinkUseless):
        lab.office.resets.choose(further, ANOTHER, NOW)
    assert lab.office.registration.find(reset) is None
    with pytest.raises(LinkUseless):
        lab.office.registration.confirm(reset, NOW)
    assert lab.office.resets.find(reset, NOW) == lab.marie


def test_known_and_unknown_addresses_cost_the_same(lab: Lab) -> None:
    """No slow hash, three transactions, one link and one mail composed each: counted, since a clock would measure the
    machine."""
    costs = []
    for address in (lab.marie.email, "nobody@univ-amu.fr"):
        store, messages = lab.office.store, lab.office.messages
        choose = type(messages).choose_password
        with (
            patch.object(Passwords, "hash", autospec=True) as hashed,
            patch.object(type(store), "changing", autospec=True, side_effect=type(store).changing) as changed,
            patch.object(type(store), "reading", autospec=True, side_effect=type(store).reading) as read,
            patch.object(type(messages), "choose_password", autospec=True, side_effect=choose) as composed,
        ):
            lab.office.resets.ask(address, "fr", NOW, "192.0.2.1")
        costs.append((hashed.call_count, changed.call_count, read.call_count, composed.call_count))
    with lab.office.store.reading() as reading:
        rows = reading.session.driver.execute("SELECT count(*) FROM links").fetchone()

    assert costs[0] == costs[1] == (0, 2, 1, 1)
    assert rows == (2,)


def test_nobodys_mailbox_is_flooded(lab: Lab) -> None:
    for _ in range(MOST_AN_HOUR + 3):
        lab.office.resets.ask(lab.marie.email, "fr", NOW)

    assert len(waiting(lab.office)) == MOST_AN_HOUR


@pytest.mark.parametrize("secret", ["", "x", "\udc80" * 30, "a\0b", "x" * 100_000])
def test_what_is_no_secret_chooses_nothing(lab: Lab, secret: str) -> None:
    assert lab.office.resets.find(secret, NOW) is None
    with pytest.raises(LinkUseless):
        lab.office.resets.choose(secret, ANOTHER, NOW)
