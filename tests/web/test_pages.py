"""The frame of all pages: who gets in, in which language, and what is never let through."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from browsing import Browser, a_browser
from building import PASSWORD, Lab, a_booking

from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.sessions import Sessions


@pytest.fixture
def browser(lab: Lab) -> Browser:
    return a_browser(lab.office)


def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page(lab: Lab, browser: Browser) -> None:
    sent = browser.get("/account?x=1")
    assert (sent.status_code, sent.location) == (303, "/login?next=/account?x%3D1")

    page = browser.get(sent.location)
    assert 'value="/account?x=1"' in page.text
    back = browser.post("/login", email=lab.marie.email, password=PASSWORD, next="/account?x=1")
    assert (back.status_code, back.location) == (303, "/account?x=1")
    assert "Marie" in browser.get("/account").text


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", ""],
)
def test_nobody_is_sent_to_another_site_after_signing_in(lab: Lab, browser: Browser, elsewhere: str) -> None:
    assert browser.post("/login", email=lab.marie.email, password=PASSWORD, next=elsewhere).location == "/"


def test_a_wrong_password_is_told_in_the_readers_language(lab: Lab) -> None:
    wrong = a_browser(lab.office, "fr").post("/login", email=lab.marie.email, password="faux")

    assert wrong.status_code == 403
    assert "Cette adresse et ce mot de passe ne vont pas ensemble." in wrong.text


def test_an_unknown_address_is_answered_as_a_wrong_password(lab: Lab, browser: Browser) -> None:
    known = browser.post("/login", email=lab.marie.email, password="wrong")
    unknown = browser.post("/login", email="nobody@univ-amu.fr", password="wrong")

    def neutral(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert (known.status_code, neutral(known.text)) == (unknown.status_code, neutral(unknown.text))


def test_signing_out_is_a_form_and_a_link_to_it_does_nothing(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    browser.get("/logout")
    assert browser.get("/account").status_code == 200

    assert browser.post("/logout").status_code == 303
    assert browser.get("/account").status_code == 303


def test_a_session_ends_at_once_on_the_server_too(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    browser.post("/logout")
    browser.client.set_cookie("session", cookie.value)

    assert browser.get("/account").status_code == 303


def test_a_disabled_account_is_out_from_the_next_request_on(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    lab.office.accounts.disable(lab.marie.email)

    assert browser.get("/account").status_code == 303


def test_a_session_that_is_not_used_ends_and_one_that_is_used_goes_on(lab: Lab) -> None:
    sessions = Sessions(lab.office.store, lab.office.settings)
    idle, used = sessions.begin(lab.marie, now=0), sessions.begin(lab.marie, now=0)
    month = sessions.lifetime

    assert sessions.account(used, now=month - 1) is not None
    assert sessions.account(idle, now=month) is None
    assert sessions.account(used, now=month + 10) is not None


def test_a_form_without_its_token_is_refused(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)

    forged = browser.client.post("/account/app-passwords", data={"device-label": "thief"})

    assert forged.status_code == 400
    assert "thief" not in browser.get("/account").text


def test_every_page_forbids_what_it_does_not_need(browser: Browser) -> None:
    for path in ("/login", "/terms", "/nothing-here"):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_script_or_style(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    for path in ("/login", "/account", "/terms", "/privacy", "/"):
        page = browser.get(path).text
        assert not re.search(r'(?:src|srcset)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//', page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>", page), path


def test_the_language_is_the_accounts_then_the_browsers_choice_then_what_it_accepts(lab: Lab) -> None:
    browser = a_browser(lab.office, "de, en;q=0.5")
    assert '<html lang="en">' in browser.get("/login").text
    browser.post("/language", language="fr", next="/login")
    assert '<html lang="fr">' in browser.get("/login").text

    browser.sign_in(lab.marie)
    browser.post("/language", language="en")
    assert '<html lang="en">' in a_page_of(lab, browser)
    account = lab.office.accounts.by_id(lab.marie.id)
    assert account is not None
    assert account.language == "en"


def a_page_of(lab: Lab, browser: Browser) -> str:
    return browser.get("/account").text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PROPFIND", "MKCOL", "REPORT", "LOCK", "TRACE", "BREW"])
def test_other_methods_are_refused_with_a_sentence(browser: Browser, method: str) -> None:
    answer = browser.client.open("/login", method=method)

    assert answer.status_code in (400, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/account/app-passwords/99999999999999999999999/revoke",
        "/account/subscriptions/-1/revoke",
        "/account/%00",
    ],
)
def test_addresses_that_lead_nowhere_are_a_page_not_an_error(lab: Lab, browser: Browser, path: str) -> None:
    browser.sign_in(lab.marie)

    assert browser.post(path).status_code in (404, 405)


def test_markdown_of_the_labs_own_texts_cannot_bring_scripts(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "terms.en.md").write_text("# Ours\n\n<script>alert(1)</script> [go](javascript:alert(1))")
    site = lab.office.settings.site.model_copy(update={"pages": str(folder)})
    object.__setattr__(lab.office.settings, "site", site)

    page = a_browser(lab.office).get("/terms").text

    assert "<h1>Ours</h1>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_only_managers_see_the_accounts(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    assert browser.get("/managers").status_code == 403
    assert browser.post(f"/managers/accounts/{lab.paul.id}/disable").status_code == 403

    browser.sign_in(lab.anne)
    assert lab.paul.email in browser.get("/managers").text


def test_a_manager_disables_and_enables_an_account(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.anne)
    browser.post(f"/managers/accounts/{lab.paul.id}/disable")
    assert lab.office.accounts.authenticate(lab.paul.email, PASSWORD) is None

    browser.post(f"/managers/accounts/{lab.paul.id}/enable")
    assert lab.office.accounts.authenticate(lab.paul.email, PASSWORD) is not None


def test_what_a_manager_did_is_in_the_log(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.anne)
    browser.post(f"/managers/accounts/{lab.paul.id}/disable")

    line = re.search(r"<tr><td>.*?</tr>", browser.get("/managers/log").text, re.DOTALL)
    assert line
    assert [cell in line[0] for cell in (lab.anne.email, "disable", lab.paul.email)] == [True] * 3
    assert browser.get("/managers/log?before=-1").status_code == 200


def test_a_manager_cannot_lock_himself_out(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.anne)
    browser.post(f"/managers/accounts/{lab.anne.id}/disable")

    assert browser.get("/managers").status_code == 200


def test_an_application_password_is_made_shown_once_and_revoked(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    made = browser.post("/account/app-passwords", device__label="Téléphone")
    secret = re.search(r'<code class="big">([^<]+)</code>', made.text)
    assert secret
    assert lab.office.accounts.authenticate(lab.marie.email, secret[1]) is not None

    listed = browser.get("/account").text
    assert "Téléphone" in listed
    assert secret[1] not in listed
    revoke = re.search(r'action="(/account/app-passwords/\d+/revoke)"', listed)
    assert revoke
    browser.post(revoke[1])
    assert lab.office.accounts.authenticate(lab.marie.email, secret[1]) is None


def test_nobody_revokes_what_is_anothers(lab: Lab, browser: Browser) -> None:
    secret = lab.office.accounts.app_password(lab.paul.email, "Paul's")
    browser.sign_in(lab.marie)

    assert [browser.post(f"/account/app-passwords/{n}/revoke").status_code for n in range(1, 4)] == [404] * 3
    assert lab.office.accounts.authenticate(lab.paul.email, secret) is not None


def test_a_subscription_is_made_on_the_page_and_read_without_a_password(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    made = browser.post("/account/subscriptions", subscription__feed="prado", subscription__nameless="y")
    address = re.search(r"/feeds/([^/]+)/prado\.ics", made.text)
    assert address
    assert lab.office.subscriptions.find(address[1]) is not None

    revoke = re.search(r'action="(/account/subscriptions/\d+/revoke)"', browser.get("/account").text)
    assert revoke
    browser.post(revoke[1])
    assert lab.office.subscriptions.find(address[1]) is None


def test_a_new_name_reaches_what_others_see(lab: Lab, browser: Browser) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    browser.sign_in(lab.marie)
    browser.post(
        "/account",
        profile__first_name="Maria",
        profile__last_name="Durand",
        profile__phone="+33 4 91 00 00 00",
        profile__sector="Recherche",
        profile__language="fr",
    )

    assert "Maria Durand" in lab.seen(lab.paul, name)
    assert "+33 4 91 00 00 00" in browser.get("/account").text


NEW = "quatre chevaux bleus rêvent"


def test_a_changed_password_ends_other_browsers_and_keeps_devices(lab: Lab, browser: Browser) -> None:
    device = lab.office.accounts.app_password(lab.marie.email, "Téléphone")
    other = a_browser(lab.office)
    other.sign_in(lab.marie)
    browser.sign_in(lab.marie)

    assert browser.post("/account/password", password__old=PASSWORD, password__new=NEW).status_code == 303

    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert lab.office.accounts.authenticate(lab.marie.email, PASSWORD) is None
    assert lab.office.accounts.authenticate(lab.marie.email, NEW) is not None
    assert lab.office.accounts.authenticate(lab.marie.email, device) is not None


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("wrong", NEW, 403),
        (PASSWORD, "short", 400),
        (PASSWORD, "marie.dupont", 400),
        (PASSWORD, "a" * 257, 400),
        ("", NEW, 400),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_nor_to_a_weak_one(
    lab: Lab, browser: Browser, old: str, new: str, status: int
) -> None:
    browser.sign_in(lab.marie)

    assert browser.post("/account/password", password__old=old, password__new=new).status_code == status
    assert lab.office.accounts.authenticate(lab.marie.email, PASSWORD) is not None


def test_an_application_password_does_not_open_the_pages_nor_prove_who_one_is(lab: Lab, browser: Browser) -> None:
    device = lab.office.accounts.app_password(lab.marie.email, "Téléphone")
    assert browser.sign_in(lab.marie, device).status_code == 403

    browser.sign_in(lab.marie)
    assert browser.post("/account/password", password__old=device, password__new=NEW).status_code == 403


def test_whoever_guesses_too_often_is_told_to_wait(lab: Lab, browser: Browser) -> None:
    for _ in range(lab.office.settings.sign_in.account_burst):
        assert browser.post("/login", email=lab.marie.email, password="wrong").status_code == 403

    slowed = browser.post("/login", email=lab.marie.email, password="wrong")

    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert "Please wait" in slowed.text


def test_a_member_deletes_the_account_with_the_password_and_a_tick(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    assert browser.post("/account/delete", deletion__password=PASSWORD).status_code == 400
    assert browser.post("/account/delete", deletion__password="wrong", deletion__sure="y").status_code == 403
    assert lab.office.accounts.by_id(lab.marie.id) is not None

    gone = browser.post("/account/delete", deletion__password=PASSWORD, deletion__sure="y")

    assert (gone.status_code, gone.location) == (303, "/account/deleted")
    assert "Your account is deleted" in browser.get(gone.location).text
    assert lab.office.accounts.by_id(lab.marie.id) is None
    assert browser.get("/account").status_code == 303


def test_a_member_takes_all_data_away(lab: Lab, browser: Browser) -> None:
    lab.book(lab.marie, a_booking(summary="Comité secret"))
    browser.sign_in(lab.marie)

    packed = browser.post("/account/export")

    files = zipfile.ZipFile(io.BytesIO(packed.data))
    assert sorted(files.namelist()) == ["bookings.ics", "data.json"]
    assert b"Comit\xc3\xa9 secret" in files.read("bookings.ics")
    assert json.loads(files.read("data.json"))["account"]["email"] == lab.marie.email


def test_a_further_address_is_mailed_and_counts_once_its_link_was_followed(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    assert browser.post("/account/addresses", address__address="marie.dupont@inserm.fr").status_code == 303
    assert lab.office.accounts.resolve("mailto:marie.dupont@inserm.fr") is None
    for wrong in ("marie@gmail.com", "marie.dupont+tag@inserm.fr", lab.marie.email, ""):
        assert browser.post("/account/addresses", address__address=wrong).status_code == 400


def test_an_address_that_is_not_ones_own_cannot_be_removed(lab: Lab, browser: Browser) -> None:
    lab.office.accounts.add_address(lab.marie.email, "marie.dupont@inserm.fr")
    browser.sign_in(lab.marie)
    for wrong in (lab.marie.email, lab.paul.email, "marie\0dupont@inserm.fr", ""):
        assert browser.post("/account/addresses/remove", address=wrong).status_code == 404

    assert browser.post("/account/addresses/remove", address="marie.dupont@inserm.fr").status_code == 303
    assert lab.office.accounts.resolve("mailto:marie.dupont@inserm.fr") is None
    assert [entry.what for entry in audit.entries(lab.office.store, most=1)] == ["remove-address"]


def test_what_a_member_revokes_is_in_the_log_with_the_devices_name(lab: Lab, browser: Browser) -> None:
    lab.office.accounts.app_password(lab.marie.email, "Tablette")
    browser.sign_in(lab.marie)
    revoke = re.search(r'action="(/account/app-passwords/\d+/revoke)"', browser.get("/account").text)
    assert revoke
    browser.post(revoke[1])

    (entry,) = audit.entries(lab.office.store, most=1)
    assert (entry.who, entry.what, entry.detail) == (
        lab.marie.email,
        "revoke-app-password",
        f"{lab.marie.email}: Tablette",
    )


def test_the_language_can_be_changed_on_the_page_that_says_farewell(lab: Lab, browser: Browser) -> None:
    browser.sign_in(lab.marie)
    gone = browser.post("/account/delete", deletion__password=PASSWORD, deletion__sure="y")

    assert browser.post("/language", gone.location, language="fr", next=gone.location).status_code == 303
    assert "Votre compte est supprimé" in browser.get(gone.location).text
