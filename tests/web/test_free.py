"""Finding a room: free at the same time on every day, large enough, with what is needed; or the nearest time."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from browsing import Browser, a_browser
from building import PASSWORD, Lab, a_booking, settings_in
from hypothesis import given
from hypothesis import strategies as st

from sesstim_caldav.booking import vacancy
from sesstim_caldav.office import Office
from sesstim_caldav.web.api import free as finding


@pytest.fixture
def marie(lab: Lab) -> Browser:
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)
    return browser


def found(browser: Browser, query: str) -> dict[str, Any]:
    answer = browser.get(f"/api/free?{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def times(told: dict[str, Any]) -> dict[str, list[str]]:
    return {room["slug"]: [f"{slot['start']}-{slot['end']}" for slot in room["slots"]] for room in told["rooms"]}


def test_free_times_lie_between_bookings(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2047-01-11", "09:00", "10:00"))
    lab.book(lab.paul, a_booking("2047-01-11", "10:30", "11:15"))

    told = found(marie, "dates=2047-01-11&length=60&from=08:00&to=13:30&seats=8")
    assert times(told)["prado"] == ["08:00-09:00", "11:15-12:15", "12:15-13:15"]
    assert told["nearest"] == []


def test_the_smallest_room_that_suffices_comes_first(lab: Lab, marie: Browser) -> None:
    assert list(times(found(marie, "dates=2047-01-11"))) == ["calanques", "prado", "castellane"]
    assert list(times(found(marie, "dates=2047-01-11&seats=7"))) == ["prado", "castellane"]
    assert found(marie, "dates=2047-01-11&seats=21") == {"rooms": [], "nearest": []}


def test_on_several_days_it_is_free_on_all_of_them(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2047-01-11", "08:00", "12:00"))
    lab.book(lab.paul, a_booking("2047-01-18", "13:00", "20:00"))

    told = found(marie, "dates=2047-01-11,2047-01-18&length=60&seats=12")
    assert times(told)["prado"] == ["12:00-13:00"]
    assert "prado" not in times(found(marie, "dates=2047-01-11,2047-01-18&length=75&seats=12"))


def test_equipment_is_asked_for_by_name(tmp_path: Any) -> None:
    kit = [
        {"slug": "a", "name": "A", "equipment": ["Écran", "tableau"]},
        {"slug": "b", "name": "B", "equipment": ["écran"]},
        {"slug": "c", "name": "C"},
    ]
    with Office.open(settings_in(tmp_path, rooms=kit)) as office:
        browser = a_browser(office)
        browser.sign_in(office.accounts.add("marie.dupont@univ-amu.fr", "Marie", "Dupont", PASSWORD))
        assert list(times(found(browser, "dates=2047-01-11&equipment=%C3%A9cran"))) == ["a", "b"]
        assert list(times(found(browser, "dates=2047-01-11&equipment=%C3%A9cran,tableau"))) == ["a"]
        assert list(times(found(browser, "dates=2047-01-11&equipment=tableau&equipment=%C3%89CRAN"))) == ["a"]
        assert list(times(found(browser, "dates=2047-01-11&seats=2"))) == []  # whose size is not known is not offered


def test_none_free_names_the_nearest_times(lab: Lab, marie: Browser) -> None:
    for day in ("14", "15"):
        lab.book(lab.paul, a_booking(f"2047-01-{day}", "09:00", "20:00"), room="castellane")

    told = found(marie, "dates=2047-01-14&length=90&from=10:00&to=12:00&seats=20")
    assert told["rooms"] == []
    assert [(one["slug"], one["date"], one["start"], one["end"]) for one in told["nearest"]][:2] == [
        ("castellane", "2047-01-16", "10:00", "11:30"),
        ("castellane", "2047-01-17", "10:00", "11:30"),
    ]
    shorter = found(marie, "dates=2047-01-14&length=60&from=10:00&to=12:00&seats=20")["nearest"]
    assert (shorter[0]["date"], shorter[0]["start"]) == ("2047-01-14", "08:00")


def test_none_free_on_all_days_names_a_time_on_each(lab: Lab, marie: Browser) -> None:
    lab.book(lab.paul, a_booking("2047-01-14", "08:00", "14:00"), room="castellane")
    lab.book(lab.paul, a_booking("2047-01-21", "14:00", "20:00"), room="castellane")

    near = found(marie, "dates=2047-01-21,2047-01-14&length=60&seats=20&from=09:00&to=12:00")["nearest"]
    assert [(one["date"], one["start"]) for one in near] == [("2047-01-14", "14:00"), ("2047-01-21", "09:00")]


def test_what_is_past_is_not_offered(lab: Lab, marie: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "now", lambda: "2047-01-14T10:50:59")

    assert times(found(marie, "dates=2047-01-14&length=240&seats=20"))["castellane"] == ["11:00-15:00", "15:00-19:00"]
    assert times(found(marie, "dates=2047-01-11&seats=20")) == {}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "dates=",
        "dates=0000-13-99",
        "dates=9999-12-31",
        "dates=2047-01-11,x",
        "dates=%00",
        "dates=%ED%A0%80",
        "dates=2047-01-11&length=0",
        "dates=2047-01-11&length=1e9",
        "dates=2047-01-11&length=99999",
        "dates=2047-01-11&from=8",
        "dates=2047-01-11&to=25:00",
        "dates=2047-01-11&seats=-1",
        "dates=2047-01-11&seats=NaN",
        "dates=" + ",".join(["2047-01-11"] * 40),
    ],
)
def test_what_cannot_be_looked_for_is_refused(marie: Browser, query: str) -> None:
    assert marie.get(f"/api/free?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["from=20:00&to=08:00", "from=24:59&to=24:59", "length=1440", "equipment=%00", "equipment=" + "a," * 49]
)
def test_what_nobody_can_have_is_answered_all_the_same(marie: Browser, query: str) -> None:
    assert times(found(marie, f"dates=2047-01-11&{query}")) == {}


DAY = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted).map(tuple), max_size=6)


@given(DAY, st.integers(1, 12), st.sampled_from([1, 3, 5]))
def test_a_free_time_touches_nothing_taken_and_none_is_missed(taken: Any, length: int, grid: int) -> None:
    offered = list(vacancy.slots(taken, (5, 36), length, grid))

    def is_free(start: int) -> bool:
        return (
            start >= 5 and start + length <= 36 and all(start + length <= s or start >= e or s == e for s, e in taken)
        )

    assert all(end - start == length and start % grid == 0 and is_free(start) for start, end in offered)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(offered))
    possible = [start for start in range(0, 41, grid) if is_free(start)]
    assert bool(offered) == bool(possible)
    nearest = vacancy.nearest(taken, (5, 36), length, grid, (15, 25))
    best = min((vacancy.distance((start, start + length), (15, 25)) for start in possible), default=None)
    assert (vacancy.distance(nearest, (15, 25)) if nearest else None) == best
    assert nearest is None or nearest[0] in possible
