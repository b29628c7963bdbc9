"""A booking as a feed carries it (RFC 5545, METHOD:PUBLISH of RFC 5546): what programs need that only subscribe.

Everything starts from what a stranger is shown (`views.shown`), so nothing here decides what is hidden but the form
without names. The texts go to `compose.calendar`, which defines the time zones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import calendar_object, compose, contentline, views
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.zones import EPOCH, instant_of, zone

_EVENT = "\r\nBEGIN:VEVENT\r\n"
_OPENING, _CLOSING = "BEGIN:VEVENT\r\n", "END:VEVENT\r\n"

_STAMPS = re.compile(r"^(?:DTSTAMP|SEQUENCE|LAST-MODIFIED|ATTENDEE|UID)[;:].*\r\n", re.IGNORECASE | re.MULTILINE)
_FLOATING = re.compile(r"^(DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)((?:;[^:\r\n]*)?):([^\r\n]*)", re.I | re.M)
_LOCAL_UNTIL = re.compile(r"^RRULE[;:].*UNTIL=\d{8}T\d{6}(?!Z)", re.IGNORECASE | re.MULTILINE)
_UNTIL = re.compile(r"(UNTIL=)(\d{8}T\d{6})(?!Z)", re.IGNORECASE)
_HAS_RULE = re.compile(r"^RRULE[;:]", re.IGNORECASE | re.MULTILINE)
_HAS_DATES = re.compile(r"^(?:RDATE|RECURRENCE-ID)[;:]", re.IGNORECASE | re.MULTILINE)
_HAS_LOCATION = re.compile(r"^LOCATION[;:][^\r\n]*\S", re.IGNORECASE | re.MULTILINE)
_EMPTY_LOCATION = re.compile(r"^LOCATION[;:].*\r\n", re.IGNORECASE | re.MULTILINE)
_LONG_ASCII, _LONG = re.compile(r"^.{76,}\r\n", re.MULTILINE), re.compile(r"^.{19,}\r\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed is made of: a booking's text for strangers, and what of its row is told beside.

    `modified` is in UTC epoch seconds; `number` grows with every change of what is shown. `own` is the organiser's own
    text where its titles may be shown. `uid` is the identity in this feed; `location` where the booking names none.
    """

    text: str
    uid: str
    number: int
    modified: int
    location: str
    own: str | None = None
    nameless: bool = False


def entry(one: Entry, language: str, where: ZoneInfo, occurrences: Callable[[], Sequence[Occurrence]]) -> str:
    """The calendar object that stands in the feed for a booking.

    `language` is that of the word for a hidden title, `where` the clock of floating times (told with their zone: a
    subscriber may sit in another). `occurrences` gives the dates held, and is asked only for a booking of several dates
    without a rule: Outlook drops such an event, so each date is an event of its own. Empty if it holds none of them.
    """
    text = one.text
    if one.nameless:
        text = views.anonymous(calendar_object.read(text))
    elif one.own is not None:
        text = _titled(text, one.own)
    text = _unfolded(views.worded(text, language))
    at = text.find(_EVENT) + 2
    if at < 2 or "\r\nBEGIN:VTIMEZONE" in text[at:] or "BEGIN:VALARM" in text:
        text = _arranged(text)
        at = text.find(_EVENT) + 2
    head, events = text[:at], text[at:]
    if _LOCAL_UNTIL.search(events):
        events = _bounded(text, events, where)
    events = _FLOATING.sub(lambda match: _anchored(match, where.key), events)
    if _HAS_DATES.search(events) and not _HAS_RULE.search(events):
        return "".join(_singles(head + events, one, occurrences()))
    return _folded(head + _stamped(events, one, one.uid))


# -- parts


def _stamped(events: str, one: Entry, uid: str) -> str:
    """VEVENTs (unfolded) with an identity and stamps that grow with every change, whatever the client wrote.

    Google updates nothing else (its importer trusts SEQUENCE and LAST-MODIFIED).
    """
    stamp = _utc(one.modified)
    lines = (
        f"UID:{contentline.escape_text(uid)}\r\nDTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nSEQUENCE:{one.number}\r\n"
    )
    events = _STAMPS.sub("", events)
    if not one.location or one.nameless:
        return events.replace(_OPENING, _OPENING + lines)
    there = f"LOCATION:{contentline.escape_text(one.location)}\r\n"
    if not _HAS_LOCATION.search(events):
        return _EMPTY_LOCATION.sub("", events).replace(_OPENING, _OPENING + lines + there)
    first, *bodies = events.split(_OPENING)
    return first + "".join(
        _OPENING + lines + (body if _HAS_LOCATION.search(body) else there + _EMPTY_LOCATION.sub("", body))
        for body in bodies
    )


def _singles(text: str, one: Entry, occurrences: Iterable[Occurrence]) -> Iterable[str]:
    """Every date as an event of its own, in one calendar object; a date keeps its UID while others come and go."""
    events = []
    for occurrence in occurrences:
        original = occurrence.start if occurrence.recurrence_id is None else occurrence.recurrence_id
        alone = Occurrence(occurrence.start, occurrence.end, None, occurrence.event)
        expanded = compose.expand(text, alone)
        at = expanded.find(_EVENT) + 2
        event = expanded[at : expanded.rfind(_CLOSING) + len(_CLOSING)]
        events.append(_folded(_stamped(_unfolded(event), one, f"{one.uid}/{_utc(original)}")))
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, "END:VCALENDAR\r\n") if events else ()


def _anchored(match: re.Match[str], name: str) -> str:
    """A floating time with the room's zone; others as they are."""
    params, value = match[2], match[3]
    upper = params.upper()
    if ";TZID=" in upper or ";VALUE=DATE" in upper.replace("DATE-TIME", "") or "T" not in value.upper():
        return match[0]
    if value.rstrip().upper().endswith("Z"):
        return match[0]
    return f"{match[1]}{params};TZID={name}:{value}"


def _bounded(text: str, events: str, where: ZoneInfo) -> str:
    """An UNTIL in local time as the UTC that it means (RFC 5545 section 3.3.10 wants it so beside a TZID)."""
    root = contentline.parse(text)
    for event in root.components("VEVENT"):
        start, rule = event.line("DTSTART"), event.line("RRULE")
        if start is None or rule is None or not _UNTIL.search(rule.value):
            continue
        tzid = start.param("TZID")
        try:
            clock: tzinfo = where
            if start.value.strip().upper().endswith("Z"):
                clock = UTC
            elif tzid:
                clock = zone(tzid, root, where)
        except Unsupported:
            continue

        def universal(match: re.Match[str], clock: tzinfo = clock) -> str:
            wall = datetime.strptime(match[2].upper(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            return match[1] + _utc(instant_of(clock, int(wall.timestamp()) + EPOCH))

        events = events.replace(rule.text, _UNTIL.sub(universal, rule.text), 1)
    return events


def _titled(text: str, own: str) -> str:
    """A stranger's text of a private booking with the titles that its organiser gave it."""
    titles = [event.line("SUMMARY") for event in contentline.parse(own).components("VEVENT")]
    root = contentline.parse(text)
    rest = iter(titles)
    children: list[Line | Component] = []
    for child in root.children:
        if isinstance(child, Component) and child.name == "VEVENT":
            title = next(rest, None)
            shown = [title if title and isinstance(c, Line) and c.name == "SUMMARY" else c for c in child.children]
            child = Component(child.name, shown)
        children.append(child)
    return contentline.write(Component(root.name, children))


def _arranged(text: str) -> str:
    """An object with its zones first and without alarms, unfolded."""
    root = contentline.parse(text)
    events = [
        Component("VEVENT", [c for c in event.children if not isinstance(c, Component)])
        for event in root.components("VEVENT")
    ]
    lines = [child for child in root.children if isinstance(child, Line)]
    return _unfolded(contentline.write(Component(root.name, [*lines, *root.components("VTIMEZONE"), *events])))


def _unfolded(text: str) -> str:
    return text.replace("\r\n ", "").replace("\r\n\t", "")


def _folded(text: str) -> str:
    long = _LONG_ASCII if text.isascii() else _LONG
    return long.sub(lambda match: contentline.fold(match[0][:-2]), text)


def _utc(instant: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(instant))
