"""From nothing to a booking, as the tutorial tells it: a real browser, a real mail server, a real calendar client."""

from __future__ import annotations

import re

import caldav
import pytest
from building import a_booking
from caldav.lib.error import AuthorizationError
from chromium import Site, link_in, sign_in
from playwright.sync_api import Page
from running import MARIE

PASSWORD = "mistral gabian calanque 13"


def sign_up(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_role("link", name="Inscription").click()
    page.get_by_role("textbox", name="Prénom", exact=True).fill("Jeanne")
    page.get_by_role("textbox", name="Nom", exact=True).fill("Garcin")
    page.get_by_role("textbox", name="Adresse électronique").fill(email)
    page.get_by_role("textbox", name="Téléphone (facultatif)").fill("04 91 32 43 00")
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("combobox", name="Secteur").select_option(label="Recherche")
    page.get_by_role(
        "checkbox", name="J'accepte les conditions d'utilisation et la politique de confidentialité"
    ).check()
    page.get_by_role("button", name="Inscription").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_member_signs_up_confirms_books_with_a_phone_and_revokes_it(site: Site, scripts: bool) -> None:
    email = f"jeanne.garcin{'' if scripts else '2'}@univ-amu.fr"
    page = site.visitor("fr", scripts=scripts)
    sign_up(page, email)
    assert email in page.get_by_role("main").inner_text()
    assert site.running.client(email)("PROPFIND", "/dav/").status == 401

    mail = site.sink.mail_to(email)
    page.goto(link_in(mail))
    sign_in(page, email, PASSWORD)

    page.goto("/account")
    page.get_by_role("textbox", name="Nom de l'appareil").fill("Mon téléphone")
    page.get_by_role("region", name="Mots de passe d'application").get_by_role("button", name="Créer").click()
    secret = page.locator("code.big").inner_text()
    client = caldav.DAVClient(f"{site.url}/dav/", username=email, password=secret)
    room = next(each for each in client.principal().calendars() if str(each.url).rstrip("/").endswith("prado"))
    day = "2027-03-01" if scripts else "2027-03-02"
    room.save_event(a_booking(on=day, uid=f"{email}-books").decode())
    assert "Jeanne Garcin" in site.running.client(MARIE)("GET", "/dav/rooms/prado/").text

    page.get_by_role("region", name="Mots de passe d'application").get_by_role("button", name="Révoquer").click()
    with pytest.raises(AuthorizationError):
        caldav.DAVClient(f"{site.url}/dav/", username=email, password=secret).principal()
    assert site.running.client(email)("PROPFIND", "/dav/").status == 401  # the tests' own password is not hers


def test_a_link_in_another_browser_asks_for_a_press_of_a_button(site: Site) -> None:
    email = "luc.moreau@inserm.fr"
    sign_up(site.visitor("fr"), email)
    link = link_in(site.sink.mail_to(email))

    phone = site.visitor("fr", phone=True)
    phone.goto(link)
    assert phone.get_by_role("button").filter(has_text=re.compile("onfirmer")).count() == 1
    phone.get_by_role("button").filter(has_text=re.compile("onfirmer")).click()

    sign_in(phone, email, PASSWORD)
    phone.goto(link)
    assert phone.get_by_role("button").filter(has_text=re.compile("onfirmer mon")).count() == 0


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link(site: Site) -> None:
    before = len(site.sink.mails)
    page = site.visitor("fr")
    page.goto("/login")
    page.get_by_role("link", name="Mot de passe oublié").click()
    page.get_by_role("textbox", name="Adresse électronique").fill("anne.leroy@ird.fr")
    page.get_by_role("main").get_by_role("button").click()
    page.goto(link_in(site.sink.mail_to("anne.leroy@ird.fr", since=before)))
    page.get_by_label("Nouveau mot de passe").fill("sainte victoire au printemps")
    page.get_by_role("main").get_by_role("button").click()

    sign_in(page, "anne.leroy@ird.fr", "sainte victoire au printemps")
    assert site.running.client("anne.leroy@ird.fr")("PROPFIND", "/dav/").status == 401


def test_signing_up_with_an_address_that_has_an_account_tells_its_owner_and_not_the_page(site: Site) -> None:
    before = len(site.sink.mails)
    stranger = site.visitor("fr")
    sign_up(stranger, MARIE)
    seen = stranger.get_by_role("main").inner_text()

    mail = site.sink.mail_to(MARIE, since=before)
    text = mail.as_string()
    assert "Jeanne" not in text
    assert "Garcin" not in text
    newcomer = site.visitor("fr")
    sign_up(newcomer, "quelqu.un@univ-amu.fr")
    assert newcomer.get_by_role("main").inner_text().replace("quelqu.un@univ-amu.fr", MARIE) == seen
