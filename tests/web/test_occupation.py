"""What the API tells of the rooms: what is booked when, as each account may see it."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Browser, a_browser
from building import Lab, a_booking, an_override
from postgresql import on_each_database

from sesstim_caldav import occupation
from sesstim_caldav.booking import contentline
from sesstim_caldav.booking.contentline import unescape_text
from sesstim_caldav.booking.draft import one_line
from sesstim_caldav.occupation import titles

WEEK = "from=2027-01-11&to=2027-01-17"


@pytest.fixture
def marie(lab: Lab) -> Browser:
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)
    return browser


@pytest.fixture
def paul(lab: Lab) -> Browser:
    browser = a_browser(lab.office, "fr")
    browser.sign_in(lab.paul)
    return browser


def occupied(browser: Browser, query: str = WEEK) -> list[dict[str, Any]]:
    answer = browser.get(f"/api/occupation?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["occurrences"]
    return found


def test_rooms_come_with_their_hours_and_who_is_asking(lab: Lab, marie: Browser) -> None:
    answer = marie.get("/api/rooms").json

    assert [room["slug"] for room in answer["rooms"]] == ["prado", "calanques", "castellane"]
    assert answer["rooms"][0]["hours"] == {"weekdays": [0, 1, 2, 3, 4], "opens": "08:00", "closes": "20:00", "grid": 15}
    assert answer["rooms"][0]["caldav"] == "http://localhost:5232/dav/rooms/prado/"
    assert answer["me"] == {"name": "Marie Dupont", "email": lab.marie.email, "manager": False}
    assert answer["language"] == "en"


def test_a_week_of_bookings_on_the_labs_clock(lab: Lab, marie: Browser) -> None:
    name, _ = lab.book(lab.marie, a_booking("2027-01-12", "10:00", "11:00", zone="UTC", summary="Comité\\, bureau"))
    lab.book(lab.paul, a_booking("2027-01-11", "09:00", "09:15"), room="calanques")

    first, second = occupied(marie)
    assert (first["room"], first["date"], first["start"], first["end"]) == ("prado", "2027-01-12", "11:00", "12:00")
    assert first["title"] == "Comité, bureau"
    assert (first["name"], first["recurrence"], first["series"]) == (name, None, False)
    assert (first["organiser"], first["email"], first["mine"], first["editable"]) == (
        "Marie Dupont",
        lab.marie.email,
        True,
        True,
    )
    assert first["etag"] == lab.etag(lab.marie, name)
    assert (second["room"], second["mine"], second["editable"]) == ("calanques", False, False)


@on_each_database
def test_a_private_booking_of_another_is_a_slot_and_a_name(lab: Lab, marie: Browser, paul: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-01-12", summary="Entretien", extra="CLASS:PRIVATE"))

    assert [(o["title"], o["organiser"], o["private"]) for o in occupied(paul)] == [("Réservé", "Marie Dupont", True)]
    assert [(o["title"], o["private"], o["mine"]) for o in occupied(marie)] == [("Entretien", True, True)]
    manager = a_browser(lab.office)
    manager.sign_in(lab.anne)
    assert [(o["title"], o["editable"]) for o in occupied(manager)] == [("Reserved", True)]


def test_a_series_shows_each_date_with_the_title_of_its_override(lab: Lab, marie: Browser) -> None:
    moved = an_override("s", of="2027-01-12T10:00", on="2027-01-12", at="14:00", until="15:00")
    moved = moved.replace("SUMMARY:Réunion projet", "SUMMARY:Reporté")
    lab.book(lab.marie, a_booking("2027-01-11", repeats="FREQ=DAILY;COUNT=3", uid="s", more=moved))

    assert [(o["date"], o["start"], o["title"], o["recurrence"]) for o in occupied(marie)] == [
        ("2027-01-11", "10:00", "Réunion projet", "20270111T090000Z"),
        ("2027-01-12", "14:00", "Reporté", "20270112T090000Z"),
        ("2027-01-13", "10:00", "Réunion projet", "20270113T090000Z"),
    ]


def test_an_alarms_summary_is_no_title(lab: Lab, marie: Browser) -> None:
    alarm = "BEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT5M\nSUMMARY:Ding\nDESCRIPTION:x\nATTENDEE:mailto:a@b.fr\nEND:VALARM"
    lab.book(
        lab.marie,
        a_booking("2027-01-12", summary="")
        .replace(b"SUMMARY:\r\n", b"")
        .replace(b"END:VEVENT", (alarm.replace("\n", "\r\n") + "\r\nSUMMARY:Apr\u00e8s\r\nEND:VEVENT").encode()),
    )

    assert [o["title"] for o in occupied(marie)] == ["Après"]


@on_each_database
def test_a_new_title_is_seen_at_once(lab: Lab, marie: Browser) -> None:
    name, _ = lab.book(lab.marie, a_booking("2027-01-12", uid="u", summary="Before"))
    assert [o["title"] for o in occupied(marie)] == ["Before"]
    lab.book(lab.marie, a_booking("2027-01-12", uid="u", summary="After"), name)

    assert [o["title"] for o in occupied(marie)] == ["After"]


@on_each_database
def test_an_endless_series_is_there_in_a_hundred_years(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-01-11", repeats="FREQ=WEEKLY", summary="Toujours"))

    far = occupied(marie, "from=2127-01-06&to=2127-01-12&room=prado")
    assert [(o["date"], o["start"], o["title"], o["series"]) for o in far] == [
        ("2127-01-06", "10:00", "Toujours", True)
    ]
    busy = marie.get("/api/occupation?from=2127-01-06&to=2127-01-12&detail=busy").json["busy"]
    assert busy["prado"] == {"2127-01-06": [[600, 660, 1]]}


@on_each_database
def test_a_month_says_no_more_than_when(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-03-26", "09:00", "10:30", summary="Secret"))
    lab.book(lab.paul, a_booking("2027-03-26", "14:00", "15:00"))
    lab.book(lab.paul, a_booking("2027-03-29", "08:00", "20:00"), room="castellane")

    answer = marie.get("/api/occupation?from=2027-03-01&to=2027-04-04&detail=busy")
    assert "Secret" not in answer.text
    assert answer.json["busy"] == {
        "prado": {"2027-03-26": [[540, 630, 1], [840, 900, 0]]},
        "calanques": {},
        "castellane": {"2027-03-29": [[480, 1200, 0]]},
    }


def test_days_of_changing_clocks_keep_their_hours(tmp_path: Any) -> None:
    from building import PASSWORD, settings_in

    from sesstim_caldav.office import Office

    with Office.open(settings_in(tmp_path, booking={"weekdays": ["sat", "sun", "mon"]})) as office:
        marie = office.accounts.add("marie.dupont@univ-amu.fr", "Marie", "Dupont", PASSWORD)
        lab = Lab(office, marie, marie, marie)
        for day in ("2027-03-28", "2027-03-29", "2027-10-31"):
            lab.book(marie, a_booking(day, "11:00", "11:45"))
        browser = a_browser(office)
        browser.sign_in(marie)

        for dates in ("from=2027-03-27&to=2027-03-30", "from=2027-10-31&to=2027-10-31"):
            strips = browser.get(f"/api/occupation?{dates}&detail=busy&room=prado").json["busy"]["prado"]
            assert strips
            assert set(map(str, strips.values())) == {"[[660, 705, 1]]"}
            assert {(o["start"], o["end"]) for o in occupied(browser, dates)} == {("11:00", "11:45")}


@pytest.mark.parametrize("detail", ["", "&detail=busy"])
def test_what_has_not_changed_is_not_sent_again(lab: Lab, marie: Browser, paul: Browser, detail: str) -> None:
    address = f"/api/occupation?{WEEK}{detail}"
    first = marie.get(address)
    tag = first.headers["ETag"]
    assert first.json["version"] == tag.strip('"')

    known = {"If-None-Match": tag, "Accept-Language": "en"}
    assert marie.client.get(address, headers=known).status_code == 304
    assert paul.client.get(address, headers=known).status_code == 200
    lab.book(lab.paul, a_booking("2027-01-12"))
    assert marie.client.get(address, headers=known).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=2027-01-11",
        "from=0000-13-99&to=2027-01-01",
        "from=0000-00-00&to=0000-00-00",
        "from=0001-01-01&to=0001-01-02",
        "from=9999-12-31&to=9999-12-31",
        "from=20270111&to=20270117",
        "from=2027-W02-1&to=2027-W02-2",
        "from=1800000000&to=1800000000",
        "from=2027-01-11&to=2027-01-10",
        "from=2027-01-01&to=2027-03-04",
        "from=2027-01-11%00&to=2027-01-17",
        "from=%ED%A0%80&to=2027-01-17",
        "from=%F0%9D%9F%9A027-01-11&to=2027-01-17",
        f"{WEEK}&detail=all",
        "from=2027-02-30&to=2027-03-01",
    ],
)
def test_what_names_no_days_is_refused(marie: Browser, query: str) -> None:
    answer = marie.get(f"/api/occupation?{query}")

    assert answer.status_code == 400
    assert answer.json["error"] in ("invalid", "range")
    assert answer.json["text"]


@pytest.mark.parametrize("slug", ["nowhere", "%00", "%ED%A0%80", "..", "prado%2F"])
def test_a_room_that_is_none_is_not_found(marie: Browser, slug: str) -> None:
    assert marie.get(f"/api/occupation?{WEEK}&room={slug}").status_code == 404


def test_of_a_name_given_twice_the_first_counts(lab: Lab, marie: Browser) -> None:
    lab.book(lab.marie, a_booking("2027-01-12"))

    assert len(occupied(marie, f"{WEEK}&from=2027-05-01&room=prado&room=calanques")) == 1


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("SUMMARY:Comité", "Comité"),
        ("SUMMARY:", ""),
        ("DESCRIPTION:no title", ""),
        ("summary:small", "small"),
        ('SUMMARY;LANGUAGE=fr;X-P="a:b;c":with\\, parameters\\; and\\nbreaks', "with, parameters; and breaks"),
        ("X-SUMMARY:no\nSUMMARY:yes", "yes"),
        ("DESCRIPTION:see\n SUMMARY:no\nSUMMARY:yes", "yes"),
        ("SUMMARY:a long\n  line", "a long line"),
    ],
)
def test_a_title_is_read_out_of_the_text_as_a_parser_would(lines: str, title: str) -> None:
    text = a_booking(summary="").decode().replace("SUMMARY:\r\n", lines.replace("\n", "\r\n") + "\r\n")

    assert titles(text) == (title,)
    (event,) = contentline.parse(text).components("VEVENT")
    line = event.line("SUMMARY")
    assert one_line(unescape_text(line.value) if line else "") == title


def test_more_titles_than_are_remembered(lab: Lab, marie: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupation, "MOST_TITLES", 2)
    for day in range(11, 16):
        lab.book(lab.marie, a_booking(f"2027-01-{day}", summary=f"On the {day}th"))

    for _ in range(2):
        assert [occ["title"] for occ in occupied(marie)] == [f"On the {day}th" for day in range(11, 16)]
