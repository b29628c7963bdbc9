from __future__ import annotations

import pytest
from building import PASSWORD, Lab, a_booking
from plugins.asking import Asking
from sesstim_radicale.application import Application

from sesstim_caldav.accounts.members import Members
from sesstim_caldav.store import StoreUnavailable


@pytest.mark.parametrize(
    "path", ["/", "/rooms/", "/rooms/prado/", "/rooms/prado/a.ics", "/marie.dupont@univ-amu.fr/", "/x/y/z", "/\0"]
)
def test_what_can_be_done_is_told_without_credentials(nobody: Asking, path: str) -> None:
    told = nobody("OPTIONS", path)

    assert told.status == 200
    assert [part.strip() for part in told.headers["dav"].split(",")] == ["1", "3", "calendar-access"]
    assert {"PROPFIND", "REPORT", "PUT", "DELETE"} <= set(told.headers["allow"].split(", "))


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "REPORT", "PUT", "DELETE", "MKCALENDAR", "POST", "NONSENSE"])
def test_everything_else_needs_credentials(nobody: Asking, method: str) -> None:
    told = nobody(method, "/rooms/prado/")

    assert told.status == 401
    assert told.headers["www-authenticate"] == 'Basic realm="SESSTIM", charset="UTF-8"'


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic x",
        "Basic ====",
        "Basic é",
        "Basic bm8tY29sb24=",
        "Basic Ojo=",
        "Basic /zo/",
        "Bearer x",
    ],
)
def test_unreadable_credentials_are_as_none(nobody: Asking, header: str) -> None:
    assert nobody("PROPFIND", "/", authorization=header).status == 401


def test_wrong_credentials_do_not_sign_in(application: Application, lab: Lab) -> None:
    for password in ("", "x", PASSWORD + "x", "x" * 300, PASSWORD[:-1] + "\0"):
        assert Asking(application, lab.marie, password).propfind("/", "D:displayname").status == 401
    lab.office.accounts.disable("marie.dupont@univ-amu.fr")
    assert Asking(application, lab.marie).propfind("/", "D:displayname").status == 401


def test_every_character_of_a_long_password_counts(application: Application, lab: Lab) -> None:
    password = "пароль密码é" * 25
    lab.office.accounts.set_password("marie.dupont@univ-amu.fr", password)

    assert Asking(application, lab.marie, password).propfind("/", "D:displayname").status == 207
    assert Asking(application, lab.marie, password[:-1] + "e").propfind("/", "D:displayname").status == 401


def test_an_application_password_signs_in_until_it_is_revoked(application: Application, lab: Lab) -> None:
    phone = Asking(application, lab.marie, lab.office.accounts.app_password("marie.dupont@univ-amu.fr", "phone"))
    assert phone.propfind("/", "D:displayname").status == 207

    members = Members(lab.office.store)
    members.revoke_app_password(lab.marie, members.app_passwords(lab.marie)[0].id)

    assert phone.propfind("/", "D:displayname").status == 401


def test_a_booking_and_a_room_are_given_with_their_validators(marie: Asking) -> None:
    marie.put(a_booking())
    for path in ("/rooms/prado/", "/rooms/prado/a.ics"):
        given = marie("GET", path)
        assert given.status == 200
        assert given.headers["content-type"] == "text/calendar; charset=utf-8"
        assert given.headers["last-modified"].endswith(" GMT")
        etag = given.headers["etag"]
        for tags in (etag, f"W/{etag}", f'"x", {etag}', etag[:-1] + '-gzip"', "*"):
            unchanged = marie("GET", path, if_none_match=tags)
            assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, b"", etag)
        assert marie("GET", path, if_none_match='"x"').status == 200
        assert marie("GET", path, if_match='"x"').status == 412
        assert marie("GET", path, if_unmodified_since="Mon, 06 Jan 2020 10:00:00 GMT").status == 412
        assert marie("GET", path, if_unmodified_since=given.headers["last-modified"]).status == 200


def test_head_gives_the_headers_of_get_without_a_body(marie: Asking) -> None:
    marie.put(a_booking())
    for path in ("/", "/rooms/", "/rooms/prado/", "/rooms/prado/a.ics"):
        given, head = marie("GET", path), marie("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers.items() <= given.headers.items()
    assert marie("HEAD", "/rooms/prado/none.ics").status == 404


def test_a_room_is_one_calendar_and_its_etag_moves_with_it(marie: Asking) -> None:
    marie.put(a_booking(summary="Un"), "a.ics")
    before = marie("GET", "/rooms/prado/")
    marie.put(a_booking(at="12:00", until="13:00", summary="Deux"), "b.ics")

    after = marie("GET", "/rooms/prado/", if_none_match=before.headers["etag"])

    assert after.status == 200
    assert after.text.count("BEGIN:VCALENDAR") == 1
    assert [f"SUMMARY:{word}" in after.text for word in ("Un", "Deux")] == [True, True]


def test_other_methods_are_named_as_not_allowed(marie: Asking) -> None:
    for method in ("POST", "PATCH", "LOCK", "UNLOCK", "ACL", "NONSENSE", "get"):
        told = marie(method, "/rooms/prado/a.ics", a_booking())
        assert told.status == 405
        assert "PUT" in told.headers["allow"]


def test_a_forged_prefix_is_not_believed(marie: Asking) -> None:
    told = marie.propfind("/", "D:current-user-principal", x_script_name="/evil", x_forwarded_prefix="/evil")

    assert told.hrefs == ["/dav/"]


def test_a_store_that_is_away_asks_to_come_again(marie: Asking, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(type(lab.office.reception), "book", away)
    told = marie.put(a_booking())

    assert (told.status, told.headers["retry-after"]) == (503, "10")


def test_a_manager_sees_the_same_and_a_stranger_less(marie: Asking, anne: Asking, paul: Asking) -> None:
    marie.put(a_booking(extra="CLASS:PRIVATE", summary="Secret"))
    assert "Secret" in marie("GET", "/rooms/prado/").text
    for asking in (anne, paul):
        assert "Secret" not in asking("GET", "/rooms/prado/").text
        assert "Secret" not in asking("GET", "/rooms/prado/a.ics").text
