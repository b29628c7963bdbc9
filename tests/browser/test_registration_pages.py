"""Nothing on the pages of signing up and of forgotten passwords stands in anybody's way."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from chromium import Site, link_in, violations
from playwright.sync_api import Page
from running import PAUL

PICTURES = os.environ.get("PICTURES")
"""A folder for pictures of every page, for people to look at."""
BUTTON = re.compile("^(Sign up|Inscription)$")


def look(page: Page, name: str) -> None:
    """What axe-core and a narrow screen say of a page; a picture of it where one is asked for."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert violations(page) == [], name
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{name} scrolls sideways"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("phone", "dark"), [(False, False), (True, False), (True, True)], ids=["desktop", "phone", "dark"]
)
def test_nothing_stands_in_anybodys_way(site: Site, language: str, phone: bool, dark: bool) -> None:
    device = f"{language}-{'phone' if phone else 'desktop'}{'-dark' if dark else ''}"
    email = f"prenom.nom.{device}@univ-amu.fr"
    page = site.visitor(language, phone=phone, dark=dark)
    page.goto("/register")
    look(page, f"register-{device}")

    page.get_by_role("button", name=BUTTON).click()
    summary = page.get_by_role("alert")
    assert summary.is_visible()
    look(page, f"register-wrong-{device}")

    page.locator("#first_name").fill("Prénom")
    page.locator("#last_name").fill("Nom")
    page.locator("#email").fill(email)
    page.locator("#password").fill("chocolat noir amer")
    page.locator("#agreed").check()
    page.get_by_role("button", name=BUTTON).click()
    page.wait_for_url(re.compile("/register/sent"))
    look(page, f"register-sent-{device}")

    link = link_in(site.sink.mail_to(email))
    elsewhere = site.visitor(language, phone=phone, dark=dark)
    elsewhere.goto(link)
    look(elsewhere, f"confirm-{device}")
    elsewhere.get_by_role("main").get_by_role("button").click()
    look(elsewhere, f"confirmed-{device}")
    page.goto(link)
    look(page, f"confirm-useless-{device}")

    page.goto("/reset")
    look(page, f"reset-{device}")
    page.locator("#email").fill(email)
    before = len(site.sink.mails)
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url(re.compile("/reset/sent"))
    look(page, f"reset-sent-{device}")
    link = link_in(site.sink.mail_to(email, since=before))
    page.goto(link)
    look(page, f"reset-choose-{device}")
    page.locator("#password").fill("short")
    page.get_by_role("main").get_by_role("button").click()
    look(page, f"reset-choose-wrong-{device}")
    page.goto("/reset/nothing")
    look(page, f"reset-useless-{device}")


def test_the_summary_of_what_is_wrong_leads_to_each_field(site: Site) -> None:
    page = site.visitor("fr")
    page.goto("/register")
    page.get_by_role("button", name="Inscription").click()

    for link in page.get_by_role("alert").get_by_role("link").all():
        link.click()
        label = link.inner_text()
        focused = page.evaluate("document.activeElement.labels[0].innerText")
        assert focused == label
        described = page.evaluate(
            "document.activeElement.getAttribute('aria-describedby').split(' ')"
            ".map(id => document.getElementById(id).innerText).join(' ')"
        )
        assert described.strip()


def test_a_mail_in_html_is_readable_to_everybody(site: Site, tmp_path: Path) -> None:
    before = len(site.sink.mails)
    page = site.visitor("fr")
    page.goto("/reset")
    page.locator("#email").fill(PAUL)
    page.get_by_role("main").get_by_role("button").click()
    mail = site.sink.mail_to(PAUL, since=before)
    body = mail.get_body(("html",))
    assert body is not None
    file = tmp_path / "mail.html"
    file.write_text(body.get_content(), encoding="utf-8")

    page.goto(file.as_uri())
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / "mail.png"))
    # a mail is no page with landmarks; what concerns its words, colours and links counts
    assert [each for each in violations(page) if not each.startswith(("landmark", "region", "page-has-heading"))] == []
    assert page.get_by_role("link", name="Choisir un nouveau mot de passe").get_attribute("href") == link_in(mail)
