"""Stories about the rules that the examples are too short for, and the edges of every comparison."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from booking.proposals import DAY, MARIE, ODILE, PARIS, PAUL, PRADO, an_object, at, judged, occurrence
from hypothesis import given
from hypothesis import strategies as st

from sesstim_caldav.booking.calendar_object import read
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import UNKNOWN_PERSON, Held, OpeningHours, Proposal, Standing
from sesstim_caldav.booking.rules import judge, may_change
from sesstim_caldav.booking.rules.example import Example
from sesstim_caldav.booking.rules.held_already import held_already
from sesstim_caldav.booking.rules.room_already_booked import overlap
from sesstim_caldav.booking.schedule import schedule
from sesstim_caldav.booking.violation import Rule, Violation

OBJECT = read(an_object("DTSTART:20261201T100000\nDTEND:20261201T110000"))

FORTNIGHT = at("2026-12-01 00:00")
quarters = st.integers(0, 14 * 96).map(lambda number: FORTNIGHT + number * 900)
near_quarters = st.builds(lambda instant, by: instant + by, quarters, st.sampled_from([-1, 0, 0, 0, 1]))


def asked(*occurrences: Occurrence, **more: object) -> Proposal:
    return replace(Proposal(PRADO, MARIE, after=OBJECT, occurrences=occurrences), **more)


def broken(proposal: Proposal, rule: Rule) -> list[Violation]:
    return [violation for violation in judge(proposal) if violation.rule is rule]


@given(near_quarters, st.integers(0, 8), near_quarters, st.integers(0, 8))
def test_two_bookings_overlap_when_some_second_is_in_both(
    start: int, length: int, other: int, others_length: int
) -> None:
    mine, held = Occurrence(start, start + length * 900), Held(other, other + others_length * 900, "Paul", 1)

    seconds = set(range(mine.start, mine.end)) & set(range(held.start, held.end))

    if mine.start < mine.end and held.start < held.end:
        assert overlap(mine, held) == bool(seconds)


@given(st.integers(0, 40), st.integers(1, 8), st.integers(1, 8))
def test_touching_ends_do_not_overlap_and_a_second_more_does(quarter: int, before: int, after: int) -> None:
    edge = at("2026-12-01 08:00") + quarter * 900
    held = Held(edge, edge + after * 900, "Paul Martin", 1)
    touching, reaching = Occurrence(edge - before * 900, edge), Occurrence(edge - before * 900, edge + 1)
    behind, within = Occurrence(held.end, held.end + 900), Occurrence(held.end - 1, held.end + 900)

    def refused(mine: Occurrence) -> bool:
        return bool(broken(asked(mine, taken=[(mine, held)]), Rule.ROOM_ALREADY_BOOKED))

    assert not refused(touching)
    assert not refused(behind)
    assert refused(reaching)
    assert refused(within)


@given(near_quarters, st.integers(-4, 60))
def test_hours_and_grid_agree_with_the_minutes_that_are_open(start: int, quarters_long: int) -> None:
    mine = Occurrence(start, start + quarters_long * 900)
    clock, end = datetime.fromtimestamp(mine.start, PARIS), datetime.fromtimestamp(mine.end, PARIS)
    opens = datetime.combine(clock.date(), time(8), PARIS)
    closes = datetime.combine(clock.date(), time(20), PARIS)

    inside = clock.isoweekday() not in (6, 7) and not (clock < opens or end > closes) and end.date() == clock.date()
    on_grid = all(moment.minute in (0, 15, 30, 45) and not moment.second for moment in (clock, end))

    assert (broken(asked(mine), Rule.OUTSIDE_OPENING_HOURS) == []) == inside
    assert (broken(asked(mine), Rule.NOT_ON_QUARTER_HOUR) == []) == on_grid
    assert (broken(asked(mine), Rule.EMPTY_BOOKING) == []) == (quarters_long > 0)


@pytest.mark.parametrize("weekday", range(7))
def test_a_room_is_open_on_its_weekdays_alone(weekday: int) -> None:
    day = date(2026, 11, 30) + timedelta(days=weekday)
    room = replace(PRADO, hours=OpeningHours(frozenset({5}), time(8), time(20), 15))
    proposal = replace(asked(occurrence(f"{day} 10:00", f"{day} 11:00")), room=room)

    assert (broken(proposal, Rule.OUTSIDE_OPENING_HOURS) == []) == (weekday == 5)


@pytest.mark.parametrize(("grid", "minute", "taken"), [(30, 30, True), (30, 15, False), (60, 30, False), (5, 55, True)])
def test_the_grid_is_the_room_s_own(grid: int, minute: int, taken: bool) -> None:
    room = replace(PRADO, hours=replace(PRADO.hours, grid_minutes=grid))
    proposal = replace(asked(occurrence(f"2026-12-01 10:{minute}", "2026-12-01 11:00")), room=room)

    assert (broken(proposal, Rule.NOT_ON_QUARTER_HOUR) == []) == taken


def test_every_bad_date_of_a_series_is_told_in_order_and_once() -> None:
    bad = [occurrence(f"2026-12-0{day} 07:00", f"2026-12-0{day} 09:00") for day in (1, 2, 3)]

    violations = broken(asked(*bad, bad[0]), Rule.OUTSIDE_OPENING_HOURS)

    assert [violation.occurrence for violation in violations] == bad


def test_a_date_that_two_bookings_are_in_the_way_of_is_told_once_with_both_names() -> None:
    mine = occurrence("2026-12-01 10:00", "2026-12-01 12:00")
    held = [Held(at("2026-12-01 10:00"), at("2026-12-01 11:00"), "Marie Dupont", 1)]
    held += [Held(at("2026-12-01 11:00"), at("2026-12-01 12:00"), "Paul Martin", 2), replace(held[0], booking=3)]

    (violation,) = broken(asked(mine, taken=[(mine, each) for each in held]), Rule.ROOM_ALREADY_BOOKED)

    assert violation.holder == "Marie Dupont, Paul Martin"


def test_a_series_that_overlaps_itself_is_told_to_be_one_s_own() -> None:
    example = Example("", "DTSTART:20261201T100000\nDTEND:20261201T113000\nRRULE:FREQ=HOURLY;COUNT=2")

    (violation,) = [each for each in judged(example) if each.rule is Rule.ROOM_ALREADY_BOOKED]

    assert violation.own_series
    assert violation.holder is None
    assert violation.occurrence is not None
    assert violation.occurrence.start == at("2026-12-01 11:00")


def test_every_rule_broken_is_told_and_the_organiser_first() -> None:
    example = Example(
        "",
        "DTSTART:20261205T101000\nDTEND:20261205T110000\nORGANIZER:mailto:paul@univ-amu.fr",
        held=(("2026-12-05 10:00", "2026-12-05 11:00", "Paul Martin"),),
        uid_owner="other.ics",
    )

    assert [violation.rule for violation in judged(example)] == [
        Rule.NOT_THE_ORGANISER,
        Rule.UID_IN_USE,
        Rule.OUTSIDE_OPENING_HOURS,
        Rule.NOT_ON_QUARTER_HOUR,
        Rule.ROOM_ALREADY_BOOKED,
    ]


@pytest.mark.parametrize(
    ("asker", "organiser", "may"),
    [(MARIE, MARIE, True), (PAUL, MARIE, False), (ODILE, MARIE, True), (PAUL, None, False), (ODILE, None, True)],
)
def test_who_may_change_a_booking(asker: object, organiser: object, may: bool) -> None:
    assert may_change(asker, organiser) is may  # type: ignore[arg-type]


def test_a_stranger_is_told_the_address_that_is_not_his() -> None:
    sent = read(
        an_object("DTSTART:20261201T100000\nORGANIZER:mailto:marie@univ-amu.fr\nORGANIZER:mailto:other@example.org")
    )

    (violation,) = judge(Proposal(PRADO, MARIE, after=sent, named=UNKNOWN_PERSON))

    assert violation.detail == "other@example.org"


def test_a_booking_that_is_over_can_be_made() -> None:
    assert judged(Example("", "DTSTART:20200106T100000\nDTEND:20200106T110000")) == []


def test_an_endless_series_is_judged_by_the_kinds_of_dates_it_will_ever_have() -> None:
    example = Example("", "DTSTART:20261201T183000Z\nDTEND:20261201T190000Z\nRRULE:FREQ=WEEKLY")

    late = [each for each in judged(example) if each.rule is Rule.OUTSIDE_OPENING_HOURS]

    assert late
    assert all(each.occurrence is not None and each.occurrence.start > at("2027-03-01 00:00") for each in late)


def test_what_an_endless_series_holds_is_known_beyond_the_index_too() -> None:
    obj = read(an_object("DTSTART:20261201T060000\nDTEND:20261201T070000\nRRULE:FREQ=WEEKLY"))
    proposal = asked(before=Standing(1, "one", MARIE, obj, schedule(obj, PARIS)))
    later = occurrence("2044-12-06 06:00", "2044-12-06 07:00")

    assert held_already(proposal, later)
    assert not held_already(proposal, replace(later, end=later.end + 900))
    assert not held_already(proposal, replace(later, start=later.start - 900))
    assert not held_already(proposal, Occurrence(later.start + DAY, later.end + DAY))
    assert not held_already(proposal, Occurrence(later.start, later.start))


def test_a_bounded_series_holds_what_the_index_holds() -> None:
    obj = read(an_object("DTSTART:20261201T060000\nDTEND:20261201T070000"))
    mine = occurrence("2026-12-01 06:00", "2026-12-01 07:00")
    proposal = asked(mine, before=Standing(1, "one", MARIE, obj, schedule(obj, PARIS)))

    assert not held_already(proposal, mine)
    assert held_already(replace(proposal, held_before=frozenset({(mine.start, mine.end)})), mine)
    assert not held_already(asked(mine), mine)
