"""Feeds over HTTP: `/feeds/<secret>/<name>.ics`, read-only, for programs that cannot sign in.

Plain WSGI, because these addresses are polled all day. A secret is in no answer, header or log line; whatever is wrong
with an address, the answer is the same 404.
"""

from __future__ import annotations

import re
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from email.utils import formatdate, parsedate_to_datetime
from functools import partial
from itertools import chain
from wsgiref.types import StartResponse, WSGIEnvironment

from sesstim_caldav.feeds import Feeds, FeedState
from sesstim_caldav.store import StoreUnavailable
from sesstim_caldav.streams import Stream, gathered

_ADDRESS = re.compile(r"/([A-Za-z0-9_-]{20,100})/([a-z0-9-]{1,100})\.ics")
_TAG = re.compile(r'"([^"]*)"')
_PLAIN = "text/plain; charset=utf-8"

Headers = list[tuple[str, str]]


class FeedPages:
    """The WSGI application under `/feeds`."""

    def __init__(self, feeds: Feeds, clock: Callable[[], float] = time.time) -> None:
        self._feeds = feeds
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            headers = [("Allow", "GET, HEAD")]
            if method == "OPTIONS":
                return _said(start_response, "200 OK", "", headers)
            return _said(start_response, "405 Method Not Allowed", "This address can only be read.", headers)
        try:
            return self._answer(environ, start_response, method == "HEAD")
        except StoreUnavailable as error:
            print(f"a feed could not be read: {error}", file=sys.stderr)
            headers = [("Retry-After", "30")]
            return _said(start_response, "503 Service Unavailable", "The store does not answer.", headers, method)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse, head: bool) -> Iterable[bytes]:
        now = int(self._clock())
        asked = _ADDRESS.fullmatch(environ["PATH_INFO"])
        with ExitStack() as stack:
            state: FeedState | None = None
            if asked:
                reading = stack.enter_context(self._feeds.reading(now))
                state = reading.state(asked[1], asked[2])
            if state is None:
                text = "There is nothing at this address."
                return _said(start_response, "404 Not Found", text, method="HEAD" if head else "GET")
            gzipped = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
            headers = _validators(state, gzipped)
            if _unchanged(environ, state):
                stack.close()
                self._note_use(state, now)
                start_response("304 Not Modified", headers)
                return []
            headers += [("Content-Type", "text/calendar; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
            headers += [("Content-Encoding", "gzip")] if gzipped else []
            if head:
                stack.close()
                self._note_use(state, now)
                start_response("200 OK", headers)
                return []
            pieces = gathered(reading.calendar(state))
            pieces = _gzipped(pieces) if gzipped else pieces
            # what fails at once can still become an answer of its own
            pieces = chain([next(pieces)], pieces)
            start_response("200 OK", headers)
            return Stream(pieces, partial(self._ended, stack.pop_all(), state, now))

    def _ended(self, held: ExitStack, state: FeedState, now: int) -> None:
        held.close()
        self._note_use(state, now)

    def _note_use(self, state: FeedState, now: int) -> None:
        """A feed is read all the same while nothing can be written."""
        try:
            self._feeds.subscriptions.note_use(state.subscription, now)
        except StoreUnavailable as error:
            print(f"the use of a feed was not noted: {error}", file=sys.stderr)


def _validators(state: FeedState, gzipped: bool) -> Headers:
    return [
        ("ETag", f'"{state.etag}-gzip"' if gzipped else f'"{state.etag}"'),
        ("Last-Modified", formatdate(state.modified, usegmt=True)),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Accept-Encoding"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Robots-Tag", "noindex"),
    ]


def _unchanged(environ: WSGIEnvironment, state: FeedState) -> bool:
    """Whether the client has this very state (RFC 9110 section 13.2.2: a tag decides alone where there is one)."""
    tags: str | None = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or any(tag.removesuffix("-gzip") == state.etag for tag in _TAG.findall(tags))
    try:
        since = parsedate_to_datetime(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
        return state.modified <= since.timestamp()
    except (ValueError, TypeError, OverflowError):
        return False


def _takes_gzip(accept: str) -> bool:
    for choice in accept.lower().split(","):
        coding, _, parameter = choice.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            try:
                return float(parameter.strip().removeprefix("q=") or 1) > 0
            except ValueError:
                return False
    return False


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(5, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _said(
    start_response: StartResponse, status: str, text: str, more: Headers | None = None, method: str = "GET"
) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", _PLAIN), ("Content-Length", str(len(body))), *(more or [])])
    return [] if method == "HEAD" else [body]
