"""Ways for a mail to leave: by SMTP, or into a folder."""

from __future__ import annotations

import os
import smtplib
import ssl
import threading
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from sesstim_caldav.settings import MailSettings, Settings

PATIENCE = 30
"""Seconds that an SMTP server may take for one answer."""


class Undelivered(Exception):
    """A mail did not leave; the text says why in one line."""


class Transport(Protocol):
    """A way for mails to leave."""

    def deliver(self, recipient: str, message: bytes) -> None:
        """Hands a mail over: a whole RFC 5322 text with CRLF. Raises `Undelivered`."""
        ...


class Folder:
    """Mails as files, one `.eml` each, for tests and demonstrations. Their names sort by time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def deliver(self, recipient: str, message: bytes) -> None:  # noqa: ARG002 -- it stands in the message
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                name = f"{time.time_ns()}-{os.getpid()}"
                unfinished = self.folder / f".{name}.part"
                unfinished.write_bytes(message)
                unfinished.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise Undelivered(f"{self.folder}: {error.strerror}") from error


class Smtp:
    """An SMTP server, in plain, after STARTTLS or in TLS from the start; its certificate is verified."""

    def __init__(self, settings: MailSettings, name: str) -> None:
        """`name` is how this machine introduces itself."""
        self.settings = settings
        self.name = name
        self.sender = settings.mailbox[1]

    def deliver(self, recipient: str, message: bytes) -> None:
        try:
            connection = self._connect()
            try:
                connection.sendmail(self.sender, [recipient], message)
            finally:
                with suppress(OSError, smtplib.SMTPException):  # the mail is handed over, or its error is told
                    connection.quit()
        except (OSError, smtplib.SMTPException, ssl.SSLError, UnicodeError, ValueError) as error:
            raise Undelivered(" ".join(f"{type(error).__name__}: {error}".split())) from error

    def _connect(self) -> smtplib.SMTP:
        mail = self.settings
        connection: smtplib.SMTP
        if mail.security == "tls":
            context = ssl.create_default_context()
            connection = smtplib.SMTP_SSL(mail.host, mail.port, self.name, timeout=PATIENCE, context=context)
        else:
            connection = smtplib.SMTP(mail.host, mail.port, self.name, timeout=PATIENCE)
        try:
            if mail.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if mail.user:
                _sign_in(connection, mail.user, self._password())
        except BaseException:
            connection.close()
            raise
        return connection

    def _password(self) -> str:
        """Read anew for each connection: a password that is changed needs no new start."""
        if not self.settings.password_file:
            return ""
        return Path(self.settings.password_file).read_text(encoding="utf-8").strip()


def _sign_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        connection.login(user, password)
        return
    # smtplib knows no letters but ASCII's; PLAIN is UTF-8 (RFC 4616 section 2)
    connection.ehlo_or_helo_if_needed()
    token = b64encode(f"\0{user}\0{password}".encode()).decode()
    code, answer = connection.docmd("AUTH", f"PLAIN {token}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def transport_of(settings: Settings) -> Transport:
    """The way that the configuration names."""
    mail = settings.mail
    if mail.transport == "folder":
        return Folder(Path(mail.folder) if mail.folder else settings.store.data_dir / "mail")
    return Smtp(mail, urlsplit(settings.site.base_url).hostname or "localhost")
