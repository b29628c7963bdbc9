"""`/api/mine`: the account's own bookings, coming and past, a series as one; several cancelled at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from flask import Response
from pydantic import BaseModel, Field

from sesstim_caldav.alteration import Alteration
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.draft import Impossible
from sesstim_caldav.booking.editing import Scope
from sesstim_caldav.booking.refusal import Refusal, Violation
from sesstim_caldav.occupation import Taken
from sesstim_caldav.reception import NoSuchBooking, PreconditionFailed
from sesstim_caldav.store import StoredBooking
from sesstim_caldav.web.api import letters, models
from sesstim_caldav.web.api.access import Fault, answer, api, asking, parsed, queried
from sesstim_caldav.web.api.bookings import carried_out
from sesstim_caldav.web.api.drafts import shown, stored
from sesstim_caldav.web.api.occupation import reading
from sesstim_caldav.web.api.refusals import refusal_shown
from sesstim_caldav.web.api.undo import Step, ticket
from sesstim_caldav.web.searching import holding
from sesstim_caldav.web.visit import office, say

A_PAGE = 30
"""Bookings in one answer."""
LAST_PAGE = 100_000
MOST = 100
"""Bookings that are cancelled at once."""


class Wanted(BaseModel):
    """Coming or past ones; `q`: words that the title or the room has; `page` counts from 1."""

    when: Literal["coming", "past"] = "coming"
    q: str = Field("", max_length=200)
    page: int = Field(1, ge=1, le=LAST_PAGE)


class Mine(BaseModel):
    """One's own bookings, each at its next occurrence (of past ones at the last); on `page` of `pages`."""

    bookings: list[models.Booking]
    page: int
    pages: int


class Chosen(BaseModel):
    """A booking as it was seen."""

    room: str = Field(max_length=100)
    name: str = Field(max_length=1000)
    etag: str = Field(max_length=300)


class Selection(BaseModel):
    """Bookings to be cancelled: of a series what is still to come."""

    bookings: list[Chosen] = Field(min_length=1, max_length=MOST)


class Place(BaseModel):
    """A booking by its address."""

    room: str
    name: str


class Kept(Place):
    """A booking that was not cancelled, and why not."""

    text: str


class CancelledOnes(BaseModel):
    """What was cancelled and what was not; `undo` takes all of it back within a minute."""

    undo: str | None
    cancelled: list[Place]
    refused: list[Kept]


@api.get("/mine")
def mine() -> Response:
    wanted = queried(Wanted)
    with reading() as snapshot:
        found = matching(snapshot.mine(int(time.time()), wanted.when == "past"), wanted.q)
    pages = max(1, -(-len(found) // A_PAGE))
    bookings = list(described(found[(wanted.page - 1) * A_PAGE : wanted.page * A_PAGE]))
    return answer(Mine(bookings=bookings, page=wanted.page, pages=pages))


@api.post("/mine/cancel")
def cancel() -> Response:
    """Cancels each by itself: one that somebody has changed since does not keep the others."""
    steps: list[Step] = []
    cancelled: list[Place] = []
    kept: list[Kept] = []
    for each in parsed(Selection).bookings:
        try:
            steps += _cancelled(each)
        except Fault as fault:
            kept.append(Kept(room=each.room, name=each.name, text=fault.text or say("This cannot be cancelled.")))
        else:
            cancelled.append(Place(room=each.room, name=each.name))
    return answer(CancelledOnes(undo=ticket(steps) if steps else None, cancelled=cancelled, refused=kept))


def matching(taken: Sequence[Taken], sought: str) -> Sequence[Taken]:
    """Those with a title or a room in which every word sought occurs."""
    if not sought.strip():
        return taken
    names = {room.slug: room.name for room in office().settings.rooms}
    right = holding(sought)
    return [one for one in taken if right(f"{one.title} {names[one.room]}")]


def described(taken: Sequence[Taken]) -> list[models.Booking]:
    """Occurrences in full; what has gone in this moment is left out."""
    found = []
    with office().store.reading() as snapshot:
        for one in taken:
            try:
                found.append(shown(snapshot, one.room, stored(snapshot, one.room, one.name), one.recurrence))
            except (Fault, Impossible):
                continue
    return found


def _cancelled(chosen: Chosen) -> list[Step]:
    """Cancels what is still to come of a booking. Raises `Fault`."""
    now = int(time.time())
    with office().store.reading() as snapshot:
        standing = stored(snapshot, chosen.room, chosen.name)
        room = snapshot.room(chosen.room)
        dates = room.occurrences_of(standing.id) if room is not None else []
    ahead = next((held for held in dates if held.end > now), None)
    if ahead is None or ahead == dates[0]:
        return _carried_out(chosen, standing, Scope.ALL, None, now)
    return _carried_out(chosen, standing, Scope.FOLLOWING, ahead.recurrence_id, now)


def _carried_out(chosen: Chosen, standing: StoredBooking, scope: Scope, recurrence: int | None, now: int) -> list[Step]:
    reception = office().reception
    alteration = Alteration(reception, asking(), chosen.room, standing, scope, recurrence, chosen.etag, now)
    try:
        reception.allow(asking(), chosen.room, standing)
        acts = alteration.cancelled().acts
        return carried_out(acts, chosen.room, standing, letters.of_cancellation(alteration, ""))
    except Refusal as error:
        raise Fault(403, text=refusal_shown(error.room, error.violations).text) from error
    except Unsupported as error:
        raise Fault(403, text=refusal_shown(reception.place(chosen.room), [Violation.of(error)]).text) from error
    except PreconditionFailed as error:
        raise Fault(412, text=say("Somebody has changed this booking in the meantime.")) from error
    except (NoSuchBooking, Impossible) as error:
        raise Fault(404, text=say("This booking does not exist any more.")) from error
