"""A booking as a form knows it: a day, two times, a note, and how it repeats; all on the room's clock.

A draft is written as a calendar object that every client reads alike, and a stored object of any client is read as the
form would have filled it in. What the form cannot say (a rule by week numbers, a series in another zone) is `custom`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum, StrEnum
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from sesstim_caldav.booking.calendar_object import PRODUCT, CalendarObject, Unsupported
from sesstim_caldav.booking.contentline import Component, carried, escape_text, fold, make_line, unescape_text
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import same_clock
from sesstim_caldav.booking.recurrence import DAY, MOST, Rule, parse_rule, walls
from sesstim_caldav.booking.schedule import FOREVER, Schedule, instants, rule_walls
from sesstim_caldav.booking.sentences import day as day_words
from sesstim_caldav.booking.sentences import listed
from sesstim_caldav.booking.vtimezone import definition
from sesstim_caldav.booking.zones import instant_of, wall_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKING = (0, 1, 2, 3, 4)


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # Monday to Friday
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class Monthly(StrEnum):
    """What of a date returns every month: its number, its weekday counted from the first, or from the last."""

    DATE = "date"
    WEEKDAY = "weekday"
    LAST_WEEKDAY = "last-weekday"


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a booking repeats. `weekdays` (0 is Monday) counts for a weekly one, empty: that of its date.

    `until` is the last day; with neither that nor `count` it is endless.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    monthly: Monthly = Monthly.DATE
    until: date | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form holds. `excluding` and `also` are single days taken out of the series and added to it.

    `custom`: the booking repeats in a way that the form cannot say; `repeat` is None then, and the rule stays.
    """

    day: date
    start: time
    end: time
    title: str = ""
    description: str = ""
    private: bool = False
    repeat: Repeat | None = None
    excluding: tuple[date, ...] = ()
    also: tuple[date, ...] = ()
    custom: bool = False


class Why(Enum):
    """Why a draft cannot be written, or a booking not be changed so."""

    NO_DATE = "no-date"  # the rule has no date, or ends before it begins
    NO_SUCH_OCCURRENCE = "no-such-occurrence"
    OWN_RULE = "own-rule"  # the rule comes from elsewhere, and its days cannot be moved


class Impossible(ValueError):
    """What a form asks for cannot be done; `why` is the fact, words are made at the edge."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


# -- writing


def written(draft: Draft, uid: str, organizer: str | None, zone: ZoneInfo, now: int) -> str:
    """The calendar object of a draft, on the clock of `zone`, stamped `now` (UTC epoch seconds).

    A series begins on the first day that its rule has from the draft's date on. `organizer` is the address of whom it
    is for, where that is not the one who sends it. Raises Impossible.
    """
    day, rule = (draft.day, "") if draft.repeat is None else series(draft.repeat, draft.day, draft.start, zone)
    stamp = utc(now)
    lines = [
        f"UID:{escape_text(uid)}",
        f"DTSTAMP:{stamp}",
        f"CREATED:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        "SEQUENCE:0",
        f"DTSTART;TZID={zone.key}:{local(day, draft.start)}",
        f"DTEND;TZID={zone.key}:{local(day, draft.end)}",
    ]
    lines += [f"RRULE:{rule}"] if rule else []
    for name, days in (("EXDATE", draft.excluding), ("RDATE", draft.also)):
        if days and (rule or name == "RDATE"):
            values = ",".join(local(each, draft.start) for each in sorted(set(days)))
            lines.append(f"{name};TZID={zone.key}:{values}")
    if title := one_line(draft.title):
        lines.append(f"SUMMARY:{escape_text(title)}")
    if description := carried(draft.description).strip():
        lines.append(f"DESCRIPTION:{escape_text(description)}")
    lines += ["CLASS:PRIVATE"] if draft.private else []
    lines += [make_line("ORGANIZER", f"mailto:{organizer}").text] if organizer else []
    return "".join(
        (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n",
            definition(zone.key, zone),
            "BEGIN:VEVENT\r\n",
            *map(fold, lines),
            "END:VEVENT\r\nEND:VCALENDAR\r\n",
        )
    )


def series(repeat: Repeat, day: date, start: time, zone: ZoneInfo, since: date | None = None) -> tuple[date, str]:
    """The first date of a series (from `since` on, else from `day`), and the RRULE by which it goes on from there.

    `day` is the date that is to return: its weekday, its place in the month or the year. UNTIL is the last start, in
    UTC (RFC 5545 section 3.3.10). Raises Impossible.
    """
    first = next(walls(parse_rule(_parts(repeat, day, 1)), _wall(since or day, start)), None)
    if first is None:
        raise Impossible(Why.NO_DATE)
    rule = _parts(repeat, day, repeat.interval)
    if repeat.until is not None:
        end = _wall(repeat.until, start)
        held = takewhile(lambda wall: wall <= end, walls(parse_rule(rule), first))
        last = max(islice(held, MOST + 1), default=None)
        if last is None:
            raise Impossible(Why.NO_DATE)
        rule += f";UNTIL={utc(instant_of(zone, last))}"
    elif repeat.count is not None:
        rule += f";COUNT={repeat.count}"
    return date.fromordinal(first // DAY + 1), rule


def _parts(repeat: Repeat, day: date, interval: int) -> str:
    every = f";INTERVAL={interval}" if interval > 1 else ""
    match repeat.frequency:
        case Frequency.DAILY:
            return f"FREQ=DAILY{every}"
        case Frequency.WEEKDAYS:
            return f"FREQ=WEEKLY{every};BYDAY={_named(_WORKING)}"
        case Frequency.WEEKLY:
            return f"FREQ=WEEKLY{every};BYDAY={_named(repeat.weekdays or (day.weekday(),))}"
        case Frequency.MONTHLY if repeat.monthly is Monthly.DATE:
            return f"FREQ=MONTHLY{every};BYMONTHDAY={day.day}"
        case Frequency.MONTHLY:
            place = -1 if repeat.monthly is Monthly.LAST_WEEKDAY else place_in_month(day)
            return f"FREQ=MONTHLY{every};BYDAY={place}{WEEKDAYS[day.weekday()]}"
        case Frequency.YEARLY:
            return f"FREQ=YEARLY{every};BYMONTH={day.month};BYMONTHDAY={day.day}"


def _named(weekdays: Iterable[int]) -> str:
    return ",".join(WEEKDAYS[weekday] for weekday in sorted(set(weekdays)))


def place_in_month(day: date) -> int:
    """1 for the first Tuesday of a month, 2 for the second, up to 5."""
    return (day.day - 1) // 7 + 1


def one_line(text: str) -> str:
    """A title: without line breaks, without what iCalendar cannot carry."""
    return " ".join(carried(text).split())


def utc(instant: int) -> str:
    """UTC epoch seconds as iCalendar writes them: "20261201T090000Z"."""
    at = datetime.fromtimestamp(instant, UTC)  # strftime would take three times as long, and not pad the year
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


def local(day: date, at: time) -> str:
    """A time of the wall clock as iCalendar writes it: "20261201T100000"."""
    return f"{day.isoformat().replace('-', '')}T{at:%H%M%S}"


def _wall(day: date, at: time) -> int:
    return (day.toordinal() - 1) * DAY + at.hour * 3600 + at.minute * 60 + at.second


# -- reading


def drafted(obj: CalendarObject, times: Schedule, recurrence_id: int | None, zone: ZoneInfo) -> Draft:
    """A stored booking as the form would have filled it in, at one of its occurrences (None: its first).

    `recurrence_id` in UTC epoch seconds. Raises Impossible where there is no such occurrence.
    """
    occurrence = found(times, recurrence_id)
    event = obj.events[occurrence.event]
    start, end = wall_of(zone, occurrence.start), wall_of(zone, occurrence.end)
    repeat, excluding, also, custom = _repeating(obj, times, zone)
    return Draft(
        date.fromordinal(start // DAY + 1),
        _time(start),
        _time(end),
        _text(event, "SUMMARY"),
        _text(event, "DESCRIPTION"),
        obj.private,
        repeat,
        excluding,
        also,
        custom,
    )


def found(times: Schedule, recurrence_id: int | None) -> Occurrence:
    """The occurrence of this identity, wherever it has been moved; None: the first. Raises Impossible."""
    if times.first is None:
        raise Impossible(Why.NO_SUCH_OCCURRENCE)
    if recurrence_id is None:
        return next(times.between(times.first, FOREVER))
    for occurrence in times.extras:
        if occurrence.recurrence_id == recurrence_id:
            return occurrence
    for occurrence in times.between(recurrence_id, recurrence_id + 1):
        if occurrence.recurrence_id == recurrence_id:
            return occurrence
    raise Impossible(Why.NO_SUCH_OCCURRENCE)


def _text(event: Component, name: str) -> str:
    line = event.line(name)
    return unescape_text(line.value) if line else ""


def _time(wall: int) -> time:
    return time(wall % DAY // 3600, wall % 3600 // 60, wall % 60)


def _repeating(
    obj: CalendarObject, times: Schedule, zone: ZoneInfo
) -> tuple[Repeat | None, tuple[date, ...], tuple[date, ...], bool]:
    """The repetition, the days taken out, the days added, and whether there is more to it than a form can say."""
    master = obj.master
    if master is None:
        return None, (), (), True
    start = master.line("DTSTART")
    assert start is not None
    begins = wall_of(zone, instants(obj, start, zone)[0][1])
    excluding = _days(_listed(obj, master, "EXDATE", zone), zone)
    added = list(_listed(obj, master, "RDATE", zone))
    custom = any(wall_of(zone, instant) % DAY != begins % DAY for instant in added)
    custom |= any((line.param("VALUE") or "").upper() == "PERIOD" for line in master.lines("RDATE"))
    repeat = None
    line = master.line("RRULE")
    if line is not None:
        repeat = _said(parse_rule(line.value), begins, zone) if same_clock(times.zone, zone) else None
        custom |= repeat is None
    return (None if custom else repeat), excluding, _days(added, zone), custom


def _listed(obj: CalendarObject, master: Component, name: str, zone: ZoneInfo) -> Iterator[int]:
    for line in master.lines(name):
        yield from (instant for _, instant in instants(obj, line, zone))


def _days(listed: Iterable[int], zone: ZoneInfo) -> tuple[date, ...]:
    return tuple(sorted({date.fromordinal(wall_of(zone, instant) // DAY + 1) for instant in listed}))


def _said(rule: Rule, begins: int, zone: ZoneInfo) -> Repeat | None:
    """A rule as a form says it; None where it cannot. `begins` is the wall of DTSTART."""
    if rule.seconds or rule.minutes or rule.hours or rule.yeardays or rule.weeks:
        return None
    day = date.fromordinal(begins // DAY + 1)
    shape = _shape(rule, day)
    if shape is None or next(walls(rule, begins), None) != begins:
        return None
    frequency, weekdays, monthly = shape
    until = None
    if rule.until is not None:
        try:
            until = date.fromordinal(max(rule_walls(rule, begins, zone)) // DAY + 1)
        except Unsupported:
            return None
    return Repeat(frequency, rule.interval, weekdays, monthly, until, rule.count)


def _shape(rule: Rule, day: date) -> tuple[Frequency, tuple[int, ...], Monthly] | None:
    days = tuple(weekday for ordinal, weekday in rule.weekdays if not ordinal)
    plain = not (rule.monthdays or rule.months or rule.positions)
    match rule.freq:
        case "DAILY" if plain and not rule.weekdays:
            return Frequency.DAILY, (), Monthly.DATE
        case "DAILY" if plain and days == _WORKING and rule.interval == 1:
            return Frequency.WEEKDAYS, (), Monthly.DATE
        case "WEEKLY" if plain and _weeks_from_monday(rule, days):
            if days == _WORKING:
                return Frequency.WEEKDAYS, (), Monthly.DATE
            return Frequency.WEEKLY, days or (day.weekday(),), Monthly.DATE
        case "MONTHLY" if plain and not rule.weekdays:
            return Frequency.MONTHLY, (), Monthly.DATE
        case "MONTHLY" if rule.monthdays == (day.day,) and not (rule.weekdays or rule.months or rule.positions):
            return Frequency.MONTHLY, (), Monthly.DATE
        case "MONTHLY" if len(rule.weekdays) == 1 and not (rule.monthdays or rule.months):
            ordinal, weekday = rule.weekdays[0]
            places = rule.positions or (ordinal,)
            if weekday != day.weekday() or len(places) != 1 or (rule.positions and ordinal):
                return None
            if places[0] == -1:
                return Frequency.MONTHLY, (), Monthly.LAST_WEEKDAY
            return (Frequency.MONTHLY, (), Monthly.WEEKDAY) if places[0] == place_in_month(day) else None
        case "YEARLY" if not (rule.weekdays or rule.positions):
            if rule.months in ((), (day.month,)) and rule.monthdays in ((), (day.day,)):
                return None if rule.monthdays and not rule.months else (Frequency.YEARLY, (), Monthly.DATE)
    return None


def _weeks_from_monday(rule: Rule, days: tuple[int, ...]) -> bool:
    """Whether the weeks of a weekly rule may as well begin on Monday."""
    if rule.interval == 1 or not days:
        return True
    return all(day >= rule.week_start for day in days) or all(day < rule.week_start for day in days)


# -- in words

_NAMES = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_PLACES = {
    "fr": ("premier", "deuxième", "troisième", "quatrième", "cinquième"),
    "en": ("first", "second", "third", "fourth", "fifth"),
}
_NUMBERS = {
    "fr": ("", "", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    "en": ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}


def rule_words(repeat: Repeat, day: date, language: str) -> str:
    """How a booking of that day repeats, as a part of a sentence: "toutes les deux semaines le mardi, 12 fois".

    `language` is "fr" or "en".
    """
    words = _rhythm_fr(repeat, day) if language == "fr" else _rhythm_en(repeat, day)
    if repeat.until is not None:
        until = "jusqu'au" if language == "fr" else "until"
        return f"{words}, {until} {day_words(language, repeat.until)}"
    if repeat.count is not None:
        if language == "fr":
            return f"{words}, {repeat.count} fois"
        return f"{words}, {'once' if repeat.count == 1 else f'{repeat.count} times'}"
    return words


def _number(count: int, language: str) -> str:
    return _NUMBERS[language][count] if count <= 10 else str(count)


def _rhythm_fr(repeat: Repeat, day: date) -> str:
    n = _number(repeat.interval, "fr")
    one = repeat.interval == 1
    weekday = _NAMES["fr"][day.weekday()]
    match repeat.frequency:
        case Frequency.DAILY:
            return "tous les jours" if one else f"tous les {n} jours"
        case Frequency.WEEKDAYS:
            return "du lundi au vendredi" if one else f"du lundi au vendredi, toutes les {n} semaines"
        case Frequency.WEEKLY:
            days = listed("fr", [f"le {_NAMES['fr'][each]}" for each in sorted(repeat.weekdays or (day.weekday(),))])
            return f"{'toutes les semaines' if one else f'toutes les {n} semaines'} {days}"
        case Frequency.MONTHLY:
            months = "tous les mois" if one else f"tous les {n} mois"
            if repeat.monthly is Monthly.LAST_WEEKDAY:
                return f"{months} le dernier {weekday}"
            if repeat.monthly is Monthly.WEEKDAY:
                rare = " (les mois qui en ont un)" if place_in_month(day) == 5 else ""
                return f"{months} le {_PLACES['fr'][place_in_month(day) - 1]} {weekday}{rare}"
            rare = " (les mois qui ont ce jour)" if day.day > 28 else ""
            return f"{months} le {'1er' if day.day == 1 else day.day}{rare}"
        case Frequency.YEARLY:
            date_words = day_words("fr", day).split(" ", 1)[1].rsplit(" ", 1)[0]
            rare = " (les années bissextiles)" if (day.month, day.day) == (2, 29) else ""
            return f"{'tous les ans' if one else f'tous les {n} ans'} le {date_words}{rare}"


def _rhythm_en(repeat: Repeat, day: date) -> str:
    n = _number(repeat.interval, "en")
    one = repeat.interval == 1
    weekday = _NAMES["en"][day.weekday()]
    match repeat.frequency:
        case Frequency.DAILY:
            return "every day" if one else f"every {n} days"
        case Frequency.WEEKDAYS:
            return "Monday to Friday" if one else f"Monday to Friday, every {n} weeks"
        case Frequency.WEEKLY:
            days = listed("en", [_NAMES["en"][each] for each in sorted(repeat.weekdays or (day.weekday(),))])
            return f"{'every week' if one else f'every {n} weeks'} on {days}"
        case Frequency.MONTHLY:
            months = "every month" if one else f"every {n} months"
            if repeat.monthly is Monthly.LAST_WEEKDAY:
                return f"{months} on the last {weekday}"
            if repeat.monthly is Monthly.WEEKDAY:
                rare = " (months that have one)" if place_in_month(day) == 5 else ""
                return f"{months} on the {_PLACES['en'][place_in_month(day) - 1]} {weekday}{rare}"
            rare = " (months that have this day)" if day.day > 28 else ""
            return f"{months} on day {day.day}{rare}"
        case Frequency.YEARLY:
            date_words = day_words("en", day).split(" ", 1)[1].rsplit(" ", 1)[0]
            rare = " (leap years)" if (day.month, day.day) == (2, 29) else ""
            return f"{'every year' if one else f'every {n} years'} on {date_words}{rare}"
