"""A member takes away all that is stored about him, and no more."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import EmailMessage
from typing import Any

import icalendar
from building import Lab, a_booking, an_override, at
from postgresql import on_each_database

from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.privacy import PARTS, archive, export
from sesstim_caldav.mail.outbox import NEVER
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import metadata, outbox, sessions

NOW = at("2027-01-20T12:00")
READ_BY_HAND = {"bookings": {"organiser"}, "audit": {"who", "detail"}}
PEOPLE = {"account", "organiser", "email", "recipient", "address", "who", "holder", "member"}
"""Names of columns that say whose a row is."""


def told(lab: Lab) -> dict[str, Any]:
    return json.loads(json.dumps(export(lab.office.store, lab.marie, NOW)))


def test_every_table_that_can_name_an_account_is_in_the_export_column_by_column() -> None:
    known = {part.table.name: set(part.columns) | part.withheld for part in PARTS.values()}

    for table in metadata.sorted_tables:
        refers = any(key.column.table.name == "accounts" for key in table.foreign_keys)
        if table.name in READ_BY_HAND or not (refers or PEOPLE & set(table.columns.keys())):
            continue
        assert known.get(table.name) == set(table.columns.keys()), f"{table.name}: see accounts/privacy.py"


def test_no_secret_can_be_told() -> None:
    for part in PARTS.values():
        assert not {"hash", "digest", "password_hash", "payload", "secret"} & set(part.columns), part.table.name


def test_the_account_is_told_as_its_owner_knows_it(lab: Lab) -> None:
    lab.office.accounts.app_password(lab.marie.email, "Téléphone")
    lab.office.subscriptions.make(lab.marie, "all", True, NOW)
    lab.office.accounts.add_address(lab.marie.email, "m.dupont@univ-amu.fr")

    data = told(lab)

    assert data["exported"] == "2027-01-20T11:00:00Z"
    assert (data["account"]["email"], data["account"]["first_name"]) == ("marie.dupont@univ-amu.fr", "Marie")
    assert (data["account"]["active"], data["account"]["role"]) == (True, "member")
    assert [each["label"] for each in data["application_passwords"]] == ["Téléphone"]
    assert [(each["feed"], each["nameless"]) for each in data["subscriptions"]] == [("all", True)]
    assert [each["address"] for each in data["addresses"]] == ["m.dupont@univ-amu.fr"]


@on_each_database
def test_bookings_are_told_with_room_title_and_text_and_nobody_elses(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(summary="Entretien", extra="CLASS:PRIVATE\nDESCRIPTION:Dossier"), "a.ics")
    lab.book(lab.marie, a_booking(on="2027-01-12"), "b.ics", room="calanques")
    lab.book(lab.paul, a_booking(on="2027-01-13", summary="De Paul"))

    data = told(lab)

    assert [(b["room"], b["name"], b["title"], b["private"]) for b in data["bookings"]] == [
        ("prado", "a.ics", "Entretien", True),
        ("calanques", "b.ics", "Réunion projet", False),
    ]
    assert "DESCRIPTION:Dossier" in data["bookings"][0]["icalendar"]
    assert "Paul" not in json.dumps(data)


def test_the_log_is_told_where_the_member_acts_or_is_acted_upon(lab: Lab) -> None:
    with lab.office.store.changing() as change:
        audit.note(change, lab.anne.email, "disable", lab.marie.email, NOW)
        audit.note(change, lab.marie.email, "password", "", NOW)
        audit.note(change, lab.anne.email, "set-role", f"{lab.marie.email}: manager", NOW)
        audit.note(change, lab.anne.email, "disable", "anne-marie.dupont@univ-amu.fr", NOW)
        audit.note(change, lab.anne.email, "disable", lab.paul.email, NOW)

    lines = [line for line in told(lab)["audit"] if line["at"] == "2027-01-20T11:00:00Z"]

    assert [line["what"] for line in lines] == ["disable", "password", "set-role"]


@on_each_database
def test_a_mail_that_waits_is_told_without_the_link_in_it(lab: Lab) -> None:
    message = EmailMessage()
    message["Subject"] = "Mot de passe oublié"
    message.set_content("https://example.org/reset/secret-in-the-link")
    values = {"created": NOW, "due": NOW, "attempts": 0, "message": message.as_string()}
    with lab.office.store.changing() as change:
        change.session.run(Statement(outbox.insert().values(recipient="Marie.Dupont@univ-amu.fr", **values)), {})
        given_up = {**values, "due": NEVER}
        change.session.run(Statement(outbox.insert().values(recipient="marie.dupont@univ-amu.fr", **given_up)), {})
        change.session.run(Statement(outbox.insert().values(recipient="paul.martin@inserm.fr", **values)), {})

    data = told(lab)

    assert [(mail["message"], mail["due"]) for mail in data["mails"]] == [
        ("Mot de passe oublié", "2027-01-20T11:00:00Z"),
        ("Mot de passe oublié", None),
    ]
    assert "secret-in-the-link" not in json.dumps(data)


def test_the_archive_holds_the_data_and_a_calendar_that_can_be_read_anywhere(lab: Lab) -> None:
    more = an_override("series", "2027-01-18T10:00", "2027-01-19", "15:00", "16:00")
    lab.book(lab.marie, a_booking(uid="series", repeats="FREQ=WEEKLY", more=more))
    lab.book(lab.marie, a_booking(uid="series"), room="calanques")
    lab.book(lab.marie, a_booking(uid="other", on="2027-01-12"), room="calanques")

    packed = archive(lab.office.store, lab.office.settings, lab.marie, NOW)

    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        assert files.namelist() == ["data.json", "bookings.ics"]
        data, calendar = json.loads(files.read("data.json")), icalendar.Calendar.from_ical(files.read("bookings.ics"))
    assert data == told(lab)
    assert sorted(str(event["UID"]) for event in calendar.walk("VEVENT")) == [
        "other",
        "series",
        "series",
        "series@calanques",
    ]
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert packed == archive(lab.office.store, lab.office.settings, lab.marie, NOW)


def test_an_export_changes_nothing(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    before = lab.tags(lab.marie)

    archive(lab.office.store, lab.office.settings, lab.marie, NOW)

    assert lab.tags(lab.marie) == before


def test_an_account_that_has_nothing_gets_an_empty_archive(lab: Lab) -> None:
    packed = archive(lab.office.store, lab.office.settings, lab.paul, NOW)

    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        data, calendar = json.loads(files.read("data.json")), icalendar.Calendar.from_ical(files.read("bookings.ics"))
    assert data["bookings"] == data["sessions"] == []
    assert calendar.walk("VEVENT") == []


def test_the_export_says_of_a_browser_when_and_not_how_it_signs_in(lab: Lab) -> None:
    row = {"hash": "h" * 64, "account": lab.marie.id, "created": NOW, "used": NOW, "expires": NOW + 3600}
    with lab.office.store.changing() as change:
        change.session.run(Statement(sessions.insert().values(row)), {})

    data = told(lab)

    assert data["sessions"] == [
        {"created": "2027-01-20T11:00:00Z", "used": "2027-01-20T11:00:00Z", "expires": "2027-01-20T12:00:00Z"}
    ]
    assert "hhhh" not in json.dumps(data)
