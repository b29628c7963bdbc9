"""Feeds as the programs that subscribe to them get them."""

from __future__ import annotations

import gzip
import http.client
import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import icalendar
import pytest
import vobject
from building import PARIS, Lab, a_booking, a_lab, an_override, at, settings_in
from postgresql import on_each_database
from running import MARIE, a_config, command, furnish, start

from sesstim_caldav import settings as configuration
from sesstim_caldav.accounts import Account
from sesstim_caldav.office import Office
from sesstim_caldav.store import StoreUnavailable
from sesstim_caldav.web.feeds import FeedPages

NOW = at("2027-01-10T12:00")


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode().replace("\r\n ", "")

    @property
    def events(self) -> list[icalendar.Event]:
        """The events as two independent parsers agree on them."""
        found = icalendar.Calendar.from_ical(self.body)
        other = vobject.readOne(self.body.decode())
        assert found.errors == []
        events: list[icalendar.Event] = found.walk("VEVENT")
        assert [str(event["UID"]) for event in events] == [e.uid.value for e in other.contents.get("vevent", [])]
        return events

    def titles(self) -> list[str]:
        return sorted(str(event["SUMMARY"]) for event in self.events)


@dataclass
class Reader:
    """A program that subscribes; its clock is the story's."""

    office: Office
    now: int = NOW
    addresses: dict[Any, str] = field(default_factory=dict)

    def __call__(self, address: str, method: str = "GET", **environ: str) -> Got:
        scope: WSGIEnvironment = {"PATH_INFO": address, "REQUEST_METHOD": method, **environ}
        setup_testing_defaults(scope)
        answer: list[Any] = []
        body = FeedPages(self.office.feeds, lambda: self.now)(scope, lambda *a: answer.extend(a[:2]) or (lambda b: b))
        try:
            content = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        return Got(int(answer[0].split()[0]), dict(answer[1]), content)

    def subscribe(self, who: Account, feed: str, nameless: bool = False) -> str:
        secret = self.office.subscriptions.make(who, feed, nameless, self.now)
        return f"/{secret}/{feed}.ics"

    def read(self, who: Account, feed: str, nameless: bool = False) -> Got:
        key = (who.id, feed, nameless)
        if key not in self.addresses:
            self.addresses[key] = self.subscribe(who, feed, nameless)
        got = self(self.addresses[key])
        assert got.status == 200
        return got


@pytest.fixture
def reader(lab: Lab) -> Reader:
    return Reader(lab.office)


# -- requests (RFC 9110)


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,application/xhtml+xml;q=0.9", "application/json"])
def test_a_calendar_comes_whatever_is_accepted(lab: Lab, reader: Reader, accept: str | None) -> None:
    address = reader.subscribe(lab.marie, "prado")

    got = reader(address, **({"HTTP_ACCEPT": accept} if accept else {}))

    assert (got.status, got.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_head_has_the_headers_of_get_and_no_body(lab: Lab, reader: Reader, coding: str) -> None:
    address = reader.subscribe(lab.marie, "prado")

    get, head = (reader(address, method, HTTP_ACCEPT_ENCODING=coding) for method in ("GET", "HEAD"))

    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PROPFIND", "REPORT", "MKCALENDAR"])
def test_a_feed_can_only_be_read(lab: Lab, reader: Reader, method: str) -> None:
    got = reader(reader.subscribe(lab.marie, "prado"), method)

    assert (got.status, got.headers["Allow"]) == (405, "GET, HEAD")


@on_each_database
def test_what_is_unchanged_is_a_304_by_tag_and_by_date(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking())
    address = reader.subscribe(lab.marie, "prado")
    first = reader(address)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    assert [
        (reader(address, **headers).status, reader(address, **headers).body)
        for headers in (
            {"HTTP_IF_NONE_MATCH": tag},
            {"HTTP_IF_NONE_MATCH": f"W/{tag}"},
            {"HTTP_IF_NONE_MATCH": f'"other", {tag[:-1]}-gzip"'},
            {"HTTP_IF_NONE_MATCH": "*"},
            {"HTTP_IF_MODIFIED_SINCE": modified},
        )
    ] == [(304, b"")] * 5
    assert reader(address, HTTP_IF_NONE_MATCH='"other"', HTTP_IF_MODIFIED_SINCE=modified).status == 200
    assert reader(address, HTTP_IF_MODIFIED_SINCE="yesterday").status == 200
    assert reader(address, "HEAD", HTTP_IF_NONE_MATCH=tag).status == 304


@on_each_database
@pytest.mark.parametrize("feed", ["prado", "all", "mine"])
def test_every_change_is_a_new_tag(lab: Lab, reader: Reader, feed: str) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="one"))
    tags = [reader.read(lab.marie, feed).headers["ETag"]]

    lab.book(lab.marie, a_booking(uid="one", summary="Autre"), name)
    tags.append(reader.read(lab.marie, feed).headers["ETag"])
    lab.office.reception.cancel(lab.marie, "prado", name)
    tags.append(reader.read(lab.marie, feed).headers["ETag"])
    reader.now += 86_400
    tags.append(reader.read(lab.marie, feed).headers["ETag"])
    lab.office.accounts.set_language(lab.marie.email, "en")
    tags.append(reader.read(lab.marie, feed).headers["ETag"])

    assert len(set(tags)) == len(tags)


def test_what_happens_in_another_room_leaves_a_rooms_tag(lab: Lab, reader: Reader) -> None:
    before = reader.read(lab.marie, "prado").headers["ETag"]

    lab.book(lab.marie, a_booking(), room="calanques")

    assert reader.read(lab.marie, "prado").headers["ETag"] == before


@pytest.mark.parametrize(
    ("accept", "packed"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip;q=x", False), ("br", False)],
)
def test_gzip_is_sent_to_who_takes_it(lab: Lab, reader: Reader, accept: str, packed: bool) -> None:
    address = reader.subscribe(lab.marie, "prado")

    plain, got = reader(address), reader(address, HTTP_ACCEPT_ENCODING=accept)

    assert ("Content-Encoding" in got.headers, got.headers["Vary"]) == (packed, "Accept-Encoding")
    assert (gzip.decompress(got.body) if packed else got.body) == plain.body
    assert (got.headers["ETag"] == plain.headers["ETag"]) is not packed


def test_whatever_is_wrong_with_an_address_the_answer_is_the_same_404(lab: Lab, reader: Reader) -> None:
    good = reader.subscribe(lab.marie, "prado")
    secret = good.split("/")[1]
    revoked = reader.subscribe(lab.marie, "all")
    lab.office.subscriptions.revoke(lab.marie, lab.office.subscriptions.of(lab.marie)[-1].id)
    wrong = [
        revoked,
        f"/{secret}/all.ics",
        f"/{secret}/calanques.ics",
        f"/{secret}/prado",
        f"/{secret}/prado.ics/",
        f"/{secret}",
        f"/{secret[:-1]}/prado.ics",
        f"/{secret.swapcase()}/prado.ics",
        f"/{secret}\n/prado.ics",
        "/",
        "//prado.ics",
        "/é/prado.ics",
        f"/{'x' * 5000}/prado.ics",
    ]

    answers = [reader(address) for address in wrong]

    assert {(got.status, got.headers["Content-Type"], got.body) for got in answers} == {
        (404, "text/plain; charset=utf-8", b"There is nothing at this address.")
    }
    assert reader(revoked, "HEAD").body == b""
    assert reader(good).status == 200


def test_a_room_that_is_no_longer_published_has_no_feed(lab: Lab, reader: Reader, tmp_path: Path) -> None:
    lab.book(lab.marie, a_booking(summary="Prado"))
    room, every = reader.subscribe(lab.marie, "prado"), reader.subscribe(lab.marie, "all")
    left = [{"slug": "calanques", "name": "Salle Calanques"}]

    with Office.open(settings_in(tmp_path, rooms=left)) as office:
        assert Reader(office)(room).status == 404
        assert Reader(office)(every).titles() == []


def test_a_store_that_is_away_is_a_503_that_says_when_to_come_again(
    lab: Lab, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reader.subscribe(lab.marie, "prado")

    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(lab.office.store.database, "begin", away)
    got = reader(address)

    assert (got.status, "Retry-After" in got.headers) == (503, True)


def test_a_feed_is_read_while_nothing_can_be_written(
    lab: Lab, reader: Reader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = reader.subscribe(lab.marie, "prado")

    def full(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(lab.office.store, "changing", full)

    assert reader(address).status == 200
    assert "disk full" in capsys.readouterr().err


def test_a_reader_that_goes_away_gives_its_snapshot_back(lab: Lab, reader: Reader) -> None:
    address = reader.subscribe(lab.marie, "prado")
    scope: WSGIEnvironment = {"PATH_INFO": address, "REQUEST_METHOD": "GET"}
    setup_testing_defaults(scope)
    idle = len(lab.office.store.database._idle)

    body: Any = FeedPages(lab.office.feeds, lambda: NOW)(scope, lambda *_: lambda b: b)
    body.close()

    assert len(lab.office.store.database._idle) >= idle
    lab.book(lab.marie, a_booking())


# -- what is in it


def test_a_calendar_says_its_name_its_zone_and_how_often_to_come(lab: Lab, reader: Reader) -> None:
    lines = reader.read(lab.marie, "prado").text.split("\r\n")

    assert lines[0] == "BEGIN:VCALENDAR"
    assert {
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "NAME:Salle Prado",
        "X-WR-CALNAME:Salle Prado",
        "X-WR-TIMEZONE:Europe/Paris",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    } <= set(lines)


@pytest.mark.parametrize(
    ("language", "names"),
    [("fr", ("Toutes les salles", "Mes réservations")), ("en", ("All rooms", "My bookings"))],
)
def test_collections_are_named_in_the_readers_language(
    lab: Lab, reader: Reader, language: str, names: tuple[str, str]
) -> None:
    lab.office.accounts.set_language(lab.marie.email, language)

    for feed, name in zip(("all", "mine"), names, strict=True):
        assert f"X-WR-CALNAME:SESSTIM – {name}\r\n" in reader.read(lab.marie, feed).text


def test_every_tzid_is_defined_once(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-11"))
    lab.book(lab.marie, a_booking(on="2027-01-12", zone="Romance Standard Time"))
    lab.book(lab.paul, a_booking(on="2027-01-13"), room="calanques")

    got = reader.read(lab.marie, "all")

    zones = [str(zone["TZID"]) for zone in icalendar.Calendar.from_ical(got.body).walk("VTIMEZONE")]
    used = {event["DTSTART"].params["TZID"] for event in got.events}
    assert sorted(zones) == sorted(used) == ["Europe/Paris", "Romance Standard Time"]


def test_no_line_is_longer_than_75_octets_and_none_is_torn(lab: Lab, reader: Reader) -> None:
    summary = "Séminaire d'épidémiologie " * 8
    lab.book(lab.marie, a_booking(summary=summary, extra="DESCRIPTION:" + "€" * 300, uid="u" * 300))

    got = reader.read(lab.paul, "all")

    assert max(len(line) for line in got.body.split(b"\r\n")) <= 75
    for line in got.body.split(b"\r\n"):
        line.decode()  # no character is cut in two
    assert got.titles() == [summary]


def test_a_floating_time_is_told_with_the_rooms_zone(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(zone="", repeats="FREQ=DAILY;UNTIL=20270113T100000", extra="EXDATE:20270112T100000"))

    (event,) = reader.read(lab.paul, "prado").events

    assert event["DTSTART"].dt == datetime(2027, 1, 11, 10, tzinfo=PARIS)
    assert event["RRULE"]["UNTIL"] == [datetime(2027, 1, 13, 9, tzinfo=UTC)]
    assert event["EXDATE"].dts[0].dt == datetime(2027, 1, 12, 10, tzinfo=PARIS)


def test_a_place_is_the_room_where_the_booking_names_none(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-11"))
    lab.book(lab.marie, a_booking(on="2027-01-12", extra="LOCATION:"))
    lab.book(lab.marie, a_booking(on="2027-01-13", extra="LOCATION:Visioconférence"))

    places = [str(event["LOCATION"]) for event in reader.read(lab.paul, "all").events]

    assert places == ["Salle Prado", "Salle Prado", "Visioconférence"]


def test_a_reader_sees_what_a_stranger_sees(lab: Lab, reader: Reader) -> None:
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Bientôt\nTRIGGER:-PT15M\nEND:VALARM"
    lab.book(lab.marie, a_booking(extra=f"ATTENDEE:mailto:invite@example.org\n{alarm}"))
    lab.book(
        lab.marie, a_booking(on="2027-01-12", summary="Secret", extra="CLASS:PRIVATE\nDESCRIPTION:Tout\nLOCATION:Ici")
    )

    for who in (lab.paul, lab.anne, lab.marie):
        got = reader.read(who, "prado")
        assert got.titles() == ["Réservé", "Réunion projet"]
        hidden = ("ATTENDEE", "VALARM", "Secret", "Tout", "Ici", "invite")
        assert [word for word in hidden if word in got.text] == []
        assert all("Marie Dupont" in event["ORGANIZER"].params["CN"] for event in got.events)


def test_the_word_for_a_private_booking_is_the_readers(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(extra="CLASS:PRIVATE"))
    lab.office.accounts.set_language(lab.paul.email, "en")

    assert reader.read(lab.paul, "prado").titles() == ["Reserved"]


def test_without_names_there_are_times_and_a_word_no_more(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(uid="poste-de-marie-1", repeats="FREQ=WEEKLY;COUNT=3", extra="DESCRIPTION:Budget"))
    lab.book(lab.marie, a_booking(on="2027-01-12", summary="Secret", extra="CLASS:PRIVATE"))

    for feed in ("prado", "all", "mine"):
        got = reader.read(lab.marie, feed, nameless=True)
        assert got.titles() == ["Réservé", "Réservé"]
        assert not [word for word in ("marie", "Dupont", "ORGANIZER", "Budget", "Secret", "projet") if word in got.text]
        assert {str(name) for event in got.events for name in event} <= {
            *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "RRULE", "SUMMARY")
        }


@on_each_database
def test_mine_holds_ones_own_bookings_with_their_titles(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(summary="Entretien", extra="CLASS:PRIVATE\nDESCRIPTION:Dossier"))
    lab.book(lab.marie, a_booking(on="2027-01-12"), room="calanques")
    lab.book(lab.paul, a_booking(on="2027-01-13", summary="De Paul"))

    got = reader.read(lab.marie, "mine")

    assert got.titles() == ["Entretien", "Réunion projet"]
    assert "Dossier" not in got.text


def test_a_private_series_keeps_the_titles_of_its_dates_in_mine(lab: Lab, reader: Reader) -> None:
    moved = an_override("s", "2027-01-18T10:00", "2027-01-19", "10:00", "11:00").replace("Réunion projet", "Un seul")
    lab.book(
        lab.marie, a_booking(uid="s", repeats="FREQ=WEEKLY;COUNT=3", summary="Série", extra="CLASS:PRIVATE", more=moved)
    )

    assert reader.read(lab.marie, "mine").titles() == ["Série", "Un seul"]


def test_one_uid_in_two_rooms_is_told_apart_the_same_way_each_time(lab: Lab, reader: Reader) -> None:
    name, _ = lab.book(lab.marie, a_booking(uid="same"))
    alone = {str(event["UID"]) for event in reader.read(lab.paul, "all").events}

    lab.book(lab.marie, a_booking(uid="same"), room="calanques")
    both = {str(event["UID"]) for event in reader.read(lab.paul, "all").events}
    lab.office.reception.cancel(lab.marie, "prado", name)
    other = {str(event["UID"]) for event in reader.read(lab.paul, "all").events}

    assert len(both) == 2
    assert both == alone | other
    assert {str(event["UID"]) for event in reader.read(lab.marie, "mine").events} == other
    assert str(reader.read(lab.marie, "calanques").events[0]["UID"]) == "same"


def test_a_changed_event_has_grown_whatever_the_client_sent(lab: Lab, reader: Reader) -> None:
    stale = "SEQUENCE:0\nLAST-MODIFIED:20200101T000000Z"
    name, _ = lab.book(lab.marie, a_booking(uid="g", extra=stale))

    def stamps() -> tuple[int, datetime, datetime]:
        (event,) = reader.read(lab.paul, "prado").events
        return int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt, event["DTSTAMP"].dt

    seen = [stamps()]
    for hour in ("12", "14"):
        lab.book(lab.marie, a_booking(uid="g", at=f"{hour}:00", until=f"{hour}:30", extra=stale), name)
        seen.append(stamps())

    assert [one[0] < other[0] for one, other in itertools.pairwise(seen)] == [True, True]
    assert sorted(seen) == seen
    assert seen[0][1].year > 2020


def test_dates_without_a_rule_are_single_events(lab: Lab, reader: Reader) -> None:
    rdates = "RDATE;TZID=Europe/Paris:20270113T100000,20270114T150000"
    name, _ = lab.book(lab.marie, a_booking(uid="r", extra=rdates, summary="Plusieurs dates"))

    events = reader.read(lab.paul, "prado").events

    assert [event["DTSTART"].dt.astimezone(PARIS).strftime("%d %H:%M") for event in events] == [
        "11 10:00",
        "13 10:00",
        "14 15:00",
    ]
    assert not any({"RDATE", "RECURRENCE-ID", "RRULE"} & set(event) for event in events)
    assert len({str(event["UID"]) for event in events}) == 3
    kept = {str(event["UID"]) for event in events[::2]}
    lab.book(lab.marie, a_booking(uid="r", extra=rdates.replace("20270113T100000,", "")), name)
    assert {str(event["UID"]) for event in reader.read(lab.paul, "prado").events} == kept


def test_a_rule_with_further_dates_stays_a_series(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY;COUNT=2", extra="RDATE;TZID=Europe/Paris:20270113T100000"))

    (event,) = reader.read(lab.paul, "prado").events

    assert {"RRULE", "RDATE"} <= set(event)


def test_a_cancelled_booking_is_not_there(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking(extra="STATUS:CANCELLED"))

    assert reader.read(lab.paul, "prado").events == []


def test_the_past_reaches_as_far_as_configured(tmp_path: Path) -> None:
    lab = a_lab(tmp_path)
    today = date(2027, 1, 10)
    old, edge = today - timedelta(days=40), today - timedelta(days=30)  # a Tuesday and a Friday
    lab.book(lab.marie, a_booking(on=str(old), summary="Avant"))
    lab.book(lab.marie, a_booking(on=str(edge), summary="Au bord"))
    lab.book(lab.marie, a_booking(on=str(old), at="14:00", until="15:00", repeats="FREQ=WEEKLY", summary="Sans fin"))
    lab.book(
        lab.marie,
        a_booking(on=str(old), at="16:00", until="17:00", repeats="FREQ=WEEKLY;COUNT=2", summary="Finie"),
    )
    lab.book(lab.marie, a_booking(on="2044-01-11", repeats="FREQ=WEEKLY", at="17:00", until="18:00", summary="2044"))
    with Office.open(settings_in(tmp_path, feeds={"past_days": 30})) as office:
        reader, titles = Reader(office), []
        address = reader.subscribe(lab.marie, "prado")
        for _ in range(2):
            titles.append(reader(address).titles())
            reader.now += 86_400
    lab.office.close()

    assert titles == [["2044", "Au bord", "Sans fin"], ["2044", "Sans fin"]]


def test_a_deleted_members_bookings_stay_and_name_nobody(lab: Lab, reader: Reader) -> None:
    lab.book(lab.marie, a_booking())
    lab.leave(lab.marie)

    got = reader.read(lab.paul, "prado")

    assert len(got.events) == 1
    assert "Marie" not in got.text


# -- served


def test_a_served_feed_needs_no_password_and_its_secret_is_in_no_log(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    furnish(config)
    with Office.open(configuration.load(config)) as office:
        marie = office.accounts.by_email(MARIE)
        assert marie is not None
        office.reception.book(marie, "prado", "a.ics", a_booking())
        secret = office.subscriptions.make(marie, "prado")
        address = office.subscriptions.address(secret, "prado")
    running = start(config)
    try:
        connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=30)

        def ask(method: str, path: str, **headers: str) -> tuple[int, bytes, str]:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(), response.getheader("ETag") or ""

        path = urlsplit(address).path
        assert address == f"http://rooms.example.org/feeds/{secret}/prado.ics"
        status, body, tag = ask("GET", path)
        assert (status, len(icalendar.Calendar.from_ical(body).walk("VEVENT"))) == (200, 1)
        assert ask("HEAD", path)[:2] == (200, b"")
        assert ask("GET", path, **{"If-None-Match": tag})[:2] == (304, b"")
        assert ask("PUT", path)[0] == 405
        assert ask("GET", f"/feeds/{secret}/all.ics")[0] == 404
        assert command("accounts", "disable", MARIE, "--config", str(config)).returncode == 0
        assert ask("GET", path, **{"If-None-Match": tag})[0] == 404
        connection.close()
    finally:
        running.stop()
    assert secret not in (tmp_path / "server.log").read_text()
