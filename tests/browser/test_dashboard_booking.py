"""Booking, moving and cancelling on the dashboard, and what a calendar client finds afterwards."""

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
TITLES = {"fr": "Réserver la salle Prado", "en": "Book Salle Prado"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slot_is_dragged_confirmed_and_there_for_a_calendar_client(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = day(seated(dashboard, MARIE, language), DAY)
    line(page).drag("10:00", "11:30")
    box = page.get_by_role("dialog", name=TITLES[language])
    expect(box.get_by_role("textbox", name=words.note)).to_be_focused()
    expect(box.get_by_role("combobox", name=words.start)).to_have_value("10:00")
    expect(box.get_by_role("combobox", name=words.end)).to_have_value("11:30")
    expect(box.get_by_label(words.date)).to_have_value(DAY)
    fill_and_confirm(page, "Réunion d’équipe", words)

    expect(booking(page, "Réunion d’équipe", "10:00–11:30", "Marie Dupont")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:30 Réunion d’équipe"]
    assert "ORGANIZER" in calendar(dashboard)


def test_a_booking_made_by_caldav_appears_in_the_open_page(dashboard: Site) -> None:
    page = day(seated(dashboard, PAUL), DAY)
    put(dashboard, a_booking(on=DAY, summary="Du téléphone"))
    expect(booking(page, "Du téléphone", "10:00–11:00", "Marie Dupont")).to_be_visible()


def test_a_booking_is_dragged_to_another_room(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Séminaire"))
    page = day(seated(dashboard, MARIE), DAY)
    block = booking(page, "Séminaire")
    drag(page, middle(block), line(page, "Salle Calanques").at("14:30"))
    expect(toast(page, "Moved: Salle Calanques")).to_be_visible()

    assert held(dashboard, "prado", DAY) == []
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 14:00-15:00 Séminaire"]


def test_a_booking_is_made_longer_by_its_edge(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Séminaire"))
    page = day(seated(dashboard, MARIE), DAY)
    block = booking(page, "Séminaire")
    block.hover()
    x, y = line(page).at("11:00")
    drag(page, (x - 5, y), line(page).at("12:30"))
    expect(booking(page, "Séminaire", "10:00–12:30")).to_be_visible()

    expect(toast(page, "Moved: Salle Prado")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-12:30 Séminaire"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_occurrence_of_a_series_is_edited(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on="2027-01-26", repeats="FREQ=WEEKLY;COUNT=4", uid="serie", summary="Groupe"))
    page = day(seated(dashboard, MARIE, language), DAY)
    booking(page, "Groupe").dblclick()
    box = dialog(page)
    expect(box.get_by_role("radio", name=words.this, exact=True)).to_be_checked()
    box.get_by_role("combobox", name=words.start).fill("15:00")
    fill_and_confirm(page, "Groupe élargi", words)

    assert "RECURRENCE-ID;TZID=Europe/Paris:20270202T100000" in calendar(dashboard)
    assert held(dashboard, "prado", "2027-01-26", "2027-03-01") == [
        "2027-01-26 10:00-11:00 Groupe",
        "2027-02-02 15:00-16:00 Groupe élargi",
        "2027-02-09 10:00-11:00 Groupe",
        "2027-02-16 10:00-11:00 Groupe",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_this_and_the_following_are_dragged(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on="2027-01-26", repeats="FREQ=WEEKLY;COUNT=4", uid="serie", summary="Groupe"))
    page = day(seated(dashboard, MARIE, language), DAY)
    drag(page, middle(booking(page, "Groupe")), line(page).at("14:30"))
    dialog(page).get_by_role("button", name=words.following).click()
    expect(page.get_by_role("button", name=words.undo)).to_be_visible()

    assert held(dashboard, "prado", "2027-01-26", "2027-03-01") == [
        "2027-01-26 10:00-11:00 Groupe",
        "2027-02-02 14:00-15:00 Groupe",
        "2027-02-09 14:00-15:00 Groupe",
        "2027-02-16 14:00-15:00 Groupe",
    ]
    assert len(set(re.findall(r"^UID:.*$", calendar(dashboard), re.MULTILINE))) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cancelled_booking_is_taken_back(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on=DAY, summary="Séminaire"))
    page = day(seated(dashboard, MARIE, language), DAY)
    booking(page, "Séminaire").dblclick()
    dialog(page).get_by_role("button", name=words.remove).click()
    expect(booking(page, "Séminaire")).to_have_count(0)
    expect(page.get_by_role("button", name=words.undo)).to_be_visible()
    assert held(dashboard, "prado", DAY) == []

    page.get_by_role("button", name=words.undo).click()
    expect(booking(page, "Séminaire", "10:00–11:00")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Séminaire"]


def test_a_move_is_taken_back(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Séminaire"))
    page = day(seated(dashboard, MARIE), DAY)
    drag(page, middle(booking(page, "Séminaire")), line(page).at("14:30"))
    page.get_by_role("button", name="Undo").click()
    expect(booking(page, "Séminaire", "10:00–11:00")).to_be_visible()
    expect(toast(page, "Undone")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Séminaire"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_booked_cannot_be_dragged(dashboard: Site, language: str) -> None:
    page = day(seated(dashboard, MARIE, language), "2027-02-06")  # a Saturday
    closed = line(page).element.get_by_role("img", name=WORDS[language].unavailable)
    box = closed.first.bounding_box()
    assert box is not None
    assert box["width"] > 300
    x, y = middle(closed.first)
    drag(page, (x - 100, y), (x + 100, y))
    page.keyboard.press("Shift")  # whatever opens would be there by now
    expect(dialog(page)).to_have_count(0)

    page = day(page, DAY)
    before = middle(line(page).element.get_by_role("img", name=WORDS[language].unavailable).first)
    drag(page, before, line(page).at("09:00"))
    expect(dialog(page)).to_have_count(0)
    line(page).drag("09:00", "10:00")
    expect(dialog(page)).to_be_visible()


def test_the_past_of_today_cannot_be_dragged_and_now_can(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), "2027-01-12")
    gone = line(page).element.get_by_role("img", name="Not available").first
    x, y = middle(gone)
    drag(page, (x - 20, y), (x + 20, y))
    expect(dialog(page)).to_have_count(0)
    line(page, opens="10:45").drag("11:00", "12:00")
    expect(dialog(page).get_by_role("combobox", name="Start")).to_have_value("11:00")
    expect(dialog(page).get_by_role("combobox", name="End")).to_have_value("12:00")
