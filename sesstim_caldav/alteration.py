"""A booking that somebody wants changed or cancelled through a form: what has to be asked of the reception for it.

One request may be several acts: "this and following" ends one series and begins another, a booking that goes to another
room leaves one and enters the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from sesstim_caldav.booking import calendar_object
from sesstim_caldav.booking.calendar_object import CalendarObject
from sesstim_caldav.booking.draft import Draft, drafted, found
from sesstim_caldav.booking.editing import Scope, changed, handed, renamed, without
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.schedule import FOREVER, Schedule, schedule
from sesstim_caldav.reception import Act, Conditions, Reception
from sesstim_caldav.store import Account, StoredBooking

_ABSENT = Conditions(if_none_match="*")

DATES_TOLD = 500
"""Dates that a mail is told of: of more it does not tell the number."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be asked of the reception; `room` and `name` are where the changed occurrence is found afterwards."""

    acts: tuple[Act, ...]
    room: str
    name: str


class Alteration:
    """The wish to change a booking of a room, at an occurrence (None: its first) and as far as the scope reaches.

    `etag` is what the booking was seen with; `recurrence_id` and `now` are UTC epoch seconds.
    """

    def __init__(
        self,
        reception: Reception,
        actor: Account,
        room: str,
        stored: StoredBooking,
        scope: Scope,
        recurrence_id: int | None,
        etag: str | None,
        now: int,
    ) -> None:
        self.reception = reception
        self.room = room
        self.stored = stored
        self.scope = scope
        self._recurrence_id = recurrence_id
        self.now = now
        self.zone = reception.zone
        self.conditions = Conditions(if_match=etag)
        self.own = stored.organiser is not None and stored.organiser.id == actor.id
        self._new = str(uuid.uuid4())

    @cached_property
    def obj(self) -> CalendarObject:
        return calendar_object.read(self.stored.text)

    @cached_property
    def times(self) -> Schedule:
        return schedule(self.obj, self.zone)

    @cached_property
    def occurrence(self) -> Occurrence:
        """The occurrence that was chosen. Raises `Impossible` where there is none."""
        return found(self.times, self._recurrence_id)

    @cached_property
    def recurrence_id(self) -> int | None:
        """What tells the occurrence from the others that are not meant. Raises `Impossible`."""
        if self._recurrence_id is None and self.scope is not Scope.ALL:
            return self.occurrence.recurrence_id
        return self._recurrence_id

    @cached_property
    def was(self) -> Draft:
        """What a form shows of the booking, to who may see all of it. Raises `Impossible`."""
        return drafted(self.obj, self.times, self.recurrence_id, self.zone)

    @property
    def hidden(self) -> bool:
        """Whether the asker sees no more than when it is."""
        return self.obj.private and not self.own

    def asked(self, draft: Draft, custom: bool | None) -> Draft:
        """What a form asks for, as far as the asker may; `custom`: whether it means to keep a rule that it cannot say
        (None: it does not know of such rules)."""
        keeps = self.was.custom and (custom or (custom is None and draft.repeat is None))
        draft = replace(draft, custom=keeps, repeat=None if keeps else draft.repeat)
        if self.hidden:
            draft = replace(draft, title=self.was.title, description=self.was.description)
        return draft if self.own else replace(draft, private=self.was.private)

    def changed(self, room: str, draft: Draft, organiser: str | None = None) -> Change:
        """What makes the booking as `draft` (of `asked`) has it, in the room.

        `organiser`: the address of whose it is to be, where it is to change hands. Raises `Impossible`, `Unsupported`.
        """
        change = self._changed(room, draft)
        if organiser is None or (self.stored.organiser and self.stored.organiser.is_called(f"mailto:{organiser}")):
            return change
        *others, last = change.acts
        assert last.text is not None
        last = replace(last, text=handed(calendar_object.read(last.text), organiser))
        return replace(change, acts=(*others, last))

    def _changed(self, room: str, draft: Draft) -> Change:
        leaves = room != self.room
        edit = changed(
            self.obj, self.scope, self.recurrence_id, self.was, draft, self.zone, self.now, self._new, leaves=leaves
        )
        here = (self.room, self.stored.name)
        stays = Act(*here, edit.text, self.conditions)
        if edit.split_off is not None:
            name = f"{self._new}.ics"
            return Change((stays, Act(room, name, edit.split_off, _ABSENT, former=here)), room, name)
        if not leaves:
            return Change((stays,), *here)
        name, text = self._fitted(room, edit.text)
        return Change((Act(*here, None, self.conditions), Act(room, name, text, _ABSENT, former=here)), room, name)

    def cancelled(self) -> Change:
        """What cancels it, as far as the scope reaches. Raises `Impossible`, `Unsupported`."""
        text = without(self.obj, self.scope, self.recurrence_id, self.zone, self.now)
        return Change((Act(self.room, self.stored.name, text, self.conditions),), self.room, self.stored.name)

    def dates(self) -> Sequence[Occurrence]:
        """The first of the dates that are meant and not over; of a booking that is over, its first ones."""
        if self.scope is Scope.THIS:
            return [self.occurrence]
        return self._coming(self.occurrence.start if self.scope is Scope.FOLLOWING else 0)

    def _coming(self, since: int) -> Sequence[Occurrence]:
        return coming(self.times, max(since, self.now)) or coming(self.times, since)

    def _fitted(self, room: str, text: str) -> tuple[str, str]:
        """A name and a text with a UID that are free in another room: its own where they are."""
        name = self.stored.name
        with self.reception.store.reading() as reading:
            target = reading.room(room)
            if target is None:
                return name, text
            if target.booking(name) is not None:
                name = f"{self._new}.ics"
            if target.name_of_uid(self.stored.uid) is not None:
                text = renamed(calendar_object.read(text), self._new)
        return name, text


def coming(times: Schedule, since: int, most: int = DATES_TOLD) -> list[Occurrence]:
    """The first occurrences that end after an instant (UTC epoch seconds)."""
    return list(islice((o for o in times.between(since, FOREVER) if o.end > since), most))
