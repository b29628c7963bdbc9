"""A forgotten password on the pages, without scripts."""

from __future__ import annotations

import re

import pytest
from browsing import Browser, a_browser
from building import PASSWORD, Lab
from letters import secret_in, waiting

ANOTHER = "thé vert sans sucre"


@pytest.fixture
def browser(lab: Lab) -> Browser:
    return a_browser(lab.office)


def link(lab: Lab) -> str:
    return f"/reset/{secret_in(waiting(lab.office)[-1])}"


def test_a_forgotten_password_is_chosen_anew(lab: Lab, browser: Browser) -> None:
    asked = browser.post("/reset", email=lab.marie.email)
    assert (asked.status_code, asked.location) == (303, "/reset/sent")
    assert browser.get("/reset/sent").status_code == 200

    page = browser.get(link(lab))
    assert page.status_code == 200
    assert "Application passwords go on working" in page.text
    done = browser.post(link(lab), form=link(lab), password=ANOTHER)

    assert (done.status_code, done.location) == (303, "/login")
    assert "Your password was changed." in browser.get("/login").text
    assert browser.post("/login", email=lab.marie.email, password=PASSWORD).status_code == 403
    assert browser.post("/login", email=lab.marie.email, password=ANOTHER).status_code == 303


def test_looking_at_the_link_does_not_use_it_up(lab: Lab, browser: Browser) -> None:
    browser.post("/reset", email=lab.marie.email)
    path = link(lab)
    for visit in (browser.client.get, browser.client.head, browser.client.options):
        visit(path)

    assert browser.post(path, form=path, password=ANOTHER).status_code == 303


def test_every_browser_is_signed_out(lab: Lab, browser: Browser) -> None:
    elsewhere = a_browser(lab.office)
    elsewhere.sign_in(lab.marie)
    assert elsewhere.get("/account").status_code == 200

    browser.post("/reset", email=lab.marie.email)
    browser.post(link(lab), form=link(lab), password=ANOTHER)

    assert elsewhere.get("/account").status_code == 303


def test_the_page_says_the_same_of_a_known_and_an_unknown_address(lab: Lab) -> None:
    answers = []
    for email in (lab.marie.email, "nobody@univ-amu.fr"):
        browser = a_browser(lab.office)
        asked = browser.post("/reset", email=email)
        seen = re.sub(r'value="[^"]*"', "", browser.get("/reset/sent").text)
        cookies = [re.sub(r"=[^;]*", "", each) for each in asked.headers.getlist("Set-Cookie")]
        answers.append((asked.status_code, asked.location, cookies, seen))

    assert answers[0] == answers[1]
    assert [mail["To"] for mail in waiting(lab.office)] == [lab.marie.email]


def test_a_foreign_address_is_refused_with_a_sentence(lab: Lab) -> None:
    refused = a_browser(lab.office, "fr").post("/reset", email="marie@gmail.com")

    assert refused.status_code == 400
    assert "Ce n'est pas une adresse institutionnelle." in refused.text.replace("&#39;", "'")
    assert "univ-amu.fr, inserm.fr et ird.fr" in refused.text


def test_a_weak_password_is_refused_and_the_link_goes_on_working(lab: Lab, browser: Browser) -> None:
    browser.post("/reset", email=lab.marie.email)
    path = link(lab)

    refused = browser.post(path, form=path, password="dupont2026")
    assert refused.status_code == 400
    assert re.search(r'id="password-error">[^<]+<', refused.text)
    assert "dupont2026" not in refused.text

    assert browser.post(path, form=path, password=ANOTHER).status_code == 303


def test_a_link_that_was_used_says_so_and_offers_another(lab: Lab, browser: Browser) -> None:
    browser.post("/reset", email=lab.marie.email)
    path = link(lab)
    browser.post(path, form=path, password=ANOTHER)

    for answer in (browser.get(path), browser.post(path, password="yet another password")):
        assert answer.status_code == 410
        assert 'href="/reset"' in answer.text
    assert lab.office.accounts.authenticate(lab.marie.email, ANOTHER)


@pytest.mark.parametrize(
    ("language", "names"),
    [("fr", ["Adresse électronique", "Nouveau mot de passe"]), ("en", ["Email", "New password"])],
)
def test_the_forms_are_in_the_readers_language(lab: Lab, language: str, names: list[str]) -> None:
    browser = a_browser(lab.office, language)
    asking = browser.get("/reset").text
    browser.post("/reset", email=lab.marie.email)

    for page, name in zip((asking, browser.get(link(lab)).text), names, strict=True):
        assert f">{name}</label>" in page
        assert f'<html lang="{language}">' in page
