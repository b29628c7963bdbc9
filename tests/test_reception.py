"""Stories of members who book, change and cancel: every rule through the one way in, on a real store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from building import Lab, a_booking, a_lab, an_override, at, settings_in

from sesstim_caldav.accounts import audit
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office
from sesstim_caldav.reception import Conditions, NoSuchBooking, NoSuchRoom, PreconditionFailed


def test_a_booking_is_there_for_everybody(lab: Lab) -> None:
    name, receipt = lab.book(lab.marie, a_booking(on="2027-01-11", at="10:00", until="11:00"))

    assert receipt.created
    assert "SUMMARY:Réunion projet" in lab.seen(lab.paul, name)
    assert lab.held("2027-01-11T00:00", "2027-01-12T00:00") == [("2027-01-11 10:00", "2027-01-11 11:00")]


def test_an_unknown_room_takes_nothing(lab: Lab) -> None:
    with pytest.raises(NoSuchRoom):
        lab.book(lab.marie, a_booking(), room="cave")


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        ("08:00", "20:00", set()),
        ("07:45", "09:00", {"outside-opening-hours"}),
        ("19:00", "20:15", {"outside-opening-hours"}),
        ("10:05", "11:00", {"not-on-quarter-hour"}),
        ("10:00", "10:50", {"not-on-quarter-hour"}),
        ("10:00", "10:00", {"empty-booking"}),
        ("11:00", "10:00", {"empty-booking"}),
    ],
)
def test_hours_and_grid(lab: Lab, start: str, end: str, codes: set[str]) -> None:
    assert lab.refused(lab.marie, a_booking(at=start, until=end)) == codes


def test_saturday_is_closed(lab: Lab) -> None:
    assert lab.refused(lab.marie, a_booking(on="2027-01-16")) == {"outside-opening-hours"}


def test_a_daily_series_that_reaches_saturday_is_refused_whole(lab: Lab) -> None:
    assert lab.refused(lab.marie, a_booking(repeats="FREQ=DAILY;COUNT=6")) == {"outside-opening-hours"}
    assert lab.held("2027-01-01T00:00", "2027-02-01T00:00") == []
    assert lab.refused(lab.marie, a_booking(repeats="FREQ=DAILY;COUNT=5")) == set()


def test_an_endless_daily_series_is_refused_for_its_weekends(lab: Lab) -> None:
    assert lab.refused(lab.marie, a_booking(repeats="FREQ=DAILY")) == {"outside-opening-hours"}
    assert lab.refused(lab.marie, a_booking(repeats="FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR")) == set()


def test_a_yearly_date_that_falls_on_a_sunday_years_from_now_is_refused(lab: Lab) -> None:
    assert lab.refused(lab.marie, a_booking(on="2027-06-01", repeats="FREQ=YEARLY")) == {"outside-opening-hours"}


def test_all_day_is_refused_with_or_without_an_end(lab: Lab) -> None:
    whole = a_booking().replace(b"DTSTART;TZID=Europe/Paris:20270111T100000", b"DTSTART;VALUE=DATE:20270111")
    alone = whole.replace(b"DTEND;TZID=Europe/Paris:20270111T110000\r\n", b"")
    ended = whole.replace(b"DTEND;TZID=Europe/Paris:20270111T110000", b"DTEND;VALUE=DATE:20270112")

    assert lab.refused(lab.marie, alone) == {"outside-opening-hours"}
    assert lab.refused(lab.marie, ended) == {"outside-opening-hours"}


def test_touching_bookings_stand_side_by_side_and_a_quarter_more_does_not(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(at="10:00", until="11:00"))

    assert lab.refused(lab.paul, a_booking(at="09:00", until="10:00")) == set()
    assert lab.refused(lab.paul, a_booking(at="11:00", until="12:00")) == set()
    assert lab.refused(lab.paul, a_booking(at="10:45", until="11:15")) == {"room-already-booked"}
    assert lab.refused(lab.paul, a_booking(at="10:45", until="11:15"), room="calanques") == set()


def test_the_refusal_names_room_date_and_holder_and_not_the_title(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2026-12-01", summary="Entretien annuel"))

    with pytest.raises(Refusal) as refused:
        lab.book(lab.paul, a_booking(on="2026-12-01"))

    assert (
        refused.value.sentences("fr")
        == "La salle Prado est déjà réservée mardi 1er décembre 2026 de 10:00 à 11:00 (Marie Dupont)."
    )
    assert b"Entretien" not in refused.value.xml("fr")


def test_until_is_inclusive_to_the_second(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY;UNTIL=20270125T090000Z"))
    assert len(lab.held("2027-01-01T00:00", "2027-03-01T00:00")) == 3

    lab.book(lab.marie, a_booking(at="14:00", until="15:00", repeats="FREQ=WEEKLY;UNTIL=20270125T125959Z"))
    assert len(lab.held("2027-01-01T00:00", "2027-03-01T00:00")) == 5


def test_a_series_keeps_its_hour_over_the_change_of_time_and_one_in_utc_moves(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-03-22", at="08:00", until="09:00", repeats="FREQ=WEEKLY;COUNT=2"))
    lab.book(lab.paul, a_booking(on="2027-03-22", at="09:00", until="10:00", zone="UTC", repeats="FREQ=WEEKLY;COUNT=2"))

    assert lab.held("2027-03-29T00:00", "2027-03-30T00:00") == [
        ("2027-03-29 08:00", "2027-03-29 09:00"),
        ("2027-03-29 11:00", "2027-03-29 12:00"),
    ]
    assert lab.refused(lab.anne, a_booking(on="2027-03-29", at="08:45", until="09:15")) == {"room-already-booked"}


def test_an_endless_series_in_utc_that_leaves_the_hours_in_summer_is_refused(lab: Lab) -> None:
    late = a_booking(on="2027-01-11", at="18:00", until="19:00", zone="UTC", repeats="FREQ=WEEKLY")
    assert lab.refused(lab.marie, late) == {"outside-opening-hours"}


def test_an_override_moved_onto_somebodys_slot_refuses_the_series(lab: Lab) -> None:
    lab.book(lab.paul, a_booking(on="2027-01-19", at="14:00", until="15:00"))
    moved = an_override("s1", "2027-01-18T10:00", "2027-01-19", "14:30", "15:30")

    series = a_booking(uid="s1", repeats="FREQ=WEEKLY;COUNT=3", more=moved)
    assert lab.refused(lab.marie, series) == {"room-already-booked"}


def test_a_moved_override_holds_its_new_place_and_frees_the_old_one(lab: Lab) -> None:
    moved = an_override("s1", "2027-01-18T10:00", "2027-01-19", "14:00", "15:00")
    lab.book(lab.marie, a_booking(uid="s1", repeats="FREQ=WEEKLY;COUNT=3", more=moved))

    assert lab.refused(lab.paul, a_booking(on="2027-01-18")) == set()
    assert lab.refused(lab.paul, a_booking(on="2027-01-19", at="14:00", until="15:00")) == {"room-already-booked"}


def test_a_cancelled_override_frees_its_slot(lab: Lab) -> None:
    gone = an_override("s1", "2027-01-18T10:00", "2027-01-18", "10:00", "11:00", extra="STATUS:CANCELLED")
    lab.book(lab.marie, a_booking(uid="s1", repeats="FREQ=WEEKLY;COUNT=3", more=gone))

    assert lab.refused(lab.paul, a_booking(on="2027-01-18")) == set()


def test_a_cancelled_booking_holds_nothing_and_is_judged_by_no_rule(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())

    assert lab.refused(lab.marie, a_booking(extra="STATUS:CANCELLED")) == set()
    assert lab.refused(lab.marie, a_booking(at="03:07", until="04:00", extra="STATUS:CANCELLED")) == set()


def test_a_transparent_booking_uses_the_room_all_the_same(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(extra="TRANSP:TRANSPARENT"))

    assert lab.refused(lab.paul, a_booking()) == {"room-already-booked"}


def test_an_exdate_in_utc_frees_a_date_of_a_local_series(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY;COUNT=3", extra="EXDATE:20270118T090000Z"))

    assert lab.refused(lab.paul, a_booking(on="2027-01-18")) == set()
    assert lab.refused(lab.paul, a_booking(on="2027-01-25")) == {"room-already-booked"}


def test_an_rdate_is_held_and_judged(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(extra="RDATE;TZID=Europe/Paris:20270114T140000"))

    assert lab.refused(lab.paul, a_booking(on="2027-01-14", at="14:30", until="15:30")) == {"room-already-booked"}
    assert lab.refused(lab.paul, a_booking(extra="RDATE;TZID=Europe/Paris:20270116T140000", on="2027-01-13")) == {
        "outside-opening-hours"
    }


def test_two_endless_series_that_first_meet_in_2044_never_stand_together(lab: Lab) -> None:
    # 29 February falls on a Monday in 2044 for the first time after 2027.
    lab.book(lab.marie, a_booking(on="2027-01-11", repeats="FREQ=WEEKLY;BYDAY=MO"))
    leap = a_booking(on="2028-02-29", repeats="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO,TU")

    assert lab.refused(lab.paul, leap) == {"room-already-booked"}


def test_a_single_booking_in_2044_meets_an_endless_series(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY"))

    assert lab.refused(lab.paul, a_booking(on="2044-02-29")) == {"room-already-booked"}
    assert lab.refused(lab.paul, a_booking(on="2044-03-01")) == set()


def test_an_endless_series_meets_a_single_booking_of_2044(lab: Lab) -> None:
    lab.book(lab.paul, a_booking(on="2044-02-29"))

    assert lab.refused(lab.marie, a_booking(repeats="FREQ=WEEKLY")) == {"room-already-booked"}


def test_endless_series_on_alternating_weeks_stand_side_by_side(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-11", repeats="FREQ=WEEKLY;INTERVAL=2"))

    assert lab.refused(lab.paul, a_booking(on="2027-01-18", repeats="FREQ=WEEKLY;INTERVAL=2")) == set()
    assert lab.refused(lab.paul, a_booking(on="2027-01-18", repeats="FREQ=WEEKLY;INTERVAL=3")) == {
        "room-already-booked"
    }


def test_a_series_that_overlaps_itself_is_refused_as_ones_own(lab: Lab) -> None:
    hourly = a_booking(at="10:00", until="11:30", repeats="FREQ=HOURLY;COUNT=3")
    with pytest.raises(Refusal) as refused:
        lab.book(lab.marie, hourly)

    assert {str(v.rule) for v in refused.value.violations} == {"room-already-booked"}
    assert "série" in refused.value.sentences("fr")


def test_outlooks_romance_standard_time_is_paris(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(zone="Romance Standard Time"))

    assert lab.held("2027-01-11T00:00", "2027-01-12T00:00") == [("2027-01-11 10:00", "2027-01-11 11:00")]


def test_a_foreign_organizer_is_refused(lab: Lab) -> None:
    assert lab.refused(lab.marie, a_booking(organizer="paul.martin@inserm.fr")) == {"not-the-organiser"}
    assert lab.refused(lab.marie, a_booking(organizer="someone@example.org")) == {"not-the-organiser"}
    assert lab.refused(lab.marie, a_booking(organizer="Marie.DUPONT@univ-amu.fr")) == set()


def test_the_server_names_the_organiser_where_the_client_does_not(lab: Lab) -> None:
    name, receipt = lab.book(lab.marie, a_booking())

    assert receipt.etag is None
    assert 'ORGANIZER;CN="Marie Dupont":mailto:marie.dupont@univ-amu.fr' in lab.seen(lab.marie, name)


def test_what_is_stored_as_sent_is_answered_with_its_etag(lab: Lab) -> None:
    name, receipt = lab.book(lab.marie, a_booking(organizer="marie.dupont@univ-amu.fr"))

    assert receipt.etag == lab.etag(lab.marie, name)


def test_a_manager_books_for_a_member(lab: Lab) -> None:
    name, _ = lab.book(lab.anne, a_booking(organizer="marie.dupont@univ-amu.fr"))

    assert lab.refused(lab.paul, a_booking(), name) == {"not-the-organiser"}
    lab.office.reception.cancel(lab.marie, "prado", name)


def test_only_the_organiser_and_managers_change_or_cancel(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))

    assert lab.refused(lab.paul, a_booking(uid="m1", at="12:00", until="13:00"), name) == {"not-the-organiser"}
    with pytest.raises(Refusal):
        lab.office.reception.cancel(lab.paul, "prado", name)
    lab.book(lab.anne, a_booking(uid="m1", at="12:00", until="13:00"), name)
    assert "marie.dupont@univ-amu.fr" in lab.seen(lab.anne, name)
    lab.office.reception.cancel(lab.marie, "prado", name)
    with pytest.raises(NoSuchBooking):
        lab.office.reception.cancel(lab.marie, "prado", name)


ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:ring\nEND:VALARM"


def test_alarms_ring_for_the_organiser_alone_and_survive_a_managers_change(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1", extra=ALARM))
    assert "VALARM" in lab.seen(lab.marie, name)
    assert "VALARM" not in lab.seen(lab.paul, name)
    assert "VALARM" not in lab.seen(lab.anne, name)

    lab.book(lab.anne, a_booking(uid="m1", at="12:00", until="13:00", extra=ALARM.replace("15M", "99M")), name)
    assert "TRIGGER:-PT15M" in lab.seen(lab.marie, name)
    assert "99M" not in lab.seen(lab.marie, name)
    assert "T120000" in lab.seen(lab.marie, name)


def test_a_private_booking_shows_its_slot_and_holder_only_and_survives_a_managers_change(lab: Lab) -> None:
    secret = a_booking(
        uid="m1", summary="Visite médicale", extra="CLASS:PRIVATE\nDESCRIPTION:secret\nLOCATION:chez moi"
    )
    name, _ = lab.book(lab.marie, secret)
    for other in (lab.paul, lab.anne):
        seen = lab.seen(other, name)
        assert "médicale" not in seen
        assert "secret" not in seen
        assert "chez moi" not in seen
        assert "SUMMARY:Réservé" in seen
        assert "Marie Dupont" in seen

    lab.book(lab.anne, a_booking(uid="m1", at="12:00", until="13:00", summary="Réservé"), name)
    mine = lab.seen(lab.marie, name)
    assert "SUMMARY:Visite médicale" in mine
    assert "DESCRIPTION:secret" in mine
    assert "CLASS:PRIVATE" in mine
    assert "T120000" in mine


def test_a_managers_change_keeps_the_organizer_of_an_account_that_is_gone(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1", summary="Visite médicale", extra="CLASS:PRIVATE"))
    lab.leave(lab.marie)
    assert "ORGANIZER" in lab.seen(lab.anne, name)

    lab.book(lab.anne, a_booking(uid="m1", at="12:00", until="13:00"), name)
    assert 'ORGANIZER;CN="Compte supprimé"' in lab.seen(lab.anne, name)
    assert "T120000" in lab.seen(lab.anne, name)
    with lab.office.store.reading() as reading:
        room = reading.room("prado")
        stored = room.booking(name) if room else None
    assert stored is not None
    assert stored.organiser is None
    assert "compte-supprime@account.invalid" in stored.text


def test_a_uid_stands_once_in_a_room_and_may_stand_in_two_rooms(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(uid="same"))

    assert lab.refused(lab.marie, a_booking(uid="same", on="2027-01-12")) == {"uid-in-use"}
    assert lab.refused(lab.marie, a_booking(uid="same"), room="calanques") == set()


def test_a_resource_keeps_its_uid(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="one"))

    assert lab.refused(lab.marie, a_booking(uid="two", on="2027-01-12"), name) == {"uid-in-use"}


def test_after_a_refusal_everything_moves_for_that_account_alone(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))
    before = {who.id: (lab.etag(who, name), lab.tags(who)) for who in (lab.marie, lab.paul, lab.anne)}

    lab.refused(lab.paul, a_booking(uid="m1", at="12:00", until="13:00"), name)
    after_change = (lab.etag(lab.paul, name), lab.tags(lab.paul))
    with pytest.raises(Refusal):
        lab.office.reception.cancel(lab.paul, "prado", name)
    after_deletion = (lab.etag(lab.paul, name), lab.tags(lab.paul))

    assert len({before[lab.paul.id], after_change, after_deletion}) == 3
    for a, b, c in zip(*[(x[0], *x[1]) for x in (before[lab.paul.id], after_change, after_deletion)], strict=True):
        assert len({a, b, c}) == 3
    for who in (lab.marie, lab.anne):
        assert before[who.id] == (lab.etag(who, name), lab.tags(who))
    with lab.office.publication.snapshot(lab.paul) as snapshot:
        changes = snapshot.changes("prado", before[lab.paul.id][1][1])
    assert [changed for changed, _ in changes.changed] == [name]


def test_the_organisers_older_etag_still_holds_after_his_own_refused_change(lab: Lab) -> None:
    lab.book(lab.paul, a_booking(on="2027-01-12"))
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))
    etag = lab.etag(lab.marie, name)
    assert lab.refused(lab.marie, a_booking(uid="m1", on="2027-01-12"), name) == {"room-already-booked"}
    assert lab.etag(lab.marie, name) != etag

    lab.book(lab.marie, a_booking(uid="m1", at="14:00", until="15:00"), name, if_match=f"W/{etag}")
    with pytest.raises(PreconditionFailed):
        lab.book(lab.marie, a_booking(uid="m1", at="15:00", until="16:00"), name, if_match=etag)


def test_an_etag_that_a_proxy_has_marked_as_compressed_holds(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))
    zipped = lab.etag(lab.marie, name)[:-1] + '-gzip"'

    lab.book(lab.marie, a_booking(uid="m1", at="14:00", until="15:00"), name, if_match=zipped)


def test_not_the_organiser_comes_before_the_condition_and_content_after_it(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))

    with pytest.raises(Refusal):
        lab.book(lab.paul, a_booking(uid="m1"), name, if_match='"other"')
    with pytest.raises(PreconditionFailed):
        lab.book(lab.marie, a_booking(uid="m1", at="03:00", until="04:00"), name, if_match='"other"')
    with pytest.raises(PreconditionFailed):
        lab.office.reception.book(lab.marie, "prado", name, a_booking(), Conditions(if_none_match="*"))


def test_a_move_to_another_room_is_judged_there(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1"))
    lab.book(lab.paul, a_booking(), room="castellane")
    move = lab.office.reception.move

    with pytest.raises(Refusal):
        move(lab.marie, "prado", name, "castellane", "new.ics")
    with pytest.raises(Refusal):
        move(lab.paul, "prado", name, "calanques", "new.ics")
    assert lab.seen(lab.marie, name)
    assert move(lab.marie, "prado", name, "calanques", "new.ics").created
    assert lab.refused(lab.paul, a_booking()) == set()
    assert lab.refused(lab.paul, a_booking(), room="calanques") == {"room-already-booked"}


def test_a_managers_move_leaves_the_booking_to_its_organiser(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="m1", extra="CLASS:PRIVATE"))
    lab.office.reception.move(lab.anne, "prado", name, "calanques", name)

    lab.office.reception.cancel(lab.marie, "calanques", name)


def test_nobody_moves_onto_anothers_resource(lab: Lab) -> None:
    target, _ = lab.book(lab.paul, a_booking(on="2027-01-12"))
    name, _ = lab.book(lab.marie, a_booking())

    with pytest.raises(Refusal):
        lab.office.reception.move(lab.marie, "prado", name, "prado", target)
    with pytest.raises(PreconditionFailed):
        lab.office.reception.move(lab.anne, "prado", name, "prado", target, overwrite=False)
    assert lab.seen(lab.paul, target)


def test_a_booking_that_is_over_is_made_and_changed(lab: Lab) -> None:  # R61
    name, _ = lab.book(lab.marie, a_booking(on="2020-01-06", uid="old"))

    assert lab.refused(lab.marie, a_booking(on="2020-01-06", uid="old", at="11:00", until="12:00"), name) == set()


def test_every_date_is_checked_and_not_only_the_first_ones(lab: Lab) -> None:  # R60
    lab.book(lab.marie, a_booking(on="2027-10-11", at="10:30", until="11:30"))

    with pytest.raises(Refusal) as refused:
        lab.book(lab.paul, a_booking(on="2027-05-03", repeats="FREQ=WEEKLY;COUNT=24"))
    assert "11 octobre 2027" in refused.value.sentences("fr")
    assert lab.refused(lab.paul, a_booking(on="2027-05-03", repeats="FREQ=WEEKLY;COUNT=23")) == set()


def test_the_same_content_again_changes_nothing(lab: Lab) -> None:
    data = a_booking(uid="m1", organizer="marie.dupont@univ-amu.fr")
    name, first = lab.book(lab.marie, data)
    tags = lab.tags(lab.paul)

    _, again = lab.book(lab.marie, data, name)
    assert (again.created, again.etag) == (False, first.etag)
    assert lab.tags(lab.paul) == tags


def test_the_index_is_extended_with_the_horizon(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY"))
    far = at("2035-01-01T00:00")
    with lab.office.store.writing("prado") as writing:
        lab.office.reception.extend(writing, far)
        assert writing.horizon == far
    assert lab.held("2034-12-11T00:00", "2034-12-12T00:00") == [("2034-12-11 10:00", "2034-12-11 11:00")]
    assert lab.held("2036-12-15T00:00", "2036-12-16T00:00") == [("2036-12-15 10:00", "2036-12-15 11:00")]


@pytest.mark.parametrize("repeats", ["FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY"])
def test_a_series_from_before_the_hours_changed_is_renamed_and_shortened_but_not_moved(
    tmp_path: Path, repeats: str
) -> None:
    with closing(a_lab(tmp_path).office) as office:
        marie = office.accounts.by_email("marie.dupont@univ-amu.fr")
        assert marie is not None
        first = {"at": "08:00", "until": "09:15", "uid": "s", "repeats": repeats}
        office.reception.book(marie, "prado", "s.ics", a_booking(**first))
    later = settings_in(tmp_path, booking={"opens": "09:00", "closes": "20:00", "grid_minutes": 30})
    with closing(Office.open(later)) as office:

        def change(**more: str) -> set[str]:
            try:
                office.reception.book(marie, "prado", "s.ics", a_booking(**{**first, **more}))
            except Refusal as refusal:
                return {str(violation.rule) for violation in refusal.violations}
            return set()

        assert change(summary="Autre titre") == set()
        assert change(extra="EXDATE;TZID=Europe/Paris:20270118T080000") == set()
        assert change(until="09:30") == {"outside-opening-hours"}
        assert change(extra="RDATE;TZID=Europe/Paris:20270114T080000") == {
            "outside-opening-hours",
            "not-on-quarter-hour",
        }


def test_this_and_following_is_an_end_of_one_series_and_the_beginning_of_another(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="old", repeats="FREQ=WEEKLY;COUNT=4"))
    following = a_booking(on="2027-01-25", at="10:30", until="11:30", uid="new", repeats="FREQ=WEEKLY;COUNT=2")

    assert lab.refused(lab.marie, following) == {"room-already-booked"}
    lab.book(lab.marie, a_booking(uid="old", repeats="FREQ=WEEKLY;UNTIL=20270124T225959Z"), name)
    assert lab.refused(lab.marie, following) == set()
    assert [start for start, _ in lab.held("2027-01-01T00:00", "2027-03-01T00:00")] == [
        "2027-01-11 10:00",
        "2027-01-18 10:00",
        "2027-01-25 10:30",
        "2027-02-01 10:30",
    ]


def test_one_date_of_a_series_is_changed_moved_and_deleted(lab: Lab) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="s", repeats="FREQ=WEEKLY;COUNT=3"))
    lab.book(lab.paul, a_booking(on="2027-01-18", at="14:00", until="15:00"))
    series = {"uid": "s", "repeats": "FREQ=WEEKLY;COUNT=3"}

    onto_paul = an_override("s", "2027-01-18T10:00", "2027-01-18", "14:30", "15:30")
    assert lab.refused(lab.marie, a_booking(**series, more=onto_paul), name) == {"room-already-booked"}
    beside = an_override("s", "2027-01-18T10:00", "2027-01-18", "15:00", "16:00")
    assert lab.refused(lab.marie, a_booking(**series, more=beside), name) == set()
    assert lab.refused(lab.marie, a_booking(**series, extra="EXDATE:20270118T090000Z"), name) == set()
    assert lab.refused(lab.anne, a_booking(on="2027-01-18")) == set()


def test_every_act_on_a_booking_is_in_the_log_with_who_did_it(lab: Lab) -> None:
    booking = a_booking(uid="logged")
    lab.book(lab.marie, booking, "a.ics")
    lab.book(lab.marie, booking, "a.ics")  # nothing new: nothing done
    lab.book(lab.anne, a_booking(uid="logged", summary="Autre", organizer=lab.marie.email), "a.ics")
    lab.office.reception.move(lab.marie, "prado", "a.ics", "calanques", "b.ics")
    lab.office.reception.cancel(lab.marie, "calanques", "b.ics")
    assert lab.refused(lab.paul, a_booking(on="2027-01-16")) == {"outside-opening-hours"}

    done = [(entry.who, entry.what, entry.detail) for entry in audit.entries(lab.office.store) if "ics" in entry.detail]
    assert done == [
        (lab.marie.email, "cancel", "calanques/b.ics"),
        (lab.marie.email, "move", "calanques/b.ics"),
        (lab.anne.email, "change", "prado/a.ics"),
        (lab.marie.email, "book", "prado/a.ics"),
    ]
