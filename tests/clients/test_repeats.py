"""Every way in which the dashboard lets a booking repeat, on the dates that other people's programs make of it."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import caldav
from building import PARIS
from clients.synchroniser import Synchroniser
from clients.test_khal import khal
from running import MARIE, PASSWORD, Running

from sesstim_caldav.booking.calendar_object import read
from sesstim_caldav.booking.schedule import schedule

FIRST, LAST = "2027-01-01", "2028-12-31"

REPEATS: dict[str, dict[str, object]] = {
    "daily": {"frequency": "daily", "count": 4},
    "weekdays": {"frequency": "weekdays", "until": "2027-03-31"},
    "weekly": {"frequency": "weekly", "weekdays": [1], "until": "2027-11-30"},
    "chosen days": {"frequency": "weekly", "weekdays": [1, 3], "count": 25},
    "every two weeks": {"frequency": "weekly", "interval": 2, "weekdays": [0, 1], "count": 30},
    "weekly without end": {"frequency": "weekly", "weekdays": [1]},
    "by date": {"frequency": "weekly", "interval": 4, "weekdays": [1], "until": "2028-06-30"},
    "by weekday": {"frequency": "monthly", "monthly": "weekday", "until": "2028-06-30"},
    "by the last weekday": {"frequency": "monthly", "monthly": "last-weekday", "count": 14},
    "every other month": {"frequency": "monthly", "interval": 2, "monthly": "weekday"},
    "by day of the month": {"frequency": "monthly", "monthly": "date", "count": 2},
    "yearly": {"frequency": "yearly", "count": 2},
}


def ask(site: Running, method: str, path: str, body: object) -> dict[str, object]:
    """A script that knows its password and JSON."""
    word = base64.b64encode(f"{MARIE}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{site.url}{path}", json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def a_site_of_every_repetition(site: Running) -> None:
    """One booking a repetition, each at an hour of its own, from Tuesday 12 January 2027."""
    for place, (title, repeat) in enumerate(REPEATS.items()):
        hour = 8 + place
        draft = {"room": "prado", "date": "2027-01-12", "start": f"{hour:02}:00", "end": f"{hour + 1:02}:00"}
        more = {"title": title, "repeat": repeat}
        if title == "weekly":
            more |= {"excluding": ["2027-03-30"], "also": ["2027-04-01"]}
        ask(site, "POST", "/api/bookings", {"drafts": [draft | more]})


def of_the_engine(texts: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        obj = read(text)
        until = int(datetime.fromisoformat(LAST).replace(tzinfo=PARIS).timestamp())
        starts = [o.start for o in schedule(obj, PARIS).occurrences(until)]
        found[obj.summary] = [f"{datetime.fromtimestamp(at, PARIS):%Y-%m-%d %H:%M}" for at in starts]
    return found


def test_every_repetition_is_the_same_for_khal_and_python_caldav(site: Running, tmp_path: Path) -> None:
    a_site_of_every_repetition(site)
    marie = Synchroniser(tmp_path / "marie", site.url)
    assert marie.sync() == 0, marie.output
    files = sorted((marie.folder / "calendars" / "prado").glob("*.ics"))
    expected = of_the_engine([file.read_bytes().decode() for file in files])
    assert sorted(expected) == sorted(REPEATS)
    assert "2027-03-30 10:00" not in expected["weekly"]

    assert by_khal(marie) == expected
    assert by_python_caldav(site) == expected


def by_khal(member: Synchroniser) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    listed = khal(member, "list", "--notstarted", "--day-format", "", "--format", "{title}|{start}", FIRST, LAST)
    for line in filter(None, listed.splitlines()):
        title, _, start = line.partition("|")
        found[title].append(start)
    return {title: sorted(set(starts)) for title, starts in found.items()}


def by_python_caldav(site: Running) -> dict[str, list[str]]:
    with caldav.DAVClient(f"{site.url}/dav/", username=MARIE, password=PASSWORD) as client:
        calendar = next(c for c in client.principal().calendars() if str(c.url).rstrip("/").endswith("/prado"))
        events = calendar.search(
            start=datetime.combine(date.fromisoformat(FIRST), datetime.min.time(), ZoneInfo("Europe/Paris")),
            end=datetime.combine(date.fromisoformat(LAST), datetime.min.time(), ZoneInfo("Europe/Paris")),
            event=True,
            expand=True,
        )
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        component = event.icalendar_component
        start = component["DTSTART"].dt.astimezone(PARIS)
        found[str(component["SUMMARY"])].append(f"{start:%Y-%m-%d %H:%M}")
    return {title: sorted(starts) for title, starts in found.items()}
