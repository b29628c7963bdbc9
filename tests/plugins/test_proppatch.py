from __future__ import annotations

import pytest
from building import a_booking
from plugins.asking import DECLARED, Asking, Told


def patch(asking: Asking, path: str, set_: str = "", remove: str = "") -> Told:
    parts = (f"<D:set><D:prop>{set_}</D:prop></D:set>" if set_ else "") + (
        f"<D:remove><D:prop>{remove}</D:prop></D:remove>" if remove else ""
    )
    return asking("PROPPATCH", path, f"<D:propertyupdate {DECLARED}>{parts}</D:propertyupdate>")


@pytest.mark.parametrize("path", ["/", "/rooms/", "/rooms/prado/", "/marie.dupont@univ-amu.fr/"])
def test_colour_and_name_are_kept_for_the_account_alone(marie: Asking, paul: Asking, path: str) -> None:
    told = patch(
        marie, path, "<A:calendar-color>#ff0000ff</A:calendar-color><D:displayname>Moi &amp; toi</D:displayname>"
    )

    assert told.status == 207
    assert set(told.props()) == {"calendar-color", "displayname"}
    props = marie.propfind(path, "A:calendar-color", "D:displayname").props()
    assert (props["calendar-color"].text, props["displayname"].text) == ("#ff0000ff", "Moi & toi")
    if path == "/rooms/prado/":
        assert paul.propfind(path, "D:displayname").props()["displayname"].text == "Salle Prado"


def test_a_dead_property_comes_back_with_all_that_is_in_it(marie: Asking) -> None:
    inside = 'a<b xmlns="urn:b" y:c="é" xmlns:y="urn:y">&lt;</b>d<e xmlns=""/>'
    sent = f'<x xmlns="urn:x" xml:lang="fr" a="1&quot;">{inside}</x>'
    patch(marie, "/rooms/prado/", sent)

    found = marie.propfind("/rooms/prado/", 'x xmlns="urn:x"').props()["x"]

    assert (found.tag, found.get("a"), found.text) == ("{urn:x}x", '1"', "a")
    assert found.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert [(child.tag, child.text, child.tail) for child in found] == [("{urn:b}b", "<", "d"), ("e", None, None)]
    assert found[0].get("{urn:y}c") == "é"


def test_a_removed_property_gives_way_to_the_rooms_own(marie: Asking) -> None:
    patch(marie, "/rooms/prado/", "<D:displayname>X</D:displayname>")

    assert patch(marie, "/rooms/prado/", remove="<D:displayname/>").status == 207
    assert marie.propfind("/rooms/prado/", "D:displayname").props()["displayname"].text == "Salle Prado"


def test_a_protected_property_keeps_all_the_others_from_being_set(marie: Asking) -> None:
    told = patch(marie, "/rooms/prado/", "<A:calendar-order>3</A:calendar-order><D:getetag>x</D:getetag>")

    assert told.status == 207
    assert set(told.props(status=403)) == {"getetag"}
    assert set(told.props(status=424)) == {"calendar-order"}
    assert marie.propfind("/rooms/prado/", "A:calendar-order").props() == {}


def test_what_macos_sends_at_its_first_start_is_kept(marie: Asking) -> None:
    told = patch(
        marie,
        "/rooms/prado/",
        "<C:calendar-timezone>BEGIN:VCALENDAR&#13;\nEND:VCALENDAR&#13;\n</C:calendar-timezone>"
        "<C:default-alarm-vevent-date>BEGIN:VALARM</C:default-alarm-vevent-date>"
        "<A:calendar-order>1</A:calendar-order>",
    )

    assert told.status == 207
    assert len(told.props()) == 3


def test_a_booking_has_no_properties_to_set(marie: Asking) -> None:
    marie.put(a_booking())
    told = patch(marie, "/rooms/prado/a.ics", "<D:displayname>X</D:displayname>")

    assert told.status == 207
    assert set(told.props(status=403)) == {"displayname"}


def test_what_is_too_much_is_not_kept(marie: Asking) -> None:
    assert patch(marie, "/rooms/prado/", f"<D:displayname>{'x' * 70_000}</D:displayname>").props(status=507)
    many = "".join(f'<x{i} xmlns="urn:x"/>' for i in range(101))
    assert len(patch(marie, "/rooms/prado/", many).props(status=507)) == 101


def test_a_room_that_is_not_there_and_another_principal_are_not_found(marie: Asking) -> None:
    for path in ("/rooms/nowhere/", "/paul.martin@inserm.fr/", "/x/"):
        assert patch(marie, path, "<D:displayname>X</D:displayname>").status == 404


def test_an_instruction_without_properties_is_answered_all_the_same(marie: Asking) -> None:
    told = patch(marie, "/rooms/prado/", " ")

    assert (told.status, told.props()) == (207, {})
