"""What the dashboard costs the server with 20 rooms and 100,000 bookings, and open pages while nothing happens.

python -m benchmarks.dashboard
    fills the rooms, serves them and prints a table: server CPU, milliseconds for one request
python -m benchmarks.dashboard --folder DIR
    the same, and keeps the filled rooms in DIR for the next time
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import itertools
import math
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from benchmarks import agenda
from benchmarks.agenda import HALF_HOUR, Meeting
from benchmarks.servers import ROOMS
from benchmarks.wire import Answer, Client, Request, cpu, memory
from sesstim_caldav import settings as configuration
from sesstim_caldav.accounts import Account
from sesstim_caldav.booking import calendar_object, views
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.office import Office

MEMBERS = 40
PASSWORD = "a password for benchmarks"
PAGES = 200
PARIS = ZoneInfo("Europe/Paris")
MONDAY = agenda.FIRST_MONDAY + timedelta(weeks=2)
MONTH = (MONDAY, MONDAY + timedelta(days=41))
"""Six weeks, as the month's grid shows them; in term, so that each working day of a room has eighteen meetings."""
AT_MOST = {"month of all rooms": 50.0}
"""Milliseconds of CPU that a request may cost."""
IDLE_AT_MOST = 5.0
"""Percent of a core that the open pages may cost."""

USABLE_AT_MOST = 1000
"""Milliseconds from asking for the month's page until it is drawn and can be used, in a browser with an empty cache."""


def main() -> int:
    options = argparse.ArgumentParser(description="Measures the dashboard's requests.")
    options.add_argument("--folder", type=Path, help="where the filled rooms are kept, or are kept already")
    options.add_argument("--bookings", type=int, default=5000, help="in each of the rooms")
    options.add_argument("--times", type=int, default=40, help="how often each request is made")
    options.add_argument("--idle", type=float, default=30.0, help="seconds for which the open pages are watched")
    options.add_argument("--check", action="store_true", help="exit 1 if something costs more than it may")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sesstim-bench-")))
        config = folder / "sesstim.toml"
        if not config.exists():
            fill(folder, chosen.bookings)
        with Office.open(configuration.load(config, environment={})) as office:
            label = f"benchmarks {time.time()}"
            keys = {email: office.accounts.app_password(email, label) for email in map(_member, range(MEMBERS))}
        site = stack.enter_context(served(config))
        costs = dict(requests(site, keys, chosen.times))
        print("| request | server CPU, ms | answer, kB | at most |\n| --- | --- | --- | --- |")
        for title, (cost, size) in costs.items():
            print(f"| {title} | {cost:.1f} | {size / 1000:.0f} | {AT_MOST.get(title, '')} |")
        drawn = until_usable(site)
        print(f"\nmonth of all rooms in a browser: {drawn:.0f} ms until it can be used, at most {USABLE_AT_MOST}")
        idle = open_pages(site, keys, chosen.idle)
        print(f"{PAGES} open pages: {idle:.2f} % of a core while nothing happens, at most {IDLE_AT_MOST} %;")
        print(f"largest process {memory(site.pid):.0f} MB")
    dear = [title for title, most in AT_MOST.items() if costs[title][0] > most]
    return 1 if chosen.check and (dear or idle > IDLE_AT_MOST or not drawn <= USABLE_AT_MOST) else 0


def _member(number: int) -> str:
    return f"member-{number}@univ-amu.fr"


# ---- a served site


@dataclass(frozen=True, slots=True)
class Site:
    pid: int
    port: int


@contextlib.contextmanager
def served(config: Path) -> Iterator[Site]:
    program = Path(sys.executable).parent / "sesstim-caldav"
    command = [program, "serve", "--config", config, "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        yield Site(process.pid, int(url.rpartition(":")[2]))
    finally:
        process.terminate()
        process.wait(60)


def requests(site: Site, keys: dict[str, str], times: int) -> Iterator[tuple[str, tuple[float, int]]]:
    """What each request costs the server, in milliseconds of CPU, and how long its answer is, in bytes."""
    email = _member(0)
    client = Client(site.port, email, keys[email])
    cookies = (("Cookie", signed_in(site)),)
    week = f"from={MONDAY}&to={MONDAY + timedelta(days=6)}"
    month = f"/api/occupation?from={MONTH[0]}&to={MONTH[1]}&detail=busy"
    known = client.ask(Request("GET", month)).headers["etag"]
    for title, request in {
        "month of all rooms": Request("GET", month),
        "month of all rooms, unchanged (304)": Request("GET", month, headers=(("If-None-Match", known),)),
        "week of all rooms": Request("GET", f"/api/occupation?{week}"),
        "day of all rooms": Request("GET", f"/api/occupation?from={MONDAY}&to={MONDAY}"),
        "week of a room": Request("GET", f"/api/occupation?{week}&room=room-0"),
        "page: a day of all rooms": Request("GET", f"/?date={MONDAY}", headers=cookies),
        "page: a month of all rooms": Request("GET", f"/?view=month&date={MONDAY}", headers=cookies),
        "page: a room's week": Request("GET", f"/rooms/room-0?date={MONDAY}", headers=cookies),
        "a free room": Request("GET", f"/api/free?dates={MONDAY}&length=60&seats=8"),
    }.items():
        if dict(request.headers).get("Cookie"):
            client.common.pop("Authorization", None)
        size = len(answered(client, request).body)
        before = cpu(site.pid)
        for _ in range(times):
            answered(client, request)
        yield title, ((cpu(site.pid) - before) * 1000 / times, size)
        client.common = Client(site.port, email, keys[email]).common
    client.close()


def answered(client: Client, request: Request) -> Answer:
    answer = client.ask(request)
    if answer.status not in (200, 304):
        raise SystemExit(f"{request.path}: {answer.status} {answer.body[:200]!r}")
    return answer


def signed_in(site: Site) -> str:
    """The cookies of a browser that has signed in."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", "/login")
    page = connection.getresponse()
    text = page.read().decode()
    form = page.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token
    fields = {"email": _member(0), "password": PASSWORD, "csrf_token": unescape(token[1])}
    headers = {"Cookie": form, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
    connection.close()
    return "; ".join(each for each in cookies if each.startswith("session="))


def until_usable(site: Site) -> float:
    """Milliseconds to the month of all rooms in a browser that was never here, the middle of five; NaN without one."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        return math.nan
    name, _, value = signed_in(site).partition("=")
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(5):
            with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
                context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{site.port}"}])
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{site.port}/?view=month&date={MONDAY}", wait_until="commit")
                page.wait_for_selector(".board.month a.d small b")
                taken.append(float(page.evaluate("performance.now()")))
        browser.close()
    return statistics.median(taken)


def open_pages(site: Site, keys: dict[str, str], seconds: float) -> float:
    """How much of a core 200 pages cost that wait for changes, in percent."""
    members = itertools.cycle(keys.items())
    with contextlib.ExitStack() as stack:
        for email, key in itertools.islice(members, PAGES):
            connection = socket.create_connection(("127.0.0.1", site.port), timeout=60)
            stack.enter_context(connection)
            token = base64.b64encode(f"{email}:{key}".encode()).decode()
            connection.sendall(f"GET /api/live HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n\r\n".encode())
            told = b""
            while b"data: " not in told:
                got = connection.recv(65536)
                if not got:
                    raise SystemExit(f"an open page was refused: {told[:200]!r}")
                told += got
        time.sleep(2)
        before, began = cpu(site.pid), time.monotonic()
        time.sleep(seconds)
        return (cpu(site.pid) - before) / (time.monotonic() - began) * 100


# ---- rooms full of bookings


def fill(folder: Path, bookings: int) -> None:
    """Writes a configuration and fills its rooms, past the rules: the meetings of `agenda` keep them."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "sesstim.toml"
    rooms = "".join(
        f'[[rooms]]\nslug = "room-{n}"\nname = "Salle {n}"\ncapacity = {n + 2}\nequipment = ["écran"]\n'
        for n in range(ROOMS)
    )
    config.write_text(f'[store]\ndata_dir = "{folder / "data"}"\n{rooms}')
    with Office.open(configuration.load(config, environment={})) as office:
        members = [office.accounts.add(_member(n), f"Prénom{n}", f"Nom{n}", PASSWORD) for n in range(MEMBERS)]
        for number in range(ROOMS):
            print(f"room {number + 1} of {ROOMS}: {bookings:,} bookings", file=sys.stderr, flush=True)
            _fill_room(office, f"room-{number}", bookings, itertools.cycle(members[number:] + members[:number]))


def _fill_room(office: Office, slug: str, bookings: int, whose: Iterator[Account]) -> None:
    now = int(time.time())
    with office.store.writing(slug) as writing:
        for meeting, organiser in zip(agenda.meetings(bookings), whose, strict=False):
            uid = f"{meeting.name}@{slug}"
            obj = calendar_object.read(meeting.text(uid).decode())
            seen = views.shown(views.organised(obj, organiser.person()), organiser.person())
            writing.put(
                name=f"{meeting.name}.ics",
                uid=uid,
                organiser_id=organiser.id,
                text=seen.own,
                text_manager=seen.manager,
                text_other=seen.other,
                private=False,
                endless=False,
                occurrences=_times(meeting),
                before=None,
                now=now,
            )


def _times(meeting: Meeting) -> list[Occurrence]:
    found = []
    for week in range(meeting.weeks):
        wall = datetime.combine(meeting.day + timedelta(weeks=week), clock(8), PARIS) + meeting.slot * HALF_HOUR
        start = int(wall.timestamp())
        found.append(Occurrence(start, start + 1800, start if meeting.weeks > 1 else None))
    return found


if __name__ == "__main__":
    sys.exit(main())
