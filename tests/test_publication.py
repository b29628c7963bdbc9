"""What each account is shown of rooms and bookings, and what it is told of changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from building import a_booking
from postgresql import a_cluster
from store_building import HOUR, MONDAY, ROOMS, an_hour, put

from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.views import MARK
from sesstim_caldav.office import Office
from sesstim_caldav.publication import InvalidToken, NoSuchRoom, Published
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, StoredBooking
from sesstim_caldav.store.tags import names_content

cluster = pytest.fixture(scope="session")(a_cluster)
DAY = 24 * HOUR


class House:
    """Two rooms and three accounts: Marie's bookings are seen by Paul, a member, and Anne, who manages."""

    def __init__(self, office: Office) -> None:
        self.office = office
        add = office.accounts.add
        self.marie = add("marie.dupont@univ-amu.fr", "Marie", "Dupont", "secret")
        self.paul = add("paul.martin@inserm.fr", "Paul", "Martin", "secret", language="en")
        self.anne = add("anne.leroy@ird.fr", "Anne", "Leroy", "secret", manager=True)

    def put(self, name: str = "a.ics", *times: Occurrence, room: str = "prado", **changes: object) -> StoredBooking:
        with self.office.store.writing(room) as writing:
            values = {"organiser_id": self.marie.id, **changes}
            return put(writing, name, times, before=writing.booking(name), **values)

    def remove(self, name: str) -> None:
        with self.office.store.writing("prado") as writing:
            booking = writing.booking(name)
            assert booking is not None
            writing.remove(booking, MONDAY)

    def nudge(self, account: Account, name: str) -> None:
        with self.office.store.writing("prado") as writing:
            booking = writing.booking(name)
            assert booking is not None
            writing.nudge(account.id, booking.id)

    def booking(self, viewer: Account, name: str = "a.ics") -> Published:
        with self.office.publication.snapshot(viewer) as snapshot:
            found = snapshot.booking("prado", name)
        assert found is not None
        return found

    def token(self, viewer: Account) -> str:
        with self.office.publication.snapshot(viewer) as snapshot:
            state = snapshot.room("prado")
        assert state is not None
        return state.token

    def changes(self, viewer: Account, token: str) -> tuple[list[str], list[str]]:
        """-> the names changed and removed."""
        with self.office.publication.snapshot(viewer) as snapshot:
            changes = snapshot.changes("prado", token)
            return sorted(name for name, _ in changes.changed), sorted(changes.removed)

    def between(self, start: int, end: int) -> list[str]:
        with self.office.publication.snapshot(self.paul) as snapshot:
            return sorted(booking.name for booking in snapshot.between("prado", start, end))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    settings = Settings.model_validate({"store": {"data_dir": str(tmp_path / "data"), "url": url}, "rooms": ROOMS})
    with Office.open(settings) as office:
        yield House(office)


# -- whose text


def test_each_sees_the_text_that_is_meant_for_it(house: House) -> None:
    house.put(text="own", text_manager="for managers", text_other="for others")

    seen = [house.booking(viewer).text for viewer in (house.marie, house.anne, house.paul)]

    assert seen == ["own", "for managers", "for others"]


def test_a_text_that_is_the_same_for_all_is_stored_once(house: House) -> None:
    house.put(text="the same")

    assert {house.booking(viewer).text for viewer in (house.marie, house.anne, house.paul)} == {"the same"}


def test_a_private_booking_says_reserved_in_the_readers_language(house: House) -> None:
    hidden = f"BEGIN:VEVENT\r\nSUMMARY:{MARK}\r\nEND:VEVENT\r\n"
    house.put(text="Entretien", text_manager=hidden, text_other=hidden, private=True)

    assert house.booking(house.marie).text == "Entretien"
    assert "SUMMARY:Réservé\r\n" in house.booking(house.anne).text
    assert "SUMMARY:Reserved\r\n" in house.booking(house.paul).text
    with house.office.publication.snapshot(house.paul) as snapshot:
        assert [booking.text for booking in snapshot.all("prado")] == [house.booking(house.paul).text]


def test_the_same_sign_in_an_open_booking_is_left_alone(house: House) -> None:
    text = f"BEGIN:VEVENT\r\nSUMMARY:{MARK}\r\nEND:VEVENT\r\n"
    house.put(text=text)

    assert house.booking(house.paul).text == text


def test_a_booking_of_a_deleted_account_is_nobodys_own(house: House) -> None:
    house.put(text="own", text_manager="for managers", text_other="for others", organiser_id=None)

    assert house.booking(house.marie).text == "for others"


# -- rooms and what there is


def test_rooms_come_in_the_order_of_the_configuration(house: House) -> None:
    with house.office.publication.snapshot(house.paul) as snapshot:
        states = snapshot.rooms()
        assert [state.room.slug for state in states] == ["prado", "frioul"]
        assert states == [snapshot.room("prado"), snapshot.room("frioul")]


def test_a_room_that_is_not_configured_is_not_published(house: House) -> None:
    house.put(room="frioul")
    settings = house.office.settings
    fewer = settings.model_copy(update={"rooms": settings.rooms[:1]})
    office = Office.open(Settings.model_validate(fewer.model_dump(by_alias=True)))

    with office, office.publication.snapshot(house.paul) as snapshot:
        assert snapshot.room("frioul") is None
        assert snapshot.booking("frioul", "a.ics") is None
        assert [state.room.slug for state in snapshot.rooms()] == ["prado"]
        with pytest.raises(NoSuchRoom):
            list(snapshot.etags("frioul"))
        with pytest.raises(NoSuchRoom):
            snapshot.changes("frioul", "")


@pytest.mark.parametrize("count", [1, 8, 9, 70, 300])
def test_bookings_asked_for_by_name_come_once_each(house: House, count: int) -> None:
    with house.office.store.writing("prado") as writing:
        for number in range(count):
            put(writing, f"{number}.ics", [an_hour(9, day=number)])
    names = [f"{number}.ics" for number in range(count)]

    with house.office.publication.snapshot(house.paul) as snapshot:
        found = [booking.name for booking in snapshot.bookings("prado", ["none.ics", "\0", "\udc80", *names, *names])]

    assert sorted(found) == sorted(names)


def test_lists_agree_about_names_and_etags(house: House) -> None:
    house.put("1.ics")
    house.put("2.ics", an_hour(12))
    house.nudge(house.paul, "1.ics")

    with house.office.publication.snapshot(house.paul) as snapshot:
        listed = dict(snapshot.etags("prado"))
        assert listed == {booking.name: booking.etag for booking in snapshot.all("prado")}
        assert listed == {booking.name: booking.etag for booking in snapshot.bookings("prado", ["1.ics", "2.ics"])}
        assert listed == dict(snapshot.changes("prado", "").changed)
        assert listed == {booking.name: booking.etag for booking in snapshot.between("prado", MONDAY, MONDAY + DAY)}


def test_the_whole_calendar_holds_every_booking_as_the_viewer_sees_it(house: House) -> None:
    house.office.reception.book(house.marie, "prado", "1.ics", a_booking(on="2027-01-11", summary="Un"))
    private = a_booking(on="2027-01-12", summary="Deux", extra="CLASS:PRIVATE")
    house.office.reception.book(house.marie, "prado", "2.ics", private)

    with house.office.publication.snapshot(house.paul) as snapshot:
        text = b"".join(snapshot.calendar("prado")).decode()

    assert text.count("BEGIN:VCALENDAR") == 1
    assert "SUMMARY:Un\r\n" in text
    assert "Deux" not in text
    assert "SUMMARY:Reserved\r\n" in text


# -- times


def test_a_range_is_half_open(house: House) -> None:
    house.put("a.ics", an_hour(9))
    start, end = an_hour(9).start, an_hour(9).end

    assert house.between(start - HOUR, start) == []
    assert house.between(start - HOUR, start + 1) == ["a.ics"]
    assert house.between(end - 1, end + HOUR) == ["a.ics"]
    assert house.between(end, end + HOUR) == []
    assert house.between(-(10**30), 10**30) == ["a.ics"]


def test_a_booking_with_many_dates_in_a_range_comes_once_with_all_of_them(house: House) -> None:
    house.put("a.ics", *(an_hour(9, day=day) for day in range(5)))
    house.put("b.ics", an_hour(11, day=2))
    house.put("c.ics", an_hour(11, day=9))

    with house.office.publication.snapshot(house.paul) as snapshot:
        found = {
            booking.name: list(held) for booking, held in snapshot.occurrences("prado", MONDAY + DAY, MONDAY + 4 * DAY)
        }
        busy = list(snapshot.busy("prado", MONDAY + 2 * DAY, MONDAY + 3 * DAY))

    assert found == {"a.ics": [an_hour(9, day=day) for day in (1, 2, 3)], "b.ics": [an_hour(11, day=2)]}
    assert busy == [(an_hour(at, day=2).start, an_hour(at, day=2).end) for at in (9, 11)]


def test_an_endless_series_is_there_on_both_sides_of_the_horizon(house: House) -> None:
    daily = a_booking(on="2027-01-11", at="10:00", until="11:00", repeats="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    house.office.reception.book(house.marie, "prado", "a.ics", daily)
    with house.office.store.writing("prado") as writing:
        horizon = writing.horizon
    midnight = horizon - horizon % DAY
    start, end = midnight - 14 * DAY, midnight + 14 * DAY

    with house.office.publication.snapshot(house.paul) as snapshot:
        ((booking, held),) = snapshot.occurrences("prado", start, end)
        assert len(held) == 20
        assert list(snapshot.busy("prado", start, end)) == [(each.start, each.end) for each in held]
        assert [each.name for each in snapshot.between("prado", start, end)] == ["a.ics"]
        ((far, far_held),) = snapshot.occurrences("prado", end + 4000 * DAY, end + 4007 * DAY)
        assert len(far_held) == 5
        assert far == booking
        assert [each.name for each in snapshot.between("prado", end + 4000 * DAY, end + 4007 * DAY)] == ["a.ics"]


# -- changes


def test_a_client_hears_of_what_is_new_changed_and_gone_since_its_token(house: House) -> None:
    house.put("kept.ics")
    house.put("changed.ics", an_hour(11))
    house.put("gone.ics", an_hour(12))
    token = house.token(house.paul)
    assert house.changes(house.paul, token) == ([], [])

    house.put("changed.ics", an_hour(15))
    house.remove("gone.ics")
    house.put("new.ics", an_hour(17))

    assert house.changes(house.paul, token) == (["changed.ics", "new.ics"], ["gone.ics"])
    assert house.changes(house.paul, "") == (["changed.ics", "kept.ics", "new.ics"], [])


def test_a_name_that_comes_back_is_changed_and_not_removed(house: House) -> None:
    house.put("a.ics")
    token, old = house.token(house.paul), house.booking(house.paul).etag
    house.remove("a.ics")
    house.put("a.ics")

    assert house.changes(house.paul, token) == (["a.ics"], [])
    assert house.booking(house.paul).etag != old


def test_a_nudge_is_told_to_one_account_alone_and_the_content_keeps_its_tags(house: House) -> None:
    house.put("a.ics")
    house.put("b.ics", an_hour(12))
    viewers = (house.paul, house.marie)
    tokens = [house.token(viewer) for viewer in viewers]
    tags = [house.booking(viewer).etag for viewer in viewers]

    house.nudge(house.paul, "a.ics")

    assert [house.changes(*pair) for pair in zip(viewers, tokens, strict=True)] == [(["a.ics"], []), ([], [])]
    assert house.token(house.paul) != tokens[0]
    assert house.token(house.marie) == tokens[1]
    nudged = house.booking(house.paul).etag
    assert nudged != tags[0]
    assert house.booking(house.marie).etag == tags[1]
    with house.office.store.writing("prado") as writing:
        booking = writing.booking("a.ics")
    assert booking is not None
    assert all(names_content(tag, house.office.store.id, booking.rev) for tag in (*tags, nudged))


def test_a_nudge_about_a_booking_that_has_gone_since_is_told_as_its_removal(house: House) -> None:
    house.put("a.ics")
    token = house.token(house.paul)
    house.nudge(house.paul, "a.ics")
    house.remove("a.ics")

    assert house.changes(house.paul, token) == ([], ["a.ics"])
    assert house.changes(house.paul, house.token(house.paul)) == ([], [])


def test_more_changes_than_wanted_are_told_in_their_order_the_rest_from_the_next_token_on(house: House) -> None:
    house.put("gone.ics")
    token = house.token(house.paul)
    house.put("a.ics", an_hour(11))
    house.remove("gone.ics")
    house.put("b.ics", an_hour(12))

    pages: list[tuple[list[str], list[str]]] = []
    more = True
    while more:
        with house.office.publication.snapshot(house.paul) as snapshot:
            changes = snapshot.changes("prado", token, most=2)
            pages.append(([name for name, _ in changes.changed], list(changes.removed)))
            token, more = changes.token, changes.more

    assert pages == [(["a.ics"], ["gone.ics"]), (["b.ics"], [])]
    assert token == house.token(house.paul)


@pytest.mark.parametrize(
    "damage",
    [
        lambda token: token.replace("urn:sesstim:sync:", "urn:sesstim:sync:ffffffff-", 1),
        lambda token: "urn:sesstim:sync:ffffffff-" + token.split("-", 1)[1],
        lambda token: token.rsplit("-", 2)[0] + "-999-0",
        lambda token: token.rsplit("-", 1)[0] + "-1",
        lambda _: "http://radicale.org/ns/sync/123",
        lambda _: "0",
    ],
)
def test_a_token_of_another_life_or_from_the_future_is_none(house: House, damage: object) -> None:
    house.put()
    assert callable(damage)
    token = damage(house.token(house.paul))

    with pytest.raises(InvalidToken):
        house.changes(house.paul, token)


def test_another_role_or_language_moves_everything_that_the_account_is_shown(house: House) -> None:
    house.put()
    for change in (
        lambda: house.office.accounts.set_role(house.paul.email, "manager"),
        lambda: house.office.accounts.set_language(house.paul.email, "fr"),
    ):
        token, tag = house.token(house.paul), house.booking(house.paul).etag
        others = house.booking(house.marie).etag

        house.paul = change()

        assert house.booking(house.paul).etag != tag
        assert house.token(house.paul) != token
        assert house.booking(house.marie).etag == others
        with pytest.raises(InvalidToken):
            house.changes(house.paul, token)


def test_a_new_name_of_the_organiser_is_told_to_those_who_see_it(house: House) -> None:
    house.office.reception.book(house.marie, "prado", "a.ics", a_booking(on="2027-01-11"))
    token, tag = house.token(house.paul), house.booking(house.paul).etag

    house.office.reception.rename(house.marie, "Marie", "Durand")

    assert "Marie Durand" in house.booking(house.paul).text.replace("\r\n ", "")
    assert house.booking(house.paul).etag != tag
    assert house.changes(house.paul, token) == (["a.ics"], [])


def test_a_listing_and_its_token_are_of_one_moment(house: House) -> None:
    house.put("a.ics")
    with house.office.publication.snapshot(house.paul) as snapshot:
        state = snapshot.room("prado")
        assert state is not None
        house.put("b.ics", an_hour(12))
        names = [name for name, _ in snapshot.etags("prado")]

    assert names == ["a.ics"]
    assert house.changes(house.paul, state.token) == (["b.ics"], [])


# -- properties


def test_properties_are_kept_for_one_account_and_one_path(house: House) -> None:
    publication = house.office.publication
    publication.set_properties(house.paul, "/dav/rooms/prado/", {"{a}color": "<c/>", "{a}order": "1"})
    publication.set_properties(house.paul, "/dav/rooms/prado/", {"{a}order": "2"}, {"{a}color", "{a}none"})

    with publication.snapshot(house.paul) as snapshot:
        assert snapshot.properties("/dav/rooms/prado/") == {"{a}order": "2"}
        assert snapshot.properties("/dav/rooms/") == {}
    with publication.snapshot(house.anne) as snapshot:
        assert snapshot.properties("/dav/rooms/prado/") == {}
