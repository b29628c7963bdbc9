"""The form in which a rule module writes down what it takes and what it refuses; the tests run them all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One request in a room that is open from Monday to Friday, 08:00 to 20:00, on a grid of 15 minutes (Europe/Paris).

    `event` holds the lines of one VEVENT but for its UID, or, with BEGIN and END, of several. Times without zone are
    the room's. People: "marie" and "paul" are members, "odile" is a manager, "gone" an account that was deleted.
    """

    story: str
    event: str = "DTSTART:20261201T100000\nDTEND:20261201T110000"
    asker: str = "marie"
    organiser: str | None = None  # of the booking that stands already; None: there is none
    before: str = ""  # the event that stands already, where it is not `event`
    cancels: bool = False
    held: tuple[tuple[str, str, str], ...] = ()  # ("2026-12-01 10:00", "2026-12-01 11:00", holder) of other bookings
    uid: str = "one"
    uid_owner: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """Requests that the rule lets through, and requests that it refuses."""

    taken: tuple[Example, ...]
    refused: tuple[Example, ...]
