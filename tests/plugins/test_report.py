from __future__ import annotations

import re

import pytest
from building import Lab, a_booking, an_override
from plugins.asking import DECLARED, Asking, Told, names, unfolded

WEEK = '<C:time-range start="20270111T000000Z" end="20270118T000000Z"/>'
DATA = "<D:getetag/><C:calendar-data/>"


@pytest.fixture
def booked(lab: Lab) -> Lab:
    """Marie: a meeting on Monday, a private one on Tuesday, a series from Wednesday on; Paul: one on Thursday."""
    lab.book(lab.marie, a_booking(on="2027-01-11", summary="Été à Marseille", extra="CATEGORIES:A,B"), "monday.ics")
    lab.book(lab.marie, a_booking(on="2027-01-12", summary="Secret", extra="CLASS:PRIVATE"), "private.ics")
    lab.book(
        lab.marie,
        a_booking(on="2027-01-13", repeats="FREQ=WEEKLY", extra="LOCATION;LANGUAGE=fr:Aile bleue"),
        "series.ics",
    )
    lab.book(lab.paul, a_booking(on="2027-01-14", summary="STRASSE \\, straße", uid="thursday"), "thursday.ics")
    return lab


# ---- calendar-query


def test_a_query_finds_what_overlaps_the_range(marie: Asking, booked: Lab) -> None:
    assert names(marie.query(WEEK)) == ["monday.ics", "private.ics", "series.ics", "thursday.ics"]
    assert names(marie.query('<C:time-range start="20270111T100000Z" end="20270112T090000Z"/>')) == []
    assert names(marie.query('<C:time-range start="20270111T095959Z" end="20270112T090001Z"/>')) == [
        "monday.ics",
        "private.ics",
    ]


def test_a_range_may_be_open_on_one_side(marie: Asking, booked: Lab) -> None:
    assert names(marie.query('<C:time-range start="20270201T000000Z"/>')) == ["series.ics"]
    assert names(marie.query('<C:time-range start="20990201T000000Z"/>')) == ["series.ics"]
    assert names(marie.query('<C:time-range end="20270112T000000Z"/>')) == ["monday.ics"]


def test_a_query_without_range_finds_all(marie: Asking, booked: Lab) -> None:
    assert len(names(marie.query(""))) == 4
    assert len(names(marie.filtered('<C:comp-filter name="VCALENDAR"/>'))) == 4
    assert names(marie.filtered('<C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO"/></C:comp-filter>')) == []
    no_todo = '<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>'
    assert len(names(marie.filtered(f'<C:comp-filter name="VCALENDAR">{no_todo}</C:comp-filter>'))) == 4


def text_match(prop: str, text: str, attributes: str = "") -> str:
    return f'<C:prop-filter name="{prop}"><C:text-match {attributes}>{text}</C:text-match></C:prop-filter>'


@pytest.mark.parametrize(
    ("text", "collation", "found"),
    [
        ("ÉTÉ À", "i;unicode-casemap", ["monday.ics"]),
        ("été à", "i;ascii-casemap", []),
        ("Été À MARSEILLE", "i;ascii-casemap", []),
        ("à marseille", "i;ascii-casemap", ["monday.ics"]),
        ("à marseille", "i;octet", []),
        ("à Marseille", "i;octet", ["monday.ics"]),
        ("strasse", "i;unicode-casemap", ["thursday.ics"]),
        ("e , s", "i;ascii-casemap", ["thursday.ics"]),
    ],
)
def test_text_is_matched_by_the_collation_asked_for(
    marie: Asking, booked: Lab, text: str, collation: str, found: list[str]
) -> None:
    assert names(marie.query(text_match("SUMMARY", text, f'collation="{collation}"'))) == found


def test_text_can_be_excluded(marie: Asking, booked: Lab) -> None:
    told = marie.query(WEEK + text_match("SUMMARY", "secret", 'negate-condition="yes"'))

    assert names(told) == ["monday.ics", "series.ics", "thursday.ics"]


def test_nothing_is_found_by_what_the_account_does_not_see(paul: Asking, anne: Asking, booked: Lab) -> None:
    for asking in (paul, anne):
        assert names(asking.query(text_match("SUMMARY", "secret"))) == []
        assert names(asking.query(text_match("SUMMARY", "réservé", 'collation="i;unicode-casemap"'))) == ["private.ics"]
        assert "Secret" not in asking.query(WEEK, DATA).text


def test_properties_and_parameters_are_asked_for(marie: Asking, booked: Lab) -> None:
    assert names(marie.query('<C:prop-filter name="LOCATION"/>')) == ["series.ics"]
    missing = '<C:prop-filter name="LOCATION"><C:is-not-defined/></C:prop-filter>'
    assert names(marie.query(WEEK + missing)) == ["monday.ics", "private.ics", "thursday.ics"]
    french = '<C:param-filter name="LANGUAGE"><C:text-match>fr</C:text-match></C:param-filter>'
    assert names(marie.query(f'<C:prop-filter name="LOCATION">{french}</C:prop-filter>')) == ["series.ics"]
    none = '<C:param-filter name="LANGUAGE"><C:is-not-defined/></C:param-filter>'
    assert names(marie.query(f'<C:prop-filter name="LOCATION">{none}</C:prop-filter>')) == []
    assert names(marie.query(text_match("UID", "thursday"))) == ["thursday.ics"]


def test_dates_of_properties_are_asked_for(marie: Asking, booked: Lab) -> None:
    def stamped(start: str, end: str) -> list[str]:
        return names(
            marie.query(f'<C:prop-filter name="DTSTAMP"><C:time-range start="{start}" end="{end}"/></C:prop-filter>')
        )

    assert len(stamped("20261124T100000Z", "20261124T100001Z")) == 4
    assert stamped("20261124T100001Z", "20270101T000000Z") == []


def test_alarms_are_found_by_their_owner_alone(marie: Asking, paul: Asking, lab: Lab) -> None:
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:x\nEND:VALARM"
    lab.book(lab.marie, a_booking(extra=alarm), "a.ics")
    rings = '<C:comp-filter name="VALARM"/>'
    silent = '<C:comp-filter name="VALARM"><C:is-not-defined/></C:comp-filter>'

    assert (names(marie.query(rings)), names(marie.query(silent))) == (["a.ics"], [])
    assert (names(paul.query(rings)), names(paul.query(silent))) == ([], ["a.ics"])


@pytest.mark.parametrize(
    ("trigger", "found", "not_found"),
    [
        ("TRIGGER:-PT15M", "20270120T084500Z/20270120T084501Z", "20270120T084501Z/20270120T090000Z"),
        ("TRIGGER;RELATED=END:PT5M", "20270120T100500Z/20270120T110000Z", "20270120T085500Z/20270120T100500Z"),
        ("TRIGGER:-P1D", "20270126T090000Z/20270126T090100Z", "20270127T090000Z/20270127T090100Z"),
        (
            "TRIGGER:-PT30M\nREPEAT:2\nDURATION:PT10M",
            "20270113T084500Z/20270113T085500Z",
            "20270113T085001Z/20270113T090001Z",
        ),
        (
            "TRIGGER;VALUE=DATE-TIME:20270101T000000Z",
            "20270101T000000Z/20270101T000001Z",
            "20270101T000001Z/20270301T000000Z",
        ),
    ],
)
def test_an_alarm_is_found_when_it_rings_for_any_occurrence(
    marie: Asking, paul: Asking, lab: Lab, trigger: str, found: str, not_found: str
) -> None:
    alarm = f"BEGIN:VALARM\nACTION:DISPLAY\n{trigger}\nDESCRIPTION:x\nEND:VALARM"
    lab.book(lab.marie, a_booking(on="2027-01-13", until="11:00", repeats="FREQ=WEEKLY", extra=alarm), "a.ics")
    lab.book(lab.marie, a_booking(on="2027-01-14"), "silent.ics")

    def ringing(asking: Asking, times: str) -> list[str]:
        start, _, end = times.partition("/")
        bounds = f'<C:time-range start="{start}" end="{end}"/>'
        return names(asking.query(f'<C:comp-filter name="VALARM">{bounds}</C:comp-filter>'))

    assert ringing(marie, found) == ["a.ics"]
    assert ringing(marie, not_found) == []
    assert ringing(paul, found) == []


def test_an_alarm_rings_for_the_occurrences_of_its_own_event_alone(marie: Asking, lab: Lab) -> None:
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:PT0S\nDESCRIPTION:x\nEND:VALARM"
    moved = an_override("s", "2027-01-18T10:00", "2027-01-19", "10:00", "11:00", extra=alarm)
    lab.book(lab.marie, a_booking(on="2027-01-11", uid="s", repeats="FREQ=WEEKLY;COUNT=3", more=moved), "a.ics")

    def rings(day: str) -> bool:
        bounds = f'<C:time-range start="{day}T000000Z" end="{day}T235959Z"/>'
        return names(marie.query(f'<C:comp-filter name="VALARM">{bounds}</C:comp-filter>')) == ["a.ics"]

    assert [rings(day) for day in ("20270111", "20270118", "20270119", "20270125")] == [False, False, True, False]


def test_range_and_text_must_hold_for_one_and_the_same_component(marie: Asking, lab: Lab) -> None:
    moved = an_override("s", "2027-01-18T10:00", "2027-01-19", "10:00", "11:00", extra="LOCATION:Ailleurs")
    lab.book(lab.marie, a_booking(uid="s", repeats="FREQ=WEEKLY;COUNT=3", more=moved), "a.ics")
    elsewhere = text_match("LOCATION", "ailleurs")

    assert names(marie.query('<C:time-range start="20270119T000000Z" end="20270120T000000Z"/>' + elsewhere)) == [
        "a.ics"
    ]
    assert names(marie.query('<C:time-range start="20270111T000000Z" end="20270112T000000Z"/>' + elsewhere)) == []


@pytest.mark.parametrize(
    ("filter_", "condition"),
    [
        ("", "valid-filter"),
        ('<C:comp-filter name="VEVENT"/>', "valid-filter"),
        ("<C:comp-filter/>", "valid-filter"),
        ('<C:comp-filter name="VCALENDAR"/><C:comp-filter name="VCALENDAR"/>', "valid-filter"),
        ("<C:nonsense/>", "valid-filter"),
        (
            '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range/></C:comp-filter>'
            "</C:comp-filter>",
            "valid-filter",
        ),
        ('<C:comp-filter name="VCALENDAR"><C:comp-filter name="NONSENSE"/></C:comp-filter>', "supported-filter"),
    ],
)
def test_a_filter_that_is_none_is_named(marie: Asking, filter_: str, condition: str) -> None:
    told = marie.filtered(filter_)

    assert told.status == 403
    assert condition in told.conditions


@pytest.mark.parametrize(
    ("inside", "condition"),
    [
        ('<C:time-range start="20270111" end="20270112"/>', "valid-filter"),
        ('<C:time-range start="20270111T000000" end="20270112T000000"/>', "valid-filter"),
        ('<C:time-range start="20270112T000000Z" end="20270111T000000Z"/>', "valid-filter"),
        ('<C:time-range start="20271399T000000Z" end="99991231T000000Z"/>', "valid-filter"),
        ('<C:is-not-defined/><C:prop-filter name="A"/>', "valid-filter"),
        ("<C:prop-filter/>", "valid-filter"),
        ('<C:comp-filter name="STANDARD">' + WEEK + "</C:comp-filter>", "supported-filter"),
        (text_match("SUMMARY", "a", 'collation="i;nonsense"'), "supported-collation"),
        (text_match("SUMMARY", "a", 'negate-condition="perhaps"'), "valid-filter"),
    ],
)
def test_a_part_of_a_filter_that_is_none_is_named(marie: Asking, inside: str, condition: str) -> None:
    told = marie.query(inside)

    assert told.status == 403
    assert condition in told.conditions


def test_two_ranges_must_both_be_met(marie: Asking, booked: Lab) -> None:
    def between(start: str, end: str) -> str:
        return (
            f'<C:comp-filter name="VEVENT"><C:time-range start="{start}T000000Z" end="{end}T000000Z"/></C:comp-filter>'
        )

    both = between("20270111", "20270114") + between("20270120", "20270121")

    assert names(marie.filtered(f'<C:comp-filter name="VCALENDAR">{both}</C:comp-filter>')) == ["series.ics"]


def test_the_home_is_searched_room_by_room(marie: Asking, booked: Lab) -> None:
    booked.book(booked.paul, a_booking(), "other.ics", room="calanques")

    told = marie.query('<C:time-range start="20270111T000000Z" end="20270112T000000Z"/>', path="/rooms/")

    assert told.hrefs == ["/dav/rooms/prado/monday.ics", "/dav/rooms/calanques/other.ics"]


def test_a_booking_can_be_asked_alone(marie: Asking, booked: Lab) -> None:
    assert names(marie.query(WEEK, path="/rooms/prado/monday.ics")) == ["monday.ics"]
    assert names(marie.query('<C:time-range start="20280101T000000Z"/>', path="/rooms/prado/monday.ics")) == []


# ---- calendar-data


def expand(start: str, end: str) -> str:
    return f'<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data>'


def starts(told: Told) -> list[str]:
    return sorted(re.findall(r"^DTSTART:(\S+)", told.text, re.M))


def test_a_series_is_expanded_to_its_single_dates(marie: Asking, booked: Lab) -> None:
    bounds = "20270320T000000Z", "20270404T000000Z"
    told = marie.query(f'<C:time-range start="{bounds[0]}" end="{bounds[1]}"/>', f"<D:getetag/>{expand(*bounds)}")

    assert starts(told) == ["20270324T090000Z", "20270331T080000Z"]
    assert "RRULE" not in told.text
    assert "RECURRENCE-ID:20270331T080000Z" in told.text


def test_another_range_is_expanded_than_is_searched(marie: Asking, booked: Lab) -> None:
    told = marie.query(WEEK, expand("20270120T000000Z", "20270128T000000Z"))

    assert names(told) == ["monday.ics", "private.ics", "series.ics", "thursday.ics"]
    assert starts(told) == ["20270120T090000Z", "20270127T090000Z"]


def test_multiget_and_sync_expand_too(marie: Asking, booked: Lab) -> None:
    props = expand("20270120T000000Z", "20270128T000000Z")

    assert starts(marie.multiget("/dav/rooms/prado/series.ics", props=props)) == [
        "20270120T090000Z",
        "20270127T090000Z",
    ]
    assert starts(marie.sync(props=props)) == ["20270120T090000Z", "20270127T090000Z"]


def test_an_expansion_into_centuries_is_refused(marie: Asking, booked: Lab) -> None:
    told = marie.query("", expand("20000101T000000Z", "99991231T000000Z"))

    assert told.status == 403
    assert "number-of-matches-within-limits" in told.conditions


def test_too_many_dates_are_refused(marie: Asking, lab: Lab) -> None:
    for hour in range(8, 12):
        lab.book(
            lab.marie,
            a_booking(at=f"{hour:02}:00", until=f"{hour + 1:02}:00", repeats="FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"),
        )
    bounds = "20270111T000000Z", "20510111T000000Z"

    told = marie.query(f'<C:time-range start="{bounds[0]}" end="{bounds[1]}"/>', expand(*bounds))

    assert told.status == 403
    assert "number-of-matches-within-limits" in told.conditions


def test_only_the_parts_asked_for_are_given(marie: Asking, booked: Lab) -> None:
    parts = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="SUMMARY" novalue="yes"/></C:comp></C:comp></C:calendar-data>'
    )
    data = marie.multiget("/dav/rooms/prado/thursday.ics", props=parts).props()["calendar-data"].text or ""

    assert list(unfolded(data)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:thursday",
        "SUMMARY:",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_expanded_dates_have_only_the_properties_asked_for(marie: Asking, booked: Lab) -> None:
    props = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="DTSTART"/></C:comp></C:comp>'
        '<C:expand start="20270120T000000Z" end="20270128T000000Z"/></C:calendar-data>'
    )

    for told in (marie.query(WEEK, props), marie.multiget("/dav/rooms/prado/series.ics", props=props)):
        data = told.props("/dav/rooms/prado/series.ics")["calendar-data"].text or ""
        assert [line for line in unfolded(data) if line] == [
            "BEGIN:VCALENDAR",
            *("BEGIN:VEVENT", "DTSTART:20270120T090000Z", "END:VEVENT"),
            *("BEGIN:VEVENT", "DTSTART:20270127T090000Z", "END:VEVENT"),
            "END:VCALENDAR",
        ]


def test_the_whole_is_given_where_everything_is_asked_for(marie: Asking, booked: Lab) -> None:
    parts = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:allprop/><C:allcomp/></C:comp>'
        '<C:limit-recurrence-set start="20270101T000000Z" end="20270201T000000Z"/></C:calendar-data>'
    )
    href = "/dav/rooms/prado/series.ics"

    whole, asked = (marie.multiget(href, props=props).props()["calendar-data"].text for props in (DATA, parts))

    assert asked == whole


def test_other_kinds_of_data_are_refused(marie: Asking, booked: Lab) -> None:
    told = marie.query("", '<C:calendar-data content-type="application/calendar+json"/>')

    assert "supported-calendar-data" in told.conditions


def test_data_comes_back_as_it_was_stored(marie: Asking, lab: Lab) -> None:
    sent = a_booking(extra='DESCRIPTION:a & b <c> ]]> \\n é\nX-A;B="c":d', organizer="marie.dupont@univ-amu.fr")
    marie.put(sent)

    assert marie("GET", "/rooms/prado/a.ics").body == sent
    data = marie.multiget("/dav/rooms/prado/a.ics").props()["calendar-data"].text or ""
    assert data.replace("\n", "\r\n").encode() == sent


# ---- calendar-multiget


def test_addresses_are_found_however_they_are_spelt(marie: Asking, lab: Lab) -> None:
    lab.book(lab.marie, a_booking(), "é@b:c'*.ics")
    canonical = "/dav/rooms/prado/%C3%A9%40b%3Ac%27%2A.ics"

    for href in (canonical, "/dav/rooms/prado/é@b:c'*.ics", "http://rooms.test/dav/rooms/prado/%c3%a9@b:c'*.ics"):
        assert marie.multiget(href).hrefs == [canonical]


def test_what_is_missing_is_named_as_it_was_asked_for(marie: Asking, booked: Lab) -> None:
    missing = [
        "/dav/rooms/prado/none.ics",
        "/dav/rooms/nowhere/a.ics",
        "http://elsewhere.test/a.ics",
        "a",
        "/dav/rooms/",
    ]
    told = marie.multiget("/dav/rooms/prado/monday.ics", *missing, "/dav/rooms/prado/monday.ics")

    assert sorted(told.hrefs) == sorted(["/dav/rooms/prado/monday.ics", *missing])
    assert told.text.count("404 Not Found") == len(missing)


def test_bookings_of_several_rooms_are_fetched_at_the_home(marie: Asking, booked: Lab) -> None:
    booked.book(booked.marie, a_booking(), "b.ics", room="calanques")
    hrefs = ["/dav/rooms/calanques/b.ics", "/dav/rooms/prado/monday.ics"]

    assert marie.multiget(*hrefs, path="/rooms/").hrefs == hrefs


def test_a_multiget_of_nothing_is_refused(marie: Asking) -> None:
    assert marie.multiget().status == 400


# ---- sync-collection


@pytest.mark.parametrize("headers", [{}, {"depth": "0"}, {"depth": "1"}])
def test_a_first_synchronisation_lists_everything_at_any_depth(
    marie: Asking, booked: Lab, headers: dict[str, str]
) -> None:
    told = marie.sync(**headers)

    assert names(told) == ["monday.ics", "private.ics", "series.ics", "thursday.ics"]
    assert told.xml.findtext("{DAV:}sync-token") == booked.tags(booked.marie)[1]


def test_a_later_one_lists_what_has_changed_and_gone(marie: Asking, booked: Lab) -> None:
    token = booked.tags(booked.marie)[1]
    booked.book(booked.marie, a_booking(on="2027-01-15"), "friday.ics")
    booked.office.reception.cancel(booked.paul, "prado", "thursday.ics")

    told = marie.sync(token, DATA)

    assert names(told) == ["friday.ics", "thursday.ics"]
    assert "calendar-data" in told.props("/dav/rooms/prado/friday.ics")
    assert told.response("/dav/rooms/prado/thursday.ics").findtext("{DAV:}status") == "HTTP/1.1 404 Not Found"
    assert names(marie.sync(told.xml.findtext("{DAV:}sync-token") or "")) == []


def test_an_unknown_token_makes_the_client_start_over(marie: Asking, booked: Lab) -> None:
    token = booked.tags(booked.marie)[1]
    for wrong in ("x", token + "9", "http://radicale.org/ns/sync/1", token.replace(token[-3:], "999999-0")):
        told = marie.sync(wrong)
        assert told.status == 403
        assert "valid-sync-token" in told.conditions


def limited(asking: Asking, token: str, most: str) -> Told:
    return asking(
        "REPORT",
        "/rooms/prado/",
        f"<D:sync-collection {DECLARED}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        f"<D:limit><D:nresults>{most}</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>",
    )


def in_pages(asking: Asking, token: str, most: int) -> list[list[str]]:
    """The names told on each page, the room's own 507 left out; each but the last must be marked so."""
    pages: list[list[str]] = []
    while True:
        told = limited(asking, token, str(most))
        assert told.status == 207
        pages.append([href.rpartition("/")[2] for href in told.hrefs if not href.endswith("/")])
        if not any(href.endswith("/") for href in told.hrefs):
            assert asking.sync(told.xml.findtext("{DAV:}sync-token") or "").hrefs == []
            return pages
        cut = told.response("/dav/rooms/prado/")
        assert cut.findtext("{DAV:}status") == "HTTP/1.1 507 Insufficient Storage"
        assert cut.find("{DAV:}error/{DAV:}number-of-matches-within-limits") is not None
        token, before = told.xml.findtext("{DAV:}sync-token") or "", token
        assert token != before


def test_a_first_synchronisation_under_a_limit_comes_in_pages(marie: Asking, booked: Lab) -> None:
    assert in_pages(marie, "", 3) == [["monday.ics", "private.ics", "series.ics"], ["thursday.ics"]]
    assert in_pages(marie, "", 4) == [["monday.ics", "private.ics", "series.ics", "thursday.ics"]]
    assert in_pages(marie, "", 2**70) == in_pages(marie, "", 4)


def test_changes_and_removals_come_in_their_order_under_a_limit(marie: Asking, booked: Lab) -> None:
    token = booked.tags(booked.marie)[1]
    booked.book(booked.marie, a_booking(on="2027-01-15"), "friday.ics")
    booked.office.reception.cancel(booked.paul, "prado", "thursday.ics")
    booked.book(booked.marie, a_booking(on="2027-01-18"), "next-monday.ics")

    assert in_pages(marie, token, 1) == [["friday.ics"], ["thursday.ics"], ["next-monday.ics"]]
    assert in_pages(marie, token, 2) == [["friday.ics", "thursday.ics"], ["next-monday.ics"]]


def test_what_changes_between_two_pages_is_not_lost(marie: Asking, booked: Lab) -> None:
    told = limited(marie, "", "2")
    booked.office.reception.cancel(booked.marie, "prado", "monday.ics")
    booked.office.reception.cancel(booked.marie, "prado", "series.ics")

    pages = in_pages(marie, told.xml.findtext("{DAV:}sync-token") or "", 1)

    assert pages == [["thursday.ics"], ["monday.ics"], ["series.ics"]]


def test_refused_attempts_come_last_under_a_limit(paul: Asking, booked: Lab) -> None:
    token = booked.tags(booked.paul)[1]
    for name in ("monday.ics", "series.ics"):
        assert paul("DELETE", f"/rooms/prado/{name}").status == 403
    booked.book(booked.paul, a_booking(on="2027-01-15"), "friday.ics")

    assert in_pages(paul, token, 1) == [["friday.ics"], ["monday.ics"], ["series.ics"]]
    assert in_pages(paul, token, 2) == [["friday.ics", "monday.ics"], ["series.ics"]]


def test_a_booking_that_was_given_another_name_comes_under_the_new_one(marie: Asking, booked: Lab) -> None:
    token = booked.tags(booked.marie)[1]
    moved = marie("MOVE", "/rooms/prado/monday.ics", destination="/dav/rooms/prado/renamed.ics")
    assert moved.status == 201

    assert sorted(in_pages(marie, token, 1)) == [["monday.ics"], ["renamed.ics"]]


@pytest.mark.parametrize("limit", ["0", "00", "-1", "x", "", "1.5"])
def test_a_limit_is_a_number(marie: Asking, limit: str) -> None:
    assert limited(marie, "", limit).status == 400


def test_a_refused_deletion_is_told_to_that_account_alone(marie: Asking, paul: Asking, booked: Lab) -> None:
    tokens = booked.tags(booked.paul)[1], booked.tags(booked.marie)[1]

    assert paul("DELETE", "/rooms/prado/monday.ics").status == 403

    assert names(paul.sync(tokens[0])) == ["monday.ics"]
    assert names(marie.sync(tokens[1])) == []


def test_a_synchronisation_needs_a_token_and_a_level_that_is_one(marie: Asking) -> None:
    assert marie("REPORT", "/rooms/prado/", f"<D:sync-collection {DECLARED}/>").status == 400
    level = f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>7</D:sync-level></D:sync-collection>"
    assert marie("REPORT", "/rooms/prado/", level).status == 400


# ---- free-busy-query


def busy(asking: Asking, start: str, end: str, path: str = "/rooms/prado/") -> Told:
    body = f'<C:free-busy-query {DECLARED}><C:time-range start="{start}" end="{end}"/></C:free-busy-query>'
    return asking("REPORT", path, body, depth="1")


def test_every_held_occurrence_is_busy_whatever_transp_says(paul: Asking, booked: Lab) -> None:
    booked.book(booked.marie, a_booking(on="2027-01-15", extra="TRANSP:TRANSPARENT"))

    told = busy(paul, "20270112T093000Z", "20270116T000000Z")

    assert told.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [line.partition(":")[2] for line in unfolded(told.text) if line.startswith("FREEBUSY")] == [
        "20270112T093000Z/20270112T100000Z",
        "20270113T090000Z/20270113T100000Z",
        "20270114T090000Z/20270114T100000Z",
        "20270115T090000Z/20270115T100000Z",
    ]


def test_free_busy_of_nothing_sensible_is_refused(marie: Asking, booked: Lab) -> None:
    assert marie("REPORT", "/rooms/prado/", f"<C:free-busy-query {DECLARED}/>").status == 400
    assert busy(marie, "x", "y").status == 403
    assert busy(marie, "20000101T000000Z", "99991231T000000Z").status == 403
    assert busy(marie, "20270101T000000Z", "20270201T000000Z", "/rooms/nowhere/").status == 404


# ---- others


@pytest.mark.parametrize(
    "name", ["D:principal-property-search", "D:principal-search-property-set", "D:expand-property", "C:x", 'y xmlns=""']
)
def test_other_reports_are_named_as_not_supported(marie: Asking, name: str) -> None:
    for path in ("/", "/rooms/", "/rooms/prado/", "/marie.dupont@univ-amu.fr/"):
        told = marie("REPORT", path, f"<{name} {DECLARED}/>")
        assert told.status == 403
        assert "supported-report" in told.conditions


def test_a_report_stands_only_where_it_makes_sense(marie: Asking, booked: Lab) -> None:
    body = f"<D:sync-collection {DECLARED}><D:sync-token/></D:sync-collection>"

    for path in ("/", "/rooms/", "/rooms/prado/monday.ics"):
        assert marie("REPORT", path, body).status == 403
    for path in ("/rooms/nowhere/", "/rooms/prado/none.ics", "/x/y"):
        assert marie("REPORT", path, body).status == 404
    assert marie("REPORT", "/rooms/prado/").status == 400
