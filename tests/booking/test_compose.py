"""Whole calendars and single dates, composed of stored texts."""

from __future__ import annotations

from datetime import UTC, datetime

import icalendar
import pytest
import recurring_ical_events
from booking.proposals import PARIS, an_object, at

from sesstim_caldav.booking import compose
from sesstim_caldav.booking.calendar_object import read
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import FOREVER, schedule

ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDURATION:PT5M\nREPEAT:2\nEND:VALARM\n"
SERIES = (
    "BEGIN:VEVENT\nDTSTART;TZID=Europe/Paris:20261201T100000\nDTEND;TZID=Europe/Paris:20261201T110000\n"
    "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Europe/Paris:20261203T100000,\n 20261204T100000\nSUMMARY:Réunion\n"
    f"{ALARM}END:VEVENT\n"
    "BEGIN:VEVENT\nRECURRENCE-ID;TZID=Europe/Paris:20261202T100000\nDTSTART;TZID=Europe/Paris:20261202T150000\n"
    "DURATION:PT1H\nSUMMARY:Déplacée\nEND:VEVENT\n"
)


def a_zone(name: str, offset: str) -> str:
    return (
        f"BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:{offset}\n"
        f"TZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )


def a_text(uid: str, tzid: str = "", zone: str = "", head: str = "", tail: str = "") -> str:
    param = f";TZID={tzid}" if tzid else ""
    event = f"DTSTART{param}:20270111T100000\nDTEND{param}:20270111T110000\nSUMMARY:{uid}"
    text = an_object(event, uid).decode()
    return text.replace("BEGIN:VEVENT", (head + zone).replace("\n", "\r\n") + "BEGIN:VEVENT").replace(
        "END:VCALENDAR", tail.replace("\n", "\r\n") + "END:VCALENDAR"
    )


def composed(*texts: str) -> str:
    objects = (text.encode() for text in texts)
    return b"".join(compose.calendar("Salle Prado", "Aile bleue, 2e étage", objects)).decode()


def starts(text: str) -> dict[str, datetime]:
    events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return {str(event["UID"]): event["DTSTART"].dt for event in events}


# -- single dates


def test_a_series_is_expanded_to_its_dates_in_utc() -> None:
    obj = read(an_object(SERIES))

    text = compose.expand(obj.text, *schedule(obj, PARIS).occurrences(FOREVER))

    assert text.replace("\r\n", "\n") == (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n"
        "BEGIN:VEVENT\nRECURRENCE-ID:20261201T090000Z\nDTSTART:20261201T090000Z\nDTEND:20261201T100000Z\nUID:one\n"
        f"DTSTAMP:20261101T000000Z\nSUMMARY:Réunion\n{ALARM}END:VEVENT\n"
        "BEGIN:VEVENT\nRECURRENCE-ID:20261202T090000Z\nDTSTART:20261202T140000Z\nDTEND:20261202T150000Z\nUID:one\n"
        "DTSTAMP:20261101T000000Z\nSUMMARY:Déplacée\nEND:VEVENT\nEND:VCALENDAR\n"
    )


def test_a_single_booking_is_expanded_to_itself_without_recurrence_id() -> None:
    obj = read(a_text("one", "Europe/Paris", a_zone("Europe/Paris", "+0100")))

    text = compose.expand(obj.text, *schedule(obj, PARIS).occurrences(FOREVER))

    assert "RECURRENCE-ID" not in text
    assert "VTIMEZONE" not in text
    assert starts(text) == {"one": datetime(2027, 1, 11, 9, tzinfo=UTC)}


@pytest.mark.parametrize(
    "event",
    [
        f"X-A:b\n{ALARM}DTSTART:20261201T100000\nSUMMARY:x\nDTEND:20261201T110000\n",
        f"DTSTART:20261201T100000\n{ALARM}SUMMARY:x\n{ALARM}DTEND:20261201T110000\n",
        f"DTSTART:20261201T100000\nDTEND:20261201T110000\nSUMMARY:x\n{ALARM}{ALARM}",
        "dtstart:20261201T100000\nDtEnd:20261201T110000\nSUMMARY:x\nbegin:valarm\naction:DISPLAY\nduration:PT5M\nend:valarm\n",
    ],
)
def test_properties_and_alarms_in_any_order_keep_to_themselves(event: str) -> None:
    text = compose.expand(read(an_object(event)).text, Occurrence(at("2026-12-01 10:00"), at("2026-12-01 11:00")))

    expanded = read(text)
    assert [line.value for line in expanded.events[0].lines("DTSTART")] == ["20261201T090000Z"]
    assert [line.value for line in expanded.events[0].lines("DTEND")] == ["20261201T100000Z"]
    assert len(expanded.events[0].lines("SUMMARY")) == 1
    alarms = expanded.events[0].components("VALARM")
    assert alarms
    assert all(alarm.line("DURATION") is not None for alarm in alarms)


def test_components_in_small_letters_are_found() -> None:
    text = an_object("DTSTART:20261201T100000\nDTEND:20261201T110000").decode()
    small = text.replace("BEGIN:VEVENT", "begin:vevent").replace("END:VEVENT", "End:Vevent")

    expanded = compose.expand(small, Occurrence(at("2026-12-01 10:00"), at("2026-12-01 11:00")))

    assert len(read(expanded).events) == 1
    assert len(read(composed(small)).events) == 1


def test_a_summary_that_looks_like_a_time_stays() -> None:
    obj = read(
        an_object("DTSTART:20261201T100000\nSUMMARY:a long one, folded where the next would begin\n with\n DTSTART:x")
    )

    text = compose.expand(obj.text, Occurrence(at("2026-12-01 10:00"), at("2026-12-01 11:00")))

    assert "DTSTART:x" in text.replace("\r\n ", "")


# -- whole calendars


def test_a_composed_calendar_has_every_event_and_its_name() -> None:
    text = composed(*(a_text(f"u{n}", "Europe/Paris", a_zone("Europe/Paris", "+0100")) for n in range(5)))

    calendar = icalendar.Calendar.from_ical(text)
    assert calendar["X-WR-CALNAME"] == "Salle Prado"
    assert len(calendar.walk("VEVENT")) == 5
    assert len(calendar.walk("VTIMEZONE")) == 1


def test_an_empty_calendar_is_one_too() -> None:
    assert icalendar.Calendar.from_ical(composed())["X-WR-CALDESC"] == "Aile bleue\\, 2e étage"


def test_a_zone_known_by_name_is_defined_rightly_whatever_the_first_object_claims() -> None:
    false = a_text("one", "Europe/Paris", a_zone("Europe/Paris", "+0000"))
    none = a_text("two", "Europe/Paris")

    text = composed(false, none)

    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "TZOFFSETTO:+0200" in text
    assert "TZOFFSETTO:+0000" not in text


def test_one_name_for_two_zones_becomes_two_names() -> None:
    london = a_text("london", "Customized Time Zone", a_zone("Customized Time Zone", "+0000"))
    tokyo = a_text("tokyo", "Customized Time Zone", a_zone("Customized Time Zone", "+0900"))

    text = composed(london, tokyo, london.replace("london", "again"), tokyo.replace("tokyo", "later"))

    zones = {str(zone["TZID"]): zone for zone in icalendar.Calendar.from_ical(text).walk("VTIMEZONE")}
    assert set(zones) == {"Customized Time Zone", "Customized Time Zone 2"}
    used = {
        str(event["UID"]): event["DTSTART"].params["TZID"]
        for event in icalendar.Calendar.from_ical(text).walk("VEVENT")
    }
    assert used["london"] == used["again"] == "Customized Time Zone"
    assert used["tokyo"] == used["later"] == "Customized Time Zone 2"
    assert "TZOFFSETTO:+0900" in zones["Customized Time Zone 2"].to_ical().decode()


def test_a_name_that_must_be_quoted_is_renamed_where_it_is_folded() -> None:
    name = "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris; and some more cities, so that it folds"
    quoted = f'"{name}"'
    one = a_text("one", quoted, a_zone(name, "+0100"))
    two = a_text("two", quoted, a_zone(name, "+0200"))

    text = composed(read(one.encode()).text, read(two.encode()).text)

    obj = icalendar.Calendar.from_ical(text)
    assert [str(zone["TZID"]) for zone in obj.walk("VTIMEZONE")] == [name, f"{name} 2"]
    assert [event["DTEND"].params["TZID"] for event in obj.walk("VEVENT")] == [name, f"{name} 2"]


def test_a_windows_name_without_a_definition_gets_one() -> None:
    text = composed(a_text("one", "Romance Standard Time"))

    assert "TZID:Romance Standard Time\r\n" in text
    assert "TZOFFSETTO:+0200" in text


def test_a_windows_name_with_and_without_a_definition_of_its_own() -> None:
    text = composed(
        a_text("one", "Romance Standard Time"),
        a_text("two", "Romance Standard Time", a_zone("Romance Standard Time", "+0900")),
    )

    assert text.count("BEGIN:VTIMEZONE") == 2
    assert "DTSTART;TZID=Romance Standard Time 2:20270111T100000" in text


def test_an_object_in_two_zones_defines_both() -> None:
    event = "DTSTART;TZID=Europe/Paris:20270111T100000\nDTEND;TZID=Europe/London:20270111T100000"
    paris = a_text("first", "Europe/Paris", a_zone("Europe/Paris", "+0100"))
    both = (
        an_object(event, "both")
        .decode()
        .replace("BEGIN:VEVENT", a_zone("Europe/Paris", "+0100").replace("\n", "\r\n") + "BEGIN:VEVENT")
    )

    text = composed(paris, both)

    assert "TZID:Europe/London\r\n" in text
    assert text.count("BEGIN:VTIMEZONE") == 2


def test_zones_behind_and_between_the_events_are_found() -> None:
    behind = a_text("behind", "Ma zone", tail=a_zone("Ma zone", "+0300"))
    overridden = an_object(SERIES, "between").decode()
    between = overridden.replace(
        "BEGIN:VEVENT\r\nUID:between\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID",
        a_zone("Autre zone", "+0400").replace("\n", "\r\n")
        + "BEGIN:VEVENT\r\nUID:between\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID",
    ).replace("DTSTART;TZID=Europe/Paris:20261202T150000", "DTSTART;TZID=Autre zone:20261202T150000")

    text = composed(behind, between)

    assert {str(zone["TZID"]) for zone in icalendar.Calendar.from_ical(text).walk("VTIMEZONE")} == {
        "Ma zone",
        "Autre zone",
        "Europe/Paris",
    }
    assert text.count("BEGIN:VEVENT") == 3


def test_an_object_is_the_same_the_first_and_the_second_time() -> None:
    text = a_text("one", "Europe/Paris", a_zone("Europe/Paris", "+0100"))

    whole = composed(text, text, text)

    assert whole.endswith(3 * compose.fragment(text) + "END:VCALENDAR\r\n")


def differing(**changes: str) -> list[str]:
    """Two ordinary objects in Paris, one that begins as they do and is changed, and an ordinary one again."""
    zone = a_zone("Europe/Paris", "+0100")
    first, second, odd, last = (a_text(uid, "Europe/Paris", zone) for uid in ("a", "b", "odd", "z"))
    for old, new in changes.items():
        odd = odd.replace(f"{old};TZID=Europe/Paris", f"{old}{new}")
    return [first, second, odd, last]


@pytest.mark.parametrize(
    "named",
    [
        ";TZID=America/New_York",
        ";tzid=America/New_York",
        ";TZI\r\n D=America/New_York",
        ";TZID=Amer\r\n\tica/New_York",
        ';TZID="America/New_York"',
        ";X-A=1;TzId=America/New_York",
    ],
)
def test_an_object_that_begins_like_the_others_still_gets_the_zone_it_names(named: str) -> None:
    text = composed(*differing(DTSTART=named, DTEND=named))

    assert text.count("BEGIN:VTIMEZONE") == 2
    assert text.count("TZID:America/New_York\r\n") == 1
    assert read_back(text)["odd"] == (at("2027-01-11 16:00"), at("2027-01-11 17:00"))
    assert [read_back(text)[uid][0] for uid in "abz"] == [at("2027-01-11 10:00")] * 3


def test_zones_between_the_events_of_an_object_that_begins_like_the_others_are_found_in_any_case() -> None:
    first, second, odd, last = differing()
    event = odd[odd.index("BEGIN:VEVENT") : odd.index("END:VCALENDAR")]
    moved = event.replace("UID:odd\r\n", "UID:odd\r\nRECURRENCE-ID:20270111T090000Z\r\n").replace("Europe/Paris", "Ici")
    zone = a_zone("Ici", "+0500").replace("\n", "\r\n").replace("BEGIN:V", "begin:V").replace("END:V", "end:V")
    odd = odd.replace("END:VCALENDAR", f"{zone}{moved}END:VCALENDAR")

    text = composed(first, second, odd, last)

    assert {str(z["TZID"]) for z in icalendar.Calendar.from_ical(text).walk("VTIMEZONE")} == {"Europe/Paris", "Ici"}
    assert text.count("BEGIN:VEVENT") == 5


def test_a_zone_behind_the_events_means_nothing_to_the_next_object() -> None:
    plain = an_object("DTSTART:20270111T100000\nDTEND:20270111T110000", "plain").decode()
    behind = a_text("behind", "Ma zone", tail=a_zone("Ma zone", "+0300"))
    other = a_text("other", "Ma zone", tail=a_zone("Ma zone", "+0900"))

    found = read_back(composed(plain, behind, other, behind.replace("UID:behind", "UID:again")))

    assert found["again"] == found["behind"]
    assert found["behind"][0] - found["other"][0] == 6 * 3600


def test_a_calendar_of_many_clients_and_zones_has_every_date_where_it_was() -> None:
    names = ("Europe/Paris", "X", "Romance Standard Time", "")
    texts = []
    for n in range(600):
        tzid, offset = names[n % 4], "+0300" if n % 8 < 4 else "-0300"
        zone = a_zone(tzid, offset) if tzid else ""
        texts.append(a_text(f"u{n}", tzid, zone, head=f"X-CLIENT:{n % 3}\n"))

    text = composed(*texts)

    defined = [str(zone["TZID"]) for zone in icalendar.Calendar.from_ical(text).walk("VTIMEZONE")]
    assert sorted(defined) == sorted(set(defined))
    found = read_back(text)
    assert len(found) == 600
    for each in texts:
        obj = read(each)
        (mine,) = schedule(obj, PARIS).occurrences(FOREVER)
        assert found[obj.uid] == (mine.start, mine.end)


def test_every_date_of_a_composed_calendar_is_where_it_was() -> None:
    texts = [
        a_text("a", "Europe/Paris", a_zone("Europe/Paris", "+0000")),
        a_text("b", "X", a_zone("X", "+0300")),
        a_text("c", "X", a_zone("X", "-0300")),
        a_text("d", "Romance Standard Time"),
        a_text("e"),
    ]

    calendar = icalendar.Calendar.from_ical(composed(*texts))
    found = {
        str(event["UID"]): event for event in recurring_ical_events.of(calendar).between((2027, 1, 1), (2027, 2, 1))
    }

    assert set(found) == set("abcde")
    by_text = read_back(composed(*texts))
    for text in texts:
        obj = read(text)
        (mine,) = schedule(obj, PARIS).occurrences(FOREVER)
        assert by_text[obj.uid] == (mine.start, mine.end)


def read_back(text: str) -> dict[str, tuple[int, int]]:
    from sesstim_caldav.booking.calendar_object import CalendarObject, split

    found = {}
    for obj in split(text.encode()):
        assert isinstance(obj, CalendarObject)
        (mine,) = schedule(obj, PARIS).occurrences(FOREVER)
        found[obj.uid] = (mine.start, mine.end)
    return found
