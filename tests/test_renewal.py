"""The rules of time change under a store that was written by the old ones."""

from __future__ import annotations

import sqlite3

import pytest
from building import PARIS, Lab, a_booking

from sesstim_caldav import renewal
from sesstim_caldav.store import Writing
from sesstim_caldav.verification import differences


def _renewed(lab: Lab, rules: str) -> list[str]:
    return list(renewal.renew(lab.office.store, PARIS, rules))


def _an_hour_off(lab: Lab) -> None:
    """As if everything had been indexed while the clocks were to be an hour behind."""
    with sqlite3.connect(next(lab.office.settings.store.data_dir.glob("*.db"))) as connection:
        connection.execute("UPDATE occurrences SET start = start + 3600, end = end + 3600")


def _audited(lab: Lab) -> list[tuple[str, str, str]]:
    with sqlite3.connect(next(lab.office.settings.store.data_dir.glob("*.db"))) as connection:
        return connection.execute("SELECT who, what, detail FROM audit WHERE who = 'upkeep' ORDER BY id").fetchall()


def test_new_rules_bring_the_index_to_what_the_texts_mean_now(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    lab.book(lab.paul, a_booking(on="2027-01-12", repeats="FREQ=WEEKLY"))
    _renewed(lab, "2026a")
    _an_hour_off(lab)

    assert _renewed(lab, "2026a") == []
    assert list(differences(lab.office.store, PARIS)) != []
    assert _renewed(lab, "2026b") == ["the rules of time are new (2026b): other times for 2 bookings"]
    assert list(differences(lab.office.store, PARIS)) == []
    assert _renewed(lab, "2026b") == []


def test_what_overlaps_by_the_new_rules_is_told_audited_and_kept(lab: Lab) -> None:
    one, _ = lab.book(lab.marie, a_booking(at="10:00", until="11:00"))
    _renewed(lab, "2026a")
    _an_hour_off(lab)
    other, _ = lab.book(lab.paul, a_booking(at="10:00", until="11:00"))

    overlap = f"prado: {other} and {one} overlap at 2027-01-11T10:00+01:00 to 2027-01-11T11:00+01:00"
    assert _renewed(lab, "2026b")[1:] == [overlap]
    assert _audited(lab) == [("upkeep", "reindex", f"prado/{one}"), ("upkeep", "overlap", overlap)]
    assert lab.seen(lab.marie, one)
    assert lab.seen(lab.paul, other)


def test_what_was_interrupted_is_begun_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.book(lab.marie, a_booking())
    _renewed(lab, "2026a")
    _an_hour_off(lab)
    with monkeypatch.context() as patch:
        patch.setattr(Writing, "reindex", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            _renewed(lab, "2026b")

    assert len(_renewed(lab, "2026b")) == 1
    assert list(differences(lab.office.store, PARIS)) == []


def test_the_rules_in_force_have_a_name() -> None:
    assert renewal.rules_in_force().startswith(f"{renewal.READING} ")
    assert len(renewal.rules_in_force()) > 6
