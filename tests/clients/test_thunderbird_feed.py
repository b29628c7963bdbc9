"""Thunderbird subscribes to a feed as a network calendar: what it stores of it, and how it comes again."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import PARIS, a_booking, an_override, at
from clients.thunderbird import Thunderbird, the_program
from running import MARIE, Running

from sesstim_caldav import settings as configuration
from sesstim_caldav.accounts import Account
from sesstim_caldav.office import Office


def opened(site: Running) -> tuple[Office, Account]:
    office = Office.open(configuration.load(site.config))
    marie = office.accounts.by_email(MARIE)
    assert marie is not None
    return office, marie


@pytest.mark.timeout(300)  # it starts twice, beside whatever else the machine does
def test_thunderbird_stores_what_is_booked_and_brings_it_up_to_date(site: Running, tmp_path: Path) -> None:
    the_program()
    office, marie = opened(site)
    book, cancel = office.reception.book, office.reception.cancel
    moved = an_override("weekly", "2044-01-18T10:00", "2044-01-20", "15:00", "16:00")
    weekly = a_booking(
        on="2044-01-11", repeats="FREQ=WEEKLY;COUNT=5", uid="weekly", more=moved, summary="Été, « à 10 h »"
    )
    with office:
        book(marie, "prado", "weekly.ics", weekly)
        book(marie, "prado", "outlook.ics", a_booking(on="2044-01-12", zone="Romance Standard Time", uid="outlook"))
        book(marie, "prado", "floating.ics", a_booking(on="2044-01-13", zone="", uid="floating"))
        dates = "RDATE;TZID=Europe/Paris:20440121T100000"
        book(marie, "prado", "dates.ics", a_booking(on="2044-01-14", extra=dates, uid="dates"))
        book(marie, "prado", "private.ics", a_booking(on="2044-01-15", extra="CLASS:PRIVATE", uid="private"))
        secret = office.subscriptions.make(marie, "prado")
        thunderbird = Thunderbird(tmp_path / "profile", f"{site.url.rstrip('/')}/feeds/{secret}/prado.ics")
        first = {
            "weekly": "Été, « à 10 h »",
            "outlook": "Réunion projet",
            "floating": "Réunion projet",
            "dates/20440114T090000Z": "Réunion projet",
            "dates/20440121T090000Z": "Réunion projet",
            "private": "Réservé",
        }
        with thunderbird.running():
            thunderbird.until(first)
        events, rules = thunderbird.events(), thunderbird.rules()

        book(marie, "prado", "outlook.ics", a_booking(on="2044-01-12", at="14:00", until="15:00", uid="outlook"))
        cancel(marie, "prado", "floating.ics")
        book(marie, "prado", "new.ics", a_booking(on="2044-01-13", uid="new", summary="Nouveau"))
        with thunderbird.running():
            thunderbird.until({uid: title for uid, title in first.items() if uid != "floating"} | {"new": "Nouveau"})
        after = thunderbird.events()

    hour = 3600
    assert rules["weekly"] == ["RRULE:FREQ=WEEKLY;COUNT=5"]
    starts = {uid: (start, end - start) for uid, (start, end, _) in events.items() if uid != "weekly"}
    assert starts == {
        "outlook": (at("2044-01-12T10:00"), hour),
        "floating": (at("2044-01-13T10:00"), hour),
        "dates/20440114T090000Z": (at("2044-01-14T10:00"), hour),
        "dates/20440121T090000Z": (at("2044-01-21T10:00"), hour),
        "private": (at("2044-01-15T10:00"), hour),
    }
    assert events["floating"][2] == PARIS.key
    assert after["outlook"][0] == at("2044-01-12T14:00")
