"""Who sees what of a booking, and what a change by somebody who did not see all leaves standing."""

from __future__ import annotations

import icalendar
import pytest
from booking.proposals import MARIE, ODILE, PARIS, PAUL, a_person, an_object
from hypothesis import given
from hypothesis import strategies as st

from sesstim_caldav.booking import views
from sesstim_caldav.booking.calendar_object import CalendarObject, read
from sesstim_caldav.booking.schedule import FOREVER, schedule

HOUR = "DTSTART:20261201T100000\nDTEND:20261201T110000\n"
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:réveil\nEND:VALARM\n"
GUEST = "ATTENDEE;CN=Guest:mailto:guest@example.org\n"
SEND = "X-MOZ-SEND-INVITATIONS:TRUE\n"
MARIES = 'ORGANIZER;CN="Marie Dupont":mailto:marie@univ-amu.fr\n'
CHAIR = 'ATTENDEE;CN="Marie Dupont";ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:marie@univ-amu.fr'
PRIVATE = "CLASS:PRIVATE\nSUMMARY:Entretien annuel\nLOCATION:Bureau 12\nDESCRIPTION:secret\nX-NOTE:secret\n"
SERIES = (
    "BEGIN:VEVENT\nDTSTART;TZID=Europe/Paris:20261201T100000\nDTEND;TZID=Europe/Paris:20261201T110000\n"
    "RRULE:FREQ=DAILY;COUNT=3\n{}END:VEVENT\n"
)
MOVED = (
    "BEGIN:VEVENT\nRECURRENCE-ID{}\nDTSTART;TZID=Europe/Paris:20261202T150000\n"
    "DTEND;TZID=Europe/Paris:20261202T160000\n{}END:VEVENT\n"
)
LOCAL = ";TZID=Europe/Paris:20261202T100000"


def an(event: str) -> CalendarObject:
    return read(an_object(event))


def lines(text: str | None) -> list[str]:
    assert text is not None
    return text.replace("\r\n ", "").split("\r\n")


def restored(before: str, sent: str) -> list[str]:
    return lines(views.restored(an(before), an(sent), ODILE, MARIE))


def times(text: str) -> list[tuple[int, int]]:
    return [(o.start, o.end) for o in schedule(read(text), PARIS).occurrences(FOREVER)]


# -- whose it is


def test_a_booking_that_names_nobody_gets_its_organiser_and_keeps_every_other_octet() -> None:
    sent = an(HOUR + 'X-ODD;A="b":c\nDESCRIPTION:' + "é" * 60 + "\n")

    obj = views.organised(sent, MARIE)

    assert obj.text.replace('ORGANIZER;CN="Marie Dupont":mailto:marie@univ-amu.fr\r\n', "") == sent.text
    assert read(obj.text).root == obj.root
    assert read(obj.text).events == obj.events


def test_a_booking_that_names_its_organiser_is_left_alone() -> None:
    sent = an(HOUR + "ORGANIZER:mailto:marie@univ-amu.fr\n")

    assert views.organised(sent, MARIE) is sent


def test_an_override_that_names_nobody_gets_the_organiser_too() -> None:
    obj = views.organised(an(SERIES.format(MARIES) + MOVED.format(LOCAL, "")), MARIE)

    assert [event.line("ORGANIZER") is not None for event in obj.events] == [True, True]
    assert read(obj.text).root == obj.root


@given(st.text(max_size=90))
def test_a_name_cannot_break_the_line_it_stands_in(name: str) -> None:
    person = a_person(9, name, "x@univ-amu.fr")

    text = views.shown(views.organised(an(HOUR), person), person).other

    assert text is not None
    assert len(read(text).events) == 1
    assert read(text).untouched
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_a_new_name_stands_wherever_the_old_one_did() -> None:
    married = a_person(1, "Marie Durand", "marie@univ-amu.fr")

    obj = views.renamed(an(HOUR + 'ORGANIZER;SENT-BY="mailto:x@y";CN=Marie:mailto:marie@univ-amu.fr\n'), married)

    assert 'ORGANIZER;SENT-BY="mailto:x@y";CN="Marie Durand":mailto:marie@univ-amu.fr' in lines(obj.text)
    assert read(obj.text).root == obj.root
    assert views.renamed(obj, married) is obj
    bare = an(HOUR + "ORGANIZER:mailto:marie@univ-amu.fr\n")
    assert views.renamed(bare, married) is bare


# -- what is shown


def test_an_ordinary_booking_is_shown_to_managers_as_it_is() -> None:
    obj = an(HOUR + MARIES)

    seen = views.shown(obj, MARIE)

    assert seen.own == obj.text
    assert seen.manager is None


def test_others_see_the_organiser_in_the_chair_beside_the_organizer() -> None:
    other = lines(views.shown(an(HOUR + MARIES), MARIE).other)

    assert other[other.index(MARIES.strip()) + 1] == CHAIR


@pytest.mark.parametrize("extra", [ALARM, GUEST, SEND, "X-MOZ-SEND-INVITATIONS-UNDISCLOSED:FALSE\n"])
def test_alarms_attendees_and_invitations_are_the_organiser_s_alone(extra: str) -> None:
    plain, full = an(HOUR + MARIES), an(HOUR + MARIES + extra)

    seen = views.shown(full, MARIE)

    assert seen.own == full.text
    assert seen.manager == plain.text
    assert seen.other == views.shown(plain, MARIE).other


def test_what_nobody_knows_passes_line_by_line() -> None:
    odd = 'X-ODD;A="b;c";D=e,f:g\\,h\nx-lower:case\nCOLOR:red\nBEGIN:X-PART\nX-IN:side\nEND:X-PART\n'
    obj = an(HOUR + MARIES + odd + ALARM)

    manager = views.shown(obj, MARIE).manager

    assert manager == obj.text.replace(ALARM.replace("\n", "\r\n"), "")


def test_an_alarm_in_an_unusual_place_does_not_ring_either() -> None:
    text = an(HOUR + MARIES + f"BEGIN:X-PART\n{ALARM}END:X-PART\n").text
    outside = f"BEGIN:X-PART\n{ALARM}END:X-PART\nEND:VCALENDAR".replace("\n", "\r\n")

    for each in (text, text.replace("END:VCALENDAR", outside)):
        seen = views.shown(read(each), MARIE)
        assert "VALARM" not in (seen.manager or "VALARM")
        assert "VALARM" not in (seen.other or "VALARM")
        assert "VALARM" not in views.handed_over(read(each), PAUL)


def test_an_alarm_inside_a_zone_and_events_in_small_letters_are_no_way_around() -> None:
    zone = f"BEGIN:VTIMEZONE\nTZID:X\n{ALARM}END:VTIMEZONE\nBEGIN:VEVENT".replace("\n", "\r\n")
    text = an(SERIES.format(MARIES + GUEST + ALARM) + MOVED.format(LOCAL, GUEST)).text
    small = text.replace("BEGIN:VEVENT", "begin:vevent", 1).replace("END:VEVENT", "end:vevent", 1)

    for each in (text.replace("BEGIN:VEVENT", zone, 1), small, small.replace("BEGIN:VEVENT", "Begin:VEvent")):
        seen = views.shown(read(each), MARIE)
        for hidden in ("VALARM", "guest@example.org"):
            assert hidden not in (seen.manager or hidden)
            assert hidden not in (seen.other or hidden)
        assert len(read(seen.other or "").events) == 2


def test_others_see_today_s_name_and_address_whatever_the_client_wrote() -> None:
    obj = an(HOUR + "ORGANIZER;CN=Boss:mailto:marie.dupont@inserm.fr\n")

    seen = views.shown(obj, MARIE)

    assert MARIES.strip() in lines(seen.manager)
    assert "inserm" not in (seen.other or "")


def test_of_an_account_that_is_gone_nobody_but_managers_sees_the_name() -> None:
    seen = views.shown(an(HOUR + MARIES), None)

    assert "Marie" not in (seen.other or "Marie")
    assert "Compte supprimé" in (seen.other or "")


@pytest.mark.parametrize("kind", ["PRIVATE", "CONFIDENTIAL", "private", "X-NEW"])
def test_of_a_private_booking_others_see_slot_and_organiser_alone(kind: str) -> None:
    obj = an(HOUR + MARIES + PRIVATE.replace("PRIVATE", kind) + GUEST + SEND + ALARM + "TRANSP:TRANSPARENT\n")

    seen = views.shown(obj, MARIE)

    assert seen.own == obj.text
    assert lines(seen.manager) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//SESSTIM//sesstim-caldav//FR",
        "BEGIN:VEVENT",
        MARIES.strip(),
        "UID:one",
        "DTSTAMP:20261101T000000Z",
        "DTSTART:20261201T100000",
        "DTEND:20261201T110000",
        f"SUMMARY:{views.MARK}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    other = lines(seen.other)
    assert other.pop(other.index(MARIES.strip()) + 1) == CHAIR
    assert other == lines(seen.manager)


def test_one_private_override_makes_the_whole_private() -> None:
    obj = an(SERIES.format("SUMMARY:Open\n") + MOVED.format(LOCAL, PRIVATE))

    other = views.shown(obj, MARIE).other

    assert other is not None
    assert "Open" not in other
    assert "Entretien" not in other
    assert other.count(f"SUMMARY:{views.MARK}") == 2
    assert times(other) == times(obj.text)


def test_a_private_series_keeps_its_times_to_the_last_one() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Ma zone\nX-REMARK:secret\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\n"
        "TZOFFSETTO:+0300\nCOMMENT:secret\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    unused = zone.replace("Ma zone", "secret")
    event = (
        "BEGIN:VEVENT\nDTSTART;X-NOTE=secret;TZID=Ma zone:20261201T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\n"
        "EXDATE;TZID=Ma zone:20261202T100000\nRDATE;VALUE=PERIOD;TZID=Ma zone:20261210T100000/PT30M\n"
        f"{PRIVATE}END:VEVENT\n"
        "BEGIN:VEVENT\nRECURRENCE-ID;TZID=Ma zone:20261203T100000\nDTSTART;TZID=Ma zone:20261203T100000\n"
        "STATUS:CANCELLED\nSUMMARY:secret\nEND:VEVENT\n"
    )
    obj = read(
        an_object(event).replace(b"BEGIN:VEVENT", (zone + unused).replace("\n", "\r\n").encode() + b"BEGIN:VEVENT", 1)
    )

    other = views.shown(obj, MARIE).other

    assert other is not None
    assert "secret" not in other
    assert times(other) == times(obj.text)
    assert len(times(other)) == 4


def test_the_reader_s_word_stands_where_the_mark_was_and_nowhere_else() -> None:
    obj = an(HOUR + "CLASS:PRIVATE\nSUMMARY:x\n")
    marked = (views.shown(obj, MARIE).other or "").replace("UID:one", f"UID:one{views.MARK}")

    assert "SUMMARY:Réservé" in lines(views.worded(marked, "fr"))
    assert "SUMMARY:Reserved" in lines(views.worded(marked, "en"))
    assert f"UID:one{views.MARK}" in lines(views.worded(marked, "en"))


def test_a_feed_without_names_has_times_and_no_more() -> None:
    text = views.anonymous(an(HOUR + MARIES + GUEST + "SUMMARY:Réunion\nLOCATION:x\n" + ALARM))

    assert "Marie" not in text
    assert "ATTENDEE" not in text
    assert lines(text)[3:-3] == [
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTAMP:20261101T000000Z",
        "DTSTART:20261201T100000",
        "DTEND:20261201T110000",
        f"SUMMARY:{views.MARK}",
    ]


def test_every_view_can_be_read_by_others() -> None:
    obj = an(SERIES.format(MARIES + PRIVATE + GUEST + ALARM) + MOVED.format(LOCAL, ""))

    for text in (*vars_of(views.shown(obj, MARIE)), views.anonymous(obj)):
        assert len(icalendar.Calendar.from_ical(text).walk("VEVENT")) == 2


def vars_of(seen: views.Views) -> list[str]:
    return [text for text in (seen.own, seen.manager, seen.other) if text is not None]


# -- a manager's change


def test_what_a_manager_was_not_shown_survives_his_change() -> None:
    moved = HOUR.replace("T10", "T14").replace("T11", "T15")

    result = restored(HOUR + MARIES + GUEST + SEND + "CLASS:PUBLIC\nSUMMARY:a\n" + ALARM, moved + "SUMMARY:b\n")

    for kept in (MARIES, GUEST, SEND, "CLASS:PUBLIC\n", ALARM):
        assert kept.strip().split("\n")[0] in result
    assert "SUMMARY:b" in result
    assert "SUMMARY:a" not in result
    assert "DTSTART:20261201T140000" in result
    assert result.index(GUEST.strip()) < result.index("BEGIN:VALARM")


def test_a_manager_s_own_alarms_and_invitations_are_not_laid_on_the_organiser() -> None:
    theirs = ALARM.replace("15M", "99M") + SEND.replace("TRUE", "FALSE")

    result = restored(HOUR + MARIES, HOUR + MARIES + "SUMMARY:b\n" + theirs)

    assert "BEGIN:VALARM" not in result
    assert not any(line.startswith("X-MOZ") for line in result)


def test_the_attendees_that_a_device_adds_of_itself_are_left_out_and_new_guests_kept() -> None:
    sent = HOUR + CHAIR + "\nATTENDEE:mailto:odile@univ-amu.fr\nATTENDEE:mailto:new@example.org\n"

    result = restored(HOUR + MARIES + GUEST, sent)

    assert [line for line in result if line.startswith("ATTENDEE")] == [
        "ATTENDEE:mailto:new@example.org",
        GUEST.strip(),
    ]


def test_a_change_that_hides_nothing_is_stored_as_it_was_sent() -> None:
    sent = an(HOUR + MARIES + "SUMMARY:b\n")

    assert views.restored(an(HOUR + MARIES), sent, ODILE, MARIE) is sent.text


def test_the_organizer_line_stays_as_the_organiser_wrote_it() -> None:
    written = "ORGANIZER;CN=Boss;X-A=b:mailto:marie.dupont@inserm.fr\n"

    for sent in (HOUR, HOUR + MARIES, HOUR + written):
        assert [line for line in restored(HOUR + written, sent) if line.startswith("ORGANIZER")] == [written.strip()]


def test_an_organizer_that_names_somebody_else_stays_to_be_judged() -> None:
    pauls = "ORGANIZER:mailto:paul@univ-amu.fr\n"

    for before in (HOUR + MARIES, HOUR + MARIES + PRIVATE):
        result = restored(before, HOUR + pauls)
        assert pauls.strip() in result
        if "PRIVATE" not in before:
            assert MARIES.strip() not in result


def test_only_the_organiser_changes_class() -> None:
    assert "CLASS:PRIVATE" not in restored(HOUR + MARIES, HOUR + MARIES + "CLASS:PRIVATE\n")
    assert "CLASS:PRIVATE" in restored(HOUR + MARIES + PRIVATE, HOUR + MARIES + "CLASS:PUBLIC\n")
    assert "CLASS:PUBLIC" not in restored(HOUR + MARIES + PRIVATE, HOUR + MARIES + "CLASS:PUBLIC\n")


def test_a_private_booking_moves_and_keeps_what_was_hidden() -> None:
    before = HOUR + MARIES + PRIVATE + GUEST + "STATUS:TENTATIVE\nTRANSP:TRANSPARENT\n" + ALARM
    sent = HOUR.replace("T10", "T14").replace("T11", "T15") + "SUMMARY:Réservé\nDESCRIPTION:mine\n" + ALARM * 2

    result = restored(before, sent)

    for kept in (MARIES + PRIVATE + GUEST).strip().split("\n"):
        assert kept in result
    assert "STATUS:TENTATIVE" in result
    assert "TRANSP:TRANSPARENT" in result
    assert "SUMMARY:Réservé" not in result
    assert "DESCRIPTION:mine" not in result
    assert result.count("BEGIN:VALARM") == 1
    assert "DTSTART:20261201T140000" in result
    assert "DTSTART:20261201T100000" not in result
    assert result.count("UID:one") == 1


def test_a_private_booking_is_given_a_duration_in_place_of_its_end() -> None:
    result = restored(HOUR + MARIES + PRIVATE, "DTSTART:20261201T100000\nDURATION:PT2H\n")

    assert "DURATION:PT2H" in result
    assert not any(line.startswith("DTEND") for line in result)


def test_a_manager_cancels_a_private_booking_and_takes_it_back() -> None:
    cancelled = restored(HOUR + MARIES + PRIVATE, HOUR + "STATUS:CANCELLED\n")
    again = restored(HOUR + MARIES + PRIVATE + "STATUS:CANCELLED\n", HOUR)

    assert "STATUS:CANCELLED" in cancelled
    assert "STATUS:CANCELLED" not in again


def test_a_private_booking_moved_in_another_zone_brings_the_zone() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Ma zone\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{0}\n"
        "TZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "BEGIN:VEVENT\nDTSTART;TZID=Ma zone:20261201T100000\nDURATION:PT1H\n{}END:VEVENT\n"
    before = an_object(event.format(PRIVATE)).decode().replace("BEGIN:VEVENT", zone.format("+0300") + "BEGIN:VEVENT")
    sent = an_object(event.format("")).decode().replace("BEGIN:VEVENT", zone.format("+0500") + "BEGIN:VEVENT")

    result = views.restored(read(before), read(sent), ODILE, MARIE)

    assert result.count("BEGIN:VTIMEZONE") == 1
    assert times(result) == times(sent)
    assert "SUMMARY:Entretien annuel" in result


@pytest.mark.parametrize(
    "name",
    [LOCAL, ":20261202T090000Z", ";TZID=America/New_York:20261202T040000", ";TZID=/x/y/Europe/Paris:20261202T100000"],
)
@pytest.mark.parametrize("private", ["", PRIVATE])
def test_an_override_gets_back_its_own_however_its_date_is_written(name: str, private: str) -> None:
    before = SERIES.format(MARIES + private) + MOVED.format(LOCAL, MARIES + GUEST.replace("Guest", "Own") + ALARM)
    sent = SERIES.format("") + MOVED.format(name, "").replace("T15", "T17").replace("T16", "T18")

    result = read(views.restored(an(before), an(sent), ODILE, MARIE))

    assert result.events[0].line("ATTENDEE") is None
    attendee = result.events[1].line("ATTENDEE")
    assert attendee is not None
    assert attendee.param("CN") == "Own"
    assert len(result.events[1].components("VALARM")) == 1
    assert times(result.text) == times(an(sent).text)


@pytest.mark.parametrize("private", ["", PRIVATE])
def test_a_new_override_by_a_manager_inherits_what_is_hidden_in_the_series(private: str) -> None:
    before = SERIES.format(MARIES + private + GUEST + ALARM)
    sent = SERIES.format("") + MOVED.format(LOCAL, "SUMMARY:Réservé\n")

    result = read(views.restored(an(before), an(sent), ODILE, MARIE))

    assert len(result.events) == 2
    for event in result.events:
        assert event.line("ATTENDEE") is not None
        assert event.line("ORGANIZER") is not None
        assert len(event.components("VALARM")) == 1
        assert (event.line("CLASS") is not None) == bool(private)
    assert result.events[1].line("RRULE") is None
    assert times(result.text) == times(an(sent).text)


def test_an_override_that_a_manager_takes_out_of_a_private_series_is_gone() -> None:
    before = SERIES.format(MARIES + PRIVATE) + MOVED.format(LOCAL, MARIES)

    result = views.restored(an(before), an(SERIES.format("")), ODILE, MARIE)

    assert "RECURRENCE-ID" not in result
    assert times(result) == times(an(SERIES.format("")).text)


def test_a_manager_s_change_of_a_booking_whose_account_is_gone_restores_as_well() -> None:
    result = lines(views.restored(an(HOUR + MARIES + PRIVATE + ALARM), an(HOUR), ODILE, None))

    assert "SUMMARY:Entretien annuel" in result
    assert "BEGIN:VALARM" in result


# -- to another member


def test_a_booking_handed_over_leaves_alarms_and_guests_behind() -> None:
    text = views.handed_over(an(HOUR + MARIES + GUEST + SEND + "SUMMARY:Réunion\nX-A:b\n" + ALARM), PAUL)

    assert lines(text)[3:-2] == [
        "BEGIN:VEVENT",
        "UID:one",
        "DTSTAMP:20261101T000000Z",
        *HOUR.strip().split("\n"),
        'ORGANIZER;CN="Paul Martin":mailto:paul@univ-amu.fr',
        "SUMMARY:Réunion",
        "X-A:b",
        "END:VEVENT",
    ]


def test_a_private_booking_handed_over_leaves_its_text_behind() -> None:
    text = views.handed_over(an(HOUR + MARIES + PRIVATE + GUEST + ALARM), PAUL)

    assert "secret" not in text
    assert "Marie" not in text
    assert "SUMMARY:Réservé" in lines(text)
    assert 'ORGANIZER;CN="Paul Martin":mailto:paul@univ-amu.fr' in lines(text)
    assert not read(text).private


def test_a_series_is_handed_over_whole() -> None:
    sent = an(SERIES.format("ORGANIZER:mailto:paul@univ-amu.fr\n") + MOVED.format(LOCAL, MARIES))

    obj = read(views.handed_over(sent, PAUL))

    assert [line.value for event in obj.events for line in event.lines("ORGANIZER")] == ["mailto:paul@univ-amu.fr"] * 2


def test_what_a_manager_books_for_a_member_does_not_ring() -> None:
    plain = an(HOUR + MARIES)

    assert views.quiet(an(HOUR + MARIES + ALARM)) == plain.text
    assert views.quiet(plain) is plain.text


@given(
    st.lists(st.sampled_from([ALARM, GUEST, SEND, "CLASS:PUBLIC\n", "X-A:b\n", "TRANSP:TRANSPARENT\n"]), unique=True),
    st.sampled_from(["", PRIVATE, "CLASS:CONFIDENTIAL\nSUMMARY:x\n"]),
    st.sampled_from([MARIES, "ORGANIZER;CN=Boss:mailto:marie.dupont@inserm.fr\n"]),
    st.booleans(),
    st.booleans(),
)
def test_a_manager_who_sends_back_what_he_was_shown_changes_nothing(
    extras: list[str], private: str, organizer: str, overridden: bool, as_member: bool
) -> None:
    inner = organizer + private + "".join(extra for extra in extras if not (private and extra.startswith("CLASS")))
    obj = an(SERIES.format(inner) + (MOVED.format(LOCAL, organizer + GUEST + ALARM) if overridden else ""))
    seen = views.shown(obj, MARIE)
    shown = (seen.other if as_member else seen.manager) or obj.text

    result = views.restored(obj, read(views.worded(shown, "en")), ODILE, MARIE)

    assert sorted(lines(result)) == sorted(lines(obj.text))
    again = views.shown(read(result), MARIE)
    assert sorted(lines(again.other)) == sorted(lines(seen.other))
