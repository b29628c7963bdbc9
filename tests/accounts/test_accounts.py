"""Accounts: signing in, being found, being changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from building import PASSWORD
from store_building import stored

from sesstim_caldav.accounts import AccountError, Accounts, Role
from sesstim_caldav.accounts.members import Members
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Store

MARIE = "marie.dupont@univ-amu.fr"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    settings = Settings.model_validate(
        {"store": {"data_dir": str(tmp_path)}, "rooms": [{"slug": "prado", "name": "P"}]}
    )
    with Store.open(settings) as store:
        yield Accounts(store, settings)


@pytest.fixture
def marie(accounts: Accounts) -> Account:
    return accounts.add(MARIE, "Marie", "Dupont", PASSWORD)


# -- signing in


def test_an_account_signs_in_with_its_password_and_no_other(accounts: Accounts, marie: Account) -> None:
    assert accounts.authenticate("Marie.Dupont@Univ-AMU.fr", PASSWORD) == marie
    assert accounts.authenticate(MARIE, PASSWORD + "x") is None
    assert accounts.authenticate(MARIE, "") is None
    assert accounts.authenticate("paul@univ-amu.fr", PASSWORD) is None


@pytest.mark.parametrize("password", ["pässwörd", "пароль", "密码🔑", "a" * 256, " blank ", "a:b"])
def test_passwords_of_any_script_count_to_the_last_character(accounts: Accounts, password: str) -> None:
    accounts.add(MARIE, "Marie", "Dupont", password)

    assert accounts.authenticate(MARIE, password)
    assert accounts.authenticate(MARIE, password[:-1] + "#") is None
    assert accounts.authenticate(MARIE, password[:-1]) is None


def test_a_password_is_the_same_however_the_keyboard_composes_it(accounts: Accounts) -> None:
    accounts.add(MARIE, "Marie", "Dupont", "caf\u00e9 cr\u00e8me")

    assert accounts.authenticate(MARIE, "cafe\u0301 cre\u0300me")


def test_a_password_that_is_too_long_or_empty_is_not_taken(accounts: Accounts, marie: Account) -> None:
    with pytest.raises(AccountError, match="256"):
        accounts.add("p@ird.fr", "P", "M", "x" * 257)
    with pytest.raises(AccountError):
        accounts.add("p@ird.fr", "P", "M", "")
    assert accounts.authenticate(marie.email, "x" * 100_000) is None


def test_an_address_of_another_domain_never_signs_in_whatever_is_stored(accounts: Accounts, marie: Account) -> None:
    stranger = "marie@example.org"
    with pytest.raises(AccountError, match="institutional"):
        accounts.add(stranger, "Marie", "Dupont", PASSWORD)
    with accounts.store.changing() as change:
        change.session.driver.execute("UPDATE accounts SET email = :email", {"email": stranger})

    assert accounts.by_id(marie.id)
    assert accounts.authenticate(stranger, PASSWORD) is None


def test_a_disabled_account_signs_in_no_more_until_it_is_enabled(accounts: Accounts, marie: Account) -> None:
    app_password = accounts.app_password(MARIE, "phone")
    assert accounts.authenticate(MARIE, PASSWORD)

    accounts.disable(MARIE)
    assert accounts.authenticate(MARIE, PASSWORD) is None
    assert accounts.authenticate(MARIE, app_password) is None

    accounts.enable(MARIE)
    assert accounts.authenticate(MARIE, PASSWORD) == marie


def test_a_changed_password_holds_at_once(accounts: Accounts, marie: Account) -> None:
    assert accounts.authenticate(MARIE, PASSWORD)

    accounts.set_password(marie.email, "another")

    assert accounts.authenticate(MARIE, PASSWORD) is None
    assert accounts.authenticate(MARIE, "another")


def test_a_change_made_by_another_process_holds_at_once(accounts: Accounts, marie: Account) -> None:
    other = Accounts(accounts.store, accounts.settings)
    assert accounts.authenticate(MARIE, PASSWORD)

    other.set_password(marie.email, "another")

    assert accounts.authenticate(MARIE, PASSWORD) is None


def test_an_app_password_signs_its_own_account_in_until_it_is_revoked(accounts: Accounts, marie: Account) -> None:
    accounts.add("paul@ird.fr", "Paul", "Martin", PASSWORD)
    phone, tablet = accounts.app_password(MARIE, "phone"), accounts.app_password(MARIE, "tablet")

    assert accounts.authenticate(MARIE, phone) == marie
    assert accounts.authenticate("paul@ird.fr", phone) is None
    members = Members(accounts.store)
    first = members.app_passwords(marie)[0]
    assert first.label == "phone"
    assert members.revoke_app_password(marie, first.id)
    assert not members.revoke_app_password(marie, first.id)
    assert accounts.authenticate(MARIE, phone) is None
    assert accounts.authenticate(MARIE, tablet) == marie


def test_an_app_password_is_stored_as_a_keyed_hash_and_its_use_is_noted_once_a_day(
    accounts: Accounts, marie: Account
) -> None:
    password = accounts.app_password(marie.email, "phone")
    rows = "SELECT hash, last_used FROM app_passwords"
    with accounts.store.reading() as reading:
        before = reading.session.driver.execute(rows).fetchone()
    accounts.authenticate(MARIE, password)
    with accounts.store.reading() as reading:
        after = reading.session.driver.execute(rows).fetchone()
    with accounts.store.changing() as change:
        change.session.driver.execute("UPDATE app_passwords SET last_used = last_used - 5")
    accounts.authenticate(MARIE, password)
    with accounts.store.reading() as reading:
        again = reading.session.driver.execute(rows).fetchone()

    assert password not in before[0]
    assert before[1] is None
    assert again[1] == after[1] - 5


def test_app_passwords_need_the_name_of_a_device(accounts: Accounts, marie: Account) -> None:
    with pytest.raises(AccountError):
        accounts.app_password(marie.email, " ")
    with pytest.raises(AccountError, match="has no account"):
        accounts.app_password("paul@ird.fr", "phone")


def test_odd_addresses_are_nobodys(accounts: Accounts, marie: Account) -> None:
    for email in (
        "",
        "@",
        "\0",
        f"{marie.email}\0",
        f"{marie.email}@ird.fr",
        "x" * 100_000 + "@ird.fr",
        "\udc80@ird.fr",
    ):
        assert accounts.authenticate(email, PASSWORD) is None


# -- being made


@pytest.mark.parametrize(
    "email", ["", "marie", "@ird.fr", "a b@ird.fr", "a/b@ird.fr", "a@b@ird.fr", "a\n@ird.fr", "<a>@ird.fr"]
)
def test_what_is_no_address_gets_no_account(accounts: Accounts, email: str) -> None:
    with pytest.raises(AccountError):
        accounts.add(email, "Marie", "Dupont", PASSWORD)


def test_an_address_has_one_account_whatever_its_case(accounts: Accounts, marie: Account) -> None:
    assert accounts.add("o'neil+x@ird.fr", "Sinéad", "O'Neil", PASSWORD).name == "Sinéad O'Neil"
    with pytest.raises(AccountError, match="has an account already"):
        accounts.add(marie.email.upper(), "Marie", "Dupont", PASSWORD)


def test_names_are_needed_and_hold_no_line_breaks(accounts: Accounts) -> None:
    assert accounts.add(MARIE, " Marie \n Anne ", "Dupont", PASSWORD).name == "Marie Anne Dupont"
    for first, last in (("", "Dupont"), ("Marie", " "), ("Ma\0rie", "Dupont")):
        with pytest.raises(AccountError):
            accounts.add("p@ird.fr", first, last, PASSWORD)


# -- being found


@pytest.mark.parametrize(
    "address",
    [
        f"mailto:{MARIE}",
        f"MAILTO:{MARIE.upper()}",
        "mailto:marie.dupont%40univ-amu.fr",
        "mailto:m.dupont@ird.fr",
        "Mailto:M.Dupont@IRD.fr",
        f"/dav/{MARIE}/",
        f"/dav/{MARIE}",
        "/dav/marie.dupont%40univ-amu.fr/",
        f"/prefix/dav/{MARIE}/",
        f"https://rooms.example.org/dav/{MARIE}/",
        MARIE,
    ],
)
def test_an_organizer_names_an_account_in_all_its_forms(accounts: Accounts, marie: Account, address: str) -> None:
    accounts.add_address(marie.email, "M.Dupont@ird.fr")

    found = accounts.resolve(address)

    assert found is not None
    assert found.id == marie.id
    assert found.person().addresses == {MARIE, "m.dupont@ird.fr"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mailto:",
        "mailto:paul@ird.fr",
        "/dav/",
        "/dav/rooms/prado/",
        f"/dav/rooms/{MARIE}/",
        "http://[",
        "urn:uuid:1",
        "mailto:\0",
    ],
)
def test_what_names_nobody_is_nobody(accounts: Accounts, marie: Account, address: str) -> None:
    assert marie
    assert accounts.resolve(address) is None


def test_an_address_that_is_not_confirmed_names_nobody(accounts: Accounts, marie: Account) -> None:
    accounts.add_address(marie.email, "m@ird.fr")
    with accounts.store.changing() as change:
        change.session.driver.execute("UPDATE addresses SET confirmed = 0")

    assert accounts.resolve("mailto:m@ird.fr") is None
    assert accounts.by_id(marie.id) == marie


def test_an_address_belongs_to_one_account(accounts: Accounts, marie: Account) -> None:
    accounts.add("paul@ird.fr", "Paul", "Martin", PASSWORD)
    for taken in ("paul@ird.fr", marie.email):
        with pytest.raises(AccountError, match="already"):
            accounts.add_address(marie.email, taken)


def test_a_disabled_member_is_still_named(accounts: Accounts, marie: Account) -> None:
    accounts.disable(marie.email)

    found = accounts.resolve(f"mailto:{MARIE}")
    assert found is not None
    assert not found.active


def test_the_list_tells_bookings_and_devices(accounts: Accounts, marie: Account) -> None:
    accounts.add("anne@ird.fr", "Anne", "Leroy", PASSWORD, manager=True)
    accounts.app_password(MARIE, "phone")
    stored(accounts.store, organiser_id=marie.id)

    entries = accounts.entries()

    assert [(each.account.email, each.bookings, each.app_passwords) for each in entries] == [
        ("anne@ird.fr", 0, ()),
        (MARIE, 1, ("phone",)),
    ]
    assert [each.account for each in entries] == accounts.all()


# -- being changed


def test_a_role_is_given_and_taken(accounts: Accounts, marie: Account) -> None:
    manager = accounts.set_role(MARIE, Role.MANAGER)

    assert manager.manager
    assert manager.person().manager
    assert manager.epoch == marie.epoch + 1
    assert not accounts.set_role(MARIE, "member").manager
    with pytest.raises(AccountError, match="no role"):
        accounts.set_role(MARIE, "king")


def test_a_change_of_nobody_is_refused(accounts: Accounts) -> None:
    for change in (accounts.disable, accounts.enable):
        with pytest.raises(AccountError, match="has no account"):
            change("nobody@ird.fr")
