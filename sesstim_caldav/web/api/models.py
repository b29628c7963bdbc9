"""What the API answers and takes, as models: they are the schemas of its description.

Days are "2026-12-01" and times "10:00", always on the wall clock of the lab. An occurrence lies within one day.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Clock = Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]


class Hours(BaseModel):
    """When a room can be booked; weekday 0 is Monday, `grid` in minutes."""

    weekdays: list[int]
    opens: Clock
    closes: Clock
    grid: int


class Room(BaseModel):
    """A room; `caldav` is its address for calendar programs, `photo` that of a picture."""

    slug: str
    name: str
    capacity: int | None
    color: str
    location: str
    equipment: list[str]
    photo: str | None
    caldav: str
    hours: Hours


class Me(BaseModel):
    """Who is asking."""

    name: str
    email: str
    manager: bool


class Rooms(BaseModel):
    """All rooms; `now` is the lab's clock, "2026-12-01T10:52:07"."""

    rooms: list[Room]
    now: str
    language: str
    me: Me


class Occ(BaseModel):
    """One occurrence of a booking, as the account sees it.

    `recurrence` tells it from the others of its series, in UTC ("20261201T090000Z"). Who booked a private one is told,
    its title is "Réservé".
    """

    room: str
    name: str
    recurrence: str | None
    date: Day
    start: Clock
    end: Clock
    title: str
    organiser: str
    email: str
    mine: bool
    private: bool
    editable: bool
    series: bool
    etag: str


class _Range(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    from_: Day = Field(alias="from")
    to: Day
    now: str
    version: str


class Occupation(_Range):
    """What is booked on some days; `version` changes whenever the answer does."""

    occurrences: list[Occ]


class Busy(_Range):
    """When rooms are taken on some days: by slug and day, start and end in minutes of the day, 1 for one's own."""

    busy: dict[str, dict[Day, list[tuple[int, int, int]]]]
