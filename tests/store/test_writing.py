"""Bookings written under a room's lock."""

from __future__ import annotations

import pytest
from store_building import HOUR, MONDAY, an_hour, put, stored

from sesstim_caldav.accounts import Accounts
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.views import Views
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import NoSuchRoom, Store, Writing


def test_a_booking_is_found_again_as_it_was_stored(store: Store) -> None:
    written = stored(
        store, "é'+@.ics", [an_hour(9), an_hour(9, day=7)], text="Réunion\r\n", text_other="\ue000", private=True
    )

    with store.writing("prado") as writing:
        assert writing.booking("é'+@.ics") == written
        assert writing.occurrences_of(written.id) == [an_hour(9), an_hour(9, day=7)]


def test_nothing_of_a_transaction_that_fails_is_stored(store: Store) -> None:
    def half(writing: Writing) -> None:
        put(writing)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing("prado") as writing:
        half(writing)

    with store.writing("prado") as writing:
        assert writing.booking("a.ics") is None
        assert writing.seq == 0
        assert list(writing.indexed()) == []


def test_a_change_takes_the_place_of_what_was_there_and_frees_its_times(store: Store) -> None:
    before = stored(store, times=[an_hour(9)])

    after = stored(store, times=[an_hour(14)], before=before, text="new", now=MONDAY + 5)

    assert (after.id, after.created, after.modified) == (before.id, MONDAY, MONDAY + 5)
    assert after.rev > before.rev
    with store.writing("prado") as writing:
        assert writing.booking("a.ics") == after
        assert [occurrence for occurrence, _ in writing.indexed()] == [an_hour(14)]


def test_a_booking_renamed_is_gone_under_its_old_name(store: Store) -> None:
    before = stored(store, "old.ics")

    stored(store, "new.ics", before=before)

    with store.writing("prado") as writing:
        assert writing.booking("old.ics") is None
        assert writing.booking("new.ics") is not None


def test_a_removed_booking_frees_its_times_its_name_and_its_uid(store: Store) -> None:
    booking = stored(store)

    with store.writing("prado") as writing:
        writing.remove(booking, MONDAY)

    with store.writing("prado") as writing:
        assert writing.booking("a.ics") is None
        assert writing.name_of_uid(booking.uid) is None
        assert writing.overlapping([an_hour()], None) == []
    assert stored(store).rev > booking.rev


def test_the_owner_of_a_uid_is_told_by_its_resource_and_room(store: Store) -> None:
    stored(store, uid="one")

    with store.writing("prado", "frioul") as (prado, frioul):
        assert prado.name_of_uid("one") == "a.ics"
        assert frioul.name_of_uid("one") is None


@pytest.mark.parametrize("count", [1, 2, 8, 9, 64, 65, 512, 700])
def test_overlaps_are_found_however_many_times_are_asked_for(store: Store, count: int) -> None:
    stored(store, times=[an_hour(9, day=count - 1)])
    wanted = [an_hour(9.5, day=day) for day in range(count)]

    with store.writing("prado") as writing:
        found = writing.overlapping(wanted, None)

    assert [(mine, held.start) for mine, held in found] == [(wanted[-1], an_hour(9, day=count - 1).start)]


def test_touching_times_are_fetched_and_the_rule_decides(store: Store) -> None:
    stored(store, times=[an_hour(9)])

    with store.writing("prado") as writing:
        assert len(writing.overlapping([an_hour(10)], None)) == 1
        assert len(writing.overlapping([an_hour(8)], None)) == 1
        assert writing.overlapping([an_hour(11), an_hour(7)], None) == []


def test_a_booking_does_not_meet_itself_nor_another_room(store: Store) -> None:
    booking = stored(store)

    with store.writing("prado", "frioul") as (prado, frioul):
        assert prado.overlapping([an_hour()], booking.id) == []
        assert frioul.overlapping([an_hour()], None) == []


def test_one_wide_range_finds_all_that_begins_in_it(store: Store) -> None:
    stored(store, times=[an_hour(9, day=day) for day in (0, 400, 4000)])

    with store.writing("prado") as writing:
        found = writing.overlapping([Occurrence(MONDAY + 24 * HOUR, MONDAY + 10**10)], None)

    assert [held.start for _, held in found] == [an_hour(9, day=400).start, an_hour(9, day=4000).start]


def test_who_has_the_room_is_named(store: Store, settings: Settings) -> None:
    marie = Accounts(store, settings).add("marie@univ-amu.fr", "Marie", "Dupont", "secret")
    stored(store, organiser_id=marie.id)

    with store.writing("prado") as writing:
        ((_, held),) = writing.overlapping([an_hour()], None)
        booking = writing.booking("a.ics")

    assert held.holder == "Marie Dupont"
    assert booking is not None
    assert booking.organiser == marie.person()


def test_an_occurrence_that_is_given_twice_exists_once(store: Store) -> None:
    booking = stored(store, times=[an_hour(), an_hour()])

    with store.writing("prado") as writing:
        assert writing.occurrences_of(booking.id) == [an_hour()]


def test_an_endless_series_is_indexed_up_to_the_horizon_which_then_moves(store: Store) -> None:
    with store.writing("prado") as writing:
        horizon = writing.horizon
        held = [Occurrence(horizon + i * HOUR, horizon + (i + 1) * HOUR) for i in range(-2, 3)]
        booking = put(writing, times=held, endless=True)
        assert writing.occurrences_of(booking.id) == held[:2]

    with store.writing("prado") as writing:
        assert [each.id for each in writing.endless(None)] == [booking.id]
        assert writing.endless(booking.id) == []
        writing.extend(horizon + 2 * HOUR, [(booking.id, held)])

    with store.writing("prado") as writing:
        assert writing.horizon == horizon + 2 * HOUR
        assert writing.occurrences_of(booking.id) == held[:4]


def test_the_horizon_does_not_move_back(store: Store) -> None:
    with store.writing("prado") as writing:
        horizon = writing.horizon
        writing.extend(horizon - 5, [])

    with store.writing("prado") as writing:
        assert writing.horizon == horizon


def test_new_views_leave_the_content_what_it_was(store: Store) -> None:
    before = stored(store)

    with store.writing("prado") as writing:
        writing.render(before, Views("own", "manager", None), MONDAY)

    with store.writing("prado") as writing:
        after = writing.booking("a.ics")
    assert after is not None
    assert after.rev == before.rev
    assert after.shown > before.shown
    assert (after.text, after.text_manager, after.text_other) == ("own", "manager", None)


def test_nudges_count_within_account_and_room(store: Store, settings: Settings) -> None:
    accounts = Accounts(store, settings)
    marie = accounts.add("marie@univ-amu.fr", "Marie", "Dupont", "secret")
    paul = accounts.add("paul@univ-amu.fr", "Paul", "Martin", "secret")
    one, other = stored(store, "1.ics"), stored(store, "2.ics", [an_hour(12)])

    with store.writing("prado") as writing:
        assert [writing.nudge(marie.id, each.id) for each in (one, other, one)] == [1, 2, 3]
        assert writing.nudge(paul.id, one.id) == 1
        assert [writing.nudge_of(marie.id, each.id) for each in (one, other)] == [3, 2]
        assert writing.nudge_of(paul.id, other.id) == 0


def test_several_rooms_are_written_in_one_piece(store: Store) -> None:
    def half(*rooms: Writing) -> None:
        for room in rooms:
            put(room)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing("prado", "frioul") as (prado, frioul):
        half(prado, frioul)
    with store.writing("prado", "frioul") as (prado, frioul):
        put(prado)
        put(frioul)

    assert store.booking_counts() == {"prado": 1, "frioul": 1}


def test_a_room_asked_for_twice_is_one(store: Store) -> None:
    with store.writing("prado", "prado") as (one, other):
        assert one is other


def test_a_room_that_nobody_knows_cannot_be_written(store: Store) -> None:
    with pytest.raises(NoSuchRoom), store.writing("nowhere"):
        pytest.fail("it was")

    stored(store)  # the lock was let go


def test_what_was_done_is_noted(store: Store) -> None:
    with store.writing("prado") as writing:
        writing.audit("marie@univ-amu.fr", "book", "prado/a.ics", MONDAY)

    with store.reading() as reading:
        rows = reading.session.driver.execute("SELECT at, who, what, detail FROM audit").fetchall()
    assert rows == [(MONDAY, "marie@univ-amu.fr", "book", "prado/a.ics")]
