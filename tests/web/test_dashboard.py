"""The dashboard's pages as the server draws them, before and without the script."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser, a_browser
from building import PARIS, PASSWORD, Lab, a_booking, settings_in
from postgresql import on_each_database

from sesstim_caldav.office import Office
from sesstim_caldav.web import dashboard
from sesstim_caldav.web.api.models import Hours, Occ


@pytest.fixture
def marie(lab: Lab) -> Browser:
    browser = a_browser(lab.office, "fr")
    browser.sign_in(lab.marie)
    return browser


def words(page: str) -> str:
    """What a reader sees of a page, on one line."""
    body = page.partition("<main")[2].partition("<script")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body.partition(">")[2])).split())


def handed_over(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="start">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("path", ["/", "/rooms/prado", "/bookings", "/find"])
def test_strangers_sign_in_and_come_back(lab: Lab, path: str) -> None:
    answer = a_browser(lab.office).get(path)

    assert (answer.status_code, answer.location) == (303, f"/login?next={path}")


def test_a_day_of_all_rooms_reads_without_scripts(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2027-12-01", "10:00", "11:00", summary="Comité <b>&amp;"), room="calanques")
    lab.book(lab.marie, a_booking("2027-12-01", "14:00", "15:30", summary="Séminaire"))

    page = marie.get("/?date=2027-12-01").text
    seen = words(page)
    assert "Mercredi 1er décembre 2027" in seen
    assert "Salle Prado 1 réservation 12 places 14:00–15:30 Séminaire ma réservation" in seen
    assert "Salle Calanques 1 réservation 6 places 10:00–11:00 Comité <b>&amp; Paul Martin" in seen
    assert "Salle Castellane Libre toute la journée" in seen
    assert 'href="/?date=2027-11-30"' in page
    assert 'href="/?view=week&amp;date=2027-12-01"' in page


def test_another_persons_private_booking_is_reserved(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2027-12-01", "10:00", "11:00", summary="Entretien", extra="CLASS:PRIVATE"))

    page = marie.get("/?date=2027-12-01").text
    assert "10:00–11:00 Réservé Paul Martin" in words(page)
    assert "Entretien" not in page


@on_each_database
def test_the_next_bookings_of_ones_own_stand_on_the_front_page(lab: Lab, marie: Browser) -> None:
    day = datetime.now(PARIS).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    lab.book(lab.marie, a_booking(f"{day}", "10:00", "11:00", summary="Bientôt"), room="castellane")
    lab.book(lab.paul, a_booking(f"{day}", "12:00", "13:00", summary="Autre"), room="castellane")

    seen = words(marie.get("/?date=2027-12-01").text)
    assert "Mes prochaines réservations" in seen
    assert "10:00–11:00 Bientôt Salle Castellane" in seen
    assert "Autre" not in seen


def test_the_page_hands_the_script_what_the_api_answers(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2027-12-01", "10:00", "11:00", summary="</script><script>alert(1)"))

    for path, query in [
        ("/?date=2027-12-01", "from=2027-12-01&to=2027-12-01"),
        ("/?view=week&date=2027-12-01", "from=2027-11-29&to=2027-12-05"),
        ("/?view=month&date=2027-12-01", "from=2027-11-29&to=2028-01-02&detail=busy"),
        ("/rooms/prado?date=2027-12-01", "from=2027-11-29&to=2027-12-05&room=prado"),
    ]:
        start = handed_over(marie.get(path).text)
        rooms, occupation = (marie.get(f"/api/{at}").json for at in ("rooms", f"occupation?{query}"))
        for data in (start["rooms"], start["occupation"], rooms, occupation):
            data.pop("now")
        assert start == {"rooms": rooms, "occupation": occupation}
    for path in ("/bookings", "/find"):
        assert set(handed_over(marie.get(path).text)) == {"rooms"}


@on_each_database
def test_a_week_and_a_month_read_without_scripts(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2027-12-01", "10:00", "11:00", summary="Comité"))
    lab.book(lab.paul, a_booking("2027-12-01", "12:00", "13:00"), room="calanques")

    week = words(marie.get("/?view=week&date=2027-12-03").text)
    assert "Semaine du lundi 29 novembre 2027" in week
    assert "Salle Prado 12 places Mercredi 1er décembre 2027 10:00–11:00 Comité Paul Martin" in week
    month = words(marie.get("/?view=month&date=2027-12-31").text)
    assert "Décembre 2027" in month
    assert "Mercredi 1er décembre 2027 2 réservations Jeudi 2 décembre 2027 Aucune réservation" in month


def test_a_room_has_its_page(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-12-01", "10:00", "11:00", summary="Comité"))

    page = marie.get("/rooms/prado?date=2027-12-03").text
    seen = words(page)
    assert "Salle Prado · semaine du lundi 29 novembre 2027" in seen
    assert "Mercredi 1er décembre 2027 10:00–11:00 Comité ma réservation" in seen
    assert "Lundi 29 novembre 2027 Aucune réservation" in seen
    assert "http://localhost:5232/dav/rooms/prado/" in seen
    assert 'href="/account"' in page
    assert marie.get("/rooms/nowhere").status_code == 404


def test_a_rooms_picture_is_shown_to_members(tmp_path: Path) -> None:
    picture = tmp_path / "prado.PNG"
    picture.write_bytes(b"\x89PNG\r\n\x1a\nnot much of a picture")
    rooms = [
        {"slug": "prado", "name": "Salle Prado", "photo": str(picture)},
        {"slug": "lost", "name": "Salle perdue", "photo": str(tmp_path / "gone.jpg")},
        {"slug": "script", "name": "Salle script", "photo": __file__},
    ]
    with Office.open(settings_in(tmp_path, rooms=rooms)) as office:
        marie = office.accounts.add("marie.dupont@univ-amu.fr", "Marie", "Dupont", PASSWORD)
        browser = a_browser(office)
        assert browser.get("/rooms/prado/photo").status_code == 303
        browser.sign_in(marie)
        assert 'src="/rooms/prado/photo"' in browser.get("/rooms/prado").text
        answer = browser.get("/rooms/prado/photo")
        assert (answer.status_code, answer.content_type) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert [browser.get(f"/rooms/{slug}/photo").status_code for slug in ("lost", "script", "no")] == [404] * 3


def test_ones_own_bookings_coming_and_past(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-12-01", summary="Prochain comité"))
    lab.book(lab.marie, a_booking("2020-12-01", repeats="FREQ=DAILY;COUNT=2", summary="Vieux comité"))
    lab.book(lab.marie, a_booking("2020-12-03", "14:00", "15:00", repeats="FREQ=WEEKLY", summary="Toujours"))
    lab.book(lab.paul, a_booking("2027-12-02", summary="Pas à moi"))

    coming = words(marie.get("/bookings").text)
    assert "Prochain comité mercredi 1er décembre 2027, 10:00–11:00 Salle Prado" in coming
    assert "Toujours se répète jeudi" in coming
    assert "Vieux" not in coming
    assert "Pas à moi" not in coming
    past = words(marie.get("/bookings?when=past").text)
    assert "Vieux comité se répète mercredi 2 décembre 2020, 10:00–11:00 Salle Prado" in past
    assert "Toujours" not in past
    assert "Toujours" not in words(marie.get("/bookings?q=COMIT%C3%89+prado").text)
    assert "Prochain" in words(marie.get("/bookings?q=COMIT%C3%89+prado").text)
    assert "Rien n'a été trouvé." in words(marie.get("/bookings?q=zzz").text)


def test_a_long_list_has_pages(lab: Lab, marie: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "A_PAGE", 2)
    for day in ("01", "02", "03"):
        lab.book(lab.marie, a_booking(f"2027-12-{day}", summary=f"Le {day}"))

    first = marie.get("/bookings").text
    assert 'href="/bookings?page=2"' in first
    assert "Le 03" not in words(first)
    assert "Le 03" in words(marie.get("/bookings?page=2").text)


def test_a_room_is_found_without_scripts(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2027-12-01", "08:00", "19:00"))

    page = marie.get("/find?dates=2027-12-01&length=60&seats=10&from=09:00&to=20:00").text
    assert "Salle Prado 12 places 19:00–20:00" in words(page)
    assert "Salle Castellane 20 places 09:00–10:00" in words(page)
    assert "Salle Calanques" not in words(page)
    assert 'href="/rooms/castellane?date=2027-12-01"' in page
    none = words(marie.get("/find?dates=2027-12-04&seats=10").text)
    assert "Aucune salle n'est libre à ce moment. Les créneaux les plus proches : Salle Prado, lundi 6" in none


HOURS = Hours(weekdays=[0, 1, 2, 3, 4], opens="08:00", closes="20:00", grid=15)


def an_occ(start: str, end: str) -> Occ:
    facts = {"name": "a.ics", "recurrence": None, "date": "2027-12-01", "title": "", "organiser": "", "email": ""}
    return Occ.model_validate(
        facts
        | {"room": "prado", "start": start, "end": end, "mine": False, "private": False, "editable": False}
        | {"series": False, "etag": ""}
    )


@pytest.mark.parametrize(
    ("at", "booked", "stands"),
    [
        ("07:00", [], "Free all day"),
        ("12:00", [], "Free all day"),
        ("12:00", [("10:00", "11:00")], "Free until 20:00"),
        ("12:00", [("10:00", "11:00"), ("14:30", "15:00")], "Free until 14:30"),
        ("07:00", [("08:00", "09:00")], "Taken until 09:00"),
        ("11:00", [("10:00", "11:00"), ("14:30", "15:00")], "Free until 14:30"),
        ("10:59", [("10:00", "11:00"), ("11:00", "12:15"), ("14:30", "15:00")], "Taken until 12:15"),
        ("20:00", [("10:00", "11:00")], "Closed for today"),
    ],
)
def test_how_a_room_stands_today(lab: Lab, at: str, booked: list[tuple[str, str]], stands: str) -> None:
    with a_browser(lab.office).client.application.test_request_context(headers={"Accept-Language": "en"}):
        occupied = [an_occ(*times) for times in booked]
        assert dashboard.standing(HOURS, occupied, date(2027, 12, 1), f"2027-12-01T{at}:00")[0] == stands


def test_how_a_room_stands_on_another_day(lab: Lab) -> None:
    with a_browser(lab.office).client.application.test_request_context(headers={"Accept-Language": "fr"}):
        moment = "2027-11-30T12:00:00"
        some = [an_occ("10:00", "11:00")]
        assert dashboard.standing(HOURS, [], date(2027, 12, 1), moment) == ("Libre toute la journée", "free")
        assert dashboard.standing(HOURS, some, date(2027, 12, 1), moment) == ("1 réservation", "taken")
        assert dashboard.standing(HOURS, [], date(2027, 12, 4), moment) == ("Fermée ce jour", "shut")


HOSTILE = [
    "0000-13-99",
    "9999-12-31",
    "0001-01-01",
    "1900-01-01",
    "9000-12-31",
    "%00",
    "%ED%A0%80",
    "%F0%9D%9F%9A027-12-01",
    "2027-12-01&date=x",
    "-1",
    "1e400",
    "A" * 5000,
]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_address_breaks_a_page(lab: Lab, marie: Browser, value: str) -> None:
    paths = [f"/?date={value}", f"/?view=week&date={value}", f"/?view=month&date={value}", f"/?view={value}"]
    paths += [
        f"/rooms/prado?date={value}",
        f"/bookings?q={value}",
        f"/bookings?page={value}",
        f"/bookings?when={value}",
    ]
    paths += [f"/find?{name}={value}&dates=2027-12-01" for name in ("length", "from", "to", "seats", "equipment")]
    paths += [f"/find?dates={value}", f"/find?dates=2027-12-01&dates={value}"]

    assert {path: marie.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
