"""A forgotten password: asking for a link, and choosing another with it."""

from __future__ import annotations

import flask
from flask import Blueprint, request, url_for
from wtforms import PasswordField, StringField

from sesstim_caldav.accounts.address import AddressRefused
from sesstim_caldav.accounts.registration import LinkUseless
from sesstim_caldav.accounts.resets import WeakPassword
from sesstim_caldav.web.addresses import said_of_address
from sesstim_caldav.web.forms import PageForm, said_of
from sesstim_caldav.web.visit import Answer, client, language, office, render, say

pages = Blueprint("resets", __name__)


class ForgottenForm(PageForm):
    email = StringField("Email")


class ChoiceForm(PageForm):
    password = PasswordField("New password")


@pages.route("/reset", methods=["GET", "POST"])
def ask() -> Answer:
    """Answers the same whether the address has an account or not."""
    form = ForgottenForm()
    if request.method != "POST":
        return render("resets/ask.html", form=form)
    try:
        office().resets.ask(form.email.data or "", language(), client=client())
    except AddressRefused as refused:
        form.email.errors = [said_of_address(refused)]
        return render("resets/ask.html", 400, form=form)
    return flask.redirect(url_for("resets.sent"), 303)


@pages.get("/reset/sent")
def sent() -> Answer:
    return render("resets/sent.html")


@pages.route("/reset/<secret>", methods=["GET", "POST"])
def choose(secret: str) -> Answer:
    account = office().resets.find(secret)
    if account is None:
        return render("resets/useless.html", 410)
    form = ChoiceForm()
    if request.method != "POST":
        return render("resets/choose.html", form=form, secret=secret, email=account.email)
    try:
        office().resets.choose(secret, form.password.data or "")
    except WeakPassword as refused:
        form.password.errors = [said_of(refused.weakness)]
        return render("resets/choose.html", 400, form=form, secret=secret, email=account.email)
    except LinkUseless:
        return render("resets/useless.html", 410)
    office().accounts.recognise(account, client())
    flask.flash(say("Your password was changed. Please sign in with the new one."))
    return flask.redirect(url_for("signing_in.login"), 303)
