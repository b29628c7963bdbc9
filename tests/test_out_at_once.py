"""Who may not come in any more is out with the next request: by CalDAV, on the pages and with feeds."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from building import PASSWORD
from running import PAUL, Running, a_config, furnish, start

from sesstim_caldav import settings as configuration
from sesstim_caldav.accounts.members import Members
from sesstim_caldav.office import Office


class Doors:
    """Paul at every door: with his own password, an application password, a browser's session and a feed."""

    def __init__(self, running: Running) -> None:
        self.running = running
        with Office.open(configuration.load(running.config)) as office:
            paul = office.accounts.by_email(PAUL)
            assert paul is not None
            self.device = office.accounts.app_password(PAUL, "Phone")
            self.feed = "/feeds/" + office.subscriptions.make(paul, "prado") + "/prado.ics"
        self.cookie = ""
        _, page = self.ask("/login")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = {"email": PAUL, "password": PASSWORD, "csrf_token": token[1]}
        assert self.ask("/login", form)[0] == 303

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        parts = urlsplit(self.running.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        known = dict(each.split("=", 1) for each in self.cookie.split("; ") if each)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            known[name] = value
        self.cookie = "; ".join(f"{name}={value}" for name, value in known.items())
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def open(self) -> dict[str, bool]:
        own, device = self.running.client(PAUL), self.running.client(PAUL)
        device.password = self.device
        return {
            "CalDAV": own("PROPFIND", "/dav/", headers={"Depth": "0"}).status == 207,
            "device": device("PROPFIND", "/dav/", headers={"Depth": "0"}).status == 207,
            "pages": self.ask("/account")[0] == 200,
            "feed": self.ask(self.feed)[0] == 200,
        }


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    config = a_config(tmp_path)
    furnish(config)
    running = start(config, workers=2)
    try:
        doors = Doors(running)
        yield doors
    finally:
        doors.running.stop()


ALL = {"CalDAV": True, "device": True, "pages": True, "feed": True}
NONE = dict.fromkeys(ALL, False)


def test_a_disabled_account_is_out_everywhere_and_back_once_enabled(doors: Doors) -> None:
    assert doors.open() == ALL

    doors.running.command("accounts", "disable", PAUL)
    assert doors.open() == NONE

    doors.running.command("accounts", "enable", PAUL)
    assert doors.open() == ALL


def test_a_domain_taken_out_of_the_configuration_ends_its_accounts(doors: Doors) -> None:
    assert doors.open() == ALL

    doors.running.stop()
    text = doors.running.config.read_text()
    doors.running.config.write_text(f'{text}\n[accounts]\ndomains = ["univ-amu.fr"]\n')
    doors.running = start(doors.running.config)

    assert doors.open() == NONE


def test_a_revoked_password_or_feed_ends_alone(doors: Doors) -> None:
    assert doors.open() == ALL
    with Office.open(configuration.load(doors.running.config)) as office:
        paul = office.accounts.by_email(PAUL)
        assert paul is not None
        members = Members(office.store)
        members.revoke_app_password(paul, members.app_passwords(paul)[0].id)
    assert doors.open() == ALL | {"device": False}

    with Office.open(configuration.load(doors.running.config)) as office:
        paul = office.accounts.by_email(PAUL)
        assert paul is not None
        for each in office.subscriptions.of(paul):
            office.subscriptions.revoke(paul, each.id)
    assert doors.open() == ALL | {"device": False, "feed": False}


def test_a_deleted_account_is_out_everywhere(doors: Doors) -> None:
    assert doors.open() == ALL

    doors.running.command("accounts", "delete", PAUL)

    assert doors.open() == NONE
