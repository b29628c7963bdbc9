"""The thread of each worker process that sends what lies in the outbox."""

from __future__ import annotations

import random
import sys
import threading

from sesstim_caldav.mail.outbox import Outbox
from sesstim_caldav.mail.transport import Transport
from sesstim_caldav.store import StoreUnavailable

EVERY = 0.8
"""Seconds between two looks into the outbox, each one indexed SELECT."""


class MailWorker:
    """Looks into the outbox until it is stopped."""

    def __init__(self, outbox: Outbox, transport: Transport) -> None:
        self.outbox = outbox
        self.transport = transport
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)

    def start(self) -> MailWorker:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends after the mail under way."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(EVERY * random.uniform(0.8, 1.2)):
            try:
                while self.outbox.send_due(self.transport):
                    pass
            except StoreUnavailable as error:
                print(f"mails put off: {error}", file=sys.stderr)
            except Exception as error:  # whatever it is, the mails after this one are to leave
                print(f"mails put off: unexpected {type(error).__name__}: {error}", file=sys.stderr)
