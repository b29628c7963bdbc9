"""`/api/examine`: what the reception would say, while a form is being filled in; a dry run of the same code."""

from __future__ import annotations

import time

from flask import Response

from sesstim_caldav.alteration import Alteration
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.draft import Impossible
from sesstim_caldav.booking.refusal import Refusal, Violation
from sesstim_caldav.reception import NoSuchBooking, Verdict
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.access import Fault, answer, api, asking, parsed
from sesstim_caldav.web.api.drafts import draft_of, impossible_words, instant_of, stored
from sesstim_caldav.web.api.offers import (
    examined,
    examined_change,
    room_asked,
    ways_of_change,
    ways_of_new,
)
from sesstim_caldav.web.api.refusals import verdict_shown
from sesstim_caldav.web.visit import office

PATIENCE = 0.3
"""Seconds of work after which no more ways out of a booking are tried; many a worker's first takes a tenth."""
PATIENCE_ENDLESS = 0.07
"""The same of a series without end, of which every trial is work."""


@api.post("/examine")
def examine() -> Response:
    """A verdict, also on what could not be booked."""
    asked = parsed(models.Examined)
    try:
        return answer(_of_change(asked.draft, asked.change) if asked.change else _of_new(asked.draft))
    except Impossible as error:
        sentence = impossible_words(error)
        return answer(models.Verdict(ok=False, dates=0, endless=False, sentence=sentence, refusal=None))
    except Refusal as error:
        return answer(verdict_shown(Verdict(error.room, None, (), error.violations)))
    except NoSuchBooking as error:
        raise Fault(404) from error


def _of_new(sent: models.Draft) -> models.Verdict:
    begun = time.thread_time()
    verdict = examined(sent)
    spent = time.thread_time() - begun
    ways = ways_of_new(sent, verdict, _patience(verdict) - spent, spent) if verdict.violations else []
    return verdict_shown(verdict, ways, sent)


def _of_change(sent: models.Draft, target: models.Target) -> models.Verdict:
    with office().store.reading() as reading:
        standing = stored(reading, target.room, target.name)
    reception = office().reception
    reception.allow(asking(), target.room, standing)
    recurrence = instant_of(target.recurrence)
    alteration = Alteration(
        reception, asking(), target.room, standing, target.scope, recurrence, None, int(time.time())
    )
    room = room_asked(sent.room)
    begun = time.thread_time()
    try:
        draft = alteration.asked(draft_of(sent), sent.custom)
        verdict = examined_change(alteration, room, draft)
    except Unsupported as error:
        return verdict_shown(Verdict(reception.place(target.room), None, (), (Violation.of(error),)))
    spent = time.thread_time() - begun
    ways = (
        ways_of_change(alteration, room, draft, verdict, _patience(verdict) - spent, spent)
        if verdict.violations
        else []
    )
    return verdict_shown(verdict, ways, sent)


def _patience(verdict: Verdict) -> float:
    return PATIENCE_ENDLESS if verdict.times is not None and verdict.times.endless else PATIENCE
