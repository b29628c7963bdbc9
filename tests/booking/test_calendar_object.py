"""Calendar objects: what is one, what is mended in it, and a whole file taken apart."""

from __future__ import annotations

import pytest
from booking.calendars import END, START, a_calendar, a_zone, an_event, an_object, an_observance

from sesstim_caldav.booking.calendar_object import (
    LARGEST,
    CalendarObject,
    Precondition,
    Reason,
    Unsupported,
    read,
    split,
)


def why(data: bytes) -> tuple[Reason, Precondition]:
    with pytest.raises(Unsupported) as caught:
        read(data)
    return caught.value.reason, caught.value.precondition


def test_a_tidy_object_is_untouched():
    data = a_calendar(an_event(START, END, "X-UNKNOWN;A=b:kept", "BEGIN:VALARM", "ACTION:DISPLAY", "END:VALARM"))
    found = read(data)

    assert found.untouched
    assert found.text.encode() == data
    assert found.uid == "meeting@example.org"


@pytest.mark.parametrize(
    ("data", "reason", "precondition"),
    [
        (b"", Reason.NOT_ICALENDAR, Precondition.VALID_CALENDAR_DATA),
        (b"hello", Reason.NOT_ICALENDAR, Precondition.VALID_CALENDAR_DATA),
        (b"\xff\xfe\x00", Reason.NOT_ICALENDAR, Precondition.VALID_CALENDAR_DATA),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", Reason.NOT_ICALENDAR, Precondition.VALID_CALENDAR_DATA),
        (a_calendar(), Reason.WRONG_COMPONENT, Precondition.SUPPORTED_CALENDAR_COMPONENT),
        (
            a_calendar("BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\n"),
            Reason.WRONG_COMPONENT,
            Precondition.SUPPORTED_CALENDAR_COMPONENT,
        ),
        (
            a_calendar(an_event(START, END), heading=("VERSION:2.0", "PRODID:x", "METHOD:REQUEST")),
            Reason.METHOD,
            Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
        ),
        (
            a_calendar(an_event(START, END), an_event(START, END, uid="another")),
            Reason.SEVERAL_UIDS,
            Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
        ),
        (
            a_calendar(an_event(START, END, uid="")),
            Reason.NO_UID,
            Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
        ),
        (
            a_calendar("BEGIN:VEVENT\r\nDTSTART:20270503T100000Z\r\nEND:VEVENT\r\n"),
            Reason.NO_UID,
            Precondition.VALID_CALENDAR_OBJECT_RESOURCE,
        ),
        (a_calendar(an_event(START, uid="u" * 1001)), Reason.BAD_VALUE, Precondition.VALID_CALENDAR_DATA),
        (b"x" * (LARGEST + 1), Reason.TOO_LARGE, Precondition.VALID_CALENDAR_DATA),
    ],
)
def test_what_is_no_booking_says_why(data, reason, precondition):
    assert why(data) == (reason, precondition)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("DTSTART;TZID=Europe/Paris:20270503T100000", "EXDATE:20270510"), "EXDATE;VALUE=DATE:20270510\r\n"),
        (("DTSTART:20270503",), "DTSTART;VALUE=DATE:20270503\r\n"),
    ],
)
def test_a_day_that_does_not_say_so_is_told_to(lines, kept):
    found = an_object(*lines)

    assert kept in found.text
    assert not found.untouched


def test_a_duration_that_repeats_the_end_goes():
    found = an_object(START, END, "DURATION:PT1H")

    assert "DURATION" not in found.text
    assert "DURATION" in an_object(START, END, "DURATION:PT2H").text


def test_a_missing_dtstamp_is_added_the_same_each_time():
    data = a_calendar("BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20270503T080000Z\r\nEND:VEVENT\r\n")

    assert read(data).text == read(data).text
    assert "UID:a\r\nDTSTAMP:" in read(data).text
    assert read(read(data).text).untouched


def test_version_and_prodid_are_added():
    found = read(a_calendar(an_event(START, END), heading=()))

    assert found.text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")


def test_offsets_of_six_digits_are_shortened():
    zone = a_zone("Europe/Paris", *an_observance("STANDARD", "19700101T000000", "+000921", "+010000"))
    found = an_object(START, END, zones=zone)

    assert "TZOFFSETFROM:+0009\r\nTZOFFSETTO:+0100\r\n" in found.text


@pytest.mark.parametrize(
    ("line", "private"),
    [("CLASS:PRIVATE", True), ("CLASS:confidential", True), ("CLASS:X-OURS", True), ("CLASS:PUBLIC", False)],
)
def test_any_class_but_public_is_private(line, private):
    assert an_object(START, END, line).private is private


def test_the_master_speaks_for_the_object():
    override = an_event("RECURRENCE-ID:20270510T080000Z", START, "SUMMARY:moved", "STATUS:CANCELLED")
    master = an_event(START, END, "SUMMARY:a\\, b", "ORGANIZER:mailto:m@example.org")
    found = read(a_calendar(override, master))

    assert found.summary == "a, b"
    assert found.organizer is not None
    assert not found.cancelled


def test_a_file_is_taken_apart_by_uid_with_the_zones_each_names():
    zones = a_zone("Mine", *an_observance("STANDARD", "19700101T000000", "+0100", "+0100"))
    zones += a_zone("Other", *an_observance("STANDARD", "19700101T000000", "+0200", "+0200"))
    data = a_calendar(
        zones,
        an_event("DTSTART;TZID=Mine:20270503T100000", uid="one"),
        an_event("DTSTART:20270503T100000Z", uid="two"),
        an_event("RECURRENCE-ID:20270510T080000Z", START, uid="one"),
        "BEGIN:VTODO\r\nUID:three\r\nSUMMARY:to do\r\nEND:VTODO\r\n",
        heading=("VERSION:2.0", "PRODID:x", "METHOD:PUBLISH", "X-WR-CALNAME:Room"),
    )
    bad, one, two = split(data)

    assert isinstance(bad, Unsupported)
    assert (bad.uid, bad.summary, bad.reason) == ("three", "to do", Reason.WRONG_COMPONENT)
    assert isinstance(one, CalendarObject)
    assert isinstance(two, CalendarObject)
    assert len(one.events) == 2
    assert [zone.line("TZID").value for zone in one.root.components("VTIMEZONE")] == ["Mine"]
    assert "VTIMEZONE" not in two.text
    assert "METHOD" not in one.text
    assert read(one.text).untouched


def test_a_file_that_is_an_invitation_is_not_taken():
    data = a_calendar(an_event(START, END), heading=("VERSION:2.0", "PRODID:x", "METHOD:REQUEST"))

    assert [found.reason for found in split(data)] == [Reason.METHOD]
