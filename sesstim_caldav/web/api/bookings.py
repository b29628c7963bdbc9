"""`/api/bookings`: bookings seen, made, changed and cancelled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.message import EmailMessage

from flask import Response

from sesstim_caldav.alteration import Alteration
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.draft import Draft, Impossible
from sesstim_caldav.booking.refusal import Refusal, Violation
from sesstim_caldav.reception import Act, NoSuchBooking, PreconditionFailed, Verdict
from sesstim_caldav.store import Reading, StoredBooking, tags
from sesstim_caldav.web.api import letters, models
from sesstim_caldav.web.api.access import Fault, answer, api, asking, parsed, trouble
from sesstim_caldav.web.api.differences import differences
from sesstim_caldav.web.api.drafts import (
    draft_of,
    impossible,
    instant_of,
    occurrence_at,
    recurrence_asked,
    shown,
    stored,
)
from sesstim_caldav.web.api.offers import (
    begins,
    examined,
    examined_change,
    named,
    new_act,
    room_asked,
    ways_of_change,
    ways_of_new,
)
from sesstim_caldav.web.api.refusals import refusal_shown, refused
from sesstim_caldav.web.api.undo import Step, ticket
from sesstim_caldav.web.visit import office, say

PATIENCE = 0.3
"""Seconds of work that a refusal spends on ways out of it."""


@api.errorhandler(Refusal)
def _refused(error: Refusal) -> Response:
    return refused(refusal_shown(error.room, error.violations))


@api.errorhandler(Impossible)
def _impossible(error: Impossible) -> Response:
    return trouble(impossible(error))


@api.errorhandler(Unsupported)
def _unreadable(_error: Unsupported) -> Response:
    """A booking that rules of former days took and that cannot be read by those of today."""
    return trouble(Fault(404, "unreadable", say("This booking cannot be read any more.")))


@api.get("/bookings/<room>/<name>")
def one_booking(room: str, name: str) -> Response:
    """One booking, at the occurrence that `recurrence` names (without it, its first)."""
    with office().store.reading() as reading:
        return answer(shown(reading, room, stored(reading, room, name), recurrence_asked()))


@api.post("/bookings")
def make_bookings() -> Response:
    """Makes bookings, all or none; what the same tokens have made before is told again (200)."""
    sent = parsed(models.NewBookings).drafts
    acts = [new_act(draft) for draft in sent]
    try:
        done = office().reception.book_all(asking(), acts)
    except Refusal as error:
        ways = []
        if len(sent) == 1:
            verdict = examined(sent[0])
            ways = ways_of_new(sent[0], verdict, PATIENCE) if verdict.violations else []
        return refused(refusal_shown(error.room, error.violations, ways, sent[0]))
    except PreconditionFailed:
        return _made_otherwise(sent, acts)
    with office().store.reading() as reading:
        made = [shown(reading, each.room, stored(reading, each.room, each.name), None) for each in done]
    return answer(models.BookingsMade(bookings=made), 201 if any(each.created for each in done) else 200)


@api.patch("/bookings/<room>/<name>")
def change_booking(room: str, name: str) -> Response:
    """Changes a booking that is as it was seen (else 412, with what is different), as far as the scope reaches."""
    sent = parsed(models.Change)
    target, form = room_asked(sent.draft.room), draft_of(sent.draft)
    with office().store.reading() as reading:
        standing = stored(reading, room, name)
        office().reception.allow(asking(), room, standing)
        if not tags.names_content(sent.etag, office().store.id, standing.rev):
            return _outdated(reading, room, standing, sent.recurrence, form)
    alteration = _alteration(room, standing, sent)
    try:
        form = alteration.asked(form, sent.draft.custom)
        wanted = alteration.changed(target, form, named(sent.draft))
    except Unsupported as error:
        return refused(refusal_shown(office().reception.place(room), [Violation.of(error)]))
    if [act.text for act in wanted.acts] == [standing.text]:
        with office().store.reading() as reading:
            same = shown(reading, room, stored(reading, room, name), instant_of(sent.recurrence))
            return answer(models.Changed(booking=same, undo=None))
    start = begins(alteration, form)
    try:
        told = letters.of_change(alteration, target, wanted, sent.reason)
        steps = carried_out(wanted.acts, room, standing, told)
    except Refusal as error:
        try:
            verdict: Verdict | None = examined_change(alteration, target, form)
        except (PreconditionFailed, NoSuchBooking):
            verdict = None
        ways = ways_of_change(alteration, target, form, verdict, PATIENCE) if verdict and verdict.violations else []
        return refused(refusal_shown(error.room, error.violations, ways, sent.draft))
    except (PreconditionFailed, NoSuchBooking):
        return _overtaken(room, name, sent.recurrence, form)
    with office().store.reading() as reading:
        now_there = stored(reading, wanted.room, wanted.name)
        found = shown(reading, wanted.room, now_there, occurrence_at(now_there, start))
        return answer(models.Changed(booking=found, undo=ticket(steps)))


@api.delete("/bookings/<room>/<name>")
def cancel_booking(room: str, name: str) -> Response:
    """Cancels a booking that is as it was seen (else 412), as far as the scope reaches."""
    sent = parsed(models.Cancellation)
    with office().store.reading() as reading:
        standing = stored(reading, room, name)
        office().reception.allow(asking(), room, standing)
        if not tags.names_content(sent.etag, office().store.id, standing.rev):
            return _outdated(reading, room, standing, sent.recurrence, None)
    alteration = _alteration(room, standing, sent)
    try:
        wanted = alteration.cancelled()
        steps = carried_out(wanted.acts, room, standing, letters.of_cancellation(alteration, sent.reason))
    except Unsupported as error:
        return refused(refusal_shown(office().reception.place(room), [Violation.of(error)]))
    except (PreconditionFailed, NoSuchBooking):
        return _overtaken(room, name, sent.recurrence, None)
    return answer(models.Cancelled(undo=ticket(steps)))


def _alteration(room: str, standing: StoredBooking, sent: models.Change | models.Cancellation) -> Alteration:
    return Alteration(
        office().reception,
        asking(),
        room,
        standing,
        sent.scope,
        instant_of(sent.recurrence),
        sent.etag,
        int(time.time()),
    )


def carried_out(acts: Sequence[Act], room: str, standing: StoredBooking, told: Sequence[EmailMessage]) -> list[Step]:
    """Does what a change or a cancellation of one booking is, and tells how to take it back."""
    done = office().reception.book_all(asking(), acts, told)
    here = (room, standing.name)
    return [Step(each, standing if (each.room, each.name) == here else None) for each in done]


# ---- somebody was quicker


def _overtaken(room: str, name: str, recurrence: str | None, form: Draft | None) -> Response:
    with office().store.reading() as reading:
        return _outdated(reading, room, stored(reading, room, name), recurrence, form)


def _outdated(
    reading: Reading, room: str, standing: StoredBooking, recurrence: str | None, form: Draft | None
) -> Response:
    """The answer 412: the booking as it stands, and what is not as the form has it. Raises `Fault` (404)."""
    try:
        booking = shown(reading, room, standing, instant_of(recurrence))
    except Impossible:
        try:
            booking = shown(reading, room, standing, None)
        except Impossible as error:
            raise Fault(404, text=say("This booking does not exist any more.")) from error
    told = models.Outdated(
        error="changed",
        text=say("Somebody has changed this booking in the meantime."),
        booking=booking,
        differences=[] if form is None else differences(booking, form),
    )
    return answer(told, 412)


def _made_otherwise(sent: Sequence[models.Draft], acts: Sequence[Act]) -> Response:
    """A draft whose token has made another booking before: 412, with what stands there."""
    with office().store.reading() as reading:
        for draft, act in zip(sent, acts, strict=True):
            place = reading.room(act.room)
            standing = place.booking(act.name) if place is not None else None
            if standing is not None:
                return _outdated(reading, act.room, standing, None, draft_of(draft))
    raise Fault(412)
