"""`/api/occupation`: what is booked on some days; in full, or no more than when (a month of all rooms)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field

from sesstim_caldav.booking import views
from sesstim_caldav.booking.draft import utc
from sesstim_caldav.occupation import Days, Taken, Titles
from sesstim_caldav.occupation import Occupation as Reading
from sesstim_caldav.publication import RoomState
from sesstim_caldav.store import NoSuchRoom
from sesstim_caldav.web.api.access import Fault, answer, api, asking, json_text, queried
from sesstim_caldav.web.api.models import AskedDay, Occ, Occupation
from sesstim_caldav.web.api.rooms import now
from sesstim_caldav.web.visit import language, office, say

MOST_DAYS = 62
"""Days in one answer."""


class Asked(BaseModel):
    """Which days (both included), of one room or all; `busy`: only when."""

    model_config = ConfigDict(populate_by_name=True)

    from_: AskedDay = Field(alias="from")
    to: AskedDay
    room: str = ""
    detail: Literal["", "busy"] = ""


@api.get("/occupation")
def occupation() -> Response:
    """Answers 304 to an `If-None-Match` that still holds."""
    asked = queried(Asked)
    if not timedelta() <= asked.to - asked.from_ < timedelta(days=MOST_DAYS):
        raise Fault(400, "range", say("At most %(days)d days can be asked for at once.", days=MOST_DAYS), field="to")
    with reading() as snapshot:
        rooms = wanted(snapshot, asked.room)
        version = version_of(rooms, asked.from_, asked.to, asked.detail)
        headers = {"ETag": f'"{version}"'}
        if request.if_none_match.contains_weak(version):
            return json_text("", 304, headers)
        if asked.detail == "busy":
            return json_text(busy(spans(snapshot, rooms, asked.from_, asked.to, version)), 200, headers)
        return answer(filled(snapshot, rooms, asked.from_, asked.to, version), 200, headers)


def reading() -> Reading:
    """A context: what who is asking sees of the rooms."""
    return Reading(office().publication, asking(), _titles())


def wanted(snapshot: Reading, slug: str = "") -> list[RoomState]:
    """The rooms, or the one of a slug. Raises `NoSuchRoom`."""
    if not slug:
        return snapshot.rooms()
    room = snapshot.room(slug)
    if room is None:
        raise NoSuchRoom(slug)
    return [room]


def version_of(rooms: Iterable[RoomState], first: date, last: date, detail: str) -> str:
    """What changes whenever the answer would."""
    look = (
        asking().id,
        language(),
        office().settings.site.timezone,
        [(room.room.slug, room.ctag) for room in rooms],
        (first, last, detail),
    )
    return hashlib.blake2b(repr(look).encode(), digest_size=12).hexdigest()


Spans = dict[str, object]


def spans(snapshot: Reading, rooms: Iterable[RoomState], first: date, last: date, version: str) -> Spans:
    """When these rooms are taken from the first day to the last; what `models.Busy` describes, made without it."""
    strips = {room.room.slug: snapshot.strips(room.room.slug, first, last) for room in rooms}
    return {"from": f"{first}", "to": f"{last}", "now": now(), "version": version, "busy": strips}


def busy(of: Spans) -> str:
    return json.dumps(of, separators=(",", ":"))


def filled(snapshot: Reading, rooms: Iterable[RoomState], first: date, last: date, version: str) -> Occupation:
    """What is booked in these rooms from the first day to the last."""
    start, end = Days(office().settings.zone, first, last).bounds
    found = [occ for room in rooms for occ in shown(snapshot.taken(room.room.slug, start, end), first)]
    return Occupation.model_validate(
        {"from": f"{first}", "to": f"{last}", "now": now(), "version": version, "occurrences": found}
    )


def shown(taken: Sequence[Taken], since: date = date.min) -> Iterable[Occ]:
    """Occurrences as the API shows them to who is asking, those that began before a day left out."""
    zone, word = office().settings.zone, reserved()
    nobody, manages = say("Deleted account"), asking().manager
    earliest = since.isoformat()
    for one in taken:
        start, end = datetime.fromtimestamp(one.start, zone), datetime.fromtimestamp(one.end, zone)
        day = start.date().isoformat()
        if day >= earliest:
            yield Occ(
                room=one.room,
                name=one.name,
                recurrence=None if one.recurrence is None else utc(one.recurrence),
                date=day,
                start=f"{start.hour:02}:{start.minute:02}",
                end=f"{end.hour:02}:{end.minute:02}" if end.day == start.day else "24:00",
                title=word if one.hidden else one.title,
                organiser=one.organiser or nobody,
                email=one.email,
                mine=one.mine,
                private=one.private,
                editable=one.mine or manages,
                series=one.recurrence is not None,
                etag=one.etag,
            )


def reserved() -> str:
    """What stands for the title of another's private booking."""
    return views.WORDS[language()]


def _titles() -> Titles:
    found: Titles = current_app.extensions.setdefault("titles", Titles())
    return found
