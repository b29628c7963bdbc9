"""The room that the benchmarks book: well used, the same on every server.

A term is 26 weeks. Each of its working days has fifteen half hours from 08:00 that weekly series own for the whole
term, and three from 15:30 with single meetings: 75 series and 390 singles a term, 90 meetings in every full week. The
half hours from 17:00 to 20:00 stay free for what the benchmarks book themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

FIRST_MONDAY = date(2027, 9, 6)
TERM = 26  # weeks
SERIES_SLOTS = 15  # of a day, from 08:00
SINGLE_SLOTS = 3  # of a day, behind them
FREE_SLOT = SERIES_SLOTS + SINGLE_SLOTS  # 17:00
HALF_HOUR = timedelta(minutes=30)

PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
"""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A half hour of a day (`slot` counts half hours from 08:00, Paris), `weeks` times."""

    name: str
    day: date
    slot: int
    weeks: int = 1

    def text(self, uid: str) -> bytes:
        """The calendar object that a client would send."""
        start = datetime.combine(self.day, time(8)) + self.slot * HALF_HOUR
        rule = f"RRULE:FREQ=WEEKLY;COUNT={self.weeks}\n" if self.weeks > 1 else ""
        lines = (
            f"BEGIN:VCALENDAR\nPRODID:-//sesstim-caldav//benchmarks//FR\nVERSION:2.0\n{PARIS}BEGIN:VEVENT\nUID:{uid}\n"
            f"DTSTAMP:20270901T080000Z\nCREATED:20270901T080000Z\nSUMMARY:Réunion {self.name}\n{rule}"
            f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}\n"
            f"DTEND;TZID=Europe/Paris:{start + HALF_HOUR:%Y%m%dT%H%M%S}\n"
            "DESCRIPTION:Points à l'ordre du jour\\, puis questions diverses\nEND:VEVENT\nEND:VCALENDAR\n"
        )
        return lines.replace("\n", "\r\n").encode()


def meetings(number: int) -> Iterator[Meeting]:
    """`number` meetings, term after term; in a term one series for every five singles, until one kind is used up."""
    made = 0
    for term in count():
        monday = FIRST_MONDAY + timedelta(weeks=TERM * term)
        series = [(day, slot) for slot in range(SERIES_SLOTS) for day in range(5)]
        singles = [(w, day, slot) for w in range(TERM) for day in range(5) for slot in range(SINGLE_SLOTS)]
        while series or singles:
            if series:
                day, slot = series.pop(0)
                yield Meeting(f"s{made:06}", monday + timedelta(days=day), slot, TERM)
                made += 1
            for _ in range(5):
                if singles and made < number:
                    week, day, slot = singles.pop(0)
                    yield Meeting(f"m{made:06}", monday + timedelta(weeks=week, days=day), SERIES_SLOTS + slot)
                    made += 1
            if made >= number:
                return


def free(number: int, weeks: int = 1) -> Meeting:
    """The `number`-th meeting in the hours that stay free; series keep to other half hours than single ones."""
    offset, span = (3, 3) if weeks > 1 else (0, 3)
    block, place = divmod(number, 5 * span)
    monday = FIRST_MONDAY + timedelta(weeks=block * (TERM if weeks > 1 else 1))
    return Meeting(
        f"f{weeks}-{number}", monday + timedelta(days=place // span), FREE_SLOT + offset + place % span, weeks
    )
