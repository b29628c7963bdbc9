"""The plugins under an unchanged Radicale: its answers are poor, but nothing gets past the rules."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from building import PASSWORD, Lab, a_booking, a_lab

CONFIG = Path(__file__).parents[2] / "config" / "radicale.conf"
SITE = """
[store]
data_dir = {data!r}
[[rooms]]
slug = "prado"
name = "Salle Prado"
[[rooms]]
slug = "calanques"
name = "Salle Calanques"
"""


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Starts `python -m radicale` with the shipped configuration on a free port."""
    site = folder / "sesstim.toml"
    site.write_text(SITE.format(data=str(folder / "data")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "radicale", "--config", str(CONFIG), "--hosts", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, env={**os.environ, "SESSTIM_CONFIG": str(site)}, stderr=subprocess.PIPE)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, process.stderr and process.stderr.read().decode()
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=30)


class Client:
    def __init__(self, port: int, email: str) -> None:
        self.port = port
        self.authorization = "Basic " + base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Authorization": self.authorization, "Content-Type": "text/calendar", **headers}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Client, Client]]:
    folder = tmp_path_factory.mktemp("stock")
    lab = a_lab(folder)
    with running(folder) as port:
        yield lab, Client(port, lab.marie.email), Client(port, lab.paul.email)
    lab.office.close()


def held(lab: Lab, room: str = "prado") -> list[str]:
    return [start for start, _ in lab.held("2027-01-01T00:00", "2028-01-01T00:00", room)]


def test_bookings_are_made_read_and_refused(stock: tuple[Lab, Client, Client]) -> None:
    lab, marie, paul = stock

    assert marie("PUT", "/rooms/prado/a.ics", a_booking(uid="a"))[0] == 201
    status, text = paul("GET", "/rooms/prado/a.ics")
    assert (status, "UID:a" in text) == (200, True)
    assert marie("PROPFIND", "/rooms/prado/", Depth="1")[1].count("<response>") == 2
    assert marie("PROPFIND", "/rooms/", Depth="1")[0] == 207
    query = (
        b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        b'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20270111T000000Z"'
        b' end="20270112T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
    )
    status, text = marie("REPORT", "/rooms/prado/", query, Depth="1")
    assert (status, "UID:a" in text) == (207, True)

    assert paul("PUT", "/rooms/prado/b.ics", a_booking(at="10:30", until="11:30"))[0] == 403
    assert paul("PUT", "/rooms/prado/a.ics", a_booking(uid="a", at="14:00", until="15:00"))[0] == 403
    assert held(lab) == ["2027-01-11 10:00"]


def test_no_door_leads_past_the_rules(stock: tuple[Lab, Client, Client]) -> None:
    lab, marie, paul = stock
    marie("PUT", "/rooms/prado/a.ics", a_booking(uid="a"))
    paul("PUT", "/rooms/calanques/p.ics", a_booking(uid="p"))
    before = held(lab), held(lab, "calanques")
    whole = a_booking(on="2027-02-02")

    assert paul("DELETE", "/rooms/prado/a.ics")[0] >= 400
    assert paul("MOVE", "/rooms/prado/a.ics", Destination="/rooms/calanques/x.ics")[0] == 403
    assert paul("MOVE", "/rooms/calanques/p.ics", Destination="/rooms/prado/p.ics", Overwrite="T")[0] == 403
    assert paul("PUT", "/rooms/prado/c.ics", a_booking(on="2027-01-16"))[0] == 403
    for path in ("/", "/rooms/", "/rooms/prado/", "/rooms/new/", f"/{lab.paul.email}/", f"/{lab.paul.email}/new/"):
        for method in ("PUT", "DELETE", "MKCOL", "MKCALENDAR", "POST"):
            assert 400 <= paul(method, path, whole if method == "PUT" else b"")[0] < 600

    assert (held(lab), held(lab, "calanques")) == before


def test_the_organiser_deletes(stock: tuple[Lab, Client, Client]) -> None:
    lab, marie, _ = stock
    marie("PUT", "/rooms/prado/gone.ics", a_booking(on="2027-03-01"))

    assert marie("DELETE", "/rooms/prado/gone.ics")[0] == 200
    assert "2027-03-01 10:00" not in held(lab)


def test_nobody_signs_in_with_a_wrong_password(stock: tuple[Lab, Client, Client]) -> None:
    _, marie, _ = stock
    stranger = Client(marie.port, "marie.dupont@univ-amu.fr")
    stranger.authorization = "Basic " + base64.b64encode(b"marie.dupont@univ-amu.fr:wrong").decode()

    assert stranger("PROPFIND", "/rooms/prado/")[0] == 401
