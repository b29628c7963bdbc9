"""Small builders of iCalendar for the tests of the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.calendar_object import CalendarObject, Reason, Unsupported, read
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule

PARIS = ZoneInfo("Europe/Paris")

START = "DTSTART;TZID=Europe/Paris:20270503T100000"
"""Monday 3 May 2027, ten o'clock."""
END = "DTEND;TZID=Europe/Paris:20270503T110000"


def an_event(*lines: str, uid: str = "meeting@example.org") -> str:
    body = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines]
    return "\r\n".join(["BEGIN:VEVENT", *body, "END:VEVENT", ""])


def a_calendar(*components: str, heading: tuple[str, ...] = ("VERSION:2.0", "PRODID:-//tests//EN")) -> bytes:
    head = "".join(f"{line}\r\n" for line in heading)
    return f"BEGIN:VCALENDAR\r\n{head}{''.join(components)}END:VCALENDAR\r\n".encode()


def a_zone(tzid: str, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{tzid}", *lines, "END:VTIMEZONE", ""])


def an_observance(kind: str, start: str, before: str, after: str, *lines: str) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{start}",
        f"TZOFFSETFROM:{before}",
        f"TZOFFSETTO:{after}",
        *lines,
        f"END:{kind}",
    ]


def an_object(*lines: str, zones: str = "", others: str = "") -> CalendarObject:
    """One VEVENT of these lines, with VTIMEZONEs before and further VEVENTs after it."""
    return read(a_calendar(zones, an_event(*lines), others))


def the_schedule(*lines: str, zones: str = "", others: str = "", room: ZoneInfo = PARIS) -> Schedule:
    return schedule(an_object(*lines, zones=zones, others=others), room)


def starts(*lines: str, zones: str = "", others: str = "", until: int = FOREVER) -> list[str]:
    """The starts on the room's clock, as ``2027-05-03 10:00``."""
    return [local(o.start) for o in the_schedule(*lines, zones=zones, others=others).occurrences(until)]


def times(occurrence: Occurrence) -> str:
    return f"{local(occurrence.start)} to {local(occurrence.end)}"


def local(instant: int) -> str:
    return datetime.fromtimestamp(instant, PARIS).strftime("%Y-%m-%d %H:%M")


def instant(text: str) -> int:
    """``2027-05-03 10:00`` on the room's clock, as UTC epoch seconds."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS).timestamp())


def universal(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp())


def refused(*lines: str, zones: str = "", others: str = "") -> Reason | None:
    """Why this cannot be held; None when it can."""
    try:
        the_schedule(*lines, zones=zones, others=others)
    except Unsupported as error:
        return error.reason
    return None
