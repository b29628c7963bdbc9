"""Radicale's application, extended: the WSGI application of everything under `/dav/`.

Radicale loads the plugins and holds the configuration; the way of a request through it is ours, since its own has no
place for a refusal with a body, for names with every character, for conditions on GET or for answers longer than the
memory.
"""

from __future__ import annotations

import binascii
import logging
from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from radicale import config
from radicale.app import Application as RadicaleApplication
from radicale.types import WSGIStartResponse

from sesstim_caldav.accounts import Account, DirectoryUnavailable, TooManyGuesses
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office
from sesstim_caldav.reception import PreconditionFailed
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import StoreUnavailable
from sesstim_radicale import propfind, proppatch, reading, report, writing
from sesstim_radicale.answers import (
    COLLECTION_FIXED,
    DIRECTORY_AWAY,
    NOT_A_NAME,
    TEXT,
    TOO_MANY_GUESSES,
    Answer,
    Failure,
    denied,
)
from sesstim_radicale.auth import Auth
from sesstim_radicale.places import Kind, Place, Unreadable, address, mounted, requested
from sesstim_radicale.request import Request, language
from sesstim_radicale.rights import Rights
from sesstim_radicale.storage import Storage
from sesstim_radicale.web import Web

log = logging.getLogger("sesstim_caldav.dav")

DAV_CLASSES = "1, 3, calendar-access"
"""No locks (2), no address books; `extended-mkcol` would promise collections that cannot be made."""

ALLOWED = "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT, PUT, DELETE, MOVE, COPY"
"""The same everywhere: Evolution takes a room for read-only whose own OPTIONS name no PUT."""
_CREATES = frozenset({"PUT", "MKCOL", "MKCALENDAR"})


def create(settings: Settings, office: Office) -> Application:
    """The application over an open office, for a server that mounts it at `/dav` (SCRIPT_NAME ends in "/dav")."""
    configuration = config.load()
    configuration.update(
        {
            "auth": {"type": partial(Auth, office=office), "delay": "0"},
            "rights": {"type": partial(Rights, office=office), "permit_delete_collection": "False"},
            "storage": {"type": partial(Storage, office=office)},
            "web": {"type": partial(Web, office=office)},
            "server": {"delay_on_error": "0"},
        },
        f"{settings.site.name} settings",
    )
    return Application(configuration, office)


class Application(RadicaleApplication):
    """Answers CalDAV over an office; the plugins of the configuration sign in, grant, and serve pages."""

    _auth: Auth
    _rights: Rights
    _web: Web

    def __init__(self, configuration: config.Configuration, office: Office) -> None:
        level = logging.getLogger("radicale").level
        logging.getLogger("radicale").setLevel(logging.WARNING)
        super().__init__(configuration)
        logging.getLogger("radicale").setLevel(level)
        self.office = office
        realm = office.settings.site.name.encode("ascii", "ignore").decode().replace('"', "'").replace("\\", "")
        self._challenge = [("WWW-Authenticate", f'Basic realm="{realm}", charset="UTF-8"')]
        self._methods: dict[str, Callable[[Request], Answer]] = {
            "GET": self._get,
            "HEAD": self._get,
            "PROPFIND": propfind.answer,
            "PROPPATCH": proppatch.answer,
            "REPORT": report.answer,
            "PUT": writing.put,
            "DELETE": writing.delete,
            "MOVE": writing.move,
            "COPY": writing.copy,
            "MKCOL": _fixed,
            "MKCALENDAR": _fixed,
        }

    def __call__(self, environ: Any, start_response: WSGIStartResponse) -> Iterable[bytes]:
        answer = self.answer(environ)
        start_response(answer.status_line, answer.headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            close = getattr(answer.body, "close", None)
            if close:
                close()
            return []
        return answer.body

    def answer(self, environ: Any) -> Answer:
        """The answer to one request. Raises nothing."""
        spoken = language(None, environ.get("HTTP_ACCEPT_LANGUAGE", ""), list(self.office.settings.site.languages))
        account: Account | None = None
        try:
            method = environ["REQUEST_METHOD"]
            if method == "OPTIONS":
                return Answer.empty(HTTPStatus.OK, [("DAV", DAV_CLASSES), ("Allow", ALLOWED)])
            account = self._account(environ)
            spoken = account.language or spoken
            handler = self._methods.get(method)
            place = _place(environ, method)
            if handler is None:
                raise Failure(HTTPStatus.METHOD_NOT_ALLOWED, headers=[("Allow", ALLOWED)])
            if place.kind is Kind.NOWHERE and method not in _CREATES:
                raise Failure(HTTPStatus.NOT_FOUND, told="There is nothing at this address.")
            if method in ("GET", "HEAD", "PROPFIND", "REPORT", "PROPPATCH") and not self._rights.authorization(
                account.email, set(), place.path
            ):
                raise Failure(HTTPStatus.NOT_FOUND, told="There is nothing at this address.")
            request = Request(environ, self.office, place, account, mounted(environ.get("SCRIPT_NAME", "")), spoken)
            return handler(request)
        except Failure as failure:
            return failure.answer(spoken)
        except Refusal as refusal:
            return self._refused(environ, refusal, spoken)
        except PreconditionFailed:
            return Failure(HTTPStatus.PRECONDITION_FAILED, told="The request's conditions do not hold.").answer()
        except StoreUnavailable as error:
            log.warning("%s %r: the store is unavailable: %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], error)
            return Answer.of(
                HTTPStatus.SERVICE_UNAVAILABLE, TEXT, b"The store is busy. Try again soon.", [("Retry-After", "10")]
            )
        except Exception:
            log.exception("%s %r failed", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            return Answer.of(HTTPStatus.INTERNAL_SERVER_ERROR, TEXT, b"Something went wrong on the server.")

    def _account(self, environ: Any) -> Account:
        """Who asks (RFC 7617). Raises `Failure`: 401 without credentials, with wrong or with unreadable ones."""
        header = environ.get("HTTP_AUTHORIZATION", "")
        scheme, _, encoded = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                login, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                colon = ""
            account = self._signed_in(login, password, environ.get("REMOTE_ADDR", "")) if colon else None
            if account is not None:
                return account
        raise Failure(HTTPStatus.UNAUTHORIZED, told="Sign in with your e-mail address.", headers=self._challenge)

    def _signed_in(self, login: str, password: str, client: str) -> Account | None:
        """Raises `Failure`: 429 where too many passwords were guessed to look at this one (RFC 6585 section 4).

        503 where the directory that knows it does not answer.
        """
        try:
            return self._auth.account(login, password, client)
        except TooManyGuesses as error:
            wait = [("Retry-After", str(error.retry_after))]
            raise Failure(HTTPStatus.TOO_MANY_REQUESTS, told=TOO_MANY_GUESSES, headers=wait) from None
        except DirectoryUnavailable as error:
            log.warning("the directory does not answer: %s", error)
            later = [("Retry-After", "60")]
            raise Failure(HTTPStatus.SERVICE_UNAVAILABLE, told=DIRECTORY_AWAY, headers=later) from None

    def _get(self, request: Request) -> Answer:
        return reading.answer(request, self._web.page(request.language))

    def _refused(self, environ: Any, refusal: Refusal, spoken: str) -> Answer:
        """403 with need-privileges, one element for each rule, and the sentences in the account's language."""
        href: str | None = None
        prefix = mounted(environ.get("SCRIPT_NAME", ""))
        for violation in refusal.violations:
            if violation.href_name:
                href = address(prefix, Place(Kind.BOOKING, slug=refusal.room.slug, name=violation.href_name))
        return Answer.of(HTTPStatus.FORBIDDEN, "application/xml; charset=utf-8", refusal.xml(spoken, uid_href=href))


def _place(environ: Any, method: str) -> Place:
    """Raises `Failure`: 4xx for a path that cannot name anything; a write there is refused as clients go on after."""
    try:
        return requested(environ.get("PATH_INFO", ""))
    except Unreadable as error:
        if method in _CREATES:
            raise denied(NOT_A_NAME) from None
        raise Failure(HTTPStatus.NOT_FOUND, told=f"There is nothing at this address: {error}.") from None


def _fixed(_: Request) -> Answer:
    raise denied(COLLECTION_FIXED)
