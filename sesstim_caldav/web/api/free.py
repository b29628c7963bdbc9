"""`/api/free`: which rooms are free for so long on some days, and if none is, the nearest times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sesstim_caldav.booking.vacancy import Span, distance, nearest, slots
from sesstim_caldav.occupation import Occupation
from sesstim_caldav.settings import RoomSettings
from sesstim_caldav.web.api.access import answer, api, misfit
from sesstim_caldav.web.api.models import AskedDay, Clock, Day
from sesstim_caldav.web.api.occupation import reading, wanted
from sesstim_caldav.web.api.rooms import now
from sesstim_caldav.web.visit import office

MOST_DATES = 31
MOST_SLOTS = 24
"""Times that are told of one room."""
MOST_NEAR = 6
DAYS_ON = 14
"""How many days from the one asked for are looked at for a time near it."""
APART = 30
"""Minutes between the starts of two times that are told."""


class Times(BaseModel):
    """A time that is free."""

    start: Clock
    end: Clock


class FreeRoom(BaseModel):
    """A room, and when it is free."""

    slug: str
    slots: list[Times]


class Near(Times):
    """A time near the one that was looked for."""

    slug: str
    date: Day


class Free(BaseModel):
    """The rooms that are free, at the same times on all the days asked for; none: the `nearest` times."""

    rooms: list[FreeRoom]
    nearest: list[Near]


class Wish(BaseModel):
    """What is looked for: on every one of these days, at the same time, `length` minutes between `from` and `to`."""

    model_config = ConfigDict(populate_by_name=True)

    dates: list[AskedDay] = Field(min_length=1, max_length=MOST_DATES)
    length: int = Field(60, ge=1, le=24 * 60)
    from_: str = Field("00:00", alias="from", pattern=r"^([01]\d|2[0-4]):[0-5]\d$")
    to: str = Field("24:00", pattern=r"^([01]\d|2[0-4]):[0-5]\d$")
    seats: int = Field(0, ge=0, le=100_000)
    equipment: list[str] = Field(default_factory=list, max_length=50)

    @field_validator("dates", mode="after")
    @classmethod
    def _each_once(cls, value: list[date]) -> list[date]:
        return sorted(set(value))

    @property
    def window(self) -> Span:
        return minutes(self.from_), minutes(self.to)


@dataclass(frozen=True, slots=True)
class _Found:
    room: RoomSettings
    day: date
    slot: Span


@api.get("/free")
def free() -> Response:
    try:
        wish = wished()
    except ValidationError as error:
        raise misfit(error) from error
    return answer(found(wish))


def wished() -> Wish:
    """What the query string asks for; lists are written with commas, or a name comes several times.

    Raises ValidationError.
    """
    facts: dict[str, object] = {name: value for name, value in request.args.to_dict().items() if value}
    for name in ("dates", "equipment"):
        values = ",".join(request.args.getlist(name)).split(",")
        facts[name] = [value.strip() for value in values if value.strip()]
    return Wish.model_validate(facts)


def found(wish: Wish) -> Free:
    """The rooms that are free, the smallest that suffices first; none: the nearest times."""
    suitable = [room for room in office().settings.rooms if suits(room, wish)]
    suitable.sort(key=lambda room: room.capacity or 100_000)
    with reading() as snapshot:
        there = {state.room.slug for state in wanted(snapshot)}
        look = _Look(snapshot, now())
        suitable = [room for room in suitable if room.slug in there]
        rooms = [
            FreeRoom(slug=room.slug, slots=[_times(slot) for slot in times])
            for room in suitable
            if (times := list(islice(look.free(room, wish.dates, wish.length, wish.window), MOST_SLOTS)))
        ]
        near = [] if rooms else _near(look, suitable, wish)
    return Free(
        rooms=rooms,
        nearest=[Near(slug=one.room.slug, date=f"{one.day}", **_times(one.slot).model_dump()) for one in near],
    )


def suits(room: RoomSettings, wish: Wish) -> bool:
    """Whether a room has the seats and the equipment."""
    has = {each.casefold() for each in room.equipment}
    return (wish.seats <= 1 or (room.capacity or 0) >= wish.seats) and all(
        each.casefold() in has for each in wish.equipment
    )


class _Look:
    """Free times as they stand in one snapshot; `moment` is the lab's clock ("2026-12-01T10:52:07")."""

    def __init__(self, snapshot: Occupation, moment: str) -> None:
        self._snapshot = snapshot
        self._today = date.fromisoformat(moment[:10])
        self._minute = minutes(moment[11:16])

    def free(self, room: RoomSettings, days: Sequence[date], length: int, window: Span) -> Iterator[Span]:
        """The times at which a room is open and free on every one of the days, none of them past."""
        within = self._open(room, days, window)
        return slots(self._taken(room, days), within, length, _grid(room), APART) if within else iter(())

    def near(self, room: RoomSettings, day: date, length: int, window: Span) -> Span | None:
        """The time of a day that is least far from a window."""
        within = self._open(room, [day], (0, 24 * 60))
        return nearest(self._taken(room, [day]), within, length, _grid(room), window) if within else None

    def _open(self, room: RoomSettings, days: Sequence[date], window: Span) -> Span | None:
        """What of a window lies in the opening hours and ahead, on all of the days."""
        hours = office().settings.hours(room)
        if any(day.weekday() not in hours.weekdays or day < self._today for day in days):
            return None
        begins = max(window[0], hours.opens.hour * 60 + hours.opens.minute)
        if self._today in days:
            begins = max(begins, self._minute)
        return begins, min(window[1], hours.closes.hour * 60 + hours.closes.minute)

    def _taken(self, room: RoomSettings, days: Iterable[date]) -> list[Span]:
        return [
            (start, end)
            for day in days
            for strip in self._snapshot.strips(room.slug, day, day).values()
            for start, end, _ in strip
        ]


def _near(look: _Look, rooms: Sequence[RoomSettings], wish: Wish) -> list[_Found]:
    """Of one day: times around those wished for, and on the days after. Of several: the best time on each of them."""
    single = len(wish.dates) == 1
    days = [wish.dates[0] + timedelta(days=n) for n in range(DAYS_ON)] if single else wish.dates
    near: list[_Found] = []
    for day in days:
        best = []
        for room in rooms:
            slot = look.near(room, day, wish.length, wish.window)
            if slot is not None:
                best.append(_Found(room, day, slot))
        best.sort(key=lambda one: distance(one.slot, wish.window))
        near += best[: 2 if single else 1]
        if single and len(near) >= MOST_NEAR:
            break
    return near[: MOST_NEAR if single else MOST_DATES]


def minutes(clock: str) -> int:
    """The minute of the day: "10:30" is 630."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def _grid(room: RoomSettings) -> int:
    return office().settings.hours(room).grid_minutes


def _times(slot: Span) -> Times:
    start, end = slot
    return Times(start=f"{start // 60:02}:{start % 60:02}", end=f"{end // 60:02}:{end % 60:02}")
