"""Signing up: a form, a mail, a link that works once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from building import Lab, settings_in
from letters import secret_in, text_of, waiting
from postgresql import on_each_database

from sesstim_caldav.accounts.accounts import AddressTaken
from sesstim_caldav.accounts.links import MOST_AN_HOUR
from sesstim_caldav.accounts.passwords import Passwords
from sesstim_caldav.accounts.registration import Fault, LinkUseless, SignUp, SignUpRefused, TooManyLinks
from sesstim_caldav.accounts.strength import Weakness
from sesstim_caldav.accounts.throttle import Allowance, TooManyGuesses
from sesstim_caldav.office import Office

NOW = 1_800_000_000
HOUR, DAY = 3600, 86_400
ZOE = "zoe.durand@univ-amu.fr"
FORM = SignUp("Zoé", "Durand", "Zoe.Durand@univ-amu.fr", "04 91 00 00 00", "chocolat noir amer", "Recherche", True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office.open(settings_in(tmp_path)) as office:
        yield office


def sign_up(office: Office, now: int = NOW, language: str = "fr", **changes: object) -> str:
    """Signs up; answers the secret in the mail that then waits last."""
    office.registration.sign_up(replace(FORM, **changes), language, now)  # type: ignore[arg-type]
    return secret_in(waiting(office)[-1])


# -- the way it goes


def test_an_account_is_opened_by_the_mailed_link_and_not_before(office: Office) -> None:
    secret = sign_up(office)
    assert office.accounts.by_email(ZOE) is None
    assert office.accounts.authenticate(ZOE, FORM.password) is None

    confirmed = office.registration.confirm(secret, NOW + HOUR)

    assert confirmed.new
    account = office.accounts.authenticate(ZOE, FORM.password)
    assert account == confirmed.account
    assert account is not None
    assert (account.name, account.language, account.manager) == ("Zoé Durand", "fr", False)
    with office.store.reading() as reading:
        row = reading.session.driver.execute("SELECT phone, sector, terms, created FROM accounts").fetchone()
    assert row == ("04 91 00 00 00", "Recherche", NOW, NOW + HOUR)


def test_a_link_works_once(office: Office) -> None:
    secret = sign_up(office)
    office.registration.confirm(secret, NOW)

    with pytest.raises(LinkUseless):
        office.registration.confirm(secret, NOW)
    assert office.registration.find(secret) is None


def test_looking_at_a_link_does_not_use_it_up(office: Office) -> None:
    secret = sign_up(office)

    for _ in range(3):
        link = office.registration.find(secret)
        assert link is not None
        assert link.address == ZOE
    assert office.accounts.by_email(ZOE) is None
    office.registration.confirm(secret, NOW)


def test_a_link_expires_and_another_can_be_had_in_its_place(office: Office) -> None:
    secret = sign_up(office)
    late = NOW + 48 * HOUR
    with pytest.raises(LinkUseless):
        office.registration.confirm(secret, late)
    assert office.accounts.by_email(ZOE) is None

    assert office.registration.renew(secret, late)

    office.registration.confirm(secret_in(waiting(office)[-1]), late + HOUR)
    assert office.accounts.authenticate(ZOE, FORM.password)


def test_asking_again_mails_another_link_with_the_same_form(office: Office) -> None:
    known = office.registration.sign_up(FORM, "fr", NOW)
    office.registration.ask_again(known, NOW + 60)

    first, second = waiting(office, ZOE)
    assert secret_in(first) != secret_in(second)
    office.registration.confirm(secret_in(second), NOW + 120)
    assert office.accounts.authenticate(ZOE, FORM.password)


def test_the_hash_that_a_browser_knows_is_not_the_link(office: Office) -> None:
    known = office.registration.sign_up(FORM, "fr", NOW)

    with pytest.raises(LinkUseless):
        office.registration.confirm(known, NOW)


def test_of_two_sign_ups_the_last_link_carries_the_last_password(office: Office) -> None:
    first = sign_up(office, password="a first long password")
    second = sign_up(office, password="another second password", first_name="Zora")

    office.registration.confirm(second, NOW)

    assert office.accounts.authenticate(ZOE, "another second password")
    assert office.accounts.authenticate(ZOE, "a first long password") is None
    with pytest.raises(LinkUseless):
        office.registration.confirm(first, NOW)


def test_each_link_opens_what_its_own_form_said(office: Office) -> None:
    first = sign_up(office, password="a first long password")
    sign_up(office, password="another second password")

    office.registration.confirm(first, NOW)

    assert office.accounts.authenticate(ZOE, "a first long password")
    assert office.accounts.authenticate(ZOE, "another second password") is None


def test_what_nobody_confirmed_within_a_week_is_forgotten(office: Office) -> None:
    sign_up(office)
    office.registration.forget(NOW + 6 * DAY)
    with office.store.reading() as reading:
        assert reading.session.driver.execute("SELECT count(*) FROM links").fetchone() == (1,)

    office.registration.forget(NOW + 7 * DAY + 1)

    with office.store.reading() as reading:
        assert reading.session.driver.execute("SELECT count(*) FROM links").fetchone() == (0,)


def test_neither_the_link_nor_the_password_is_in_the_store(office: Office, tmp_path: Path) -> None:
    secret = sign_up(office)
    office.registration.confirm(secret, NOW)
    with office.store.changing() as change:
        change.session.driver.execute("DELETE FROM outbox")
    with office.store.reading() as reading:
        stored = "\n".join(reading.session.driver.iterdump())

    assert secret not in stored
    assert FORM.password not in stored


def test_an_account_that_came_to_be_meanwhile_is_not_overwritten(office: Office) -> None:
    secret = sign_up(office)
    office.accounts.add(ZOE, "Zoé", "Durand", "the password that was given")

    with pytest.raises(AddressTaken):
        office.registration.confirm(secret, NOW)

    assert office.accounts.authenticate(ZOE, "the password that was given")


def test_a_domain_that_is_removed_opens_no_account(office: Office, tmp_path: Path) -> None:
    secret = sign_up(office)

    with Office.open(settings_in(tmp_path, accounts={"domains": ["inserm.fr"]})) as later:
        with pytest.raises(LinkUseless):
            later.registration.confirm(secret, NOW)
        assert later.accounts.by_email(ZOE) is None


@on_each_database
def test_of_many_who_follow_one_link_at_once_one_opens_the_account(lab: Lab) -> None:
    secret = sign_up(lab.office)

    outcomes = at_once(lab.office, [secret] * 8)

    assert sorted(outcomes) == ["LinkUseless"] * 7 + ["opened"]
    assert lab.office.accounts.authenticate(ZOE, FORM.password)


@on_each_database
def test_of_two_links_that_are_followed_at_once_one_opens_the_account(lab: Lab) -> None:
    secrets = [sign_up(lab.office, password=f"a long password {n}") for n in range(4)]

    outcomes = at_once(lab.office, secrets)

    assert outcomes.count("opened") == 1
    assert set(outcomes) <= {"opened", "LinkUseless", "AddressTaken"}
    right = [bool(lab.office.accounts.authenticate(ZOE, f"a long password {n}")) for n in range(4)]
    assert right == [each == "opened" for each in outcomes]


def at_once(office: Office, secrets: list[str]) -> list[str]:
    """What comes of links that are followed at the same moment, each in a thread of its own."""
    ready = threading.Barrier(len(secrets))

    def follow(secret: str) -> str:
        ready.wait()
        try:
            office.registration.confirm(secret, NOW)
        except (LinkUseless, AddressTaken) as error:
            return type(error).__name__
        return "opened"

    with ThreadPoolExecutor(len(secrets)) as pool:
        return list(pool.map(follow, secrets))


# -- addresses that have an account already


def test_the_owner_is_told_by_mail_in_none_of_the_strangers_words(lab: Lab) -> None:
    form = replace(FORM, email=lab.marie.email, first_name="Gagnez", last_name="evil.example", phone="0666666666")
    lab.office.registration.sign_up(form, "en", NOW)

    (mail,) = waiting(lab.office)
    assert mail["To"] == lab.marie.email
    for words in (text_of(mail), text_of(mail, "html"), str(mail["Subject"])):
        for typed in ("Gagnez", "evil.example", "0666666666", form.password):
            assert typed not in words
    assert "/reset" in text_of(mail)
    assert lab.office.accounts.by_email(lab.marie.email) == lab.marie


def test_what_a_stranger_typed_is_not_kept_for_an_address_that_has_an_account(lab: Lab) -> None:
    lab.office.registration.sign_up(replace(FORM, email=lab.marie.email, last_name="Evilname"), "en", NOW)

    with lab.office.store.reading() as reading:
        assert "Evilname" not in "\n".join(reading.session.driver.iterdump())


def test_a_mail_to_an_address_that_is_not_confirmed_holds_nothing_that_was_typed(office: Office) -> None:
    sign_up(office, first_name="Gagnez", last_name="evil.example")

    (mail,) = waiting(office)
    assert "Gagnez" not in mail.as_string()
    assert "evil.example" not in mail.as_string()


def test_a_further_address_of_a_member_has_an_account(lab: Lab) -> None:
    lab.office.accounts.add_address(lab.marie.email, "m.dupont@ird.fr")

    lab.office.registration.sign_up(replace(FORM, email="m.dupont@ird.fr"), "en", NOW)

    (mail,) = waiting(lab.office)
    assert mail["To"] == lab.marie.email
    assert "/confirm/" not in text_of(mail)


def test_known_and_unknown_addresses_cost_the_same(lab: Lab) -> None:
    """One slow hash, as many transactions, one mail: counted, since a clock would measure the machine."""
    costs = []
    for address in (lab.marie.email, ZOE):
        store = lab.office.store
        with (
            patch.object(Passwords, "hash", autospec=True, side_effect=Passwords.hash) as hashed,
            patch.object(Passwords, "verify", autospec=True) as verified,
            patch.object(type(store), "changing", autospec=True, side_effect=type(store).changing) as changed,
            patch.object(type(store), "reading", autospec=True, side_effect=type(store).reading) as read,
        ):
            known = lab.office.registration.sign_up(replace(FORM, email=address), "fr", NOW, "192.0.2.1")
        calls = hashed.call_count, verified.call_count, changed.call_count, read.call_count
        costs.append((calls, len(known), len(waiting(lab.office, address))))

    assert costs[0] == costs[1]
    assert costs[0][0][:2] == (1, 0)
    assert costs[0][1:] == (64, 1)


@pytest.mark.parametrize("known", [True, False])
def test_nobodys_mailbox_is_flooded(lab: Lab, known: bool) -> None:
    address = lab.marie.email if known else ZOE
    form = replace(FORM, email=address)

    answers = [lab.office.registration.sign_up(form, "fr", NOW + n) for n in range(MOST_AN_HOUR + 3)]

    assert len(waiting(lab.office, address)) == MOST_AN_HOUR
    assert [bool(each) for each in answers] == [True] * MOST_AN_HOUR + [False] * 3
    lab.office.registration.sign_up(form, "fr", NOW + HOUR + 10)
    assert len(waiting(lab.office, address)) == MOST_AN_HOUR + 1


def test_one_client_makes_the_site_write_so_many_mails_and_refused_forms_do_not_count(office: Office) -> None:
    def sign_up_as(number: int, client: str, **changes: object) -> None:
        form = replace(FORM, email=f"m{number}@ird.fr", **changes)  # type: ignore[arg-type]
        office.registration.sign_up(form, "fr", NOW, client)

    with patch("sesstim_caldav.accounts.throttle.MAILS", Allowance.of(2, 1)):
        for number in range(3):
            with pytest.raises(SignUpRefused):
                sign_up_as(number, "192.0.2.1", agreed=False)
        for number in range(2):
            sign_up_as(number, "192.0.2.1")
        with pytest.raises(TooManyGuesses):
            sign_up_as(2, "192.0.2.1")
        with pytest.raises(TooManyGuesses):
            office.resets.ask(ZOE, "fr", NOW, "192.0.2.1")
        sign_up_as(3, "192.0.2.2")

    assert [mail["To"] for mail in waiting(office)] == ["m0@ird.fr", "m1@ird.fr", "m3@ird.fr"]


# -- forms that cannot be taken


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"first_name": ""}, {"first_name": Fault.MISSING}),
        ({"last_name": "  "}, {"last_name": Fault.MISSING}),
        ({"first_name": "Zo\x00é"}, {"first_name": Fault.UNUSABLE}),
        ({"first_name": "Zoé\u202egnaM"}, {"first_name": Fault.UNUSABLE}),
        ({"last_name": "D" * 101}, {"last_name": Fault.UNUSABLE}),
        ({"last_name": "\ud800"}, {"last_name": Fault.UNUSABLE}),
        ({"phone": "call me"}, {"phone": Fault.UNUSABLE}),
        ({"phone": "1" * 41}, {"phone": Fault.UNUSABLE}),
        ({"sector": ""}, {"sector": Fault.MISSING}),
        ({"sector": "Marketing"}, {"sector": Fault.UNUSABLE}),
        ({"agreed": False}, {"agreed": Fault.MISSING}),
        ({"password": "short"}, {"password": Weakness.TOO_SHORT}),
        ({"password": "zoedurand"}, {"password": Weakness.GUESSABLE}),
        ({"password": "x" * 257}, {"password": Weakness.TOO_LONG}),
    ],
)
def test_a_form_is_refused_with_what_is_wrong_in_it(office: Office, changes: object, faults: object) -> None:
    with pytest.raises(SignUpRefused) as refused:
        sign_up(office, **changes)  # type: ignore[arg-type]

    assert refused.value.faults == faults
    assert waiting(office) == []


def test_all_that_is_wrong_is_said_at_once(office: Office) -> None:
    with pytest.raises(SignUpRefused) as refused:
        office.registration.sign_up(SignUp("", "", "", "call me", "", "", False), "fr", NOW)

    assert set(refused.value.faults) == {
        "first_name",
        "last_name",
        "email",
        "phone",
        "password",
        "sector",
        "agreed",
    }


def test_a_name_of_two_lines_becomes_one_line(office: Office) -> None:
    secret = sign_up(office, first_name=" Zoé\r\nMarie ", last_name="Durand\tMartin")

    assert office.registration.confirm(secret, NOW).account.name == "Zoé Marie Durand Martin"


# -- further addresses


@on_each_database
def test_a_further_address_counts_once_its_link_was_followed(lab: Lab) -> None:
    address = lab.office.registration.add_address(lab.marie, "M.Dupont@ird.fr", "fr", NOW)
    assert lab.office.accounts.resolve("mailto:m.dupont@ird.fr") is None

    (mail,) = waiting(lab.office, "m.dupont@ird.fr")
    assert lab.marie.email in text_of(mail)
    confirmed = lab.office.registration.confirm(secret_in(mail), NOW + 60)

    assert (confirmed.new, confirmed.address, address) == (False, "m.dupont@ird.fr", "m.dupont@ird.fr")
    found = lab.office.accounts.resolve("mailto:m.dupont@ird.fr")
    assert found is not None
    assert found.id == lab.marie.id


def test_a_further_address_that_is_anothers_is_mailed_nothing_and_betrays_nothing(lab: Lab) -> None:
    assert lab.office.registration.add_address(lab.marie, lab.paul.email, "fr", NOW) == lab.paul.email

    assert waiting(lab.office) == []


def test_an_address_that_one_has_already_is_said_so(lab: Lab) -> None:
    with pytest.raises(AddressTaken):
        lab.office.registration.add_address(lab.marie, lab.marie.email.upper(), "fr", NOW)


def test_a_member_asks_for_so_many_further_addresses_an_hour(lab: Lab) -> None:
    for n in range(MOST_AN_HOUR):
        lab.office.registration.add_address(lab.marie, f"marie{n}@ird.fr", "fr", NOW)

    with pytest.raises(TooManyLinks):
        lab.office.registration.add_address(lab.marie, "marie@ird.fr", "fr", NOW)
    lab.office.registration.add_address(lab.paul, "paul@ird.fr", "fr", NOW)


def test_of_two_members_who_ask_for_one_address_the_first_to_confirm_has_it(lab: Lab) -> None:
    for who in (lab.marie, lab.paul):
        lab.office.registration.add_address(who, "equipe@ird.fr", "fr", NOW)
    first, second = map(secret_in, waiting(lab.office, "equipe@ird.fr"))

    lab.office.registration.confirm(second, NOW)

    with pytest.raises(LinkUseless):
        lab.office.registration.confirm(first, NOW)
    found = lab.office.accounts.resolve("mailto:equipe@ird.fr")
    assert found is not None
    assert found.id == lab.paul.id


def test_a_link_of_an_account_that_was_deleted_gives_nothing(lab: Lab) -> None:
    lab.office.registration.add_address(lab.marie, "m.dupont@ird.fr", "fr", NOW)
    secret = secret_in(waiting(lab.office)[-1])
    with lab.office.store.changing() as change:
        change.session.driver.execute("DELETE FROM accounts WHERE id = :id", {"id": lab.marie.id})

    with pytest.raises(LinkUseless):
        lab.office.registration.confirm(secret, NOW)


@pytest.mark.parametrize("secret", ["", "x", "é" * 50, "\udc80" * 30, "a\0b", "x" * 100_000, "' OR 1=1 --"])
def test_what_is_no_secret_confirms_nothing(office: Office, secret: str) -> None:
    assert office.registration.find(secret) is None
    assert not office.registration.renew(secret, NOW)
    with pytest.raises(LinkUseless):
        office.registration.confirm(secret, NOW)
