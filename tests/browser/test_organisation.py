"""Signing in with one's organisation and by a directory: a real browser, provider, directory and server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import caldav
import pytest
from building import a_booking
from chromium import Site, a_site, sign_in, violations
from directory_server import BASE, READER, Directory, a_running_directory
from identity_provider import Provider
from playwright.sync_api import Browser, Page
from running import Client

PASSWORD = "known by the directory"
CONFIG = """
[organisation]
issuer = "{issuer}"
client_id = "rooms"
client_secret_file = "{secret}"
[directory]
url = "{url}"
bind_dn = "{reader}"
bind_password_file = "{password}"
base_dn = "{base}"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    yield from a_running_directory(tmp_path_factory.mktemp("ldap") / "directory")


@pytest.fixture(scope="module")
def served(
    browser: Browser, provider: Provider, directory: Directory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    secret = folder / "client-secret"
    secret.write_text("the client's secret\n")
    more = CONFIG.format(
        issuer=provider.issuer,
        secret=secret,
        url=directory.url,
        reader=READER,
        password=directory.settings["bind_password_file"],
        base=BASE,
    )
    with a_site(folder, browser, workers=2, more=more) as site:
        yield site


def signs_in_there(page: Page, subject: str) -> None:
    """At the provider's own page."""
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def test_a_member_signs_in_with_the_organisation_and_books_with_an_application_password(
    site: Site, provider: Provider
) -> None:
    provider.knows(
        "jeanne", email="jeanne.garcin@univ-amu.fr", email_verified=True, given_name="Jeanne", family_name="Garcin"
    )
    page = site.visitor("fr")
    page.goto("/account")
    page.get_by_role("link", name="Se connecter avec mon organisation").click()
    signs_in_there(page, "jeanne")

    page.wait_for_url(f"{site.url}/account")
    assert page.get_by_role("textbox", name="Prénom").input_value() == "Jeanne"
    page.get_by_role("textbox", name="Nom de l'appareil").fill("Téléphone")
    page.get_by_role("region", name="Mots de passe d'application").get_by_role("button", name="Créer").click()
    secret = page.locator("code.big").inner_text()
    client = caldav.DAVClient(f"{site.url}/dav/", username="jeanne.garcin@univ-amu.fr", password=secret)
    room = next(each for each in client.principal().calendars() if str(each.url).rstrip("/").endswith("prado"))
    room.save_event(a_booking(on="2027-02-01", uid="by-jeanne").decode())
    assert len(room.events()) == 1

    page.get_by_role("button", name="Déconnexion").click()
    page.wait_for_url(re.compile("/login"))


def test_who_is_not_let_in_reads_why(site: Site, provider: Provider) -> None:
    provider.knows("stranger", email="eve@gmail.com", email_verified=True)
    page = site.visitor("en")
    page.goto("/login")
    page.get_by_role("link", name="Log in with your organisation").click()
    signs_in_there(page, "stranger")

    assert page.get_by_role("heading", name="You are not signed in").is_visible()
    assert "univ-amu.fr, inserm.fr, ird.fr" in page.get_by_role("main").inner_text()
    assert violations(page) == []
    page.get_by_role("link", name="Back to signing in").click()
    page.get_by_role("link", name="Log in with your organisation").click()
    page.get_by_role("button", name="Deny").click()
    page.go_back()
    page.goto("/account")
    assert "/login" in page.url


def test_a_member_of_the_directory_signs_in_everywhere(site: Site, directory: Directory) -> None:
    name = directory.enter("mfontaine", PASSWORD, mail="marc.fontaine@ird.fr", givenName="Marc", sn="Fontaine")
    page = site.visitor("fr")
    sign_in(page, "marc.fontaine@ird.fr", PASSWORD)
    page.goto("/account")
    assert page.get_by_role("textbox", name="Nom", exact=True).input_value() == "Fontaine"

    for _ in range(4):  # each may meet the other worker
        device = Client(site.url, "marc.fontaine@ird.fr", PASSWORD)
        assert device("PROPFIND", "/dav/rooms/", headers={"Depth": "0"}).status == 207
        device.close()
    directory.removes(name)


def test_a_wrong_password_of_the_directory_is_one(site: Site, directory: Directory) -> None:
    name = directory.enter("pblanc", PASSWORD, mail="paule.blanc@ird.fr")
    page = site.visitor("en")
    page.goto("/login")
    page.get_by_role("textbox", name="Email").fill("paule.blanc@ird.fr")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()

    assert "do not go together" in page.get_by_role("main").inner_text()
    directory.removes(name)
