"""One request as the pages see it: the office, who is visiting, in which language, and what is sent back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from gettext import NullTranslations
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

import flask
from flask import current_app, g, request, url_for
from werkzeug.wrappers import Response

from sesstim_caldav.accounts import Account
from sesstim_caldav.accounts.sessions import Sessions
from sesstim_caldav.booking import sentences
from sesstim_caldav.language import accepted, translations
from sesstim_caldav.office import Office

LANGUAGE_COOKIE = "language"
YEAR = 365 * 86_400

P = ParamSpec("P")
Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
"""What a page's function answers."""


def office() -> Office:
    """The booking office behind the pages."""
    return cast(Office, current_app.extensions["office"])


def sessions() -> Sessions:
    return cast(Sessions, current_app.extensions["sessions"])


# ---- who


def visitor() -> Account | None:
    """Who is signed in; looked up once a request."""
    if "visitor" not in g:
        secret = request.cookies.get(session_cookie(), "")
        g.visitor = sessions().account(secret) if secret else None
    return cast("Account | None", g.visitor)


def member() -> Account:
    """Who is signed in, on a page that only members get to see."""
    account = visitor()
    if account is None:
        flask.abort(401)
    return account


def signed_in(page: Callable[P, Answer]) -> Callable[P, Answer]:
    """Sends a stranger to the sign-in page, and back afterwards."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer:
        if visitor() is None:
            back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"
            return flask.redirect(url_for("signing_in.login", next=back), 303)
        return page(*args, **kwargs)

    return guarded


def managers_only(page: Callable[P, Answer]) -> Callable[P, Answer]:
    """Lets managers in and nobody else."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer:
        if not member().manager:
            flask.abort(403)
        return page(*args, **kwargs)

    return signed_in(guarded)


def begin_session(response: Response, account: Account) -> Response:
    """Signs the account in with this response; another account's session in the same browser ends."""
    if old := request.cookies.get(session_cookie()):
        sessions().end(old)
    flask.session.clear()  # with it the token of forms that were open before
    response.set_cookie(
        session_cookie(),
        sessions().begin(account),
        max_age=sessions().lifetime,
        secure=secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def end_session(response: Response) -> Response:
    """Signs this browser out."""
    if secret := request.cookies.get(session_cookie()):
        sessions().end(secret)
    flask.session.clear()
    response.delete_cookie(session_cookie(), path="/", secure=secure(), httponly=True, samesite="Lax")
    return response


def secure() -> bool:
    """Whether the site is reached by https: its cookies then never travel in the clear."""
    return office().settings.site.base_url.startswith("https:")


def session_cookie() -> str:
    """The name of the session's cookie; `__Host-` (RFC 6265bis) where the site has https: no neighbour can set it."""
    return "__Host-session" if secure() else "session"


def local(address: str) -> str:
    """The address if it is one of this site's own pages, else the front page: nobody is sent elsewhere by a link."""
    parts = urlsplit(address) if address.isprintable() and "\\" not in address else None
    if parts is None or parts.scheme or parts.netloc or not address.startswith("/") or address.startswith("//"):
        return url_for("dashboard.page")
    return request.script_root + address


# ---- in which language


def language() -> str:
    """The visitor's language: the account's, else the one chosen in this browser, else the browser's, else the site's
    first."""
    if "language" not in g:
        spoken = tuple(office().settings.site.languages)
        account = visitor()
        chosen = (account.language if account else None) or request.cookies.get(LANGUAGE_COOKIE)
        g.language = chosen if chosen in spoken else accepted(request.headers.get("Accept-Language", ""), spoken)
    return cast(str, g.language)


def catalogue() -> NullTranslations:
    return translations(language())


def say(message: str, **facts: object) -> str:
    """A sentence in the visitor's language."""
    sentence = catalogue().gettext(message)
    return sentence % facts if facts else sentence


def day(at: int) -> str:
    """A date in words, of UTC epoch seconds, on the lab's clock."""
    return sentences.day(language(), datetime.fromtimestamp(at, office().settings.zone).date())


def moment(at: int) -> str:
    """Date and time in figures, of UTC epoch seconds, on the lab's clock."""
    return f"{datetime.fromtimestamp(at, office().settings.zone):%Y-%m-%d %H:%M}"


def asked_to_wait(seconds: int) -> str:
    """What whoever tried too often is told."""
    sentence = catalogue().ngettext(
        "There were too many attempts. Please wait %(n)d second.",
        "There were too many attempts. Please wait %(n)d seconds.",
        seconds,
    )
    return sentence % {"n": seconds}


# ---- what is sent back


def render(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
    """A page from its template."""
    return flask.render_template(template, **values), status


def client() -> str:
    """The visitor's IP address, as the dispatcher established it."""
    return request.environ.get("REMOTE_ADDR", "") or ""
