"""A refusal on the dashboard: who has the room, and each of the ways out, by one press of a button."""

from __future__ import annotations

import re

import pytest
from board import LANGUAGES, WORDS, booking, calendar, day, dialog, drag, fill_and_confirm, held, line, put, seated
from building import a_booking
from chromium import Site
from playwright.sync_api import Page, expect
from running import MARIE, PAUL

DAY = "2027-02-02"  # a Tuesday
TAKEN = {
    "fr": "La salle Prado est déjà réservée mardi 2 février 2027 de 09:00 à 10:30 (Paul Martin).",
    "en": "Salle Prado is already booked on Tuesday 2 February 2027 from 09:00 to 10:30 (Paul Martin).",
}


def drawn_over_another(dashboard: Site, language: str) -> Page:
    """Marie has drawn 09:00–10:30 where Paul has the room from 10:00."""
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), DAY)
    line(page).drag("09:00", "10:30")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_while_a_slot_is_drawn_it_says_who_is_in_the_way(dashboard: Site, language: str) -> None:
    put(dashboard, a_booking(on=DAY, summary="Jury"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), DAY)
    page.mouse.move(*line(page).at("09:02"))
    page.mouse.down()
    page.mouse.move(*line(page).at("09:58"), steps=4)
    expect(line(page).element.get_by_text("09:00–10:00")).to_be_visible()
    taken = line(page).element.get_by_text(re.compile("^(Pris par|Taken by) Paul Martin$"))
    expect(taken).to_have_count(0)
    page.mouse.move(*line(page).at("10:28"), steps=4)
    expect(taken).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(dialog(page)).to_have_count(0)
    expect(line(page).element.get_by_text("09:00–10:30")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_confirm_every_date_in_the_way_is_told_with_its_holder(dashboard: Site, language: str) -> None:
    box = dialog(drawn_over_another(dashboard, language))
    expect(box).to_contain_text(TAKEN[language])
    holder = box.get_by_role("link", name="Paul Martin")
    expect(holder).to_have_attribute("href", f"mailto:{PAUL}")
    expect(box).not_to_contain_text("Jury")

    box.get_by_role("textbox", name="Note").fill("Point")
    box.get_by_role("button", name=WORDS[language].confirm).click()
    expect(holder).to_be_visible()
    expect(box.get_by_role("textbox", name="Note")).to_have_value("Point")
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Jury"]


WAYS = [
    ("fr", "Dans Salle Calanques", "calanques", "2027-02-02 09:00-10:30 Point"),
    ("en", "In Salle Calanques", "calanques", "2027-02-02 09:00-10:30 Point"),
    ("fr", "De 08:30 à 10:00", "prado", "2027-02-02 08:30-10:00 Point"),
    ("en", "From 11:00 to 12:30", "prado", "2027-02-02 11:00-12:30 Point"),
    ("fr", "Mercredi 3 février 2027 de 09:00 à 10:30", "prado", "2027-02-03 09:00-10:30 Point"),
    ("en", "Monday 1 February 2027 from 09:00 to 10:30", "prado", "2027-02-01 09:00-10:30 Point"),
]


@pytest.mark.parametrize(("language", "way", "room", "booked"), WAYS)
def test_a_way_out_books_with_the_note_that_was_typed(
    dashboard: Site, language: str, way: str, room: str, booked: str
) -> None:
    page = drawn_over_another(dashboard, language)
    box = dialog(page)
    box.get_by_role("textbox", name="Note").fill("Point")
    box.get_by_role("button", name=way).click()
    expect(box).to_have_count(0)

    assert booked in held(dashboard, room, "2027-02-01", "2027-02-05")
    assert len(held(dashboard, "prado", "2027-02-01", "2027-02-05")) == (1 if room == "calanques" else 2)


def test_a_way_out_before_a_note_is_typed_moves_the_slot_there(dashboard: Site) -> None:
    page = drawn_over_another(dashboard, "en")
    box = dialog(page)
    box.get_by_role("button", name="In Salle Calanques").click()
    expect(box.get_by_role("combobox", name="Room")).to_have_value("calanques")
    expect(box.get_by_role("textbox", name="Note")).to_be_focused()
    expect(box.get_by_text("Free.", exact=True)).to_be_visible()
    fill_and_confirm(page, "Point", WORDS["en"])
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 09:00-10:30 Point"]


SERIES = {
    "fr": ("4 dates, 1 prise\u202f: mardi 9 février 2027 (Paul Martin)", "Les 3 dates libres, sans celle qui est prise",
           "Les dates libres ici, celle qui est prise dans Salle Calanques"),
    "en": ("4 dates, 1 taken: Tuesday 9 February 2027 (Paul Martin)", "The 3 free dates, without the one that is taken",
           "The free dates here, the one that is taken in Salle Calanques"),
}  # fmt: skip


@pytest.mark.parametrize("split", [False, True], ids=["without", "elsewhere"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_series_with_a_date_taken_is_booked_without_it_or_with_it_elsewhere(
    dashboard: Site, language: str, split: bool
) -> None:
    words = WORDS[language]
    told, without, elsewhere = SERIES[language]
    put(dashboard, a_booking(on="2027-02-09", summary="Jury"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), DAY)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("textbox", name="Note").fill("Groupe")
    box.get_by_role("button", name=words.advanced).click()
    box.get_by_role("combobox", name=words.repeats).select_option(label=words.weekly)
    box.get_by_label(re.compile("^(S’arrête|Stops)$")).select_option("count")
    box.get_by_role("spinbutton").fill("4")
    expect(box).to_contain_text(told)
    box.get_by_role("button", name=elsewhere if split else without).click()
    expect(box).to_have_count(0)

    assert held(dashboard, "prado", "2027-02-01", "2027-03-31") == [
        "2027-02-02 10:00-11:00 Groupe",
        "2027-02-09 10:00-11:00 Jury",
        "2027-02-16 10:00-11:00 Groupe",
        "2027-02-23 10:00-11:00 Groupe",
    ]
    assert "EXDATE;TZID=Europe/Paris:20270209T100000" in calendar(dashboard)
    moved = ["2027-02-09 10:00-11:00 Groupe"] if split else []
    assert held(dashboard, "calanques", "2027-02-01", "2027-03-31") == moved


def test_a_slot_taken_while_the_dialog_is_open_is_told_at_once(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    line(page).drag("10:00", "11:00")
    expect(dialog(page).get_by_text("Free.", exact=True)).to_be_visible()
    put(dashboard, a_booking(on=DAY, at="10:30", until="11:30", summary="Jury"), email=PAUL)
    expect(dialog(page).get_by_role("link", name="Paul Martin")).to_be_visible()


def test_a_dragged_booking_that_is_refused_goes_back_and_offers_ways(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, at="14:00", until="15:00", summary="Jury"), email=PAUL)
    put(dashboard, a_booking(on=DAY, summary="Point"), name="mine.ics")
    page = day(seated(dashboard, MARIE), DAY)
    block = booking(page, "Point").bounding_box()
    assert block is not None
    drag(page, (block["x"] + block["width"] / 2, block["y"] + 10), line(page).at("14:30"))
    box = dialog(page)
    expect(box.get_by_role("link", name="Paul Martin")).to_be_visible()
    expect(booking(page, "Point", "10:00–11:00")).to_be_visible()
    box.get_by_role("button", name="From 15:00 to 16:00").click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 14:00-15:00 Jury", "2027-02-02 15:00-16:00 Point"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_series_names_each_date_in_the_way(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    put(dashboard, a_booking(on="2027-02-01", repeats="FREQ=DAILY;COUNT=2", summary="Jury"), email=PAUL)
    page = day(seated(dashboard, MARIE, language), "2027-02-01")
    line(page).drag("09:00", "10:30")
    box = dialog(page)
    box.get_by_role("button", name=words.advanced).click()
    box.get_by_role("combobox", name=words.repeats).select_option("weekdays")
    days = {"fr": ["lundi 1er février", "mardi 2 février"], "en": ["Monday 1 February", "Tuesday 2 February"]}[language]
    expect(box.get_by_role("listitem")).to_have_text([f"{each}, 09:00–10:30 (Paul Martin)" for each in days])
    expect(box.get_by_role("link", name="Paul Martin").first).to_have_attribute("href", f"mailto:{PAUL}")
