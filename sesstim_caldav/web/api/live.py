"""`/api/live`: a stream of events (WHATWG HTML section 9.2) that tells open pages which rooms have changed.

One thread of each worker process looks at the rooms' counters twice a second while somebody listens: a change is
seen whoever made it: a phone by CalDAV, a page, another worker.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

from flask import Response, current_app, request
from sqlalchemy import select

from sesstim_caldav.office import Office
from sesstim_caldav.store import StoreUnavailable
from sesstim_caldav.store.database import Statement
from sesstim_caldav.store.schema import rooms
from sesstim_caldav.streams import Stream, stopping
from sesstim_caldav.web.api.access import Fault, api, asking
from sesstim_caldav.web.visit import office, say

LOOK_EVERY = 0.5
"""Seconds between two looks at the rooms."""
PING_EVERY = 10.0
"""Seconds of silence after which a line is sent: only so is it noticed who has gone, and no proxy takes the stream for
dead."""
LONGEST = 3600.0
"""Seconds after which a stream ends; the page opens another, if it is still signed in."""
MOST_OPEN = 256
"""Streams that one worker process holds open; each has a thread."""
MOST_EACH = 16
"""Streams of one account in one worker process, of which a new one ends the oldest: most likely its page is closed."""

Versions = dict[str, int]

_SEQUENCES = Statement(select(rooms.c.slug, rooms.c.seq))


@api.get("/live")
def live() -> Response:
    """`{"versions": {slug: n}}` at once and after each change."""
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response("", 200, headers)
    watch = _watch()
    listener = watch.join(asking().id)
    try:
        first = watch.look()
    except BaseException:
        watch.leave(listener)
        raise
    return Response(Stream(told(watch, listener, first), partial(watch.leave, listener)), 200, headers)


def told(watch: Watch, listener: Listener, versions: Versions) -> Iterator[bytes]:
    """What one listener is sent."""
    ends = time.monotonic() + LONGEST
    yield b"retry: 2000\n" + _event(versions)
    while time.monotonic() < ends:
        latest = watch.wait(listener, versions, PING_EVERY)
        if latest is None:
            return
        if latest == versions:
            if not watch.admits(listener):
                return
            yield b": ping\n\n"
        else:
            versions = latest
            yield _event(versions)


def _event(versions: Versions) -> bytes:
    return f"data: {json.dumps({'versions': versions}, separators=(',', ':'))}\n\n".encode()


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream; `ended`: it is to end."""

    account: int
    ended: bool = False


class Watch:
    """Who listens in this process, and what they are told. Safe for any number of threads."""

    def __init__(self, office: Office) -> None:
        self._store = office.store
        self._accounts = office.accounts
        self._published = {room.slug for room in office.settings.rooms}
        self._eyes = threading.Lock()
        self._changed = threading.Condition()
        self._versions: Versions = {}
        self._listeners: dict[Listener, None] = {}  # in the order in which they came
        self._looking = False

    def join(self, account: int) -> Listener:
        """One more listener. Raises `Fault` (503) where there are too many."""
        with self._changed:
            own = [each for each in self._listeners if each.account == account]
            if len(own) >= MOST_EACH:
                own[0].ended = True
                del self._listeners[own[0]]
                self._changed.notify_all()
            if len(self._listeners) >= MOST_OPEN:
                raise Fault(503, "too-many-pages", say("Too many pages are open at the moment."), {"Retry-After": "30"})
            self._listeners[listener := Listener(account)] = None
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._watch, name="live", daemon=True).start()
            return listener

    def leave(self, listener: Listener) -> None:
        """One listener less."""
        with self._changed:
            self._listeners.pop(listener, None)

    def admits(self, listener: Listener) -> bool:
        """Whether a listener may still sign in."""
        try:
            account = self._accounts.by_id(listener.account)
        except StoreUnavailable:
            return True  # nothing can be said now
        return account is not None and account.active

    def look(self) -> Versions:
        """Reads the rooms' counters and wakes the listeners if one has moved. Raises `StoreUnavailable`."""
        with self._eyes:  # one at a time, so that nobody is told of the past after the present
            with self._store.reading() as reading:
                rows = reading.session.all(_SEQUENCES, {})
            found = {slug: seq for slug, seq in rows if slug in self._published}
            with self._changed:
                if found != self._versions:
                    self._versions = found
                    self._changed.notify_all()
            return found

    def wait(self, listener: Listener, seen: Versions, seconds: float) -> Versions | None:
        """The rooms' counters once they are others than those seen, or after some seconds; None: it is over."""

        def stirs() -> bool:
            return self._versions != seen or listener.ended or stopping.is_set()

        with self._changed:
            self._changed.wait_for(stirs, seconds)
            return None if listener.ended or stopping.is_set() else self._versions

    def _watch(self) -> None:
        while not stopping.wait(LOOK_EVERY):
            with self._changed:
                if not self._listeners:
                    self._looking = False
                    return
            try:
                self.look()
            except StoreUnavailable as error:
                print(f"changes are not seen: {error}", file=sys.stderr)
        with self._changed:
            self._looking = False
            self._changed.notify_all()


_birth = threading.Lock()


def _watch() -> Watch:
    with _birth:
        if "watch" not in current_app.extensions:
            current_app.extensions["watch"] = Watch(office())
    return cast(Watch, current_app.extensions["watch"])
