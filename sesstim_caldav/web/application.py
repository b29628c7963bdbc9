"""The web application: accounts and dashboard, beside CalDAV behind the same dispatcher.

Every page has a strict Content-Security-Policy, every form a token against requests that other sites make; nothing is
loaded from elsewhere. Pages work without scripts.
"""

from __future__ import annotations

import sys
import time
import traceback
from datetime import timedelta
from urllib.parse import urlsplit

import flask
from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sesstim_caldav.accounts import DirectoryUnavailable
from sesstim_caldav.accounts.secret import secret_hash
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.accounts.throttle import TooManyGuesses
from sesstim_caldav.office import Office
from sesstim_caldav.store import StoreUnavailable
from sesstim_caldav.web import (
    account,
    dashboard,
    managers,
    organisation,
    registration,
    resets,
    signing_in,
    texts,
    visit,
)
from sesstim_caldav.web.api import access, api
from sesstim_caldav.web.visit import Answer

MOST_FORM = 2**20
"""Bytes of a request to a page."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def create(office: Office) -> Flask:
    """The pages of a site, as a WSGI application."""
    app = Flask(__name__)
    base = urlsplit(office.settings.site.base_url)
    app.config.update(
        SECRET_KEY=secret_hash("", office.store.secret, "cookies"),
        SESSION_COOKIE_NAME="form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=base.scheme == "https",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie it belongs to: a page left open overnight can be sent
        WTF_CSRF_SSL_STRICT=False,  # a Referer is not sent from pages that hold secrets in their address
        MAX_CONTENT_LENGTH=MOST_FORM,
        MAX_FORM_MEMORY_SIZE=MOST_FORM,
        MAX_FORM_PARTS=200,
    )
    app.extensions["office"] = office
    app.extensions["sessions"] = Sessions(office.store, office.settings)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: visit.catalogue().gettext(message),
        lambda one, many, n: visit.catalogue().ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.filters.update(day=visit.day, moment=visit.moment, webcal=_webcal)
    csrf = CSRFProtect(app)
    csrf.exempt(api)  # which has its own check: a script brings a password, not a page's token
    for pages in (
        signing_in.pages,
        organisation.pages,
        registration.pages,
        resets.pages,
        account.pages,
        managers.pages,
        texts.pages,
        dashboard.pages,
        api,
    ):
        app.register_blueprint(pages)
    app.context_processor(_surroundings)
    app.after_request(_protect)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(TooManyGuesses, _slowed)
    app.register_error_handler(DirectoryUnavailable, organisation.directory_away)
    app.register_error_handler(Exception, _broken)
    return app


def _webcal(address: str) -> str:
    """The address under the scheme by which calendar programs know that they are meant."""
    return "webcal:" + address.partition(":")[2]


def _surroundings() -> dict[str, object]:
    """What every template may use."""
    settings = visit.office().settings
    return {
        "site": settings.site,
        "settings": settings,
        "visitor": visit.visitor(),
        "language": visit.language(),
        "languages": settings.site.languages,
        "here": request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/",
        "now": int(time.time()),
    }


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie, Accept-Language")
    return response


# ---- what goes wrong: always a page with a sentence, in the visitor's language

_SENTENCES = {
    400: "Your browser sent something that cannot be understood.",
    403: "This page is for managers.",
    404: "There is nothing at this address.",
    405: "This address cannot be used in that way.",
    413: "That is too much for one request.",
    503: "The bookings cannot be reached at the moment. Please try again in a minute.",
}


def _forged(_error: CSRFError) -> Answer:
    return visit.render(
        "error.html",
        400,
        sentence=visit.say("This page was open for too long. Please go back, reload it and try again."),
    )


def _refused(error: HTTPException) -> Answer | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error  # a redirect
    if request.path.startswith(f"{access.PREFIX}/"):
        return access.refused(error)
    if error.code == 401:
        return flask.redirect(flask.url_for("signing_in.login"), 303)
    sentence = _SENTENCES.get(error.code, _SENTENCES[400])
    body, status = visit.render("error.html", error.code, sentence=visit.say(sentence))
    allow = {"Allow": ", ".join(sorted(error.valid_methods or ()))} if hasattr(error, "valid_methods") else {}
    return body, status, allow


def _unavailable(error: StoreUnavailable) -> Answer:
    """Without asking the store who is visiting: it does not answer."""
    print(f"a page could not be made: {error}", file=sys.stderr)
    flask.g.visitor = None
    body, status = visit.render("error.html", 503, sentence=visit.say(_SENTENCES[503]))
    return body, status, {"Retry-After": "30"}


def _slowed(error: TooManyGuesses) -> Answer:
    body, status = visit.render("error.html", 429, sentence=visit.asked_to_wait(error.retry_after))
    return body, status, {"Retry-After": str(error.retry_after)}


def _broken(_error: Exception) -> Answer:
    traceback.print_exc(file=sys.stderr)
    flask.g.visitor = None
    return visit.render("error.html", 500, sentence=visit.say("Something went wrong on the server."))
