"""The audit log of what is done to accounts."""

from __future__ import annotations

import pytest
from building import Lab

from sesstim_caldav.accounts import audit


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

    assert "paul.martin@inserm.fr" not in [line.detail for line in audit.entries(lab.office.store)]
