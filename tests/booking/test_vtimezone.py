"""VTIMEZONEs written for zones that are known by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from booking.proposals import an_object

from sesstim_caldav.booking.calendar_object import read
from sesstim_caldav.booking.schedule import FOREVER, schedule
from sesstim_caldav.booking.vtimezone import definition

ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Europe/Lisbon",
    "UTC",
]


@pytest.mark.parametrize("name", [*ZONES, "Africa/Casablanca", "Asia/Kathmandu"])
def test_the_definition_means_what_the_zone_means(name: str) -> None:
    """Read under a name that nobody knows, so that the definition alone counts; some 200 instants over 60 years."""
    zone = ZoneInfo(name)
    text = definition("Nowhere", zone).replace("\r\n", "\n").strip()
    moments = [datetime(1975, 1, 1, 12, tzinfo=UTC) + timedelta(days=115 * step) for step in range(196)]
    clocks = [moment.astimezone(zone) for moment in moments]
    dates = ",".join(f"{clock:%Y%m%dT%H%M%S}" for clock in clocks)
    event = f"DTSTART;TZID=Nowhere:{dates[:15]}\nDURATION:PT1H\nRDATE;TZID=Nowhere:{dates}"
    obj = read(an_object(event).decode().replace("BEGIN:VEVENT", f"{text}\nBEGIN:VEVENT".replace("\n", "\r\n")))

    found = [o.start for o in schedule(obj, ZoneInfo("UTC")).occurrences(FOREVER)]

    assert found == [int(moment.timestamp()) for moment in moments]


def test_the_rule_of_today_goes_on_without_end() -> None:
    text = definition("Europe/Paris", ZoneInfo("Europe/Paris"))

    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" in text
    assert "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU" in text
    assert all(len(line) <= 75 for line in text.split("\r\n"))


def test_a_zone_without_changes_has_one_observance() -> None:
    assert definition("Asia/Kolkata", ZoneInfo("Asia/Kolkata")).count("BEGIN:STANDARD") == 1
