"""Passwords that a directory knows, asked of OpenLDAP's slapd."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Browser
from building import PASSWORD, settings_in
from directory_server import BASE, Directory, a_running_directory
from plugins.asking import Asking
from sesstim_radicale.application import create as create_dav

from sesstim_caldav.accounts import Accounts, DirectoryUnavailable, TooManyGuesses, audit
from sesstim_caldav.accounts.authentication import DIRECTORYS_WORD
from sesstim_caldav.office import Office
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store
from sesstim_caldav.web.application import create

MARIE = "marie.dupont@univ-amu.fr"
SECRET = "known by the directory"
NOW = 1_800_000_000
PHONE, STRANGER = "198.51.100.4", "203.0.113.7"
KEY = b"k" * 32


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    yield from a_running_directory(tmp_path_factory.mktemp("ldap") / "directory")


@pytest.fixture
def directory(served: Directory) -> Iterator[Directory]:
    """The directory with Marie in it, and without her afterwards."""
    name = served.enter("mdupont", SECRET, mail=MARIE)
    yield served
    served.removes(name)


def settings_with(folder: Path, directory: Directory, **changes: object) -> Settings:
    return settings_in(folder, directory=directory.settings | changes, sign_in={"account_burst": 5})


@pytest.fixture
def settings(tmp_path: Path, directory: Directory) -> Settings:
    return settings_with(tmp_path, directory)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as store:
        yield store


@pytest.fixture
def accounts(store: Store, settings: Settings) -> Accounts:
    return Accounts(store, settings, KEY)


def test_the_first_sign_in_makes_the_account_with_the_directorys_names(accounts: Accounts) -> None:
    account = accounts.authenticate("Marie.Dupont@Univ-AMU.fr", SECRET, PHONE, NOW)

    assert account is not None
    assert (account.email, account.name, account.manager) == (MARIE, "Marie Dupont", False)
    assert accounts.all() == [account]
    assert [(line.who, line.what, line.detail) for line in audit.entries(accounts.store)] == [
        ("directory", "add", MARIE)
    ]


def test_a_wrong_password_and_none_sign_nobody_in(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, "wrong", PHONE, NOW) is None
    assert accounts.authenticate(MARIE, "", PHONE, NOW) is None  # which a directory itself would call a success
    assert accounts.all() == []


@pytest.mark.parametrize(
    "address",
    [
        "*@univ-amu.fr",
        "marie*@univ-amu.fr",
        "marie.dupont)(uid=*@univ-amu.fr",
        "x)(|(mail=*@univ-amu.fr",
        "*)(objectClass=*@univ-amu.fr",
        "\\2a@univ-amu.fr",
        "marie.dupont\\00@univ-amu.fr",
        "marie.dupont@univ-amu.fr)(cn=*",
        "",
    ],
)
def test_an_address_is_never_part_of_the_question(accounts: Accounts, address: str) -> None:
    assert accounts.authenticate(address, SECRET, PHONE, NOW) is None
    assert accounts.all() == []


def test_an_entry_of_a_foreign_domain_signs_nobody_in(accounts: Accounts, directory: Directory) -> None:
    name = directory.enter("guest", SECRET, mail="guest@gmail.com")

    assert accounts.authenticate("guest@gmail.com", SECRET, PHONE, NOW) is None
    directory.removes(name)


def test_an_entry_that_is_found_by_something_else_than_its_address_signs_nobody_in(
    store: Store, tmp_path: Path, directory: Directory
) -> None:
    loose = settings_with(tmp_path / "loose", directory, filter="(|(mail={address})(uid=mdupont))")
    accounts = Accounts(store, loose, KEY)

    assert accounts.authenticate("eve@univ-amu.fr", SECRET, PHONE, NOW) is None
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW)


def test_two_entries_of_one_address_sign_nobody_in(accounts: Accounts, directory: Directory) -> None:
    name = directory.enter("impostor", SECRET, mail=MARIE)

    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW) is None
    directory.removes(name)
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW)


def test_any_of_several_addresses_of_an_entry_counts(accounts: Accounts, directory: Directory) -> None:
    name = directory.enter("paul", SECRET, mail=["paul@gmail.com", "Paul.Martin@inserm.fr"], givenName="", sn="Martin")
    account = accounts.authenticate("paul.martin@inserm.fr", SECRET, PHONE, NOW)
    directory.removes(name)

    assert account is not None
    assert (account.email, account.name) == ("paul.martin@inserm.fr", "Paul Martin")


def test_a_local_account_keeps_its_password_beside_the_directorys(accounts: Accounts) -> None:
    marie = accounts.add(MARIE, "Marie", "Durand", PASSWORD)

    assert accounts.authenticate(MARIE, PASSWORD, PHONE, NOW) == marie
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW) == marie
    assert accounts.all() == [marie]


def test_a_further_address_of_an_account_makes_no_second_one(accounts: Accounts) -> None:
    accounts.add("marie@ird.fr", "Marie", "Dupont", PASSWORD)
    accounts.add_address("marie@ird.fr", MARIE)

    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW) is None
    assert len(accounts.all()) == 1


def test_a_disabled_account_is_let_in_by_no_directory(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW)

    accounts.disable(MARIE)

    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW) is None
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW + DIRECTORYS_WORD + 1) is None


def test_a_removed_domain_is_let_in_by_no_directory(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW)

    accounts.settings.accounts.domains.remove("univ-amu.fr")

    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW) is None


def test_a_password_that_is_changed_there_ends_here_within_minutes(accounts: Accounts, directory: Directory) -> None:
    beside = Accounts(accounts.store, accounts.settings, KEY)
    for worker in (accounts, beside):
        assert worker.authenticate(MARIE, SECRET, PHONE, NOW)
    directory.changes(f"uid=mdupont,{BASE}", userPassword="another")

    later = NOW + DIRECTORYS_WORD + 1
    for worker in (accounts, beside, Accounts(accounts.store, accounts.settings, KEY)):
        assert worker.authenticate(MARIE, SECRET, PHONE, later) is None
    assert accounts.authenticate(MARIE, "another", PHONE, later)


def test_an_entry_that_is_taken_away_there_ends_here_within_minutes(accounts: Accounts, directory: Directory) -> None:
    name = directory.enter("leaves", SECRET, mail="leaves@ird.fr")
    assert accounts.authenticate("leaves@ird.fr", SECRET, PHONE, NOW)
    directory.removes(name)

    assert accounts.authenticate("leaves@ird.fr", SECRET, PHONE, NOW + DIRECTORYS_WORD + 1) is None


def test_guesses_at_the_directorys_passwords_are_slowed_and_its_members_go_on(accounts: Accounts) -> None:
    assert accounts.authenticate(MARIE, SECRET, PHONE, NOW)
    refused = 0
    for number in range(20):
        try:
            assert accounts.authenticate(MARIE, f"wrong {number}", STRANGER, NOW + DIRECTORYS_WORD) is None
        except TooManyGuesses:
            refused += 1

    assert refused == 15
    beside = Accounts(accounts.store, accounts.settings, KEY)
    for worker in (accounts, beside):  # the directory is asked again, whoever guesses
        assert worker.authenticate(MARIE, SECRET, PHONE, NOW + DIRECTORYS_WORD + 1)
        assert worker.authenticate(MARIE, SECRET, PHONE, NOW + 2 * DIRECTORYS_WORD)


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[Directory]:
    """A directory that the story stops and starts."""
    yield from a_running_directory(tmp_path / "directory")


def test_while_the_directory_is_down_local_accounts_sign_in_and_its_members_are_told(
    tmp_path: Path, interrupted: Directory
) -> None:
    directory = interrupted
    directory.enter("mdupont", SECRET, mail=MARIE)
    with Store.open(settings_with(tmp_path, directory)) as store:
        accounts = Accounts(store, store.settings, KEY)
        paul = accounts.add("paul.martin@inserm.fr", "Paul", "Martin", PASSWORD)
        marie = accounts.authenticate(MARIE, SECRET, PHONE, NOW)
        phone = accounts.app_password(MARIE, "phone")
        directory.stop()

        assert accounts.authenticate(paul.email, PASSWORD, PHONE, NOW) == paul
        assert accounts.authenticate(MARIE, SECRET, PHONE, NOW + 60) == marie  # known of a minute ago
        for _ in range(20):  # and it is nobody's guess
            with pytest.raises(DirectoryUnavailable):
                accounts.authenticate("anne.leroy@univ-amu.fr", SECRET, STRANGER, NOW)
        with pytest.raises(DirectoryUnavailable):
            accounts.authenticate(MARIE, SECRET, PHONE, NOW + DIRECTORYS_WORD + 1)
        assert accounts.authenticate(MARIE, phone, PHONE, NOW) == marie

        directory.start()
        assert accounts.authenticate(MARIE, SECRET, PHONE, NOW + DIRECTORYS_WORD + 1) == marie


def test_a_directory_that_does_not_take_the_readers_password_is_as_good_as_down(
    store: Store, tmp_path: Path, directory: Directory
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    for changes in ({"bind_password_file": str(wrong)}, {"bind_password_file": str(tmp_path / "none")}):
        settings = settings_with(tmp_path / "other", directory, **changes)
        with pytest.raises(DirectoryUnavailable):
            Accounts(store, settings, KEY).authenticate(MARIE, SECRET, PHONE, NOW)


@pytest.mark.parametrize("start_tls", [False, True], ids=["ldaps", "StartTLS"])
def test_passwords_travel_encrypted_to_the_server_that_is_meant(
    store: Store, tmp_path: Path, directory: Directory, start_tls: bool
) -> None:
    ca = str(directory.folder / "tls.pem")
    url = f"ldap://localhost:{directory.port}" if start_tls else directory.tls_url

    def signs_in(**changes: object) -> bool:
        settings = settings_with(tmp_path / "tls", directory, **{"url": url, "start_tls": start_tls} | changes)
        return Accounts(store, settings, KEY).authenticate(MARIE, SECRET, PHONE, NOW) is not None

    with pytest.raises(DirectoryUnavailable):
        signs_in()  # nobody that this machine trusts has signed the certificate
    with pytest.raises(DirectoryUnavailable):
        signs_in(ca_file=ca, url=url.replace("localhost", "127.0.0.1"))  # which is for another name
    assert signs_in(ca_file=ca)


@pytest.mark.parametrize("password", ["pässwörd ✓", "a" * 256, "with space ", "\u00a0", "\u200b", "\ud800", "\x00x"])
def test_passwords_of_every_kind_are_answered(accounts: Accounts, directory: Directory, password: str) -> None:
    assert accounts.authenticate(MARIE, password, PHONE, NOW) is None
    if password.isprintable() and password.strip():
        directory.changes(f"uid=mdupont,{BASE}", userPassword=password)
        assert accounts.authenticate(MARIE, password, PHONE, NOW)


def test_a_directory_that_is_down_is_told_in_a_sentence_at_every_door(tmp_path: Path, directory: Directory) -> None:
    with Office.open(settings_with(tmp_path, directory, url="ldap://127.0.0.1:9")) as office:
        login = Browser(create(office).test_client()).post("/login", email=MARIE, password=SECRET)
        basic = {"Authorization": "Basic " + base64.b64encode(f"{MARIE}:{SECRET}".encode()).decode()}
        french = basic | {"Accept-Language": "fr"}
        api = create(office).test_client().get("/api/rooms", headers=french)
        asking = Asking(create_dav(office.settings, office), None)
        dav = asking("PROPFIND", "/rooms/", authorization=basic["Authorization"], accept_language="fr")

    assert (login.status_code, "does not answer" in login.text) == (503, True)
    assert (api.status_code, "L'annuaire" in api.get_json()["text"]) == (503, True)
    assert (dav.status, "L'annuaire" in dav.text) == (503, True)
    assert login.headers["Retry-After"] == api.headers["Retry-After"] == dav.headers["retry-after"] == "60"
