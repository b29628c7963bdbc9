"""Two endless series: the first time that they meet, or never."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

import pytest
from booking.calendars import END, START, an_event, instant, local, the_schedule, universal

from sesstim_caldav.booking.pattern import meeting


def weekly(start: str, rule: str = "FREQ=WEEKLY", zone: str = "Europe/Paris", duration: str = "PT1H", *more: str):
    return the_schedule(f"DTSTART;TZID={zone}:{start}", f"DURATION:{duration}", f"RRULE:{rule}", *more)


def first_meeting(one, other, since="2027-01-01 00:00"):
    pair = meeting(one, other, instant(since))
    return None if pair is None else (local(pair[0].start), local(pair[1].start))


def test_the_same_hour_of_the_same_weekday_meets_at_once():
    one, other = weekly("20270503T100000"), weekly("20270510T103000")

    assert first_meeting(one, other) == ("2027-05-10 10:00", "2027-05-10 10:30")


def test_touching_hours_never_meet():
    assert first_meeting(weekly("20270503T100000"), weekly("20270503T110000")) is None
    assert first_meeting(weekly("20270503T110000"), weekly("20270503T100000")) is None


def test_different_weekdays_never_meet():
    assert first_meeting(weekly("20270503T100000"), weekly("20270504T100000")) is None


def test_alternate_weeks_never_meet():
    one, other = (
        weekly("20270503T100000", "FREQ=WEEKLY;INTERVAL=2"),
        weekly("20270510T100000", "FREQ=WEEKLY;INTERVAL=2"),
    )

    assert first_meeting(one, other) is None


def test_two_series_that_first_meet_in_eleven_years_are_found():
    # every 64th and every 63rd day: one of 4,032 days is common, nearly eleven years ahead
    one = weekly("20270503T100000", "FREQ=DAILY;INTERVAL=64")
    other = weekly("20270704T100000", "FREQ=DAILY;INTERVAL=63")

    assert first_meeting(one, other) == ("2038-03-14 10:00", "2038-03-14 10:00")


def test_a_leap_day_meets_a_monday_in_years():
    one = weekly("20280229T100000", "FREQ=YEARLY")
    other = weekly("20270503T100000")

    assert first_meeting(one, other) == ("2044-02-29 10:00", "2044-02-29 10:00")


def test_new_york_and_paris_meet_only_between_the_two_changes_of_clock():
    one = weekly("20270503T100000", "FREQ=WEEKLY;BYDAY=MO")
    other = weekly("20270503T050000", "FREQ=WEEKLY;BYDAY=MO", "America/New_York")

    assert first_meeting(one, other) == ("2027-11-01 10:00", "2027-11-01 10:00")


def test_new_york_and_paris_in_january_alone_never_meet():
    one = weekly("20280103T100000", "FREQ=MONTHLY;BYMONTH=1;BYDAY=1MO")
    other = weekly("20280103T050000", "FREQ=MONTHLY;BYMONTH=1;BYDAY=1MO", "America/New_York")

    assert first_meeting(one, other) is None


def test_an_excluded_date_is_passed_over():
    one = weekly("20270503T100000", "FREQ=WEEKLY", "Europe/Paris", "PT1H", "EXDATE:20270503T080000Z")
    other = weekly("20270503T100000", "FREQ=WEEKLY")

    assert first_meeting(one, other) == ("2027-05-10 10:00", "2027-05-10 10:00")


def test_since_passes_over_what_was_before():
    pair = meeting(weekly("20270503T100000"), weekly("20270503T100000"), instant("2031-01-01 00:00"))

    assert pair is not None
    assert local(pair[0].start) == "2031-01-06 10:00"


def test_a_moved_occurrence_meets_the_other_series():
    others = an_event(
        "RECURRENCE-ID;TZID=Europe/Paris:20270510T100000", "DTSTART;TZID=Europe/Paris:20270511T100000", "DURATION:PT1H"
    )
    one = the_schedule(START, END, "RRULE:FREQ=WEEKLY", others=others)
    tuesdays = weekly("20270504T103000")

    assert first_meeting(one, tuesdays) == ("2027-05-11 10:00", "2027-05-11 10:30")
    assert first_meeting(tuesdays, one) == ("2027-05-11 10:30", "2027-05-11 10:00")


def test_empty_occurrences_meet_nothing():
    assert (
        first_meeting(weekly("20270503T100000", "FREQ=WEEKLY", "Europe/Paris", "PT0S"), weekly("20270503T093000"))
        is None
    )


def test_a_series_over_midnight_meets_the_early_one_of_the_next_day_whichever_is_named_first():
    late = weekly("20270503T230000", zone="Etc/UTC", duration="PT2H")
    early = weekly("20270504T003000", zone="Etc/UTC")

    assert first_meeting(late, early) == ("2027-05-04 01:00", "2027-05-04 02:30")
    assert first_meeting(early, late) == ("2027-05-04 02:30", "2027-05-04 01:00")


def test_a_calendar_day_of_twenty_five_hours_meets_what_is_in_the_last_of_them():
    # from the last Saturday of October, 10:00 (08:00Z), until the Sunday, 10:00 (09:00Z)
    day = weekly("20271030T100000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SA", duration="P1D")
    half_past = weekly("20271031T083000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "Etc/UTC", "PT30M")

    assert first_meeting(day, half_past) == ("2027-10-30 10:00", "2027-10-31 09:30")
    assert first_meeting(half_past, day) == ("2027-10-31 09:30", "2027-10-30 10:00")


def test_a_single_date_of_a_series_that_met_the_other_before_is_passed_over():
    one = weekly("20270503T100000", "FREQ=WEEKLY", "Europe/Paris", "PT1H", "RDATE;TZID=Europe/Paris:20270504T100000")
    other = weekly("20270504T103000")

    assert first_meeting(one, other) == ("2027-05-04 10:00", "2027-05-04 10:30")
    assert first_meeting(one, other, since="2027-05-05 00:00") is None
    assert first_meeting(one, other, since="2027-05-04 10:30") == ("2027-05-04 10:00", "2027-05-04 10:30")


def test_a_pair_counts_from_the_later_of_its_starts():
    one, other = weekly("20270503T100000"), weekly("20270503T103000")

    assert first_meeting(one, other, since="2027-05-03 10:30") == ("2027-05-03 10:00", "2027-05-03 10:30")
    assert first_meeting(one, other, since="2027-05-03 10:31") == ("2027-05-10 10:00", "2027-05-10 10:30")


ZONES = ["Europe/Paris", "Europe/Paris", "UTC", "America/New_York"]
RULES = [
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=DAILY;INTERVAL=5",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=2",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "FREQ=HOURLY;INTERVAL=30",
]


@pytest.mark.parametrize("seed", range(12))
def test_the_first_meeting_is_the_one_that_a_walk_through_ten_years_finds(seed):
    chance = random.Random(seed)
    for _ in range(6):
        pair = []
        for _ in range(2):
            begin = datetime(2027, 3, 1) + timedelta(days=chance.randint(0, 13))
            hour = chance.choice([0, 1, 2, 3, 9, 10])
            pair.append(
                weekly(
                    f"{begin:%Y%m%d}T{hour:02}{chance.choice([0, 30]):02}00",
                    chance.choice(RULES),
                    chance.choice(ZONES),
                    chance.choice(["PT30M", "PT1H", "PT2H"]),
                )
            )
        one, other = pair
        until = universal("2037-03-01 00:00")
        walked = None
        for occurrence in one.occurrences(until):
            for candidate in other.between(occurrence.start, occurrence.end):
                begin_at = max(occurrence.start, candidate.start)
                if occurrence.overlaps(candidate) and (walked is None or begin_at < walked):
                    walked = begin_at
            if walked is not None and occurrence.start > walked:
                break
        found = meeting(one, other, universal("2027-01-01 00:00"))
        begin_found = None if found is None else max(found[0].start, found[1].start)

        if walked is None:
            assert begin_found is None or begin_found >= until
        else:
            assert begin_found == walked


def test_a_hundred_series_are_compared_in_a_moment():
    other = weekly("20270503T100000")
    series = [
        weekly(f"202705{3 + i % 5:02}T{8 + i // 5:02}0000", "FREQ=WEEKLY")
        for i in range(50)
        if (i % 5, i // 5) != (0, 2)
    ]
    begun = time.process_time()

    assert all(meeting(one, other, instant("2027-01-01 00:00")) is None for one in series)
    assert time.process_time() - begun < 3
