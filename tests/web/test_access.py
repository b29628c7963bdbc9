"""Who may ask the API, and how it refuses."""

from __future__ import annotations

import base64

from browsing import a_browser
from building import PASSWORD, Lab


def basic(email: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()}


def test_a_script_is_asked_for_its_password_and_a_browser_is_not(lab: Lab) -> None:
    browser = a_browser(lab.office, "fr")

    script = browser.client.get("/api/rooms")
    assert (script.status_code, script.json["error"]) == (401, "signed-out")
    assert script.headers["WWW-Authenticate"].startswith("Basic ")
    page = browser.client.get("/api/rooms", headers={"Sec-Fetch-Mode": "cors", "Accept-Language": "fr"})
    assert (page.status_code, "WWW-Authenticate" in page.headers) == (401, False)
    assert page.json["text"] == "Vous êtes déconnecté. Veuillez vous reconnecter."
    browser.get("/login")  # a browser that has been on a page is known by its cookie where it sends no Sec-Fetch-Mode
    assert "WWW-Authenticate" not in browser.get("/api/rooms").headers


def test_a_script_comes_in_with_the_password_or_one_of_its_own(lab: Lab) -> None:
    client = a_browser(lab.office).client
    device = lab.office.accounts.app_password(lab.marie.email, "script")

    for password in (PASSWORD, device):
        assert client.get("/api/rooms", headers=basic(lab.marie.email, password)).json["me"]["name"] == "Marie Dupont"
    wrong = client.get("/api/rooms", headers=basic(lab.marie.email, "wrong"))
    assert (wrong.status_code, wrong.json["error"]) == (401, "wrong-password")


def test_guessing_is_slowed_in_json(lab: Lab) -> None:
    client = a_browser(lab.office).client
    answers = [client.get("/api/rooms", headers=basic(lab.marie.email, f"wrong {n}")) for n in range(12)]

    assert answers[-1].status_code == 429
    assert answers[-1].json["error"] == "too-many-attempts"
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_what_is_not_there_is_told_in_json(lab: Lab) -> None:
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)

    nothing = browser.get("/api/nothing")
    assert (nothing.status_code, nothing.json["error"]) == (404, "not-found")
    unfit = browser.client.post("/api/rooms", json={})
    assert (unfit.status_code, unfit.json["error"], unfit.headers["Allow"]) == (
        405,
        "method-not-allowed",
        "GET, HEAD, OPTIONS",
    )
