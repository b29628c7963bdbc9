"""RFC 5545 section 3.3.10 evaluated the slow and obvious way: day after day, second after second.

For every instant from DTSTART on, each BY part is asked whether it allows that instant, as the table of the section
has it; BYSETPOS is applied to all instants of one period.  No masks, no jumps, no sharing with the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def parts_of(rule: str) -> dict[str, str]:
    return dict(part.split("=") for part in rule.split(";"))


def numbers(parts: dict[str, str], name: str) -> list[int]:
    return [int(item) for item in parts[name].split(",")] if name in parts else []


def week_one(year: int, week_start: int) -> date:
    """The first day of the first week that has four days in the year."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)


def week_numbers(day: date, week_start: int) -> tuple[int, int]:
    """The number of the day's week, from the beginning and (negative) from the end of that week's year."""
    for year in (day.year + 1, day.year, day.year - 1):
        first = week_one(year, week_start)
        if first <= day:
            weeks = (week_one(year + 1, week_start) - first).days // 7
            number = (day - first).days // 7 + 1
            return number, number - weeks - 1
    raise AssertionError(day)


def month_length(day: date) -> int:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def year_length(day: date) -> int:
    return (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days


def is_weekday(day: date, items: list[str], by_month: bool) -> bool:
    for item in items:
        ordinal, weekday = item[:-2], item[-2:]
        if WEEKDAYS[day.weekday()] != weekday:
            continue
        if not ordinal:
            return True
        position, length = (day.day, month_length(day)) if by_month else (day.timetuple().tm_yday, year_length(day))
        if int(ordinal) in ((position - 1) // 7 + 1, -((length - position) // 7 + 1)):
            return True
    return False


def allows_day(parts: dict[str, str], day: date, start: date) -> bool:
    """Whether the day is one of the rule's, INTERVAL and BYSETPOS apart."""
    freq = parts["FREQ"]
    week_start = WEEKDAYS.index(parts.get("WKST", "MO"))
    months = numbers(parts, "BYMONTH")
    if months and day.month not in months:
        return False
    monthdays, yeardays, weeks = (numbers(parts, name) for name in ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    weekdays = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if monthdays and not {day.day, day.day - month_length(day) - 1} & set(monthdays):
        return False
    yearday = day.timetuple().tm_yday
    if yeardays and not {yearday, yearday - year_length(day) - 1} & set(yeardays):
        return False
    if weeks and not set(week_numbers(day, week_start)) & set(weeks):
        return False
    if weekdays and not is_weekday(day, weekdays, freq == "MONTHLY" or bool(months)):
        return False
    # what the rule leaves open comes from DTSTART
    if freq == "WEEKLY" and not weekdays:
        return day.weekday() == start.weekday()
    if freq == "MONTHLY" and not weekdays and not monthdays:
        return day.day == start.day
    if freq == "YEARLY" and not weekdays and not monthdays and not yeardays:
        if weeks:
            return day.weekday() == start.weekday()
        return day.day == start.day and (bool(months) or day.month == start.month)
    return True


def times_of(parts: dict[str, str], day: date, start: datetime) -> Iterator[datetime]:
    """The times of one day that the rule's BYHOUR, BYMINUTE and BYSECOND allow."""
    freq = parts["FREQ"]
    hours, minutes, seconds = (numbers(parts, name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if not hours:
        hours = list(range(24)) if freq in ("HOURLY", "MINUTELY", "SECONDLY") else [start.hour]
    if not minutes:
        minutes = list(range(60)) if freq in ("MINUTELY", "SECONDLY") else [start.minute]
    if not seconds:
        seconds = list(range(60)) if freq == "SECONDLY" else [start.second]
    for hour in sorted(set(hours)):
        for minute in sorted(set(minutes)):
            for second in sorted(set(seconds)):
                yield datetime(day.year, day.month, day.day, hour, minute, second)


def period_of(parts: dict[str, str], moment: datetime, start: datetime) -> int:
    """The number of the moment's period, counted from DTSTART's."""
    freq = parts["FREQ"]
    if freq == "YEARLY":
        return moment.year - start.year
    if freq == "MONTHLY":
        return (moment.year - start.year) * 12 + moment.month - start.month
    if freq == "WEEKLY":
        week_start = WEEKDAYS.index(parts.get("WKST", "MO"))
        first = start.date() - timedelta(days=(start.weekday() - week_start) % 7)
        return (moment.date() - first).days // 7
    if freq == "DAILY":
        return (moment.date() - start.date()).days
    size = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}[freq]
    midnight = datetime(start.year, start.month, start.day)
    begin = int((start - midnight).total_seconds()) // size
    return int((moment - midnight).total_seconds()) // size - begin


def dates(rule: str, start: datetime, until: datetime) -> list[datetime]:
    """Every date of the rule from ``start`` to ``until`` inclusive, COUNT applied."""
    parts = parts_of(rule)
    interval = int(parts.get("INTERVAL", "1"))
    positions = numbers(parts, "BYSETPOS")
    periods: dict[int, list[datetime]] = {}
    # BYSETPOS counts in whole periods, and DTSTART's began before it
    margin = timedelta(days={"YEARLY": 370, "MONTHLY": 31, "WEEKLY": 7}.get(parts["FREQ"], 0) if positions else 0)
    day = start.date() - margin
    while day <= until.date() + margin:
        if allows_day(parts, day, start.date()):
            for moment in times_of(parts, day, start):
                periods.setdefault(period_of(parts, moment, start), []).append(moment)
        day += timedelta(days=1)
    found: list[datetime] = []
    for number, moments in sorted(periods.items()):
        if number < 0 or number % interval:
            continue
        if positions:
            wanted = {p - 1 if p > 0 else len(moments) + p for p in positions}
            moments = [moment for index, moment in enumerate(moments) if index in wanted]
        found += [moment for moment in moments if start <= moment <= until]
    return found[: int(parts["COUNT"])] if "COUNT" in parts else found
