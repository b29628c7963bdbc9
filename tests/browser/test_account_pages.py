"""The account's pages in a real browser: what a member does, by the names that he reads."""

from __future__ import annotations

import re

import caldav
import pytest
from building import a_booking
from caldav.lib.error import AuthorizationError
from chromium import Site, violations
from running import ANNE, MARIE, PAUL


def test_a_member_makes_an_application_password_books_with_it_and_revokes_it(site: Site) -> None:
    page = site.member(MARIE, "fr")
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("textbox", name="Nom de l'appareil").fill("Téléphone de Marie")
    section = page.get_by_role("region", name="Mots de passe d'application")
    section.get_by_role("button", name="Créer").click()
    secret = page.locator("code.big").inner_text()

    client = caldav.DAVClient(f"{site.url}/dav/", username=MARIE, password=secret)
    room = next(each for each in client.principal().calendars() if str(each.url).rstrip("/").endswith("prado"))
    room.save_event(a_booking(on="2027-02-01", uid="by-phone").decode())
    assert len(room.events()) == 1

    page.get_by_role("region", name="Mots de passe d'application").get_by_role("button", name="Révoquer").click()
    assert page.get_by_role("status").filter(has_text="révoqué").is_visible()
    with pytest.raises(AuthorizationError) as refused:
        caldav.DAVClient(f"{site.url}/dav/", username=MARIE, password=secret).principal()
    assert "401" in str(refused.value) or "Unauthorized" in str(refused.value)


def test_a_subscription_is_made_by_its_names(site: Site) -> None:
    page = site.member(MARIE)
    page.get_by_role("link", name="My account").click()
    section = page.get_by_role("region", name="Subscriptions")
    section.get_by_role("combobox").select_option(label="All rooms")
    section.get_by_role("checkbox", name="Without names").check()
    section.get_by_role("button", name="Create").click()
    address = page.locator("code.long").inner_text()

    feed = page.request.get(address)
    assert feed.ok
    assert feed.text().startswith("BEGIN:VCALENDAR")
    page.get_by_role("region", name="Subscriptions").get_by_role("button", name="Revoke").click()
    assert page.request.get(address).status == 404


def test_pages_work_without_scripts(site: Site) -> None:
    page = site.member(PAUL, "fr", scripts=False)
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("textbox", name="Téléphone (facultatif)").fill("04 91 00 00 00")
    page.get_by_role("button", name="Enregistrer").click()
    assert page.get_by_role("textbox", name="Téléphone (facultatif)").input_value() == "04 91 00 00 00"

    page.get_by_role("button", name="Déconnexion").click()
    page.wait_for_url(re.compile("/login"))


def test_a_manager_disables_a_member_who_is_out_at_once(site: Site) -> None:
    paul = site.member(PAUL)
    anne = site.member(ANNE)
    anne.goto("/managers?q=paul")
    anne.get_by_role("button", name="Disable").click()

    paul.goto("/account")
    assert "/login" in paul.url
    assert site.running.client(PAUL)("PROPFIND", "/dav/").status == 401
    anne.get_by_role("button", name="Enable").click()
    assert site.running.client(PAUL)("PROPFIND", "/dav/", headers={"Depth": "0"}).status == 207


ANONYMOUS = ["/login", "/register", "/reset", "/terms", "/privacy", "/nowhere"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_nothing_stands_in_anybodys_way(site: Site, language: str, phone: bool) -> None:
    page = site.visitor(language, phone=phone)
    for path in ANONYMOUS:
        page.goto(path)
        assert violations(page) == [], path
    assert page.goto("/login")
    page.get_by_role("button", name=re.compile("^(Log in|Connexion)$")).click()
    assert violations(page) == []

    page = site.member(ANNE, language, phone=phone)
    for path in ("/account", "/managers"):
        page.goto(path)
        assert violations(page) == [], path
        too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not too_wide, f"{path} scrolls sideways"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_both_colour_schemes_have_enough_contrast(site: Site, dark: bool) -> None:
    page = site.member(ANNE, dark=dark)
    for path in ("/account", "/managers", "/terms"):
        page.goto(path)
        assert violations(page) == [], path
