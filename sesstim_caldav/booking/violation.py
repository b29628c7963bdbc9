"""What one broken rule is: facts alone, from which any language can make a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sesstim_caldav.booking.calendar_object import Precondition, Reason, Unsupported
    from sesstim_caldav.booking.occurrence import Occurrence


class Rule(StrEnum):
    """The codes by which a refusal names its rules, in the order in which they are told."""

    NOT_THE_ORGANISER = "not-the-organiser"
    UID_IN_USE = "uid-in-use"
    UNSUPPORTED_CALENDAR_DATA = "unsupported-calendar-data"
    EMPTY_BOOKING = "empty-booking"
    OUTSIDE_OPENING_HOURS = "outside-opening-hours"
    NOT_ON_QUARTER_HOUR = "not-on-quarter-hour"
    ROOM_ALREADY_BOOKED = "room-already-booked"


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken, where it can be said by one occurrence of the booking that was asked for."""

    rule: Rule
    occurrence: Occurrence | None = None  # of the booking asked for, never the one in the way
    holder: str | None = None  # name of who has the room, or whose booking it is
    email: str | None = None  # ROOM_ALREADY_BOOKED: the address of who has it (of several the first)
    own_series: bool = False  # ROOM_ALREADY_BOOKED: by another occurrence of the same booking
    reason: Reason | None = None  # UNSUPPORTED_CALENDAR_DATA: what about it
    detail: str = ""  # the TZID, the address, the UID that is meant
    href_name: str | None = None  # UID_IN_USE: the other resource of the room
    precondition: Precondition | None = None  # UNSUPPORTED_CALENDAR_DATA: its name in RFC 4791 5.3.2.1

    @classmethod
    def of(cls, error: Unsupported) -> Violation:
        """What reading a calendar object, or its times, ran into."""
        return cls(
            Rule.UNSUPPORTED_CALENDAR_DATA, reason=error.reason, detail=error.detail, precondition=error.precondition
        )
