"""Stories of a manager who gives a booking to another member, or makes one in his name."""

from __future__ import annotations

from building import Lab, a_booking

ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:ring\nEND:VALARM"
PAUL = "paul.martin@inserm.fr"


def test_a_private_booking_handed_over_is_the_other_members_without_what_was_hidden(lab: Lab) -> None:
    name, _ = lab.book(
        lab.marie, a_booking(uid="m", summary="Visite médicale", extra=f"CLASS:PRIVATE\nDESCRIPTION:secret\n{ALARM}")
    )

    lab.book(lab.anne, a_booking(uid="m", summary="Réservé", organizer=PAUL), name)

    for who in (lab.paul, lab.marie, lab.anne):
        seen = lab.seen(who, name)
        assert f":mailto:{PAUL}" in seen
        for hidden in ("médicale", "secret", "VALARM", "marie.dupont"):
            assert hidden not in seen
    assert lab.refused(lab.marie, a_booking(uid="m"), name) == {"not-the-organiser"}
    assert lab.refused(lab.paul, a_booking(uid="m", at="12:00", until="13:00"), name) == set()


def test_what_a_manager_books_for_a_member_rings_for_nobody_and_comes_back_without_an_etag(lab: Lab) -> None:
    name, receipt = lab.book(lab.anne, a_booking(organizer=PAUL, extra=ALARM))

    assert receipt.etag is None
    assert "VALARM" not in lab.seen(lab.paul, name)


def test_what_a_manager_is_not_shown_whole_comes_back_without_an_etag(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m", organizer="marie.dupont@univ-amu.fr", extra=ALARM))

    _, receipt = lab.book(lab.anne, a_booking(uid="m", organizer="marie.dupont@univ-amu.fr", extra=ALARM), name)

    assert receipt.etag is None


def test_an_organizer_that_is_stored_may_be_sent_back_and_no_other(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m"))
    lab.leave(lab.marie)
    gone = "compte-supprime@account.invalid"

    assert lab.refused(lab.anne, a_booking(uid="m", at="12:00", until="13:00", organizer=gone), name) == set()
    assert lab.refused(lab.anne, a_booking(uid="m", organizer="someone@example.org"), name) == {"not-the-organiser"}


def test_two_organizers_in_one_booking_are_nobodys(lab: Lab) -> None:
    lines = f"ORGANIZER:mailto:{PAUL}"

    two = a_booking(organizer="marie.dupont@univ-amu.fr", extra=lines)
    assert lab.refused(lab.anne, two) == {"not-the-organiser"}
