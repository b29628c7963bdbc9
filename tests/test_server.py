"""What answers which address, and whom the server believes."""

from __future__ import annotations

import base64
import contextlib
import io
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import pytest
from building import PASSWORD, Lab, a_booking
from running import MARIE, Running, a_running_site

from sesstim_caldav.server import MAX_BODY, CannotListen, Dispatcher, Listen
from sesstim_caldav.web.application import create


class Trickle(io.BytesIO):
    """A body that arrives in small pieces."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(7 if size is None or size < 0 else min(size, 7))


class Dav:
    """Stands in for the CalDAV application; remembers what it was asked."""

    def __init__(self, reads: bool = True) -> None:
        self.reads = reads
        self.environ: WSGIEnvironment = {}
        self.body = b""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        self.environ = environ
        if self.reads:
            self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("207 Multi-Status", [])
        return [b"dav"]


def ask(
    dispatcher: Dispatcher, path: str, method: str = "GET", body: bytes = b"", **environ: Any
) -> tuple[int, dict[str, str], bytes]:
    scope: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": "192.0.2.7", "SCRIPT_NAME": ""}
    scope |= {"wsgi.input": io.BytesIO(body), "HTTP_HOST": "rooms.example.org"} | (
        {"CONTENT_LENGTH": str(len(body))} if body else {}
    )
    scope |= environ
    setup_testing_defaults(scope)
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        answer.extend((status, headers))

    pieces = dispatcher(scope, start_response)
    return int(answer[0].split()[0]), dict(answer[1]), b"".join(pieces)


def test_the_calendar_application_is_mounted_under_dav() -> None:
    dav = Dav()

    assert ask(Dispatcher(dav, lambda: None), "/dav/rooms/prado/", "PROPFIND")[0] == 207

    assert (dav.environ["SCRIPT_NAME"], dav.environ["PATH_INFO"]) == ("/dav", "/rooms/prado/")


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "PUT", "OPTIONS", "REPORT"])
def test_well_known_leads_to_dav_whatever_the_method(method: str) -> None:
    status, headers, _ = ask(Dispatcher(Dav(), lambda: None), "/.well-known/caldav", method)

    assert (status, headers["Location"]) == (301, "/dav/")


def test_nothing_can_be_put_on_the_front_page(lab: Lab) -> None:
    dispatcher = Dispatcher(Dav(), lambda: None, pages=create(lab.office))

    assert ask(dispatcher, "/", "PUT", HTTP_IF_MATCH="*")[0] == 405


def test_healthz_says_whether_the_store_answers() -> None:
    def broken() -> None:
        raise RuntimeError("database away")

    assert ask(Dispatcher(Dav(), lambda: None), "/healthz")[::2] == (200, b"ok")
    status, headers, _ = ask(Dispatcher(Dav(), broken), "/healthz")
    assert (status, "Retry-After" in headers) == (503, True)


FORWARDED = {
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "salles.example.org",
    "HTTP_X_FORWARDED_PREFIX": "/salles/",
    "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9, 192.0.2.8",
}


def test_a_trusted_proxy_is_believed_about_scheme_host_prefix_and_client() -> None:
    dav = Dav()
    dispatcher = Dispatcher(dav, lambda: None, trusted_proxies=["192.0.2.0/24"])

    ask(dispatcher, "/dav/", **FORWARDED)

    seen = dav.environ
    assert (seen["wsgi.url_scheme"], seen["HTTP_HOST"], seen["SCRIPT_NAME"]) == (
        "https",
        "salles.example.org",
        "/salles/dav",
    )
    assert seen["REMOTE_ADDR"] == "203.0.113.9"
    assert ask(dispatcher, "/.well-known/caldav", **FORWARDED)[1]["Location"] == "/salles/dav/"


def test_nobody_else_is_believed() -> None:
    dav = Dav()

    ask(Dispatcher(dav, lambda: None, trusted_proxies=["192.0.2.8"]), "/dav/", **FORWARDED, HTTP_X_SCRIPT_NAME="/evil")

    seen = dav.environ
    assert (seen["wsgi.url_scheme"], seen["HTTP_HOST"], seen["SCRIPT_NAME"]) == ("http", "rooms.example.org", "/dav")
    assert seen["REMOTE_ADDR"] == "192.0.2.7"
    assert not any(name.startswith(("HTTP_X_FORWARDED", "HTTP_X_SCRIPT")) for name in seen)


def test_a_chunked_body_arrives_whole_with_its_length() -> None:
    dav = Dav()
    body = Trickle(b"x" * 100)

    ask(Dispatcher(dav, lambda: None), "/dav/x", "PUT", **{"wsgi.input": body, "HTTP_TRANSFER_ENCODING": "chunked"})

    assert dav.body == b"x" * 100


def test_a_body_that_nobody_read_is_taken_off_the_line() -> None:
    body = io.BytesIO(b"x" * 200_000)

    ask(Dispatcher(Dav(reads=False), lambda: None), "/dav/x", "PUT", **{"wsgi.input": body, "CONTENT_LENGTH": "200000"})

    assert body.read() == b""


def test_a_client_that_waits_to_be_asked_is_not_asked_for_a_body_that_nobody_reads() -> None:
    body = io.BytesIO(b"x" * 20)
    environ = {"wsgi.input": body, "CONTENT_LENGTH": "20", "HTTP_EXPECT": "100-continue"}

    ask(Dispatcher(Dav(reads=False), lambda: None), "/dav/x", "PUT", **environ)

    assert body.tell() == 0


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "-1", "many"])
def test_a_body_beyond_all_measure_is_refused(length: str) -> None:
    assert ask(Dispatcher(Dav(), lambda: None), "/dav/x", "PUT", CONTENT_LENGTH=length)[0] == 413


def test_a_failure_inside_is_a_500_and_not_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        raise RuntimeError("inside")

    assert ask(Dispatcher(broken, lambda: None), "/dav/x")[0] == 500
    assert "inside" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["5232", "localhost", ":5232", "127.0.0.1:http", "127.0.0.1:70000", "127.0.0.1:-1"])
def test_an_address_that_is_none_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(CannotListen) as refusal:
        Listen.parse(text)
    assert "\n" not in str(refusal.value)


def test_an_address_in_use_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CannotListen, match="in use"):
        Listen.parse(f"127.0.0.1:{other.getsockname()[1]}")


def test_ipv6_is_written_in_brackets() -> None:
    assert Listen("::1", 5232).url == "http://[::1]:5232"


# ---- the real thing ----------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with a_running_site(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all that changes nothing."""
    with a_running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def exchange(site: Running, *pieces: bytes) -> bytes:
    host, _, port = site.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(65536)


def test_it_answers_on_one_connection_after_refusing_a_large_body(site: Running) -> None:
    client = site.client("nobody@univ-amu.fr")

    assert client("PUT", "/dav/rooms/prado/a.ics", b"x" * 10_000_000).status == 401
    assert client("GET", "/healthz").text == "ok"


def test_expect_100_continue_is_answered_before_the_body_is_sent(site: Running) -> None:
    client = site.client()
    assert client("PUT", "/dav/rooms/prado/a.ics", a_booking(), {"Expect": "100-continue"}).status == 201


def test_an_answer_before_the_body_needs_no_body(site: Running) -> None:
    head = b"PUT /dav/rooms/prado/a.ics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"

    assert exchange(site, head).startswith(b"HTTP/1.1 401")


def test_sigterm_finishes_and_exits_0_and_leaves_the_port_free(site: Running) -> None:
    client = site.client()
    answers: list[int] = []

    def write() -> None:
        for n in range(8):
            data = a_booking(on="2027-01-11", at=f"{8 + n:02}:00", until=f"{9 + n:02}:00")
            try:
                answers.append(client("PUT", f"/dav/rooms/prado/{n}.ics", data).status)
            except OSError:
                return

    writer = threading.Thread(target=write)
    writer.start()
    while not answers:
        time.sleep(0.01)
    assert site.stop(signal.SIGTERM) == 0
    writer.join()

    assert set(answers) == {201}
    Listen.parse(site.url.removeprefix("http://"))


def test_a_chunked_body_is_booked_also_after_a_100_continue(site: Running) -> None:
    credentials = base64.b64encode(f"{MARIE}:{PASSWORD}".encode())
    for number, expects in enumerate([b"", b"Expect: 100-continue\r\n"]):
        data = a_booking(at=f"{10 + number}:00", until=f"{11 + number}:00")
        head = (
            b"PUT /dav/rooms/prado/%d.ics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sAuthorization: Basic %s\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" % (number, expects, credentials)
        )
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(data[n : n + 50]), data[n : n + 50]) for n in range(0, len(data), 50))

        answer = exchange_whole(site, head + chunks + b"0\r\n\r\n")

        assert b"HTTP/1.1 201" in answer
        assert site.client()("GET", f"/dav/rooms/prado/{number}.ics").status == 200


@pytest.mark.parametrize(
    "target",
    [
        b"/dav/rooms/prado/../../../../etc/passwd",
        b"/dav/rooms/prado/%2e%2e/%2e%2e/sesstim.toml",
        b"/dav/rooms/prado/a%00.ics",
        b"/dav/rooms/prado/%ff%fe.ics",
        b"/dav/rooms/prado/%.ics",
        b"/dav/rooms/prado/" + b"a" * 5000,
        b"/dav/rooms/prado/" + b"a" * 300_000,
        b"/dav/" + b"a/" * 2500,
        b"//dav//rooms//prado//a.ics",
        b"*",
        b"\xff\xfe",
    ],
    ids=range(11),
)
@pytest.mark.parametrize("method", [b"GET", b"PUT", b"DELETE", b"PROPFIND", b"MOVE"])
def test_hostile_addresses_are_a_4xx(one_site: Running, method: bytes, target: bytes) -> None:
    credentials = base64.b64encode(f"{MARIE}:{PASSWORD}".encode())
    request = b"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic %s\r\nDestination: %s\r\n" % (
        method,
        target,
        credentials,
        b"/dav/rooms/prado/x.ics",
    )
    answer = exchange_whole(one_site, request + b"Content-Length: 0\r\n\r\n")

    assert b"root:" not in answer
    assert answer[:10].startswith(b"HTTP/1.1 4"), answer[:200]
    assert one_site.client()("GET", "/healthz").text == "ok"


def test_hostile_bodies_do_not_make_the_server_grow(site: Running) -> None:
    status = Path(f"/proc/{site.process.pid}/task")
    if not status.exists():
        pytest.skip("no /proc to read the size of a process in")
    client = site.client()
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    bodies = [b"x" * 10_000_000, bytes(10_000_000), b"<a>" * 3_000_000, laughs, b"BEGIN:VCALENDAR\r\n" * 500_000]

    def round_() -> int:
        for number, body in enumerate(bodies):
            for method, path in (("PUT", "a.ics"), ("PROPFIND", ""), ("REPORT", "")):
                answer = client(method, f"/dav/rooms/prado/{path}", body)
                assert 400 <= answer.status < 500
            rule = f"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYSECOND={number}"
            assert client("PUT", "/dav/rooms/prado/a.ics", a_booking(repeats=rule)).status == 403
        return megabytes(site.process.pid)

    sizes = [round_() for _ in range(6)]

    assert sizes[-1] - sizes[2] < 20, sizes
    assert site.command("verify").returncode == 0


def megabytes(pid: int) -> int:
    """Resident memory of a process and its children."""
    total = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() // 2**20
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += sum(megabytes(int(child)) for child in (task / "children").read_text().split())
    return total


def exchange_whole(site: Running, request: bytes) -> bytes:
    """All that is answered until the server closes the connection; it may do so before it has read all."""
    host, _, port = site.url.removeprefix("http://").rpartition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                answer += piece
    return answer
