"""A whole `.ics` file, booked event by event under the rules: what `sesstim-caldav import` does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sesstim_caldav.accounts import Account, Accounts
from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.calendar_object import CalendarObject, Unsupported
from sesstim_caldav.booking.contentline import Component, Line, write
from sesstim_caldav.booking.refusal import Refusal, Violation
from sesstim_caldav.reception import Reception

_PLAIN = re.compile(r"[A-Za-z0-9._@-]{1,200}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event of the file: `refusal` is None where it is booked (now, or by an earlier run)."""

    uid: str
    summary: str
    refusal: Refusal | None


def import_calendar(
    reception: Reception, accounts: Accounts, room: str, data: bytes, organiser: Account
) -> Iterator[Outcome]:
    """Books every event of an iCalendar file; one that is refused leaves the others alone, and twice is as once.

    An event whose ORGANIZER is a member stays his, any other becomes `organiser`'s.
    Raises `NoSuchRoom`, `StoreUnavailable`, and `Unsupported` when the file is no calendar at all.
    """
    place = reception.place(room)
    for part in calendar_object.split(data):
        if isinstance(part, Unsupported):
            yield Outcome(part.uid or "", part.summary, Refusal(place, (Violation.of(part),)))
            continue
        owner, obj = _owned(accounts, part, organiser)
        name = _standing_name(reception, room, obj.uid) or resource_name(obj.uid)
        try:
            reception.book(owner, room, name, obj.text.encode())
        except Refusal as refusal:
            yield Outcome(obj.uid, obj.summary, refusal)
        else:
            yield Outcome(obj.uid, obj.summary, None)


def _standing_name(reception: Reception, room: str, uid: str) -> str | None:
    with reception.store.reading() as reading:
        stored = reading.room(room)
        return stored.name_of_uid(uid) if stored else None


def resource_name(uid: str) -> str:
    """A resource name for a UID, the same each time: the UID itself where that is a plain path segment."""
    return f"{uid if _PLAIN.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()[:40]}.ics"


def _owned(accounts: Accounts, obj: CalendarObject, organiser: Account) -> tuple[Account, CalendarObject]:
    line = obj.organizer
    member = accounts.resolve(line.value) if line else None
    if member and member.active:
        return member, obj
    if line is None:
        return organiser, obj
    return organiser, calendar_object.read(write(_without_organizer(obj.root)))


def _without_organizer(component: Component) -> Component:
    return Component(
        component.name,
        [
            child if isinstance(child, Line) else _without_organizer(child)
            for child in component.children
            if not (isinstance(child, Line) and child.name == "ORGANIZER")
        ],
    )
