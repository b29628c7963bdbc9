"""Signing in and out with a password."""

from __future__ import annotations

import flask
from flask import Blueprint, request, url_for
from wtforms import HiddenField

from sesstim_caldav.web.forms import PageForm, password_field, text_field
from sesstim_caldav.web.visit import (
    LANGUAGE_COOKIE,
    YEAR,
    Answer,
    begin_session,
    client,
    end_session,
    local,
    office,
    render,
    say,
    secure,
    visitor,
)

pages = Blueprint("signing_in", __name__)


class SignIn(PageForm):
    email = text_field("Email", most=320, missing="Please type your e-mail address.")
    password = password_field("Password")
    next = HiddenField()


class Nothing(PageForm):
    """A form of one button."""


@pages.route("/login", methods=["GET", "POST"])
def login() -> Answer:
    form = SignIn(next=request.args.get("next", ""))
    if request.method != "POST":
        if visitor() is not None:
            return flask.redirect(local(form.next.data or ""), 303)
        return render("login.html", form=form)
    if not form.validate():
        return render("login.html", 400, form=form)
    account = office().accounts.authenticate(form.email.data or "", form.password.data or "", client(), devices=False)
    if account is None:
        form.form_errors.append(say("This address and this password do not go together."))
        return render("login.html", 403, form=form)
    return begin_session(flask.redirect(local(form.next.data or ""), 303), account)


@pages.route("/logout", methods=["GET", "POST"])
def logout() -> Answer:
    """POST signs out; GET does nothing, so that no link and no image of another site does."""
    if request.method != "POST":
        return render("logout.html")
    return end_session(flask.redirect(url_for("signing_in.login"), 303))


@pages.post("/language")
def language() -> Answer:
    """Chooses the language: for the account, or for this browser."""
    chosen = request.form.get("language", "")
    if chosen not in office().settings.site.languages:
        flask.abort(400)
    response = flask.redirect(local(request.form.get("next", "")), 303)
    account = visitor()
    if account is not None:
        office().accounts.set_language(account.email, chosen)
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, secure=secure(), httponly=True, samesite="Lax", path="/")
    return response
