"""Signing in with one's organisation: to its provider and back.

What must come back from the errand stands in a signed cookie of this browser for ten minutes, so that nobody can make
another browser end an errand of his; and whoever comes back does so once: the state is used up in the store.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import flask
from flask import Blueprint, current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from sesstim_caldav.accounts import DirectoryUnavailable
from sesstim_caldav.web.visit import Answer, begin_session, client, local, office, render, say, secure, visitor

if TYPE_CHECKING:
    from sesstim_caldav.accounts.organisation import Organisation, OrganisationRefused

log = logging.getLogger("sesstim_caldav.web.organisation")

pages = Blueprint("organisation", __name__, url_prefix="/login/organisation")

DIRECTORY_AWAY = "The directory that knows your password does not answer. Try again later."
_MOST_QUERY = 8192

_SENTENCES = {
    "UNREACHABLE": (
        503,
        "Your organisation's sign-in service does not answer. Try again later, or sign in with your password.",
    ),
    "DECLINED": (403, "Your organisation did not sign you in."),
    "STALE": (400, "This sign-in was begun in another browser, was over already or took too long. Please begin again."),
    "UNTRUSTED": (403, "What your organisation's sign-in service says cannot be trusted. You are not signed in."),
    "EXPIRED": (403, "What your organisation's sign-in service says is out of date. Please begin again."),
    "NO_ADDRESS": (403, "Your organisation's sign-in service tells no e-mail address, so there can be no account."),
    "UNVERIFIED": (
        403,
        "Your organisation's sign-in service has not made sure of your e-mail address. Have it confirmed there first.",
    ),
    "FOREIGN": (403, "Only addresses of these domains can have an account: %(domains)s."),
    "TAKEN": (403, "Your e-mail address belongs to an account of somebody else. Please ask for help."),
    "DISABLED": (403, "This account is disabled."),
}


def organisation() -> Organisation:
    """Signing in by the configured provider, whose libraries are loaded when somebody does; 404 where there is none."""
    if not office().settings.organisation.issuer:
        flask.abort(404)
    if "organisation" not in current_app.extensions:
        from sesstim_caldav.accounts.organisation import Organisation

        current_app.extensions["organisation"] = Organisation(office().store, office().settings, office().accounts)
    return cast("Organisation", current_app.extensions["organisation"])


@pages.get("")
def begin() -> Answer:
    """Sends the browser to the provider."""
    signing_in, back = organisation(), request.args.get("next", "")
    from sesstim_caldav.accounts.organisation import ERRAND, OrganisationRefused

    if visitor() is not None:
        return flask.redirect(local(back), 303)
    try:
        address, errand = signing_in.begin()
    except OrganisationRefused as refused:
        return _refused(refused)
    response = flask.redirect(address, 303)
    response.set_cookie(
        _cookie(),
        _signer().dumps({**asdict(errand), "next": back[:1000]}),
        max_age=ERRAND,
        secure=secure(),
        httponly=True,
        samesite="Lax",  # it must come along when the provider sends the browser back
        path="/",
    )
    return response


@pages.get("/callback")
def callback() -> Answer:
    """Where the provider sends the browser back to."""
    signing_in = organisation()
    from sesstim_caldav.accounts.organisation import ERRAND, Errand, OrganisationRefused, Reason

    try:
        if len(request.query_string) > _MOST_QUERY:
            raise OrganisationRefused(Reason.UNTRUSTED, "a very long answer")
        try:
            kept = _signer().loads(request.cookies.get(_cookie(), ""), max_age=ERRAND)
        except BadSignature as error:
            raise OrganisationRefused(Reason.STALE, "no errand in this browser") from error
        errand = Errand(kept["state"], kept["nonce"], kept["verifier"])
        account = signing_in.finish(errand, request.args.to_dict(), client())
    except OrganisationRefused as refused:
        return _refused(refused)
    return _over(begin_session(flask.redirect(local(kept["next"]), 303), account))


def _refused(refused: OrganisationRefused) -> Answer:
    """A page with a sentence; the log says what exactly was wrong."""
    log.warning("signing in with the organisation from %s: %r", client(), str(refused))
    status, sentence = _SENTENCES[refused.reason.name]
    domains = ", ".join(office().settings.accounts.domains)
    told = say(sentence, domains=domains) if "%(" in sentence else say(sentence)
    page, _ = render("organisation_refused.html", status, sentence=told, again=url_for("signing_in.login"))
    return _over(flask.make_response(page, status))


def directory_away(error: DirectoryUnavailable) -> Answer:
    """The directory (LDAP) does not answer, and nobody else can say whether a password is right."""
    log.warning("the directory does not answer: %s", error)
    page, _ = render("organisation_refused.html", 503, sentence=say(DIRECTORY_AWAY), again=url_for("signing_in.login"))
    return page, 503, {"Retry-After": "60"}


def _over(response: Response) -> Response:
    response.delete_cookie(_cookie(), path="/", secure=secure(), httponly=True, samesite="Lax")
    return response


def _cookie() -> str:
    return "__Host-organisation" if secure() else "organisation"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(cast(str, current_app.secret_key), salt="organisation")
