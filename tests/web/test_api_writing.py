"""Bookings made, changed, cancelled and brought back through the API, by the same rules as by CalDAV."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any

import pytest
from browsing import Browser, a_browser
from building import PASSWORD, Lab, a_booking, an_override, at
from werkzeug.test import TestResponse

from sesstim_caldav.accounts import Account

Json = dict[str, Any]
TOKEN = "6f1c2a52-8f3a-4a53-9a55-1f0f6a3f2b10"


class Member:
    """Somebody signed in, whose browser sends the token of its page."""

    def __init__(self, lab: Lab, account: Account, language: str = "en") -> None:
        self.browser: Browser = a_browser(lab.office, language)
        self.browser.sign_in(account)
        self.headers = {"X-CSRFToken": self.browser.token(), "Accept-Language": language}

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path)

    def send(self, method: str, path: str, body: object) -> TestResponse:
        return self.browser.client.open(path, method=method, json=body, headers=self.headers)

    def book(self, *drafts: Json) -> TestResponse:
        return self.send("POST", "/api/bookings", {"drafts": list(drafts)})

    def examine(self, draft: Json, change: Json | None = None) -> Json:
        answer = self.send("POST", "/api/examine", {"draft": draft, "change": change})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json
        return found

    def booking(self, room: str, name: str, recurrence: str | None = None) -> Json:
        query = f"?recurrence={recurrence}" if recurrence else ""
        answer = self.get(f"/api/bookings/{room}/{name}{query}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json
        return found

    def change(self, booking: Json, scope: str = "all", reason: str = "", **said: object) -> TestResponse:
        body = {
            "scope": scope,
            "recurrence": booking["recurrence"],
            "etag": booking["etag"],
            "draft": as_draft(booking) | said,
            "reason": reason,
        }
        return self.send("PATCH", f"/api/bookings/{booking['room']}/{booking['name']}", body)

    def cancel(self, booking: Json, scope: str = "all", reason: str = "") -> TestResponse:
        body = {"scope": scope, "recurrence": booking["recurrence"], "etag": booking["etag"], "reason": reason}
        return self.send("DELETE", f"/api/bookings/{booking['room']}/{booking['name']}", body)

    def undo(self, answer: TestResponse) -> TestResponse:
        return self.send("POST", "/api/undo", {"undo": answer.json["undo"]})


def a_draft(**said: object) -> Json:
    draft: Json = {
        "room": "prado",
        "date": "2027-01-11",
        "start": "10:00",
        "end": "11:00",
        "title": "Comité de pilotage",
        "description": "",
        "private": False,
        "repeat": None,
        "excluding": [],
        "also": [],
        "on_behalf_of": None,
        "token": str(uuid.uuid4()),
    }
    return draft | said


def as_draft(booking: Json) -> Json:
    """What a form sends of a booking that it was opened with."""
    shared = ("room", "date", "start", "end", "title", "description", "private", "repeat", "excluding", "also")
    return {key: booking[key] for key in shared} | {"on_behalf_of": None, "token": str(uuid.uuid4())}


def weekly(count: int | None = None, **said: object) -> Json:
    repeat: Json = {"frequency": "weekly", "interval": 1, "weekdays": [], "monthly": "date", "until": None}
    return repeat | {"count": count} | said


@pytest.fixture
def marie(lab: Lab) -> Member:
    return Member(lab, lab.marie)


@pytest.fixture
def paul(lab: Lab) -> Member:
    return Member(lab, lab.paul, "fr")


@pytest.fixture
def anne(lab: Lab) -> Member:
    return Member(lab, lab.anne)


def held(lab: Lab, start: str = "2027-01-01T00:00", end: str = "2027-03-20T00:00", room: str = "prado") -> list[str]:
    return [begin for begin, _ in lab.held(start, end, room)]


# -- made


def test_a_draft_is_booked_and_there_for_everybody(lab: Lab, marie: Member, paul: Member) -> None:
    answer = marie.book(a_draft(token=TOKEN, description="Ordre du jour"))

    assert answer.status_code == 201
    [booking] = answer.json["bookings"]
    assert (booking["date"], booking["start"], booking["end"]) == ("2027-01-11", "10:00", "11:00")
    assert (booking["mine"], booking["series"], booking["dates"], booking["name"]) == (True, False, 1, f"{TOKEN}.ics")
    text = lab.seen(lab.paul, f"{TOKEN}.ics")
    assert "SUMMARY:Comité de pilotage\r\n" in text
    assert 'ORGANIZER;CN="Marie Dupont":mailto:marie.dupont@univ-amu.fr' in text
    seen = paul.booking("prado", f"{TOKEN}.ics")
    assert (seen["organiser"], seen["mine"], seen["editable"]) == ("Marie Dupont", False, False)
    assert seen["description"] == "Ordre du jour"


def test_confirm_pressed_twice_books_once(lab: Lab, marie: Member) -> None:
    first, second = marie.book(a_draft(token=TOKEN)), marie.book(a_draft(token=TOKEN))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert len(held(lab)) == 1


def test_confirm_pressed_twice_at_once_books_once(lab: Lab) -> None:
    members = [Member(lab, lab.marie) for _ in range(4)]
    draft = a_draft(token=TOKEN)

    with ThreadPoolExecutor(len(members)) as pool:
        answers = list(pool.map(lambda member: member.book(draft), members))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert held(lab) == ["2027-01-11 10:00"]


def test_a_token_that_made_another_booking_says_what_it_made(lab: Lab, marie: Member) -> None:
    marie.book(a_draft(token=TOKEN))

    answer = marie.book(a_draft(token=TOKEN, start="14:00", end="15:00", title="Autre"))

    assert (answer.status_code, answer.json["error"]) == (412, "changed")
    assert answer.json["booking"]["start"] == "10:00"
    assert answer.json["differences"] == [
        "It is now on Monday 11 January 2027 from 10:00 to 11:00.",
        "Its note is now “Comité de pilotage”.",
    ]


def test_a_series_is_one_booking(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(4), excluding=["2027-01-25"])).json["bookings"]

    assert held(lab) == ["2027-01-11 10:00", "2027-01-18 10:00", "2027-02-01 10:00"]
    assert (booking["dates"], booking["rule"]) == (3, "every week on Monday, 4 times")
    assert booking["excluding"] == ["2027-01-25"]
    assert booking["recurrence"] == "20270111T090000Z"


def test_a_refusal_names_every_date_in_the_way_and_ways_out(lab: Lab, paul: Member) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-18", summary="Entretien"))

    answer = paul.book(a_draft(repeat=weekly(3)))

    assert (answer.status_code, answer.json["error"]) == (403, "refused")
    [rule] = answer.json["refusal"]["rules"]
    assert (rule["code"], rule["count"]) == ("room-already-booked", 1)
    assert rule["occurrences"] == [
        {
            "date": "2027-01-18",
            "start": "10:00",
            "end": "11:00",
            "holder": "Marie Dupont",
            "email": "marie.dupont@univ-amu.fr",
        }
    ]
    assert answer.json["text"] == (
        "La salle Prado est déjà réservée lundi 18 janvier 2027 de 10:00 à 11:00 (Marie Dupont)."
    )
    assert "Entretien" not in answer.text
    assert held(lab) == ["2027-01-18 10:00"]
    ways = {way["kind"]: way for way in answer.json["refusal"]["ways"]}
    assert set(ways) == {"room", "time", "free-dates", "split"}
    assert ways["free-dates"]["label"] == "Les 2 dates libres, sans celle qui est prise"
    assert ways["split"]["label"] == "Les dates libres ici, celle qui est prise dans Salle Castellane"
    for way in ways.values():
        taken = paul.book(*way["drafts"])
        assert taken.status_code == 201, (way["label"], taken.text)
        for booking in taken.json["bookings"]:
            assert paul.cancel(booking).status_code == 200


def test_two_drafts_are_booked_together_or_not_at_all(lab: Lab, marie: Member) -> None:
    lab.book(lab.paul, a_booking(), room="calanques")

    answer = marie.book(a_draft(), a_draft(room="calanques"))

    assert answer.status_code == 403
    assert held(lab) == []


def test_a_manager_books_for_a_member_and_a_member_for_nobody_else(lab: Lab, marie: Member, anne: Member) -> None:
    [booking] = anne.book(a_draft(on_behalf_of=lab.paul.email)).json["bookings"]
    assert (booking["organiser"], booking["mine"]) == ("Paul Martin", False)

    refused = marie.book(a_draft(start="14:00", end="15:00", on_behalf_of=lab.paul.email))
    assert refused.json["refusal"]["rules"][0]["code"] == "not-the-organiser"
    assert marie.book(a_draft(start="14:00", end="15:00", on_behalf_of=lab.marie.email)).status_code == 201
    assert anne.book(a_draft(start="16:00", end="17:00", on_behalf_of="nobody@univ-amu.fr")).status_code == 403
    assert anne.book(a_draft(start="16:00", end="17:00", on_behalf_of='a"@b')).status_code == 400


def test_a_private_booking_shows_others_no_more_than_when_and_who(lab: Lab, marie: Member, paul: Member) -> None:
    [booking] = marie.book(a_draft(private=True, description="x")).json["bookings"]
    assert (booking["title"], booking["private"]) == ("Comité de pilotage", True)

    seen = paul.booking("prado", booking["name"])
    assert (seen["title"], seen["description"], seen["organiser"]) == ("Réservé", "", "Marie Dupont")


# -- examined


def test_a_verdict_before_confirm(lab: Lab, marie: Member, paul: Member) -> None:
    assert marie.examine(a_draft()) == {
        "ok": True,
        "dates": 1,
        "endless": False,
        "sentence": "Free.",
        "refusal": None,
    }
    assert paul.examine(a_draft(repeat=weekly(12)))["sentence"] == "12 dates, toutes libres."
    assert paul.examine(a_draft(repeat=weekly()))["sentence"] == "Sans fin, toutes les dates sont libres."
    lab.book(lab.marie, a_booking(on="2027-01-18"))
    lab.book(lab.marie, a_booking(on="2027-02-01"))

    verdict = paul.examine(a_draft(repeat=weekly(12)))

    assert verdict["ok"] is False
    assert verdict["sentence"] == (
        "12 dates, 2 prises : lundi 18 janvier 2027 (Marie Dupont), lundi 1er février 2027 (Marie Dupont)"
    )
    assert held(lab) == ["2027-01-18 10:00", "2027-02-01 10:00"]


def test_a_verdict_on_a_rule_without_dates(marie: Member) -> None:
    verdict = marie.examine(a_draft(repeat=weekly(None, until="2027-01-01")))

    assert (verdict["ok"], verdict["sentence"]) == (False, "No date is left: please look at the repetition.")


def test_a_verdict_on_a_change_leaves_the_booking_itself_out(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(4))).json["bookings"]
    lab.book(lab.paul, a_booking(on="2027-01-18", at="12:00", until="13:00"))
    second = marie.booking("prado", booking["name"], "20270118T090000Z")
    target = {"room": "prado", "name": booking["name"], "recurrence": second["recurrence"]}

    this = target | {"scope": "this"}
    assert marie.examine(as_draft(second) | {"start": "10:30", "end": "11:30"}, this)["ok"]
    refused = marie.examine(as_draft(second) | {"start": "11:30", "end": "12:30"}, this)
    assert (refused["ok"], refused["dates"]) == (False, 1)
    assert {way["kind"] for way in refused["refusal"]["ways"]} <= {"room", "time"}
    following = target | {"scope": "following"}
    assert marie.examine(as_draft(second) | {"start": "10:30", "end": "11:30"}, following)["dates"] == 3
    assert not marie.examine(as_draft(second) | {"start": "12:00", "end": "13:00"}, following)["ok"]
    assert held(lab) == [
        "2027-01-11 10:00",
        "2027-01-18 10:00",
        "2027-01-18 12:00",
        "2027-01-25 10:00",
        "2027-02-01 10:00",
    ]


# -- changed


def test_a_booking_moves_and_comes_back(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]

    moved = marie.change(booking, date="2027-01-12", start="14:00", end="15:30")

    assert moved.status_code == 200, moved.text
    assert (moved.json["booking"]["date"], moved.json["booking"]["start"]) == ("2027-01-12", "14:00")
    assert held(lab) == ["2027-01-12 14:00"]
    back = marie.undo(moved)
    assert (back.status_code, back.json["booking"]["start"]) == (200, "10:00")
    assert held(lab) == ["2027-01-11 10:00"]
    assert marie.undo(moved).status_code == 409


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC", "America/New_York", ""])
def test_a_booking_of_any_client_moves_over_the_change_of_time_to_where_it_was_put(
    lab: Lab, marie: Member, zone: str
) -> None:
    name, _ = lab.book(lab.marie, a_booking(on="2027-03-26", at="10:00", until="11:00", zone=zone))
    booking = marie.booking("prado", name)

    moved = marie.change(booking, date="2027-03-29", start="11:00", end="11:45")

    assert moved.status_code == 200, moved.text
    assert lab.held("2027-03-01T00:00", "2027-04-01T00:00") == [("2027-03-29 11:00", "2027-03-29 11:45")]


def test_nothing_changed_is_nothing_done(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]

    answer = marie.change(booking)

    assert (answer.status_code, answer.json["undo"]) == (200, None)
    assert answer.json["booking"]["etag"] == booking["etag"]


def test_a_booking_moves_to_another_room_and_back(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]

    moved = marie.change(booking, room="calanques", title="Ailleurs")

    assert moved.json["booking"]["room"] == "calanques"
    assert (held(lab), held(lab, room="calanques")) == ([], ["2027-01-11 10:00"])
    assert marie.undo(moved).json["booking"]["title"] == "Comité de pilotage"
    assert (held(lab), held(lab, room="calanques")) == (["2027-01-11 10:00"], [])


def test_one_occurrence_moves_alone(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(3))).json["bookings"]
    second = marie.booking("prado", booking["name"], "20270118T090000Z")

    moved = marie.change(second, "this", start="14:00", end="15:00")

    assert moved.json["booking"]["recurrence"] == "20270118T090000Z"
    assert moved.json["booking"]["start"] == "14:00"
    assert held(lab) == ["2027-01-11 10:00", "2027-01-18 14:00", "2027-01-25 10:00"]
    assert "RECURRENCE-ID;TZID=Europe/Paris:20270118T100000" in lab.seen(lab.marie, booking["name"])


def test_one_occurrence_moves_to_another_room(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(3))).json["bookings"]
    second = marie.booking("prado", booking["name"], "20270118T090000Z")

    moved = marie.change(second, "this", room="calanques")

    assert (moved.json["booking"]["room"], moved.json["booking"]["series"]) == ("calanques", False)
    assert held(lab) == ["2027-01-11 10:00", "2027-01-25 10:00"]
    assert held(lab, room="calanques") == ["2027-01-18 10:00"]
    assert marie.undo(moved).status_code == 200
    assert (len(held(lab)), held(lab, room="calanques")) == (3, [])


def test_this_and_the_following_become_a_series_of_their_own(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(4))).json["bookings"]
    third = marie.booking("prado", booking["name"], "20270125T090000Z")

    moved = marie.change(third, "following", start="10:30", end="11:30", title="Suite")

    assert moved.status_code == 200, moved.text
    assert held(lab) == ["2027-01-11 10:00", "2027-01-18 10:00", "2027-01-25 10:30", "2027-02-01 10:30"]
    assert moved.json["booking"]["name"] != booking["name"]
    assert (moved.json["booking"]["title"], moved.json["booking"]["dates"]) == ("Suite", 2)
    assert marie.undo(moved).status_code == 200
    assert held(lab)[2:] == ["2027-01-25 10:00", "2027-02-01 10:00"]


@pytest.mark.parametrize("scope", ["following", "all"])
def test_a_series_leaves_for_another_room(lab: Lab, marie: Member, scope: str) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(3))).json["bookings"]
    at_it = "20270118T090000Z" if scope == "following" else booking["recurrence"]
    chosen = marie.booking("prado", booking["name"], at_it)

    moved = marie.change(chosen, scope, room="calanques")

    assert moved.status_code == 200, moved.text
    stays = 1 if scope == "following" else 0
    assert (len(held(lab)), len(held(lab, room="calanques"))) == (stays, 3 - stays)


def test_a_refused_change_tells_of_ways_that_can_be_taken(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    lab.book(lab.paul, a_booking(at="14:00", until="15:00"))

    refused = marie.change(booking, start="14:00", end="15:00")

    assert refused.status_code == 403
    ways = refused.json["refusal"]["ways"]
    assert {way["kind"] for way in ways} == {"room", "time"}
    for way in ways:
        [draft] = way["drafts"]
        answer = marie.change(booking, **draft)
        assert answer.status_code == 200, answer.text
        assert marie.undo(answer).status_code == 200
        booking = marie.booking("prado", booking["name"])


def test_a_refused_series_goes_without_the_dates_that_are_taken(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(4))).json["bookings"]
    lab.book(lab.paul, a_booking(on="2027-01-19", at="14:00", until="15:00"))

    refused = marie.change(booking, date="2027-01-12", start="14:00", end="15:00")

    ways = {way["kind"]: way for way in refused.json["refusal"]["ways"]}
    assert "split" not in ways
    answer = marie.change(booking, **ways["free-dates"]["drafts"][0])
    assert answer.status_code == 200, answer.text
    assert held(lab) == ["2027-01-12 14:00", "2027-01-19 14:00", "2027-01-26 14:00", "2027-02-02 14:00"]
    assert answer.json["booking"]["excluding"] == ["2027-01-19"]


def test_a_series_whose_date_is_not_named_is_meant_at_its_first(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(3))).json["bookings"]

    assert marie.cancel(booking | {"recurrence": None}, "this").status_code == 200
    assert held(lab) == ["2027-01-18 10:00", "2027-01-25 10:00"]


def test_two_people_change_one_booking(lab: Lab, marie: Member, anne: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    assert anne.change(booking, start="09:00", end="10:00").status_code == 200

    late = marie.change(booking, title="Autre note")

    assert (late.status_code, late.json["error"]) == (412, "changed")
    assert late.json["booking"]["start"] == "09:00"
    assert "It is now on Monday 11 January 2027 from 09:00 to 10:00." in late.json["differences"]
    assert marie.cancel(booking).status_code == 412
    assert marie.change(late.json["booking"], title="Autre note").status_code == 200


def test_another_members_booking_stays_as_it_is(lab: Lab, marie: Member, paul: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]

    for answer in (paul.change(booking, start="09:00", end="10:00"), paul.cancel(booking)):
        assert answer.status_code == 403
        assert answer.json["refusal"]["rules"][0]["code"] == "not-the-organiser"
    target = {"room": "prado", "name": booking["name"], "recurrence": None, "scope": "all"}
    assert paul.examine(a_draft(), target)["ok"] is False
    assert held(lab) == ["2027-01-11 10:00"]


def test_a_managers_change_is_told_to_the_organiser_with_the_reason(lab: Lab, marie: Member, anne: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    assert marie.change(booking, start="09:00", end="10:00").status_code == 200
    assert lab.office.outbox.waiting() == 0

    seen = anne.booking("prado", booking["name"])
    moved = anne.change(seen, reason="Travaux", start="15:00", end="16:00")
    assert moved.status_code == 200
    assert lab.office.outbox.waiting() == 1
    assert anne.undo(moved).status_code == 200
    assert lab.office.outbox.waiting() == 2
    seen = anne.booking("prado", booking["name"])
    assert anne.cancel(seen, reason="Travaux").status_code == 200
    assert lab.office.outbox.waiting() == 3


def test_a_manager_gives_a_booking_to_another_member(lab: Lab, marie: Member, anne: Member) -> None:
    name, _ = lab.book(lab.marie, a_booking(extra="BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"))
    refused = marie.change(marie.booking("prado", name), on_behalf_of=lab.paul.email)
    assert refused.json["refusal"]["rules"][0]["code"] == "not-the-organiser"

    here = anne.change(anne.booking("prado", name), on_behalf_of=lab.paul.email)
    assert here.json["booking"]["organiser"] == "Paul Martin"
    there = anne.change(here.json["booking"], room="calanques", on_behalf_of=lab.marie.email)
    assert there.json["booking"]["organiser"] == "Marie Dupont"
    assert "VALARM" not in lab.seen(lab.marie, name, "calanques")
    assert anne.undo(there).json["booking"]["organiser"] == "Paul Martin"


def test_a_refused_change_sends_no_mail(lab: Lab, marie: Member, anne: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    lab.book(lab.paul, a_booking(at="14:00", until="15:00"))

    assert anne.change(booking, start="14:00", end="15:00").status_code == 403
    assert lab.office.outbox.waiting() == 0


def test_a_manager_moves_a_private_booking_and_learns_nothing(lab: Lab, marie: Member, anne: Member) -> None:
    extra = "CLASS:PRIVATE\nDESCRIPTION:secret\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
    name, _ = lab.book(lab.marie, a_booking(summary="Entretien", extra=extra, repeats="FREQ=WEEKLY;COUNT=3"))
    second = anne.booking("prado", name, "20270118T090000Z")
    assert (second["title"], second["description"]) == ("Reserved", "")

    moved = anne.change(second, "following", start="15:00", end="16:00", title="X", private=False)

    assert moved.status_code == 200
    assert "Entretien" not in moved.text
    assert "secret" not in base64.urlsafe_b64decode(moved.json["undo"]).decode("latin-1")
    text = lab.seen(lab.marie, moved.json["booking"]["name"])
    assert all(each in text for each in ("SUMMARY:Entretien", "DESCRIPTION:secret", "CLASS:PRIVATE", "BEGIN:VALARM"))
    assert moved.json["booking"]["organiser"] == "Marie Dupont"
    assert anne.undo(moved).status_code == 200
    assert "SUMMARY:Entretien" in lab.seen(lab.marie, name)
    assert "BEGIN:VALARM" in lab.seen(lab.marie, name)


def test_a_rule_from_elsewhere_is_kept_and_said_to_be_its_own(lab: Lab, marie: Member) -> None:
    name, _ = lab.book(lab.marie, a_booking(repeats="FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2,3;COUNT=4"))
    booking = marie.booking("prado", name)
    assert (booking["custom"], booking["repeat"], booking["rule"]) == (True, None, None)

    assert marie.change(booking, title="Autre").status_code == 200
    assert "BYSETPOS=2,3" in lab.seen(lab.marie, name)
    stuck = marie.change(marie.booking("prado", name), date="2027-01-12")
    assert (stuck.status_code, stuck.json["error"]) == (400, "own-rule")


# -- cancelled


def test_a_cancellation_is_taken_back_with_all_that_was_there(lab: Lab, marie: Member) -> None:
    override = an_override("one", of="2027-01-18T10:00", on="2027-01-19", at="09:00", until="10:00")
    text = a_booking(uid="one", repeats="FREQ=WEEKLY;COUNT=3", extra="X-KEEP:me", more=override)
    name, _ = lab.book(lab.marie, text)
    before = lab.seen(lab.marie, name)

    gone = marie.cancel(marie.booking("prado", name))

    assert gone.status_code == 200
    assert held(lab) == []
    assert marie.get(f"/api/bookings/prado/{name}").status_code == 404
    assert marie.undo(gone).status_code == 200
    assert lab.seen(lab.marie, name) == before


def test_one_date_or_the_rest_of_a_series_is_cancelled(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft(repeat=weekly(4))).json["bookings"]
    second = marie.booking("prado", booking["name"], "20270118T090000Z")
    assert marie.cancel(second, "this").status_code == 200
    assert held(lab) == ["2027-01-11 10:00", "2027-01-25 10:00", "2027-02-01 10:00"]

    third = marie.booking("prado", booking["name"], "20270125T090000Z")
    assert marie.cancel(third, "following").status_code == 200
    assert held(lab) == ["2027-01-11 10:00"]
    assert marie.get(f"/api/bookings/prado/{booking['name']}?recurrence=20270118T090000Z").status_code == 404


def test_what_was_taken_meanwhile_is_not_taken_back(lab: Lab, marie: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    gone = marie.cancel(booking)
    lab.book(lab.paul, a_booking())

    assert (marie.undo(gone).status_code, marie.undo(gone).json["error"]) == (409, "too-late")
    assert len(held(lab)) == 1


def test_an_undo_belongs_to_who_made_the_change(lab: Lab, marie: Member, paul: Member, anne: Member) -> None:
    [booking] = marie.book(a_draft()).json["bookings"]
    gone = marie.cancel(booking)

    assert paul.undo(gone).status_code == 409
    assert anne.undo(gone).status_code == 409
    assert marie.send("POST", "/api/undo", {"undo": gone.json["undo"][:-4] + "AAAA"}).status_code == 409
    assert marie.send("POST", "/api/undo", {"undo": "é"}).status_code == 409


OF_OTHER_CLIENTS = [
    "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20270118",
    "RRULE:FREQ=WEEKLY;UNTIL=20270125",
    "RRULE:FREQ=WEEKLY;BYHOUR=10,14;COUNT=6",
    "RRULE:FREQ=HOURLY;INTERVAL=3;COUNT=3",
    "RRULE:FREQ=YEARLY;BYWEEKNO=2;BYDAY=MO;COUNT=5",
    "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2;COUNT=5",
    "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3",
    "RDATE;VALUE=PERIOD:20270112T100000/PT2H,20270113T100000/20270113T113000",
    "RDATE:20270112T100000Z\nX-KEEP;X-P=1:me",
]


@pytest.mark.parametrize(
    ("lines", "zone"),
    list(zip(OF_OTHER_CLIENTS, cycle(["Europe/Paris", "UTC", "Romance Standard Time"]), strict=False)),
)
def test_what_any_client_wrote_can_be_changed_and_is_brought_back_to_the_byte(
    lab: Lab, marie: Member, lines: str, zone: str
) -> None:
    name, _ = lab.book(lab.marie, a_booking(extra=lines, zone=zone))
    before, times = lab.seen(lab.marie, name), held(lab)

    wishes: list[Callable[[Json], TestResponse]] = [
        lambda booking: marie.change(booking, "this", title="Autre"),
        lambda booking: marie.change(booking, "all", start="11:30", end="13:00"),
        lambda booking: marie.change(booking, "all", room="calanques"),
        lambda booking: marie.change(booking, "following", repeat=weekly(2), custom=False),
        lambda booking: marie.cancel(booking, "this"),
        lambda booking: marie.cancel(booking, "all"),
    ]
    for wish in wishes:
        answer = wish(marie.booking("prado", name))
        if answer.status_code == 200:
            assert marie.undo(answer).status_code == 200
        else:
            assert answer.json["error"] in ("own-rule", "refused"), answer.text
        assert (lab.seen(lab.marie, name), held(lab)) == (before, times)


# -- who may ask


def test_a_script_books_with_its_password_and_needs_no_token(lab: Lab) -> None:
    client = a_browser(lab.office).client
    basic = base64.b64encode(f"{lab.marie.email}:{PASSWORD}".encode()).decode()

    answer = client.post("/api/bookings", json={"drafts": [a_draft()]}, headers={"Authorization": f"Basic {basic}"})

    assert answer.status_code == 201
    assert held(lab) == ["2027-01-11 10:00"]


def test_a_page_without_its_token_writes_nothing(lab: Lab, marie: Member) -> None:
    for method, path in (
        ("POST", "/api/bookings"),
        ("PATCH", "/api/bookings/prado/x"),
        ("DELETE", "/api/bookings/prado/x"),
        ("POST", "/api/undo"),
    ):
        answer = marie.browser.client.open(path, method=method, json={"drafts": [a_draft()]})
        assert (answer.status_code, answer.json["error"]) == (400, "forged")
    assert held(lab) == []


# -- hostile


HOSTILE: list[object] = [
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "\x00",
    "a\x00b\r\nEND:VCALENDAR",
    "x" * 60_000,
    "0000-13-99",
    "9999-12-31",
    "0001-01-01",
    "9000-12-31",
    "99:99",
    "24:00",
    "20270111T090000Z",
    "99999999T999999Z",
    [],
    {},
    [[]],
    ["2027-01-11"] * 200,
    {"frequency": "daily", "count": 1_000_000},
    {"frequency": "daily", "until": "9000-12-31"},
    {"frequency": "yearly", "interval": 1000},
    {"frequency": "weekly", "weekdays": [0, 1, 2, 3, 4, 5, 6], "interval": 1000},
    {"frequency": "monthly", "monthly": "weekday", "count": 10_000},
    {"frequency": "HOURLY"},
]


def _answers(member: Member, body: Json, name: str, etag: str) -> list[TestResponse]:
    draft = body
    change = {"scope": "all", "recurrence": None, "etag": etag, "draft": draft, "reason": ""}
    return [
        member.send("POST", "/api/examine", {"draft": draft}),
        member.send("POST", "/api/bookings", {"drafts": [draft]}),
        member.send("PATCH", f"/api/bookings/prado/{name}", change),
    ]


@pytest.mark.parametrize("field", ["room", "date", "start", "end", "title", "description", "private", "repeat"])
def test_whatever_a_field_holds_is_answered(lab: Lab, marie: Member, field: str) -> None:
    name, _ = lab.book(lab.marie, a_booking(on="2027-05-03"))

    for value in HOSTILE:
        etag = lab.etag(lab.marie, name)
        for answer in _answers(marie, a_draft(**{field: value}), name, etag):
            assert answer.status_code < 500, (value, answer.text)
            assert answer.is_json


@pytest.mark.parametrize("field", ["excluding", "also", "on_behalf_of", "token", "custom"])
def test_whatever_a_further_field_holds_is_answered(lab: Lab, marie: Member, field: str) -> None:
    name, _ = lab.book(lab.marie, a_booking(on="2027-05-03"))

    for value in HOSTILE:
        etag = lab.etag(lab.marie, name)
        for answer in _answers(marie, a_draft(**{field: value}, repeat=weekly(3)), name, etag):
            assert answer.status_code < 500, (value, answer.text)


@pytest.mark.parametrize("field", ["scope", "recurrence", "etag", "draft", "reason"])
def test_whatever_a_change_holds_is_answered(lab: Lab, marie: Member, field: str) -> None:
    name, _ = lab.book(lab.marie, a_booking(on="2027-05-03", repeats="FREQ=WEEKLY"))
    booking = marie.booking("prado", name)

    for value in HOSTILE:
        body = {"scope": "all", "recurrence": None, "etag": booking["etag"], "draft": as_draft(booking), "reason": "x"}
        for method in ("PATCH", "DELETE"):
            answer = marie.send(method, f"/api/bookings/prado/{name}", body | {field: value})
            assert answer.status_code < 500, (value, answer.text)
        if marie.get(f"/api/bookings/prado/{name}").status_code == 404:
            name, _ = lab.book(lab.marie, a_booking(on="2027-05-03", repeats="FREQ=WEEKLY"))
            booking = marie.booking("prado", name)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b'{"drafts":[{"room":"\\ud800"}]}', b"[" * 100_000, b"1" * 9_000],
)
def test_whatever_a_body_holds_is_answered(marie: Member, body: bytes) -> None:
    for path in ("/api/bookings", "/api/examine", "/api/undo"):
        answer = marie.browser.client.post(
            path, data=body, headers=marie.headers | {"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json["error"]) == (400, "invalid")


@pytest.mark.parametrize("path", ["prado/%00", "%00/x.ics", "cave/x.ics", "prado/nothing.ics", "prado/%ED%A0%80"])
def test_what_is_no_booking_is_not_found(marie: Member, path: str) -> None:
    body = {"scope": "all", "recurrence": None, "etag": '"x"', "draft": a_draft(), "reason": ""}

    assert marie.get(f"/api/bookings/{path}").status_code == 404
    assert marie.send("PATCH", f"/api/bookings/{path}", body).status_code == 404
    assert marie.send("DELETE", f"/api/bookings/{path}", body).status_code == 404


def test_an_endless_series_is_examined_quickly(lab: Lab, marie: Member) -> None:
    for hour in range(8, 14):
        lab.book(lab.paul, a_booking(at=f"{hour:02}:00", until=f"{hour:02}:45", repeats="FREQ=WEEKLY"))

    verdict = marie.examine(a_draft(repeat=weekly()))

    assert (verdict["ok"], verdict["endless"], verdict["dates"]) == (False, True, None)
    assert verdict["sentence"].startswith("Without end, ")
    assert at("2027-01-11T10:00")
