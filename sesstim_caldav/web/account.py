"""The account page: what a member changes by himself."""

from __future__ import annotations

import time

import flask
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from sesstim_caldav.accounts import AccountError, privacy
from sesstim_caldav.accounts.accounts import AddressTaken
from sesstim_caldav.accounts.address import AddressRefused
from sesstim_caldav.accounts.members import Members, plausible_phone
from sesstim_caldav.accounts.registration import TooManyLinks
from sesstim_caldav.accounts.resets import WeakPassword
from sesstim_caldav.accounts.subscriptions import ALL, MINE, NoSuchFeed
from sesstim_caldav.departure import depart
from sesstim_caldav.web.addresses import said_of_address
from sesstim_caldav.web.forms import PageForm, choices, offered, password_field, said_of, text_field
from sesstim_caldav.web.visit import (
    Answer,
    client,
    end_session,
    language,
    member,
    office,
    render,
    say,
    session_cookie,
    signed_in,
)

pages = Blueprint("account", __name__, url_prefix="/account")

LANGUAGES = {"fr": "Français", "en": "English"}


class ProfileForm(PageForm):
    first_name = text_field("First name", most=100, missing="Please type your first name.")
    last_name = text_field("Last name", most=100, missing="Please type your last name.")
    phone = text_field("Phone (optional)", required=False, most=40)
    sector = SelectField("Sector", validate_choice=False)
    language = SelectField("Language", validate_choice=False)

    def validate_phone(self, field: StringField) -> None:
        if not plausible_phone(field.data or ""):
            raise ValidationError("A telephone number has digits, blanks, dots and a plus sign.")

    def validate_sector(self, field: SelectField) -> None:
        if not offered(self.sector, field.data):
            raise ValidationError("Please choose from the list.")

    def validate_language(self, field: SelectField) -> None:
        if field.data not in office().settings.site.languages:
            raise ValidationError("Please choose from the list.")


class PasswordForm(PageForm):
    old = password_field("Current password")
    new = password_field("New password")


class DeviceForm(PageForm):
    label = text_field("Device name", most=100, missing="Please say which device it is for.")


class SubscriptionForm(PageForm):
    feed = SelectField("Calendar", validate_choice=False)
    nameless = BooleanField("Without names")


class AddressForm(PageForm):
    address = text_field("Further address", most=320, missing="Please type an e-mail address.")


class DeletionForm(PageForm):
    password = password_field("Password")
    sure = BooleanField("I understand that this cannot be undone", validators=[InputRequired("Please tick this box.")])


def _members() -> Members:
    return Members(office().store)


@pages.route("", methods=["GET", "POST"])
@signed_in
def page() -> Answer:
    """GET shows the account; POST changes names, telephone, sector and language."""
    if request.method != "POST":
        return _shown()
    form = _profile_form()
    if not form.validate():
        return _shown(400, profile=form)
    account = member()
    try:
        if (form.first_name.data, form.last_name.data) != (account.first_name, account.last_name):
            office().reception.rename(account, form.first_name.data or "", form.last_name.data or "")
    except AccountError:
        form.form_errors.append(say("This name cannot be used."))
        return _shown(400, profile=form)
    _members().set_profile(account, form.phone.data or "", form.sector.data or "")
    if form.language.data != account.language:
        office().accounts.set_language(account.email, form.language.data)
        flask.g.pop("language", None)
        flask.g.pop("visitor", None)
    return _done("Your account was changed.")


@pages.post("/password")
@signed_in
def password() -> Answer:
    """Changes the password; every other browser is signed out."""
    account, form = member(), PasswordForm(prefix="password-")
    if not form.validate():
        return _shown(400, password=form)
    if not _proved(form.old.data):
        form.old.errors = [say("This is not your current password.")]
        return _shown(403, password=form)
    try:
        office().resets.change(account, form.new.data or "", but=request.cookies.get(session_cookie(), ""))
    except WeakPassword as error:
        form.new.errors = [said_of(error.weakness)]
        return _shown(400, password=form)
    return _done("Your password was changed. Other browsers are signed out; application passwords still work.")


@pages.post("/addresses")
@signed_in
def add_address() -> Answer:
    """Mails a link to a further address; it counts once the link was followed."""
    form = AddressForm(prefix="address-")
    if not form.validate():
        return _shown(400, address=form)
    try:
        address = office().registration.add_address(member(), form.address.data or "", language())
    except AddressRefused as error:
        form.address.errors = [said_of_address(error)]
    except AddressTaken:
        form.address.errors = [say("This is an address of yours already.")]
    except TooManyLinks:
        form.address.errors = [say("You have asked for several mails already. Please wait an hour.")]
    else:
        flask.flash(
            say("A mail is on its way to %(address)s. Follow its link to confirm the address.", address=address)
        )
        return flask.redirect(url_for("account.page"), 303)
    return _shown(400, address=form)


@pages.post("/addresses/remove")
@signed_in
def remove_address() -> Answer:
    """Takes a further address away."""
    if not _members().forget_address(member(), request.form.get("address", "")):
        flask.abort(404)
    return _done("The address was removed.")


@pages.post("/export")
@signed_in
def export() -> Answer:
    """All that is stored about the member, as a ZIP file."""
    packed = privacy.archive(office().store, office().settings, member(), int(time.time()))
    response = flask.make_response(packed)
    response.content_type = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="sesstim.zip"'
    return response


@pages.post("/delete")
@signed_in
def delete() -> Answer:
    """Deletes the account, for whoever knows its password and says so."""
    account, form = member(), DeletionForm(prefix="deletion-")
    if not form.validate():
        return _shown(400, deletion=form)
    if not _proved(form.password.data):
        form.password.errors = [say("This is not your current password.")]
        return _shown(403, deletion=form)
    depart(office().store, office().settings.zone, account, account.email, int(time.time()))
    return end_session(flask.redirect(url_for("account.farewell"), 303))


@pages.get("/deleted")
def farewell() -> Answer:
    """What somebody reads whose account is gone."""
    return render("farewell.html")


@pages.post("/app-passwords")
@signed_in
def make_app_password() -> Answer:
    """Makes an application password and shows it, this once."""
    account, form = member(), DeviceForm(prefix="device-")
    if not form.validate():
        return _shown(400, device=form)
    secret = office().accounts.app_password(account.email, form.label.data or "")
    return _shown(201, made={"label": form.label.data, "secret": secret})


@pages.post("/app-passwords/<int:app_password>/revoke")
@signed_in
def revoke_app_password(app_password: int) -> Answer:
    if not _storable(app_password) or not _members().revoke_app_password(member(), app_password):
        flask.abort(404)
    return _done("The application password was revoked.")


@pages.post("/subscriptions")
@signed_in
def make_subscription() -> Answer:
    """Makes a subscription and shows its address, this once."""
    form = _subscription_form()
    if not form.validate():
        return _shown(400, subscription=form)
    feed = form.feed.data or ""
    try:
        secret = office().subscriptions.make(member(), feed, bool(form.nameless.data))
    except NoSuchFeed:
        form.feed.errors = [say("Please choose from the list.")]
        return _shown(400, subscription=form)
    return _shown(201, subscribed={"feed": feed, "address": office().subscriptions.address(secret, feed)})


@pages.post("/subscriptions/<int:subscription>/revoke")
@signed_in
def revoke_subscription(subscription: int) -> Answer:
    if not _storable(subscription) or not office().subscriptions.revoke(member(), subscription):
        flask.abort(404)
    return _done("The subscription was revoked.")


# ---- inside


def _proved(password: str | None) -> bool:
    """Whether it is the account's own password; a wrong one is a guess as on the sign-in page."""
    account = member()
    return office().accounts.authenticate(account.email, password or "", client(), devices=False) is not None


def _storable(number: int) -> bool:
    return number < 2**63


def _done(sentence: str) -> Response:
    flask.flash(say(sentence))
    return flask.redirect(url_for("account.page"), 303)


def _profile_form(**sent: object) -> ProfileForm:
    account, settings = member(), office().settings
    profile = _members().profile(account)
    form = ProfileForm(
        prefix="profile-",
        first_name=account.first_name,
        last_name=account.last_name,
        phone=profile.phone,
        sector=profile.sector,
        language=account.language or language(),
        **sent,
    )
    sectors = list(settings.accounts.sectors)
    if profile.sector not in sectors:  # none yet, or one that the configuration knows no more
        sectors.insert(0, profile.sector)
    form.sector.choices = choices((each, each or "—") for each in sectors)
    form.language.choices = choices((code, LANGUAGES[code]) for code in settings.site.languages)
    return form


def _feeds() -> dict[str, str]:
    rooms = {room.slug: room.name for room in office().settings.rooms}
    return {ALL: say("All rooms"), MINE: say("My bookings"), **rooms}


def _subscription_form(**sent: object) -> SubscriptionForm:
    form = SubscriptionForm(prefix="subscription-", **sent)
    form.feed.choices = choices(_feeds().items())
    return form


def _shown(status: int = 200, **shown: object) -> Answer:
    """The page; `shown` are the form that was sent, with what is wrong in it, and what is told this once."""
    account = member()
    values: dict[str, object] = {
        "account": account,
        "passwordless": not office().accounts.has_password(account),
        "app_passwords": _members().app_passwords(account),
        "subscriptions": office().subscriptions.of(account),
        "feeds": _feeds(),
        "profile": _profile_form(formdata=None),
        "password": PasswordForm(formdata=None, prefix="password-"),
        "device": DeviceForm(formdata=None, prefix="device-"),
        "subscription": _subscription_form(formdata=None),
        "address": AddressForm(formdata=None, prefix="address-"),
        "deletion": DeletionForm(formdata=None, prefix="deletion-"),
        "made": None,
        "subscribed": None,
    }
    return render("account.html", status, **{**values, **shown})
