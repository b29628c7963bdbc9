"""The whole site put together: what one worker process of the server runs."""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path
from wsgiref.types import WSGIApplication

from sesstim_caldav import settings as configuration
from sesstim_caldav.office import Office
from sesstim_caldav.server import Dispatcher
from sesstim_caldav.store import StoreUnavailable
from sesstim_caldav.web import application as pages
from sesstim_caldav.web.feeds import FeedPages

UPKEEP_EVERY = 24 * 3600  # seconds


def application(config: Path, key: bytes | None = None) -> WSGIApplication:
    """Opens the office of a configuration file and answers for it; `key` is shared by all workers (`Accounts`).

    Raises ConfigurationError, StoreUnavailable.
    """
    from sesstim_radicale.application import create

    settings = configuration.load(config)
    office = Office.open(settings, key)
    threading.Thread(target=_look_ahead, args=(office,), daemon=True).start()
    return Dispatcher(
        create(settings, office),
        office.store.ping,
        trusted_proxies=settings.server.trusted_proxies,
        feeds=FeedPages(office.feeds),
        pages=pages.create(office),
    )


def _look_ahead(office: Office) -> None:
    """Keeps endless series indexed ahead of the calendar, once a day; one of the workers finds the work to do."""
    while True:
        time.sleep(UPKEEP_EVERY * random.uniform(0.5, 1))
        try:
            office.reception.extend_all()
            office.reception.finish()
            office.accounts.forget_guesses()
        except StoreUnavailable as error:
            print(f"upkeep put off: {error}", file=sys.stderr)
