"""When alarms ring; tests/plugins/test_report.py asks the same of a calendar-query."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from building import a_booking

from sesstim_caldav.booking import alarm, calendar_object
from sesstim_caldav.booking.contentline import mend, parse
from sesstim_caldav.booking.schedule import FOREVER, schedule

PARIS = ZoneInfo("Europe/Paris")
ALWAYS = -62_135_596_800


def rings(trigger: str, start: int, end: int, repeats: str = "FREQ=DAILY") -> bool:
    inside = f"BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\n{trigger}\nEND:VALARM"
    text, _ = mend(a_booking(on="2027-03-27", at="10:00", until="11:00", repeats=repeats, extra=inside))
    found = alarm.read(parse(text).components("VEVENT")[0].components("VALARM")[0])
    return found is not None and found.rings(schedule(calendar_object.read(text), PARIS), 0, start, end)


def at(wall: str) -> int:
    return int(datetime.fromisoformat(wall).replace(tzinfo=PARIS).astimezone(UTC).timestamp())


def test_a_day_before_is_the_same_hour_of_the_day_before_also_when_the_clocks_change() -> None:
    ten = at("2027-03-27T10:00")

    assert rings("TRIGGER:-P1D", ten, ten + 1, "FREQ=DAILY;BYDAY=SU")
    assert not rings("TRIGGER:-PT24H", ten, ten + 1, "FREQ=WEEKLY;BYDAY=SU")
    assert rings("TRIGGER:-PT24H", ten - 3600, ten - 3599, "FREQ=WEEKLY;BYDAY=SU")


@pytest.mark.parametrize(
    "trigger", ["", "TRIGGER:", "TRIGGER:soon", "TRIGGER:20270327T100000", "TRIGGER:20271301T000000Z"]
)
def test_a_trigger_that_says_nothing_never_rings(trigger: str) -> None:
    assert not rings(trigger or "X-NOTHING:1", ALWAYS, FOREVER)


@pytest.mark.parametrize(
    "repetition", ["REPEAT:3", "DURATION:PT5M", "REPEAT:x\nDURATION:PT5M", "REPEAT:3\nDURATION:-PT5M"]
)
def test_a_repetition_needs_a_number_and_a_length_of_time(repetition: str) -> None:
    start = at("2027-03-27T10:00")

    assert rings(f"TRIGGER:PT0S\n{repetition}", start, start + 1)
    assert not rings(f"TRIGGER:PT0S\n{repetition}", start + 1, start + 3600)


@pytest.mark.parametrize("trigger", ["TRIGGER:-P3600000D", "TRIGGER:P3600000D", "TRIGGER:-P300000W"])
@pytest.mark.parametrize(("start", "end"), [(ALWAYS, ALWAYS + 1), (FOREVER - 1, FOREVER)])
def test_one_beyond_all_years_does_not_ring(trigger: str, start: int, end: int) -> None:
    assert not rings(trigger, start, end)


def test_a_repetition_for_thousands_of_years_is_answered_at_once() -> None:
    assert not rings("TRIGGER:PT1S\nREPEAT:999999999\nDURATION:P9999D", FOREVER - 1, FOREVER)
