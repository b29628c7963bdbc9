"""Several bookings asked for at once: all of them or none; and what the reception would say, without saying it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from building import Lab, a_booking, at

from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.booking.schedule import FOREVER
from sesstim_caldav.reception import Act, Conditions, NoSuchBooking, NoSuchRoom, PreconditionFailed

DAY = ("2027-01-11T00:00", "2027-01-12T00:00")


def an_act(name: str, data: bytes | None, room: str = "prado", **more: object) -> Act:
    return Act(room, name, data.decode() if data is not None else None, **more)  # type: ignore[arg-type]


def test_bookings_in_two_rooms_are_made_together(lab: Lab) -> None:
    done = lab.office.reception.book_all(
        lab.marie, [an_act("a.ics", a_booking()), an_act("b.ics", a_booking(), room="calanques")]
    )

    assert [(each.room, each.created) for each in done] == [("prado", True), ("calanques", True)]
    assert [each.etag for each in done] == [lab.etag(lab.marie, "a.ics"), lab.etag(lab.marie, "b.ics", "calanques")]


def test_one_refusal_refuses_all(lab: Lab) -> None:
    lab.book(lab.paul, a_booking(), room="calanques")

    with pytest.raises(Refusal) as refused:
        lab.office.reception.book_all(
            lab.marie, [an_act("a.ics", a_booking()), an_act("b.ics", a_booking(), room="calanques")]
        )

    assert refused.value.room.slug == "calanques"
    assert lab.held(*DAY) == []


def test_bookings_asked_for_together_are_in_each_others_way(lab: Lab) -> None:
    with pytest.raises(Refusal):
        lab.office.reception.book_all(lab.marie, [an_act("a.ics", a_booking()), an_act("b.ics", a_booking())])

    assert lab.held(*DAY) == []


def test_the_same_booking_sent_twice_is_made_once(lab: Lab) -> None:
    first = a_booking(uid="one")
    again = first.replace(b"DTSTAMP:20261124T100000Z", b"DTSTAMP:20261124T100100Z")
    [made] = lab.office.reception.book_all(lab.marie, [an_act("a.ics", first, once=True)])

    [repeated] = lab.office.reception.book_all(lab.marie, [an_act("a.ics", again, once=True)])

    assert (made.created, repeated.created) == (True, False)
    assert made.etag == repeated.etag
    with pytest.raises(PreconditionFailed):
        lab.office.reception.book_all(
            lab.marie, [an_act("a.ics", a_booking(uid="one", at="14:00", until="15:00"), once=True)]
        )


def test_what_another_made_is_not_made_again(lab: Lab) -> None:
    lab.office.reception.book_all(lab.marie, [an_act("a.ics", a_booking(uid="one"), once=True)])

    with pytest.raises(Refusal):
        lab.office.reception.book_all(lab.paul, [an_act("a.ics", a_booking(uid="one"), once=True)])


def test_a_booking_moves_into_another_room_in_one_step(lab: Lab) -> None:
    lab.book(
        lab.marie, a_booking(uid="one", extra="BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"), name="a.ics"
    )
    text = lab.seen(lab.marie, "a.ics")

    done = lab.office.reception.book_all(
        lab.anne,
        [an_act("a.ics", None), Act("calanques", "a.ics", text, former=("prado", "a.ics"))],
    )

    assert [each.etag is None for each in done] == [True, False]
    assert lab.held(*DAY) == []
    assert "VALARM" in lab.seen(lab.marie, "a.ics", "calanques")
    assert 'ORGANIZER;CN="Marie Dupont"' in lab.seen(lab.marie, "a.ics", "calanques")


def test_a_member_can_have_nothing_of_another_moved(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(uid="one"), name="a.ics")

    with pytest.raises(Refusal):
        lab.office.reception.book_all(
            lab.paul, [Act("calanques", "b.ics", a_booking(uid="one").decode(), former=("prado", "a.ics"))]
        )


def test_what_is_not_as_it_was_seen_stops_everything(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(uid="one"), name="a.ics")
    old = lab.etag(lab.marie, "a.ics")
    lab.book(lab.marie, a_booking(uid="one", at="14:00", until="15:00"), name="a.ics")

    with pytest.raises(PreconditionFailed):
        lab.office.reception.book_all(
            lab.marie, [an_act("b.ics", a_booking()), an_act("a.ics", None, conditions=Conditions(if_match=old))]
        )
    with pytest.raises(NoSuchBooking):
        lab.office.reception.book_all(lab.marie, [an_act("c.ics", None)])
    with pytest.raises(NoSuchRoom):
        lab.office.reception.book_all(lab.marie, [an_act("c.ics", a_booking(), room="cave")])
    assert len(lab.held(*DAY)) == 1


def test_a_mail_is_stored_with_what_it_tells_of(lab: Lab) -> None:
    letter = EmailMessage()
    letter["To"] = "marie@univ-amu.fr"
    lab.book(lab.paul, a_booking(on="2027-01-12"))

    with pytest.raises(Refusal):
        lab.office.reception.book_all(lab.marie, [an_act("a.ics", a_booking(on="2027-01-12"))], [letter])
    assert lab.office.outbox.waiting() == 0

    lab.office.reception.book_all(lab.marie, [an_act("a.ics", a_booking())], [letter])
    assert lab.office.outbox.waiting() == 1


def test_a_verdict_stores_nothing(lab: Lab) -> None:
    lab.book(lab.paul, a_booking(on="2027-01-18"), name="p.ics")

    verdict = lab.office.reception.examine(lab.marie, [an_act("a.ics", a_booking(repeats="FREQ=WEEKLY;COUNT=3"))])

    assert verdict.times is not None
    assert len(verdict.times.occurrences(FOREVER)) == 3
    assert [(v.rule.value, v.holder, v.occurrence.start) for v in verdict.violations if v.occurrence] == [
        ("room-already-booked", "Paul Martin", at("2027-01-18T10:00"))
    ]
    assert lab.held(*DAY) == []


def test_a_verdict_on_what_cannot_be_read(lab: Lab) -> None:
    verdict = lab.office.reception.examine(lab.marie, [an_act("a.ics", a_booking(repeats="FREQ=DAILY;COUNT=0"))])

    assert verdict.times is None
    assert [str(v.rule) for v in verdict.violations] == ["unsupported-calendar-data"]


def test_a_verdict_on_several_acts_is_on_all_of_them(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(uid="one"), name="a.ics")
    before = lab.tags(lab.paul)
    acts = [an_act("a.ics", None), Act("prado", "b.ics", a_booking(uid="two").decode(), former=("prado", "a.ics"))]

    assert lab.office.reception.examine(lab.marie, acts).violations == ()
    assert lab.office.reception.examine(lab.marie, acts[1:]).violations != ()
    assert lab.tags(lab.paul) == before


@pytest.mark.parametrize("count", [10, 100])
def test_a_long_series_behind_the_horizon_meets_an_endless_one_on_every_date_that_they_share(
    lab: Lab, count: int
) -> None:
    lab.book(lab.paul, a_booking(repeats="FREQ=WEEKLY;INTERVAL=2"))
    shared = a_booking(on="2035-01-01", at="10:30", until="11:30", repeats=f"FREQ=WEEKLY;COUNT={count}")
    touching = a_booking(on="2035-01-01", at="11:00", until="12:00", repeats=f"FREQ=WEEKLY;COUNT={count}")

    verdict = lab.office.reception.examine(lab.marie, [an_act("a.ics", shared)])

    assert len(verdict.violations) == count // 2
    assert {(violation.holder, violation.email) for violation in verdict.violations} == {
        ("Paul Martin", "paul.martin@inserm.fr")
    }
    assert lab.office.reception.examine(lab.marie, [an_act("a.ics", touching)]).violations == ()
