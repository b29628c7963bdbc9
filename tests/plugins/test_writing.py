from __future__ import annotations

import pytest
from building import Lab, a_booking
from plugins.asking import Asking, Told
from sesstim_radicale.application import Application

MINE = "marie.dupont@univ-amu.fr"


def need_privileges(told: Told) -> bool:
    return told.status == 403 and "need-privileges" in told.conditions


def test_a_booking_sent_complete_comes_back_with_its_etag(marie: Asking, lab: Lab) -> None:
    told = marie.put(a_booking(organizer=MINE), if_none_match="*")

    assert (told.status, told.headers["etag"]) == (201, lab.etag(lab.marie, "a.ics"))


def test_a_booking_that_was_completed_comes_back_without(marie: Asking) -> None:
    told = marie.put(a_booking())

    assert told.status == 201
    assert "etag" not in told.headers


def test_a_change_is_made_under_the_etag_known(marie: Asking, lab: Lab) -> None:
    marie.put(a_booking(uid="a"))
    etag = lab.etag(lab.marie, "a.ics")

    assert marie.put(a_booking(uid="a", at="12:00", until="13:00"), if_match=etag).status == 204
    assert marie.put(a_booking(uid="a", at="13:00", until="14:00"), if_match=etag).status == 412
    assert marie.put(a_booking(uid="a"), if_none_match="*").status == 412
    assert marie.put(a_booking(), "b.ics", if_match='"x"').status == 412


def test_a_refusal_says_why_in_the_accounts_language(marie: Asking, paul: Asking) -> None:
    marie.put(a_booking())

    told = paul.put(a_booking(at="10:30", until="11:30"), "b.ics", accept_language="en-GB,en;q=0.8,fr;q=0.5")

    assert need_privileges(told)
    assert told.headers["content-type"] == "application/xml; charset=utf-8"
    assert "room-already-booked" in told.conditions
    assert 'xml:lang="en"' in told.text
    assert "Marie Dupont" in told.text
    assert paul("GET", "/rooms/prado/b.ics").status == 404


@pytest.mark.parametrize(
    ("own", "accepted", "told"),
    [("en", "fr", "en"), ("fr", "en", "fr"), (None, "en", "en"), (None, "", "fr"), (None, "de, *;q=0", "fr")],
)
def test_a_refusal_speaks_the_accounts_language_then_the_devices_then_the_sites(
    marie: Asking, application: Application, lab: Lab, own: str | None, accepted: str, told: str
) -> None:
    marie.put(a_booking())
    paul = Asking(application, lab.office.accounts.set_language(lab.paul.email, own))

    refused = paul.put(a_booking(), "b.ics", accept_language=accepted)

    assert f'xml:lang="{told}"' in refused.text


def test_a_uid_in_use_names_the_resource_in_the_way(marie: Asking) -> None:
    marie.put(a_booking(uid="a"), "é 1.ics")
    told = marie.put(a_booking(uid="a", at="12:00", until="13:00"), "b.ics")

    assert need_privileges(told)
    assert "<D:href>/dav/rooms/prado/%C3%A9%201.ics</D:href>" in told.text


@pytest.mark.parametrize(
    "name", ["a@b", "+%'\"*?,: é", "日本", "a" * 900, "x;y=z", "%2541", "…", "a\u200db.ics", "[x]", "~", "ICS.ics"]
)
def test_a_name_may_hold_every_character(marie: Asking, name: str) -> None:
    assert marie.put(a_booking(organizer=MINE), name).status == 201

    listed = marie.propfind("/rooms/prado/", "D:getetag", depth="1").hrefs[1]
    assert marie("GET", listed[4:]).status == 200
    assert marie.multiget(listed).hrefs == [listed]
    assert marie("DELETE", listed[4:]).status == 204


@pytest.mark.parametrize(
    "path",
    [
        b"/rooms/prado/a\x00.ics",
        b"/rooms/prado/a\x07.ics",
        b"/rooms/prado/a\x7f.ics",
        b"/rooms/prado/\xc2\x85.ics",
        b"/rooms/prado/..",
        b"/rooms/prado/../calanques/a.ics",
        b"/rooms/prado/./a.ics",
        b"/rooms/prado/\xff\xfe.ics",
        b"/rooms/prado/a/b.ics",
        b"/rooms/prado/" + b"a" * 5000,
        b"/rooms/prado/" + b"a/" * 5000,
        b"/a.ics",
        b"/rooms/a.ics",
    ],
)
def test_a_name_that_is_none_is_a_4xx(marie: Asking, path: bytes) -> None:
    for method in ("PUT", "GET", "DELETE", "PROPFIND", "REPORT", "PROPPATCH", "MOVE", "COPY", "MKCOL"):
        body = a_booking() if method == "PUT" else b""
        told = marie.raw(method, path, body, {"destination": "/dav/rooms/prado/x.ics"})
        assert 400 <= told.status < 500


def test_a_room_that_is_not_there_takes_nothing(marie: Asking) -> None:
    assert marie.put(a_booking(), room="nowhere").status == 409
    assert marie("DELETE", "/rooms/nowhere/a.ics").status == 404
    assert marie("DELETE", "/rooms/prado/a.ics").status == 404


@pytest.mark.parametrize("conditions", [{}, {"if_match": '"x"'}, {"if_none_match": "*"}])
def test_collections_are_beyond_every_write(marie: Asking, lab: Lab, conditions: dict[str, str]) -> None:
    marie.put(a_booking(), "kept.ics")
    destination = {"destination": "/dav/rooms/calanques/b.ics", **conditions}

    for path in ("/", "/rooms/", "/rooms/prado/", "/rooms/prado", "/rooms/new/", f"/{MINE}/", "/x/y/z"):
        for method in ("PUT", "MKCOL", "MKCALENDAR"):
            assert need_privileges(marie(method, path, a_booking(), **conditions))
        for method in ("DELETE", "MOVE", "COPY"):
            told = marie(method, path, **destination)
            assert told.status == 404 if path == "/x/y/z" else need_privileges(told)
        assert marie("POST", path, a_booking()).status == 405
    assert [start for start, _ in lab.held("2027-01-01T00:00", "2028-01-01T00:00")] == ["2027-01-11 10:00"]


def test_too_large_an_event_is_refused_so_that_clients_go_on(marie: Asking) -> None:
    told = marie.put(a_booking(extra="X-A:" + "x" * 10_000_000))

    assert need_privileges(told)
    assert "max-resource-size" in told.conditions


def test_a_chunked_body_is_read_to_its_end_and_no_further_than_allowed(marie: Asking) -> None:
    chunked = {"content_length": "", "transfer_encoding": "chunked"}

    assert marie.put(a_booking(), **chunked).status == 201
    assert need_privileges(marie.put(b"x" * 10_000_000, "b.ics", **chunked))


@pytest.mark.parametrize("length", ["-1", "x", "１", "99999999999999999999999999"])
def test_a_wrong_length_is_refused(marie: Asking, length: str) -> None:
    assert 400 <= marie.put(a_booking(), content_length=length).status < 500


def test_a_body_cut_short_is_refused(marie: Asking, lab: Lab) -> None:
    sent = a_booking()
    assert marie.put(sent, content_length=str(len(sent) + 1)).status == 400
    assert lab.held("2027-01-01T00:00", "2028-01-01T00:00") == []


@pytest.mark.parametrize("data", [b"", b"\0\1\2\xff" * 1000, b"BEGIN:VCALENDAR", b"<html>", "é".encode("utf-16")])
def test_noise_is_refused_with_the_precondition(marie: Asking, data: bytes) -> None:
    told = marie.put(data)

    assert need_privileges(told)
    assert "unsupported-calendar-data" in told.conditions


def test_a_latin_body_is_read_by_its_charset(marie: Asking, lab: Lab) -> None:
    sent = a_booking(organizer=MINE, summary="Été").decode().encode("iso-8859-1")
    told = marie.put(sent, content_type="text/calendar; charset=ISO-8859-1")

    assert told.status == 201
    assert "etag" not in told.headers
    assert "SUMMARY:Été" in lab.seen(lab.marie, "a.ics")


def test_a_compressed_body_is_not_understood(marie: Asking) -> None:
    assert marie.raw("PUT", b"/rooms/prado/a.ics", a_booking(), {"http_content_encoding": "gzip"}).status == 415


# ---- DELETE


def test_a_booking_is_deleted_by_its_organiser_and_a_manager(
    marie: Asking, paul: Asking, anne: Asking, lab: Lab
) -> None:
    marie.put(a_booking(), "a.ics")
    marie.put(a_booking(at="12:00", until="13:00"), "b.ics")

    assert need_privileges(paul("DELETE", "/rooms/prado/a.ics", if_match='"other"'))
    assert marie("DELETE", "/rooms/prado/a.ics", if_match='"other"').status == 412
    assert marie("DELETE", "/rooms/prado/a.ics", if_match=lab.etag(lab.marie, "a.ics")).status == 204
    assert anne("DELETE", "/rooms/prado/b.ics").status == 204


# ---- MOVE and COPY


@pytest.mark.parametrize(
    "destination",
    [
        "/dav/rooms/calanques/b%20%C3%A9.ics",
        "http://rooms.test/dav/rooms/calanques/b%20%C3%A9.ics",
        "http://rooms.test:80/dav/rooms/calanques/b%20%c3%a9.ics",
        "http://localhost:5232/dav/rooms/calanques/b%20%C3%A9.ics",
        "https://ROOMS.test/dav/rooms/calanques/b%20%C3%A9.ics",
        "/dav/rooms/calanques/b é.ics".encode().decode("latin-1"),
    ],
)
def test_a_booking_moves_to_another_room(marie: Asking, lab: Lab, destination: str) -> None:
    marie.put(a_booking(uid="a"))

    assert marie("MOVE", "/rooms/prado/a.ics", destination=destination).status == 201
    assert marie("GET", "/rooms/prado/a.ics").status == 404
    assert "UID:a" in lab.seen(lab.marie, "b é.ics", "calanques")


@pytest.mark.parametrize(
    "destination",
    [
        "http://elsewhere.test/dav/rooms/calanques/b.ics",
        "//elsewhere.test/dav/rooms/calanques/b.ics",
        "http://rooms.test:81/dav/rooms/calanques/b.ics",
        "http://[::1/dav/rooms/calanques/b.ics",
        "/rooms/calanques/b.ics",
        "/davx/rooms/calanques/b.ics",
        "/dav/rooms/calanques/",
        "/dav/rooms/calanques",
        "/dav/rooms/",
        "/dav/",
        "/",
        "",
        "/dav/rooms/calanques/a%2Fb.ics",
        "/dav/rooms/calanques/a%00.ics",
        "/dav/rooms/calanques/..",
        "/dav/rooms/calanques/%FF.ics",
        "/dav/rooms/nowhere/b.ics",
        "/dav/rooms/prado/a.ics",
        "/dav/rooms/calanques/" + "a" * 5000,
        "mailto:marie",
        "ftp://rooms.test",
    ],
)
def test_a_destination_that_is_no_place_for_a_booking_is_a_4xx(marie: Asking, lab: Lab, destination: str) -> None:
    marie.put(a_booking())

    for method in ("MOVE", "COPY"):
        assert 400 <= marie(method, "/rooms/prado/a.ics", destination=destination).status < 500
    assert len(lab.held("2027-01-01T00:00", "2028-01-01T00:00")) == 1
    assert lab.held("2027-01-01T00:00", "2028-01-01T00:00", "calanques") == []


def test_a_move_onto_somebodys_slot_or_booking_is_refused(marie: Asking, paul: Asking, lab: Lab) -> None:
    marie.put(a_booking())
    paul.put(a_booking(), "b.ics", "calanques")

    for target in ("b.ics", "c.ics"):
        assert need_privileges(marie("MOVE", "/rooms/prado/a.ics", destination=f"/dav/rooms/calanques/{target}"))
    assert need_privileges(paul("MOVE", "/rooms/prado/a.ics", destination="/dav/rooms/castellane/a.ics"))
    assert len(lab.held("2027-01-01T00:00", "2028-01-01T00:00")) == 1


def test_a_move_replaces_only_what_may_be_replaced(marie: Asking) -> None:
    marie.put(a_booking())
    marie.put(a_booking(at="12:00", until="13:00"), "b.ics", "calanques")
    move = {"destination": "/dav/rooms/calanques/b.ics"}

    assert marie("MOVE", "/rooms/prado/a.ics", overwrite="F", **move).status == 412
    assert marie("MOVE", "/rooms/prado/a.ics", overwrite="perhaps", **move).status == 400
    assert marie("MOVE", "/rooms/prado/a.ics", overwrite="T", **move).status == 204


def test_a_copy_is_a_new_booking_under_all_rules(marie: Asking, paul: Asking, lab: Lab) -> None:
    marie.put(a_booking())

    assert marie("COPY", "/rooms/prado/a.ics", destination="/dav/rooms/calanques/a.ics").status == 201
    assert marie("COPY", "/rooms/prado/a.ics", destination="/dav/rooms/calanques/a.ics", overwrite="F").status == 412
    assert need_privileges(marie("COPY", "/rooms/prado/a.ics", destination="/dav/rooms/prado/b.ics"))
    assert need_privileges(paul("COPY", "/rooms/prado/a.ics", destination="/dav/rooms/castellane/b.ics"))
    castellane = {"destination": "/dav/rooms/castellane/c.ics"}
    assert marie("COPY", "/rooms/prado/a.ics", if_match='"x"', **castellane).status == 412
    assert marie("COPY", "/rooms/prado/a.ics", if_match=lab.etag(lab.marie, "a.ics"), **castellane).status == 201
    lab.office.reception.cancel(lab.marie, "castellane", "c.ics")
    assert marie("COPY", "/rooms/prado/none.ics", destination="/dav/rooms/calanques/b.ics").status == 404


# ---- If


def test_if_is_judged_by_its_entity_tags(marie: Asking, lab: Lab) -> None:
    marie.put(a_booking(uid="a"))
    etag = lab.etag(lab.marie, "a.ics")

    assert marie.put(a_booking(uid="a"), **{"if": '(["x"])'}).status == 412
    assert marie.put(a_booking(uid="a"), **{"if": "(<opaquelocktoken:1>)"}).status == 412
    assert marie.put(a_booking(uid="a"), **{"if": f"(<urn:x>) ([{etag}])"}).status == 204
    assert marie.put(a_booking(uid="a"), **{"if": "(Not <DAV:no-lock>)"}).status == 204
    for nonsense in ("(", "x", "()", "(Not)", "<a> <b> x", '(["x"]'):
        assert marie.put(a_booking(uid="a"), **{"if": nonsense}).status == 400


def test_who_may_not_change_a_booking_is_told_so_before_any_condition(marie: Asking, paul: Asking, lab: Lab) -> None:
    marie.put(a_booking(uid="a"))
    false = {"if": '(["x"])'}
    destination = {"destination": "/dav/rooms/calanques/b.ics"}

    for conditions in (false, {"if_match": '"x"'}, {"if_none_match": "*"}):
        assert need_privileges(paul.put(a_booking(uid="a"), **conditions))
        assert need_privileges(paul("DELETE", "/rooms/prado/a.ics", **conditions))
        assert need_privileges(paul("MOVE", "/rooms/prado/a.ics", **conditions, **destination))
    for method in ("DELETE", "MOVE", "COPY"):
        assert marie(method, "/rooms/prado/a.ics", **false, **destination).status == 412
    assert marie.put(a_booking(), "new.ics", **false).status == 412
    assert len(lab.held("2027-01-01T00:00", "2028-01-01T00:00")) == 1
