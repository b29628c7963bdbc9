"""Signing up: the form, and the link that confirms the address.

The link opens the account at once in the browser that signed up. Any other is asked to press a button: programs that
look into mails follow links, and press none.
"""

from __future__ import annotations

import time

import flask
from flask import Blueprint, request, url_for
from wtforms import BooleanField, PasswordField, SelectField, StringField

from sesstim_caldav.accounts.accounts import AddressTaken
from sesstim_caldav.accounts.address import AddressRefused
from sesstim_caldav.accounts.links import Link, Purpose
from sesstim_caldav.accounts.registration import Fault, LinkUseless, SignUp, SignUpRefused
from sesstim_caldav.accounts.strength import Weakness
from sesstim_caldav.web.addresses import domains_taken, said_of_address
from sesstim_caldav.web.forms import PageForm, choices, said_of
from sesstim_caldav.web.visit import Answer, client, language, office, render, say

pages = Blueprint("registration", __name__)

SIGNED_UP = "signed_up"
"""What the browser's cookie knows of its sign-ups: the last address as it was typed, the hashes of the last links."""
REMEMBERED = 5


class SignUpForm(PageForm):
    """What is wrong with the fields is for `Registration` to say."""

    first_name = StringField("First name")
    last_name = StringField("Last name")
    email = StringField("Email")
    phone = StringField("Phone (optional)")
    password = PasswordField("Password")
    sector = SelectField("Sector", validate_choice=False)
    agreed = BooleanField("I agree to the Terms of Use and Privacy Policy")


_FAULTS = {
    "first_name": {
        Fault.MISSING: "Please type your first name.",
        Fault.UNUSABLE: "This name cannot be used.",
    },
    "last_name": {
        Fault.MISSING: "Please type your last name.",
        Fault.UNUSABLE: "This name cannot be used.",
    },
    "phone": {Fault.UNUSABLE: "A telephone number has digits, blanks, dots and a plus sign."},
    "sector": {Fault.MISSING: "Please choose from the list.", Fault.UNUSABLE: "Please choose from the list."},
    "agreed": {Fault.MISSING: "Please tick this box."},
}


@pages.route("/register", methods=["GET", "POST"])
def register() -> Answer:
    form = SignUpForm()
    form.sector.choices = choices((each, each) for each in office().settings.accounts.sectors)
    if request.method != "POST":
        return _form(form)
    sent = SignUp(
        form.first_name.data or "",
        form.last_name.data or "",
        form.email.data or "",
        form.phone.data or "",
        form.password.data or "",
        form.sector.data or "",
        bool(form.agreed.data),
    )
    try:
        link_hash = office().registration.sign_up(sent, language(), client=client())
    except SignUpRefused as refused:
        for name, fault in refused.faults.items():
            form[name].errors = [_said_of(name, fault)]
        return _form(form, 400)
    known = [*_known_links(), *([link_hash] if link_hash else [])]
    flask.session[SIGNED_UP] = {"address": sent.email.strip()[:254], "links": known[-REMEMBERED:]}
    return flask.redirect(url_for("registration.sent"), 303)


@pages.get("/register/sent")
def sent() -> Answer:
    return render("registration/sent.html", address=flask.session.get(SIGNED_UP, {}).get("address", ""))


@pages.post("/register/sent")
def ask_again() -> Answer:
    """Mails another link to whoever signed up in this browser."""
    if known := _known_links():
        another = office().registration.ask_again(known[-1], client=client())
        if another:
            address = flask.session[SIGNED_UP]["address"]
            flask.session[SIGNED_UP] = {"address": address, "links": [*known, another][-REMEMBERED:]}
    flask.flash(say("We sent the message again."))
    return flask.redirect(url_for("registration.sent"), 303)


@pages.route("/confirm/<secret>", methods=["GET", "POST"])
def confirm(secret: str) -> Answer:
    """GET confirms in the browser that signed up, and shows a button in any other; HEAD does nothing."""
    link = office().registration.find(secret)
    if link is None or not link.valid(int(time.time())):
        return _useless(link, secret)
    if request.method != "POST" and not _at_once(link):
        return render("registration/confirm.html", link=link, secret=secret, asker=_asker(link))
    try:
        confirmed = office().registration.confirm(secret)
    except (LinkUseless, AddressTaken):
        return _useless(None, secret)
    return render("registration/confirmed.html", confirmed=confirmed)


@pages.post("/confirm/<secret>/again")
def renew(secret: str) -> Answer:
    """Mails another link in the place of one that has expired."""
    link = office().registration.find(secret)
    if link is None or not office().registration.renew(secret):
        return _useless(None, secret)
    return render("registration/sent.html", address=link.address)


# ---- inside


def _form(form: SignUpForm, status: int = 200) -> Answer:
    domains = tuple(office().settings.accounts.domains)
    return render("registration/form.html", status, form=form, domains=domains_taken(domains))


def _said_of(name: str, fault: Fault | Weakness | AddressRefused) -> str:
    if isinstance(fault, AddressRefused):
        return said_of_address(fault)
    if isinstance(fault, Weakness):
        return said_of(fault)
    return say(_FAULTS[name][fault])


def _known_links() -> list[str]:
    return list(flask.session.get(SIGNED_UP, {}).get("links", ()))


def _at_once(link: Link) -> bool:
    """Whether this request is a person's, in the browser in which just this form was filled in."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    mine = link.purpose == Purpose.SIGN_UP and link.hash in _known_links()
    return request.method == "GET" and mine and "prefetch" not in ahead


def _asker(link: Link) -> str:
    """The first address of the account that gave a further one."""
    account = office().accounts.by_id(link.account) if link.account is not None else None
    return account.email if account else ""


def _useless(link: Link | None, secret: str) -> Answer:
    """410: the link was used or has expired; `link` where another can be had in its place."""
    renewable = link is not None and link.purpose == Purpose.SIGN_UP
    return render("registration/useless.html", 410, renewable=renewable, secret=secret)
