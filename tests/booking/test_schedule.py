"""The times of one booking, as the clients that sent it mean them."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from booking.calendars import (
    END,
    PARIS,
    START,
    a_calendar,
    a_zone,
    an_event,
    an_object,
    an_observance,
    instant,
    local,
    refused,
    starts,
    the_schedule,
    times,
    universal,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from sesstim_caldav.booking.calendar_object import Reason, Unsupported, read
from sesstim_caldav.booking.recurrence import LAST_DAY
from sesstim_caldav.booking.schedule import FOREVER, instants, parse_duration, schedule

WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=3"
MONDAYS = ["2027-05-03 10:00", "2027-05-10 10:00", "2027-05-17 10:00"]


def an_override(recurrence_id: str, *lines: str) -> str:
    return an_event(f"RECURRENCE-ID{recurrence_id}", *lines)


# --- one event ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DTSTART:20270503T080000Z", "DTEND:20270503T090000Z"),
        ("DTSTART:20270503T100000", "DTEND:20270503T110000"),
        (START, "DURATION:PT1H"),
        (START, "DURATION:+PT60M"),
        (START, "DTEND;TZID=Europe/London:20270503T100000"),
        (START, "DTEND:20270503T090000Z"),
        ('DTSTART;TZID="Europe/Paris":20270503T100000', END),
        ("DTSTART;TZID=europe/paris:20270503T100000", END),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20270503T100000", END),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Tzfile/Europe/Paris:20270503T100000", END),
        ("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Paris:20270503T100000", END),
        ("DTSTART;TZID=Romance Standard Time:20270503T100000", "DTEND;TZID=Romance Standard Time:20270503T110000"),
        ("DTSTART;TZID=America/New_York:20270503T040000", END),
        ("DTSTART;VALUE=DATE-TIME;TZID=Europe/Paris:20270503T100000", END),
        ("DTSTART;TZID=Etc/GMT:20270503T080000Z", "DTEND;TZID=UTC:20270503T090000Z"),
        ("DTSTART;TZID=UTC:20270503T080000", "DTEND;TZID=GMT:20270503T090000"),
    ],
)
def test_every_way_to_write_ten_to_eleven_means_ten_to_eleven(start, end):
    (occurrence,) = the_schedule(start, end).occurrences(FOREVER)

    assert times(occurrence) == "2027-05-03 10:00 to 2027-05-03 11:00"
    assert occurrence.recurrence_id is None


def test_a_day_lasts_from_midnight_to_midnight_of_the_room():
    (occurrence,) = the_schedule("DTSTART;VALUE=DATE:20270328").occurrences(FOREVER)

    assert times(occurrence) == "2027-03-28 00:00 to 2027-03-29 00:00"
    assert occurrence.end - occurrence.start == 23 * 3600


def test_several_days_end_at_midnight_of_the_last():
    (occurrence,) = the_schedule("DTSTART;VALUE=DATE:20270503", "DTEND;VALUE=DATE:20270506").occurrences(FOREVER)

    assert times(occurrence) == "2027-05-03 00:00 to 2027-05-06 00:00"


@pytest.mark.parametrize("duration", ["-PT1H", "PT0S", "P0D", "-P0DT0H30M0S"])
@pytest.mark.parametrize("rule", [(), ("RRULE:FREQ=WEEKLY;COUNT=3",), ("RRULE:FREQ=WEEKLY",)])
def test_a_negative_or_zero_duration_leaves_empty_occurrences_to_judge(duration, rule):
    booking = the_schedule(START, f"DURATION:{duration}", *rule)

    assert all(o.end <= o.start for o in booking.occurrences(instant("2028-01-01 00:00")))
    assert booking.kinds(PARIS)[0].end <= booking.kinds(PARIS)[0].start
    assert booking.clash_with_itself() is None


def test_a_part_of_the_event_that_is_called_like_a_time_is_none():
    (occurrence,) = the_schedule(START, END, "BEGIN:DTEND", "END:DTEND").occurrences(FOREVER)

    assert times(occurrence) == "2027-05-03 10:00 to 2027-05-03 11:00"


def test_an_event_without_end_is_empty():
    (occurrence,) = the_schedule(START).occurrences(FOREVER)

    assert occurrence.start == occurrence.end


def test_an_end_in_another_zone_can_lie_before_the_start():
    (occurrence,) = the_schedule(START, "DTEND;TZID=Europe/London:20270503T090000").occurrences(FOREVER)

    assert occurrence.end == occurrence.start


def test_a_time_in_the_gap_is_read_with_the_offset_before_it():
    (occurrence,) = the_schedule("DTSTART;TZID=Europe/Paris:20270328T023000", "DURATION:PT1H").occurrences(FOREVER)

    assert times(occurrence) == "2027-03-28 03:30 to 2027-03-28 04:30"


def test_a_time_that_comes_twice_is_the_first():
    (occurrence,) = the_schedule("DTSTART;TZID=Europe/Paris:20271031T023000", "DURATION:PT1H").occurrences(FOREVER)

    assert occurrence.start == universal("2027-10-31 00:30")


def test_a_leap_second_is_the_second_before():
    (occurrence,) = the_schedule("DTSTART:20161231T235960Z", "DURATION:PT1H").occurrences(FOREVER)

    assert occurrence.start == universal("2016-12-31 23:59") + 59


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((END,), Reason.BAD_VALUE),
        ((START, START, END), Reason.BAD_VALUE),
        ((START, END, END), Reason.BAD_VALUE),
        ((START, "DTEND;VALUE=DATE:20270504"), Reason.BAD_VALUE),
        (("DTSTART;VALUE=DATE:20270503", END), Reason.BAD_VALUE),
        ((START, END, "DURATION:PT2H"), Reason.END_AND_DURATION),
        ((START, END, "DURATION:PT1H"), None),
        ((START, "DURATION:P"), Reason.BAD_VALUE),
        ((START, "DURATION:PT"), Reason.BAD_VALUE),
        ((START, "DURATION:1H"), Reason.BAD_VALUE),
        ((START, "DURATION:P999999999W"), Reason.BAD_VALUE),
        ((START, "DURATION:PT" + "9" * 5000 + "H"), Reason.BAD_VALUE),
        (("DTSTART:20270230T100000", END), Reason.BAD_VALUE),
        (("DTSTART:20270503T250000", END), Reason.BAD_VALUE),
        (("DTSTART:20270503T1000", END), Reason.BAD_VALUE),
        (("DTSTART:٢٠٢٧٠٥٠٣T100000", END), Reason.BAD_VALUE),
        (("DTSTART:tomorrow", END), Reason.BAD_VALUE),
        (("DTSTART:00000101T100000", END), Reason.BAD_VALUE),
        (("DTSTART:00010101T000000", "DURATION:PT1H"), Reason.BAD_VALUE),
        (("DTSTART:99991231T230000", "DURATION:PT1H"), Reason.BAD_VALUE),
        (("DTSTART:99991230T230000Z", "DURATION:P2D"), Reason.BAD_VALUE),
        (("DTSTART:99991230T230000Z", "DURATION:PT1H"), Reason.BAD_VALUE),
        (("DTSTART:99991231T000000Z", "DURATION:-PT1H"), Reason.BAD_VALUE),
        (("DTSTART:00010101T235959Z", "DURATION:PT1H"), Reason.BAD_VALUE),
        (("DTSTART:00010102T000000Z", "DURATION:PT1H"), None),
        (("DTSTART:00010102T010000Z", "DURATION:-PT1H"), None),
        (("DTSTART:00010103T100000Z", "DURATION:PT1H"), None),
        (("DTSTART:99991230T100000Z", "DURATION:PT1H"), None),
        (("DTSTART;VALUE=DATE:20270503T100000", END), Reason.BAD_VALUE),
        (("DTSTART;VALUE=DATE-TIME:20270503", END), Reason.BAD_VALUE),
        (("DTSTART;TZID=Europe/Paris:20270503T100000Z", END), Reason.ZONE_ON_UTC),
        ((START, "DTEND;TZID=Europe/Paris:20270503T110000Z"), Reason.ZONE_ON_UTC),
        (("DTSTART;TZID=Nowhere:20270503T100000", END), Reason.UNKNOWN_ZONE),
        (("DTSTART;TZID=../../etc/passwd:20270503T100000", END), Reason.UNKNOWN_ZONE),
        (("DTSTART;TZID=right/Europe/Paris:20270503T100000", END), Reason.UNKNOWN_ZONE),
        (("DTSTART;TZID=/somewhere/Nowhere:20270503T100000", END), Reason.UNKNOWN_ZONE),
    ],
)
def test_a_time_that_cannot_be_read_is_refused(lines, reason):
    assert refused(*lines) is reason


# --- series ---------------------------------------------------------------------------------------------------------


def test_a_weekly_series_names_every_monday():
    booking = the_schedule(START, END, WEEKLY)

    assert [local(o.start) for o in booking.occurrences(FOREVER)] == MONDAYS
    assert all(o.recurrence_id == o.start for o in booking.occurrences(FOREVER))
    assert not booking.endless
    assert booking.first == instant("2027-05-03 10:00")


def test_a_series_in_paris_keeps_its_hour_and_one_in_utc_moves_on_the_wall():
    paris = starts("DTSTART;TZID=Europe/Paris:20270322T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")
    utc = starts("DTSTART:20270322T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")

    assert paris == ["2027-03-22 10:00", "2027-03-29 10:00"]
    assert utc == ["2027-03-22 10:00", "2027-03-29 11:00"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270517", "2027-05-17 10:00"),
        ("20270516", "2027-05-10 10:00"),
        ("20270517T100000", "2027-05-17 10:00"),
        ("20270517T095959", "2027-05-10 10:00"),
        ("20270517T080000Z", "2027-05-17 10:00"),
        ("20270517T075959Z", "2027-05-10 10:00"),
        ("20270517T235959", "2027-05-17 10:00"),
    ],
)
def test_until_is_inclusive_in_all_its_forms(until, last):
    assert starts(START, END, f"RRULE:FREQ=WEEKLY;UNTIL={until}")[-1] == last


def test_a_local_until_is_read_in_the_zone_of_the_series():
    found = starts(
        "DTSTART;TZID=America/New_York:20280103T040000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20280117T040000"
    )

    assert found == ["2028-01-03 10:00", "2028-01-10 10:00", "2028-01-17 10:00"]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=WEEKLY;UNTIL=20270601T000000Z;COUNT=-1", Reason.COUNT_AND_UNTIL),
        ("FREQ=WEEKLY;COUNT=0;UNTIL=20270601T000000Z", Reason.COUNT_AND_UNTIL),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270517T080000Z", Reason.COUNT_AND_UNTIL),
        ("FREQ=WEEKLY;COUNT=5;UNTIL=20270517T080000Z", Reason.COUNT_AND_UNTIL),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=", Reason.COUNT_AND_UNTIL),
        ("FREQ=WEEKLY;UNTIL=", Reason.BAD_RULE),
        ("FREQ=WEEKLY;COUNT=0", Reason.BAD_COUNT),
        ("FREQ=WEEKLY;COUNT=-1", Reason.BAD_COUNT),
        ("FREQ=WEEKLY;COUNT=", Reason.BAD_COUNT),
        ("FREQ=WEEKLY;COUNT=three", Reason.BAD_COUNT),
        ("FREQ=WEEKLY;COUNT=10000000", Reason.TOO_MANY),
        ("FREQ=WEEKLY;COUNT=" + "9" * 5000, Reason.BAD_COUNT),
        ("FREQ=SECONDLY", Reason.TOO_MANY),
        ("FREQ=MINUTELY", Reason.TOO_MANY),
        ("FREQ=SECONDLY;UNTIL=20280101", Reason.TOO_MANY),
        ("FREQ=DAILY;UNTIL=99991231", Reason.TOO_MANY),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", Reason.EMPTY_RULE),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", Reason.EMPTY_RULE),
        ("FREQ=WEEKLY;UNTIL=20270101", Reason.EMPTY_RULE),
        ("FREQ=WEEKLY;UNTIL=20271399", Reason.BAD_RULE),
        ("FREQ=WEEKLY;BYDAY=1MO", Reason.BAD_RULE),
        (f"FREQ=DAILY;BYMINUTE=0,15,30,45;BYHOUR={','.join(map(str, range(24)))}", None),
        (f"FREQ=DAILY;BYMINUTE=0,15,30,45,50;BYHOUR={','.join(map(str, range(24)))}", Reason.TOO_MANY),
        ("FREQ=WEEKLY;COUNT=10000", None),
        ("FREQ=WEEKLY;COUNT=10001", Reason.TOO_MANY),
        ("FREQ=HOURLY;INTERVAL=24", None),
    ],
)
def test_a_rule_that_cannot_be_held_is_refused(rule, reason):
    begun = time.process_time()

    assert refused(START, END, f"RRULE:{rule}") is reason
    assert time.process_time() - begun < 3


def test_a_finite_series_of_days_lasts_from_midnight_to_midnight_on_every_date():
    booking = the_schedule("DTSTART;VALUE=DATE:20270327", "RRULE:FREQ=DAILY;COUNT=3")

    assert [times(o) for o in booking.occurrences(FOREVER)] == [
        "2027-03-27 00:00 to 2027-03-28 00:00",
        "2027-03-28 00:00 to 2027-03-29 00:00",
        "2027-03-29 00:00 to 2027-03-30 00:00",
    ]


def test_a_finite_series_holds_nothing_on_the_last_day_of_the_calendar():
    booking = the_schedule("DTSTART:99991229T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5")

    assert [o.start for o in booking.occurrences(FOREVER)] == [universal(f"9999-12-{day} 00:00") for day in (29, 30)]


def test_a_finite_series_ends_with_the_calendar():
    booking = the_schedule(START, END, "RRULE:FREQ=YEARLY;INTERVAL=100;COUNT=1000")

    assert len(booking.occurrences(FOREVER)) == 80


def test_a_start_that_its_rule_lacks_is_held_and_not_counted():
    found = starts(
        "DTSTART;TZID=Europe/Paris:20270504T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3"
    )

    assert found == ["2027-05-04 10:00", "2027-05-05 10:00", "2027-05-10 10:00", "2027-05-12 10:00"]


def test_a_start_that_an_endless_rule_lacks_is_held_as_well():
    found = starts(
        "DTSTART;TZID=Europe/Paris:20270504T100000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;BYDAY=MO",
        until=instant("2027-05-18 00:00"),
    )

    assert found == ["2027-05-04 10:00", "2027-05-10 10:00", "2027-05-17 10:00"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((WEEKLY, "RRULE:FREQ=DAILY;COUNT=2"), Reason.TWO_RRULES),
        ((WEEKLY, "EXRULE:FREQ=WEEKLY;COUNT=1"), Reason.EXRULE),
        (("EXRULE:FREQ=WEEKLY;COUNT=1",), Reason.EXRULE),
    ],
)
def test_two_rules_and_an_exclusion_rule_are_refused(lines, reason):
    assert refused(START, END, *lines) is reason


# --- EXDATE, RDATE --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Paris:20270510T100000",
        "EXDATE:20270510T080000Z",
        "EXDATE:20270510T100000",
        "EXDATE;TZID=America/New_York:20270510T040000",
        "EXDATE;VALUE=DATE:20270510",
        "EXDATE:20270510",
        "EXDATE;TZID=UTC:20270510T080000Z",
    ],
)
@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_an_exdate_in_any_form_takes_that_monday(exdate, rule):
    assert starts(START, END, rule, exdate, until=instant("2027-05-18 00:00")) == [MONDAYS[0], MONDAYS[2]]


@pytest.mark.parametrize("exdate", ["EXDATE:20270510T080000Z", "EXDATE;VALUE=DATE:20270510"])
@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_an_exdate_with_a_time_takes_the_whole_day_of_a_series_of_days(exdate, rule):
    found = starts("DTSTART;VALUE=DATE:20270503", rule, exdate, until=instant("2027-05-18 00:00"))

    assert found == ["2027-05-03 00:00", "2027-05-17 00:00"]


def test_several_exdates_stand_in_one_line():
    assert starts(START, END, WEEKLY, "EXDATE:20270510T080000Z,20270517T080000Z") == MONDAYS[:1]


def test_an_exdate_at_another_hour_takes_nothing():
    assert starts(START, END, WEEKLY, "EXDATE;TZID=Europe/Paris:20270510T090000") == MONDAYS


def test_a_series_whose_exdates_leave_nothing_holds_nothing():
    booking = the_schedule(START, END, "RRULE:FREQ=WEEKLY;COUNT=1", "EXDATE;TZID=Europe/Paris:20270503T100000")

    assert booking.empty
    assert booking.first is None
    assert booking.occurrences(FOREVER) == []
    assert booking.clash_with_itself() is None


def test_a_single_event_whose_exdate_takes_it_holds_nothing():
    assert the_schedule(START, END, "EXDATE;TZID=Europe/Paris:20270503T100000").empty


def test_rdates_are_occurrences_and_what_rule_and_rdate_both_give_is_there_once():
    found = starts(START, END, WEEKLY, "RDATE;TZID=Europe/Paris:20270510T100000,20270512T100000")

    assert found == [MONDAYS[0], MONDAYS[1], "2027-05-12 10:00", MONDAYS[2]]


def test_ten_thousand_rdates_are_held_and_one_more_is_not():
    rdates = [f"RDATE:{datetime(2027, 5, 3, 8) + timedelta(hours=n):%Y%m%dT%H%M%SZ}" for n in range(10_001)]

    assert refused(START, END, *rdates[:10_000]) is None
    assert refused(START, END, *rdates) is Reason.TOO_MANY


def test_a_line_of_times_is_read_as_days_as_times_or_as_the_begins_of_periods():
    obj = an_object(
        START, "EXDATE;VALUE=DATE:20270504", "EXDATE:20270504T080000Z", "RDATE;VALUE=PERIOD:20270505T080000Z/PT1H"
    )
    lines = [line for name in ("EXDATE", "RDATE") for line in obj.events[0].lines(name)]

    assert [instants(obj, line, PARIS) for line in lines] == [
        [("20270504", instant("2027-05-04 00:00"))],
        [("20270504T080000Z", instant("2027-05-04 10:00"))],
        [("20270505T080000Z/PT1H", instant("2027-05-05 10:00"))],
    ]


def test_a_duration_is_shorter_than_the_calendar():
    assert parse_duration(f"-P{LAST_DAY - 1}D") is not None
    assert parse_duration(f"P{LAST_DAY}D") is None


def test_a_series_of_rdates_alone_knows_its_recurrence_ids():
    booking = the_schedule(START, END, "RDATE:20270512T080000Z")

    assert [o.recurrence_id for o in booking.occurrences(FOREVER)] == [
        instant("2027-05-03 10:00"),
        instant("2027-05-12 10:00"),
    ]


def test_a_period_keeps_its_own_length():
    booking = the_schedule(START, END, "RDATE;VALUE=PERIOD:20270504T080000Z/PT2H,20270505T080000Z/20270505T083000Z")

    assert [times(o) for o in booking.occurrences(FOREVER)] == [
        "2027-05-03 10:00 to 2027-05-03 11:00",
        "2027-05-04 10:00 to 2027-05-04 12:00",
        "2027-05-05 10:00 to 2027-05-05 10:30",
    ]


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_a_period_on_a_date_of_the_rule_is_there_once_with_its_own_length(rule):
    booking = the_schedule(START, END, rule, "RDATE;VALUE=PERIOD:20270510T080000Z/PT2H")

    assert [times(o) for o in booking.occurrences(instant("2027-05-18 00:00"))] == [
        "2027-05-03 10:00 to 2027-05-03 11:00",
        "2027-05-10 10:00 to 2027-05-10 12:00",
        "2027-05-17 10:00 to 2027-05-17 11:00",
    ]


def test_an_exdate_takes_a_period_of_an_endless_series_too():
    found = starts(
        START,
        END,
        "RRULE:FREQ=WEEKLY",
        "RDATE;VALUE=PERIOD:20270510T080000Z/PT2H",
        "EXDATE:20270510T080000Z",
        until=instant("2027-05-18 00:00"),
    )

    assert found == [MONDAYS[0], MONDAYS[2]]


def test_an_exdate_takes_an_rdate_and_the_start():
    found = starts(START, END, WEEKLY, "RDATE:20270512T080000Z", "EXDATE:20270512T080000Z,20270503T080000Z")

    assert found == MONDAYS[1:]


@pytest.mark.parametrize(
    "line",
    [
        "RDATE;VALUE=DATE:20270512",
        "RDATE;VALUE=PERIOD:20270512T080000Z",
        "RDATE;VALUE=PERIOD:20270512T080000Z/later",
        "RDATE:20270512T080000Z/PT1H",
        "RDATE:",
        "EXDATE:",
        "EXDATE:never",
    ],
)
def test_an_rdate_or_exdate_that_cannot_be_read_is_refused(line):
    assert refused(START, END, WEEKLY, line) is Reason.BAD_VALUE


# --- overrides ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "recurrence_id",
    [
        ";TZID=Europe/Paris:20270510T100000",
        ":20270510T080000Z",
        ":20270510T100000",
        ";TZID=America/New_York:20270510T040000",
        ";VALUE=DATE:20270510",
    ],
)
@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_an_override_moves_its_occurrence_in_whatever_zone_it_names_it(recurrence_id, rule):
    booking = the_schedule(
        START, END, rule, others=an_override(recurrence_id, "DTSTART:20270511T120000Z", "DTEND:20270511T130000Z")
    )
    found = booking.occurrences(instant("2027-05-18 00:00"))

    assert [local(o.start) for o in found] == [MONDAYS[0], "2027-05-11 14:00", MONDAYS[2]]
    assert [o.event for o in found] == [0, 1, 0]
    if "DATE" not in recurrence_id:
        assert found[1].recurrence_id == instant("2027-05-10 10:00")


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_a_cancelled_override_frees_its_slot(rule):
    others = an_override(":20270510T080000Z", "DTSTART:20270510T080000Z", "STATUS:CANCELLED")

    assert starts(START, END, rule, others=others, until=instant("2027-05-18 00:00")) == [MONDAYS[0], MONDAYS[2]]


def test_an_override_whose_series_excludes_its_date_is_held():
    found = starts(
        START,
        END,
        WEEKLY,
        "EXDATE;TZID=Europe/Paris:20270510T100000",
        others=an_override(
            ";TZID=Europe/Paris:20270510T100000", "DTSTART;TZID=Europe/Paris:20270511T100000", "DURATION:PT1H"
        ),
    )

    assert found == [MONDAYS[0], "2027-05-11 10:00", MONDAYS[2]]


def test_an_override_of_a_date_that_the_series_lacks_is_held():
    others = an_override(":20270601T080000Z", "DTSTART:20270602T080000Z", "DURATION:PT1H")

    assert starts(START, END, WEEKLY, others=others) == [*MONDAYS, "2027-06-02 10:00"]


def test_an_object_of_overrides_alone_holds_each_of_them():
    text = a_calendar(
        an_override(":20270510T080000Z", "DTSTART:20270510T090000Z", "DURATION:PT1H"),
        an_override(":20270503T080000Z", "DTSTART:20270503T090000Z", "DURATION:PT1H"),
    )
    found = schedule(read(text), PARIS).occurrences(FOREVER)

    assert [local(o.start) for o in found] == ["2027-05-03 11:00", "2027-05-10 11:00"]
    assert [o.event for o in found] == [1, 0]
    assert schedule(read(text), PARIS).zone is UTC


def test_a_cancelled_booking_holds_nothing_but_must_still_be_readable():
    assert the_schedule(START, END, "RRULE:FREQ=WEEKLY", "STATUS:CANCELLED").empty
    assert not the_schedule(START, END, "RRULE:FREQ=WEEKLY", "STATUS:CANCELLED").endless
    assert refused(START, END, "RRULE:FREQ=WEEKLY;COUNT=0", "STATUS:CANCELLED") is Reason.BAD_COUNT


def test_transparency_frees_nothing():
    assert starts(START, END, "TRANSP:TRANSPARENT") == MONDAYS[:1]


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ((";RANGE=THISANDFUTURE:20270510T080000Z", START, END), Reason.THIS_AND_FUTURE),
        ((":20270510T080000Z", START, END, "RRULE:FREQ=DAILY"), Reason.BAD_RULE),
        ((":20270510T080000Z", END), Reason.BAD_VALUE),
        ((":nonsense", START, END), Reason.BAD_VALUE),
        ((";TZID=Europe/Paris:20270510T080000Z", START, END), Reason.ZONE_ON_UTC),
    ],
)
def test_an_override_that_cannot_be_read_is_refused(override, reason):
    assert refused(START, END, WEEKLY, others=an_override(*override)) is reason


def test_one_recurrence_id_twice_is_refused_also_in_two_zones():
    others = an_override(":20270510T080000Z", START, END)
    others += an_override(";TZID=Europe/Paris:20270510T100000", START, END)

    assert refused(START, END, WEEKLY, others=others) is Reason.RECURRENCE_ID_TWICE


def test_two_events_without_recurrence_id_are_refused():
    assert refused(START, END, others=an_event(START, END)) is Reason.RECURRENCE_ID_TWICE


# --- clashes with itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", ";COUNT=5"])
def test_an_hourly_rule_of_ninety_minutes_clashes_with_itself(end):
    pair = the_schedule(START, "DURATION:PT90M", f"RRULE:FREQ=HOURLY{end}").clash_with_itself()

    assert pair is not None
    assert [local(o.start) for o in pair] == ["2027-05-03 10:00", "2027-05-03 11:00"]


@pytest.mark.parametrize("end", ["", ";COUNT=5"])
def test_an_hourly_rule_of_an_hour_does_not(end):
    assert the_schedule(START, "DURATION:PT1H", f"RRULE:FREQ=HOURLY;BYHOUR=9,10,11{end}").clash_with_itself() is None


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_an_override_moved_onto_its_own_sibling_clashes(rule):
    others = an_override(":20270510T080000Z", "DTSTART:20270517T083000Z", "DURATION:PT1H")
    pair = the_schedule(START, END, rule, others=others).clash_with_itself()

    assert pair is not None
    assert {o.event for o in pair} == {0, 1}


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
@pytest.mark.parametrize("length", ["PT0S", "-PT15M"])
def test_an_empty_date_in_the_middle_of_another_clashes_with_nothing(rule, length):
    assert the_schedule(START, END, rule, f"RDATE;VALUE=PERIOD:20270503T083000Z/{length}").clash_with_itself() is None


def test_a_rule_that_first_clashes_after_years_is_found():
    # the 29th of February meets every fourth day only now and then
    booking = the_schedule(
        "DTSTART;TZID=Europe/Paris:20270503T100000",
        "DURATION:PT2H",
        "RRULE:FREQ=YEARLY;BYYEARDAY=60;BYHOUR=10,11;BYSETPOS=1",
        "RDATE;TZID=Europe/Paris:20960229T110000",
    )
    pair = booking.clash_with_itself()

    assert pair is not None
    assert local(pair[0].start) == "2096-02-29 10:00"


def test_two_times_that_the_change_of_clock_brings_together_clash_on_that_day_alone():
    # 02:30 does not exist on the day of change and means 03:30
    pair = the_schedule(
        "DTSTART;TZID=Europe/Paris:20270401T023000",
        "DURATION:PT30M",
        "RRULE:FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30,45;BYSETPOS=1,4",
    ).clash_with_itself()

    assert pair is not None
    assert [local(o.start) for o in pair] == ["2028-03-26 03:30", "2028-03-26 03:45"]


def test_two_walls_of_one_instant_are_held_once():
    booking = the_schedule("DTSTART;TZID=Europe/Paris:20270301T023000", "DURATION:PT30M", "RRULE:FREQ=DAILY;BYHOUR=2,3")

    assert booking.clash_with_itself() is None
    found = booking.between(instant("2027-03-28 00:00"), instant("2027-03-28 23:00"))
    assert [local(o.start) for o in found] == ["2027-03-28 03:30"]


def test_of_two_overrides_on_their_siblings_the_earlier_clash_is_told():
    others = an_override(":20270510T080000Z", "DTSTART:20270524T073000Z", "DURATION:PT1H")
    others += an_override(":20270531T080000Z", "DTSTART:20270517T083000Z", "DURATION:PT1H")
    pair = the_schedule(START, END, "RRULE:FREQ=WEEKLY", others=others).clash_with_itself()

    assert pair is not None
    assert [local(o.start) for o in pair] == ["2027-05-17 10:00", "2027-05-17 10:30"]


def test_dates_that_a_rule_picks_one_by_one_clash_where_they_last_too_long():
    rule = "RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYHOUR=9,10;BYSETPOS=1,2"

    assert the_schedule(START, "DURATION:PT2H", rule).clash_with_itself() is not None
    assert the_schedule(START, END, rule).clash_with_itself() is None


def test_whole_days_clash_on_the_one_of_a_thousand_that_is_an_hour_shorter():
    zones = a_zone(
        "Mine",
        *an_observance("STANDARD", "20000101T000000", "+0100", "+0100"),
        *an_observance("DAYLIGHT", "20300331T020000", "+0100", "+0200"),
    )
    pair = the_schedule(
        "DTSTART;TZID=Mine:20270503T100000", "DURATION:PT24H", "RRULE:FREQ=DAILY", zones=zones
    ).clash_with_itself()

    assert pair is not None
    assert [o.start for o in pair] == [universal("2030-03-30 09:00"), universal("2030-03-31 08:00")]


def test_a_rule_that_clashes_before_an_rdate_does_is_told_first():
    booking = the_schedule(START, "DURATION:PT90M", "RRULE:FREQ=HOURLY", "RDATE:20270504T081500Z")
    pair = booking.clash_with_itself()

    assert pair is not None
    assert [local(o.start) for o in pair] == ["2027-05-03 10:00", "2027-05-03 11:00"]


def test_a_date_every_seven_hours_that_lasts_eight_clashes_with_the_next():
    pair = the_schedule(START, "DURATION:PT8H", "RRULE:FREQ=HOURLY;INTERVAL=7").clash_with_itself()

    assert pair is not None
    assert [local(o.start) for o in pair] == ["2027-05-03 10:00", "2027-05-03 17:00"]


# --- far away -------------------------------------------------------------------------------------------------------


def test_an_endless_series_is_asked_about_2044_and_9000_at_once():
    booking = the_schedule(START, END, "RRULE:FREQ=WEEKLY")

    for day in ("2044-05-02", "9000-05-05"):
        found = list(booking.between(instant(f"{day} 00:00"), instant(f"{day} 23:59")))
        assert [times(o) for o in found] == [f"{day} 10:00 to {day} 11:00"]


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_between_gives_what_overlaps_and_not_what_touches(rule):
    booking = the_schedule(START, END, rule)

    assert not list(booking.between(instant("2027-05-03 11:00"), instant("2027-05-10 10:00")))
    assert len(list(booking.between(instant("2027-05-03 10:59"), instant("2027-05-10 10:01")))) == 2


def test_between_gives_what_was_moved_among_the_dates_of_the_rule():
    others = an_override(":20270517T080000Z", "DTSTART:20270504T080000Z", "DURATION:PT1H")
    others += an_override(":20270524T080000Z", "DTSTART:20270505T080000Z", "DURATION:PT1H")
    booking = the_schedule(START, END, "RRULE:FREQ=WEEKLY", others=others)

    found = booking.between(instant("2027-05-03 00:00"), instant("2027-06-01 00:00"))
    assert [local(o.start)[:10] for o in found] == [f"2027-05-{day}" for day in ("03", "04", "05", "10", "31")]


@pytest.mark.parametrize("rule", [WEEKLY, "RRULE:FREQ=WEEKLY"])
def test_between_finds_an_empty_date_from_its_start_on(rule):
    booking = the_schedule(START, "DURATION:PT0S", rule)

    assert [local(o.start) for o in booking.between(instant("2027-05-03 10:00"), instant("2027-05-03 10:01"))] == [
        "2027-05-03 10:00"
    ]
    assert not list(booking.between(instant("2027-05-03 10:01"), instant("2027-05-10 10:00")))


def test_an_endless_series_begins_with_its_first_date_and_ends_with_the_calendar():
    booking = the_schedule("DTSTART:99991228T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")

    assert booking.first == universal("9999-12-28 00:00")
    assert not booking.empty
    found = [o.start for o in booking.between(universal("9999-12-28 00:00"), FOREVER + 86_400)]
    assert found == [universal(f"9999-12-{day} 00:00") for day in (28, 29, 30)]


@pytest.mark.parametrize("rule", ["RRULE:FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;COUNT=30"])
@given(begin=st.integers(-72, 600), length=st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_between_is_the_list_of_all_that_overlap(rule, begin, length):
    others = an_override(":20270510T080000Z", "DTSTART:20270511T120000Z", "DTEND:20270511T190000Z")
    booking = the_schedule(START, END, rule, "EXDATE:20270517T080000Z", others=others)
    start = instant("2027-05-03 10:00") + begin * 1800
    end = start + length * 1800
    every = booking.occurrences(instant("2027-09-01 00:00"))

    assert list(booking.between(start, end)) == [o for o in every if o.start < end and start < o.end]


# --- kinds ----------------------------------------------------------------------------------------------------------


def test_a_series_of_the_room_s_own_zone_has_one_kind_a_weekday():
    kinds = the_schedule(START, END, "RRULE:FREQ=DAILY").kinds(PARIS)

    assert [local(o.start) for o in kinds] == [f"2027-05-0{day} 10:00" for day in range(3, 10)]


def test_a_series_in_utc_has_two_kinds_one_in_winter():
    kinds = the_schedule("DTSTART:20270503T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY").kinds(PARIS)

    assert [local(o.start) for o in kinds] == ["2027-05-03 10:00", "2027-11-01 09:00"]


def test_a_series_in_new_york_has_a_kind_for_the_weeks_between_the_changes():
    kinds = the_schedule("DTSTART;TZID=America/New_York:20270503T040000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY").kinds(
        PARIS
    )

    assert [local(o.start) for o in kinds] == ["2027-05-03 10:00", "2027-11-01 09:00"]


def test_a_kind_that_comes_once_in_28_years_is_found():
    kinds = the_schedule("DTSTART;TZID=Europe/Paris:20280229T100000", "DURATION:PT1H", "RRULE:FREQ=YEARLY").kinds(PARIS)

    assert {datetime.fromtimestamp(o.start, PARIS).weekday() for o in kinds} == {0, 1, 2, 3, 4, 5, 6}
    assert kinds[0].start == instant("2028-02-29 10:00")


@pytest.mark.parametrize(
    ("zone", "midnights"),
    [
        ("Asia/Beirut", ["2027-05-02 00:00", "2027-10-30 23:00", "2028-03-26 01:00"]),  # on at 00:00, back at 00:00
        ("Atlantic/Azores", ["2027-05-02 00:00", "2028-03-26 01:00"]),  # on at 00:00, back at 01:00
    ],
)
def test_an_hour_until_midnight_ends_at_another_time_where_the_clock_changes_at_midnight(zone, midnights):
    room = ZoneInfo(zone)
    kinds = the_schedule(
        f"DTSTART;TZID={zone}:20270501T230000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=SA", room=room
    ).kinds(room)

    ends = [datetime.fromtimestamp(o.end, room) for o in kinds]
    assert [f"{end:%Y-%m-%d %H:%M}" for end in ends] == midnights


def test_an_hour_until_the_hour_that_is_left_out_is_a_kind_of_its_own_on_that_day():
    kinds = the_schedule("DTSTART;TZID=Europe/Paris:20270502T010000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY").kinds(PARIS)

    assert [times(o) for o in kinds] == [
        "2027-05-02 01:00 to 2027-05-02 02:00",
        "2028-03-26 01:00 to 2028-03-26 03:00",
    ]


def test_an_excluded_date_is_no_kind():
    kinds = the_schedule(START, END, "RRULE:FREQ=DAILY", "EXDATE:20270503T080000Z").kinds(PARIS)

    assert [local(o.start) for o in kinds][-1] == "2027-05-10 10:00"


@pytest.mark.parametrize("seed", range(3))
def test_kinds_are_all_that_ten_years_show(seed):
    chance = random.Random(seed)
    zone = chance.choice(["Europe/Paris", "UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"])
    rule = chance.choice(["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=-1SU"])
    booking = the_schedule(f"DTSTART;TZID={zone}:20270301T013000", "DURATION:PT1H", f"RRULE:{rule}")

    def kind(occurrence):
        start, end = (datetime.fromtimestamp(at, PARIS) for at in (occurrence.start, occurrence.end))
        return start.weekday(), start.time(), end.time()

    seen = {kind(o) for o in booking.occurrences(instant("2037-03-01 00:00"))}
    kinds = [kind(o) for o in booking.kinds(PARIS)]
    assert len(kinds) == len(set(kinds))
    assert seen <= set(kinds)


# --- against a library, where it is right ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_random_series_hold_what_recurring_ical_events_shows(seed):
    chance = random.Random(seed)
    for _ in range(5):
        zone = chance.choice(["Europe/Paris", "America/New_York", "UTC"])
        rule = chance.choice(
            [
                "FREQ=WEEKLY;COUNT=12",
                "FREQ=DAILY;INTERVAL=2;COUNT=20",
                "FREQ=MONTHLY;BYDAY=2MO;COUNT=8",
                "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=20",
                "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=6",
                "FREQ=YEARLY;COUNT=3",
            ]
        )
        start = datetime(2027, 1, 4, 9, tzinfo=ZoneInfo(zone)) + timedelta(days=7 * chance.randint(0, 30))
        lines = [f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", "DURATION:PT1H", f"RRULE:{rule}"]
        if chance.random() < 0.5:
            lines.append(f"EXDATE;TZID={zone}:{start + timedelta(days=14):%Y%m%dT%H%M%S}")
        if chance.random() < 0.5:
            lines.append(f"RDATE;TZID={zone}:{start + timedelta(days=3, hours=2):%Y%m%dT%H%M%S}")
        text = a_calendar(an_event(*lines))
        shown = recurring_ical_events.of(Calendar.from_ical(text)).between(datetime(2026, 1, 1), datetime(2032, 1, 1))
        expected = sorted(int(event["DTSTART"].dt.astimezone(UTC).timestamp()) for event in shown)

        held = [o.start for o in schedule(read(text), PARIS).occurrences(FOREVER)]
        # dateutil shows a start that its rule lacks for neither; the room holds it
        assert set(expected) <= set(held), lines
        assert set(held) - set(expected) <= {int(start.timestamp())}, lines


# --- an object's own zones ------------------------------------------------------------------------------------------

LONDON = [
    *an_observance("STANDARD", "16010101T020000", "+0100", "+0000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
    *an_observance("DAYLIGHT", "16010101T010000", "+0000", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
]


@pytest.mark.parametrize(("day", "hour"), [("20270111", "11:00"), ("20270705", "11:00")])
def test_a_customized_time_zone_is_what_the_object_says(day, hour):
    found = starts(
        f'DTSTART;TZID="Customized Time Zone":{day}T100000',
        "DURATION:PT1H",
        zones=a_zone("Customized Time Zone", *LONDON),
    )

    assert [text[-5:] for text in found] == [hour]


def test_a_name_with_commas_is_escaped_in_the_vtimezone_and_quoted_beside_the_time():
    zones = a_zone("(UTC+01:00) Brussels\\, Paris", *an_observance("STANDARD", "19700101T000000", "+0200", "+0200"))

    assert starts('DTSTART;TZID="(UTC+01:00) Brussels, Paris":20270503T100000', zones=zones) == ["2027-05-03 10:00"]


def test_two_objects_mean_different_zones_by_one_name():
    start = "DTSTART;TZID=Customized Time Zone:20270111T100000"
    other = a_zone("Customized Time Zone", *an_observance("STANDARD", "19700101T000000", "-0500", "-0500"))

    assert starts(start, zones=a_zone("Customized Time Zone", *LONDON)) == ["2027-01-11 11:00"]
    assert starts(start, zones=other) == ["2027-01-11 16:00"]
    assert starts(start, zones=a_zone("Customized Time Zone", *LONDON)) == ["2027-01-11 11:00"]


@pytest.mark.parametrize(
    "lines",
    [
        an_observance("DAYLIGHT", "20180325T020000", "+0100", "+0200"),
        [],
        ["BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD"],
        an_observance("STANDARD", "19700101T000000", "+0000", "+0000"),
    ],
)
@pytest.mark.parametrize("day", ["20270111", "20270712"])
def test_a_name_that_iana_knows_is_read_by_name_whatever_its_vtimezone_says(lines, day):
    found = starts(f"DTSTART;TZID=Europe/Paris:{day}T080000", zones=a_zone("Europe/Paris", *lines))

    assert found[0].endswith("08:00")


@pytest.mark.parametrize("lines", [[], ["BEGIN:STANDARD", "TZOFFSETTO:+0100", "END:STANDARD"]])
def test_any_other_name_needs_a_vtimezone_that_says_something(lines):
    assert refused("DTSTART;TZID=Mine:20270503T100000", zones=a_zone("Mine", *lines)) is Reason.UNKNOWN_ZONE


def test_offsets_of_six_digits_are_read_to_the_minute():
    zones = a_zone("Old Paris", *an_observance("STANDARD", "18910315T000000", "+000921", "+000921"))
    booking = the_schedule("DTSTART;TZID=Old Paris:20270503T100000", zones=zones)

    assert booking.first == universal("2027-05-03 10:00") - 9 * 60


def test_an_observance_that_begins_in_the_year_one_costs_no_more():
    zones = a_zone(
        "eM Client zone",
        *an_observance("STANDARD", "00010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
        *an_observance("DAYLIGHT", "00010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
    )
    begun = time.process_time()
    found = starts("DTSTART;TZID=eM Client zone:20270301T100000", "RRULE:FREQ=MONTHLY;COUNT=2", zones=zones)

    assert found == ["2027-03-01 10:00", "2027-04-01 10:00"]
    assert time.process_time() - begun < 1


def test_an_object_s_own_zone_lasts_as_long_as_the_calendar():
    booking = the_schedule(
        "DTSTART;TZID=Mine:20270503T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY",
        zones=a_zone("Mine", *LONDON),
    )

    assert [local(o.start)[-5:] for o in booking.kinds(PARIS)] == ["10:00"]
    found = list(booking.between(universal("9000-07-07 00:00"), universal("9000-07-08 00:00")))
    assert [o.start for o in found] == [universal("9000-07-07 08:00")]


def test_a_zone_with_rules_beyond_reason_is_refused():
    zones = a_zone("Mad", *an_observance("STANDARD", "19700101T000000", "+0100", "+0200", "RRULE:FREQ=SECONDLY"))

    assert refused("DTSTART;TZID=Mad:20270503T100000", zones=zones) is Reason.BAD_VALUE


def test_a_utc_value_may_name_an_object_s_own_utc():
    zones = a_zone("Coordinated", *an_observance("STANDARD", "16010101T000000", "+0000", "+0000"))

    assert starts("DTSTART;TZID=Coordinated:20270503T080000Z", zones=zones) == MONDAYS[:1]


def test_every_zone_of_an_object_agrees_with_iana_where_its_rules_are_paris():
    zones = a_zone(
        "Mine",
        *an_observance("STANDARD", "19961027T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"),
        *an_observance("DAYLIGHT", "19810329T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"),
    )
    rule = ("DURATION:PT1H", "RRULE:FREQ=HOURLY;INTERVAL=5;COUNT=6000")
    mine = the_schedule("DTSTART;TZID=Mine:20270301T003000", *rule, zones=zones).occurrences(FOREVER)
    paris = the_schedule("DTSTART;TZID=Europe/Paris:20270301T003000", *rule).occurrences(FOREVER)

    assert mine == paris


# --- hostile --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;INTERVAL=7;BYHOUR=9",
        "FREQ=SECONDLY;INTERVAL=86399",
        "FREQ=MINUTELY;INTERVAL=100",
        "FREQ=HOURLY;INTERVAL=7",
        "FREQ=HOURLY;BYMINUTE=0,15,30,45",
        "FREQ=DAILY;INTERVAL=99999999",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30",
        "FREQ=YEARLY;INTERVAL=28;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=8,9,10,11;BYSETPOS=1,-1,100,200,300",
        "FREQ=MONTHLY;INTERVAL=7;BYDAY=1MO,2TU,3WE,4TH,5FR;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10",
    ],
)
def test_whatever_a_rule_says_every_question_is_answered_soon(rule):
    begun = time.process_time()
    try:
        booking = the_schedule(START, "DURATION:PT10M", f"RRULE:{rule}")
    except Unsupported:
        pass
    else:
        booking.kinds(PARIS)
        booking.clash_with_itself()
        list(booking.between(instant("2044-05-02 00:00"), instant("2044-05-09 00:00")))
        booking.occurrences(instant("2029-01-01 00:00"))
    assert time.process_time() - begun < 5


def test_a_thousand_exdates_and_overrides_cost_little():
    lines = [f"EXDATE:20{27 + i // 300}{1 + i % 12:02}{1 + i % 28:02}T080000Z" for i in range(3000)]
    begun = time.process_time()
    booking = the_schedule(START, END, "RRULE:FREQ=DAILY", *lines)
    booking.kinds(PARIS)

    assert time.process_time() - begun < 5


def test_an_object_that_repeats_in_a_zone_of_its_own_is_read_again_alike():
    text = an_object(START, END, WEEKLY).text

    assert read(text).untouched
