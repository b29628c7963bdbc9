"""The dashboard's views, what is said of now, and what is stored for each choice of the dialog."""

from __future__ import annotations

import re

import pytest
from board import (
    LANGUAGES,
    WORDS,
    booking,
    calendar,
    day,
    dialog,
    drag,
    fill_and_confirm,
    held,
    line,
    middle,
    put,
    seated,
    toast,
)
from building import a_booking
from chromium import Site
from playwright.sync_api import expect
from running import MARIE, PAUL

DAY = "2027-02-02"  # a Tuesday
TODAY = "2027-01-12"  # 10:52


def test_a_booking_under_way_is_made_longer_and_cannot_be_carried(dashboard: Site) -> None:
    put(dashboard, a_booking(on=TODAY, at="10:30", until="11:30", summary="En cours"))
    page = day(seated(dashboard, MARIE), TODAY)
    lane = line(page, opens="10:45")
    drag(page, middle(booking(page, "En cours")), lane.at("15:00"))
    expect(booking(page, "En cours", "10:30–11:30")).to_be_visible()
    x, y = lane.at("11:30")
    booking(page, "En cours").hover()
    drag(page, (x - 5, y), lane.at("12:00"))
    expect(toast(page, "Moved")).to_be_visible()
    assert held(dashboard, "prado", TODAY) == ["2027-01-12 10:30-12:00 En cours"]


STATES = {
    "fr": ("Occupée jusqu’à 11:30", "Libre jusqu’à 14:30", "Vous"),
    "en": ("Taken until 11:30", "Free until 14:30", "You"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_tells_how_the_rooms_stand_and_what_comes_next(dashboard: Site, language: str) -> None:
    taken, free, you = STATES[language]
    put(dashboard, a_booking(on=TODAY, at="10:30", until="11:30", summary="En cours"), "now.ics", email=PAUL)
    put(dashboard, a_booking(on=TODAY, at="14:30", until="15:00", summary="Point"), "next.ics", "calanques")
    page = seated(dashboard, MARIE, language, phone=True)
    page.goto("/")
    rooms = page.get_by_role("main").get_by_role("listitem")
    expect(rooms.nth(0)).to_contain_text(taken)
    expect(rooms.nth(0)).to_contain_text("Paul Martin")
    expect(rooms.nth(1)).to_contain_text(free)
    expect(rooms.nth(1)).to_contain_text(re.compile(f"14:30–15:00.*Point.*{you}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slot_is_dragged_in_the_week_of_all_rooms(dashboard: Site, language: str) -> None:
    page = seated(dashboard, MARIE, language)
    page.goto(f"/?view=week&date={DAY}")
    row = page.get_by_role("group", name="Salle Calanques")
    friday = {"fr": r"^vendredi\s5 février 2027", "en": r"^Friday\s5 February 2027"}[language]
    box = row.get_by_role("group", name=re.compile(friday)).locator("[data-lane]").bounding_box()
    assert box is not None
    (left, width), middle_of_it = (box["x"], box["width"]), box["y"] + 12
    drag(page, (left + width * 6.1 / 12, middle_of_it), (left + width * 8.9 / 12, middle_of_it))
    expect(dialog(page).get_by_label("Date")).to_have_value("2027-02-05")
    expect(dialog(page).get_by_role("combobox", name=WORDS[language].start)).to_have_value("14:00")
    expect(dialog(page).get_by_role("combobox", name=WORDS[language].end)).to_have_value("17:00")
    fill_and_confirm(page, "Atelier", WORDS[language])
    assert held(dashboard, "calanques", "2027-02-05") == ["2027-02-05 14:00-17:00 Atelier"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_previous_next_today_and_the_month_lead_to_a_day(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = day(seated(dashboard, MARIE, language), "2027-02-01")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text({"fr": "Lundi 1er février 2027", "en": "Monday 1 February 2027"}[language])
    page.get_by_role("button", name=words.previous, exact=True).click()
    expect(heading).to_have_text({"fr": "Dimanche 31 janvier 2027", "en": "Sunday 31 January 2027"}[language])
    page.get_by_role("button", name=words.today, exact=True).click()
    expect(heading).to_have_text({"fr": "Mardi 12 janvier 2027", "en": "Tuesday 12 January 2027"}[language])
    page.get_by_role("main").get_by_text(re.compile("^(Mois|Month)$")).click()
    expect(heading).to_have_text({"fr": "Janvier 2027", "en": "January 2027"}[language])
    page.get_by_role("button", name=words.next, exact=True).click()
    tuesday = {"fr": r"^mardi\s2 février", "en": r"^Tuesday\s2 February"}[language]
    page.get_by_role("link", name=re.compile(tuesday)).click()
    expect(heading).to_have_text({"fr": "Mardi 2 février 2027", "en": "Tuesday 2 February 2027"}[language])


DATES = {
    "daily": ["2027-02-02", "2027-02-03", "2027-02-04"],
    "weekdays": ["2027-02-02", "2027-02-03", "2027-02-04"],
    "weekly": ["2027-02-02", "2027-02-09", "2027-02-16"],
    "fortnightly": ["2027-02-02", "2027-02-16", "2027-03-02"],
    "monthly": ["2027-02-02", "2027-03-02", "2027-04-02"],
    "yearly": ["2027-02-02", "2028-02-02", "2029-02-02"],
}


@pytest.mark.parametrize("kind", DATES)
def test_each_choice_of_repeats_stores_its_dates(dashboard: Site, kind: str) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("button", name="Advanced options").click()
    box.get_by_role("combobox", name="Repeats").select_option(kind)
    box.get_by_role("combobox", name="Stops").select_option("count")
    box.get_by_role("spinbutton", name="Number of times").fill("3")
    expect(box).to_contain_text("3 dates, all of them free.")
    fill_and_confirm(page, "Série", WORDS["en"])
    assert held(dashboard, "prado", DAY, "2030-12-31") == [f"{each} 10:00-11:00 Série" for each in DATES[kind]]
    assert calendar(dashboard).count("BEGIN:VEVENT") == 1


def test_a_series_is_monthly_by_the_weekday_and_until_a_date(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE, "fr"), DAY)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("button", name="Options avancées").click()
    box.get_by_role("combobox", name="Répéter").select_option(label="Mensuel")
    box.get_by_role("combobox", name="Chaque mois").select_option(label="le premier mardi")
    box.get_by_label("Jusqu’au").fill("2027-04-30")
    expect(box).to_contain_text("3 dates, toutes libres.")
    fill_and_confirm(page, "Conseil", WORDS["fr"])
    dates = ["2027-02-02", "2027-03-02", "2027-04-06"]
    assert held(dashboard, "prado", DAY, "2028-12-31") == [f"{each} 10:00-11:00 Conseil" for each in dates]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_note_that_looks_personal_is_warned_of_and_still_booked(dashboard: Site, language: str) -> None:
    page = day(seated(dashboard, MARIE, language), DAY)
    line(page).drag("10:00", "11:00")
    note = dialog(page).get_by_role("textbox", name="Note")
    expect(note).to_have_accessible_description(re.compile("^(Visible de tous|Everybody sees it)"))
    note.fill("Rappeler au 06 12 34 56 78")
    expect(note).to_have_accessible_description(re.compile("numéro de téléphone|telephone number"))
    fill_and_confirm(page, "Rappeler au 06 12 34 56 78", WORDS[language])
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Rappeler au 06 12 34 56 78"]


def test_the_way_back_is_offered_for_ten_seconds(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Point"))
    page = seated(dashboard, MARIE)
    page.clock.install()
    day(page, DAY)
    booking(page, "Point").click()
    dialog(page).get_by_role("button", name="Delete booking").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.clock.fast_forward(11_000)
    expect(undo).to_have_count(0)
