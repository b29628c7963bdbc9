"""Who may ask the API, and how it says what went wrong: in JSON, with a code for programs and a sentence for people.

A browser is known by its session, and writes with the token of its page (`X-CSRFToken`); a script by HTTP Basic
(RFC 7617) with an account's password or an application password. A browser adds neither a JSON body nor another method
than GET and POST to a request that some other site has it make, so what comes with Basic needs no token.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import TypeVar

import flask
from flask import Blueprint, Response, g, request
from flask_wtf.csrf import validate_csrf
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError as BadToken

from sesstim_caldav.accounts import Account
from sesstim_caldav.accounts.authentication import DirectoryUnavailable
from sesstim_caldav.accounts.throttle import TooManyGuesses
from sesstim_caldav.store import NoSuchRoom, StoreUnavailable
from sesstim_caldav.web.organisation import DIRECTORY_AWAY
from sesstim_caldav.web.visit import asked_to_wait, client, member, office, say, session_cookie, visitor

PREFIX = "/api"
JSON = "application/json"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = frozenset({"api.description"})
"""What everybody may read."""

api = Blueprint("api", __name__, url_prefix=PREFIX)
"""Every module of the API adds its addresses here; who gets in is decided before any of them is reached."""

Model = TypeVar("Model", bound=BaseModel)

_SENTENCES = {
    400: "This request cannot be understood.",
    401: "You are signed out. Please sign in again.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    405: "This address cannot be used in that way.",
    409: "This is not as it was any more.",
    412: "Somebody has changed this in the meantime.",
    413: "That is too much for one request.",
    415: "The API takes JSON (Content-Type: application/json).",
    500: "Something went wrong on the server.",
    503: "The bookings cannot be reached at the moment. Please try again in a minute.",
}
_CODES = {
    400: "invalid",
    401: "signed-out",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "changed",
    413: "too-large",
    415: "not-json",
    429: "too-many-attempts",
    500: "broken",
    503: "unavailable",
}


class Trouble(BaseModel):
    """What every answer says that is not the one asked for: `error` for programs, `text` in the reader's language."""

    error: str
    text: str


class Fault(Exception):
    """Ends a request with another answer than the one asked for; `more` are fields beside `error` and `text`."""

    def __init__(
        self, status: int, error: str = "", text: str = "", headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(error or _CODES[status])
        self.status = status
        self.error = error or _CODES[status]
        self.text = text
        self.headers = headers or {}
        self.more = more


def asking() -> Account:
    """Whose request this is, inside the API: nobody else gets there."""
    return member()


def parsed(model: type[Model]) -> Model:
    """The request's JSON body. Raises `Fault` (400) where it does not fit."""
    try:
        return model.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise misfit(error) from error


def queried(model: type[Model]) -> Model:
    """The request's query string, the first value of each name. Raises `Fault` (400) where it does not fit."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise misfit(error) from error


def misfit(error: ValidationError) -> Fault:
    """What does not fit, by the name of its field."""
    place = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
    said = say("This request cannot be understood.")
    return Fault(400, text=f"{said} ({place})" if place else said, field=place)


def answer(body: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A model as JSON."""
    return json_text(body.model_dump_json(by_alias=True), status, headers)


def json_text(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A finished JSON text as an answer."""
    return Response(text.encode("utf-8", "replace"), status, {"Content-Type": JSON, **(headers or {})})


# ---- who gets in


@api.before_request
def _admit() -> None:
    """Lets members in. Raises `Fault`: 401 for strangers, 400 for a browser's write without its token, 415."""
    if request.endpoint in OPEN:
        g.visitor = None
        return
    written = request.method not in SAFE
    credentials = request.authorization
    if credentials is not None and credentials.type == "basic":
        g.visitor = None  # whatever session comes along does not count
        found = office().accounts.authenticate(credentials.username or "", credentials.password or "", client())
        if found is None:
            raise Fault(401, "wrong-password", say("This address and this password do not go together."))
        g.visitor = found
        if written and request.method == "POST" and request.mimetype != JSON:
            raise Fault(415)
        return
    if visitor() is None:
        raise Fault(401)
    if written:
        try:
            validate_csrf(request.headers.get("X-CSRFToken"))
        except BadToken:
            raise Fault(400, "forged", say("This page was open for too long. Please reload it.")) from None
        if request.method == "POST" and request.mimetype != JSON:
            raise Fault(415)


def _challenge() -> dict[str, str]:
    """What asks a script for its password; not a browser, which would show a dialog of its own."""
    browser = (
        "Sec-Fetch-Mode" in request.headers
        or "X-Requested-With" in request.headers
        or session_cookie() in request.cookies
        or flask.current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    )
    return {} if browser else {"WWW-Authenticate": 'Basic realm="SESSTIM", charset="UTF-8"'}


# ---- what goes wrong


def refused(error: HTTPException) -> Response:
    """An HTTP error at an address of the API."""
    status = error.code or 500
    allow = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if hasattr(error, "valid_methods") else {}
    return trouble(Fault(status if status in _SENTENCES else 400), allow)


@api.errorhandler(Fault)
def _fault(error: Fault) -> Response:
    return trouble(error, _challenge() if error.status == 401 else error.headers)


@api.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    return refused(error)


@api.errorhandler(NoSuchRoom)
def _no_room(_error: NoSuchRoom) -> Response:
    return trouble(Fault(404))


@api.errorhandler(StoreUnavailable)
def _unavailable(error: StoreUnavailable) -> Response:
    """Without asking the store who is visiting: it does not answer."""
    print(f"the API could not answer: {error}", file=sys.stderr)
    g.setdefault("visitor", None)
    return trouble(Fault(503), {"Retry-After": "10"})


@api.errorhandler(TooManyGuesses)
def _slowed(error: TooManyGuesses) -> Response:
    return trouble(Fault(429, text=asked_to_wait(error.retry_after)), {"Retry-After": str(error.retry_after)})


@api.errorhandler(DirectoryUnavailable)
def _directory_away(error: DirectoryUnavailable) -> Response:
    print(f"the directory does not answer: {error}", file=sys.stderr)
    return trouble(Fault(503, text=say(DIRECTORY_AWAY)), {"Retry-After": "60"})


@api.errorhandler(Exception)
def _broken(_error: Exception) -> Response:
    traceback.print_exc(file=sys.stderr)
    g.setdefault("visitor", None)
    return trouble(Fault(500))


def trouble(fault: Fault, headers: dict[str, str] | None = None) -> Response:
    """A fault as an answer."""
    told = {"error": fault.error, "text": fault.text or say(_SENTENCES[fault.status]), **fault.more}
    return json_text(json.dumps(told, ensure_ascii=False), fault.status, headers)
