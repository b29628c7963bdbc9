"""The audit log of what is done to accounts."""

from __future__ import annotations

import pytest
from building import Lab
from postgresql import on_each_database

from sesstim_caldav.accounts import audit
from sesstim_caldav.store import StoreUnavailable


@on_each_database
def test_lines_come_newest_first_and_page_by_page(lab: Lab) -> None:
    with lab.office.store.changing() as change:
        for number in range(5):
            audit.note(change, "anne.leroy@ird.fr", "disable", f"account {number}", 1000 + number)

    first = audit.entries(lab.office.store, 2)
    second = audit.entries(lab.office.store, 2, before=first[-1].id)

    assert [(line.at, line.who, line.what, line.detail) for line in first] == [
        (1004, "anne.leroy@ird.fr", "disable", "account 4"),
        (1003, "anne.leroy@ird.fr", "disable", "account 3"),
    ]
    assert [line.detail for line in second] == ["account 2", "account 1"]


def test_what_did_not_happen_leaves_no_line(lab: Lab) -> None:
    def failing() -> None:
        with lab.office.store.changing() as change:
            audit.note(change, "anne.leroy@ird.fr", "disable", "paul.martin@inserm.fr", 1000)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()

    assert "disable" not in [line.what for line in audit.entries(lab.office.store)]


def test_every_administrative_act_says_who_did_it_and_to_whom(lab: Lab) -> None:
    accounts, anne, paul = lab.office.accounts, lab.anne.email, lab.paul.email
    accounts.disable(paul, by=anne)
    accounts.enable(paul, by=anne)
    accounts.set_role(paul, "manager", by="command line")
    accounts.app_password(paul, "Téléphone")
    accounts.set_password(paul, "another horse, another battery")
    accounts.add("zoe@ird.fr", "Zoé", "Petit", "correct horse battery staple", by="command line")

    lines = audit.entries(lab.office.store, 6)

    assert [(line.who, line.what, line.detail) for line in reversed(lines)] == [
        (anne, "disable", paul),
        (anne, "enable", paul),
        ("command line", "set-role", f"{paul}: manager"),
        (paul, "app-password", f"{paul}: Téléphone"),
        (paul, "set-password", paul),
        ("command line", "add", "zoe@ird.fr"),
    ]


def test_an_act_that_cannot_be_noted_is_not_done(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(audit, "note", full)
    with pytest.raises(StoreUnavailable):
        lab.office.accounts.disable(lab.paul.email, by=lab.anne.email)

    paul = lab.office.accounts.by_id(lab.paul.id)
    assert paul is not None
    assert paul.active
