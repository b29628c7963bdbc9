"""Opening a store, reading it in snapshots, and what happens when it is away."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from postgresql import Cluster
from store_building import an_hour, put, stored

from sesstim_caldav.accounts import Accounts
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store, StoreUnavailable, database


def test_a_store_keeps_its_id_and_secret(settings: Settings) -> None:
    with Store.open(settings) as first, Store.open(settings) as second:
        assert first.id == second.id
        assert len(first.id) == 8
        assert first.secret == second.secret


def test_two_stores_have_different_ids(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        with Store.open(Settings.model_validate({"store": {"data_dir": str(tmp_path / name)}})) as store:
            ids.add(store.id)
    assert len(ids) == 2


def test_a_room_taken_out_of_the_configuration_keeps_its_bookings(settings: Settings) -> None:
    with Store.open(settings) as store:
        stored(store)

    with Store.open(settings.model_copy(update={"rooms": []})) as store:
        assert store.booking_counts() == {"prado": 1, "frioul": 0}


def test_many_processes_may_open_a_new_store_at_once(settings: Settings) -> None:
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        ids = pool.map(_identity, [settings] * 4)
    assert len(set(ids)) == 1


def _identity(settings: Settings) -> str:
    with Store.open(settings) as store:
        return store.id


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(store: Store) -> None:
    stored(store, "1.ics")
    with store.reading() as reading:
        room = reading.room("prado")
        assert room is not None
        stored(store, "2.ics", [an_hour(12)])

        assert [each.name for each in room.bookings()] == ["1.ics"]
    with store.reading() as reading:
        room = reading.room("prado")
        assert room is not None
        assert [each.name for each in room.bookings()] == ["1.ics", "2.ics"]


def test_writers_of_one_room_wait_for_each_other(store: Store) -> None:
    def book(number: int) -> None:
        with store.writing("prado") as writing:
            if not writing.overlapping([an_hour()], None):
                put(writing, f"{number}.ics")

    threads = [threading.Thread(target=book, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.booking_counts()["prado"] == 1


def test_a_forked_child_works_on_connections_of_its_own(store: Store) -> None:
    stored(store, "parent.ics")

    child = os.fork()
    if not child:
        status = 1
        try:
            stored(store, "child.ics", [an_hour(12)])
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)

    assert status == 0
    stored(store, "again.ics", [an_hour(15)])
    assert store.booking_counts()["prado"] == 3


def test_a_lock_that_is_not_to_be_had_makes_the_store_unavailable(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with Store.open(sqlite_settings) as store:
        stored(store)
        other = sqlite3.connect(sqlite_settings.store.data_dir / "sesstim.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailable):
            stored(store, "b.ics", [an_hour(12)])

        other.execute("ROLLBACK")
        other.close()
        stored(store, "b.ics", [an_hour(12)])


def test_a_full_disk_makes_the_store_unavailable_and_stores_nothing(sqlite_settings: Settings) -> None:
    with Store.open(sqlite_settings) as store:
        stored(store)
        with store.writing("prado") as writing:
            driver = writing._session.driver
            (pages,) = driver.execute("PRAGMA page_count").fetchone()
            driver.execute(f"PRAGMA max_page_count = {pages + 1}")

        with pytest.raises(StoreUnavailable):
            stored(store, "big.ics", [an_hour(12)], text="x" * 100_000)

        assert store.booking_counts()["prado"] == 1


def test_a_folder_that_cannot_be_made_makes_the_store_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreUnavailable):
        Store.open(Settings.model_validate({"store": {"data_dir": str(tmp_path / "file" / "data")}}))


def test_a_database_that_is_away_makes_the_store_unavailable() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")

    with pytest.raises(StoreUnavailable):
        Store.open(Settings.model_validate({"store": {"url": "postgresql://nobody@127.0.0.1:1/none"}}))


def test_a_connection_that_broke_while_idle_is_replaced(cluster: Cluster) -> None:
    settings = Settings.model_validate(
        {"store": {"url": cluster.new_database()}, "rooms": [{"slug": "prado", "name": "P"}]}
    )
    with Store.open(settings) as store:
        stored(store)
        for session in store.database._idle:
            session.driver.close()

        store.ping()


def test_the_rooms_of_an_account_are_those_where_it_has_bookings(store: Store) -> None:
    marie = Accounts(store, store.settings).add("marie@univ-amu.fr", "Marie", "Dupont", "secret")
    stored(store, organiser_id=marie.id)

    assert store.rooms_of(marie.id) == ["prado"]
    assert store.rooms_of(marie.id + 1) == []


def test_a_stream_holds_a_few_hundred_rows_and_others_may_run_beside_it(store: Store) -> None:
    with store.writing("prado") as writing:
        for number in range(1200):
            put(writing, f"{number:04}.ics", [an_hour(9, day=number)])

    with store.reading() as reading:
        room = reading.room("prado")
        assert room is not None
        pairs = list(zip(room.bookings(), room.indexed(), strict=True))

    assert [booking.name for booking, _ in pairs] == [f"{number:04}.ics" for number in range(1200)]
    assert [occurrence for _, (occurrence, _) in pairs] == [an_hour(9, day=number) for number in range(1200)]


def test_a_stream_may_be_left_halfway(store: Store) -> None:
    with store.writing("prado") as writing:
        for number in range(600):
            put(writing, f"{number}.ics", [an_hour(9, day=number)])

    with store.reading() as reading:
        room = reading.room("prado")
        assert room is not None
        next(room.bookings())
    stored(store, "after.ics", [an_hour(12)])
