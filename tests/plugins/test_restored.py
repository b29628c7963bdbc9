"""Tags and tokens of another life, and what must be told when an account is shown something else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from building import Lab, a_booking, a_lab
from plugins.asking import NS, Asking, names
from sesstim_radicale.application import Application, create

MINE = "marie.dupont@univ-amu.fr"


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Asking]:
    """Marie before another store with the same accounts and the same booking."""
    (tmp_path / "copy").mkdir()
    lab = a_lab(tmp_path / "copy")
    asking = Asking(create(lab.office.settings, lab.office), lab.marie)
    asking.put(a_booking(uid="a", organizer=MINE))
    yield asking
    lab.office.close()


def test_an_etag_from_before_a_restored_copy_holds_nowhere(marie: Asking, restored: Asking) -> None:
    old = marie.put(a_booking(uid="a", organizer=MINE)).headers["etag"]
    later = a_booking(uid="a", at="12:00", until="13:00")

    assert restored("GET", "/rooms/prado/a.ics", if_none_match=old).status == 200
    assert restored.put(later, if_match=old).status == 412
    assert restored("DELETE", "/rooms/prado/a.ics", if_match=old).status == 412
    assert restored("GET", "/rooms/prado/a.ics").headers["etag"] != old
    room = marie("GET", "/rooms/prado/").headers["etag"]
    assert restored("GET", "/rooms/prado/", if_none_match=room).status == 200


def test_a_token_from_before_a_restored_copy_makes_the_client_start_over(marie: Asking, restored: Asking) -> None:
    marie.put(a_booking(uid="a", organizer=MINE))
    old = marie.sync().xml.findtext("D:sync-token", "", NS)

    told = restored.sync(old)

    assert told.status == 403
    assert "valid-sync-token" in told.conditions
    assert names(restored.sync()) == ["a.ics"]


def test_another_role_and_another_name_are_told(marie: Asking, application: Application, lab: Lab) -> None:
    marie.put(a_booking(uid="a", organizer=MINE))
    accounts = lab.office.accounts

    def asked() -> tuple[Asking, str, str, str]:
        paul = accounts.by_email("paul.martin@inserm.fr")
        assert paul is not None
        asking = Asking(application, paul)
        props = asking.propfind("/rooms/prado/", "D:sync-token", "CS:getctag").props()
        etag = asking("GET", "/rooms/prado/a.ics").headers["etag"]
        return asking, etag, props["getctag"].text or "", props["sync-token"].text or ""

    _, *before = asked()
    accounts.set_role("paul.martin@inserm.fr", "manager")
    paul, *promoted = asked()
    assert not set(before) & set(promoted)
    assert paul.sync(before[2]).status == 403

    lab.office.reception.rename(lab.marie, "Marie", "Durand")
    paul, *renamed = asked()
    assert not set(promoted) & set(renamed)
    assert "Marie Durand" in paul("GET", "/rooms/prado/a.ics").text.replace("\r\n ", "")


def test_a_listing_beside_writers_is_never_older_than_its_token(marie: Asking, paul: Asking) -> None:
    days = [date(2027, 1, 4) + timedelta(weeks=n // 5, days=n % 5) for n in range(40)]
    listings: list[tuple[set[str], str]] = []
    statuses: set[int] = set()

    def write() -> None:
        statuses.update(marie.put(a_booking(on=str(day)), f"{day}.ics").status for day in days)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive() or not listings:
        told = paul.propfind("/rooms/prado/", "D:getetag", "D:sync-token", depth="1")
        token = told.props("/dav/rooms/prado/")["sync-token"].text or ""
        listings.append((set(names(told)) - {""}, token))
        synchronised = paul.sync()
        listings.append((set(names(synchronised)), synchronised.xml.findtext("D:sync-token", "", NS)))
    writer.join()

    assert statuses == {201}
    for seen, token in listings:
        assert seen | set(names(paul.sync(token))) == {f"{day}.ics" for day in days}
