"""What would be asked of the reception for a draft, and for what could be booked instead of it."""

from __future__ import annotations

import time
import uuid

from sesstim_caldav.alteration import Alteration
from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.draft import Draft, Impossible, Why, written
from sesstim_caldav.booking.editing import Scope
from sesstim_caldav.booking.schedule import schedule
from sesstim_caldav.booking.zones import instant_of
from sesstim_caldav.reception import Act, Verdict
from sesstim_caldav.store import NoSuchRoom
from sesstim_caldav.ways import Offer, Way, ways_out
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.access import Fault, asking
from sesstim_caldav.web.api.drafts import draft_of
from sesstim_caldav.web.visit import office, say


def room_asked(slug: str) -> str:
    """A published room. Raises `NoSuchRoom`."""
    if office().settings.published(slug) is None:
        raise NoSuchRoom(slug)
    return slug


def new_act(sent: models.Draft) -> Act:
    """What books a draft, once for its token. Raises `Impossible`, `NoSuchRoom`, `Fault`."""
    token = str(sent.token or uuid.uuid4())
    offer = Offer(room_asked(sent.room), draft_of(sent))
    return Act(offer.room, f"{token}.ics", _text(offer, token, behalf(sent)), once=True)


def _text(offer: Offer, uid: str, organizer: str | None) -> str:
    zone = office().settings.zone
    text = written(offer.draft, uid, organizer, zone, int(time.time()))
    if offer.draft.excluding and schedule(calendar_object.read(text), zone).empty:
        raise Impossible(Why.NO_DATE)
    return text


def behalf(sent: models.Draft) -> str | None:
    """The address of whom a new booking is for, where that is somebody else. Raises `Fault`."""
    address = named(sent)
    return None if address is None or asking().person().is_called(f"mailto:{address}") else address


def named(sent: models.Draft) -> str | None:
    """The address of whose a booking is to be, where a form says so. Raises `Fault`."""
    address = (sent.on_behalf_of or "").strip()
    if not address:
        return None
    if not address.isascii() or not address.isprintable() or any(mark in address for mark in '"<>\\ '):
        raise Fault(400, text=say("This is not an e-mail address."), field="on_behalf_of")
    return address


def examined(sent: models.Draft) -> Verdict:
    """What the reception would say to a new booking. Raises as `new_act`."""
    return _examined(Offer(room_asked(sent.room), draft_of(sent)), behalf(sent))


def _examined(offer: Offer, organizer: str | None) -> Verdict:
    act = Act(offer.room, "examined", _text(offer, f"examined-{uuid.uuid4()}", organizer))
    return office().reception.examine(asking(), [act])


def ways_of_new(sent: models.Draft, verdict: Verdict, patience: float, trial: float = 0.0) -> list[Way]:
    """What could be booked instead of a draft that is refused; `patience` and `trial` as of `ways_out`."""
    organizer = behalf(sent)
    return ways_out(
        office().reception,
        Offer(sent.room, draft_of(sent)),
        verdict,
        lambda offer: _examined(offer, organizer),
        now=int(time.time()),
        patience=patience,
        trial=trial,
    )


# -- changes


def examined_change(alteration: Alteration, room: str, draft: Draft) -> Verdict:
    """What the reception would say to a change. Raises as `Alteration.changed` and `Reception.examine`."""
    verdict = office().reception.examine(asking(), alteration.changed(room, draft).acts)
    if alteration.scope is not Scope.THIS or alteration.recurrence_id is None:
        return verdict
    return _only(verdict, begins(alteration, draft))


def _only(verdict: Verdict, start: int) -> Verdict:
    """What was said, for the one occurrence that begins at an instant: nothing else of its series moves."""
    judged = [held for held in verdict.judged if held.start == start]
    return Verdict(verdict.place, None, judged, verdict.violations)


def begins(alteration: Alteration, draft: Draft) -> int:
    """When the chosen occurrence is to begin (UTC epoch seconds)."""
    was = alteration.was
    if (was.day, was.start, was.end) == (draft.day, draft.start, draft.end):
        return alteration.occurrence.start
    midnight = (draft.day.toordinal() - 1) * 86_400
    return instant_of(alteration.zone, midnight + draft.start.hour * 3600 + draft.start.minute * 60)


def ways_of_change(
    alteration: Alteration, room: str, draft: Draft, verdict: Verdict, patience: float, trial: float = 0.0
) -> list[Way]:
    """What could be had instead of a change that is refused; `patience` and `trial` as of `ways_out`."""
    asked = draft
    if alteration.scope is Scope.THIS and alteration.recurrence_id is not None:
        asked = Draft(draft.day, draft.start, draft.end, draft.title, draft.description, draft.private)
    return ways_out(
        office().reception,
        Offer(room, asked),
        verdict,
        lambda offer: examined_change(alteration, offer.room, _as(draft, offer.draft, alteration.scope)),
        now=alteration.now,
        but=alteration.stored.id,
        alone=True,
        patience=patience,
        trial=trial,
    )


def _as(draft: Draft, offered: Draft, scope: Scope) -> Draft:
    """An offer as a change has it: of one occurrence only its times count."""
    if scope is not Scope.THIS:
        return offered
    return Draft(
        offered.day,
        offered.start,
        offered.end,
        draft.title,
        draft.description,
        draft.private,
        draft.repeat,
        draft.excluding,
        draft.also,
        draft.custom,
    )
