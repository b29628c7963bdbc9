"""The grid is on the lab's clock, wherever the browser is, and right around the night when the clocks change."""

from __future__ import annotations

import pytest
from board import WORDS, booking, calendar, column, dialog, drag, fill_and_confirm, held, middle, put, seated, toast
from building import a_booking
from chromium import Site
from playwright.sync_api import expect
from running import MARIE

ZONES = ("America/New_York", "Asia/Tokyo")
CHANGE = "2027-03-29"  # the Monday after the clocks change
AFTER = "2027-03-30"
DAYS = {CHANGE: "lundi 29 mars 2027", AFTER: "mardi 30 mars 2027"}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("on", [CHANGE, AFTER])
def test_a_slot_is_drawn_after_the_change_to_summer_time(dashboard: Site, zone: str, on: str) -> None:
    page = seated(dashboard, MARIE, "fr", zone=zone)
    page.goto(f"/rooms/prado?date={CHANGE}")
    column(page, DAYS[on]).drag("11:00", "11:45")
    expect(dialog(page).get_by_label("Date")).to_have_value(on)
    expect(dialog(page).get_by_role("combobox", name="Début")).to_have_value("11:00")
    fill_and_confirm(page, "Point", WORDS["fr"])

    expect(booking(column(page, DAYS[on]).element, "Point", "11:00–11:45")).to_be_visible()
    assert held(dashboard, "prado", CHANGE, "2027-04-02") == [f"{on} 11:00-11:45 Point"]
    assert f"DTSTART;TZID=Europe/Paris:{on.replace('-', '')}T110000" in calendar(dashboard)


@pytest.mark.parametrize("zone", ZONES)
def test_a_booking_is_carried_to_another_day_and_made_longer(dashboard: Site, zone: str) -> None:
    put(dashboard, a_booking(on="2027-02-02", summary="Point"))
    page = seated(dashboard, MARIE, zone=zone)
    page.goto("/rooms/prado?date=2027-02-02")
    friday = column(page, "Friday 5 February 2027")
    drag(page, middle(booking(page, "Point")), friday.at("15:30"))
    expect(toast(page, "Moved: Salle Prado, Friday 5 February, 15:00–16:00")).to_be_visible()
    assert held(dashboard, "prado", "2027-02-01", "2027-02-05") == ["2027-02-05 15:00-16:00 Point"]

    booking(page, "Point").hover()
    x, y = friday.at("16:00")
    drag(page, (x, y - 3), friday.at("17:15"))
    expect(toast(page, "Moved: Salle Prado, Friday 5 February, 15:00–17:15")).to_be_visible()
    assert held(dashboard, "prado", "2027-02-01", "2027-02-05") == ["2027-02-05 15:00-17:15 Point"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_booking_of_friday_goes_to_the_monday_after_the_change(dashboard: Site, zone: str) -> None:
    put(dashboard, a_booking(on="2027-03-26", at="11:00", until="11:45", summary="Point"))
    page = seated(dashboard, MARIE, zone=zone)
    page.goto("/rooms/prado?date=2027-03-26")
    booking(page, "Point").dblclick()
    dialog(page).get_by_label("Date").fill(CHANGE)
    dialog(page).get_by_role("button", name="Confirm").click()
    expect(toast(page, "Moved: Salle Prado, Monday 29 March, 11:00–11:45")).to_be_visible()
    assert held(dashboard, "prado", "2027-03-22", "2027-04-02") == ["2027-03-29 11:00-11:45 Point"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_booking_is_carried_from_friday_over_next_to_the_monday_after_the_change(dashboard: Site, zone: str) -> None:
    put(dashboard, a_booking(on="2027-03-26", at="11:00", until="11:45", summary="Point"))
    page = seated(dashboard, MARIE, zone=zone)
    page.goto("/rooms/prado?date=2027-03-26")
    page.mouse.move(*middle(booking(page, "Point")))
    page.mouse.down()
    page.mouse.move(*middle(page.get_by_role("button", name="Next", exact=True)), steps=4)
    monday = column(page, "Monday 29 March 2027")
    page.mouse.move(*monday.at("14:22"), steps=4)
    page.mouse.up()
    expect(toast(page, "Moved: Salle Prado, Monday 29 March, 14:00–14:45")).to_be_visible()
    assert held(dashboard, "prado", "2027-03-22", "2027-04-02") == ["2027-03-29 14:00-14:45 Point"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_series_moved_on_one_side_of_the_change_keeps_its_hour_on_the_other(dashboard: Site, zone: str) -> None:
    put(
        dashboard, a_booking(on="2027-03-22", at="11:00", until="11:45", repeats="FREQ=WEEKLY;COUNT=2", summary="Point")
    )
    page = seated(dashboard, MARIE, zone=zone)
    page.goto("/rooms/prado?date=2027-03-22")
    drag(page, middle(booking(page, "Point")), column(page, "Tuesday 23 March 2027").at("08:22"))
    dialog(page).get_by_role("button", name="The whole series").click()
    expect(toast(page, "Moved: Salle Prado, Tuesday 23 March, 08:00–08:45")).to_be_visible()
    assert held(dashboard, "prado", "2027-03-22", "2027-04-02") == [
        "2027-03-23 08:00-08:45 Point",
        "2027-03-30 08:00-08:45 Point",
    ]
