"""Dates, times and lists as they stand in a sentence, in French and in English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.dates import format_date

from sesstim_caldav.booking.proposal import OpeningHours, Room
from sesstim_caldav.booking.violation import Violation

if TYPE_CHECKING:
    from sesstim_caldav.booking.occurrence import Occurrence

DATES_NAMED = 3

_WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@lru_cache(maxsize=1024)
def day(language: str, of: date) -> str:
    """ "mardi 1er décembre 2026", "Tuesday 1 December 2026"."""
    words = format_date(of, "EEEE d MMMM y", locale=language)
    if language == "fr" and of.day == 1:
        return words.replace(" 1 ", " 1er ", 1)
    return words


def hour(of: datetime | time) -> str:
    """ "10:00"; with seconds only where there are any."""
    return f"{of:%H:%M:%S}" if of.second else f"{of:%H:%M}"


def span(language: str, room: Room, occurrence: Occurrence) -> str:
    """When an occurrence is, on the room's wall clock: "mardi 1er décembre 2026 de 10:00 à 11:00"."""
    start, end = room.clock(occurrence.start), room.clock(occurrence.end)
    french = language == "fr"
    first = day(language, start.date())
    if end <= start:
        return f"{first} {'à' if french else 'at'} {hour(start)}"
    if is_whole_days(start, end):
        last = end.date() - timedelta(days=1)
        if last == start.date():
            return f"{first} {'toute la journée' if french else 'all day'}"
        return f"{'du' if french else 'from'} {first} {'au' if french else 'to'} {day(language, last)}"
    if start.date() == end.date():
        if french:
            return f"{first} de {hour(start)} à {hour(end)}"
        return f"{first} from {hour(start)} to {hour(end)}"
    last_day = day(language, end.date())
    if french:
        return f"du {first} à {hour(start)} au {last_day} à {hour(end)}"
    return f"from {first} at {hour(start)} to {last_day} at {hour(end)}"


def is_whole_days(start: datetime, end: datetime) -> bool:
    """Whether a time runs from one midnight to another."""
    return start.time() == time() == end.time() and end.date() > start.date()


def spans(language: str, room: Room, violations: Iterable[Violation], on: str = "") -> str:
    """The first few dates, each with the holder where there is one, then how many others there are.

    `on` is the preposition that English wants before a weekday ("is booked on Tuesday …").
    """
    told = [violation for violation in violations if violation.occurrence is not None]
    named = []
    for violation in told[:DATES_NAMED]:
        assert violation.occurrence is not None
        words = span(language, room, violation.occurrence)
        if on and not words.startswith("from "):
            words = f"{on} {words}"
        named.append(f"{words} ({violation.holder})" if violation.holder else words)
    others = len(told) - len(named)
    if others:
        named.append(_others(language, others))
    return listed(language, named)


def _others(language: str, count: int) -> str:
    if language == "fr":
        return "une autre date" if count == 1 else f"{count} autres dates"
    return "one other date" if count == 1 else f"{count} other dates"


def listed(language: str, items: Sequence[str]) -> str:
    """ "a, b et c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'et' if language == 'fr' else 'and'} {items[-1]}"


def opening(language: str, hours: OpeningHours) -> str:
    """ "du lundi au vendredi de 08:00 à 20:00"."""
    days = sorted(hours.weekdays)
    names = [_WEEKDAYS[language][weekday] for weekday in days]
    french = language == "fr"
    if len(days) == 7:
        week = "tous les jours" if french else "every day"
    elif len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        week = f"du {names[0]} au {names[-1]}" if french else f"{names[0]} to {names[-1]}"
    else:
        week = f"le {listed(language, names)}" if french else listed(language, names)
    opens, closes = hour(hours.opens), hour(hours.closes)
    return f"{week} de {opens} à {closes}" if french else f"{week} from {opens} to {closes}"


def the_room(language: str, room: Room) -> str:
    """The room at the beginning of a sentence: "La salle Prado"."""
    if language != "fr":
        return room.name
    first, _, rest = room.name.partition(" ")
    return f"La salle {rest if first.lower() == 'salle' and rest else room.name}"
