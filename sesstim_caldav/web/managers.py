"""The managers' page: the accounts, and what was done to them."""

from __future__ import annotations

import flask
from flask import Blueprint, request, url_for

from sesstim_caldav.accounts import audit
from sesstim_caldav.web.searching import holding
from sesstim_caldav.web.visit import Answer, managers_only, member, office, render, say

pages = Blueprint("managers", __name__, url_prefix="/managers")

A_PAGE = 100


@pages.get("")
@managers_only
def page() -> Answer:
    """The accounts, those whose name or address holds `q`."""
    wanted = request.args.get("q", "").strip()[:100]
    right = holding(wanted)
    entries = [entry for entry in office().accounts.entries() if right(f"{entry.account.name} {entry.account.email}")]
    return render("managers.html", entries=entries[:A_PAGE], found=len(entries), wanted=wanted)


@pages.get("/log")
@managers_only
def log() -> Answer:
    """What was done, newest first; `before` pages on to what was done earlier."""
    before = request.args.get("before", "")
    entries = audit.entries(office().store, A_PAGE, int(before) if before.isdecimal() and len(before) < 19 else None)
    return render("log.html", entries=entries, more=len(entries) == A_PAGE)


@pages.post("/accounts/<int:account>/<any(disable, enable):act>")
@managers_only
def set_active(account: int, act: str) -> Answer:
    """Disables or enables an account; nobody locks himself out."""
    found = office().accounts.by_id(account) if account < 2**63 else None
    if found is None:
        flask.abort(404)
    me = member()
    if found.id == me.id:
        flask.flash(say("Another manager has to do this to your own account."))
    elif act == "disable":
        office().accounts.disable(found.email, by=me.email)
        flask.flash(say("%(name)s cannot sign in any more.", name=found.name))
    else:
        office().accounts.enable(found.email, by=me.email)
        flask.flash(say("%(name)s can sign in again.", name=found.name))
    return flask.redirect(url_for("managers.page", q=request.form.get("q") or None), 303)
