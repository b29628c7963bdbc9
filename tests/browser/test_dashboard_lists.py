"""One's own bookings as a list, and finding a room."""

from __future__ import annotations

import re

import pytest
from board import LANGUAGES, WORDS, dialog, fill_and_confirm, held, put, seated
from building import a_booking
from chromium import Site
from playwright.sync_api import expect
from running import MARIE, PAUL

DAY = "2027-02-02"  # a Tuesday


def several(site: Site) -> None:
    """Three bookings of Marie's to come, one of them a series, one that is over, and one of Paul's."""
    put(site, a_booking(on=DAY, summary="Budget"), "budget.ics")
    put(site, a_booking(on="2027-02-03", summary="Jury de thèse"), "jury.ics", "calanques")
    put(site, a_booking(on="2027-02-04", repeats="FREQ=WEEKLY;COUNT=5", summary="Groupe"), "groupe.ics")
    put(site, a_booking(on="2027-01-05", summary="Vœux"), "voeux.ics")
    put(site, a_booking(on="2027-02-05", summary="De Paul"), "paul.ics", email=PAUL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_bookings_to_come_and_past_are_listed_a_series_once(dashboard: Site, language: str) -> None:
    several(dashboard)
    page = seated(dashboard, MARIE, language)
    page.goto("/bookings")
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Budget")
    expect(rows.nth(1)).to_contain_text("Salle Calanques")
    series = rows.nth(2)
    expect(series).to_contain_text({"fr": "Prochaines dates", "en": "Next dates"}[language])
    expect(series).to_contain_text({"fr": "11 févr.", "en": "11 Feb"}[language])
    page.get_by_role("group").get_by_text(re.compile("^(Passées|Past)$")).click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Vœux")


@pytest.mark.parametrize("language", LANGUAGES)
def test_bookings_are_searched(dashboard: Site, language: str) -> None:
    several(dashboard)
    page = seated(dashboard, MARIE, language)
    page.goto("/bookings")
    search = page.get_by_role("searchbox")
    search.fill("these")
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Jury de thèse")
    search.fill("rien de tel")
    expect(page.get_by_text(re.compile("^(Aucune réservation ne correspond|No booking matches)"))).to_be_visible()


SELECTED = {"fr": "Supprimer la sélection (2)", "en": "Delete the selected (2)"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_several_are_cancelled_at_once_and_taken_back(dashboard: Site, language: str) -> None:
    several(dashboard)
    page = seated(dashboard, MARIE, language)
    page.goto("/bookings")
    for title in ("Budget", "Groupe"):
        page.get_by_role("checkbox", name=re.compile(title)).check()
    page.get_by_role("button", name=SELECTED[language]).click()
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows).to_have_count(1)
    undo = page.get_by_role("button", name=WORDS[language].undo)
    expect(undo).to_be_visible()
    assert held(dashboard, "prado", DAY, "2027-03-31") == ["2027-02-05 10:00-11:00 De Paul"]

    undo.click()
    expect(rows).to_have_count(3)
    assert len(held(dashboard, "prado", DAY, "2027-03-31")) == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_past_booking_is_booked_again(dashboard: Site, language: str) -> None:
    several(dashboard)
    page = seated(dashboard, MARIE, language)
    page.goto("/bookings?when=past")
    page.get_by_role("button", name=re.compile("^(Réserver à nouveau|Book again)")).click()
    box = dialog(page)
    expect(box.get_by_role("textbox", name="Note")).to_have_value("Vœux")
    expect(box.get_by_label("Date")).to_have_value("2027-01-19")
    box.get_by_role("button", name=WORDS[language].confirm).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", "2027-01-19") == ["2027-01-19 10:00-11:00 Vœux"]


def test_a_booking_is_opened_from_the_list_and_changed(dashboard: Site) -> None:
    several(dashboard)
    page = seated(dashboard, MARIE)
    page.goto("/bookings")
    page.get_by_role("button", name=re.compile("^Open.*Budget")).click()
    dialog(page).get_by_role("combobox", name="Start").fill("15:00")
    fill_and_confirm(page, "Budget révisé", WORDS["en"])
    expect(page.get_by_role("main").get_by_role("listitem").first).to_contain_text("15:00–16:00")
    assert held(dashboard, "prado", DAY) == ["2027-02-02 15:00-16:00 Budget révisé"]


def test_a_booking_made_elsewhere_appears_in_the_list(dashboard: Site) -> None:
    page = seated(dashboard, MARIE)
    page.goto("/bookings")
    expect(page.get_by_text("No bookings to come")).to_be_visible()
    put(dashboard, a_booking(on=DAY, summary="Du téléphone"))
    expect(page.get_by_role("main").get_by_role("listitem")).to_contain_text("Du téléphone")


FIND = {
    "fr": {"seats": "Places", "search": "Chercher", "add": "Ajouter une date", "length": "Durée", "from": "Au plus tôt",
           "to": "Au plus tard", "book": "Réserver", "nearest": "Au plus près"},
    "en": {"seats": "Seats", "search": "Search", "add": "Add a date", "length": "Length", "from": "Not before",
           "to": "Not after", "book": "Book", "nearest": "Nearest"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_room_that_is_free_on_several_dates_is_found_and_booked_in_one(dashboard: Site, language: str) -> None:
    says = FIND[language]
    put(dashboard, a_booking(on="2027-02-10", at="09:00", until="10:30", summary="Jury"), email=PAUL)
    page = seated(dashboard, MARIE, language)
    page.goto("/find")
    main = page.get_by_role("main")
    main.get_by_label("Date", exact=True).fill(DAY)
    main.get_by_role("button", name=says["add"]).click()
    main.get_by_label("Date 2").fill("2027-02-10")
    main.get_by_label(says["length"]).select_option("90")
    main.get_by_role("combobox", name=says["from"]).fill("09:00")
    main.get_by_role("combobox", name=says["to"]).fill("12:00")
    main.get_by_role("button", name=says["search"]).click()
    prado = main.get_by_role("button", name=re.compile(f"^{says['book']}.*Salle Prado"))
    expect(prado.first).to_have_accessible_name(re.compile("10:30–12:00"))
    expect(main.get_by_role("button", name=re.compile(f"^{says['book']}.*Calanques.*09:00–10:30"))).to_be_visible()
    prado.first.click()
    fill_and_confirm(page, "Deux fois", WORDS[language])
    assert held(dashboard, "prado", DAY, "2027-02-12") == [
        "2027-02-02 10:30-12:00 Deux fois",
        "2027-02-10 09:00-10:30 Jury",
        "2027-02-10 10:30-12:00 Deux fois",
    ]


def test_a_room_is_found_by_its_seats_and_by_what_is_in_it(dashboard: Site) -> None:
    page = seated(dashboard, MARIE)
    page.goto("/find")
    main = page.get_by_role("main")
    main.get_by_label("Date", exact=True).fill(DAY)
    main.get_by_label("Seats").fill("13")
    main.get_by_role("button", name="Search").click()
    expect(main.get_by_role("listitem")).to_have_count(1)
    expect(main.get_by_role("listitem")).to_contain_text("Salle Calanques")
    main.get_by_label("Seats").fill("1")
    main.get_by_role("checkbox", name="écran").check()
    main.get_by_role("button", name="Search").click()
    expect(main.get_by_role("listitem")).to_contain_text("Salle Prado")
    expect(main.get_by_role("listitem")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_no_room_is_free_the_nearest_times_are_offered(dashboard: Site, language: str) -> None:
    says = FIND[language]
    for room in ("prado", "calanques"):
        put(dashboard, a_booking(on=DAY, at="09:00", until="12:00", summary="Jury"), room=room, email=PAUL)
    page = seated(dashboard, MARIE, language)
    page.goto("/find")
    main = page.get_by_role("main")
    main.get_by_label("Date", exact=True).fill(DAY)
    main.get_by_role("combobox", name=says["from"]).fill("10:00")
    main.get_by_role("combobox", name=says["to"]).fill("11:00")
    main.get_by_role("button", name=says["search"]).click()
    expect(main.get_by_role("heading", name=says["nearest"])).to_be_visible()
    offer = main.get_by_role("button", name=re.compile(f"^{says['book']}.*Salle")).first
    words = offer.get_attribute("aria-label") or ""
    offer.click()
    start = dialog(page).get_by_role("combobox", name=WORDS[language].start).input_value()
    assert start in words
    fill_and_confirm(page, "Sinon", WORDS[language])
    found = [each for room in ("prado", "calanques") for each in held(dashboard, room, "2027-01-12", "2027-03-01")]
    assert [each[11:16] for each in found if each.endswith("Sinon")] == [start]
