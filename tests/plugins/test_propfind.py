from __future__ import annotations

import pytest
from building import Lab, a_booking
from plugins.asking import NS, Asking, names
from sesstim_radicale.application import Application

COLLECTIONS = ("/", "/rooms/", "/rooms/prado/", "/marie.dupont%40univ-amu.fr/")
PRINCIPAL = "/dav/marie.dupont%40univ-amu.fr/"


@pytest.mark.parametrize("path", COLLECTIONS)
def test_every_collection_leads_to_the_principal_and_the_home(marie: Asking, path: str) -> None:
    props = marie.propfind(path, "D:current-user-principal", "C:calendar-home-set").props()

    assert props["current-user-principal"].findtext("D:href", "", NS) == PRINCIPAL
    assert props["calendar-home-set"].findtext("D:href", "", NS) == "/dav/rooms/"


def test_the_principal_tells_the_accounts_name_and_all_its_addresses(marie: Asking, lab: Lab) -> None:
    lab.office.accounts.add_address("marie.dupont@univ-amu.fr", "marie@inserm.fr")

    props = marie.propfind(PRINCIPAL[4:], "D:displayname", "C:calendar-user-address-set", "D:resourcetype").props()

    assert props["displayname"].text == "Marie Dupont"
    hrefs = [node.text for node in props["calendar-user-address-set"]]
    assert hrefs == ["mailto:marie.dupont@univ-amu.fr", "mailto:marie@inserm.fr", PRINCIPAL]
    assert [node.tag for node in props["resourcetype"]] == ["{DAV:}collection", "{DAV:}principal"]


def test_the_principal_answers_in_any_spelling_of_its_address(marie: Asking) -> None:
    for path in ("/marie.dupont@univ-amu.fr/", "/Marie.Dupont%40univ-amu.fr", "/marie.dupont%40univ-amu.fr"):
        assert marie.propfind(path, "D:displayname").status == 207


def test_another_accounts_principal_is_nowhere(marie: Asking) -> None:
    assert marie.propfind("/paul.martin@inserm.fr/", "D:displayname").status == 404
    assert marie.propfind("/nobody@inserm.fr/", "D:displayname").status == 404
    assert marie("GET", "/paul.martin@inserm.fr/").status == 404


def test_the_home_lists_the_rooms_in_order(marie: Asking) -> None:
    told = marie.propfind("/rooms/", "D:displayname", "D:resourcetype", depth="1")

    assert told.hrefs == [f"/dav/rooms/{slug}" for slug in ("", "prado/", "calanques/", "castellane/")]
    props = told.props("/dav/rooms/prado/")
    assert props["displayname"].text == "Salle Prado"
    assert [node.tag for node in props["resourcetype"]] == ["{DAV:}collection", f"{{{NS['C']}}}calendar"]


def test_a_room_tells_all_that_clients_decide_by(marie: Asking) -> None:
    asked = [
        "D:displayname",
        "C:calendar-description",
        "A:calendar-color",
        "C:calendar-timezone",
        "C:calendar-timezone-id",
        "CS:getctag",
        "D:sync-token",
        "D:getetag",
        "D:owner",
        "D:current-user-privilege-set",
        "D:supported-report-set",
        "D:getlastmodified",
        "C:supported-calendar-component-set",
        "C:supported-calendar-data",
        "C:max-resource-size",
        "C:supported-collation-set",
    ]
    told = marie.propfind("/rooms/prado/", *asked)
    props = told.props()

    assert set(props) == {name.partition(":")[2] for name in asked}
    assert not told.props(status=404)
    assert props["owner"].findtext("D:href", "", NS) == PRINCIPAL
    assert [comp.get("name") for comp in props["supported-calendar-component-set"]] == ["VEVENT"]
    assert "TZID:Europe/Paris" in (props["calendar-timezone"].text or "")
    assert props["calendar-color"].text == "#0b6a88"
    privileges = {privilege[0].tag for privilege in props["current-user-privilege-set"]}
    assert {f"{{DAV:}}{name}" for name in ("read", "write", "write-properties", "write-content", "bind", "unbind")} <= (
        privileges
    )
    assert "{DAV:}all" not in privileges
    reports = {node[0][0].tag.rpartition("}")[2] for node in props["supported-report-set"]}
    assert reports == {"calendar-query", "calendar-multiget", "free-busy-query", "sync-collection"}


def test_what_is_missing_stands_in_one_propstat_after_what_is_found(marie: Asking) -> None:
    told = marie.propfind("/rooms/prado/", "D:quota-used-bytes", "D:displayname", "C:nothing", 'x xmlns="urn:x"', "y")

    statuses = [node.text for node in told.xml.iterfind("D:response/D:propstat/D:status", NS)]
    assert statuses == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]
    assert set(told.props(status=404)) == {"quota-used-bytes", "nothing", "x", "y"}


def test_only_what_is_missing_gives_one_propstat_alone(marie: Asking) -> None:
    marie.put(a_booking())
    for path in ("/rooms/prado/", "/rooms/prado/a.ics"):
        told = marie.propfind(path, "D:nothing")
        statuses = [node.text for node in told.xml.iterfind("D:response/D:propstat/D:status", NS)]
        assert statuses == ["HTTP/1.1 404 Not Found"]


def test_a_client_that_wants_little_is_not_told_what_is_missing(marie: Asking) -> None:
    marie.put(a_booking())
    told = marie.propfind("/rooms/prado/", "D:displayname", "D:getcontenttype", depth="1", prefer="return=minimal")

    assert "404" not in told.text
    assert told.headers["preference-applied"] == "return=minimal"


def test_a_listing_gives_each_booking_with_its_etag(marie: Asking, paul: Asking, lab: Lab) -> None:
    marie.put(a_booking(), "é@b c.ics")
    paul.put(a_booking(at="12:00", until="13:00"), "plain.ics")

    told = marie.propfind("/rooms/prado/", "D:getetag", depth="1")

    assert told.hrefs == ["/dav/rooms/prado/", "/dav/rooms/prado/%C3%A9%40b%20c.ics", "/dav/rooms/prado/plain.ics"]
    assert told.props("/dav/rooms/prado/plain.ics")["getetag"].text == lab.etag(lab.marie, "plain.ics")


@pytest.mark.parametrize(
    "asked",
    [
        ("D:getetag",),
        ("D:getetag", "D:resourcetype", "D:getcontenttype"),
        ("D:resourcetype", "D:nothing"),
        ("D:getcontentlength", "D:getetag", "D:getlastmodified", "D:nothing"),
        ("D:displayname", "D:current-user-principal", "D:current-user-privilege-set"),
    ],
)
def test_a_booking_tells_the_same_in_a_listing_and_alone(marie: Asking, asked: tuple[str, ...]) -> None:
    marie.put(a_booking(extra="DESCRIPTION:é & <b>"), "a.ics")
    href = "/dav/rooms/prado/a.ics"

    listed, alone = marie.propfind("/rooms/prado/", *asked, depth="1"), marie.propfind(href[4:], *asked)

    for status in (200, 404):
        assert {k: v.text for k, v in listed.props(href, status).items()} == {
            k: v.text for k, v in alone.props(href, status).items()
        }


def test_without_a_body_everything_usual_is_told(marie: Asking) -> None:
    marie.put(a_booking())
    told = marie("PROPFIND", "/rooms/prado/", depth="1")

    assert set(told.props("/dav/rooms/prado/")) == {"resourcetype", "displayname", "getetag", "getlastmodified"}
    assert "getcontentlength" in told.props("/dav/rooms/prado/a.ics")
    assert marie("PROPFIND", "/", "<propfind xmlns='DAV:'><allprop/></propfind>").status == 207


def test_propname_gives_names_without_values(marie: Asking) -> None:
    marie.put(a_booking())
    told = marie("PROPFIND", "/rooms/prado/", "<propfind xmlns='DAV:'><propname/></propfind>", depth="1")

    for href in ("/dav/rooms/prado/", "/dav/rooms/prado/a.ics"):
        props = told.props(href)
        assert "getetag" in props
        assert not any(prop.text or len(prop) for prop in props.values())


def test_a_listing_without_end_is_refused(marie: Asking) -> None:
    for path in COLLECTIONS:
        told = marie.propfind(path, "D:displayname", depth="infinity")
        assert told.status == 403
        assert "propfind-finite-depth" in told.conditions


def test_what_is_not_there_is_not_found(marie: Asking) -> None:
    for path in ("/rooms/nowhere/", "/rooms/nowhere/a.ics", "/rooms/prado/a.ics", "/x/", "/rooms/prado/a/b", "/.web"):
        assert marie.propfind(path, "D:displayname").status == 404


@pytest.mark.parametrize(
    "body",
    [
        "<propfind",
        "<a/>",
        "<propfind xmlns='DAV:'/>",
        "\0\1\2",
        '<!DOCTYPE a [<!ENTITY b "c">]><propfind xmlns="DAV:"><prop><displayname>&b;</displayname></prop></propfind>',
        "<?xml version='1.0' encoding='no-such-codec'?><a/>",
        "<propfind xmlns='DAV:'>" + "<a>" * 1000 + "</a>" * 1000 + "</propfind>",
    ],
)
def test_a_body_that_is_none_is_refused(marie: Asking, body: str) -> None:
    assert marie("PROPFIND", "/rooms/prado/", body, depth="0").status == 400
    assert marie("REPORT", "/rooms/prado/", body, depth="1").status in (400, 403)
    assert marie("PROPPATCH", "/rooms/prado/", body).status == 400


def test_a_flood_of_elements_is_refused_unread(marie: Asking) -> None:
    flood = b"<a>" * 1_000_000

    assert marie("PROPFIND", "/rooms/prado/", flood).status == 413
    assert marie("REPORT", "/rooms/prado/", b"<!-- -->" + b" " * 10_000_000).status == 413


def test_a_wrong_depth_is_refused(marie: Asking) -> None:
    assert marie.propfind("/rooms/", "D:displayname", depth="2").status == 400


def test_under_another_prefix_all_addresses_carry_it(application: Application, lab: Lab) -> None:
    marie = Asking(application, lab.marie, mount="/salles é/dav".encode().decode("latin-1"))

    told = marie.propfind("/", "D:current-user-principal", depth="1")

    assert told.hrefs[0] == "/salles%20%C3%A9/dav/"
    assert all(node.text and node.text.startswith("/salles%20%C3%A9/dav/") for node in told.xml.iter("{DAV:}href"))


def test_a_listing_is_complete_when_it_is_streamed(marie: Asking, lab: Lab) -> None:
    for hour in range(8, 20):
        for quarter in range(4):
            start = f"{hour:02}:{quarter * 15:02}"
            end = f"{hour + (quarter == 3):02}:{(quarter * 15 + 15) % 60:02}"
            lab.book(lab.marie, a_booking(at=start, until=end, extra="X-LONG:" + "x" * 20_000), f"{hour}-{quarter}.ics")
    props = "<D:getetag/><C:calendar-data/>"

    told = marie.query("", props)

    assert "content-length" not in told.headers
    assert len(told.hrefs) == 48
    assert told.text.count("END:VCALENDAR") == 48
    assert names(told)[0] == "10-0.ics"
