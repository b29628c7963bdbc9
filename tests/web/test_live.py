"""Open pages are told what has changed, whoever changed it."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import running
from browsing import a_browser
from building import PASSWORD, Lab, a_booking
from running import ANNE, MARIE, PAUL, Running

from sesstim_caldav import server
from sesstim_caldav.web.api import live


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    config = running.a_config(tmp_path)
    running.furnish(config)
    site = running.start(config, workers=2)
    yield site
    site.stop()


class Page:
    """An open stream of events."""

    def __init__(self, site: Running, email: str = MARIE) -> None:
        parts = urlsplit(site.url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        token = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
        self.connection.request("GET", "/api/live", headers={"Authorization": f"Basic {token}"})
        self.response = self.connection.getresponse()

    def told(self) -> dict[str, int]:
        """What the next event says."""
        while True:
            line = self.response.readline().decode()
            assert line, "the stream has ended"
            if line.startswith("data: "):
                versions: dict[str, int] = json.loads(line[6:])["versions"]
                return versions

    def rest(self) -> bytes:
        return self.response.read()


def test_a_booking_made_by_caldav_is_told_to_every_open_page(site: Running) -> None:
    pages = [Page(site, who) for who in (MARIE, PAUL, MARIE, PAUL, MARIE, PAUL)]  # spread over two workers
    before = [page.told() for page in pages]
    assert all(set(told) == {"prado", "calanques"} for told in before)
    assert pages[0].response.headers["Content-Type"] == "text/event-stream"

    assert site.client()("PUT", "/dav/rooms/prado/a.ics", a_booking()).status == 201
    began = time.monotonic()
    for page, versions in zip(pages, before, strict=True):
        after = page.told()
        assert after["prado"] > versions["prado"]
        assert after["calanques"] == versions["calanques"]
    assert time.monotonic() - began < 10


def test_open_pages_do_not_keep_the_server_from_ending(site: Running) -> None:
    pages = [Page(site) for _ in range(4)]
    for page in pages:
        page.told()

    began = time.monotonic()
    assert site.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 10
    assert [page.rest().strip() for page in pages] == [b""] * 4  # ended in order, no connection torn


def test_there_is_a_thread_for_every_page_that_is_let_in() -> None:
    assert live.MOST_OPEN <= server.OPEN_PAGES < server.BLOCKING_THREADS


def test_a_new_page_ends_the_oldest_of_too_many(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_EACH", 2)
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)

    pages = [browser.get("/api/live") for _ in range(3)]
    assert [page.status_code for page in pages] == [200] * 3
    assert len(list(pages[0].response)) == 1  # what it was told at once, and nothing more
    for page in pages:
        page.close()


def test_so_many_pages_and_no_more(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_OPEN", 1)
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)

    first = browser.get("/api/live")
    full = browser.get("/api/live")
    assert (full.status_code, full.json["error"]) == (503, "too-many-pages")
    assert int(full.headers["Retry-After"]) > 0
    first.close()
    assert browser.client.head("/api/live").status_code == 200  # which holds nothing open
    second = browser.get("/api/live")
    assert second.status_code == 200
    second.close()


def test_a_stranger_is_told_nothing(lab: Lab) -> None:
    assert a_browser(lab.office).get("/api/live").status_code == 401


def test_many_open_pages_leave_room_for_work(site: Running) -> None:
    pages = [Page(site, who) for who in (MARIE, PAUL, ANNE) for _ in range(30)]  # more than are worked on at once
    for page in pages:
        page.told()

    for number in range(8):
        assert site.client()("GET", f"/api/rooms?{number}").status == 200


def test_who_may_not_come_in_any_more_is_told_nothing_more(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_EVERY", 0.05)
    browser = a_browser(lab.office)
    browser.sign_in(lab.marie)

    page = browser.get("/api/live")
    lab.office.accounts.disable(lab.marie.email)
    assert [piece for piece in page.response if b"data" in piece][1:] == []  # which comes to its end
    page.close()
