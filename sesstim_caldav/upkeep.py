"""The server's daily work: series indexed ahead, what a crash cut short finished, what has had its time forgotten."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator

from sesstim_caldav import retention
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.office import Office
from sesstim_caldav.store import StoreUnavailable

SOON = 60
"""Seconds after the start of a worker within which it looks for the first time."""
EVERY = 86_400
"""Seconds between two times, at most; one of the workers finds the work to do."""


def tasks(office: Office) -> dict[str, Callable[[int], object]]:
    """What there is to do, by a name for the log; each takes the time in UTC epoch seconds, and twice is as once."""
    settings, store = office.settings, office.store
    return {
        "series ahead": lambda _: office.reception.extend_all(),
        "new names": lambda _: office.reception.finish(),
        "guesses": lambda now: office.accounts.forget_guesses(now),
        "links": office.registration.forget,
        "sessions": Sessions(store, settings).forget,
        "mails": office.outbox.forget,
        "retention": lambda now: retention.forget(store, settings.accounts.retention_days, settings.zone, now),
    }


def run(office: Office, now: int) -> Iterator[str]:
    """Does it all, each thing for itself; a line for each that could not be done and is for the next time."""
    for name, task in tasks(office).items():
        try:
            task(now)
        except StoreUnavailable as error:
            yield f"upkeep ({name}) put off: {error}"
        except Exception as error:  # a fault in one is not to keep the others from being done
            yield f"upkeep ({name}) failed: {type(error).__name__}: {error}"


def keep_up(office: Office) -> None:
    """Runs for the life of the process, in a thread of its own: soon after the start, then daily."""
    time.sleep(random.uniform(1, SOON))  # the workers one after the other
    while True:
        for line in run(office, int(time.time())):
            print(line, file=sys.stderr, flush=True)
        time.sleep(EVERY * random.uniform(0.5, 1))
