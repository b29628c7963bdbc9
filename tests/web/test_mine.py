"""One's own bookings by the API: listed, searched, cancelled several at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from browsing import Browser, a_browser
from building import PARIS, Lab, a_booking
from postgresql import on_each_database
from werkzeug.test import TestResponse

from sesstim_caldav.web.api import mine as listing


@pytest.fixture
def marie(lab: Lab) -> Browser:
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)
    return browser


def mine(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/api/mine?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["bookings"]
    return found


def titles(browser: Browser, query: str = "") -> list[str]:
    return [one["title"] for one in mine(browser, query)]


def cancel(browser: Browser, *chosen: dict[str, Any], etag: str = "") -> TestResponse:
    bookings = [{"room": one["room"], "name": one["name"], "etag": etag or one["etag"]} for one in chosen]
    headers = {"X-CSRFToken": browser.token(), "Accept-Language": browser.language}
    return browser.client.post("/api/mine/cancel", json={"bookings": bookings}, headers=headers)


@on_each_database
def test_a_series_is_one_line_at_its_next_date(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2020-12-03", repeats="FREQ=WEEKLY", summary="Weekly"))
    lab.book(lab.marie, a_booking("2020-12-01", summary="Long ago"))
    lab.book(lab.paul, a_booking("2027-12-01", summary="Not mine"))

    (series,) = mine(marie)
    today = datetime.now(PARIS).date().isoformat()
    assert (series["title"], series["series"], series["dates"], series["mine"]) == ("Weekly", True, None, True)
    assert series["date"] >= today
    assert series["next"][0] == series["date"]
    assert len(series["next"]) == 5
    assert [(one["title"], one["date"]) for one in mine(marie, "when=past")] == [("Long ago", "2020-12-01")]


def test_the_soonest_comes_first_and_of_the_past_the_latest(lab: Lab, marie: Browser) -> None:
    for year in ("2020", "2021", "2027", "2028"):
        lab.book(lab.marie, a_booking(f"{year}-12-01", summary=year))

    assert titles(marie) == ["2027", "2028"] if datetime.now(PARIS).year < 2027 else True
    assert titles(marie, "when=past")[-2:] == ["2021", "2020"]


def test_words_are_sought_in_titles_and_rooms(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2047-12-02", summary="Comité ÉTHIQUE"))
    lab.book(lab.marie, a_booking("2047-12-03", summary="Autre"), room="calanques")

    assert titles(marie, "q=%C3%A9thique+comit") == ["Comité ÉTHIQUE"]
    assert titles(marie, "q=comite+ethique") == ["Comité ÉTHIQUE"]
    assert titles(marie, "q=CALANQUES") == ["Autre"]
    assert titles(marie, "q=nothing") == []
    assert titles(marie, "q=%00") == []


def test_a_long_list_comes_in_pages(lab: Lab, marie: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "A_PAGE", 2)
    for day in ("01", "02", "03"):
        lab.book(lab.marie, a_booking(f"2048-12-{day}", summary=day))

    assert marie.get("/api/mine").json["pages"] == 2
    assert [titles(marie, f"page={page}") for page in (1, 2, 3)] == [["01", "02"], ["03"], []]
    assert {marie.get(f"/api/mine?page={page}").status_code for page in ("0", "-1", "x", "1e9", "9" * 30)} == {400}


@on_each_database
def test_several_are_cancelled_at_once_and_brought_back(lab: Lab, marie: Browser) -> None:
    for day in ("02", "03", "04"):
        lab.book(lab.marie, a_booking(f"2048-12-{day}", summary=day))

    first, second, _ = mine(marie)
    answer = cancel(marie, first, second)
    assert (answer.status_code, answer.json["refused"]) == (200, [])
    assert [one["name"] for one in answer.json["cancelled"]] == [first["name"], second["name"]]
    assert titles(marie) == ["04"]
    back = marie.client.post("/api/undo", json={"undo": answer.json["undo"]}, headers={"X-CSRFToken": marie.token()})
    assert back.status_code == 200
    assert titles(marie) == ["02", "03", "04"]


def test_what_cannot_be_cancelled_does_not_keep_the_rest(lab: Lab, marie: Browser) -> None:
    name, _ = lab.book(lab.paul, a_booking("2048-12-02", summary="Paul's"))
    lab.book(lab.marie, a_booking("2048-12-03", summary="Hers"))
    lab.book(lab.marie, a_booking("2048-12-04", summary="Changed"))
    (hers, changed) = mine(marie)
    pauls = {"room": "prado", "name": name, "etag": lab.etag(lab.marie, name)}
    gone = {"room": "prado", "name": "gone.ics", "etag": '"x"'}
    lab.book(lab.marie, lab.seen(lab.marie, changed["name"]).replace("Changed", "Anew").encode(), changed["name"])

    answer = cancel(marie, pauls, hers, changed, gone).json
    assert [one["name"] for one in answer["cancelled"]] == [hers["name"]]
    assert [(one["name"], one["text"]) for one in answer["refused"]][1:] == [
        (changed["name"], "Somebody has changed this booking in the meantime."),
        ("gone.ics", "This booking does not exist any more."),
    ]
    assert "Paul Martin" in answer["refused"][0]["text"]
    assert titles(marie) == ["Anew"]


@on_each_database
def test_of_a_series_under_way_what_is_over_stays(lab: Lab, marie: Browser) -> None:
    begun = datetime.now(PARIS).date() - timedelta(days=21)
    begun -= timedelta(days=max(0, begun.weekday() - 4))
    lab.book(lab.marie, a_booking(f"{begun}", repeats="FREQ=WEEKLY", summary="Weekly"))

    (series,) = mine(marie)
    assert cancel(marie, series).json["refused"] == []
    assert titles(marie) == []
    (over,) = mine(marie, "when=past")
    assert over["title"] == "Weekly"
    assert over["dates"] in (3, 4)
    assert f"{begun}" <= over["date"] < f"{begun + timedelta(days=28)}"


def test_managers_find_people_and_nobody_else_does(lab: Lab, marie: Browser) -> None:
    manager = a_browser(lab.office)
    manager.sign_in(lab.anne)
    lab.office.accounts.disable(lab.paul.email)

    found = manager.get("/api/people?q=DUPont+mar").json["people"]
    assert found == [{"name": "Marie Dupont", "email": lab.marie.email}]
    assert [one["name"] for one in manager.get("/api/people").json["people"]] == ["Anne Leroy", "Marie Dupont"]
    assert manager.get("/api/people?q=%00%ED%A0%80").json["people"] == []
    assert marie.get("/api/people?q=a").status_code == 403
