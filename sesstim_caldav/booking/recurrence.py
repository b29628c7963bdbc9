"""Which dates a recurrence rule has (RFC 5545 section 3.3.10), on a wall clock without a zone.

Two units: a *day* counts from 1 January of the year 1 (day 0, a Monday); a *wall* is ``day * 86400 + seconds``.
A rule is a few *strands*: times of the day, and the days on which they fall.  A set of days is a period with some
offsets, or a bit mask; the Gregorian calendar repeats after 400 years, so one mask of 146,097 bits answers for ever.
That makes questions about the year 9000 as cheap as questions about next week, and a rule that has no date at all
known at once.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import gcd

from sesstim_caldav.booking.calendar_object import Reason, Unsupported

DAY = 86400
CYCLE = 146_097
"""Days in 400 years; a whole number of weeks."""
LAST_DAY = date.max.toordinal() - 1
"""The day 9999-12-31."""
MOST = 10_000
"""The most dates of a finite rule that are held."""
MOST_TIMES = 96
"""The most times a day of an endless rule: every quarter of an hour."""
_PATIENCE = 300_000
"""Steps without which a rule of hours, minutes or seconds is given up."""

_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_UNITS = {"HOURLY": 24, "MINUTELY": 1440, "SECONDLY": 86400}
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_LISTS = {
    "BYSECOND": (0, 60, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,6}")
_DIGITS = re.compile(r"[0-9]{1,4000}")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")


def day_of(year: int, month: int, day: int) -> int:
    """The day number of a date; ValueError when there is no such date."""
    return date(year, month, day).toordinal() - 1


# --- sets of days ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Days:
    """The days ``k * period + offset`` for every k and every offset."""

    period: int
    offsets: tuple[int, ...]

    def since(self, day: int) -> Iterator[int]:
        """Ascending, from ``day`` on (inclusive)."""
        if not self.offsets:
            return
        period, offsets = self.period, self.offsets
        base = day - day % period
        index = bisect_left(offsets, day % period)
        while True:
            for offset in offsets[index:] if index else offsets:
                if base + offset > LAST_DAY:
                    return
                yield base + offset
            index = 0
            base += period

    def mask(self) -> int:
        """One bit a day, for every day until 9999-12-31."""
        return _repeated(sum(1 << offset for offset in self.offsets), self.period)


@dataclass(frozen=True, slots=True)
class MaskedDays:
    """Days by a bit mask that repeats after ``period`` days."""

    period: int
    bits: int

    def since(self, day: int) -> Iterator[int]:
        """Ascending, from ``day`` on (inclusive)."""
        if not self.bits:
            return
        octets = _octets(self.bits, self.period)
        position = day % self.period
        base = day - position
        while base <= LAST_DAY:
            for found in _bits(octets, position):
                if base + found > LAST_DAY:
                    return
                yield base + found
            base += self.period
            position = 0

    def mask(self) -> int:
        """One bit a day, for every day until 9999-12-31."""
        return _repeated(self.bits, self.period)


AnyDays = Days | MaskedDays
EVERY_DAY = Days(1, (0,))


@dataclass(frozen=True, slots=True)
class Strand:
    """Times of the day (seconds, ascending) that all fall on the same days."""

    times: tuple[int, ...]
    days: AnyDays


def _bits(octets: bytes, position: int) -> Iterator[int]:
    """The positions of the bits that are set, from ``position`` on."""
    chunk = 64
    start = position >> 3
    skip = position & 7
    while start < len(octets):
        word = int.from_bytes(octets[start : start + chunk], "little")
        if skip:
            word = word >> skip << skip
            skip = 0
        base = start * 8
        while word:
            low = word & -word
            yield base + low.bit_length() - 1
            word ^= low
        start += chunk


@lru_cache(maxsize=8)
def _octets(bits: int, period: int) -> bytes:
    return bits.to_bytes((period + 7) // 8, "little")


def _repeated(bits: int, period: int) -> int:
    """A pattern of ``period`` days, repeated until 9999-12-31."""
    while period <= LAST_DAY:
        bits |= bits << period
        period *= 2
    return bits & ALL_DAYS


ALL_DAYS = (1 << (LAST_DAY + 1)) - 1


def mask_of(days: Iterable[int], size: int = LAST_DAY + 1) -> int:
    """A bit mask of these days; linear, where setting one bit after another is not."""
    octets = bytearray((size + 7) // 8)
    for day in days:
        octets[day >> 3] |= 1 << (day & 7)
    return int.from_bytes(octets, "little")


def mask_of_runs(runs: Iterable[tuple[int, int]]) -> int:
    """A bit mask of the days of these runs ``[first, end)``, which ascend and do not overlap."""
    characters = bytearray(b"0") * (LAST_DAY + 1)
    for first, end in runs:
        first, end = max(first, 0), min(end, LAST_DAY + 1)
        if first < end:
            characters[LAST_DAY + 1 - end : LAST_DAY + 1 - first] = b"1" * (end - first)
    return int(characters.decode(), 2)


def first_bit(mask: int) -> int | None:
    """The lowest bit that is set."""
    return (mask & -mask).bit_length() - 1 if mask else None


# --- the rule -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """An RRULE as written, checked against RFC 5545 section 3.3.10; ``until`` is raw (DATE, local or UTC)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def endless(self) -> bool:
        """Neither COUNT nor UNTIL."""
        return self.count is None and self.until is None


@lru_cache(maxsize=512)
def parse_rule(text: str) -> Rule:
    """A raw RRULE value.  Raises Unsupported (BAD_COUNT, COUNT_AND_UNTIL, BAD_RULE)."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().split(";"):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if not equals or name in parts:
            raise Unsupported(Reason.BAD_RULE, text[:200])
        parts[name] = value
    if "COUNT" in parts and "UNTIL" in parts:
        raise Unsupported(Reason.COUNT_AND_UNTIL, text[:200])
    count: int | None = None
    if "COUNT" in parts:
        if not _DIGITS.fullmatch(parts["COUNT"].removeprefix("+")) or int(parts["COUNT"]) < 1:
            raise Unsupported(Reason.BAD_COUNT, text[:200])
        count = int(parts["COUNT"])
    if "UNTIL" in parts and not _UNTIL.fullmatch(parts["UNTIL"]):
        raise Unsupported(Reason.BAD_RULE, text[:200])
    try:
        rule = _rule(parts, count)
    except (KeyError, ValueError) as error:
        raise Unsupported(Reason.BAD_RULE, text[:200]) from error
    return rule


def _rule(parts: dict[str, str], count: int | None) -> Rule:
    """ValueError or KeyError when a part is not as RFC 5545 has it."""
    freq = parts["FREQ"]
    if freq not in _FREQUENCIES:
        raise ValueError(freq)
    interval = 1
    if "INTERVAL" in parts:
        if not _DIGITS.fullmatch(parts["INTERVAL"]) or (interval := int(parts["INTERVAL"])) < 1:
            raise ValueError(parts["INTERVAL"])
        interval = min(interval, 10**12)
    lists = {name: _integers(parts[name], *_LISTS[name]) if name in parts else () for name in _LISTS}
    weekdays: set[tuple[int, int]] = set()
    for item in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _BYDAY.fullmatch(item)
        if not match:
            raise ValueError(item)
        ordinal = int(match[1] or 0)
        if match[1] and not 1 <= abs(ordinal) <= 53:
            raise ValueError(item)
        weekdays.add((ordinal, _WEEKDAYS[match[2]]))
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", "RSCALE", "SKIP", *_LISTS}
    if any(name not in known and not name.startswith("X-") for name in parts):
        raise ValueError("an unknown part")
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("SKIP", "OMIT") != "OMIT":
        raise ValueError("a calendar other than the Gregorian")
    if any(ordinal for ordinal, _ in weekdays) and (freq not in ("MONTHLY", "YEARLY") or lists["BYWEEKNO"]):
        raise ValueError("an ordinal where only weekdays are defined")
    if lists["BYWEEKNO"] and freq != "YEARLY":
        raise ValueError("BYWEEKNO")
    if lists["BYYEARDAY"] and freq in ("DAILY", "WEEKLY", "MONTHLY"):
        raise ValueError("BYYEARDAY")
    if lists["BYMONTHDAY"] and freq == "WEEKLY":
        raise ValueError("BYMONTHDAY")
    if lists["BYSETPOS"] and not weekdays and not any(lists[name] for name in lists if name != "BYSETPOS"):
        raise ValueError("BYSETPOS alone")
    return Rule(
        freq,
        interval,
        count,
        parts.get("UNTIL"),
        tuple(sorted({min(second, 59) for second in lists["BYSECOND"]})),
        lists["BYMINUTE"],
        lists["BYHOUR"],
        tuple(sorted(weekdays)),
        lists["BYMONTHDAY"],
        lists["BYYEARDAY"],
        lists["BYWEEKNO"],
        lists["BYMONTH"],
        lists["BYSETPOS"],
        _WEEKDAYS[parts.get("WKST", "MO")],
    )


def _integers(text: str, low: int, high: int, signed: bool) -> tuple[int, ...]:
    found = set()
    for item in text.split(","):
        if not _INTEGER.fullmatch(item):
            raise ValueError(text)
        number = int(item)
        if not low <= (abs(number) if signed else number) <= high or (item[0] == "-" and not signed):
            raise ValueError(text)
        found.add(number)
    return tuple(sorted(found))


# --- days of the calendar, as masks of 400 years --------------------------------------------------------------------


@lru_cache(maxsize=1)
def _months() -> tuple[tuple[int, int, int], ...]:
    """(first day, length, month) of the 4,800 months of a cycle."""
    found, first = [], 0
    for year in range(1, 401):
        for month in range(1, 13):
            length = monthrange(year, month)[1]
            found.append((first, length, month))
            first += length
    return tuple(found)


@lru_cache(maxsize=1)
def _years() -> tuple[tuple[int, int], ...]:
    """(first day, length) of the 400 years of a cycle."""
    return tuple((day_of(year, 1, 1), 366 if isleap(year) else 365) for year in range(1, 401))


_ALL_CYCLE = (1 << CYCLE) - 1


@lru_cache(maxsize=64)
def _of_month(month: int) -> int:
    return mask_of((first + i for first, length, m in _months() if m == month for i in range(length)), CYCLE)


@lru_cache(maxsize=64)
def _of_monthday(monthday: int) -> int:
    number = abs(monthday)
    return mask_of(
        (
            first + (number - 1 if monthday > 0 else length - number)
            for first, length, _ in _months()
            if number <= length
        ),
        CYCLE,
    )


@lru_cache(maxsize=64)
def _of_yearday(yearday: int) -> int:
    number = abs(yearday)
    return mask_of(
        (first + (number - 1 if yearday > 0 else length - number) for first, length in _years() if number <= length),
        CYCLE,
    )


@lru_cache(maxsize=7)
def _of_weekday(weekday: int) -> int:
    return _repeated(1 << weekday, 7) & _ALL_CYCLE


@lru_cache(maxsize=64)
def _of_ordinal(ordinal: int, weekday: int, in_month: bool) -> int:
    """The nth weekday of each month or of each year; negative counts from the end."""
    spans = [(first, length) for first, length, _ in _months()] if in_month else list(_years())
    found = []
    for first, length in spans:
        if ordinal > 0:
            day = first + (weekday - first) % 7 + 7 * (ordinal - 1)
        else:
            last = first + length - 1
            day = last - (last - weekday) % 7 + 7 * (ordinal + 1)
        if first <= day < first + length:
            found.append(day)
    return mask_of(found, CYCLE)


@lru_cache(maxsize=64)
def _of_week(number: int, week_start: int) -> int:
    """The days of a numbered week; week one has at least four days in its year (RFC 5545, BYWEEKNO)."""

    def first_week(year: int) -> int:
        past = year - 1
        first = 365 * past + past // 4 - past // 100 + past // 400
        start = first - (first - week_start) % 7
        return start if first - start <= 3 else start + 7

    found: list[int] = []
    for year in range(402):
        begin = first_week(year)
        weeks = (first_week(year + 1) - begin) // 7
        index = number - 1 if number > 0 else weeks + number
        if 0 <= index < weeks:
            found += [day for day in range(begin + 7 * index, begin + 7 * index + 7) if 0 <= day < CYCLE]
    return mask_of(found, CYCLE)


def _filter(rule: Rule, day: int) -> int | None:
    """The days that the BY parts leave, as a mask of 400 years, with what DTSTART's ``day`` gives; None: every day."""
    start = date.fromordinal(day + 1)
    freq = rule.freq
    weekdays, monthdays, yeardays, months = rule.weekdays, rule.monthdays, rule.yeardays, rule.months
    if freq == "WEEKLY" and not weekdays:
        weekdays = ((0, start.weekday()),)
    elif freq == "MONTHLY" and not weekdays and not monthdays:
        monthdays = (start.day,)
    elif freq == "YEARLY" and not (weekdays or monthdays or yeardays):
        if rule.weeks:
            weekdays = ((0, start.weekday()),)
        else:
            monthdays = (start.day,)
            months = months or (start.month,)
    in_month = freq == "MONTHLY" or bool(months)
    return _filtered(weekdays, in_month, monthdays, yeardays, rule.weeks, rule.week_start, months)


@lru_cache(maxsize=128)
def _filtered(
    weekdays: tuple[tuple[int, int], ...],
    in_month: bool,
    monthdays: tuple[int, ...],
    yeardays: tuple[int, ...],
    weeks: tuple[int, ...],
    week_start: int,
    months: tuple[int, ...],
) -> int | None:
    parts = []
    if weekdays:
        parts.append([_of_ordinal(n, day, in_month) if n else _of_weekday(day) for n, day in weekdays])
    parts.append([_of_monthday(number) for number in monthdays])
    parts.append([_of_yearday(number) for number in yeardays])
    parts.append([_of_week(number, week_start) for number in weeks])
    parts.append([_of_month(number) for number in months])
    result: int | None = None
    for masks in parts:
        if masks:
            union = 0
            for mask in masks:
                union |= mask
            result = union if result is None else result & union
    return result


# --- strands --------------------------------------------------------------------------------------------------------


def strands(rule: Rule, wall: int) -> tuple[Strand, ...] | None:
    """The strands of a rule that begins at ``wall``; their dates before it do not count.

    None for a rule of hours, minutes or seconds that has too many times a day for it (see ``walls``).
    Raises Unsupported (TOO_MANY) for a BYSETPOS beyond reason.
    """
    day, time = divmod(wall, DAY)
    if rule.freq in _UNITS:
        return _subdaily_strands(rule, day, time)
    times = _times(rule, time)
    if rule.freq == "DAILY" and rule.positions:
        times = tuple(sorted({times[i] for i in _positions(rule.positions, len(times))}))
    if rule.positions and rule.freq != "DAILY":
        return _positioned(rule, day, times)
    return (Strand(times, _strided(rule, day, _simple_filter(rule, day))),) if times else ()


def _times(rule: Rule, time: int) -> tuple[int, ...]:
    hours = rule.hours or (time // 3600,)
    minutes = rule.minutes or (time // 60 % 60,)
    seconds = rule.seconds or (time % 60,)
    if len(hours) == len(minutes) == len(seconds) == 1:
        return (hours[0] * 3600 + minutes[0] * 60 + seconds[0],)
    return tuple(h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds)


def _positions(positions: Sequence[int], total: int) -> list[int]:
    found = {position - 1 if position > 0 else total + position for position in positions}
    return sorted(index for index in found if 0 <= index < total)


def _simple_filter(rule: Rule, day: int) -> AnyDays:
    if rule.freq in ("DAILY", "WEEKLY") and not rule.months and not rule.monthdays:
        if rule.freq == "WEEKLY" and not rule.weekdays:
            return Days(7, (day % 7,))
        if not rule.weekdays:
            return EVERY_DAY
        return Days(7, tuple(sorted({weekday for _, weekday in rule.weekdays})))
    bits = _filter(rule, day)
    return EVERY_DAY if bits is None else MaskedDays(CYCLE, bits)


def _strided(rule: Rule, day: int, days: AnyDays) -> AnyDays:
    """Those of ``days`` that lie in every INTERVALth period, counted from the one that holds ``day``."""
    n = rule.interval
    if n == 1:
        return days
    if rule.freq == "DAILY" and days == EVERY_DAY:
        return Days(n, (day % n,))
    if rule.freq == "WEEKLY" and isinstance(days, Days):
        week = day - (day - rule.week_start) % 7
        return Days(7 * n, tuple(sorted((week + (o - rule.week_start) % 7) % (7 * n) for o in days.offsets)))
    period, stride = _stride(rule.freq, n, day, rule.week_start)
    if period == CYCLE and days.period == CYCLE:
        return MaskedDays(CYCLE, days.mask() & stride & _ALL_CYCLE)
    return MaskedDays(LAST_DAY + 1, days.mask() & _repeated(stride, period))


def _stride(freq: str, n: int, day: int, week_start: int) -> tuple[int, int]:
    """Every nth day, week, month or year from the one of ``day``: a period and its mask."""
    if freq == "DAILY":
        return (n, 1 << day % n) if n <= LAST_DAY else (LAST_DAY + 1, 1 << day)
    if freq == "WEEKLY":
        week = day - (day - week_start) % 7
        if 7 * n > LAST_DAY:
            return LAST_DAY + 1, (127 << week) if week >= 0 else 127 >> -week
        phase = week % (7 * n)
        bits = 127 << phase
        return 7 * n, bits & ((1 << 7 * n) - 1) | bits >> 7 * n
    start = date.fromordinal(day + 1)
    if freq == "MONTHLY":
        return _long_stride(min(n, 200_000), start.year * 12 + start.month - 1, 4800 % n == 0, True)
    return _long_stride(min(n, 20_000), start.year, 400 % n == 0, False)


@lru_cache(maxsize=16)
def _long_stride(n: int, phase: int, divides: bool, monthly: bool) -> tuple[int, int]:
    years = 400 if divides else 9999
    runs = []
    if monthly:
        for index in range(12 + (phase - 12) % n, 12 * (years + 1), n):
            year, month = divmod(index, 12)
            first = day_of(year, month + 1, 1)
            runs.append((first, first + monthrange(year, month + 1)[1]))
    else:
        for year in range(1 + (phase - 1) % n, years + 1, n):
            first = day_of(year, 1, 1)
            runs.append((first, first + (366 if isleap(year) else 365)))
    mask = mask_of_runs(runs)
    return (CYCLE, mask & _ALL_CYCLE) if divides else (LAST_DAY + 1, mask)


def _positioned(rule: Rule, day: int, times: tuple[int, ...]) -> tuple[Strand, ...]:
    """BYSETPOS: some of the dates of each week, month or year; which ones does not depend on INTERVAL."""
    simple = _simple_filter(rule, day)
    bits = simple.mask() & _ALL_CYCLE
    return tuple(
        Strand(chosen, _strided(rule, day, MaskedDays(CYCLE, mask)))
        for chosen, mask in _chosen(rule.freq, rule.week_start, bits, times, rule.positions)
    )


@lru_cache(maxsize=64)
def _chosen(
    freq: str, week_start: int, bits: int, times: tuple[int, ...], positions: tuple[int, ...]
) -> tuple[tuple[tuple[int, ...], int], ...]:
    if freq == "WEEKLY":
        longest = 7
        spans = [(first, 7) for first in range(week_start - 7 if week_start else 0, CYCLE, 7)]
    elif freq == "MONTHLY":
        longest = 31
        spans = [(first, length) for first, length, _ in _months()]
    else:
        longest = 366
        spans = list(_years())
    wanted = [p for p in positions if abs(p) <= longest * len(times)]
    if len(wanted) * len(spans) > 400_000:
        raise Unsupported(Reason.TOO_MANY, "BYSETPOS")
    octets = bits.to_bytes(CYCLE // 8 + 1, "little")
    found: dict[int, list[int]] = {}
    for first, length in spans:
        if freq == "WEEKLY":
            days = [d for d in range(first, first + 7) if _bit(octets, d % CYCLE)]
        else:
            word = int.from_bytes(octets[first >> 3 : (first + length + 7) >> 3], "little") >> (first & 7)
            word &= (1 << length) - 1
            days = []
            while word:
                low = word & -word
                days.append(first + low.bit_length() - 1)
                word ^= low
        for index in _positions(wanted, len(days) * len(times)):
            found.setdefault(times[index % len(times)], []).append(days[index // len(times)] % CYCLE)
    return tuple(((time,), mask_of(found[time], CYCLE)) for time in sorted(found))


def _bit(octets: bytes, position: int) -> int:
    """One bit of a mask written as octets (little endian)."""
    return octets[position >> 3] >> (position & 7) & 1


# --- hours, minutes, seconds ----------------------------------------------------------------------------------------


def _allowed(rule: Rule) -> list[int]:
    """The hours, minutes or seconds of a day that BYHOUR, BYMINUTE and BYSECOND leave, in the rule's own unit."""
    hours = rule.hours or range(24)
    if rule.freq == "HOURLY":
        return list(hours)
    minutes = rule.minutes or range(60)
    if rule.freq == "MINUTELY":
        return [h * 60 + m for h in hours for m in minutes]
    seconds = rule.seconds or range(60)
    return [h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds]


def _within(rule: Rule, time: int) -> tuple[int, ...]:
    """The seconds within one hour, minute or second at which the rule has dates, BYSETPOS applied."""
    seconds = rule.seconds or (time % 60,)
    if rule.freq == "HOURLY":
        found = tuple(m * 60 + s for m in rule.minutes or (time // 60 % 60,) for s in seconds)
    elif rule.freq == "MINUTELY":
        found = seconds
    else:
        found = (0,)
    if rule.positions:
        found = tuple(found[index] for index in _positions(rule.positions, len(found)))
    return found


def _subdaily_strands(rule: Rule, day: int, time: int) -> tuple[Strand, ...] | None:
    units = _UNITS[rule.freq]
    size = DAY // units
    n = rule.interval
    within = _within(rule, time)
    origin = day * units + time // size
    allowed = _allowed(rule)
    step = gcd(units, n)
    feasible = [unit for unit in allowed if (origin - unit) % step == 0]
    if len(feasible) * len(within) > MOST_TIMES:
        return None
    bits = _filter(rule, day)
    modulus = n // step
    groups: dict[int, list[int]] = {}
    for unit in feasible:
        turn = pow(units // step, -1, modulus) if modulus > 1 else 0
        phase = (origin - unit) // step * turn % modulus
        groups.setdefault(phase, []).extend(unit * size + second for second in within)
    found = []
    for phase, times in sorted(groups.items()):
        days: AnyDays = Days(modulus, (phase,))
        if bits is not None:
            if modulus > LAST_DAY:
                days = MaskedDays(LAST_DAY + 1, _repeated(bits, CYCLE) & (1 << phase if phase <= LAST_DAY else 0))
            elif modulus == 1:
                days = MaskedDays(CYCLE, bits)
            else:
                days = MaskedDays(LAST_DAY + 1, _repeated(bits, CYCLE) & days.mask())
        elif modulus > LAST_DAY:
            days = MaskedDays(LAST_DAY + 1, 1 << phase if phase <= LAST_DAY else 0)
        found.append(Strand(tuple(sorted(times)), days))
    return tuple(found)


def _subdaily_walls(rule: Rule, wall: int) -> Iterator[int]:
    """The dates of a rule of hours, minutes or seconds, by stepping.  Raises Unsupported when none comes for long."""
    day, time = divmod(wall, DAY)
    units = _UNITS[rule.freq]
    size = DAY // units
    n = rule.interval
    within = _within(rule, time)
    if not within:
        return
    origin = day * units + time // size
    allowed = _allowed(rule)
    everything = len(allowed) == units
    among = frozenset(allowed)
    bits = _filter(rule, day)
    days = EVERY_DAY if bits is None else MaskedDays(CYCLE, bits)
    patience = _PATIENCE
    for current in days.since(day):
        patience -= 1
        base = current * units
        first = max(base, origin)
        first += (origin - first) % n
        if first >= base + units:
            candidates: Iterable[int] = ()
        elif everything:
            candidates = range(first, base + units, n)
        elif len(allowed) * n < units:
            patience -= len(allowed) // 16
            candidates = (base + u for u in allowed if base + u >= origin and (base + u - origin) % n == 0)
        else:
            patience -= (base + units - first) // n // 16
            candidates = (u for u in range(first, base + units, n) if u - base in among)
        for unit in candidates:
            patience = _PATIENCE
            for second in within:
                found = unit * size + second
                if found >= wall:
                    yield found
        if patience < 0:
            raise Unsupported(Reason.TOO_MANY, rule.freq)


# --- dates ----------------------------------------------------------------------------------------------------------


def walls(rule: Rule, wall: int) -> Iterator[int]:
    """Every date of the rule from ``wall`` (its DTSTART) on, ascending; COUNT and UNTIL are the caller's.

    Raises Unsupported (TOO_MANY) for what would take too long.
    """
    if rule.freq in _UNITS:
        found = strands(rule, wall) if rule.interval > 1 else None
        if found is None:
            return _subdaily_walls(rule, wall)
    else:
        found = strands(rule, wall)
    return strand_walls(found or (), wall)


def strand_walls(found: Sequence[Strand], wall: int) -> Iterator[int]:
    """The dates of these strands from ``wall`` on, ascending."""
    if len(found) == 1:
        return _strand_walls(found[0], wall)
    return heapq.merge(*(_strand_walls(strand, wall) for strand in found))


def _strand_walls(strand: Strand, wall: int) -> Iterator[int]:
    first = max(wall // DAY, 0)
    times = strand.times
    for day in strand.days.since(first):
        base = day * DAY
        if day == first:
            for time in times:
                if base + time >= wall:
                    yield base + time
        elif len(times) == 1:
            yield base + times[0]
        else:
            for time in times:
                yield base + time
