"""What a form says is stored so that every reader expands it to the same dates, and read back as it was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import icalendar
import pytest
import recurring_ical_events
from booking.calendars import END, PARIS, START, an_object, local
from dateutil.rrule import rrulestr

from sesstim_caldav.booking.calendar_object import read
from sesstim_caldav.booking.draft import (
    Draft,
    Frequency,
    Impossible,
    Monthly,
    Repeat,
    Why,
    drafted,
    rule_words,
    written,
)
from sesstim_caldav.booking.schedule import FOREVER, schedule

NOW = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())
TEN, ELEVEN = time(10), time(11)


def a_draft(
    on: str = "2026-12-01",
    repeat: Repeat | None = None,
    excluding: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    **said: object,
) -> Draft:
    """A draft of ten to eleven; `said`: its title, its description, whether it is private."""
    days = [tuple(date.fromisoformat(day) for day in listed) for listed in (excluding, also)]
    return Draft(date.fromisoformat(on), TEN, ELEVEN, repeat=repeat, excluding=days[0], also=days[1], **said)  # type: ignore[arg-type]


def every(frequency: str, interval: int = 1, *weekdays: int, monthly: str = "date", **end: object) -> Repeat:
    until = end.get("until")
    return Repeat(
        Frequency(frequency),
        interval,
        weekdays,
        Monthly(monthly),
        date.fromisoformat(str(until)) if until else None,
        end.get("count"),  # type: ignore[arg-type]
    )


def text_of(draft: Draft) -> str:
    return written(draft, "one@example.org", None, PARIS, NOW)


def held(text: str, until: str = "2029-06-01") -> list[str]:
    """The starts on the room's clock up to a day, as the engine has them."""
    last = int(datetime.fromisoformat(until).replace(tzinfo=PARIS).timestamp())
    times = schedule(read(text), PARIS)
    return [local(o.start) for o in times.occurrences(last if times.endless else FOREVER) if o.start < last]


def by_recurring_ical_events(text: str, until: str = "2029-06-01") -> list[str]:
    calendar = icalendar.Calendar.from_ical(text)
    events = recurring_ical_events.of(calendar).between(datetime(2026, 1, 1), datetime.fromisoformat(until))
    return sorted(f"{event['DTSTART'].dt.astimezone(PARIS):%Y-%m-%d %H:%M}" for event in events)


def by_dateutil(text: str, until: str = "2029-06-01") -> list[str]:
    """RRULE, RDATE and EXDATE on DTSTART's own clock."""
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    start = event["DTSTART"].dt
    lines = [f"DTSTART:{start:%Y%m%dT%H%M%S}"]
    for line in text.partition("BEGIN:VEVENT")[2].replace("\r\n ", "").split("\r\n"):
        if line.startswith(("RRULE", "RDATE", "EXDATE")):
            name, _, value = line.partition(":")
            lines.append(f"{name.partition(';')[0]}:{_local_until(value)}")
    if not any(line.startswith("RRULE") for line in lines):
        lines.append(f"RDATE:{start:%Y%m%dT%H%M%S}")
    found = rrulestr("\n".join(lines), forceset=True).between(
        datetime(2026, 1, 1), datetime.fromisoformat(until), inc=True
    )
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in found]


def _local_until(value: str) -> str:
    """A rule whose UNTIL stands on the clock of Paris, as dateutil wants it beside a DTSTART without zone."""
    parts = value.split(";")
    for place, part in enumerate(parts):
        if part.startswith("UNTIL="):
            moment = datetime.strptime(part[6:], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(PARIS)
            parts[place] = f"UNTIL={moment:%Y%m%dT%H%M%S}"
    return ";".join(parts)


OPTIONS = [
    None,
    every("daily", count=5),
    every("daily", 3, until="2028-04-10"),
    every("daily"),
    every("weekdays", until="2028-03-10"),
    every("weekdays", 2, count=12),
    every("weekly"),
    every("weekly", 1, 0, 3, count=9),
    every("weekly", 2, until="2028-06-29"),
    every("weekly", 2, 1, 4, count=20),
    every("weekly", 3, 0, 6),
    every("monthly", count=30),
    every("monthly", monthly="weekday"),
    every("monthly", 2, monthly="weekday", until="2028-12-01"),
    every("monthly", monthly="last-weekday", count=15),
    every("yearly"),
    every("yearly", 2, count=3),
]


@pytest.mark.parametrize("on", ["2026-12-01", "2026-12-05", "2027-01-31", "2028-02-29"])
@pytest.mark.parametrize("repeat", OPTIONS, ids=repr)
def test_every_way_to_repeat_has_the_same_dates_for_every_reader(on: str, repeat: Repeat | None) -> None:
    text = text_of(a_draft(on, repeat))

    dates = held(text)

    assert dates
    assert dates == by_recurring_ical_events(text)
    assert dates == by_dateutil(text)


@pytest.mark.parametrize("repeat", OPTIONS, ids=repr)
def test_what_a_form_said_is_what_it_reads_back(repeat: Repeat | None) -> None:
    draft = a_draft("2026-12-01", repeat, title="Réunion; projet, α", description="un\ndeux", private=True)
    obj = read(text_of(draft))

    back = drafted(obj, schedule(obj, PARIS), None, PARIS)

    assert (back.title, back.description, back.private) == (draft.title, draft.description, True)
    assert (back.start, back.end, back.custom) == (TEN, ELEVEN, False)
    assert text_of(back) == obj.text
    if repeat is None or repeat.until is None:
        return
    assert back.repeat is not None
    assert back.repeat.until is not None
    assert back.repeat.until <= repeat.until


def test_a_series_begins_on_the_first_day_that_it_has() -> None:
    tuesday = "2026-12-01"

    assert held(text_of(a_draft(tuesday, every("weekly", 2, 0, 2, count=4)))) == [
        "2026-12-02 10:00",
        "2026-12-14 10:00",
        "2026-12-16 10:00",
        "2026-12-28 10:00",
    ]
    assert held(text_of(a_draft("2026-12-05", every("weekdays", count=2)))) == ["2026-12-07 10:00", "2026-12-08 10:00"]


def test_the_last_day_is_included_and_written_as_the_last_start() -> None:
    text = text_of(a_draft("2026-12-01", every("weekly", until="2026-12-28")))

    assert "RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T090000Z\r\n" in text
    assert held(text)[-1] == "2026-12-22 10:00"


def test_a_series_that_ends_before_it_begins_cannot_be_written() -> None:
    with pytest.raises(Impossible) as impossible:
        text_of(a_draft("2026-12-01", every("weekly", until="2026-11-30")))

    assert impossible.value.why is Why.NO_DATE


def test_days_can_be_taken_out_and_added() -> None:
    draft = a_draft("2026-12-01", every("weekly", count=3), excluding=("2026-12-08",), also=("2026-12-10",))
    text = text_of(draft)

    assert held(text) == ["2026-12-01 10:00", "2026-12-10 10:00", "2026-12-15 10:00"]
    assert by_recurring_ical_events(text) == by_dateutil(text) == held(text)
    back = drafted(read(text), schedule(read(text), PARIS), None, PARIS)
    assert (back.excluding, back.also) == (draft.excluding, draft.also)


def test_single_days_without_a_rule() -> None:
    text = text_of(a_draft("2026-12-01", also=("2026-12-03", "2027-03-30")))

    assert held(text) == ["2026-12-01 10:00", "2026-12-03 10:00", "2027-03-30 10:00"]
    assert by_recurring_ical_events(text) == held(text)


def test_characters_that_no_calendar_carries_are_left_out() -> None:
    text = text_of(a_draft(title="a\x00b\ud800\r\nEND:VEVENT", description="x\x07y"))

    assert "SUMMARY:ab END:VEVENT\r\nDESCRIPTION:xy\r\n" in text
    assert read(text).untouched


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY", every("weekly", 1, 0)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU", every("weekly", 2, 0)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", None),
        ("FREQ=WEEKLY;BYDAY=TU", None),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", every("weekdays")),
        ("FREQ=MONTHLY", every("monthly")),
        ("FREQ=MONTHLY;BYMONTHDAY=3", every("monthly")),
        ("FREQ=MONTHLY;BYMONTHDAY=3,4", None),
        ("FREQ=MONTHLY;BYDAY=1MO", every("monthly", monthly="weekday")),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", every("monthly", monthly="weekday")),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", None),
        ("FREQ=YEARLY;BYMONTH=5", every("yearly")),
        ("FREQ=YEARLY;BYWEEKNO=18", None),
        ("FREQ=WEEKLY;UNTIL=20270518T000000Z", every("weekly", 1, 0, until="2027-05-17")),
        ("FREQ=WEEKLY;UNTIL=20270517", every("weekly", 1, 0, until="2027-05-17")),
        ("FREQ=HOURLY;COUNT=3", None),
    ],
)
def test_rules_of_other_calendars_are_read_where_a_form_can_say_them(rule: str, said: Repeat | None) -> None:
    obj = an_object(START, END, f"RRULE:{rule}")

    draft = drafted(obj, schedule(obj, PARIS), None, PARIS)

    assert draft.repeat == said
    assert draft.custom is (said is None)


def test_a_series_on_another_clock_is_its_own() -> None:
    obj = an_object("DTSTART:20270503T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")

    draft = drafted(obj, schedule(obj, PARIS), None, PARIS)

    assert (draft.custom, draft.start, draft.end) == (True, TEN, ELEVEN)


@pytest.mark.parametrize(
    ("repeat", "french", "english"),
    [
        (every("daily"), "tous les jours", "every day"),
        (every("weekdays", count=3), "du lundi au vendredi, 3 fois", "Monday to Friday, 3 times"),
        (every("weekly", 2), "toutes les deux semaines le mardi", "every two weeks on Tuesday"),
        (
            every("weekly", 1, 0, 3),
            "toutes les semaines le lundi et le jeudi",
            "every week on Monday and Thursday",
        ),
        (every("monthly"), "tous les mois le 1er", "every month on day 1"),
        (every("monthly", monthly="weekday"), "tous les mois le premier mardi", "every month on the first Tuesday"),
        (
            every("monthly", 3, monthly="last-weekday"),
            "tous les trois mois le dernier mardi",
            "every three months on the last Tuesday",
        ),
        (
            every("yearly", until="2030-12-01"),
            "tous les ans le 1er décembre, jusqu'au dimanche 1er décembre 2030",
            "every year on 1 December, until Sunday 1 December 2030",
        ),
    ],
)
def test_a_rule_in_words(repeat: Repeat, french: str, english: str) -> None:
    day = date(2026, 12, 1)

    assert rule_words(repeat, day, "fr") == french
    assert rule_words(repeat, day, "en") == english


def test_a_rule_that_skips_months_says_so() -> None:
    assert "les mois qui ont ce jour" in rule_words(every("monthly"), date(2027, 1, 31), "fr")
    assert "(leap years)" in rule_words(every("yearly"), date(2028, 2, 29), "en")
