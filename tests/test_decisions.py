"""Random bookings in a small window, each decided twice: by the reception, and by a slow and obvious oracle.

The oracle expands with `recurring-ical-events`, where that library is right (no local UNTIL, no ordinal beside plain
weekdays), and compares every occurrence with everything that it took before.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
import recurring_ical_events
from building import PARIS, Lab, a_booking, an_override

BOOKINGS = 1_200
ZONES = ["Europe/Paris"] * 6 + ["UTC", "America/New_York", "Romance Standard Time"]
RULES = [
    "FREQ=DAILY;COUNT={n}",
    "FREQ=DAILY;INTERVAL=2;COUNT={n}",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT={n}",
    "FREQ=WEEKLY;COUNT={n}",
    "FREQ=WEEKLY;BYDAY=TU,TH;COUNT={n}",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;COUNT={n}",
    "FREQ=MONTHLY;COUNT={n}",
    "FREQ=MONTHLY;BYDAY=2WE;COUNT={n}",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT={n}",
    "FREQ=WEEKLY;UNTIL=20270401T120000Z",
    "FREQ=DAILY;BYHOUR=9,10;COUNT={n}",
    "FREQ=HOURLY;COUNT={n}",
]


@pytest.mark.timeout(300)
def test_every_decision_is_the_oracles(lab: Lab) -> None:
    chance = random.Random(20270111)
    taken: list[tuple[datetime, datetime]] = []
    seen: dict[str, int] = {}
    for number in range(BOOKINGS):
        data = _random_booking(chance, f"uid-{number}")
        expected, spans = _decided(data, taken)
        answered = lab.refused(lab.marie, data, f"{number}.ics")
        assert answered == expected, data.decode()
        if not expected:
            taken += spans
        for code in expected or {"taken"}:
            seen[code] = seen.get(code, 0) + 1

    for code in ("taken", "outside-opening-hours", "not-on-quarter-hour", "room-already-booked"):
        assert seen[code] > 20
    with lab.office.publication.snapshot(lab.marie) as snapshot:
        held = sorted(snapshot.busy("prado", _epoch(datetime(2026, 1, 1)), _epoch(datetime(2030, 1, 1))))
    assert _merged(held) == _merged(sorted((_epoch(a), _epoch(b)) for a, b in taken))


def _random_booking(chance: random.Random, uid: str) -> bytes:
    day = date(2027, 3, 1) + timedelta(days=chance.randrange(28))
    minutes = chance.choice([8 * 60, 9 * 60, 10 * 60, 17 * 60, 18 * 60]) + 15 * chance.randrange(12)
    if chance.random() < 0.03:
        minutes += 5
    length = chance.choice([15, 30, 45, 60, 90, 120])
    zone = chance.choice(ZONES)
    offset = {"UTC": -60, "America/New_York": -360}.get(zone, 0)
    start = datetime.combine(day, time()) + timedelta(minutes=minutes + offset)
    end = start + timedelta(minutes=length)
    if end.date() != start.date():
        end = start + timedelta(minutes=15)
    rule = chance.choice(RULES).format(n=chance.randint(1, 6)) if chance.random() < 0.6 else ""
    extra, more = [], ""
    if rule and chance.random() < 0.3 and "HOURLY" not in rule:  # the library loses a whole day of those
        extra.append(_zoned("EXDATE", start + timedelta(days=chance.choice([0, 1, 2, 7, 14])), zone))
    if chance.random() < 0.1:
        extra.append(_zoned("RDATE", start + timedelta(days=chance.randint(1, 9)), zone))
    if rule.startswith("FREQ=WEEKLY;COUNT") and "=1" not in rule and chance.random() < 0.5:
        of = start + timedelta(days=7)
        to = f"{(start + timedelta(days=chance.choice([0, 3, 6, 7, 8]))).date()}"
        status = "STATUS:CANCELLED" if chance.random() < 0.3 else ""
        if f"{of:%Y%m%d}" not in "".join(extra):
            more = an_override(uid, of.isoformat(), to, f"{start:%H:%M}", f"{end:%H:%M}", status, zone)
    clock = (f"{start:%H:%M}", f"{end:%H:%M}")
    return a_booking(f"{start.date()}", *clock, rule, uid, zone, extra="\n".join(extra), more=more)


def _zoned(name: str, moment: datetime, zone: str) -> str:
    return f"{name}:{moment:%Y%m%dT%H%M%S}Z" if zone == "UTC" else f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def _decided(data: bytes, taken: list[tuple[datetime, datetime]]) -> tuple[set[str], list[tuple[datetime, datetime]]]:
    calendar = icalendar.Calendar.from_ical(data.replace(b"Romance Standard Time", b"Europe/Paris"))
    events = recurring_ical_events.of(calendar).between(date(2026, 1, 1), date(2030, 1, 1))
    held = [event for event in events if event.get("STATUS") != "CANCELLED"]
    spans = sorted((event.start.astimezone(PARIS), event.end.astimezone(PARIS)) for event in held)
    codes = set()
    for place, (start, end) in enumerate(spans):
        if end <= start:  # a wall clock that a change of time leaves out
            codes.add("empty-booking")
        same_day = start.date() == end.date()
        if not (same_day and start.weekday() < 5 and time(8) <= start.time() and end.time() <= time(20)):
            codes.add("outside-opening-hours")
        if any(moment.minute % 15 or moment.second for moment in (start, end)):
            codes.add("not-on-quarter-hour")
        others = spans[:place] + spans[place + 1 :]
        if start < end and any(start < b and a < end for a, b in taken + others):
            codes.add("room-already-booked")
    return codes, spans


def _epoch(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
