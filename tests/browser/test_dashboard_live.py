"""The open page keeps up: with several worker processes, through a restart, over a night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from board import NOW, a_site_at, booking, day, line, put, serve_at
from building import a_booking
from chromium import Site, sign_in
from playwright.sync_api import Browser, expect
from running import MARIE, PAUL

DAY = "2027-02-02"
LOST = "The connection is lost"


@pytest.fixture
def two_workers(browser: Browser, tmp_path: Path) -> Iterator[Site]:
    with a_site_at(NOW, tmp_path, browser, workers=2) as site:
        yield site


def test_open_pages_hear_of_bookings_through_restarts_and_over_a_night(two_workers: Site) -> None:
    page = two_workers.visitor()
    page.clock.install(time=datetime.fromisoformat("2027-01-12T09:52:00+00:00"))
    sign_in(page, MARIE)
    page.goto("/")
    expect(page.get_by_role("application")).to_be_attached()
    others = [day(two_workers.member(PAUL), DAY) for _ in range(3)]

    # whichever worker took the booking, whichever a page listens to
    for number in range(3):
        put(two_workers, a_booking(on=DAY, at=f"{10 + number}:00", until=f"{11 + number}:00"), f"{number}.ics")
    for other in others:
        for number in range(3):
            expect(booking(other, "Réunion projet", f"{10 + number}:00–{11 + number}:00")).to_be_visible()

    # the server is away over night
    two_workers.running.stop()
    expect(others[0].get_by_text(LOST).first).to_be_visible()
    two_workers.running = serve_at("2027-01-13T08:10", two_workers.running.config, workers=2)
    put(two_workers, a_booking(on=DAY, at="16:00", until="17:00", summary="Après"), "after.ics")
    expect(booking(others[0], "Après")).to_be_visible(timeout=20_000)
    expect(others[0].get_by_text(LOST)).to_have_count(0)

    # and this page was left open
    put(two_workers, a_booking(on="2027-01-13", summary="Matin"), "morning.ics")
    page.clock.fast_forward("21:18:00")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wednesday 13 January 2027", timeout=20_000)
    expect(booking(page, "Matin", "10:00–11:00")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(LOST)).to_have_count(0)
    line(page, opens="08:00").drag("11:00", "12:00")
    expect(page.get_by_role("dialog").get_by_label("Date")).to_have_value("2027-01-13")
