"""What is asked for: the room, who asks, what was there before, what would be there after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sesstim_caldav.booking.calendar_object import CalendarObject
    from sesstim_caldav.booking.occurrence import Occurrence
    from sesstim_caldav.booking.schedule import Schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a room can be held, on its own wall clock."""

    weekdays: frozenset[int]  # 0 is Monday
    opens: time
    closes: time
    grid_minutes: int  # counted from midnight


@dataclass(frozen=True, slots=True)
class Room:
    """A meeting room."""

    slug: str
    name: str
    zone: ZoneInfo
    hours: OpeningHours

    def clock(self, instant: int) -> datetime:
        """The room's wall clock at an instant (UTC epoch seconds); beyond the calendar, its first or last time."""
        try:
            return datetime.fromtimestamp(instant, self.zone)
        except (OverflowError, ValueError, OSError):
            try:
                return (_EPOCH + timedelta(seconds=instant)).astimezone(self.zone)
            except (OverflowError, ValueError):
                return _FIRST if instant < 0 else _LAST


@dataclass(frozen=True, slots=True)
class Person:
    """An account, as far as the rules need to know it."""

    id: int
    name: str  # "First Last"
    email: str
    addresses: frozenset[str]  # confirmed mail addresses in lower case, `email` among them
    principal: str  # "/dav/<email>/"
    manager: bool = False

    def is_called(self, address: str) -> bool:
        """Whether a calendar user address (the value of an ORGANIZER, RFC 5545 3.3.3) is this person's."""
        address = address.strip()
        if address[:7].lower() == "mailto:":
            mail = _unquoted(address[7:]).lower()
            return mail == self.email.lower() or mail in self.addresses
        path = _unquoted(address).lower()
        principal = _unquoted(self.principal).lower().rstrip("/")
        return bool(principal) and path.rstrip("/").endswith(principal)


def _unquoted(text: str) -> str:
    """Percent-encoding undone where there is any."""
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


class Unknown(Enum):
    """An ORGANIZER that names no account."""

    UNKNOWN_PERSON = "unknown person"


UNKNOWN_PERSON = Unknown.UNKNOWN_PERSON


@dataclass(frozen=True, slots=True)
class Held:
    """An occurrence of another booking in the room; UTC epoch seconds."""

    start: int
    end: int
    holder: str  # the organiser's name
    booking: int
    email: str = ""  # and address


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under the resource's name before the request."""

    booking: int
    uid: str
    organiser: Person | None  # None: the account is gone
    object: CalendarObject
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Proposal:
    """One request to book, change or cancel, with all that the rules need to judge it."""

    room: Room
    asker: Person
    before: Standing | None = None
    after: CalendarObject | None = None  # None: the booking is cancelled
    schedule: Schedule | None = None  # of `after`
    occurrences: Sequence[
        Occurrence
    ] = ()  # to be judged: all of a finite one; an endless one's up to the horizon and its kinds
    taken: Sequence[
        tuple[Occurrence, Held]
    ] = ()  # pairs found near each other; whether they overlap is for the rule to say
    uid_owner: str | None = None  # name of another resource in the room with this UID
    named: Person | Unknown | None = None  # whom the ORGANIZER names; None where there is none
    held_before: frozenset[tuple[int, int]] = frozenset()  # (start, end) of the occurrences held already
