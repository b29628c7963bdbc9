"""Nothing on the dashboard stands in anybody's way: axe-core, sideways scroll, and pages without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from board import LANGUAGES, WORDS, booking, column, day, dialog, drag, line, middle, put, seated
from building import a_booking
from chromium import Site, violations
from playwright.sync_api import Page, expect
from running import ANNE, MARIE, PAUL

DAY = "2027-02-02"  # a Tuesday
PAGES = [
    f"/?date={DAY}",
    "/",
    f"/?view=week&date={DAY}",
    f"/?view=month&date={DAY}",
    f"/rooms/prado?date={DAY}",
    "/bookings",
    "/find",
]
DEVICES = [
    pytest.param("fr", {"phone": False, "dark": False}, id="fr desktop light"),
    pytest.param("en", {"phone": False, "dark": True}, id="en desktop dark"),
    pytest.param("en", {"phone": True, "dark": False}, id="en phone light"),
    pytest.param("fr", {"phone": True, "dark": True}, id="fr phone dark"),
]


@pytest.fixture
def furnished(dashboard: Site) -> Site:
    """Bookings of all kinds: one's own, a series, others', private ones, short ones, past ones."""
    put(dashboard, a_booking(on=DAY, at="08:00", until="08:15", summary="Bref"), "short.ics")
    put(dashboard, a_booking(on=DAY, at="09:00", until="10:30", summary="Point d’étape"), "own.ics")
    put(dashboard, a_booking(on=DAY, at="16:00", until="18:00", extra="CLASS:PRIVATE", summary="Bilan"), "private.ics")
    put(
        dashboard,
        a_booking(on=DAY, at="14:00", until="15:00", repeats="FREQ=WEEKLY;COUNT=5", summary="Groupe"),
        "s.ics",
    )
    put(dashboard, a_booking(on=DAY, at="11:00", until="12:00", summary="Jury"), "other.ics", email=PAUL)
    hidden = a_booking(on=DAY, at="12:00", until="12:30", extra="CLASS:PRIVATE", summary="Entretien")
    put(dashboard, hidden, "hidden.ics", email=PAUL)
    put(dashboard, a_booking(on="2027-01-11", summary="Passé"), "past.ics")
    put(dashboard, a_booking(on="2027-01-12", at="10:30", until="11:30", summary="En cours"), "now.ics", "calanques")
    return dashboard


def clean(page: Page, where: str) -> None:
    """Nothing that axe-core finds, and nothing to be scrolled sideways."""
    expect(page.locator(".stale, .asking, [aria-busy=true]")).to_have_count(0)
    assert violations(page) == [], where
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{where} scrolls sideways by {wide}"


@pytest.mark.parametrize(("language", "device"), DEVICES)
def test_every_page_is_open_to_everybody(furnished: Site, language: str, device: dict[str, bool]) -> None:
    page = seated(furnished, MARIE, language, **device)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("html.live")).to_be_attached()
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        clean(page, path)


@pytest.mark.parametrize(("language", "device"), DEVICES)
def test_every_state_of_the_dialog_is_open_to_everybody(
    furnished: Site, language: str, device: dict[str, bool]
) -> None:
    words = WORDS[language]
    page = seated(furnished, ANNE, language, **device)
    for state in states(furnished, page, words.note, language, phone=device["phone"]):
        clean(page, state)


def states(site: Site, page: Page, note: str, language: str, *, phone: bool) -> Iterator[str]:
    words = WORDS[language]
    page.goto(f"/rooms/prado?date={DAY}")
    lane = column(page, {"fr": "mardi 2 février 2027", "en": "Tuesday 2 February 2027"}[language])
    box = dialog(page)

    page.mouse.click(*lane.at("10:35"))
    expect(box.get_by_text({"fr": "Libre", "en": "Free"}[language])).to_be_visible()
    yield "a new booking"
    box.get_by_role("textbox", name=note).fill("Appeler le 06 12 34 56 78")
    box.get_by_role("button", name=words.advanced).click()
    box.get_by_role("combobox", name=words.repeats).select_option("monthly")
    yield "advanced options, and a note that looks personal"
    box.get_by_role("combobox", name=words.start).click()
    expect(box.get_by_role("listbox")).to_be_visible()
    yield "the choice of times"
    page.keyboard.press("Escape")
    box.get_by_role("combobox", name=words.repeats).select_option("never")
    box.get_by_role("combobox", name=words.end).fill("12:15")
    page.keyboard.press("Tab")
    expect(box.get_by_role("link", name="Paul Martin").first).to_be_visible()
    yield "a refusal"
    box.get_by_role("button", name=words.advanced).click()
    box.get_by_role("button", name=words.close).click()
    expect(box).to_have_count(0)

    if not phone:
        page.mouse.move(*lane.at("10:31"))
        page.mouse.down()
        page.mouse.move(*lane.at("11:20"), steps=3)
        yield "a slot that is drawn over another's booking"
        page.keyboard.press("Escape")
        page.mouse.up()

    booking(page, "Jury").click()
    expect(box.get_by_role("button", name=words.remove)).to_be_enabled()
    yield "a manager's dialog on another's booking"
    box.get_by_role("button", name=words.remove).click()
    expect(page.get_by_role("button", name=words.undo)).to_be_visible()
    yield "what was done, and the way back"


@pytest.mark.parametrize(("language", "device"), DEVICES)
def test_a_booking_is_read_by_everybody(furnished: Site, language: str, device: dict[str, bool]) -> None:
    page = seated(furnished, MARIE, language, **device)
    page.goto(f"/rooms/prado?date={DAY}")
    booking(page, "Jury").click()
    expect(dialog(page).get_by_role("link", name="Paul Martin")).to_be_visible()
    clean(page, "a booking to be read")
    dialog(page).get_by_role("button", name=WORDS[language].close).click()
    booking(page, "Paul Martin").last.click()
    expect(dialog(page).get_by_role("heading", name=re.compile("^(Réservé|Reserved)$"))).to_be_visible()
    clean(page, "a private booking")
    dialog(page).get_by_role("button", name=WORDS[language].close).click()
    booking(page, "Groupe").click()
    expect(dialog(page).get_by_role("radio", name=WORDS[language].all)).to_be_enabled()
    clean(page, "a date of a series")
    dialog(page).get_by_role("button", name=WORDS[language].close).click()
    if not device["phone"]:
        day(page, DAY)
        drag(page, middle(booking(page, "Groupe")), line(page).at("19:00"))
        expect(dialog(page).get_by_role("button", name=WORDS[language].all)).to_be_visible()
        clean(page, "the question how much of a series is moved")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_pages_are_read_without_scripts(furnished: Site, language: str, phone: bool) -> None:
    page = seated(furnished, MARIE, language, phone=phone, scripts=False)
    for path in (f"/?date={DAY}", f"/?view=week&date={DAY}", f"/rooms/prado?date={DAY}"):
        page.goto(path)
        listed = page.get_by_role("listitem").filter(has_text="Point d’étape").last
        expect(listed).to_contain_text("09:00–10:30")
        expect(page.get_by_role("listitem").filter(has_text="Jury").last).to_contain_text("Paul Martin")
        taken = page.get_by_role("listitem").filter(has_text="12:00–12:30").last
        expect(taken).to_contain_text(re.compile("Réservé|Reserved"))
        expect(taken).to_contain_text("Paul Martin")
        expect(page.get_by_role("main")).not_to_contain_text("Entretien")
        assert page.get_by_role("heading", level=1).count() == 1

    page.goto("/bookings")
    expect(page.get_by_role("listitem").filter(has_text="Point d’étape").last).to_contain_text("Salle Prado")
    page.goto(f"/?view=month&date={DAY}")
    tuesday = {"fr": "Mardi 2 février", "en": "Tuesday 2 February"}[language]
    expect(page.get_by_role("link", name=re.compile(f"^{tuesday}"))).to_be_visible()


def test_a_room_is_found_without_scripts(furnished: Site) -> None:
    page = seated(furnished, MARIE, scripts=False)
    page.goto(f"/find?dates={DAY}&length=60&from=09:00&to=12:00&seats=13")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Salle Calanques")
    expect(main).to_contain_text("09:00")


@pytest.mark.parametrize("path", PAGES[:5])
def test_nothing_jumps_when_the_script_takes_the_page_over(furnished: Site, path: str) -> None:
    page = seated(furnished, MARIE)
    page.add_init_script(
        """window.jumps = 0;
        const add = (list) => { for (const each of list.getEntries()) window.jumps += each.value };
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(path)
    expect(page.locator("html.live")).to_be_attached()
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    assert page.evaluate("window.jumps") < 0.1


def test_at_twice_the_size_all_is_there(furnished: Site) -> None:
    """Zoom 200 % of a 1440 by 900 screen is a page of 720 by 450."""
    page = seated(furnished, MARIE)
    page.set_viewport_size({"width": 720, "height": 450})
    for path in PAGES:
        page.goto(path)
        expect(page.locator("html.live")).to_be_attached()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    day(page, DAY)
    line(page).drag("13:00", "14:00")
    confirm = dialog(page).get_by_role("button", name="Confirm")
    confirm.scroll_into_view_if_needed()
    expect(confirm).to_be_in_viewport()
