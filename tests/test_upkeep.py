"""The server's daily work, as one call."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import Lab, a_booking, at, settings_in
from postgresql import on_each_database

from sesstim_caldav import upkeep
from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.mail.outbox import NEVER
from sesstim_caldav.office import Office
from sesstim_caldav.store import Store, StoreUnavailable
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import guesses, links, metadata, outbox

NOW = at("2027-03-20T12:00")
LONG_AGO = NOW - 400 * 86_400


def count(store: Store, table: str) -> int:
    with store.reading() as reading:
        return len(reading.session.all(Statement(metadata.tables[table].select()), {}))


def test_what_has_had_its_time_is_forgotten_table_by_table(lab: Lab, tmp_path: Path) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-05"), "old.ics")
    Sessions(lab.office.store, lab.office.settings).begin(lab.marie, LONG_AGO)
    with lab.office.store.changing() as change:
        for values in (
            guesses.insert().values(key="k", paid=LONG_AGO * 1000),
            links.insert().values(
                hash="h", purpose="sign-up", address="zoe@ird.fr", payload="{}", created=LONG_AGO, expires=LONG_AGO
            ),
            outbox.insert().values(created=LONG_AGO, due=NEVER, attempts=9, recipient="zoe@ird.fr", message="Zoé"),
        ):
            change.session.run(Statement(values), {})
    lab.office.close()

    with Office.open(settings_in(tmp_path, accounts={"retention_days": 30})) as office:
        trouble = list(upkeep.run(office, NOW))

        assert trouble == []
        assert {name: count(office.store, name) for name in ("guesses", "links", "sessions", "outbox")} == {
            "guesses": 0,
            "links": 0,
            "sessions": 0,
            "outbox": 0,
        }
        with office.store.reading() as reading:
            room = reading.room("prado")
            booking = room.booking("old.ics") if room else None
        assert booking is not None
        assert booking.organiser is None
        told = [
            line.detail for line in audit.entries(office.store) if line.who == audit.UPKEEP and "log" not in line.detail
        ]
        assert sorted(told) == [
            "1 mailed links and sign-ups",
            "1 mails that were given up",
            "prado: 1 bookings that are over",
        ]


@on_each_database
def test_what_is_still_good_is_kept(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-05"), "old.ics")
    sessions = Sessions(lab.office.store, lab.office.settings)
    secret = sessions.begin(lab.marie, NOW)
    feed = lab.office.subscriptions.make(lab.marie, "all", now=LONG_AGO)

    assert list(upkeep.run(lab.office, NOW)) == []

    assert sessions.account(secret, NOW) == lab.marie
    assert lab.office.subscriptions.find(feed) is not None
    assert "Marie" in lab.seen(lab.paul, "old.ics")


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), ValueError("a fault")])
def test_what_fails_is_told_and_does_not_keep_the_rest_from_being_done(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    done: list[str] = []

    def failing(now: int) -> None:
        raise error

    monkeypatch.setattr(
        upkeep, "tasks", lambda _: {"first": failing, "second": lambda now: done.append(f"second at {now}")}
    )

    (line,) = upkeep.run(lab.office, NOW)

    assert "first" in line
    assert str(error) in line
    assert done == [f"second at {NOW}"]


def test_it_runs_soon_after_the_start_and_again_within_a_day(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    runs: list[int] = []

    class Stopped(Exception):
        pass

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            raise Stopped

    monkeypatch.setattr(upkeep.time, "sleep", nap)
    monkeypatch.setattr(upkeep, "run", lambda office, now: runs.append(now) or [])

    with pytest.raises(Stopped):
        upkeep.keep_up(lab.office)

    assert len(runs) == 2
    assert naps[0] <= upkeep.SOON
    assert all(upkeep.EVERY / 2 <= nap <= upkeep.EVERY for nap in naps[1:])
