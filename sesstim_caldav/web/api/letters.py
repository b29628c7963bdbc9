"""Mails to the organiser of a booking that a manager has changed: they go out with the change, or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.message import EmailMessage

from sesstim_caldav.alteration import Alteration, Change, coming
from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.editing import Scope
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.proposal import Room
from sesstim_caldav.booking.schedule import schedule
from sesstim_caldav.reception import Act
from sesstim_caldav.store import Account
from sesstim_caldav.web.api.access import asking
from sesstim_caldav.web.visit import office


def of_change(alteration: Alteration, room: str, wanted: Change, reason: str) -> list[EmailMessage]:
    """To whom a booking belongs that somebody else changes, perhaps into another room."""
    to = _organiser(alteration)
    if to is None:
        return []
    text = wanted.acts[-1].text or ""
    after = _dates(text)
    if alteration.scope is Scope.THIS and room == alteration.room:
        held = schedule(calendar_object.read(text), alteration.zone).extras
        after = [one for one in held if one.recurrence_id == alteration.occurrence.recurrence_id]
    return _changed(to, (alteration.room, alteration.dates()), (room, after), alteration.obj.summary, reason)


def of_cancellation(alteration: Alteration, reason: str) -> list[EmailMessage]:
    """To whom a booking belongs that somebody else cancels."""
    to = _organiser(alteration)
    place = office().settings.room(alteration.room)
    if to is None or place is None:
        return []
    letter = office().messages.booking_cancelled(
        to.email,
        _language(to),
        room=place,
        dates=alteration.dates(),
        title=alteration.obj.summary,
        by=asking().name,
        reason=reason,
        now=alteration.now,
    )
    return [letter]


def told_back(acts: Sequence[Act]) -> list[EmailMessage]:
    """To those whose bookings are brought back by somebody else, as they were."""
    letters: list[EmailMessage] = []
    for act in acts:
        place = office().settings.room(act.room)
        if act.text is None or act.owner is None or act.owner.id == asking().id or place is None:
            continue
        letters.append(
            office().messages.booking_restored(
                act.owner.email,
                _language(act.owner),
                room=place,
                dates=_dates(act.text),
                title=calendar_object.read(act.text).summary,
                by=asking().name,
                now=int(time.time()),
            )
        )
    return letters


def _changed(
    to: Account | None,
    before: tuple[str, Sequence[Occurrence]],
    after: tuple[str, Sequence[Occurrence]],
    title: str,
    reason: str,
) -> list[EmailMessage]:
    places = [office().settings.room(slug) for slug, _ in (before, after)]
    rooms: list[Room] = [place for place in places if place is not None]
    if to is None or len(rooms) != 2:
        return []
    letter = office().messages.booking_changed(
        to.email,
        _language(to),
        before=(rooms[0], before[1]),
        after=(rooms[1], after[1]),
        title=title,
        by=asking().name,
        reason=reason,
        now=int(time.time()),
    )
    return [letter]


def _organiser(alteration: Alteration) -> Account | None:
    """Who is to be told: the organiser, unless it is he who asks."""
    organiser = alteration.stored.organiser
    return None if organiser is None or alteration.own else office().accounts.by_id(organiser.id)


def _language(account: Account) -> str:
    spoken = office().settings.site.languages
    return account.language if account.language in spoken else spoken[0]


def _dates(text: str) -> Sequence[Occurrence]:
    times = schedule(calendar_object.read(text), office().settings.zone)
    return coming(times, int(time.time())) or coming(times, times.first or 0)
