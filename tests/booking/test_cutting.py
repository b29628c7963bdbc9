"""A series that is ended: nothing of the past moves, nothing of the time to come stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from booking.calendars import END, PARIS, START, a_calendar, an_event, an_object, instant, local
from hypothesis import given
from hypothesis import strategies as st

from sesstim_caldav.booking.calendar_object import CalendarObject, Unsupported, read
from sesstim_caldav.booking.cutting import ended
from sesstim_caldav.booking.schedule import schedule

AT = instant("2027-05-20 12:00")
"""A Thursday, in the third week of a series that begins on Monday the third of May."""


def held(text: str | None, until: int = instant("2028-01-01 00:00")) -> list[str]:
    if text is None:
        return []
    return [local(occurrence.start) for occurrence in schedule(read(text), PARIS).occurrences(until)]


def lines(text: str | None, name: str) -> list[str]:
    assert text is not None
    return [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith(name)]


@pytest.mark.parametrize(
    "start", [START, "DTSTART:20270503T080000Z", "DTSTART;TZID=Romance Standard Time:20270503T100000"]
)
def test_a_weekly_series_ends_by_an_until_in_utc(start: str) -> None:
    text = ended(an_object(start, "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=10", "SUMMARY:Staff"), AT, PARIS)

    assert lines(text, "RRULE") == ["RRULE:FREQ=WEEKLY;UNTIL=20270520T095959Z"]
    assert held(text) == ["2027-05-03 10:00", "2027-05-10 10:00", "2027-05-17 10:00"]
    assert lines(text, "SUMMARY") == ["SUMMARY:Staff"]


def test_a_floating_series_ends_by_a_local_until_and_one_of_days_by_a_day() -> None:
    floating = ended(an_object("DTSTART:20270503T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY"), AT, PARIS)
    days = ended(an_object("DTSTART;VALUE=DATE:20270503", "RRULE:FREQ=DAILY"), AT, PARIS)

    assert lines(floating, "RRULE") == ["RRULE:FREQ=DAILY;UNTIL=20270520T115959"]
    assert lines(days, "RRULE") == ["RRULE:FREQ=DAILY;UNTIL=20270520"]
    assert len(held(floating)) == len(held(days)) == 18


def test_what_is_under_way_stays_and_what_begins_at_the_moment_goes() -> None:
    daily = an_object(START, END, "RRULE:FREQ=DAILY")

    assert held(ended(daily, instant("2027-05-04 10:01"), PARIS)) == ["2027-05-03 10:00", "2027-05-04 10:00"]
    assert held(ended(daily, instant("2027-05-04 10:00"), PARIS)) == ["2027-05-03 10:00"]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("RRULE:FREQ=WEEKLY;COUNT=3",),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270518",),
        ("RDATE;TZID=Europe/Paris:20270504T100000",),
    ],
)
def test_what_is_over_is_left_as_it_is(lines: tuple[str, ...]) -> None:
    obj = an_object(START, END, *lines)

    assert ended(obj, AT, PARIS) == obj.text


@pytest.mark.parametrize("lines", [(), ("RRULE:FREQ=WEEKLY",), ("RDATE;TZID=Europe/Paris:20270504T100000",)])
def test_of_what_has_not_begun_nothing_is_left(lines: tuple[str, ...]) -> None:
    assert ended(an_object(START, END, *lines), instant("2027-05-03 10:00"), PARIS) is None


def test_dates_to_come_are_taken_out_of_a_list() -> None:
    text = ended(
        an_object(START, END, "RDATE;TZID=Europe/Paris:20270510T100000,20270524T100000", "RDATE:20270601T080000Z"),
        AT,
        PARIS,
    )

    assert lines(text, "RDATE") == ["RDATE;TZID=Europe/Paris:20270510T100000"]


def test_a_rule_that_ended_before_is_not_drawn_out_by_dates_that_go() -> None:
    for rule in ("RRULE:FREQ=WEEKLY;UNTIL=20270505T220000Z", "RRULE:FREQ=WEEKLY;COUNT=1"):
        text = ended(an_object(START, END, rule, "RDATE;TZID=Europe/Paris:20270601T100000"), AT, PARIS)

        assert (held(text), lines(text, "RRULE")) == (["2027-05-03 10:00"], [rule])


def an_override(of: str, on: str, *more: str) -> str:
    return an_event(
        f"RECURRENCE-ID;TZID=Europe/Paris:{of}",
        f"DTSTART;TZID=Europe/Paris:{on}",
        "DURATION:PT1H",
        "SUMMARY:Autre",
        *more,
    )


def test_overrides_to_come_go_and_those_of_the_past_stay() -> None:
    others = an_override("20270510T100000", "20270511T140000") + an_override("20270524T100000", "20270525T140000")

    text = ended(an_object(START, END, "RRULE:FREQ=WEEKLY", others=others), AT, PARIS)

    assert held(text) == ["2027-05-03 10:00", "2027-05-11 14:00", "2027-05-17 10:00"]
    assert lines(text, "RECURRENCE-ID") == ["RECURRENCE-ID;TZID=Europe/Paris:20270510T100000"]


def test_a_date_that_had_been_put_off_does_not_come_back_to_where_it_was() -> None:
    others = an_override("20270510T100000", "20270525T140000")

    text = ended(an_object(START, END, "RRULE:FREQ=WEEKLY", others=others), AT, PARIS)

    assert held(text) == ["2027-05-03 10:00", "2027-05-17 10:00"]
    assert lines(text, "EXDATE") == ["EXDATE;TZID=Europe/Paris:20270510T100000"]


def test_a_date_that_had_been_brought_forward_stays() -> None:
    others = an_override("20270524T100000", "20270518T140000")

    text = ended(an_object(START, END, "RRULE:FREQ=WEEKLY", others=others), AT, PARIS)

    assert held(text) == ["2027-05-03 10:00", "2027-05-10 10:00", "2027-05-17 10:00", "2027-05-18 14:00"]


def test_a_date_that_was_cancelled_stays_free() -> None:
    others = an_override("20270510T100000", "20270510T100000", "STATUS:CANCELLED")

    text = ended(an_object(START, END, "RRULE:FREQ=WEEKLY", others=others), AT, PARIS)

    assert held(text) == ["2027-05-03 10:00", "2027-05-17 10:00"]


def test_overrides_without_their_series_are_sorted_too() -> None:
    alone = read(
        a_calendar(an_override("20270510T100000", "20270511T140000"), an_override("20270524T100000", "20270525T140000"))
    )

    assert held(ended(alone, AT, PARIS)) == ["2027-05-11 14:00"]


def test_a_start_that_its_rule_lacks_stays_when_the_rule_has_no_date_left() -> None:
    text = ended(an_object(START, END, "RRULE:FREQ=WEEKLY;BYDAY=FR"), instant("2027-05-04 09:00"), PARIS)

    assert (held(text), lines(text, "RRULE")) == (["2027-05-03 10:00"], [])


def test_a_date_before_the_start_stays_when_the_start_goes() -> None:
    for rule in ((), ("RRULE:FREQ=WEEKLY",)):
        obj = an_object(START, END, *rule, "RDATE;TZID=Europe/Paris:20270426T100000")

        assert held(ended(obj, instant("2027-05-01 00:00"), PARIS)) == ["2027-04-26 10:00"]


SLOTS = st.integers(0, 20).map(lambda quarter: f"202705{3 + quarter % 14:02d}T{10 + quarter % 3:02d}0000")


@st.composite
def series(draw: st.DrawFn) -> CalendarObject:
    """A series of a fortnight with all that can be in one."""
    tail = ""
    for of in draw(st.lists(SLOTS, max_size=2, unique=True)):
        tail += an_override(of, draw(SLOTS), *draw(st.sampled_from([(), ("STATUS:CANCELLED",)])))
    rule = draw(
        st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY"])
    )
    bound = draw(st.sampled_from(["", ";COUNT=1", ";COUNT=4", ";UNTIL=20270509T220000Z", ";UNTIL=20270511"]))
    dates = [f"RDATE;TZID=Europe/Paris:{date}" for date in draw(st.lists(SLOTS, max_size=2))]
    excluded = [f"EXDATE;TZID=Europe/Paris:{date}" for date in draw(st.lists(SLOTS, max_size=2))]
    start = draw(SLOTS)
    return an_object(
        f"DTSTART;TZID=Europe/Paris:{start}",
        "DURATION:PT1H",
        *([f"RRULE:{rule}{bound}"] if rule else []),
        *dates,
        *excluded,
        others=tail,
    )


@given(series(), st.integers(-1, 18 * 4))
def test_exactly_the_dates_that_have_begun_are_left(obj: CalendarObject, quarter: int) -> None:
    at = instant("2027-05-03 06:00") + quarter * int(timedelta(hours=6).total_seconds())
    try:
        before = [(o.start, o.end) for o in schedule(obj, PARIS).occurrences(at)]
    except Unsupported:
        return

    text = ended(obj, at, PARIS)

    after = schedule(read(text), PARIS) if text else None
    assert [(o.start, o.end) for o in after.extras] == before if after else before == []
    assert after is None or not after.endless
    if text:
        assert ended(read(text), at, PARIS) == text
