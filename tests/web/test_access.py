"""Who may ask the API, and how it refuses."""

from __future__ import annotations

import base64

import pytest
from browsing import a_browser
from building import PASSWORD, Lab, a_booking

from sesstim_caldav.web.api import openapi


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


ODD = [
    "",
    "%00",
    "%ED%A0%80",
    "%FF",
    "-1",
    "1e999",
    "9" * 400,
    "../..",
    "[]",
    "{}",
    "NaN",
    "\u200b",
    "%0d%0aX: y",
    "'--",
]


@pytest.mark.parametrize("value", ODD)
def test_nothing_in_an_address_breaks_the_api(lab: Lab, value: str) -> None:
    """Every parameter of every address that is read, with something odd in it."""
    browser = a_browser(lab.office)
    browser.sign_in(lab.anne)
    name, _ = lab.book(lab.marie, a_booking())
    for path, methods in openapi.document()["paths"].items():
        if "get" not in methods or path == "/api/live":
            continue
        here = path.replace("{room}", "prado").replace("{name}", name)
        good = {"from": "2027-01-11", "to": "2027-01-12", "dates": "2027-01-11"}
        asked = [each["name"] for each in methods["get"].get("parameters", []) if each["in"] == "query"]
        for odd in asked:
            query = "&".join(f"{each}={value if each == odd else good.get(each, '')}" for each in asked)
            answer = browser.get(f"{here}?{query}&{odd}={value}")
            assert answer.status_code in (200, 400, 404), (here, query, answer.text)
    for place in (f"prado/{value}", f"{value}/{name}"):
        assert browser.get(f"/api/bookings/{place}").status_code in (308, 404)


@pytest.mark.parametrize(
    "credentials",
    ["", "Basic", "Basic !", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer x", "Basic " + "A" * 5000]
    + ["Basic " + base64.b64encode(text.encode()).decode() for text in (":", "no colon", "a\0b:c", ":" + "x" * 3000)],
)
def test_no_credentials_break_the_api(lab: Lab, credentials: str) -> None:
    answer = a_browser(lab.office).client.get("/api/rooms", headers={"Authorization": credentials})

    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)


def test_a_browser_writes_with_its_token_alone_and_a_script_without(lab: Lab) -> None:
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)
    undo = {"json": {"undo": "x"}}

    forged = browser.client.post("/api/undo", **undo)
    assert (forged.status_code, forged.json["error"]) == (400, "forged")
    allowed = browser.client.post("/api/undo", **undo, headers={"X-CSRFToken": browser.token()})
    assert (allowed.status_code, allowed.json["error"]) == (409, "too-late")
    script = browser.client.post("/api/undo", **undo, headers=basic(lab.marie.email, PASSWORD))
    assert (script.status_code, script.json["error"]) == (409, "too-late")
    form = browser.client.post("/api/undo", data={"undo": "x"}, headers=basic(lab.marie.email, PASSWORD))
    assert (form.status_code, form.json["error"]) == (415, "not-json")
