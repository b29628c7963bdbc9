"""The whole site put together: what one worker process of the server runs."""

from __future__ import annotations

import threading
from pathlib import Path
from wsgiref.types import WSGIApplication

from sesstim_caldav import settings as configuration
from sesstim_caldav import upkeep
from sesstim_caldav.mail.transport import transport_of
from sesstim_caldav.mail.worker import MailWorker
from sesstim_caldav.office import Office
from sesstim_caldav.server import Dispatcher
from sesstim_caldav.web import application as pages
from sesstim_caldav.web.feeds import FeedPages


def application(config: Path, key: bytes | None = None) -> WSGIApplication:
    """Opens the office of a configuration file and answers for it; `key` is shared by all workers (`Accounts`).

    Raises ConfigurationError, StoreUnavailable.
    """
    from sesstim_radicale.application import create

    settings = configuration.load(config)
    office = Office.open(settings, key)
    threading.Thread(target=upkeep.keep_up, args=(office,), daemon=True).start()
    MailWorker(office.outbox, transport_of(settings)).start()
    return Dispatcher(
        create(settings, office),
        office.store.ping,
        trusted_proxies=settings.server.trusted_proxies,
        feeds=FeedPages(office.feeds),
        pages=pages.create(office),
    )
