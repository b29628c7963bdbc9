"""The mails that wait in an office's outbox, read as their readers would."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default

from sesstim_caldav.office import Office


def waiting(office: Office, to: str = "") -> list[EmailMessage]:
    """The mails that are still to be sent, oldest first; `to`: those to one address."""
    with office.store.reading() as reading:
        rows = reading.session.driver.execute("SELECT message FROM outbox ORDER BY id").fetchall()
    messages = [email.message_from_string(text, policy=default) for (text,) in rows]
    return [each for each in messages if not to or each["To"] == to]


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def secret_in(message: EmailMessage) -> str:
    """The secret of the link in a mail."""
    found = re.search(r"/(?:confirm|reset)/([\w-]+)", text_of(message))
    assert found, "no link in the mail"
    return found[1]
