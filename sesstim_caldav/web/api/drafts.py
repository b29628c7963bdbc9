"""Bookings as the API writes them: drafts that are sent, bookings that are shown, on the wall clock of the lab."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

from flask import request

from sesstim_caldav.alteration import coming
from sesstim_caldav.booking import calendar_object, draft, views
from sesstim_caldav.booking.draft import Frequency, Impossible, Monthly, Why, drafted, found, one_line, rule_words, utc
from sesstim_caldav.booking.schedule import FOREVER, schedule
from sesstim_caldav.store import Account, NoSuchRoom, Reading, StoredBooking, tags
from sesstim_caldav.store.database import storable
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.access import Fault, asking
from sesstim_caldav.web.visit import language, office, say

_DATES_TOLD = 5


# -- what is sent


def draft_of(sent: models.Draft) -> draft.Draft:
    """What a form holds, without what does not count: weekdays of a monthly rule and the like."""
    return draft.Draft(
        sent.date,
        sent.start,
        sent.end,
        one_line(sent.title),
        sent.description,
        sent.private,
        None if sent.repeat is None else _repeat_of(sent.repeat),
        tuple(sorted(set(sent.excluding))),
        tuple(sorted(set(sent.also))),
        bool(sent.custom),
    )


def _repeat_of(sent: models.Repeat) -> draft.Repeat:
    weekly, monthly = sent.frequency is Frequency.WEEKLY, sent.frequency is Frequency.MONTHLY
    return draft.Repeat(
        sent.frequency,
        sent.interval,
        tuple(sorted(set(sent.weekdays))) if weekly else (),
        sent.monthly if monthly else Monthly.DATE,
        sent.until,
        sent.count,
    )


def instant_of(recurrence: str | None) -> int | None:
    """The instant that a recurrence names, UTC epoch seconds. Raises `Impossible`: there is none such."""
    if recurrence is None:
        return None
    try:
        return int(datetime.strptime(recurrence, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise Impossible(Why.NO_SUCH_OCCURRENCE) from None


def impossible(error: Impossible) -> Fault:
    """What a form asks for and no calendar can say, in words."""
    return Fault(404 if error.why is Why.NO_SUCH_OCCURRENCE else 400, error.why.value, impossible_words(error))


def impossible_words(error: Impossible) -> str:
    match error.why:
        case Why.NO_DATE:
            return say("No date is left: please look at the repetition.")
        case Why.NO_SUCH_OCCURRENCE:
            return say("This date of the series does not exist any more.")
        case Why.OWN_RULE:
            return say(
                "This series comes from another calendar and repeats in a way that cannot be moved to other days."
            )


# -- what is shown


def stored(reading: Reading, room: str, name: str) -> StoredBooking:
    """A booking as it stands. Raises `Fault` (404)."""
    place = reading.room(room) if storable(room) and office().settings.published(room) else None
    found = place.booking(name) if place is not None and storable(name) else None
    if found is None:
        raise Fault(404, text=say("This booking does not exist any more."))
    return found


def shown(reading: Reading, room: str, booking: StoredBooking, recurrence_id: int | None) -> models.Booking:
    """A booking at one of its occurrences (None: its first), as who is asking sees it. Raises `Impossible`."""
    account, zone = asking(), office().settings.zone
    obj = calendar_object.read(booking.text)
    times = schedule(obj, zone)
    occurrence = found(times, recurrence_id)
    form = drafted(obj, times, recurrence_id, zone)
    mine = booking.organiser is not None and booking.organiser.id == account.id
    hidden = booking.private and not mine
    organiser = booking.organiser
    start, end = (datetime.fromtimestamp(at, zone) for at in (occurrence.start, occurrence.end))
    now = int(datetime.now(UTC).timestamp())
    next_ones = coming(times, now, _DATES_TOLD) or coming(times, occurrence.start, _DATES_TOLD)
    repeat = form.repeat
    first = _day(times.first or occurrence.start)
    return models.Booking(
        room=room,
        name=booking.name,
        recurrence=None if occurrence.recurrence_id is None else utc(occurrence.recurrence_id),
        date=f"{form.day}",
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}" if end.date() == start.date() else "24:00",
        title=views.WORDS[language()] if hidden else one_line(form.title),
        organiser=organiser.name if organiser else say("Deleted account"),
        email=organiser.email if organiser else "",
        mine=mine,
        private=booking.private,
        editable=mine or account.manager,
        series=occurrence.recurrence_id is not None,
        etag=etag(reading, room, booking, account),
        description="" if hidden else form.description,
        repeat=None if repeat is None else repeat_shown(repeat),
        custom=form.custom,
        rule=None if repeat is None else rule_words(repeat, first, language()),
        dates=None if times.endless else len(times.occurrences(FOREVER)),
        next=[f"{_day(each.start)}" for each in next_ones],
        excluding=[f"{day}" for day in form.excluding],
        also=[f"{day}" for day in form.also],
        created=_clock(booking.created),
        modified=_clock(booking.modified),
    )


def etag(reading: Reading, room: str, booking: StoredBooking, account: Account) -> str:
    """A booking's ETag as CalDAV tells it to the account."""
    place = reading.room(room)
    if place is None:
        raise NoSuchRoom(room)
    nudge = place.nudge_of(account.id, booking.id)
    return tags.etag(office().store.id, booking.rev, booking.shown, account.epoch, nudge)


def repeat_shown(repeat: draft.Repeat) -> models.Repeat:
    """A repetition as the API writes it."""
    return models.Repeat(
        frequency=repeat.frequency,
        interval=repeat.interval,
        weekdays=list(repeat.weekdays),
        monthly=repeat.monthly,
        until=repeat.until,
        count=repeat.count,
    )


def draft_shown(room: str, form: draft.Draft, like: models.Draft, *, first: bool = True) -> models.Draft:
    """A draft to be sent back; beside the `first` of several every other has a token of its own."""
    token = like.token
    if token is not None and not first:
        token = uuid.uuid5(token, room)
    return models.Draft(
        room=room,
        date=form.day,
        start=form.start,
        end=form.end,
        title=like.title,
        description=like.description,
        private=like.private,
        repeat=None if form.repeat is None else repeat_shown(form.repeat),
        excluding=list(form.excluding),
        also=list(form.also),
        on_behalf_of=like.on_behalf_of,
        token=token,
        custom=like.custom,
    )


def occurrence_at(booking: StoredBooking, start: int) -> int | None:
    """Which occurrence of a booking begins at an instant: what tells it from the others."""
    zone = office().settings.zone
    times = schedule(calendar_object.read(booking.text), zone)
    return next((held.recurrence_id for held in times.between(start, start + 1) if held.start == start), None)


def _day(instant: int) -> date:
    return datetime.fromtimestamp(instant, office().settings.zone).date()


def _clock(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, office().settings.zone):%Y-%m-%dT%H:%M:%S}"


def recurrence_asked() -> int | None:
    """The occurrence that the address names. Raises `Impossible`."""
    return instant_of(request.args.get("recurrence") or None)
