"""Signing in with one's organisation, against a provider that runs in a process of its own."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import Browser
from building import PASSWORD, settings_in
from identity_provider import Provider
from werkzeug.test import TestResponse

from sesstim_caldav.accounts import TooManyGuesses, audit
from sesstim_caldav.accounts.organisation import SKEW, Organisation, OrganisationRefused, Reason
from sesstim_caldav.accounts.throttle import Allowance
from sesstim_caldav.departure import depart
from sesstim_caldav.office import Office
from sesstim_caldav.web.application import create

CLIENT = "sesstim-rooms"
MARIE = {
    "email": "Marie.Dupont@univ-amu.fr",
    "email_verified": True,
    "given_name": "Marie",
    "family_name": "Dupont",
    "locale": "en-GB",
}


def an_office(folder: Path, issuer: str) -> Office:
    secret = folder / "client-secret"
    secret.write_text("the client's secret\n")
    organisation = {"issuer": issuer, "client_id": CLIENT, "client_secret_file": str(secret)}
    return Office.open(settings_in(folder, organisation=organisation, site={"base_url": "http://rooms.test"}))


@pytest.fixture
def office(tmp_path: Path, provider: Provider) -> Iterator[Office]:
    with an_office(tmp_path, provider.issuer) as office:
        yield office


@pytest.fixture
def browser(office: Office) -> Browser:
    return Browser(create(office).test_client())


def goes(browser: Browser, provider: Provider, subject: str, path: str = "/login/organisation") -> dict[str, str]:
    """Sends a browser to the provider, where somebody signs in; answers what it is sent back with."""
    sent = browser.get(path)
    assert sent.status_code == 303
    return provider.answers(sent.location, subject)


def comes_back(browser: Browser, answer: dict[str, str]) -> TestResponse:
    return browser.get("/login/organisation/callback", query_string=answer)


def signs_in(browser: Browser, provider: Provider, subject: str) -> TestResponse:
    return comes_back(browser, goes(browser, provider, subject))


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_the_first_sign_in_makes_the_account(office: Office, browser: Browser, provider: Provider) -> None:
    provider.knows("first", **MARIE)

    back = signs_in(browser, provider, "first")

    assert (back.status_code, back.location) == (303, "/")
    assert signed_in(browser)
    account = office.accounts.by_email("marie.dupont@univ-amu.fr")
    assert account is not None
    assert (account.name, account.manager, account.language) == ("Marie Dupont", False, "en")
    assert [(line.who, line.what, line.detail) for line in audit.entries(office.store)] == [
        (provider.issuer, "identity", f"{account.email}: first"),
        (provider.issuer, "add", account.email),
    ]


def test_later_sign_ins_lead_to_the_same_account_whatever_the_address_is_by_then(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("moves", **MARIE)
    signs_in(browser, provider, "moves")
    other = office.accounts.add("paul.martin@inserm.fr", "Paul", "Martin", PASSWORD)

    provider.knows("moves", **MARIE | {"email": other.email})  # married, or malicious
    browser = Browser(create(office).test_client())
    signs_in(browser, provider, "moves")

    assert "Dupont" in browser.get("/account").text
    assert [account.email for account in office.accounts.all()] == ["marie.dupont@univ-amu.fr", other.email]


def test_an_account_that_is_there_already_is_tied_by_its_verified_address(
    office: Office, browser: Browser, provider: Provider
) -> None:
    marie = office.accounts.add("marie.dupont@univ-amu.fr", "Marie", "Durand", PASSWORD, manager=True)
    provider.knows("already", **MARIE)

    signs_in(browser, provider, "already")

    assert "Durand" in browser.get("/account").text
    assert office.accounts.all() == [marie]
    assert office.accounts.authenticate(marie.email, PASSWORD) == marie


def test_an_address_that_the_provider_gives_to_somebody_new_leads_to_nobodys_account(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("old", **MARIE)
    signs_in(browser, provider, "old")
    provider.knows("new", **MARIE)
    stranger = Browser(create(office).test_client())

    refused = signs_in(stranger, provider, "new")

    assert refused.status_code == 403
    assert "somebody else" in refused.text
    assert not signed_in(stranger)


def test_the_visitor_gets_to_the_page_that_he_wanted_and_nowhere_else(browser: Browser, provider: Provider) -> None:
    provider.knows("wants", **MARIE)
    wanted = goes(browser, provider, "wants", "/login/organisation?next=/account%3Fx=1")
    assert comes_back(browser, wanted).location == "/account?x=1"

    browser.client.delete_cookie("session")
    elsewhere = goes(browser, provider, "wants", "/login/organisation?next=//evil.example")
    assert comes_back(browser, elsewhere).location == "/"


def test_what_the_user_info_tells_counts_where_the_token_tells_nothing(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("thin", thin=True, **MARIE)

    assert signs_in(browser, provider, "thin").status_code == 303
    assert office.accounts.by_email("marie.dupont@univ-amu.fr")


def test_names_that_nobody_tells_are_read_off_the_address(office: Office, browser: Browser, provider: Provider) -> None:
    provider.knows("nameless", email="jean-luc.de.la.tour@ird.fr", email_verified=True)
    signs_in(browser, provider, "nameless")

    account = office.accounts.by_email("jean-luc.de.la.tour@ird.fr")
    assert account is not None
    assert account.name == "Jean-Luc De La Tour"


@pytest.mark.parametrize(
    ("claims", "status", "sentence"),
    [
        ({"email_verified": False}, 403, "has not made sure of your e-mail address"),
        ({"email_verified": "false"}, 403, "has not made sure of your e-mail address"),
        ({"email_verified": None}, 403, "has not made sure of your e-mail address"),
        ({"email": ""}, 403, "tells no e-mail address"),
        ({"email": None}, 403, "tells no e-mail address"),
        ({"email": ["marie.dupont@univ-amu.fr"]}, 403, "tells no e-mail address"),
        ({"email": "marie.dupont@gmail.com"}, 403, "univ-amu.fr, inserm.fr, ird.fr"),
        ({"email": "marie.dupont@univ-amu.fr.evil.example"}, 403, "univ-amu.fr, inserm.fr, ird.fr"),
        ({"email": "marie@univ-amu.fr, eve@evil.example"}, 403, "univ-amu.fr, inserm.fr, ird.fr"),
        ({"email": "marıe.dupont@univ-amu.fr"}, 403, "univ-amu.fr, inserm.fr, ird.fr"),
        ({"aud": "another-client"}, 403, "cannot be trusted"),
        ({"aud": "another-client", "azp": CLIENT}, 403, "cannot be trusted"),
        ({"aud": [CLIENT, "another-client"]}, 403, "cannot be trusted"),
        ({"iss": "https://evil.example"}, 403, "cannot be trusted"),
        ({"nonce": "of another errand"}, 403, "cannot be trusted"),
        ({"at_hash": "wrong"}, 403, "cannot be trusted"),
        ({"exp": 1_600_000_000}, 403, "out of date"),
        ({"exp": None}, 403, "cannot be trusted"),
        ({"iat": 4_000_000_000}, 403, "cannot be trusted"),
        ({"forged": True}, 403, "cannot be trusted"),
    ],
    ids=str,
)
def test_what_is_not_as_it_must_be_signs_nobody_in(
    office: Office, browser: Browser, provider: Provider, claims: dict[str, object], status: int, sentence: str
) -> None:
    subject = "-".join(map(str, claims))
    provider.knows(subject, **MARIE | claims)

    refused = signs_in(browser, provider, subject)

    assert refused.status_code == status
    assert sentence in refused.text
    assert not signed_in(browser)
    assert office.accounts.all() == []


def test_a_token_is_out_of_date_at_its_end_but_for_what_clocks_differ(
    office: Office, browser: Browser, provider: Provider
) -> None:
    for past, status in ((SKEW // 2, 303), (SKEW + 30, 403)):
        provider.knows(f"past {past}", **MARIE | {"exp": int(time.time()) - past, "email": f"m{past}@ird.fr"})
        assert signs_in(Browser(create(office).test_client()), provider, f"past {past}").status_code == status


def test_an_answer_works_once_even_with_the_cookies_of_before(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("replay", **MARIE)
    answer = goes(browser, provider, "replay")
    errand = browser.client.get_cookie("organisation")
    assert errand is not None
    assert comes_back(browser, answer).status_code == 303
    browser.client.delete_cookie("session")

    again = comes_back(browser, answer)
    assert again.status_code == 400
    assert "begun in another browser" in again.text
    browser.client.set_cookie("organisation", errand.value)
    assert comes_back(browser, answer).status_code == 400
    assert not signed_in(browser)


def test_an_answer_works_in_the_browser_that_asked_and_in_no_other(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("eve", **MARIE | {"email": "eve@ird.fr"})
    answer = goes(browser, provider, "eve")
    victim = Browser(create(office).test_client())

    assert comes_back(victim, answer).status_code == 400  # has asked nothing
    goes(victim, provider, "eve")
    assert comes_back(victim, answer).status_code == 400  # has asked something else
    assert not signed_in(victim)
    assert comes_back(browser, answer).status_code == 303


@pytest.mark.parametrize("state", ["", "x" * 43, "é", "\x00"])
def test_another_state_signs_nobody_in(browser: Browser, provider: Provider, state: str) -> None:
    answer = goes(browser, provider, "somebody")

    assert comes_back(browser, answer | {"state": state}).status_code == 400


def test_a_cookie_that_was_made_up_signs_nobody_in(browser: Browser, provider: Provider) -> None:
    answer = goes(browser, provider, "somebody")
    cookie = browser.client.get_cookie("organisation")
    assert cookie is not None
    browser.client.set_cookie("organisation", cookie.value[:-2] + "AA")

    assert comes_back(browser, answer).status_code == 400


@pytest.mark.parametrize(
    ("answer", "status", "sentence"),
    [
        ({"error": "access_denied"}, 403, "did not sign you in"),
        ({"error": "x" * 5000}, 403, "did not sign you in"),
        ({}, 403, "did not sign you in"),
        ({"code": "made up"}, 403, "did not sign you in"),
        ({"code": "x" * 9000}, 403, "cannot be trusted"),
        ({"code": "a code", "iss": "https://evil.example"}, 403, "cannot be trusted"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_answers_that_the_provider_gives_or_does_not_give(
    browser: Browser, provider: Provider, answer: dict[str, str], status: int, sentence: str
) -> None:
    state = parse_qs(urlsplit(browser.get("/login/organisation").location).query)["state"][0]

    back = comes_back(browser, answer | {"state": state})

    assert back.status_code == status
    assert sentence in back.text


def test_declining_at_the_provider_leads_back_to_signing_in(browser: Browser, provider: Provider) -> None:
    answer = provider.answers(browser.get("/login/organisation").location, "somebody", action="deny")
    state = parse_qs(urlsplit(browser.get("/login/organisation").location).query)["state"][0]

    page = comes_back(browser, answer | {"state": state})

    assert page.status_code == 403
    assert 'href="/login"' in page.text


def test_the_provider_gets_a_challenge_a_nonce_and_the_sites_own_address(browser: Browser, provider: Provider) -> None:
    first, second = (
        parse_qs(urlsplit(browser.get("/login/organisation", base_url="http://evil.example").location).query)
        for _ in range(2)
    )

    assert first["redirect_uri"] == ["http://rooms.test/login/organisation/callback"]
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert first["scope"] == ["openid email profile"]
    for secret in ("state", "nonce", "code_challenge"):
        assert len(first[secret][0]) >= 43
        assert first[secret] != second[secret]


@pytest.mark.parametrize(
    "change",
    [
        lambda office: office.accounts.disable("marie.dupont@univ-amu.fr"),
        lambda office: office.settings.accounts.domains.remove("univ-amu.fr"),
    ],
    ids=["account disabled", "domain removed"],
)
def test_a_disabled_account_and_one_of_a_removed_domain_sign_in_no_more(
    office: Office, browser: Browser, provider: Provider, change: Callable[[Office], object]
) -> None:
    provider.knows("leaves", **MARIE)
    signs_in(browser, provider, "leaves")

    change(office)

    assert not signed_in(browser)
    assert signs_in(browser, provider, "leaves").status_code == 403
    assert not signed_in(browser)


def test_an_account_that_was_deleted_is_made_anew(office: Office, browser: Browser, provider: Provider) -> None:
    provider.knows("returns", **MARIE)
    signs_in(browser, provider, "returns")
    account = office.accounts.by_email("marie.dupont@univ-amu.fr")
    assert account is not None
    depart(office.store, office.settings.zone, account, account.email, int(time.time()))

    assert signs_in(browser, provider, "returns").status_code == 303
    assert office.accounts.by_email("marie.dupont@univ-amu.fr")


def test_new_keys_of_the_provider_are_fetched_when_they_are_first_met(
    office: Office, browser: Browser, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.knows("rotates", **MARIE)
    assert signs_in(browser, provider, "rotates").status_code == 303
    provider.rotates_its_keys()
    monkeypatch.setattr("sesstim_caldav.accounts.organisation.PAUSE", 0)
    browser.client.delete_cookie("session")

    assert signs_in(browser, provider, "rotates").status_code == 303


@pytest.fixture
def interrupted() -> Iterator[Provider]:
    """A provider that the story stops."""
    provider = Provider.start()
    yield provider
    provider.stop()


def test_a_provider_that_is_down_leaves_the_password(tmp_path: Path, interrupted: Provider) -> None:
    provider = interrupted
    with an_office(tmp_path, provider.issuer) as office:
        marie = office.accounts.add("marie.dupont@univ-amu.fr", "Marie", "Dupont", PASSWORD)
        browser = Browser(create(office).test_client())
        state = parse_qs(urlsplit(browser.get("/login/organisation").location).query)["state"][0]
        provider.stop()

        for page in (
            comes_back(browser, {"code": "a code", "state": state}),
            Browser(create(office).test_client()).get("/login/organisation"),
        ):
            assert page.status_code == 503
            assert "sign in with your password" in page.text
        assert 'href="/login/organisation"' in browser.get("/login").text
        assert browser.sign_in(marie).status_code == 303


def test_while_a_provider_is_down_only_one_visitor_waits_for_it(tmp_path: Path, provider: Provider) -> None:
    with an_office(tmp_path, "http://127.0.0.1:9") as office:
        organisation = Organisation(office.store, office.settings, office.accounts)
        details = []
        for _ in range(3):
            with pytest.raises(OrganisationRefused) as refused:
                organisation.begin()
            assert refused.value.reason is Reason.UNREACHABLE
            details.append(refused.value.detail)

    assert "ConnectionError" in details[0]
    assert ["a moment ago" in detail for detail in details] == [False, True, True]


def test_a_provider_that_calls_itself_otherwise_is_none(tmp_path: Path, provider: Provider) -> None:
    with an_office(tmp_path, provider.issuer.replace("127.0.0.1", "localhost")) as office:
        page = Browser(create(office).test_client()).get("/login/organisation")

    assert page.status_code in (303, 503)
    if page.status_code == 303:  # the provider goes by the name that it was asked under
        assert page.location.startswith("http://localhost")


def test_without_a_provider_there_is_neither_link_nor_address(tmp_path: Path) -> None:
    with Office.open(settings_in(tmp_path)) as office:
        browser = Browser(create(office).test_client())

        assert "organisation" not in browser.get("/login").text
        assert browser.get("/login/organisation").status_code == 404
        assert browser.get("/login/organisation/callback?state=x&code=y").status_code == 404


def test_the_link_and_the_refusals_are_french_as_well(office: Office, provider: Provider) -> None:
    browser = Browser(create(office).test_client(), "fr")
    provider.knows("unverified", **MARIE | {"email_verified": False})

    assert re.search(
        r'<a [^>]*href="/login/organisation"[^>]*>Se connecter avec mon organisation<', browser.get("/login").text
    )
    page = unescape(signs_in(browser, provider, "unverified").text)
    assert "Vous n'êtes pas connecté" in page
    assert "n'a pas vérifié votre adresse électronique" in page


def test_the_log_says_why_and_holds_no_secret(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.knows("logged\nadmin", **MARIE | {"aud": "another"})
    sent = browser.get("/login/organisation")
    answer = provider.answers(sent.location, "logged\nadmin")
    cookie = browser.client.get_cookie("organisation")
    assert cookie is not None
    with caplog.at_level(logging.DEBUG, "sesstim_caldav"):
        comes_back(browser, answer)

    assert "the provider's word cannot be trusted" in caplog.text
    assert caplog.text.count("\n") == 1
    for secret in (answer["code"], answer["state"], cookie.value, "the client's secret"):
        assert secret not in caplog.text


def test_a_client_that_comes_back_without_end_is_slowed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesstim_caldav.accounts.throttle.RETURNS", Allowance.of(3, 0.001))
    answered = []
    for _ in range(5):
        state = parse_qs(urlsplit(browser.get("/login/organisation").location).query)["state"][0]
        answered.append(comes_back(browser, {"code": "made up", "state": state}).status_code)

    assert answered == [403, 403, 403, 429, 429]


def test_where_one_signs_in_with_the_organisation_nobody_uses_up_ones_guesses(
    office: Office, browser: Browser, provider: Provider
) -> None:
    provider.knows("familiar", **MARIE)
    signs_in(browser, provider, "familiar")  # from 127.0.0.1
    office.accounts.set_password("marie.dupont@univ-amu.fr", PASSWORD)
    for _ in range(30):
        with suppress(TooManyGuesses):
            office.accounts.authenticate("marie.dupont@univ-amu.fr", "wrong", "203.0.113.7")

    with pytest.raises(TooManyGuesses):
        office.accounts.authenticate("marie.dupont@univ-amu.fr", PASSWORD, "203.0.113.7")
    assert office.accounts.authenticate("marie.dupont@univ-amu.fr", PASSWORD, "127.0.0.1")


def test_who_has_no_password_here_is_told_how_to_get_one(office: Office, browser: Browser, provider: Provider) -> None:
    provider.knows("passwordless", **MARIE)
    signs_in(browser, provider, "passwordless")
    assert "have no password here" in browser.get("/account").text

    office.accounts.set_password("marie.dupont@univ-amu.fr", PASSWORD)
    browser.client.delete_cookie("session")
    signs_in(browser, provider, "passwordless")
    assert "have no password here" not in browser.get("/account").text
