"""The terms of use and the privacy policy: texts that come along, or the lab's own in their place."""

from __future__ import annotations

from pathlib import Path

import flask
from flask import Blueprint
from markdown_it import MarkdownIt
from markupsafe import Markup

from sesstim_caldav.settings import Settings
from sesstim_caldav.web.visit import Answer, language, office, render

pages = Blueprint("texts", __name__)

SHIPPED = Path(__file__).parent / "wording"
NAMES = ("terms", "privacy")

_MARKDOWN = MarkdownIt("js-default")  # HTML in a text is shown as it stands, and no address leads to a script


def source(settings: Settings, name: str, language: str) -> Path:
    """The file of a text: from the folder `site.pages` where it is there, else the one that comes along."""
    own = Path(settings.site.pages) / f"{name}.{language}.md" if settings.site.pages else None
    return own if own is not None and own.is_file() else SHIPPED / f"{name}.{language}.md"


@pages.get("/terms")
def terms() -> Answer:
    return _text("terms")


@pages.get("/privacy")
def privacy() -> Answer:
    return _text("privacy")


def _text(name: str) -> Answer:
    settings = office().settings
    try:
        text = source(settings, name, language()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        flask.abort(404)
    contact = settings.site.contact
    text = text.replace("{site}", settings.site.name).replace("{contact}", contact or "—")
    return render("text.html", content=Markup(_MARKDOWN.render(text)), name=name)
