"""One port for everything: what answers which address, and the production server around it.

The dispatcher is an ordinary WSGI application. It believes forwarded headers only from trusted proxies, hands `/dav/`
to the CalDAV application with `SCRIPT_NAME` set, and makes every request body a plain one, so that nothing behind it
has to know of chunks or of answers given before the body was read. Why Granian: notes/serving.md.
"""

from __future__ import annotations

import ctypes
import io
import ipaddress
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sesstim_caldav.streams import Stream, stopping

MAX_BODY = 16 * 2**20  # bytes of a request body that are read; an event of this size is refused long before
MAX_DISCARD = 128 * 2**20  # bytes read and thrown away so that the client gets to see its refusal
AT_ONCE = 64  # requests that one worker works on; each may have a connection to the store with its cache
OPEN_PAGES = 256  # answers that one worker holds open beside them, for as long as a page is looked at
BLOCKING_THREADS = AT_ONCE + OPEN_PAGES  # at most, for one worker; they come and go with the load
QUIET = 2.0  # seconds that the last answer has to reach its client after SIGTERM
HELD_OPEN = "/api/live"
"""Where these answers are asked for: they wait in a thread of their own, and for nothing but a change."""
_FORWARDED = ("FOR", "PROTO", "HOST", "PREFIX")
_UNTRUSTED = (
    "HTTP_X_SCRIPT_NAME",
    "HTTP_FORWARDED",
    "HTTP_X_REMOTE_USER",
    *(f"HTTP_X_FORWARDED_{k}" for k in _FORWARDED),
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = list[tuple[str, str]]


class CannotListen(Exception):
    """The address cannot be listened on; the text says why, in one line."""


# ---- what answers which address ----------------------------------------------------------------------------


class Dispatcher:
    """The WSGI application of the whole site.

    `dav` answers everything under `/dav/`, `feeds` under `/feeds/`, `pages` whatever is nobody else's; `check` raises
    when the store does not answer (for `/healthz`); `trusted_proxies` are addresses or networks whose
    X-Forwarded-For, -Proto, -Host and -Prefix are believed.
    """

    def __init__(
        self,
        dav: WSGIApplication,
        check: Callable[[], object],
        *,
        trusted_proxies: Iterable[str] = (),
        feeds: WSGIApplication | None = None,
        pages: WSGIApplication | None = None,
    ) -> None:
        self._dav = dav
        self._feeds = feeds
        self._pages = pages or _nothing
        self._check = check
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._trusted = [ipaddress.ip_network(str(each), strict=False) for each in trusted_proxies]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        turns = None if environ["PATH_INFO"] == HELD_OPEN else self._turns
        if turns is not None:
            turns.acquire()
        under_way.more()
        try:
            answer = self._whole(environ, start_response)
        except BaseException:
            _done(None, turns)
            raise
        if isinstance(answer, list):
            _done(None, turns)
            return answer
        return Stream(iter(answer), partial(_done, answer, turns))

    def _whole(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        believe_forwarded(environ, self._trusted)
        body = _Body.of(environ)
        if body is not None:
            if body.too_large:
                body.discard()
                return _text(start_response, "413 Content Too Large", "The request body is too large.")
            environ["wsgi.input"] = body
        try:
            answer = self._answer(environ, start_response)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            answer = _text(start_response, "500 Internal Server Error", "Something went wrong on the server.")
        if body is not None:
            body.discard()
        return answer

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith("/dav/"):
            environ["SCRIPT_NAME"] += "/dav"
            environ["PATH_INFO"] = path[4:]
            return self._dav(environ, start_response)
        if self._feeds is not None and path.startswith("/feeds/"):
            environ["SCRIPT_NAME"] += "/feeds"
            environ["PATH_INFO"] = path[6:]
            return self._feeds(environ, start_response)
        method: str = environ["REQUEST_METHOD"]
        if path in ("/.well-known/caldav", "/.well-known/caldav/", "/dav") or (path == "/" and method == "PROPFIND"):
            return _redirect(start_response, environ["SCRIPT_NAME"] + "/dav/")
        if path != "/healthz":
            return self._pages(environ, start_response)
        if method not in ("GET", "HEAD"):
            return _text(
                start_response, "405 Method Not Allowed", "This address can only be read.", [("Allow", "GET, HEAD")]
            )
        return self._healthz(start_response)

    def _healthz(self, start_response: StartResponse) -> Iterable[bytes]:
        try:
            self._check()
        except Exception as error:
            print(f"healthz: {error}", file=sys.stderr)
            return _text(
                start_response, "503 Service Unavailable", "The store does not answer.", [("Retry-After", "10")]
            )
        return _text(start_response, "200 OK", "ok")


def _done(answer: Iterable[bytes] | None, turns: threading.BoundedSemaphore | None) -> None:
    try:
        if close := getattr(answer, "close", None):
            close()
    finally:
        under_way.fewer()
        if turns is not None:
            turns.release()


class _UnderWay:
    """How many requests this process is answering."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def more(self) -> None:
        with self._lock:
            self.count += 1

    def fewer(self) -> None:
        with self._lock:
            self.count -= 1


under_way = _UnderWay()


def _nothing(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return _text(start_response, "404 Not Found", "There is nothing at this address.")


def _text(start_response: StartResponse, status: str, text: str, more: Headers | None = None) -> list[bytes]:
    body = text.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *(more or [])]
    start_response(status, headers)
    return [body]


def _redirect(start_response: StartResponse, path: str) -> list[bytes]:
    """301 to an absolute path: right whatever scheme and host the client used."""
    return _text(start_response, "301 Moved Permanently", f"See {path}", [("Location", path)])


# ---- proxies -----------------------------------------------------------------------------------------------


def believe_forwarded(environ: WSGIEnvironment, trusted: list[Network]) -> None:
    """Apply X-Forwarded-* to the environment if they come from a trusted proxy, and take them out in any case."""
    if trusted and _is_trusted(environ.get("REMOTE_ADDR", ""), trusted):
        if chain := environ.get("HTTP_X_FORWARDED_FOR"):
            hops = [hop.strip() for hop in chain.split(",")]
            # from the right: the first address that is no proxy of ours is whom our proxies saw
            environ["REMOTE_ADDR"] = next((hop for hop in reversed(hops) if not _is_trusted(hop, trusted)), hops[0])
        if (proto := _first(environ, "HTTP_X_FORWARDED_PROTO").lower()) in ("http", "https"):
            environ["wsgi.url_scheme"] = proto
        if host := _first(environ, "HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = host
        prefix = _first(environ, "HTTP_X_FORWARDED_PREFIX").rstrip("/")
        if prefix.startswith("/") and not prefix.startswith("//"):
            environ["SCRIPT_NAME"] = prefix
    for name in _UNTRUSTED:
        environ.pop(name, None)


def _first(environ: WSGIEnvironment, name: str) -> str:
    return cast(str, environ.get(name, "")).split(",", 1)[0].strip()


def _is_trusted(address: str, trusted: list[Network]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in trusted)


# ---- request bodies ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Body:
    """A request body of known length, of which the unread rest can be thrown away.

    A server that answers before the body has been read closes the connection under a client still sending, which then
    sees a broken pipe in place of its 401 or 403. A client that asked `Expect: 100-continue` gets the answer at once.
    """

    source: IO[bytes]
    left: int
    too_large: bool
    waits: bool

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> _Body | None:
        """The body of the request, or None; a chunked one is read whole here and gets its CONTENT_LENGTH."""
        source = cast("IO[bytes]", environ["wsgi.input"])
        waits = "HTTP_EXPECT" in environ
        if "HTTP_TRANSFER_ENCODING" in environ:
            data = _read(source, MAX_BODY + 1)
            if len(data) > MAX_BODY:
                return cls(source, MAX_DISCARD, too_large=True, waits=False)
            environ["CONTENT_LENGTH"] = str(len(data))
            del environ["HTTP_TRANSFER_ENCODING"]
            return cls(io.BytesIO(data), len(data), too_large=False, waits=False)
        length = environ.get("CONTENT_LENGTH")
        if not length or length == "0":
            return None
        size = int(length) if length.isascii() and length.isdecimal() else MAX_BODY + 1
        return cls(source, min(size, MAX_DISCARD), too_large=size > MAX_BODY, waits=waits)

    def read(self, size: int | None = -1) -> bytes:
        want = self.left if size is None or size < 0 else min(size, self.left)
        data = _read(self.source, want) if want else b""
        self.left = self.left - len(data) if len(data) == want else 0
        self.waits = False
        return data

    def readline(self, size: int | None = -1) -> bytes:
        rest = io.BytesIO(self.read())
        line = rest.readline(-1 if size is None else size)
        self.source, self.left = rest, len(rest.getbuffer()) - rest.tell()
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        return io.BytesIO(self.read()).readlines(hint)

    def __iter__(self) -> Iterable[bytes]:
        return iter(self.readlines())

    def discard(self) -> None:
        if self.waits:
            return
        while self.left:
            self.read(min(self.left, 65536))


def _read(source: IO[bytes], size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end of the body."""
    data = source.read(size)
    if len(data) == size or not data:
        return data
    pieces, got = [data], len(data)
    while got < size and (data := source.read(size - got)):
        pieces.append(data)
        got += len(data)
    return b"".join(pieces)


# ---- the server --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen: an IP address and a port, and the address as people write it."""

    ip: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{f'[{self.ip}]' if ':' in self.ip else self.ip}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Listen:
        """`HOST:PORT` or `[IPV6]:PORT`, resolved, and tried once; port 0 is a free one. Raises CannotListen."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
            raise CannotListen(f"{text!r} is no address to listen on, which is HOST:PORT, for example 127.0.0.1:5232")
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as trial:
                # the server shares its port among its workers (SO_REUSEPORT), so it would not see that it is taken
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
                trial.listen()
                ip, free_port, *_ = trial.getsockname()
        except (OSError, UnicodeError) as error:
            raise CannotListen(f"cannot listen on {text}: {getattr(error, 'strerror', None) or error}") from error
        return cls(ip, free_port)


def serve(
    listen: Listen, workers: int, application: Callable[[], WSGIApplication], announce: Callable[[str], None]
) -> None:
    """Run `workers` processes until SIGTERM or SIGINT; requests under way are finished first.

    `application` is called once in each worker process and makes its WSGI application; it must be picklable.
    `announce` is called with the address once connections are accepted. Raises SystemExit(1) if workers keep failing.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "sesstim_caldav",
        address=listen.ip,
        port=listen.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        backpressure=1024,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    server.on_startup(lambda: threading.Thread(target=_announce_when_up, args=(listen, announce), daemon=True).start())
    server.serve(target_loader=_Worker(os.getpid(), application), wrap_loader=False)


@dataclass(frozen=True, slots=True)
class _Worker:
    """Makes the application inside a worker process, which does not outlive its parent."""

    parent: int
    application: Callable[[], WSGIApplication]

    def __call__(self) -> WSGIApplication:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a killed server leaves no one on its port
            if os.getppid() != self.parent:
                os._exit(1)
        _notice_the_end()
        return self.application()


def _notice_the_end() -> None:
    """Has `stopping` set at SIGTERM and SIGINT, whose handlers are the server's, and sees to it that this is the end.

    Granian 2.8 waits for connections on which nothing is asked any more until it is killed (now and then on an idle
    machine, mostly on a busy one): once nothing has been under way for `QUIET` seconds, the process ends by itself.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def notice() -> None:
        while (caught := os.read(reader, 1)) and caught[0] not in (signal.SIGTERM, signal.SIGINT):
            pass
        stopping.set()
        since = time.monotonic()
        while time.monotonic() - since < QUIET:
            time.sleep(0.05)
            if under_way.count:
                since = time.monotonic()
        os._exit(0)

    threading.Thread(target=notice, name="end", daemon=True).start()


def _announce_when_up(listen: Listen, announce: Callable[[str], None]) -> None:
    ip = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.ip, listen.ip)
    while True:
        try:
            socket.create_connection((ip, listen.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            announce(listen.url)
            return


_LOGGING: dict[str, Any] = {
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
        "access": {"formatter": "access", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    },
}
