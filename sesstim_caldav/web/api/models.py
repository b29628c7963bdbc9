"""What the API answers and takes, as models: they are the schemas of its description.

Days are "2026-12-01" and times "10:00", always on the wall clock of the lab. An occurrence lies within one day.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from sesstim_caldav.booking.draft import Frequency, Monthly
from sesstim_caldav.booking.editing import Scope

EARLIEST, LATEST = date(1900, 1, 1), date(9000, 12, 31)
"""The days that can be asked for."""
MOST_DAYS = 4_000
"""Single days put into a series or taken out of it."""
MOST_DRAFTS = 50
MOST_UNDO = 2**19

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Clock = Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]
Recurrence = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}T[0-9]{6}Z$")]
"""Which occurrence of a series: the instant that it had originally, in UTC ("20261201T090000Z")."""


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


# ---- what is booked and changed


def day_of(value: object) -> date:
    """A day as the API writes it, "2026-12-01". Raises ValueError."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written 2026-12-01")
    day = date.fromisoformat(value)
    if not EARLIEST <= day <= LATEST:
        raise ValueError("no calendar goes that far")
    return day


def clock_of(value: object) -> time:
    """A time as the API writes it, "10:00". Raises ValueError."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError("a time is written 10:00")
    return time.fromisoformat(value)


AskedDay = Annotated[
    date, BeforeValidator(day_of), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})
]
AskedClock = Annotated[
    time,
    BeforeValidator(clock_of),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}$"}),
]
Days = Annotated[list[AskedDay], Field(max_length=MOST_DAYS)]


class Repeat(BaseModel):
    """How a booking repeats; without `until` (its last day) and `count` it is endless.

    `weekdays` (0 is Monday) counts for a weekly one, `monthly` for a monthly one: the same day of the month, the same
    weekday counted from its beginning, or the last such weekday.
    """

    frequency: Frequency
    interval: int = Field(1, ge=1, le=1000)
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default_factory=list, max_length=7)
    monthly: Monthly = Monthly.DATE
    until: AskedDay | None = None
    count: int | None = Field(None, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _ends_once(self) -> Repeat:
        if self.until is not None and self.count is not None:
            raise ValueError("until or count, not both")
        return self


class Draft(BaseModel):
    """A booking as a form holds it. `excluding`: days taken out of a series; `also`: days added.

    `token` (a UUID made by the sender) makes the booking's UID and name: the same draft sent twice books once.
    `on_behalf_of` is for managers. `custom`: the series repeats in a way that `repeat` cannot say, and keeps doing so.
    """

    room: str = Field(max_length=100)
    date: AskedDay
    start: AskedClock
    end: AskedClock
    title: str = Field("", max_length=1000)
    description: str = Field("", max_length=50_000)
    private: bool = False
    repeat: Repeat | None = None
    excluding: Days = Field(default_factory=list)
    also: Days = Field(default_factory=list)
    on_behalf_of: str | None = Field(None, max_length=320)
    token: UUID | None = None
    custom: bool | None = None


class Booking(Occ):
    """A booking at one of its occurrences, in full.

    `rule`: how it repeats, in words; `custom`: in a way that a form cannot say. `dates`: how many there are, null when
    it is endless; `next`: the next five of them. `created` and `modified` are the lab's clock.
    """

    description: str
    repeat: Repeat | None
    custom: bool
    rule: str | None
    dates: int | None
    next: list[Day]
    excluding: list[Day]
    also: list[Day]
    created: str
    modified: str


class Conflict(BaseModel):
    """A time at which a rule is broken, with who holds the room then; `email` where that is known."""

    date: Day
    start: Clock
    end: Clock
    holder: str | None
    email: str | None


class Broken(BaseModel):
    """One rule broken: its code, a sentence, how many occurrences break it, and the first of them."""

    code: str
    sentence: str
    count: int
    occurrences: list[Conflict]


class Way(BaseModel):
    """A way out of a refusal: drafts that would be taken, all of them together."""

    kind: Literal["room", "time", "free-dates", "split"]
    label: str
    drafts: list[Draft]


class Refusal(BaseModel):
    """Why a booking is refused, and what could be booked instead."""

    text: str
    rules: list[Broken]
    ways: list[Way]


class Verdict(BaseModel):
    """What the reception would say to a draft: how many dates it has (null: without end), and a sentence."""

    ok: bool
    dates: int | None
    endless: bool
    sentence: str
    refusal: Refusal | None


class Target(BaseModel):
    """A booking, one of its occurrences ("20261201T090000Z"), and how much of the series is meant."""

    room: str = Field(max_length=100)
    name: str = Field(max_length=1000)
    recurrence: Recurrence | None = None
    scope: Scope = Scope.ALL


class Examined(BaseModel):
    """Asks what the reception would say: to a new booking, or to the change of one."""

    draft: Draft
    change: Target | None = None


class NewBookings(BaseModel):
    """Bookings to be made together: all or none."""

    drafts: list[Draft] = Field(min_length=1, max_length=MOST_DRAFTS)


class BookingsMade(BaseModel):
    """What was booked."""

    bookings: list[Booking]


class Change(BaseModel):
    """A change of a booking that was seen with this `etag`; `reason` is what a manager tells the organiser."""

    scope: Scope = Scope.ALL
    recurrence: Recurrence | None = None
    etag: str = Field(max_length=300)
    draft: Draft
    reason: str = Field("", max_length=5000)


class Cancellation(BaseModel):
    """The cancellation of a booking that was seen with this `etag`."""

    scope: Scope = Scope.ALL
    recurrence: Recurrence | None = None
    etag: str = Field(max_length=300)
    reason: str = Field("", max_length=5000)


class Changed(BaseModel):
    """A booking after its change; `undo` takes the change back within a minute (null: it cannot be)."""

    booking: Booking
    undo: str | None


class Cancelled(BaseModel):
    """`undo` takes the cancellation back within a minute (null: it cannot be)."""

    undo: str | None


class Undo(BaseModel):
    """What a change or a cancellation gave to take it back."""

    undo: str = Field(max_length=MOST_UNDO)


class Undone(BaseModel):
    """The booking as it stands again; null where there was none."""

    booking: Booking | None


class Outdated(BaseModel):
    """Somebody changed the booking in the meantime: as it stands now, and what is different, in sentences."""

    error: Literal["changed"]
    text: str
    booking: Booking
    differences: list[str]


class Refused(BaseModel):
    """The answer 403 to a booking or a change that breaks a rule."""

    error: Literal["refused"]
    text: str
    refusal: Refusal
