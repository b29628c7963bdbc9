from __future__ import annotations

import pytest
from sesstim_radicale.places import NOWHERE, Kind, Mount, Place, Unreadable, address, requested

MOUNT = Mount("/salles/dav", "rooms.test:8080", "https://lab.test/salles")
ROOM, BOOKING = Place(Kind.ROOM, slug="prado"), Place(Kind.BOOKING, slug="prado", name="é a.ics")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", Place(Kind.ROOT)),
        ("/", Place(Kind.ROOT)),
        ("//", Place(Kind.ROOT)),
        ("/rooms", Place(Kind.HOME)),
        ("/rooms/prado", ROOM),
        ("/rooms/prado/", ROOM),
        ("/rooms//prado//", ROOM),
        ("/rooms/prado/é a.ics", BOOKING),
        ("/rooms/prado/é a.ics/", NOWHERE),
        ("/o'neil@univ-amu.fr/", Place(Kind.PRINCIPAL, email="o'neil@univ-amu.fr")),
        ("/nobody/", NOWHERE),
    ],
)
def test_a_path_names_a_place(path: str, place: Place) -> None:
    assert requested(path.encode().decode("latin-1")) == place


@pytest.mark.parametrize(
    "path", ["/rooms/..", "/rooms/prado/.", "/\x00", "/rooms/prado/\x85", "/\xff", "/" + "a" * 1001]
)
def test_a_path_that_could_name_nothing_is_unreadable(path: str) -> None:
    with pytest.raises(Unreadable):
        requested(path)


@pytest.mark.parametrize(
    "reference",
    [
        "/salles/dav/rooms/prado/%C3%A9%20a.ics",
        "/salles/dav/rooms/prado/é a.ics",
        "http://rooms.test:8080/salles/dav/rooms/prado/%c3%a9%20a.ics",
        "https://lab.test/salles/dav/rooms/prado/%C3%A9%20a.ics",
        "https://lab.test:443/salles/dav/rooms/prado/%C3%A9%20a.ics",
    ],
)
def test_an_address_of_ours_is_known_however_it_is_written(reference: str) -> None:
    assert MOUNT.place(reference) == BOOKING


@pytest.mark.parametrize(
    "reference",
    [
        "/dav/rooms/prado/a.ics",
        "/salles/davrooms/prado/a.ics",
        "http://rooms.test/salles/dav/rooms/prado/a.ics",
        "https://lab.test/dav/rooms/prado/a.ics",
        "//evil.test/salles/dav/rooms/prado/a.ics",
        "http://rooms.test:8080@evil.test/salles/dav/rooms/prado/a.ics",
        "/salles/dav/rooms/prado/a%2Fb.ics",
        "/salles/dav/rooms/prado/..",
        "/salles/dav/rooms/prado/%2e%2e",
        "javascript:alert(1)",
        "http://[",
        "",
    ],
)
def test_a_foreign_address_is_no_place(reference: str) -> None:
    assert MOUNT.place(reference) is None


def test_a_place_has_one_address() -> None:
    assert address("/dav", BOOKING) == "/dav/rooms/prado/%C3%A9%20a.ics"
    assert address("", ROOM) == "/rooms/prado/"
    assert address("/dav", Place(Kind.PRINCIPAL, email="o'neil@univ-amu.fr")) == "/dav/o%27neil%40univ-amu.fr/"
