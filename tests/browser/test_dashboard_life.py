"""The dashboard in daily life: by keyboard alone, by touch, pressed twice, signed out, without network."""

from __future__ import annotations

import re

import pytest
from board import LANGUAGES, WORDS, Finger, booking, column, day, dialog, held, line, put, seated, tab_to, toast
from building import PASSWORD, a_booking
from chromium import Site
from playwright.sync_api import Route, expect
from running import MARIE

DAY = "2027-02-02"  # a Tuesday


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_done_by_keyboard_alone(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = day(seated(dashboard, MARIE, language), DAY)
    tab_to(page, page.get_by_role("application"))
    for key in ["ArrowRight", *["ArrowRight"] * 8, "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight"]:
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="Salle Calanques")).to_contain_text("10:00–11:30")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("textbox", name=words.note)).to_be_focused()
    page.keyboard.type("Point")
    tab_to(page, dialog(page).get_by_role("button", name=words.confirm))
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    block = booking(page, "Point", "10:00–11:30")
    expect(block).to_be_visible()
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 10:00-11:30 Point"]

    tab_to(page, block)
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("textbox", name=words.note)).to_be_focused()
    tab_to(page, dialog(page).get_by_role("combobox", name=words.start))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("14:00")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    expect(booking(page, "Point", "14:00–15:30")).to_be_focused()

    page.keyboard.press("Enter")
    tab_to(page, dialog(page).get_by_role("button", name=words.remove))
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    tab_to(page, page.get_by_role("button", name=words.undo))
    page.keyboard.press("Enter")
    expect(booking(page, "Point", "14:00–15:30")).to_be_visible()
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 14:00-15:30 Point"]


def test_escape_leaves_the_dialog_and_then_the_slot(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    tab_to(page, page.get_by_role("application"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("application")).to_be_focused()
    assert held(dashboard, "prado", DAY) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slot_is_pressed_long_and_drawn_with_a_finger(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = seated(dashboard, MARIE, language, phone=True)
    page.goto(f"/?date={DAY}")
    page.get_by_role("link", name=re.compile("^Salle Prado")).tap()
    lane = column(page, {"fr": "mardi 2 février 2027", "en": "Tuesday 2 February 2027"}[language])
    finger = Finger(page)
    finger.press(lane.at("10:02"))
    expect(lane.element.get_by_text("10:00–10:15")).to_be_visible()
    finger.move(lane.at("10:58"))
    expect(lane.element.get_by_text("10:00–11:00")).to_be_visible()
    finger.lift()
    expect(dialog(page).get_by_role("combobox", name=words.end)).to_have_value("11:00")

    grip = lane.element.locator("[data-edge=end]").bounding_box()
    assert grip is not None
    finger.press((grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2))
    finger.move(lane.at("11:30"))
    finger.lift()
    expect(dialog(page).get_by_role("combobox", name=words.end)).to_have_value("11:30")
    dialog(page).get_by_role("textbox", name=words.note).fill("Point")
    dialog(page).get_by_role("button", name=words.confirm).tap()
    expect(dialog(page)).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:30 Point"]


def test_a_booking_is_pressed_long_and_carried_with_a_finger(dashboard: Site) -> None:
    put(dashboard, a_booking(on=DAY, summary="Point"))
    page = seated(dashboard, MARIE, phone=True)
    page.goto(f"/rooms/prado?date={DAY}")
    lane = column(page, "Tuesday 2 February 2027")
    finger = Finger(page)
    finger.press(lane.at("10:30"))
    carried = lane.element.get_by_text("10:00–11:00 1 h")
    expect(carried.or_(lane.element.locator("[data-slot]")).first).to_be_visible()
    finger.move(lane.at("12:30"))
    finger.lift()
    expect(toast(page, "Moved: Salle Prado, Tuesday 2 February, 12:00–13:00")).to_be_visible()
    assert held(dashboard, "prado", DAY) == ["2027-02-02 12:00-13:00 Point"]


def test_a_finger_that_scrolls_draws_nothing(dashboard: Site) -> None:
    page = seated(dashboard, MARIE, phone=True)
    page.goto(f"/rooms/prado?date={DAY}")
    lane = column(page, "Tuesday 2 February 2027")
    finger = Finger(page)
    finger.press(lane.at("12:00"))
    finger.move(lane.at("09:00"))
    finger.lift()
    expect(dialog(page)).to_have_count(0)
    expect(lane.element.locator("[data-slot]")).to_have_count(0)
    assert page.evaluate("scrollY") > 0


def test_confirm_pressed_twice_books_once(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    waiting: list[Route] = []
    page.route("**/api/bookings", lambda route: waiting.append(route))
    line(page).drag("10:00", "11:00")
    dialog(page).get_by_role("textbox", name="Note").fill("Point")
    dialog(page).get_by_role("button", name="Confirm").dblclick()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("button", name="Saving…")).to_be_visible()
    assert len(waiting) == 1
    waiting[0].continue_()
    expect(dialog(page)).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Point"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_that_ended_comes_back_to_the_same_dialog_with_what_was_typed(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = day(dashboard.member(MARIE, language), DAY)
    line(page, "Salle Calanques").drag("10:00", "11:30")
    box = dialog(page)
    box.get_by_role("textbox", name=words.note).fill("Point")
    box.get_by_role("button", name=words.advanced).click()
    box.get_by_role("textbox", name="Description").fill("Salle claire")
    other = page.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name=re.compile("^(Log out|Déconnexion)$")).click()
    other.wait_for_url(re.compile("/login"))
    other.close()

    box.get_by_role("button", name=words.confirm).click()
    box.get_by_role("alert").get_by_role("button", name=re.compile("^(Log in|Se connecter)$")).click()
    page.get_by_role("textbox", name=re.compile("^(Email|Adresse électronique)$")).fill(MARIE)
    page.get_by_label(re.compile("^(Password|Mot de passe)$")).fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^(Log in|Connexion)$")).click()
    page.wait_for_url(f"**/?date={DAY}")
    expect(box.get_by_role("textbox", name=words.note)).to_have_value("Point")
    expect(box.get_by_role("textbox", name="Description")).to_have_value("Salle claire")
    expect(box.get_by_role("combobox", name=words.room)).to_have_value("calanques")
    box.get_by_role("button", name=words.confirm).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "calanques", DAY) == ["2027-02-02 10:00-11:30 Point"]


OFFLINE = {
    "fr": "Le réseau ne répond pas. Ce que vous avez saisi reste ici",
    "en": "The network does not answer. What you typed stays here",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_network_gone_while_confirming_is_said_and_nothing_is_lost(dashboard: Site, language: str) -> None:
    words = WORDS[language]
    page = day(seated(dashboard, MARIE, language), DAY)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("textbox", name=words.note).fill("Point")
    page.context.set_offline(True)
    box.get_by_role("button", name=words.confirm).click()
    expect(box.get_by_role("alert")).to_contain_text(OFFLINE[language])
    expect(box.get_by_role("textbox", name=words.note)).to_have_value("Point")
    assert held(dashboard, "prado", DAY) == []

    page.context.set_offline(False)
    box.get_by_role("button", name=words.confirm).click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Point"]


def test_a_booking_whose_answer_was_lost_is_not_made_twice(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)

    def lose(route: Route) -> None:
        assert route.fetch().status == 201
        route.abort()

    page.route("**/api/bookings", lose, times=1)
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    box.get_by_role("textbox", name="Note").fill("Point")
    box.get_by_role("button", name="Confirm").click()
    expect(box.get_by_role("alert")).to_contain_text(OFFLINE["en"])
    box.get_by_role("button", name="Confirm").click()
    expect(box).to_have_count(0)
    assert held(dashboard, "prado", DAY) == ["2027-02-02 10:00-11:00 Point"]


def test_what_confirm_met_stays_to_be_read_when_a_check_is_answered_later(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    checks: list[Route] = []
    page.route("**/api/examine", lambda route: checks.append(route))
    page.route("**/api/bookings", lambda route: route.abort())
    line(page).drag("10:00", "11:00")
    box = dialog(page)
    expect(box.get_by_text("Checking…")).to_be_visible()
    box.get_by_role("button", name="Confirm").click()
    expect(box.get_by_role("alert")).to_contain_text(OFFLINE["en"])
    for check in checks:
        check.continue_()
    expect(box.get_by_text("Free.", exact=True)).to_be_visible()
    expect(box.get_by_role("alert")).to_contain_text(OFFLINE["en"])


def test_view_date_and_room_are_in_the_address_and_the_back_button_goes_back(dashboard: Site) -> None:
    page = day(seated(dashboard, MARIE), DAY)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?date=2027-02-03$"))
    page.get_by_role("main").get_by_text("Week", exact=True).click()
    expect(page).to_have_url(re.compile(r"view=week"))
    page.get_by_role("link", name="Salle Prado").click()
    expect(page).to_have_url(re.compile(r"/rooms/prado\?date=2027-02-03$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"view=week"))
    page.go_back()
    expect(page.get_by_role("heading", name="Wednesday 3 February 2027")).to_be_visible()
