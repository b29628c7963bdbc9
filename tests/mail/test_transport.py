"""Mails on their way: a folder, and real SMTP servers in plain, with STARTTLS and with TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from building import settings_in
from certificate import certify

from sesstim_caldav.mail.messages import Messages
from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.mail.transport import Folder, Smtp, Undelivered, transport_of
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Store

NOW = 1_800_000_000
TO = "marie.dupont@univ-amu.fr"
MESSAGE = b"From: salles@example.org\r\nTo: marie.dupont@univ-amu.fr\r\nSubject: x\r\n\r\n.\r\n..\r\nFin\r\n"


class Sink:
    """Keeps what arrives; `refuse` is what is answered to the next mail instead."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refuse = ""
        self.signed_in: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.refuse:
            answer, self.refuse = self.refuse, ""
            return answer
        self.envelopes.append(envelope)
        return "250 taken"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, who: Any) -> AuthResult:
        assert isinstance(who, LoginPassword)
        self.signed_in.append(who.login)
        return AuthResult(success=(who.login, who.password) == (b"salles", "pässwörd".encode()), handled=False)


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of localhost signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    certify(folder)
    return folder / "tls.pem", folder / "tls.key"


def a_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Server:
    """An SMTP server that can be stopped and started at the same port."""

    def __init__(self, sink: Sink, **options: Any) -> None:
        self._sink, self._options = sink, options
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self._sink, hostname="127.0.0.1", port=self.port, **self._options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def a_server(servers: list[Server], sink: Sink, **options: Any) -> Server:
    server = Server(sink, **options)
    servers.append(server)
    server.start()
    return server


def smtp(port: int, **mail: Any) -> Smtp:
    settings = Settings.model_validate({"mail": {"host": "localhost", "port": port, **mail}})
    transport = transport_of(settings)
    assert isinstance(transport, Smtp)
    return transport


def test_a_mail_arrives_to_the_last_dot(servers: list[Server], sink: Sink) -> None:
    server = a_server(servers, sink)

    smtp(server.port).deliver(TO, MESSAGE)

    (envelope,) = sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("salles@example.org", [TO])
    assert envelope.content == MESSAGE


def test_starttls_and_signing_in(
    servers: list[Server],
    sink: Sink,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = a_server(
        servers,
        sink,
        tls_context=a_context(certificate),
        require_starttls=True,
        auth_required=True,
        authenticator=sink.authenticate,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    password = tmp_path / "password"
    password.write_text("pässwörd\n", encoding="utf-8")
    transport = smtp(server.port, security="starttls", user="salles", password_file=str(password))

    transport.deliver(TO, MESSAGE)
    assert len(sink.envelopes) == 1
    assert sink.signed_in == [b"salles"]

    password.write_text("changed", encoding="utf-8")
    with pytest.raises(Undelivered, match="535") as refused:
        transport.deliver(TO, MESSAGE)
    assert "changed" not in str(refused.value)
    with pytest.raises(Undelivered, match="530"):
        smtp(server.port).deliver(TO, MESSAGE)


def test_tls_from_the_start(
    servers: list[Server], sink: Sink, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = a_server(servers, sink, ssl_context=a_context(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    smtp(server.port, security="tls").deliver(TO, MESSAGE)

    assert len(sink.envelopes) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    servers: list[Server], sink: Sink, certificate: tuple[Path, Path], security: str
) -> None:
    how = "ssl_context" if security == "tls" else "tls_context"
    server = a_server(servers, sink, **{how: a_context(certificate)})

    with pytest.raises(Undelivered, match="CERTIFICATE_VERIFY_FAILED"):
        smtp(server.port, security=security).deliver(TO, MESSAGE)

    assert sink.envelopes == []


def test_a_server_without_starttls_gets_no_mail_that_was_to_be_encrypted(servers: list[Server], sink: Sink) -> None:
    server = a_server(servers, sink)

    with pytest.raises(Undelivered, match="STARTTLS"):
        smtp(server.port, security="starttls").deliver(TO, MESSAGE)

    assert sink.envelopes == []


def test_a_server_that_is_away_or_refuses_is_told_in_one_line(servers: list[Server], sink: Sink) -> None:
    with pytest.raises(Undelivered, match="refused"):
        smtp(free_port()).deliver(TO, MESSAGE)
    server = a_server(servers, sink)
    sink.refuse = "451 try again\r\n"

    with pytest.raises(Undelivered, match="451") as refused:
        smtp(server.port).deliver(TO, MESSAGE)

    assert "\n" not in str(refused.value)


def test_a_password_file_that_is_not_there_is_told(servers: list[Server], sink: Sink, tmp_path: Path) -> None:
    server = a_server(servers, sink)

    with pytest.raises(Undelivered, match="No such file"):
        smtp(server.port, user="salles", password_file=str(tmp_path / "none")).deliver(TO, MESSAGE)


def test_mails_wait_for_a_server_that_is_down_none_lost_and_none_doubled(
    servers: list[Server], sink: Sink, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, mail={"host": "127.0.0.1", "port": 1})
    server = Server(sink)
    servers.append(server)
    transport = smtp(server.port)
    with Store.open(settings) as store:
        outbox, messages = Outbox(store), Messages(settings)
        for n in range(5):
            with store.changing() as change:
                outbox.put(change, messages.password_changed(f"m{n}@ird.fr", "fr", NOW), NOW)

        now = NOW
        for _ in range(3):
            assert outbox.send_due(transport, now) == 0
            now += 40
        server.start()
        sink.refuse = "421 not yet"
        for _ in range(20):
            outbox.send_due(transport, now)
            now += 300
        assert outbox.waiting() == 0

    arrived = [envelope.rcpt_tos[0] for envelope in sink.envelopes]
    assert sorted(arrived) == [f"m{n}@ird.fr" for n in range(5)]


def test_in_a_folder_each_mail_is_a_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "deep" / "mail")

    for _ in range(3):
        folder.deliver(TO, MESSAGE)

    files = sorted((tmp_path / "deep" / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    assert {file.read_bytes() for file in files} == {MESSAGE}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Undelivered):
        Folder(tmp_path / "file").deliver(TO, MESSAGE)


def test_the_configuration_names_the_transport(tmp_path: Path) -> None:
    default = transport_of(settings_in(tmp_path, mail={"transport": "folder"}))
    named = transport_of(settings_in(tmp_path, mail={"transport": "folder", "folder": str(tmp_path / "post")}))

    assert isinstance(default, Folder)
    assert isinstance(named, Folder)
    assert (default.folder, named.folder) == (tmp_path / "data" / "mail", tmp_path / "post")
    assert isinstance(transport_of(settings_in(tmp_path)), Smtp)
