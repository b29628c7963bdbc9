"""Ways out of a refusal: what is offered can be had, is near to what was asked for, and is never in the past."""

from __future__ import annotations

from datetime import date, time

import pytest
from building import Lab, a_booking, at

from sesstim_caldav.accounts import Account
from sesstim_caldav.booking.draft import Draft, Frequency, Repeat, written
from sesstim_caldav.reception import Act, Verdict
from sesstim_caldav.ways import Kind, Offer, Way, ways_out

NOW = at("2027-01-04T09:00")
MONDAY = "2027-01-11"


def a_draft(on: str = MONDAY, start: str = "10:00", end: str = "11:00", repeat: Repeat | None = None) -> Draft:
    return Draft(
        date.fromisoformat(on), time.fromisoformat(start), time.fromisoformat(end), title="Jury", repeat=repeat
    )


def ways(lab: Lab, draft: Draft, room: str = "prado", who: Account | None = None, now: int = NOW) -> list[Way]:
    """What is offered instead of a draft that is refused; every offer is booked to see that it can be."""
    actor = who or lab.paul
    reception = lab.office.reception

    def acts(offer: Offer, name: str = "x.ics") -> list[Act]:
        return [Act(offer.room, name, written(offer.draft, name, None, reception.zone, now))]

    def examine(offer: Offer) -> Verdict:
        return reception.examine(actor, acts(offer))

    asked = Offer(room, draft)
    verdict = examine(asked)
    assert verdict.violations
    found = ways_out(reception, asked, verdict, examine, now=now, patience=60)
    for way in found:
        names = [f"{index}.ics" for index, _ in enumerate(way.offers)]
        booked = [act for offer, name in zip(way.offers, names, strict=True) for act in acts(offer, name)]
        reception.book_all(actor, booked)
        for act in booked:
            reception.cancel(actor, act.room, act.name)
    return found


def of(found: list[Way], kind: Kind) -> list[Way]:
    return [way for way in found if way.kind is kind]


def when(found: list[Way]) -> list[str]:
    return [f"{offer.draft.day} {offer.draft.start:%H:%M}" for way in found for offer in way.offers]


def test_another_room_that_seats_as_many(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())

    rooms = lab.office.settings.rooms
    own = next(room for room in rooms if room.slug == "prado").capacity or 0
    offered = [way.offers[0].room for way in of(ways(lab, a_draft()), Kind.ROOM)]

    assert offered
    assert all((room.capacity or 0) >= own for room in rooms if room.slug in offered)
    assert "prado" not in offered


def test_a_room_that_is_taken_is_not_offered(lab: Lab) -> None:
    for room in lab.office.settings.rooms:
        lab.book(lab.marie, a_booking(), room=room.slug)

    assert of(ways(lab, a_draft()), Kind.ROOM) == []


def test_the_nearest_times_of_the_day_and_of_the_week(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(at="10:00", until="12:00"))
    lab.book(lab.marie, a_booking(on="2027-01-12", at="09:00", until="20:00"))

    found = of(ways(lab, a_draft()), Kind.TIME)

    assert when(found) == ["2027-01-11 09:00", "2027-01-11 12:00", "2027-01-12 08:00", "2027-01-13 10:00"]


def test_nothing_is_offered_in_the_past(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-13"))

    found = of(ways(lab, a_draft("2027-01-13"), now=at("2027-01-13T09:40")), Kind.TIME)

    assert when(found) == ["2027-01-13 11:00", "2027-01-14 10:00", "2027-01-15 10:00"]


def test_a_time_off_the_grid_or_the_hours_is_led_back(lab: Lab) -> None:
    assert when(of(ways(lab, a_draft(start="10:05", end="11:00")), Kind.TIME))[:2] == [
        "2027-01-11 10:00",
        "2027-01-11 10:15",
    ]
    assert when(of(ways(lab, a_draft(start="19:30", end="20:30")), Kind.TIME))[0] == "2027-01-11 19:00"
    assert when(of(ways(lab, a_draft("2027-01-16")), Kind.TIME))[0] == "2027-01-15 10:00"


def test_a_series_without_the_dates_that_are_taken_and_those_in_another_room(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-18"))
    lab.book(lab.marie, a_booking(on="2027-02-01"))
    weekly = Repeat(Frequency.WEEKLY, count=6)

    found = ways(lab, a_draft(repeat=weekly))

    [free] = of(found, Kind.FREE_DATES)
    assert (free.free, free.taken) == (4, 2)
    assert free.offers[0].draft.excluding == (date(2027, 1, 18), date(2027, 2, 1))
    [split] = of(found, Kind.SPLIT)
    assert split.offers[0] == free.offers[0]
    assert split.offers[1].room != "prado"
    assert (split.offers[1].draft.day, split.offers[1].draft.also) == (date(2027, 1, 18), (date(2027, 2, 1),))
    assert of(found, Kind.ROOM)[0].free == 6


def test_a_series_can_move_to_a_time_that_is_free_on_all_its_dates(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-18"))
    lab.book(lab.marie, a_booking(on="2027-01-25", at="11:00", until="12:30"))

    found = of(ways(lab, a_draft(repeat=Repeat(Frequency.WEEKLY, count=4))), Kind.TIME)

    assert when(found) == ["2027-01-11 09:00", "2027-01-11 12:30"]


def test_an_endless_series_goes_round_a_single_booking(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(on="2027-01-18"))

    [free] = of(ways(lab, a_draft(repeat=Repeat(Frequency.WEEKLY))), Kind.FREE_DATES)

    assert (free.free, free.taken) == (None, 1)


def test_nothing_is_left_of_a_series_that_meets_another_on_every_date(lab: Lab) -> None:
    lab.book(lab.marie, a_booking(repeats="FREQ=WEEKLY"))

    found = ways(lab, a_draft(repeat=Repeat(Frequency.WEEKLY, count=5)))

    assert of(found, Kind.FREE_DATES) == []
    assert of(found, Kind.SPLIT) == []


@pytest.mark.parametrize("draft", [a_draft(start="11:00", end="10:00"), a_draft(start="10:00", end="10:00")])
def test_what_is_no_booking_has_no_way_out(lab: Lab, draft: Draft) -> None:
    assert ways(lab, draft) == []


def test_patience_ends(lab: Lab) -> None:
    lab.book(lab.marie, a_booking())
    reception = lab.office.reception
    asked = Offer("prado", a_draft())
    acts = [Act("prado", "x.ics", written(asked.draft, "x", None, reception.zone, NOW))]

    verdict = reception.examine(lab.paul, acts)

    assert ways_out(reception, asked, verdict, lambda _: verdict, now=NOW, patience=-1) == []
