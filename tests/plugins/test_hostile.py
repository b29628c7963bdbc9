"""What is sent to do harm: a 4xx within seconds, and nothing stored."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from building import PASSWORD, Lab, a_booking
from plugins.asking import DECLARED, Asking
from sesstim_radicale.application import Application

SECONDS = 10
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BODIES = {
    "an entity": '<!DOCTYPE a [<!ENTITY e "x">]><D:propfind xmlns:D="DAV:">&e;</D:propfind>',
    "a file as an entity": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "an address as an entity": '<!DOCTYPE a [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]><a>&e;</a>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>',
    "a definition elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "ten megabytes": f"<D:propfind {DECLARED}><D:prop>{'<D:displayname/>' * 620_000}</D:prop></D:propfind>",
    "ten megabytes of text": f"<D:propfind {DECLARED}>{'x' * 10_000_000}</D:propfind>",
    "a deep nest": "<a>" * 200_000 + "</a>" * 200_000,
    "many attributes": "<a " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>",
    "cut short": f"<D:propfind {DECLARED}><D:prop>",
}
NOISE = {"octets": bytes(range(256)) * 40, "zeroes": bytes(100_000), "half a UTF-16": "é<a/>".encode("utf-16")[:-1]}


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("body", [*BODIES.values(), *NOISE.values()], ids=[*BODIES, *NOISE])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PROPPATCH", "MKCALENDAR", "PUT", "POST"])
def test_a_hostile_body_is_a_4xx(marie: Asking, lab: Lab, method: str, body: str | bytes) -> None:
    path = "/rooms/prado/a.ics" if method == "PUT" else "/rooms/prado/"
    told = marie(method, path, body)

    assert 400 <= told.status < 500
    assert b"root:" not in told.body
    assert lab.office.store.booking_counts()["prado"] == 0


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=10000000",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;COUNT=10000000",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3;BYMINUTE=7;BYSECOND=59",
        "FREQ=YEARLY;BYDAY=" + ",".join(f"{n}MO" for n in range(1, 54)) + ";BYSETPOS=-366",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
        "FREQ=WEEKLY;UNTIL=99999999T999999Z",
        "FREQ=FORTNIGHTLY",
        "FREQ=" + "A" * 100_000,
        ";" * 100_000,
        "FREQ=DAILY;BYDAY=" + "MO," * 50_000 + "SA",
    ],
)
def test_a_hostile_rule_is_refused(marie: Asking, rule: str) -> None:
    told = marie.put(a_booking(repeats=rule))

    assert told.status == 403
    assert "need-privileges" in told.conditions


@pytest.mark.parametrize(
    "extra",
    [
        "RDATE:" + ",".join(f"{year}0104T{n:06}Z" for year in range(2027, 2037) for n in range(1500)),
        "EXDATE:" + ",".join("2" * 9 for _ in range(50_000)),
        "DURATION:P999999999999W",
        "RDATE;VALUE=PERIOD:20270111T100000Z/P99999999999D",
        "BEGIN:VALARM\n" * 20_000,
        'X-A;B="' * 20_000,
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270111T100000Z",
    ],
    ids=["RDATEs", "EXDATEs", "DURATION", "PERIOD", "nest", "quotes", "THISANDFUTURE"],
)
def test_a_hostile_event_is_refused(marie: Asking, extra: str) -> None:
    told = marie.put(a_booking(extra=extra))

    assert told.status == 403
    assert "need-privileges" in told.conditions


@pytest.mark.parametrize(
    "extra",
    [
        "RDATE:" + ",".join("20270111T090000Z" for _ in range(50_000)),
        "RRULE:FREQ=WEEKLY;INTERVAL=999999999999999999999",
        "X-A" + ";B=" * 50_000 + ":c",
    ],
    ids=["one RDATE 50,000 times", "a week in an eternity", "50,000 parameters"],
)
def test_what_is_monstrous_and_means_one_hour_holds_one_hour(marie: Asking, lab: Lab, extra: str) -> None:
    assert marie.put(a_booking(extra=extra)).status == 201

    assert lab.held("2020-01-01T00:00", "2100-01-01T00:00") == [("2027-01-11 10:00", "2027-01-11 11:00")]
    assert marie("GET", "/rooms/prado/").status == 200


def test_what_would_be_told_or_compared_a_million_times_is_refused(marie: Asking) -> None:
    marie.put(a_booking())
    unknown = [f'x{n} xmlns="urn:x"' for n in range(501)]
    condition = '<C:prop-filter name="SUMMARY"><C:text-match>a</C:text-match></C:prop-filter>'

    assert marie.propfind("/rooms/prado/", *unknown, depth="1").status == 400
    assert marie.propfind("/rooms/prado/", *unknown[1:], depth="1").status == 207
    assert marie.sync(props="".join(f"<{name}/>" for name in unknown)).status == 400
    refused = marie.query(condition * 100)
    assert refused.status == 403
    assert "supported-filter" in refused.conditions
    assert marie.query(condition * 90).status == 207


@pytest.mark.parametrize(
    "header",
    [
        {"if": "(" * 30_000},
        {"if": "<a>" * 10_000},
        {"if_match": '"x",' * 50_000},
        {"accept_language": ",".join(f"a{n};q=0.{n}" for n in range(20_000))},
        {"destination": "/dav/rooms/prado/" + "%2e%2e%2f" * 10_000},
        {"if_unmodified_since": "Mon, 99 Foo 999999999 99:99:99 +9999"},
        {"depth": "\xff" * 10_000},
        {"overwrite": "F" * 10_000},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_hostile_header_is_read_in_no_time(marie: Asking, header: dict[str, str]) -> None:
    for method in ("GET", "PUT", "DELETE", "MOVE", "COPY", "PROPFIND"):
        told = marie(method, "/rooms/prado/none.ics", b"no calendar" if method == "PUT" else b"", **header)
        assert 400 <= told.status < 500


def test_a_zone_of_a_thousand_endless_rules_is_refused(marie: Asking) -> None:
    observance = "BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=DAILY\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:X\n{(observance + 'END:STANDARD' + chr(10)) * 1000}END:VTIMEZONE"

    assert marie.put(a_booking(zone="X", more=zone)).status == 403


def test_a_million_rings_are_stored_and_searched_in_no_time(marie: Asking) -> None:
    alarm = (
        "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-P99999999D\nREPEAT:99999999\nDURATION:PT1S\nDESCRIPTION:x\nEND:VALARM"
    )
    assert marie.put(a_booking(extra="\n".join([alarm] * 500))).status == 201

    found = marie.query('<C:comp-filter name="VALARM"><C:time-range start="20270101T000000Z"/></C:comp-filter>')

    assert found.status == 207


def test_a_password_of_exactly_256_characters_signs_in_and_no_part_of_it(application: Application, lab: Lab) -> None:
    password = "é密" * 128
    lab.office.accounts.set_password(lab.marie.email, password)

    assert Asking(application, lab.marie, password).propfind("/", "D:displayname").status == 207
    for other in (password[:-1], password[:-1] + "x", password + "x", password * 1000, PASSWORD):
        assert Asking(application, lab.marie, other).propfind("/", "D:displayname").status == 401


def test_a_store_that_is_full_asks_to_come_again_and_takes_nothing(marie: Asking, lab: Lab) -> None:
    marie.put(a_booking())
    with lab.office.store.writing("prado") as writing:
        driver = writing._session.driver
        if not hasattr(driver, "set_progress_handler"):
            pytest.skip("only SQLite can be told to be full")
        (pages,) = driver.execute("PRAGMA page_count").fetchone()
        driver.execute(f"PRAGMA max_page_count = {pages + 1}")

    told = marie.put(a_booking(at="12:00", until="13:00", extra="X-A:" + "x" * 100_000), "b.ics")

    assert told.status == 503
    assert int(told.headers["retry-after"]) > 0
    assert marie("GET", "/rooms/prado/b.ics").status == 404
    assert marie("GET", "/rooms/prado/a.ics").status == 200
