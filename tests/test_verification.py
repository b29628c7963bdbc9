"""What `verify` finds, and what it passes."""

from __future__ import annotations

import sqlite3

from building import PARIS, Lab, a_booking

from sesstim_caldav.verification import differences


def _found(lab: Lab) -> list[str]:
    return list(differences(lab.office.store, PARIS))


def _tamper(lab: Lab, statement: str) -> None:
    with sqlite3.connect(next(lab.office.settings.store.data_dir.glob("*.db"))) as connection:
        connection.execute(statement)


def test_a_sound_store_passes(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    lab.book(lab.marie, a_booking(at="14:00", until="15:00", repeats="FREQ=WEEKLY"))
    lab.book(lab.paul, a_booking(at="16:00", until="17:00", repeats="FREQ=MONTHLY;BYDAY=1TU"))

    assert _found(lab) == []


def test_an_occurrence_that_is_not_indexed_is_found(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    _tamper(lab, "DELETE FROM occurrences")

    assert _found(lab) == [f"prado: {name}: 2027-01-11T10:00+01:00 to 2027-01-11T11:00+01:00 is not indexed"]


def test_an_occurrence_that_nobody_holds_is_found(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    _tamper(lab, "UPDATE occurrences SET start = start + 900")

    assert sorted(line.rsplit(" is ", 1)[1] for line in _found(lab)) == ["indexed and not held", "not indexed"]


def test_two_that_overlap_are_found_whatever_the_index_says(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(at="10:00", until="11:00"))
    lab.book(lab.paul, a_booking(at="11:00", until="12:00"))
    _tamper(lab, "UPDATE occurrences SET start = start - 900 WHERE booking = 2")

    assert any("overlap at" in line for line in _found(lab))


def test_a_text_that_cannot_be_read_is_found(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    _tamper(lab, "UPDATE bookings SET text = 'noise'")

    assert any("cannot be read" in line for line in _found(lab))
