"""Stories of endless series about the room's horizon: up to there they are indexed, and nothing double-books behind."""

from __future__ import annotations

from datetime import datetime

import pytest
from building import PARIS, Lab, a_booking, at

from sesstim_caldav import reception

HORIZON = at("2040-06-04T10:30")
"""In the middle of a Monday's meeting."""


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """A lab whose rooms are indexed up to `HORIZON`, which stays where it is."""
    with lab.office.store.writing("prado") as writing:
        lab.office.reception.extend(writing, HORIZON)
    return lab


def test_a_single_booking_across_the_horizon_meets_an_endless_series(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2040-06-04", at="10:00", until="12:00"))

    late = a_booking(on="2040-06-11", at="11:00", until="12:00", repeats="FREQ=WEEKLY")
    assert lab.refused(lab.paul, late) == set()
    late = a_booking(on="2040-06-04", at="11:00", until="11:30", repeats="FREQ=WEEKLY;INTERVAL=5")
    assert lab.refused(lab.paul, late) == {"room-already-booked"}


def test_an_endless_series_behind_the_horizon_meets_a_single_booking_across_it(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2040-05-28", at="11:00", until="12:00", repeats="FREQ=WEEKLY"))

    assert lab.refused(lab.paul, a_booking(on="2040-06-04", at="10:00", until="11:15")) == {"room-already-booked"}
    assert lab.refused(lab.paul, a_booking(on="2040-06-04", at="10:00", until="11:00")) == set()


def test_an_endless_series_and_a_bounded_one_meet_behind_the_horizon(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY"))

    tuesdays = a_booking(on="2040-05-29", repeats="FREQ=DAILY;INTERVAL=7;COUNT=9")
    assert lab.refused(lab.paul, tuesdays) == set()
    eight_days = a_booking(on="2040-05-29", repeats="FREQ=WEEKLY;BYDAY=TU;COUNT=9", extra="RDATE:20400723T080000Z")
    assert lab.refused(lab.paul, eight_days) == {"room-already-booked"}


def horizon(lab: Lab) -> int:
    with lab.office.store.writing("prado") as writing:
        return writing.horizon


def in_the_year(year: int) -> int:
    return int(datetime(year, 1, 4, 12, tzinfo=PARIS).timestamp())


def test_the_horizon_goes_before_the_calendar_whether_anybody_books_or_not(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY"))
    assert horizon(lab) == HORIZON
    monkeypatch.setattr(reception, "now", lambda: in_the_year(2040))

    lab.office.reception.extend_all()

    assert horizon(lab) == in_the_year(2040) + reception.HORIZON_AHEAD
    monkeypatch.setattr(reception, "now", lambda: in_the_year(2042))
    lab.book(lab.paul, a_booking(on="2042-01-07"))
    assert horizon(lab) == in_the_year(2042) + reception.HORIZON_AHEAD
    assert lab.held("2044-12-26T00:00", "2044-12-27T00:00") == [("2044-12-26 10:00", "2044-12-26 11:00")]
