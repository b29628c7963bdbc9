"""A real Chromium for the stories of the pages, and a site that it can reach."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from axe_playwright_python.sync_playwright import Axe
from building import PASSWORD
from playwright.sync_api import Browser, BrowserContext, Page
from running import Running, a_config, furnish, start

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CONFIG = """
[site]
base_url = "http://127.0.0.1:{port}"
[server]
listen = "127.0.0.1:{port}"
[store]
data_dir = {data_dir!r}
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {smtp}
{more}
[[rooms]]
slug = "prado"
name = "Salle Prado"
capacity = 12
location = "Aile bleue"
equipment = ["écran", "visioconférence"]
[[rooms]]
slug = "calanques"
name = "Salle Calanques"
capacity = 20
"""


def chromium() -> str:
    """The browser's path. Without it the story is skipped, but not where it was asked for (`CI`)."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("no chromium, which these tests need")
    pytest.skip("no chromium on this machine")


class Sink:
    """A mail server that keeps what it is sent."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def mail_to(self, address: str, since: int = 0) -> EmailMessage:
        """The newest mail to an address, waiting for it; `since`: not one of the first so many."""
        end = monotonic() + 20
        while monotonic() < end:
            for mail in reversed(self.mails[since:]):
                if address in str(mail["To"]):
                    return mail
            sleep(0.1)
        raise AssertionError(f"no mail to {address} arrived")


def link_in(mail: EmailMessage) -> str:
    """The first address of the site in a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+", body.get_content())
    assert found, body.get_content()
    return found[0]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Site:
    """A running site, its mail server and the browser that visits it."""

    running: Running
    sink: Sink
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.running.url

    def visitor(
        self,
        language: str = "en",
        *,
        phone: bool = False,
        dark: bool = False,
        scripts: bool = True,
        zone: str = "America/New_York",  # never the lab's
    ) -> Page:
        """A new browser profile's first page; on it what goes wrong in a script fails the story."""
        context = self.browser.new_context(
            base_url=self.url,
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            timezone_id=zone,
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        return page

    def member(self, email: str, language: str = "en", **device: Any) -> Page:
        """A page of somebody who is signed in."""
        page = self.visitor(language, **device)
        sign_in(page, email)
        return page

    def leave(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_role("textbox", name=re.compile("^(Email|Adresse électronique)$")).fill(email)
    page.get_by_label(re.compile("^(Password|Mot de passe)$")).fill(password)
    page.get_by_role("button", name=re.compile("^(Log in|Connexion)$")).click()
    page.wait_for_url(re.compile(r"/(?!login)"))


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page: WCAG 2.2 A and AA, and its best practices."""
    results = Axe().run(page)
    return [
        f"{each['id']}: {each['help']}: {node['html'][:160]}"
        for each in results.response["violations"]
        for node in each["nodes"]
    ]


@contextmanager
def a_site(folder: Path, browser: Browser, workers: int = 1, more: str = "") -> Iterator[Site]:
    sink = Sink()
    sink.start()
    text = CONFIG.format(port=free_port(), data_dir=str(folder / "data"), smtp=sink.port, more=more)
    config = a_config(folder, text)
    furnish(config)
    running = start(config, workers, listen="")
    site = Site(running, sink, browser)
    try:
        yield site
    finally:
        site.leave()
        running.stop()
        sink.stop()
