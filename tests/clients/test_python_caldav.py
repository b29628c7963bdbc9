"""python-caldav, as a program that books rooms would use it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import caldav
import pytest
from building import PASSWORD, a_booking, an_override
from caldav.lib.error import AuthorizationError, DAVError, NotFoundError
from running import ANNE, MARIE, PAUL, Running

PARIS = ZoneInfo("Europe/Paris")


def room(site: Running, email: str = MARIE, slug: str = "prado") -> caldav.Calendar:
    client = caldav.DAVClient(url=f"{site.url}/dav/", username=email, password=PASSWORD)
    return next(each for each in client.principal().calendars() if str(each.url).endswith(f"/rooms/{slug}/"))


def titles(calendar: caldav.Calendar, start: str, end: str) -> list[tuple[str, str]]:
    """Occurrences between two dates as (title, wall clock)."""
    found = calendar.search(
        start=datetime.fromisoformat(start).replace(tzinfo=PARIS),
        end=datetime.fromisoformat(end).replace(tzinfo=PARIS),
        event=True,
        expand=True,
    )
    events = [event for each in found for event in each.icalendar_instance.walk("VEVENT")]
    return sorted((str(e["SUMMARY"]), f"{e['DTSTART'].dt.astimezone(PARIS):%Y-%m-%d %H:%M}") for e in events)


def test_the_rooms_are_found_from_the_servers_address_alone(site: Running) -> None:
    client = caldav.DAVClient(url=f"{site.url}/dav/", username=MARIE, password=PASSWORD)

    names = sorted(str(calendar.get_display_name()) for calendar in client.principal().calendars())

    assert names == ["Salle Calanques", "Salle Prado"]


def test_a_weekly_meeting_is_seen_by_another_client_and_refuses_what_overlaps_it(site: Running) -> None:
    room(site).save_event(a_booking(on="2026-12-01", at="10:00", until="11:00", repeats="FREQ=WEEKLY;COUNT=5").decode())

    assert titles(room(site, PAUL), "2026-12-07", "2026-12-12") == [("Réunion projet", "2026-12-08 10:00")]
    with pytest.raises(AuthorizationError) as refusal:
        room(site, PAUL).save_event(a_booking(on="2026-12-15", at="10:30", until="11:30").decode())
    assert "403" in str(refusal.value) or "orbidden" in str(refusal.value)
    assert titles(room(site, PAUL), "2026-12-15", "2026-12-16") == [("Réunion projet", "2026-12-15 10:00")]


def test_one_occurrence_moved_frees_its_old_hour(site: Running) -> None:
    mine = room(site)
    series = a_booking(on="2027-01-11", at="10:00", until="11:00", repeats="FREQ=WEEKLY;COUNT=3", uid="weekly")
    mine.save_event(series.decode())
    event = mine.get_event_by_uid("weekly")
    moved = an_override("weekly", of="2027-01-18T10:00", on="2027-01-18", at="15:00", until="16:00")
    event.data = series.decode().replace("END:VCALENDAR", moved.replace("\n", "\r\n") + "\r\nEND:VCALENDAR")
    event.save()

    assert titles(mine, "2027-01-18", "2027-01-19") == [("Réunion projet", "2027-01-18 15:00")]
    room(site, PAUL).save_event(a_booking(on="2027-01-18", at="10:00", until="11:00").decode())


def test_a_booking_of_another_is_neither_changed_nor_deleted(site: Running) -> None:
    room(site).save_event(a_booking(on="2027-01-11", uid="hers").decode())
    event = room(site, PAUL).get_event_by_uid("hers")
    with pytest.raises(DAVError):
        event.delete()

    event = room(site, PAUL).get_event_by_uid("hers")
    event.icalendar_component["SUMMARY"] = "Mine now"
    with pytest.raises(DAVError):
        event.save()

    assert "Réunion projet" in room(site).get_event_by_uid("hers").data


def test_a_manager_cancels_for_a_member(site: Running) -> None:
    room(site).save_event(a_booking(on="2027-01-11", uid="hers").decode())

    room(site, ANNE).get_event_by_uid("hers").delete()

    with pytest.raises(NotFoundError):
        room(site).get_event_by_uid("hers")


def test_a_synchronisation_brings_what_was_added_and_what_went(site: Running) -> None:
    mine = room(site)
    mine.save_event(a_booking(on="2027-01-11", uid="first").decode())
    known = mine.get_objects_by_sync_token(load_objects=True)
    assert len(list(known)) == 1

    theirs = room(site, PAUL)
    theirs.save_event(a_booking(on="2027-01-12", uid="second").decode())
    mine.get_event_by_uid("first").delete()

    updated, deleted = known.sync()
    assert (len(list(updated)), len(list(deleted))) == (1, 1)


def test_free_busy_tells_the_times_and_nothing_else(site: Running) -> None:
    room(site).save_event(a_booking(on="2027-01-11", at="10:00", until="11:00", summary="Secret").decode())

    busy = room(site, PAUL).freebusy_request(datetime(2027, 1, 11, tzinfo=PARIS), datetime(2027, 1, 12, tzinfo=PARIS))

    assert "20270111T090000Z/20270111T100000Z" in busy.data.replace("PT1H", "20270111T100000Z")
    assert "Secret" not in busy.data
