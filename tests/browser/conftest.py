from __future__ import annotations

from collections.abc import Iterator

import pytest
from board import NOW, a_site_at, clear
from chromium import FLAGS, Site, a_site, chromium
from playwright.sync_api import Browser, expect, sync_playwright

expect.set_options(timeout=10_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site"), browser) as site:
        yield site


@pytest.fixture
def site(served: Site) -> Iterator[Site]:
    """The module's site; the story's browser profiles are closed after it."""
    yield served
    served.leave()


@pytest.fixture(scope="session")
def site_of_2027(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site_at(NOW, tmp_path_factory.mktemp("dashboard"), browser) as site:
        yield site


@pytest.fixture
def dashboard(site_of_2027: Site) -> Iterator[Site]:
    """A site whose clock stands in 2027, for one story of the dashboard: emptied after it."""
    yield site_of_2027
    clear(site_of_2027)
