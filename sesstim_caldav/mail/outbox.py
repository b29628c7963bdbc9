"""The outbox: mails are stored in the transaction of what they report, and sent afterwards.

So none is lost and none tells of what did not happen. Whoever sends takes a lease by moving `due` ahead: one process
sends a mail at a time, and one that dies on the way leaves it to another. What cannot be sent is tried again, at
growing pauses, for two days.
"""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, insert, select, update

from sesstim_caldav.mail.transport import Transport, Undelivered
from sesstim_caldav.store import Store, Writing
from sesstim_caldav.store.database import Change, Row, Statement
from sesstim_caldav.store.schema import outbox
from sesstim_caldav.store.writing import note

LEASE = 600
"""Seconds that a process has to send one mail: longer than a transport waits."""
FIRST_PAUSE, LONGEST_PAUSE = 30, 7200
"""Seconds before the second attempt, and at most between two."""
GIVE_UP_AFTER = 2 * 86_400
"""Seconds after which a mail is tried no more."""
KEPT = 30 * 86_400
"""Seconds for which a mail that was given up is kept with its error."""
NEVER = 2**62
"""When a mail is due that was given up."""

_ASCII = SMTP.clone(cte_type="7bit")

_PUT = Statement(insert(outbox).values({c.name: bindparam(c.name) for c in outbox.c if c.name != "id"}))
_DUE = Statement(
    select(outbox.c.id, outbox.c.due).where(outbox.c.due <= bindparam("now")).order_by(outbox.c.due).limit(20)
)
_LEASED = Statement(
    update(outbox)
    .where(outbox.c.id == bindparam("the_id"), outbox.c.due == bindparam("was_due"))
    .values(due=bindparam("due"), attempts=outbox.c.attempts + 1)
    .returning(outbox.c.recipient, outbox.c.message, outbox.c.attempts, outbox.c.created)
)
_SENT = Statement(delete(outbox).where(outbox.c.id == bindparam("the_id")))
_FAILED = Statement(
    update(outbox).where(outbox.c.id == bindparam("the_id")).values(due=bindparam("due"), error=bindparam("error"))
)
_FORGET = Statement(delete(outbox).where(outbox.c.due == NEVER, outbox.c.created < bindparam("before")))
_WAITING = Statement(select(func.count()).select_from(outbox).where(outbox.c.due < sa.literal_column(str(NEVER))))


class Outbox:
    """The mails of a site that are to be sent. Methods may be called from any thread and process."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, change: Change | Writing, message: EmailMessage, now: int | None = None) -> None:
        """Stores a mail within the transaction of what it reports; `now` in UTC epoch seconds."""
        at = int(time.time()) if now is None else now
        text = self.write(message)
        recipient = parseaddr(str(message["To"]))[1]
        change.session.run(
            _PUT,
            {"created": at, "due": at, "attempts": 0, "recipient": recipient, "message": text, "error": None},
        )

    def write(self, message: EmailMessage) -> str:
        """The whole text of a mail, in ASCII: most of the work of `put`."""
        return message.as_bytes(policy=_ASCII).decode("ascii")

    def send_due(self, transport: Transport, now: int | None = None) -> int:
        """Sends what is due; answers how many mails left. After a failure the others wait for the next call.

        Raises `StoreUnavailable`.
        """
        sent = 0
        at = int(time.time()) if now is None else now
        with self.store.reading() as reading:  # most of the time there is nothing, and nothing is locked
            due = reading.session.all(_DUE, {"now": at})
        for identity, was_due in due:
            with self.store.changing() as change:
                values = {"the_id": identity, "was_due": was_due, "due": at + LEASE}
                row = change.session.one(_LEASED, values)
            if row is None:
                continue  # another process has it
            try:
                transport.deliver(row[0], row[1].encode("ascii"))
            except Undelivered as error:
                self._put_off(identity, row, str(error), at)
                break
            with self.store.changing() as change:
                change.session.run(_SENT, {"the_id": identity})
            sent += 1
        return sent

    def waiting(self) -> int:
        """How many mails are still to be sent."""
        with self.store.reading() as reading:
            row = reading.session.one(_WAITING, {})
        return int(row[0]) if row else 0

    def forget(self, now: int) -> None:
        """Removes mails that were given up a month ago."""
        with self.store.changing() as change:
            if count := change.session.run(_FORGET, {"before": now - KEPT}).rowcount:
                note(change.session, "upkeep", "forget", f"{count} mails that were given up", now)

    def _put_off(self, identity: int, row: Row, error: str, now: int) -> None:
        recipient, _, attempts, created = row
        late = now - created >= GIVE_UP_AFTER
        due = NEVER if late else now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 20))
        with self.store.changing() as change:
            change.session.run(_FAILED, {"the_id": identity, "due": due, "error": error[:500]})
            if late:
                note(change.session, "mail", "mail given up", f"to {recipient}: {error}"[:500], now)
