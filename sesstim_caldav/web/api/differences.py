"""What of a booking is not as somebody wants it, in sentences: for who finds that it was changed in the meantime."""

from __future__ import annotations

from datetime import date

from sesstim_caldav.booking import sentences
from sesstim_caldav.booking.draft import Draft, one_line
from sesstim_caldav.booking.refusal import language_spoken
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.drafts import repeat_shown
from sesstim_caldav.web.visit import language, say


def differences(booking: models.Booking, form: Draft) -> list[str]:
    """The booking as it stands, where the form has something else."""
    found: list[str] = []
    if (booking.date, booking.start, booking.end) != (f"{form.day}", f"{form.start:%H:%M}", f"{form.end:%H:%M}"):
        day = sentences.day(language_spoken(language()), date.fromisoformat(booking.date))
        found.append(
            say("It is now on %(day)s from %(start)s to %(end)s.", day=day, start=booking.start, end=booking.end)
        )
    if not booking.mine and booking.private:
        return found
    if booking.title != one_line(form.title):
        found.append(
            say("Its note is now “%(title)s”.", title=booking.title) if booking.title else say("It has no note now.")
        )
    if booking.description.strip() != form.description.strip():
        found.append(say("Its description is different now."))
    if booking.private != form.private:
        found.append(say("It is private now.") if booking.private else say("It is not private any more."))
    if not booking.custom and not form.custom and booking.rule is None and form.repeat is not None:
        found.append(say("It does not repeat any more."))
    elif booking.rule is not None and booking.repeat != (form.repeat and repeat_shown(form.repeat)):
        found.append(say("It now repeats: %(rule)s.", rule=booking.rule))
    if booking.excluding != [f"{day}" for day in form.excluding]:
        found.append(say("Other dates of it are cancelled now."))
    return found
