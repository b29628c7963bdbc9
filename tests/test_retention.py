"""What has been over for as long as the configuration says loses what tells of a person."""

from __future__ import annotations

from building import PARIS, Lab, a_booking, at
from postgresql import on_each_database

from sesstim_caldav import retention
from sesstim_caldav.accounts import audit
from sesstim_caldav.store import StoredBooking
from sesstim_caldav.verification import differences

NOW = at("2027-03-20T12:00")
DAYS = 18
"""What ended by noon of the second of March is old enough."""


def forget(lab: Lab, days: int = DAYS, now: int = NOW) -> None:
    retention.forget(lab.office.store, days, lab.office.settings.zone, now)


def stored(lab: Lab, name: str, room: str = "prado") -> StoredBooking:
    with lab.office.store.reading() as reading:
        place = reading.room(room)
        booking = place.booking(name) if place else None
    assert booking is not None
    return booking


def emptied(lab: Lab, name: str) -> bool:
    return stored(lab, name).organiser is None


def lines(lab: Lab) -> list[str]:
    return [line.detail for line in reversed(audit.entries(lab.office.store)) if line.what == "forget"]


@on_each_database
def test_a_booking_that_is_over_long_enough_keeps_its_times_alone(lab: Lab) -> None:
    private = "CLASS:PRIVATE\nDESCRIPTION:Zoé\nLOCATION:chez Zoé\nATTENDEE:mailto:zoe@example.org\nX-NOTE:Zoé"
    lab.book(lab.marie, a_booking(on="2027-03-01", summary="Zoé"), "open.ics")
    lab.book(
        lab.paul, a_booking(on="2027-03-02", summary="Zoé", extra=private, at="09:00", until="10:00"), "private.ics"
    )

    forget(lab)

    for name in ("open.ics", "private.ics"):
        booking = stored(lab, name)
        assert booking.organiser is None
        for text in (booking.text, booking.text_manager or "", booking.text_other or ""):
            told = text.lower()
            assert [word for word in ("marie", "paul", "zoé", "zoe", "attendee:", "x-note") if word in told] == []
        assert "SUMMARY:Réservé" in booking.text
    assert lab.held("2027-03-01T00:00", "2027-03-03T00:00") == [
        ("2027-03-01 10:00", "2027-03-01 11:00"),
        ("2027-03-02 09:00", "2027-03-02 10:00"),
    ]
    assert list(differences(lab.office.store, PARIS)) == []


@on_each_database
def test_the_last_date_counts_to_the_second_and_a_series_that_goes_on_is_left(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-03-02", at="11:00", until="12:00"), "just.ics")
    lab.book(lab.marie, a_booking(on="2027-03-02", at="12:00", until="12:15"), "not-yet.ics")
    lab.book(lab.marie, a_booking(on="2027-01-05", at="14:00", until="15:00", repeats="FREQ=WEEKLY"), "endless.ics")
    lab.book(lab.marie, a_booking(on="2027-01-06", repeats="FREQ=WEEKLY;COUNT=9"), "until-march.ics")
    lab.book(lab.marie, a_booking(on="2027-01-07", repeats="FREQ=WEEKLY;COUNT=7"), "until-february.ics")

    forget(lab)

    names = ("just.ics", "not-yet.ics", "endless.ics", "until-march.ics", "until-february.ics")
    assert [emptied(lab, name) for name in names] == [True, False, False, False, True]


def test_what_holds_no_date_counts_from_when_it_was_written(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-05", extra="STATUS:CANCELLED"), "cancelled.ics")
    written = stored(lab, "cancelled.ics").modified

    forget(lab, now=written + DAYS * 86_400)
    before = emptied(lab, "cancelled.ics")
    forget(lab, now=written + DAYS * 86_400 + 1)

    assert (before, emptied(lab, "cancelled.ics")) == (False, True)


def test_nothing_is_forgotten_where_no_retention_is_set(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-05"), "a.ics")
    log = audit.entries(lab.office.store)

    forget(lab, days=0, now=at("2099-01-01T00:00"))

    assert not emptied(lab, "a.ics")
    assert audit.entries(lab.office.store) == log


def test_it_is_noted_without_names_and_done_once(lab: Lab) -> None:
    for number, day in enumerate(("2027-01-05", "2027-01-06", "2027-01-07")):
        lab.book(lab.marie, a_booking(on=day), f"{number}.ics", room=("prado", "calanques", "prado")[number])
    tags = lab.tags(lab.paul)

    forget(lab)
    moved, told = lab.tags(lab.paul), lines(lab)
    forget(lab)

    assert told[:2] == ["calanques: 1 bookings that are over", "prado: 2 bookings that are over"]
    assert moved != tags
    assert (lab.tags(lab.paul), lines(lab)) == (moved, told)


def test_everybody_is_told_of_the_change_and_a_manager_may_still_cancel(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(on="2027-01-05"))
    before = lab.etag(lab.marie, name)

    forget(lab)

    assert lab.etag(lab.marie, name) != before
    assert lab.refused(lab.marie, a_booking(on="2027-01-05"), name) >= {"not-the-organiser"}
    lab.office.reception.cancel(lab.anne, "prado", name)


@on_each_database
def test_lines_of_the_log_go_with_the_same_age(lab: Lab) -> None:
    with lab.office.store.changing() as change:
        for age in (DAYS * 86_400 + 1, DAYS * 86_400, 0):
            audit.note(change, "tests", f"{age} seconds ago", "marie.dupont@univ-amu.fr", NOW - age)

    forget(lab)

    left = [line.what for line in audit.entries(lab.office.store) if line.who == "tests"]
    assert left == ["0 seconds ago", f"{DAYS * 86_400} seconds ago"]
    assert [line.endswith("lines of this log") for line in lines(lab)] == [True]


def test_many_are_done_a_few_at_a_time(lab: Lab) -> None:
    for quarter in range(retention.AT_A_TIME + 3):
        hour, day = 8 + quarter % 12, 4 + quarter // 12
        lab.book(
            lab.marie, a_booking(on=f"2027-01-{day:02d}", at=f"{hour:02d}:00", until=f"{hour:02d}:30"), f"{quarter}.ics"
        )

    forget(lab)

    assert [line for line in lines(lab) if line.startswith("prado")] == [
        f"prado: {retention.AT_A_TIME} bookings that are over",
        "prado: 3 bookings that are over",
    ]
    assert list(differences(lab.office.store, PARIS)) == []
