"""A member's account is deleted: what was to come is free, what is over names nobody, nothing else is left."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from building import PARIS, Lab, a_booking, an_override, at
from postgresql import on_each_database
from sqlalchemy import select

from sesstim_caldav import departure
from sesstim_caldav.accounts import Account, audit
from sesstim_caldav.store import Store, StoreUnavailable
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import metadata
from sesstim_caldav.verification import differences

NOW = at("2027-01-20T12:00")
"""A Wednesday."""


def held(lab: Lab) -> list[str]:
    return [start for start, _ in lab.held("2027-01-01T00:00", "2028-01-01T00:00")]


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, table by table."""
    with store.reading() as reading:
        return {table.name: reading.session.all(Statement(select(table)), {}) for table in metadata.sorted_tables}


def acts(lab: Lab) -> list[tuple[str, str, str]]:
    lines = reversed(audit.entries(lab.office.store))
    return [(line.who, line.what, line.detail) for line in lines if line.what != "add"]


@on_each_database
def test_what_has_not_begun_is_free_and_what_is_over_or_under_way_keeps_its_slot(lab: Lab) -> None:
    for on, begin, until in (
        ("2027-01-19", "10:00", "11:00"),
        ("2027-01-20", "11:00", "13:00"),
        ("2027-01-20", "13:00", "14:00"),
        ("2027-01-21", "10:00", "11:00"),
    ):
        lab.book(lab.marie, a_booking(on=on, at=begin, until=until))
    lab.book(lab.paul, a_booking(on="2027-01-22"))

    lab.leave(lab.marie)

    assert held(lab) == ["2027-01-19 10:00", "2027-01-20 11:00", "2027-01-22 10:00"]
    assert lab.refused(lab.paul, a_booking(on="2027-01-21")) == set()
    assert list(differences(lab.office.store, PARIS)) == []


def test_a_series_ends_and_its_past_dates_stay(lab: Lab) -> None:
    moved = an_override("series", "2027-01-12T10:00", "2027-01-14", "15:00", "16:00")
    to_come = an_override("series", "2027-01-26T10:00", "2027-01-28", "15:00", "16:00")
    data = a_booking(on="2027-01-05", repeats="FREQ=WEEKLY", uid="series", more=f"{moved}\n{to_come}")
    name, _ = lab.book(lab.marie, data)

    lab.leave(lab.marie)

    assert held(lab) == ["2027-01-05 10:00", "2027-01-14 15:00", "2027-01-19 10:00"]
    assert "UNTIL=20270120T105959Z" in lab.seen(lab.paul, name)
    assert list(differences(lab.office.store, PARIS)) == []


@on_each_database
def test_nothing_that_is_stored_tells_of_the_member_any_more_but_the_log(lab: Lab) -> None:
    lab.book(
        lab.marie, a_booking(summary="Marie et Zoé", extra="DESCRIPTION:Zoé\nLOCATION:Zoé\nATTENDEE:mailto:zoe@x.org")
    )
    lab.book(
        lab.marie, a_booking(on="2027-01-12", summary="Zoé", extra="CLASS:PRIVATE", repeats="FREQ=WEEKLY;BYDAY=TU,TH")
    )
    lab.book(lab.marie, a_booking(on="2027-01-12"), room="calanques")
    fill_every_table(lab, lab.marie)

    lab.leave(lab.marie, by="command line")

    left = rows(lab.office.store)
    log = left.pop("audit")
    assert [
        table for table, lines in left.items() if "marie" in repr(lines).lower() or "zoé" in repr(lines).lower()
    ] == []
    for table in metadata.sorted_tables:
        columns = [column.name for column in table.columns]
        if "account" in columns:
            at_ = columns.index("account")
            assert lab.marie.id not in {row[at_] for row in left[table.name]}, table.name
    assert ("command line", "delete", lab.marie.email) in [line[2:] for line in log]


def test_nothing_is_left_in_the_file_either(lab: Lab, tmp_path: Path) -> None:
    lab.book(lab.marie, a_booking(summary="Zanzibar", extra="DESCRIPTION:" + "Zanzibar " * 2000))
    lab.book(lab.marie, a_booking(on="2027-02-12", summary="Zanzibar"))

    lab.leave(lab.marie)

    lab.office.close()  # the log of the database is then part of it
    left = [file.name for file in (tmp_path / "data").iterdir() if b"Zanzibar" in file.read_bytes()]
    assert left == []


def test_others_keep_what_is_theirs(lab: Lab) -> None:
    fill_every_table(lab, lab.paul)
    before = rows(lab.office.store)

    lab.leave(lab.marie)

    after = rows(lab.office.store)
    for name in (
        "addresses",
        "app_passwords",
        "links",
        "sessions",
        "verdicts",
        "subscriptions",
        "identities",
        "outbox",
    ):
        assert before[name], name
        assert after[name] == before[name], name
    assert lab.paul.id in {row[0] for row in after["accounts"]}


def test_everybody_else_sees_a_slot_and_that_the_account_is_gone(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(summary="Comité"))
    before = {who.id: lab.tags(who) for who in (lab.paul, lab.anne)}

    lab.leave(lab.marie)

    for who in (lab.paul, lab.anne):
        assert lab.tags(who) != before[who.id]
        assert 'ORGANIZER;CN="Compte supprimé":mailto:compte-supprime@account.invalid' in lab.seen(who, name)
        assert "SUMMARY:Réservé" in lab.seen(who, name)
        assert "Comité" not in lab.seen(who, name)
    lab.office.reception.cancel(lab.anne, "prado", name)


def test_the_log_says_who_deleted_the_account_and_what_that_cancelled(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-21"), "single.ics")
    lab.book(
        lab.marie,
        a_booking(on="2027-01-12", repeats="FREQ=WEEKLY;BYDAY=TU,TH", at="15:00", until="16:00"),
        "series.ics",
    )
    lab.book(lab.marie, a_booking(on="2027-01-12"), "past.ics")

    lab.leave(lab.marie, by=lab.anne.email)

    assert sorted(act for act in acts(lab) if act[0] == lab.anne.email) == [
        (lab.anne.email, "cancel", "prado/single.ics"),
        (lab.anne.email, "delete", lab.marie.email),
        (lab.anne.email, "end", "prado/series.ics"),
    ]


@on_each_database
def test_who_had_which_room_is_not_told_by_the_log_either_but_administrative_acts_are(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m"))
    lab.book(lab.anne, a_booking(uid="m", at="12:00", until="13:00"), name)
    lab.book(lab.marie, a_booking(on="2027-01-21"), "to-come.ics")
    lab.office.accounts.disable(lab.paul.email, by=lab.marie.email)

    lab.leave(lab.marie)

    assert acts(lab) == [
        ("deleted account", "book", f"prado/{name}"),
        (lab.anne.email, "change", f"prado/{name}"),
        ("deleted account", "book", "prado/to-come.ics"),
        (lab.marie.email, "disable", lab.paul.email),
        ("deleted account", "cancel", "prado/to-come.ics"),
        (lab.marie.email, "delete", lab.marie.email),
    ]


@on_each_database
def test_what_is_interrupted_is_finished_by_doing_it_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28, 29):
        lab.book(
            lab.marie, a_booking(on=f"2027-01-{day}", at="17:00", until="18:00"), room=["prado", "calanques"][day % 2]
        )
    monkeypatch.setattr(departure, "AT_A_TIME", 4)
    done = departure._left
    calls = iter(range(100))

    def failing(*arguments: Any) -> str:
        if next(calls) == 9:
            raise StoreUnavailable("away")
        return done(*arguments)

    monkeypatch.setattr(departure, "_left", failing)
    with pytest.raises(StoreUnavailable):
        lab.leave(lab.marie)
    assert lab.office.accounts.by_email(lab.marie.email) is not None

    lab.leave(lab.marie)
    lab.leave(lab.marie)

    assert lab.office.accounts.by_email(lab.marie.email) is None
    assert len(held(lab)) + len(lab.held("2027-01-01T00:00", "2027-12-31T00:00", "calanques")) == 7
    assert [what for _, what, _ in acts(lab)].count("delete") == 1
    assert list(differences(lab.office.store, PARIS)) == []


@on_each_database
def test_who_books_at_the_moment_when_his_account_goes_is_told_to_come_again(lab: Lab) -> None:
    lab.leave(lab.marie)

    with pytest.raises(StoreUnavailable):
        lab.book(lab.marie, a_booking())

    assert rows(lab.office.store)["bookings"] == []


def test_an_address_may_be_used_for_a_new_account_that_has_none_of_the_old_bookings(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    lab.leave(lab.marie)

    again = lab.office.accounts.add(lab.marie.email, "Marie", "Dupont", "correct horse battery staple")

    assert again.id != lab.marie.id
    assert "not-the-organiser" in lab.refused(again, a_booking(at="12:00", until="13:00"), name)


def test_a_booking_that_cannot_be_read_any_more_goes(lab: Lab) -> None:
    with lab.office.store.writing("prado") as writing:
        writing.put(
            name="broken.ics",
            uid="broken",
            organiser_id=lab.marie.id,
            text="Marie",
            text_manager=None,
            text_other=None,
            private=False,
            endless=False,
            occurrences=[],
            before=None,
            now=NOW,
        )

    lab.leave(lab.marie)

    assert rows(lab.office.store)["bookings"] == []


def fill_every_table(lab: Lab, account: Account) -> None:
    """A row that refers to the account in every table that can hold one, and mails to it."""
    special: dict[str, Any] = {"address": f"further.{account.email}", "recipient": account.email.title()}
    with lab.office.store.changing() as change:
        for table in metadata.sorted_tables:
            if table.name in ("accounts", "bookings") or not {"account", "recipient"} & set(table.columns.keys()):
                continue
            values: dict[str, Any] = {}
            for column in table.columns:
                if column.name == "id" and column.primary_key:
                    continue
                if column.name == "account":
                    values[column.name] = account.id
                elif column.name in special:
                    values[column.name] = special[column.name]
                elif column.name == "room" or column.name == "confirmed":
                    values[column.name] = 1
                else:
                    values[column.name] = secrets.token_hex(4) if column.type.python_type is str else NOW
            change.session.run(Statement(table.insert().values(values)), {})
