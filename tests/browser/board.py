"""The dashboard as a hand, a keyboard and a calendar client meet it, by roles and names, in January 2027."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import recurring_ical_events
from building import PARIS
from chromium import CONFIG, Sink, Site, free_port, sign_in
from icalendar import Calendar
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from running import ANNE, MARIE, PROGRAM, Running, a_config, furnish, launch

NOW = "2027-01-12T10:52"
"""When the stories play, on the lab's clock: a Tuesday."""

TRAVELLER = """
import datetime, os, time_machine
ahead = datetime.timedelta(seconds=float(os.environ["CLOCK_AHEAD"]))
time_machine.travel(datetime.datetime.now(datetime.timezone.utc) + ahead).start()
"""
"""What makes a server's processes live at another time."""


@dataclass(frozen=True)
class Words:
    """The names on the pages, in one language."""

    note: str
    confirm: str
    close: str
    remove: str
    room: str
    date: str
    start: str
    end: str
    advanced: str
    repeats: str
    weekly: str
    undo: str
    unavailable: str
    this: str
    following: str
    all: str
    previous: str
    next: str
    today: str


WORDS = {
    "fr": Words(
        note="Note",
        confirm="Confirmer",
        close="Fermer",
        remove="Supprimer la réservation",
        room="Salle",
        date="Date",
        start="Début",
        end="Fin",
        advanced="Options avancées",
        repeats="Répéter",
        weekly="Hebdomadaire",
        undo="Annuler",
        unavailable="Pas disponible",
        this="Cette occurrence",
        following="Cette occurrence et les suivantes",
        all="Toute la série",
        previous="Précédent",
        next="Suivant",
        today="Aujourd’hui",
    ),
    "en": Words(
        note="Note",
        confirm="Confirm",
        close="Close",
        remove="Delete booking",
        room="Room",
        date="Date",
        start="Start",
        end="End",
        advanced="Advanced options",
        repeats="Repeats",
        weekly="Weekly",
        undo="Undo",
        unavailable="Not available",
        this="This occurrence",
        following="This and the following",
        all="The whole series",
        previous="Previous",
        next="Next",
        today="Today",
    ),
}
LANGUAGES = tuple(WORDS)
UNAVAILABLE = re.compile("^(Not available|Pas disponible)$")


# ---- a site at another time


@contextmanager
def a_site_at(now: str, folder: Path, browser: Browser, workers: int = 1, more: str = "") -> Iterator[Site]:
    """A served site whose clock began at a moment of the lab's clock."""
    sink = Sink()
    sink.start()
    text = CONFIG.format(port=free_port(), data_dir=str(folder / "data"), smtp=sink.port, more=more)
    config = a_config(folder, text)
    furnish(config)
    (folder / "sitecustomize.py").write_text(TRAVELLER)
    site = Site(serve_at(now, config, workers), sink, browser)
    try:
        yield site
    finally:
        site.leave()
        site.running.stop()
        sink.stop()


def serve_at(now: str, config: Path, workers: int = 1) -> Running:
    ahead = datetime.fromisoformat(now).replace(tzinfo=PARIS).timestamp() - time.time()
    environment = [f"PYTHONPATH={config.parent}", f"CLOCK_AHEAD={ahead}"]
    command = ["env", *environment, PROGRAM, "serve", "--config", config, "--workers", str(workers)]
    return launch(config, command)


def clear(site: Site) -> None:
    """Takes every booking away, and those who look at them."""
    site.leave()
    manager = site.running.client(ANNE)
    for room in ("prado", "calanques"):
        for name in names(site, room):
            assert manager("DELETE", f"/dav/rooms/{room}/{name}").status in (200, 204)
    manager.close()


# ---- what is stored, as a calendar client reads it


def put(
    site: Site, data: bytes, name: str = "by-caldav.ics", room: str = "prado", email: str = MARIE, status: int = 201
) -> None:
    client = site.running.client(email)
    answer = client("PUT", f"/dav/rooms/{room}/{name}", data, {"Content-Type": "text/calendar; charset=utf-8"})
    assert answer.status == status, answer.text
    client.close()


def names(site: Site, room: str = "prado") -> list[str]:
    """The names of a room's bookings."""
    client = site.running.client(ANNE)
    listing = client("PROPFIND", f"/dav/rooms/{room}/", headers={"Depth": "1"}).text
    client.close()
    return re.findall(rf"/dav/rooms/{room}/([^<>/]+\.ics)<", listing)


def calendar(site: Site, room: str = "prado", email: str = MARIE) -> str:
    """A room's calendar, unfolded."""
    client = site.running.client(email)
    text = client("GET", f"/dav/rooms/{room}/").text
    client.close()
    return text.replace("\r\n ", "")


def held(site: Site, room: str, first: str, last: str = "") -> list[str]:
    """What a room holds on a day, or from one to another, on the lab's clock: "2027-02-02 10:00-11:00 Réunion"."""
    text = calendar(site, room)
    end = date.fromisoformat(last or first) + timedelta(days=1)
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(date.fromisoformat(first), end)
    told = []
    for event in found:
        start, until = (event[each].dt.astimezone(PARIS) for each in ("DTSTART", "DTEND"))
        told.append(f"{start:%Y-%m-%d %H:%M}-{until:%H:%M} {event.get('SUMMARY', '')}")
    return sorted(told)


# ---- where a hand goes


@dataclass(frozen=True)
class Lane:
    """A room's day on a page, from one zone that cannot be booked to the next; `down`: time runs down."""

    page: Page
    element: Locator
    down: bool = False
    opens: str = "08:00"

    def at(self, clock: str) -> tuple[float, float]:
        """Where a moment is, in the middle of the lane."""
        before = self.zone(0)
        after = self.zone(-1)
        start, end = minute(self.opens), 20 * 60
        share = (minute(clock) - start) / (end - start)
        if self.down:
            top, bottom = before["y"] + before["height"], after["y"]
            return after["x"] + after["width"] / 2, top + share * (bottom - top)
        left, right = before["x"] + before["width"], after["x"]
        return left + share * (right - left), after["y"] + after["height"] / 2

    def zone(self, which: int) -> FloatRect:
        box = self.element.get_by_role("img", name=UNAVAILABLE).nth(which).bounding_box()
        assert box is not None
        return box

    def drag(self, start: str, end: str) -> None:
        """Draws a slot; two minutes inside its quarter hours, as a hand does."""
        ahead = 2 if minute(start) < minute(end) else -2
        drag(self.page, self.at(clock(minute(start) + ahead)), self.at(clock(minute(end) - ahead)))


def minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def seated(site: Site, email: str, language: str = "en", **device: Any) -> Page:
    """A page of somebody who has signed in before: `Site.member` without its two pages."""
    page = site.visitor(language, **device)
    cookies = _signed_in.get((site.url, email))
    if cookies is None:
        sign_in(page, email)
        _signed_in[site.url, email] = [each for each in page.context.cookies() if "session" in each["name"]]
    else:
        page.context.add_cookies(cookies)
    return page


_signed_in: dict[tuple[str, str], list[Any]] = {}


def day(page: Page, on: str) -> Page:
    """Opens the day of all rooms."""
    page.goto(f"/?date={on}")
    expect(page.get_by_role("application")).to_be_attached()
    return page


def line(page: Page, room: str = "Salle Prado", opens: str = "08:00") -> Lane:
    """A room's line on the day's page."""
    return Lane(page, page.get_by_role("listitem", name=re.compile(f"^{room}")), opens=opens)


def column(page: Page, words: str) -> Lane:
    """A day's column on a room's page, by the words of its date."""
    element = page.get_by_role("group", name=re.compile("^" + words.replace(" ", r"\s")))
    element.scroll_into_view_if_needed()
    return Lane(page, element, down=True)


def booking(where: Page | Locator, *words: str) -> Locator:
    """The booking whose accessible name has these words in this order."""
    return where.get_by_role("button", name=re.compile(".*".join(re.escape(each) for each in words)))


def middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def fill_and_confirm(page: Page, note: str, words: Words) -> None:
    dialog(page).get_by_role("textbox", name=words.note).fill(note)
    dialog(page).get_by_role("button", name=words.confirm).click()
    expect(dialog(page)).to_have_count(0)


def toast(page: Page, words: str) -> Locator:
    """What says that something has been done."""
    return page.get_by_role("region", name="Notifications").get_by_text(words)


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until something has the focus."""
    for _ in range(80):
        if target.count() and target.first.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


class Finger:
    """One finger on a phone's screen."""

    def __init__(self, page: Page) -> None:
        self._protocol = page.context.new_cdp_session(page)
        self._at = (0.0, 0.0)

    def press(self, at: tuple[float, float]) -> None:
        self._at = at
        self._send("touchStart", at)

    def move(self, to: tuple[float, float]) -> None:
        (x, y), (left, top) = self._at, to
        for step in range(1, 6):
            self._send("touchMove", (x + (left - x) * step / 5, y + (top - y) * step / 5))
        self._at = to

    def lift(self) -> None:
        self._protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def _send(self, kind: str, at: tuple[float, float]) -> None:
        self._protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]})
