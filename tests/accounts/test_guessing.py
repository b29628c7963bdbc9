"""A thousand guesses at a served site: what gets through, who is not disturbed, and what a restart changes."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from building import PASSWORD
from running import MARIE, PAUL, Client, Running, a_config, furnish, start

GUESSES = 1000
BURST, PER_MINUTE = 10, 2  # the defaults of sign_in for an account
ROOMS = "/dav/rooms/"


def asks(url: str, email: str, password: str, client: str = "127.0.0.1") -> tuple[int, str]:
    """Status and Retry-After of one request on a connection of its own, which any of the workers may take."""
    asking = Client(url, email, password)
    answer = asking("PROPFIND", ROOMS, headers={"Depth": "0", "X-Forwarded-For": client})
    asking.close()
    return answer.status, answer.headers.get("retry-after", "")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = a_config(tmp_path)
    furnish(config)
    return config


def guesses(url: str, many: int, client: str, between: Callable[[], None]) -> tuple[Counter[int], float]:
    """Guesses at Marie's password, on connections that both workers take; how often it was which status, in minutes."""
    began = time.monotonic()
    answered: Counter[int] = Counter()
    wrong = Client(url, MARIE, "")
    for number in range(many):
        wrong.password = f"guess {number}"
        if number % 100 == 50:
            wrong.close()
            between()
        answer = wrong("PROPFIND", ROOMS, headers={"Depth": "0", "X-Forwarded-For": client})
        answered[answer.status] += 1
        assert answer.status == 401 or int(answer.headers["retry-after"]) >= 1
    wrong.close()
    return answered, (time.monotonic() - began) / 60


def test_a_thousand_guesses_are_slowed_to_the_floor_and_disturb_no_device(config: Path) -> None:
    site = start(config, workers=2)
    try:
        app_password = site.command("accounts", "app-password", MARIE, "--label", "phone").stdout.strip()
        devices = [(MARIE, PASSWORD), (MARIE, app_password), (PAUL, PASSWORD)]

        def all_get_in() -> None:
            assert [asks(site.url, *device)[0] for device in devices] == [207, 207, 207]

        all_get_in()
        # from elsewhere, and from the very address of the devices
        for client, many in (("203.0.113.7", GUESSES), ("127.0.0.1", GUESSES // 2)):
            answered, minutes = guesses(site.url, many, client, all_get_in)
            assert answered.keys() == {401, 429}
            assert BURST <= answered[401] <= BURST + PER_MINUTE * minutes + 1
        assert asks(site.url, MARIE, PASSWORD, client="203.0.113.9")[0] == 429  # where nothing is known of her
        assert asks(site.url, PAUL, "wrong", client="203.0.113.9")[0] == 401
    finally:
        site.stop()
    site = start(config, workers=2)
    try:
        for client in ("203.0.113.7", "127.0.0.1"):
            assert guesses(site.url, 20, client, lambda: None)[0][429] >= 19
        assert asks(site.url, MARIE, app_password)[0] == 207
        assert asks(site.url, PAUL, PASSWORD)[0] == 207
    finally:
        site.stop()


def test_too_many_guesses_are_told_how_long_to_wait(config: Path) -> None:
    site = start(config)
    try:
        for number in range(BURST):
            assert asks(site.url, MARIE, f"guess {number}")[0] == 401
        status, wait = asks(site.url, MARIE, PASSWORD)

        assert status == 429
        assert 1 <= int(wait) <= 30
    finally:
        site.stop()


def test_the_page_and_caldav_count_together(config: Path) -> None:
    site = start(config, workers=2)
    try:
        browser = requests.Session()

        def types(password: str) -> requests.Response:
            page = browser.get(f"{site.url}/login", timeout=60)
            token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
            assert token
            form = {"csrf_token": token[1], "email": MARIE, "password": password}
            return browser.post(f"{site.url}/login", form, timeout=60, allow_redirects=False)

        for number in range(BURST // 2):
            assert asks(site.url, MARIE, f"guess {number}")[0] == 401
            assert types(f"guess again {number}").status_code == 403

        slowed = types(PASSWORD)
        assert slowed.status_code == 429
        assert 1 <= int(slowed.headers["Retry-After"]) <= 60 / PER_MINUTE
        assert "attempts" in slowed.text or "tentatives" in slowed.text
        assert asks(site.url, MARIE, PASSWORD)[0] == 429
        assert asks(site.url, PAUL, PASSWORD)[0] == 207
    finally:
        site.stop()


def test_a_request_without_credentials_is_no_guess(config: Path) -> None:
    site = start(config)
    try:
        silent = Client(site.url, MARIE, "")
        for _ in range(100):
            assert silent("PROPFIND", ROOMS, headers={"Authorization": ""}).status == 401
            assert silent("PROPFIND", ROOMS).status == 401  # a name and no password
        silent.close()

        assert asks(site.url, MARIE, PASSWORD)[0] == 207
    finally:
        site.stop()


def test_the_sentence_is_in_the_language_asked_for(config: Path) -> None:
    site: Running = start(config)
    try:
        wrong = Client(site.url, MARIE, "wrong")
        for _ in range(BURST):
            wrong("PROPFIND", ROOMS)
        said = [wrong("PROPFIND", ROOMS, headers={"Accept-Language": language}).text for language in ("fr", "en")]
        wrong.close()

        assert "mots de passe" in said[0]
        assert "wrong passwords" in said[1]
    finally:
        site.stop()
