"""What users of other calendar programs have reported (R01, R05, …), each with data of our own.

`truth` is the measure of a file that is wrong or undefined: refused as every refusal is, or taken, and then what a
client is shown expanded is exactly what refuses another's booking.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from building import PARIS, Lab, a_booking
from plugins.asking import NS, Asking, Told, names

WINDOW = ("20200101T000000Z", "20310101T000000Z")
EXPANDED = f'<C:calendar-data><C:expand start="{WINDOW[0]}" end="{WINDOW[1]}"/></C:calendar-data>'
SERIES = "RRULE:FREQ=WEEKLY;COUNT=3"
M1 = "DTSTART;TZID=Europe/Paris:20270503T100000"
HOUR = "DTEND;TZID=Europe/Paris:20270503T110000"


def an_object(*lines: str, zones: str = "", uid: str = "reported") -> bytes:
    text = "\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//reported//EN",
            *([zones] if zones else []),
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20261124T100000Z",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    return text.replace("\n", "\r\n").encode()


def codes(told: Told) -> set[str]:
    """The rules that a refusal names; that it is one that a phone survives is asserted."""
    assert told.status == 403, told.text
    assert "need-privileges" in told.conditions
    assert told.xml.findtext("D:responsedescription", "", NS)
    return told.conditions - {"need-privileges", "responsedescription"}


def local(stamp: str, zone: ZoneInfo = PARIS) -> str:
    return f"{datetime.strptime(stamp, '%Y%m%dT%H%M%SZ').replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def truth(marie: Asking, paul: Asking, lab: Lab, data: bytes) -> list[str]:
    """The starts that a booking holds, after Marie's PUT; [] where it was refused."""
    told = marie.put(data, "reported.ics")
    if told.status == 403:
        codes(told)
        assert marie("GET", "/rooms/prado/reported.ics").status == 404
        return []
    assert told.status == 201, told.text
    shown = marie.multiget("/dav/rooms/prado/reported.ics", props=EXPANDED).text
    seen = [
        (local(start), local(end))
        for start, end in zip(re.findall(r"DTSTART:(\S+Z)", shown), re.findall(r"DTEND:(\S+Z)", shown), strict=True)
    ]
    assert sorted(seen) == lab.held("2020-01-01T01:00", "2031-01-01T01:00")
    for start, end in seen:
        day, at = start.split()
        assert codes(paul.put(a_booking(on=day, at=at, until=end.split()[1]), "paul.ics")) == {"room-already-booked"}
    return sorted(start for start, _ in seen)


CUSTOMIZED = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


@pytest.mark.parametrize("day", ["2027-01-11", "2027-07-05"])
def test_r01_a_zone_that_only_the_file_knows_is_what_the_file_says(
    marie: Asking, paul: Asking, lab: Lab, day: str
) -> None:
    stamp = day.replace("-", "")
    times = [f'DTSTART;TZID="Customized Time Zone":{stamp}T100000', f'DTEND;TZID="Customized Time Zone":{stamp}T110000']

    assert truth(marie, paul, lab, an_object(*times, zones=CUSTOMIZED)) == [f"{day} 11:00"]
    assert paul.put(a_booking(on=day, at="10:00", until="11:00")).status == 201


def test_r01_of_two_zones_with_one_name_each_file_has_its_own(marie: Asking, paul: Asking, lab: Lab) -> None:
    other = CUSTOMIZED.replace("+0000", "+0300").replace("+0100", "+0400")
    times = ['DTSTART;TZID="Customized Time Zone":20270111T100000', "DURATION:PT1H"]

    assert truth(marie, paul, lab, an_object(*times, zones=CUSTOMIZED)) == ["2027-01-11 11:00"]
    in_the_way = [times[0].replace("T100000", "T130000"), times[1]]
    assert codes(paul.put(an_object(*in_the_way, zones=other, uid="other"), "other.ics")) == {"room-already-booked"}
    assert paul.put(an_object(*times, zones=other, uid="other"), "other.ics").status == 201
    assert [start for start, _ in lab.held("2027-01-11T00:00", "2027-01-12T00:00")] == [
        "2027-01-11 08:00",
        "2027-01-11 11:00",
    ]


def paris(*observances: str) -> str:
    return "\n".join(["BEGIN:VTIMEZONE", "TZID:Europe/Paris", *observances, "END:VTIMEZONE"])


SUMMER = "BEGIN:DAYLIGHT\nDTSTART:20180325T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT"
NO_START = "BEGIN:STANDARD\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD"
FALSE = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD"


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param(paris(SUMMER), id="R05 summer time alone"),
        pytest.param(paris(), id="R06 empty"),
        pytest.param(paris(NO_START), id="R06 without DTSTART"),
        pytest.param(paris(FALSE), id="R06 false"),
    ],
)
@pytest.mark.parametrize("day", ["2027-01-11", "2027-07-05"])
@pytest.mark.parametrize("hour", [8, 19])
def test_r05_r06_a_known_name_is_read_by_name(
    marie: Asking, paul: Asking, lab: Lab, zone: str, day: str, hour: int
) -> None:
    stamp = day.replace("-", "")
    times = [f"DTSTART;TZID=Europe/Paris:{stamp}T{hour:02}0000", f"DTEND;TZID=Europe/Paris:{stamp}T{hour + 1:02}0000"]

    assert truth(marie, paul, lab, an_object(*times, zones=zone)) == [f"{day} {hour:02}:00"]


def test_r08_a_torn_tzname_is_joined_and_never_served_torn(marie: Asking, paul: Asking, lab: Lab) -> None:
    torn = paris(SUMMER.replace("END:DAYLIGHT", "TZNAME:\n(STD)\nEND:DAYLIGHT"))

    assert truth(marie, paul, lab, an_object(M1, HOUR, zones=torn)) == ["2027-05-03 10:00"]
    for path in ("/rooms/prado/reported.ics", "/rooms/prado/"):
        lines = marie("GET", path).text.split("\r\n")
        assert all(re.match(r"[A-Za-z0-9-]+[;:]| ", line) for line in lines[:-1])


def test_r11_start_and_end_may_stand_in_two_zones(marie: Asking, paul: Asking, lab: Lab) -> None:
    london = "DTEND;TZID=Europe/London:20270503T"

    assert codes(marie.put(an_object(M1, f"{london}090000"))) == {"empty-booking"}
    assert truth(marie, paul, lab, an_object(M1, f"{london}100000")) == ["2027-05-03 10:00"]


def test_r12_a_zone_beside_z_is_taken_only_where_both_say_the_same(marie: Asking, paul: Asking, lab: Lab) -> None:
    for zone in ("Europe/Paris", "America/New_York", "Romance Standard Time"):
        told = marie.put(an_object(f"DTSTART;TZID={zone}:20270111T090000Z", "DURATION:PT1H"))
        assert "unsupported-calendar-data" in codes(told)
    utc = an_object("DTSTART;TZID=Etc/GMT:20270111T090000Z", "DURATION:PT1H")
    assert truth(marie, paul, lab, utc) == ["2027-01-11 10:00"]


@pytest.mark.parametrize(
    ("lines", "starts"),
    [
        pytest.param(
            [M1, HOUR, SERIES, "EXDATE;VALUE=DATE:20270510"],
            ["2027-05-03 10:00", "2027-05-17 10:00"],
            id="R20 EXDATE as a day",
        ),
        pytest.param(
            [
                "DTSTART;TZID=Europe/Paris:20290130T100000",
                "DTEND;TZID=Europe/Paris:20290130T110000",
                "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;COUNT=3",
            ],
            ["2029-01-30 10:00", "2029-02-28 10:00", "2029-03-30 10:00"],
            id="R30 the 30th or the last day",
        ),
        pytest.param(
            [
                "DTSTART;TZID=Europe/Paris:20270504T100000",
                "DTEND;TZID=Europe/Paris:20270504T110000",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3",
            ],
            ["2027-05-04 10:00", "2027-05-05 10:00", "2027-05-10 10:00", "2027-05-12 10:00"],
            id="R31 a start that the rule lacks",
        ),
        pytest.param([M1, HOUR, "DURATION:PT1H"], ["2027-05-03 10:00"], id="R35 an end said twice"),
    ],
)
def test_what_a_client_is_shown_is_what_the_room_holds(
    marie: Asking, paul: Asking, lab: Lab, lines: list[str], starts: list[str]
) -> None:
    assert truth(marie, paul, lab, an_object(*lines)) == starts


@pytest.mark.parametrize("until", ["20280117T040000", "20280117T090000Z", "20280117"])
def test_r24_r25_until_in_local_time_and_as_a_day_is_inclusive(
    marie: Asking, paul: Asking, lab: Lab, until: str
) -> None:
    times = ["DTSTART;TZID=America/New_York:20271108T040000", "DTEND;TZID=America/New_York:20271108T050000"]

    held = truth(marie, paul, lab, an_object(*times, f"RRULE:FREQ=WEEKLY;UNTIL={until}"))

    assert (held[0], held[-1], len(held)) == ("2027-11-08 10:00", "2028-01-17 10:00", 11)
    assert paul.put(a_booking(on="2028-01-24"), "free.ics").status == 201


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["RRULE:FREQ=WEEKLY;UNTIL=20270601T080000Z;COUNT=-1"], id="R27 COUNT=-1"),
        pytest.param(["RRULE:FREQ=WEEKLY;COUNT=0;UNTIL=20270601T080000Z"], id="R27 COUNT=0"),
        pytest.param(["RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20270517T080000Z"], id="R27 COUNT and UNTIL agree"),
        pytest.param(["RRULE:FREQ=WEEKLY;COUNT=5;UNTIL=20270517T080000Z"], id="R27 COUNT and UNTIL disagree"),
        pytest.param(["RRULE:FREQ=WEEKLY;COUNT=-1"], id="R27 COUNT=-1 alone"),
        pytest.param([SERIES, "RRULE:FREQ=MONTHLY;COUNT=2"], id="R28 two RRULEs"),
        pytest.param([SERIES, "EXRULE:FREQ=WEEKLY;INTERVAL=2"], id="R28 EXRULE"),
        pytest.param(["DURATION:PT2H"], id="R35 an end said in two ways"),
    ],
)
def test_what_is_forbidden_or_undefined_is_refused_so_that_phones_go_on(marie: Asking, lines: list[str]) -> None:
    assert "unsupported-calendar-data" in codes(marie.put(an_object(M1, HOUR, *lines)))
    assert names(marie.propfind("/rooms/prado/", "D:getetag", depth="1")) == [""]


@pytest.mark.parametrize("duration", ["-PT1H", "PT0S", "P0D", "-P0DT0H30M0S"])
@pytest.mark.parametrize("rule", [[], [SERIES], ["RRULE:FREQ=WEEKLY"]])
def test_r36_a_duration_that_is_none_is_an_empty_booking(marie: Asking, duration: str, rule: list[str]) -> None:
    assert codes(marie.put(an_object(M1, f"DURATION:{duration}", *rule))) == {"empty-booking"}


@pytest.mark.parametrize(
    "place",
    [
        'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Hall \\"A\\":geo:43.2,5.3',
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=null:\n12 rue de Rome\n13005 Marseille:geo:43.2,5.3",
        'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-APPLE-ABUID="abc"::;X-TITLE=Hall:geo:43.2,5.3',
    ],
)
def test_r41_apples_places_are_taken_and_served_tidy(marie: Asking, paul: Asking, lab: Lab, place: str) -> None:
    assert truth(marie, paul, lab, an_object(M1, HOUR, place)) == ["2027-05-03 10:00"]
    lines = marie("GET", "/rooms/prado/").text.split("\r\n")
    assert all(re.match(r"[A-Za-z0-9-]+[;:]| ", line) for line in lines[:-1])


def test_r42_a_byte_order_mark_is_taken_off(marie: Asking, paul: Asking, lab: Lab) -> None:
    assert truth(marie, paul, lab, b"\xef\xbb\xbf" + an_object(M1, HOUR)) == ["2027-05-03 10:00"]
    assert marie("GET", "/rooms/prado/reported.ics").body.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize("headers", [{"depth": "0"}, {"depth": "1"}, {}])
@pytest.mark.parametrize(
    "empty", ["<D:sync-token/>", "<D:sync-token></D:sync-token>", "<D:sync-token>\n</D:sync-token>"]
)
def test_r46_an_empty_token_lists_the_bookings_and_a_token(
    marie: Asking, lab: Lab, headers: dict[str, str], empty: str
) -> None:
    marie.put(an_object(M1, HOUR))
    body = (
        f'<D:sync-collection xmlns:D="DAV:">{empty}<D:sync-level>1</D:sync-level>'
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    told = marie("REPORT", "/rooms/prado/", body, **headers)

    assert (told.status, names(told)) == (207, ["a.ics"])
    assert told.xml.findtext("D:sync-token", "", NS) == lab.tags(lab.marie)[1]


@pytest.mark.parametrize("path", ["/", "/rooms/", "/rooms/prado/", "/marie.dupont@univ-amu.fr/"])
def test_r53_every_place_leads_on_to_the_principal(marie: Asking, path: str) -> None:
    for depth in ("0", "1"):
        told = marie.propfind(path, "D:current-user-principal", depth=depth)
        for href in told.hrefs:
            principal = told.props(href)["current-user-principal"].findtext("D:href", "", NS)
            assert marie.propfind(principal[4:], "C:calendar-home-set").status == 207


@pytest.mark.parametrize(
    "path",
    [
        "/marie.dupont@univ-amu.fr/",
        "/marie.dupont%40univ-amu.fr/",
        "/marie.dupont%40univ-amu.fr",
        "/rooms/prado/a.ics",
        "/rooms/prado/none.ics",
    ],
)
def test_r53_what_can_be_done_is_told_before_anybody_signs_in(marie: Asking, nobody: Asking, path: str) -> None:
    marie.put(an_object(M1, HOUR))
    told = nobody("OPTIONS", path)

    assert told.status == 200
    assert "calendar-access" in told.headers["dav"]
