"""Signing up on the pages, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import Browser, a_browser
from building import Lab, a_lab
from hostile import ADDRESSES
from letters import secret_in, text_of, waiting
from werkzeug.test import TestResponse

ZOE = "zoe.durand@univ-amu.fr"
PASSWORD = "chocolat noir amer"


@pytest.fixture
def browser(lab: Lab) -> Browser:
    return a_browser(lab.office)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An office for many forms that leave nothing behind."""
    lab = a_lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.office.close()


def sign_up(browser: Browser, **changes: str) -> TestResponse:
    fields = {
        "first_name": "Zoé",
        "last_name": "Durand",
        "email": ZOE,
        "phone": "",
        "password": PASSWORD,
        "sector": "Recherche",
        "agreed": "y",
    }
    return browser.post("/register", **{**fields, **changes})


def link_in(lab: Lab, to: str = "") -> str:
    """The path of the link in the mail that waits last."""
    return f"/confirm/{secret_in(waiting(lab.office, to)[-1])}"


# -- the way it goes


def test_a_member_signs_up_and_the_link_opens_the_account_at_once_in_the_same_browser(lab: Lab) -> None:
    browser = a_browser(lab.office, "fr")
    sent = sign_up(browser)
    assert (sent.status_code, sent.location) == (303, "/register/sent")
    assert ZOE in browser.get(sent.location).text
    assert browser.post("/login", email=ZOE, password=PASSWORD).status_code == 403

    page = browser.get(link_in(lab))

    assert page.status_code == 200
    assert re.search(r'<a [^>]*href="/login">Connexion</a>', page.text)
    assert browser.post("/login", email=ZOE, password=PASSWORD).status_code == 303
    account = lab.office.accounts.by_email(ZOE)
    assert account is not None
    assert account.language == "fr"


def test_any_other_browser_is_asked_to_press_a_button(lab: Lab, browser: Browser) -> None:
    sign_up(browser)
    link, phone = link_in(lab), a_browser(lab.office, "fr")

    page = phone.get(link)
    assert page.status_code == 200
    assert "Confirmer mon adresse</button>" in page.text
    assert "Zoé Durand" in page.text
    assert lab.office.accounts.by_email(ZOE) is None

    assert phone.post(link, form=link).status_code == 200
    assert lab.office.accounts.by_email(ZOE)


def test_programs_that_look_into_mails_open_no_account(lab: Lab, browser: Browser) -> None:
    sign_up(browser)
    link, scanner = link_in(lab), lab.office
    visitor = a_browser(scanner).client

    visitor.get(link)
    visitor.head(link)
    visitor.options(link)
    visitor.post(link)  # without the page's token
    browser.client.head(link)
    browser.client.get(link, headers={"Sec-Purpose": "prefetch;prerender"})

    assert lab.office.accounts.by_email(ZOE) is None
    assert browser.get(link).status_code == 200
    assert lab.office.accounts.by_email(ZOE)


def test_the_browser_of_one_sign_up_is_not_trusted_with_the_link_of_another(lab: Lab, browser: Browser) -> None:
    """A stranger signs up first with the address and a password of his own; the owner then does so too."""
    sign_up(a_browser(lab.office), password="the password of a stranger")
    strangers = link_in(lab)
    sign_up(browser)

    assert "Confirm my address</button>" in browser.get(strangers).text
    assert lab.office.accounts.by_email(ZOE) is None
    browser.get(link_in(lab))
    assert lab.office.accounts.authenticate(ZOE, PASSWORD)


def test_a_link_that_was_used_says_so_and_leads_on(lab: Lab, browser: Browser) -> None:
    sign_up(browser)
    link = link_in(lab)
    browser.get(link)

    for method in (browser.get, browser.post):
        again = method(link)
        assert again.status_code == 410
        for path in ("/login", "/register", "/reset"):
            assert f'href="{path}"' in again.text


def test_a_link_that_has_expired_offers_another(lab: Lab, browser: Browser) -> None:
    sign_up(browser)
    link = link_in(lab)
    with lab.office.store.changing() as change:
        change.session.driver.execute("UPDATE links SET expires = created")

    page = browser.get(link)
    assert page.status_code == 410
    assert "Send a new link</button>" in page.text
    assert browser.post(f"{link}/again", form=link).status_code == 200

    another = link_in(lab)
    assert another != link
    browser.post(another, form=another)
    assert lab.office.accounts.authenticate(ZOE, PASSWORD)


def test_the_message_can_be_asked_for_again(lab: Lab, browser: Browser) -> None:
    sign_up(browser)
    answer = browser.post("/register/sent", form="/register/sent")

    assert (answer.status_code, answer.location) == (303, "/register/sent")
    first, second = waiting(lab.office, ZOE)
    assert secret_in(first) != secret_in(second)
    browser.get(link_in(lab))  # known to this browser too
    assert lab.office.accounts.authenticate(ZOE, PASSWORD)


def test_who_did_not_sign_up_can_ask_for_nothing(lab: Lab, browser: Browser) -> None:
    assert browser.get("/register/sent").status_code == 200
    assert browser.post("/register/sent").status_code == 303

    assert waiting(lab.office) == []


def test_the_link_follows_the_configured_address_and_no_header(lab: Lab, browser: Browser) -> None:
    token = browser.token()
    browser.client.post(
        "/register",
        data={
            "first_name": "Zoé",
            "last_name": "Durand",
            "email": ZOE,
            "password": PASSWORD,
            "sector": "Recherche",
            "agreed": "y",
            "csrf_token": token,
        },
        headers={"X-Forwarded-Host": "evil.org", "Forwarded": "host=evil.org", "Origin": "http://evil.org"},
    )

    text = text_of(waiting(lab.office)[-1])
    assert "http://localhost:5232/confirm/" in text
    assert "evil.org" not in text


def test_a_further_address_is_confirmed_with_a_button_and_says_for_whom(lab: Lab, browser: Browser) -> None:
    lab.office.registration.add_address(lab.marie, "m.dupont@ird.fr", "fr")
    link = link_in(lab)

    assert lab.marie.email in browser.get(link).text
    assert browser.post(link, form=link).status_code == 200

    found = lab.office.accounts.resolve("mailto:m.dupont@ird.fr")
    assert found is not None
    assert found.id == lab.marie.id


# -- what the page betrays


def test_the_page_says_the_same_of_a_known_and_an_unknown_address(lab: Lab) -> None:
    answers = []
    for email in (lab.marie.email, "nobody.yet@univ-amu.fr"):
        browser = a_browser(lab.office)
        sent = sign_up(browser, email=email)
        seen = browser.get("/register/sent")
        again = browser.post("/register/sent", form="/register/sent")
        cookies = [re.sub(r"=[^;]*", "", each) for each in sent.headers.getlist("Set-Cookie")]
        shown = re.sub(r'value="[^"]*"', "", seen.text).replace(email, "ADDRESS")
        answers.append((sent.status_code, sent.location, cookies, shown, again.status_code, again.location))
        assert len(waiting(lab.office, email)) == 2

    assert answers[0] == answers[1]


# -- forms that cannot be taken


@pytest.mark.parametrize("typed", ADDRESSES, ids=lambda typed: ascii(typed)[:40])
def test_a_hostile_address_is_refused_with_a_sentence_that_names_the_domains(shared: Lab, typed: str) -> None:
    browser = a_browser(shared.office)
    refused = sign_up(browser, email=typed)

    assert refused.status_code == 400
    assert "univ-amu.fr, inserm.fr and ird.fr" in re.search(r'id="email-error">([^<]*)<', refused.text)[1]  # type: ignore[index]
    assert "<script>" not in refused.text
    assert waiting(shared.office) == []


HOSTILE_FORMS: list[dict[str, str]] = [
    {"first_name": ""},
    {"first_name": " "},
    {"first_name": "Zoé\0"},
    {"first_name": "Z" * 10_000},
    {"first_name": "\u202eéoZ"},
    {"last_name": "\u2028"},
    {"last_name": ""},
    {"phone": "<script>"},
    {"phone": "0" * 500},
    {"password": ""},
    {"password": "short"},
    {"password": "zoe.durand@univ-amu.fr"},
    {"password": "azertyuiop"},
    {"password": "p" * 257},
    {"password": "x" * 100_000},
    {"password": "with a \0 zero inside"},
    {"sector": ""},
    {"sector": "Recherche\0"},
    {"sector": "<b>"},
    {"agreed": ""},
]


@pytest.mark.parametrize("changes", HOSTILE_FORMS, ids=lambda changes: ascii(changes)[:40])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_hostile_form_is_refused_at_the_field(shared: Lab, changes: dict[str, str], language: str) -> None:
    browser = a_browser(shared.office, language)
    refused = sign_up(browser, **changes)

    (name,) = changes
    assert refused.status_code == 400
    assert re.search(rf'<li><a href="#{name}">', refused.text)
    assert re.search(rf'id="{name}-error">[^<]+<', refused.text)
    control = re.search(rf"<(?:input|select)[^>]*\bid=\"{name}\"[^>]*>", refused.text)
    assert control is not None
    assert f"{name}-error" in control[0]
    assert 'aria-invalid="true"' in control[0]
    assert waiting(shared.office) == []


def test_what_was_typed_stands_in_the_form_again_but_not_the_password(lab: Lab, browser: Browser) -> None:
    refused = sign_up(browser, first_name='Zoé "<b>"', agreed="")

    assert 'value="Zoé &#34;&lt;b&gt;&#34;"' in refused.text
    assert f'value="{ZOE}"' in refused.text
    assert PASSWORD not in refused.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"%ff%fe=%80&email=%c3%28", "application/x-www-form-urlencoded"),
        (b"email=" * 50_000, "application/x-www-form-urlencoded"),
        (b"\x00\x01\x02", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data"),
        (b'{"email": ["a", {}]}', "application/json"),
        (b"<a/>", "text/xml"),
        (b"x" * (2**20 + 1), "application/x-www-form-urlencoded"),
        (b"email=a&email=b&email=c", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_what_is_no_form_is_refused(shared: Lab, body: bytes, kind: str) -> None:
    browser = a_browser(shared.office)
    headers = {"X-CSRFToken": browser.token(), "Content-Type": kind}

    answer = browser.client.post("/register", data=body, headers=headers)

    assert 400 <= answer.status_code < 500
    assert waiting(shared.office) == []


def test_a_form_of_another_site_signs_nobody_up(lab: Lab, browser: Browser) -> None:
    browser.get("/register")
    answer = browser.client.post("/register", data={"email": ZOE})

    assert answer.status_code == 400
    assert waiting(lab.office) == []


@pytest.mark.parametrize("secret", ["x", "%00", "é" * 50, "x" * 5000, "..%2f..", "'%20OR%201=1"])
@pytest.mark.parametrize("path", ["/confirm/", "/reset/"])
def test_a_link_that_never_was_is_a_page_that_says_so(shared: Lab, path: str, secret: str) -> None:
    browser = a_browser(shared.office)

    for answer in (browser.get(path + secret), browser.post(path + secret), browser.client.head(path + secret)):
        assert answer.status_code in (404, 410)


# -- names of things


@pytest.mark.parametrize(
    ("language", "labels", "button"),
    [
        (
            "fr",
            [
                "Prénom",
                "Nom",
                "Adresse électronique",
                "Téléphone (facultatif)",
                "Mot de passe",
                "Secteur",
                "J'accepte les conditions d'utilisation et la politique de confidentialité",
            ],
            "Inscription",
        ),
        (
            "en",
            [
                "First name",
                "Last name",
                "Email",
                "Phone (optional)",
                "Password",
                "Sector",
                "I agree to the Terms of Use and Privacy Policy",
            ],
            "Sign up",
        ),
    ],
)
def test_the_form_carries_the_names_of_the_tutorial(lab: Lab, language: str, labels: list[str], button: str) -> None:
    page = a_browser(lab.office, language).get("/register").text

    found = [re.sub("<[^>]+>", "", each) for each in re.findall(r"<label[^>]*>(.*?)</label>", page, re.DOTALL)]
    assert found == labels
    assert f">{button}</button>" in page
    for name in ("Recherche", "Enseignement", "Administration", "Autre"):
        assert f">{name}</option>" in page
    for path in ("/terms", "/privacy"):
        assert f'href="{path}"' in page
