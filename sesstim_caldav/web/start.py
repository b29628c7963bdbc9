"""The front page."""

from __future__ import annotations

from flask import Blueprint

from sesstim_caldav.web.visit import Answer, office, render, signed_in

pages = Blueprint("start", __name__)


@pages.get("/")
@signed_in
def page() -> Answer:
    """The rooms and where calendar programs find them."""
    return render("start.html", rooms=office().settings.rooms)
