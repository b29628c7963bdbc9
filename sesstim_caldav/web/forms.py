"""Forms: what every form of the site shares.

Labels and messages are written in English; the templates say them in the visitor's language (`fields.html`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, Form, PasswordField, SelectChoice, SelectField, StringField  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, ValidationError

from sesstim_caldav.accounts import MOST_CHARACTERS
from sesstim_caldav.accounts.strength import Weakness
from sesstim_caldav.web.visit import say

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class PageForm(FlaskForm):  # type: ignore[misc]
    """A form of a page; protected against requests that other sites make."""


def one_line(_form: Form, field: Field) -> None:
    """Refuses control characters and halves of characters: nobody types them."""
    if isinstance(field.data, str) and _CONTROL.search(field.data):
        raise ValidationError(say("This holds characters that cannot be used here."))


def stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def text_field(
    label: str, *, required: bool = True, most: int = 200, missing: str = "Please fill this in."
) -> StringField:
    """A line of text."""
    needed = [InputRequired(missing)] if required else []
    too_long = Length(max=most, message="This is too long.")
    return StringField(label, filters=[stripped], validators=[*needed, too_long, one_line])


def password_field(label: str, missing: str = "Please type the password.") -> PasswordField:
    too_long = Length(max=MOST_CHARACTERS, message="A password has at most 256 characters.")
    return PasswordField(label, validators=[InputRequired(missing), too_long])


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """What a list offers: values and what is read beside them."""
    return [SelectChoice(value, label) for value, label in pairs]


def offered(field: SelectField, value: object) -> bool:
    """Whether a list made by `choices` offers a value; nothing chosen is for others to judge."""
    return not value or any(choice.value == value for choice in field.choices or ())  # type: ignore[union-attr]


_WEAK = {
    Weakness.MISSING: "Please type the password.",
    Weakness.TOO_SHORT: "A password has at least 8 characters. A few unrelated words make a good one.",
    Weakness.TOO_LONG: "A password has at most 256 characters.",
    Weakness.UNUSABLE: "This holds characters that cannot be used here.",
    Weakness.GUESSABLE: "This password is easy to guess. A few unrelated words make a good one.",
}


def said_of(weakness: Weakness) -> str:
    """What is wrong with a password, in the visitor's language."""
    return say(_WEAK[weakness])
