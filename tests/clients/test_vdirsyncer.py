"""vdirsyncer, two ways, between a folder of `.ics` files and a room."""

from __future__ import annotations

from pathlib import Path

from building import a_booking
from clients.synchroniser import Synchroniser
from running import PAUL, Running


def test_bookings_go_both_ways(site: Running, tmp_path: Path) -> None:
    marie = Synchroniser(tmp_path / "marie", site.url)
    paul = Synchroniser(tmp_path / "paul", site.url, PAUL)
    marie.write("up", a_booking(on="2027-01-11", at="10:00", until="11:00", uid="up", summary="Montée"))
    paul.write("other", a_booking(on="2027-01-11", at="11:00", until="12:00", uid="other", summary="Autre"))

    assert (marie.sync(), paul.sync(), marie.sync()) == (0, 0, 0), marie.output + paul.output

    assert "SUMMARY:Montée" in paul.read()
    assert "SUMMARY:Autre" in marie.read()


def test_a_change_and_a_deletion_reach_the_other_side(site: Running, tmp_path: Path) -> None:
    marie = Synchroniser(tmp_path / "marie", site.url)
    path = marie.write("one", a_booking(on="2027-01-11", uid="one", summary="Avant"))
    marie.write("two", a_booking(on="2027-01-12", uid="two", summary="Reste"))
    assert marie.sync() == 0, marie.output
    assert marie.sync() == 0, marie.output  # the server has added the ORGANIZER: it comes back
    assert marie.read().count('ORGANIZER;CN="Marie Dupont":mailto:marie.dupont@univ-amu.fr') == 2

    marie.write("two", a_booking(on="2027-01-13", uid="two", summary="Changé"))
    path.unlink()
    assert marie.sync() == 0, marie.output

    paul = Synchroniser(tmp_path / "paul", site.url, PAUL)
    assert paul.sync() == 0, paul.output
    assert "SUMMARY:Changé" in paul.read()
    assert "Avant" not in paul.read()


def test_a_refused_booking_leaves_the_others_alone_and_is_offered_again(site: Running, tmp_path: Path) -> None:
    paul = Synchroniser(tmp_path / "paul", site.url, PAUL)
    paul.write("taken", a_booking(on="2027-01-11", at="10:00", until="11:00", uid="taken"))
    assert paul.sync() == 0, paul.output
    marie = Synchroniser(tmp_path / "marie", site.url)
    marie.write("refused", a_booking(on="2027-01-11", at="10:30", until="11:30", uid="refused", summary="Trop tard"))
    marie.write("fine", a_booking(on="2027-01-11", at="14:00", until="15:00", uid="fine", summary="Libre"))

    assert marie.sync() == 1
    assert "403" in marie.output
    assert paul.sync() == 0, paul.output
    assert "SUMMARY:Libre" in paul.read()
    assert "Trop tard" not in paul.read()

    (paul.folder / "calendars/prado/taken.ics").unlink()
    assert paul.sync() == 0, paul.output
    assert marie.sync() == 0, marie.output
    assert paul.sync() == 0, paul.output
    assert "SUMMARY:Trop tard" in paul.read()


def test_a_refused_change_is_put_right_on_the_side_that_made_it(site: Running, tmp_path: Path) -> None:
    marie = Synchroniser(tmp_path / "marie", site.url)
    marie.write("hers", a_booking(on="2027-01-11", uid="hers", summary="De Marie"))
    assert marie.sync() == 0, marie.output
    paul = Synchroniser(tmp_path / "paul", site.url, PAUL)
    assert paul.sync() == 0, paul.output
    (copy,) = (paul.folder / "calendars/prado").glob("*.ics")
    copy.write_bytes(a_booking(on="2027-01-12", uid="hers", summary="De Paul"))

    assert paul.sync() == 1

    assert marie.sync() == 0, marie.output
    assert "De Marie" in marie.read()
    assert "De Paul" not in marie.read()
