"""Stories of bookings that are given another name or room."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from building import Lab, a_booking, a_lab, settings_in

from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office
from sesstim_caldav.reception import Conditions, PreconditionFailed


def test_a_booking_moves_only_under_the_etag_that_it_has(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking())
    move = lab.office.reception.move

    with pytest.raises(PreconditionFailed):
        move(lab.marie, "prado", name, "calanques", name, conditions=Conditions(if_match='"other"'))
    assert lab.seen(lab.marie, name)
    assert move(lab.marie, "prado", name, "calanques", name, conditions=Conditions(lab.etag(lab.marie, name))).created


def test_a_refused_move_is_told_of_both_places_to_that_account_alone(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m"))
    there, _ = lab.book(lab.paul, a_booking(), room="calanques")

    def told(who: str) -> tuple[str, str]:
        account = {"marie": lab.marie, "paul": lab.paul}[who]
        return lab.etag(account, name), lab.etag(account, there, "calanques")

    marie, paul = told("marie"), told("paul")
    with pytest.raises(Refusal):
        lab.office.reception.move(lab.marie, "prado", name, "calanques", there)

    assert all(now != before for now, before in zip(told("marie"), marie, strict=True))
    assert told("paul") == paul


@pytest.mark.parametrize("repeats", ["", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY", "FREQ=YEARLY;BYMONTH=1;BYDAY=2MO"])
def test_a_booking_from_before_the_hours_changed_gets_another_name_but_no_other_room(
    tmp_path: Path, repeats: str
) -> None:
    with closing(a_lab(tmp_path).office) as office:
        marie = office.accounts.by_email("marie.dupont@univ-amu.fr")
        assert marie is not None
        office.reception.book(marie, "prado", "a.ics", a_booking(at="08:00", until="09:00", repeats=repeats))
    with closing(Office.open(settings_in(tmp_path, booking={"opens": "09:00", "closes": "20:00"}))) as office:
        office.reception.move(marie, "prado", "a.ics", "prado", "b.ics")
        with pytest.raises(Refusal):
            office.reception.move(marie, "prado", "b.ics", "calanques", "b.ics")
