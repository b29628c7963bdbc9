"""A booking changed through a form: one occurrence, that one and the following, or all of them.

The object may be any client's: times are written back in the zone and form that they had, and what a form does not show
(alarms, X- properties, parameters) stays. Of a series that moves, every date moves with it: what is excluded stays
excluded, and an occurrence that stood at its time still does; one that had been put elsewhere stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, time, timedelta, tzinfo
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from sesstim_caldav.booking import calendar_object, contentline, zones
from sesstim_caldav.booking.calendar_object import CalendarObject
from sesstim_caldav.booking.contentline import Component, Line, carried, escape_text, make_line
from sesstim_caldav.booking.cutting import ended
from sesstim_caldav.booking.draft import (
    WEEKDAYS,
    Draft,
    Frequency,
    Impossible,
    Repeat,
    Why,
    found,
    one_line,
    series,
    utc,
)
from sesstim_caldav.booking.occurrence import Occurrence
from sesstim_caldav.booking.pattern import same_clock
from sesstim_caldav.booking.recurrence import DAY, MOST, Rule, parse_rule, walls
from sesstim_caldav.booking.schedule import Schedule, instants, rule_walls, schedule
from sesstim_caldav.booking.vtimezone import definition
from sesstim_caldav.booking.zones import EPOCH, instant_of, wall_of


class Scope(StrEnum):
    """How much of a series is meant."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of an object, and the text of a series that was split off from it."""

    text: str
    split_off: str | None = None


def changed(
    obj: CalendarObject,
    scope: Scope,
    recurrence_id: int | None,
    was: Draft,
    draft: Draft,
    zone: ZoneInfo,
    now: int,
    uid: str,
    leaves: bool = False,
) -> Edit:
    """The object after a form that showed `was` at an occurrence is sent back as `draft`.

    Only what differs between the two is changed. `recurrence_id` and `now` are UTC epoch seconds, `zone` is the room's
    clock, `uid` is for what is split off. `leaves`: what is meant by the scope goes elsewhere, and is split off even
    where nothing else changes. Raises Impossible, and Unsupported as `schedule` does.
    """
    editing = _Editing(obj, zone, now)
    found(editing.times, recurrence_id)
    if not _differ(was, draft) and not (leaves and scope is not Scope.ALL):
        return Edit(obj.text)
    if recurrence_id is None or not editing.repeats:
        return Edit(editing.all(recurrence_id, was, draft))
    if scope is Scope.THIS and leaves:
        single = detached(obj, recurrence_id, zone, now, uid)
        alone = {"repeat": None, "excluding": (), "also": (), "custom": False}
        one = _Editing(calendar_object.read(single), zone, now)
        text = one.all(None, replace(was, **alone), replace(draft, **alone))  # type: ignore[arg-type]
        rest = editing.less(recurrence_id)
        return Edit(rest, text) if rest is not None else Edit(text)
    if scope is Scope.THIS:
        return Edit(editing.one(recurrence_id, was, draft))
    if scope is Scope.FOLLOWING and obj.master is not None:
        before, after = divided(obj, recurrence_id, zone, now, uid)
        if before is not None:
            begun = _Editing(calendar_object.read(after), zone, now)
            return Edit(before, begun.all(recurrence_id if begun.repeats else None, was, draft))
    return Edit(editing.all(recurrence_id, was, draft))


def without(obj: CalendarObject, scope: Scope, recurrence_id: int | None, zone: ZoneInfo, now: int) -> str | None:
    """The object without an occurrence, or without that one and the following; None where nothing is left.

    Arguments and errors as of `changed`.
    """
    editing = _Editing(obj, zone, now)
    found(editing.times, recurrence_id)
    if recurrence_id is None or scope is Scope.ALL or not editing.repeats:
        return None
    if scope is Scope.FOLLOWING and obj.master is not None:
        return divided(obj, recurrence_id, zone, now, obj.uid)[0]
    return editing.less(recurrence_id)


def renamed(obj: CalendarObject, uid: str) -> str:
    """The object under another UID."""
    return contentline.write(
        Component(
            obj.root.name,
            [
                _called(child, uid) if isinstance(child, Component) and child.name == "VEVENT" else child
                for child in obj.root.children
            ],
        )
    )


def handed(obj: CalendarObject, address: str) -> str:
    """The object with another organiser, by his mail address."""
    line = make_line("ORGANIZER", f"mailto:{address}")
    children = [
        _with(child, {"ORGANIZER": [line]}) if isinstance(child, Component) and child.name == "VEVENT" else child
        for child in obj.root.children
    ]
    return contentline.write(Component(obj.root.name, children))


def detached(obj: CalendarObject, recurrence_id: int | None, zone: ZoneInfo, now: int, uid: str) -> str:
    """One occurrence as a booking of its own, as for another room. Arguments and errors as of `changed`."""
    editing = _Editing(obj, zone, now)
    occurrence = found(editing.times, recurrence_id)
    single = _Editing.alone(obj.events[occurrence.event])
    event = editing.timed(single, occurrence.start, occurrence.end)
    return editing.written([editing.stamped(_called(event, uid), anew=True)])


def divided(obj: CalendarObject, at: int, zone: ZoneInfo, now: int, uid: str) -> tuple[str | None, str]:
    """A series up to the occurrence whose RECURRENCE-ID is `at` (UTC epoch seconds), and from there on under a new UID.

    The first is None where nothing comes before. Exceptions go with the date that they belong to. Raises as `changed`.
    """
    editing = _Editing(obj, zone, now)
    found(editing.times, at)
    master = obj.master
    assert master is not None
    early = [event for event in editing.overrides if editing.identity(event) < at]
    late = [event for event in editing.overrides if editing.identity(event) >= at]
    kept = _with(master, {"EXDATE": list(editing.part(master, "EXDATE", lambda instant: instant < at))})
    text = ended(calendar_object.read(editing.written([kept])), at, zone)
    if text is not None:
        first = calendar_object.read(text).master
        assert first is not None
        text = editing.written([editing.stamped(first), *early])
    elif early:
        text = editing.written(early)
    if text is not None and schedule(calendar_object.read(text), zone).empty:
        text = None
    events = [editing.begun(master, at), *late]
    return text, editing.written([editing.stamped(_called(event, uid), anew=True) for event in events])


def alike(one: CalendarObject, other: CalendarObject) -> bool:
    """Whether two objects say the same but for when they were written, and for whose they are."""
    return one.uid == other.uid and _said(one.root) == _said(other.root)


_STAMPS = frozenset(("DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "ORGANIZER"))


def _said(component: Component) -> list[object]:
    return [
        child.text if isinstance(child, Line) else (child.name, _said(child))
        for child in component.children
        if child.name not in _STAMPS
    ]


# -- what a form changes


def _differ(was: Draft, draft: Draft) -> bool:
    """Whether a form was changed at all."""
    return _worded_alike(was) != _worded_alike(draft)


def _worded_alike(draft: Draft) -> Draft:
    return replace(draft, title=one_line(draft.title), description=_body(draft.description))


def _body(text: str) -> str:
    return carried(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _words(was: Draft, draft: Draft) -> dict[str, str]:
    """The texts that a form changes, by property."""
    found: dict[str, str] = {}
    if one_line(was.title) != one_line(draft.title):
        found["SUMMARY"] = one_line(draft.title)
    if _body(was.description) != _body(draft.description):
        found["DESCRIPTION"] = _body(draft.description)
    return found


def _worded(event: Component, words: dict[str, str], like: Component | None = None) -> Component:
    """The event with new texts; with `like` only those that it had in common with that one."""
    lines: dict[str, list[Line]] = {}
    for name, text in words.items():
        if like is None or _raw(event, name) == _raw(like, name):
            lines[name] = [make_line(name, escape_text(text))] if text else []
            if name == "DESCRIPTION":
                lines["X-ALT-DESC"] = []
    return _with(event, lines) if lines else event


def _classed(event: Component, private: bool) -> Component:
    return _with(event, {"CLASS": [make_line("CLASS", "PRIVATE")] if private else []})


# -- lines of a component

_TIMES = frozenset(("UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"))
_OF_A_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")


def _with(component: Component, lines: dict[str, list[Line]]) -> Component:
    """The component with all lines of these names replaced, where the first of them stood, else after its times."""
    waiting = dict(lines)
    children: list[Line | Component] = []
    for child in component.children:
        if isinstance(child, Line) and child.name in lines:
            children += waiting.pop(child.name, [])
        else:
            children.append(child)
    added = [line for listed in waiting.values() for line in listed]
    if added:
        at = max((i + 1 for i, c in enumerate(children) if isinstance(c, Line) and c.name in _TIMES), default=0)
        children[at:at] = added
    return Component(component.name, children)


def _called(event: Component, uid: str) -> Component:
    return _with(event, {"UID": [make_line("UID", escape_text(uid))]})


def _valued(line: Line, value: str) -> Line:
    """A line with another value, its parameters as they stand."""
    return Line(line.name, line.params, value, line.text[: len(line.text) - len(line.value)] + value)


def _raw(event: Component, name: str) -> str:
    line = event.line(name)
    return line.value if line else ""


def _line(event: Component, name: str) -> Line:
    line = event.line(name)
    assert line is not None, name
    return line


def _whole_day(line: Line) -> bool:
    return "T" not in line.value.upper()


def _stamp(wall: int) -> str:
    """A wall as iCalendar writes it."""
    return utc(wall - EPOCH)[:-1]


def _duration(seconds: int) -> str:
    """A length of time (RFC 5545 section 3.3.6)."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{hours}H"] if hours else []
    parts += [f"{minutes}M"] if minutes else []
    parts += [f"{rest}S"] if rest or not parts else []
    return f"{sign}PT{''.join(parts)}"


def _day(wall: int) -> date:
    return date.fromordinal(wall // DAY + 1)


def _time(wall: int) -> time:
    return time(wall % DAY // 3600, wall % 3600 // 60, wall % 60)


def _with_part(rule: str, name: str, value: str) -> str:
    """A raw RRULE with one part replaced."""
    parts = [part for part in rule.split(";") if part and not part.upper().startswith(f"{name}=")]
    return ";".join([*parts, f"{name}={value}"])


Moves = Callable[[int], int]
"""Where a date of a series goes: from instant to instant, UTC epoch seconds."""


class _Editing:
    """One object being changed."""

    def __init__(self, obj: CalendarObject, zone: ZoneInfo, now: int) -> None:
        self.obj = obj
        self.room = zone
        self.now = now
        self.times: Schedule = schedule(obj, zone)
        self.overrides = [event for event in obj.events if event.line("RECURRENCE-ID") is not None]
        self._borrowed = False  # whether a time was written on the room's clock, which the object need not know

    @property
    def repeats(self) -> bool:
        """Whether there are occurrences to be told apart."""
        return self.times.endless or any(held.recurrence_id is not None for held in self.times.extras)

    # -- times as they are written

    def clock(self, line: Line) -> tzinfo:
        """The zone in which a line's times are written."""
        if line.value.upper().endswith("Z"):
            return UTC
        tzid = line.param("TZID")
        return zones.zone(tzid, self.obj.root, self.room) if tzid else self.room

    def instant(self, line: Line) -> int:
        return instants(self.obj, line, self.room)[0][1]

    def identity(self, override: Component) -> int:
        """The instant that a RECURRENCE-ID names."""
        return self.instant(_line(override, "RECURRENCE-ID"))

    def at(self, name: str, like: Line, instant: int) -> Line:
        """A line of one time, in the zone and form of another; a time of the room's clock where that is a day."""
        if _whole_day(like):
            self._borrowed = True
            return make_line(name, _stamp(wall_of(self.room, instant)), [("TZID", self.room.key)])
        clock = self.clock(like)
        wall = wall_of(clock, instant)
        if clock is UTC or instant_of(clock, wall) != instant:
            return make_line(name, utc(instant))
        tzid = like.param("TZID")
        return make_line(name, _stamp(wall), [("TZID", tzid)] if tzid else [])

    def day_or_time(self, name: str, like: Line, instant: int) -> Line:
        """As `at`, but a day where the other is a day: for EXDATE and RECURRENCE-ID."""
        if _whole_day(like):
            return make_line(name, _stamp(wall_of(self.room, instant))[:8], [("VALUE", "DATE")])
        return self.at(name, like, instant)

    def timed(self, event: Component, start: int, end: int) -> Component:
        """The event at another time; how long it lasts is written as it was, by DTEND or DURATION."""
        line = _line(event, "DTSTART")
        lines = {"DTSTART": [self.at("DTSTART", line, start)]}
        until, lasting = event.line("DTEND"), event.line("DURATION")
        if until is None and lasting is not None and not _whole_day(line):
            if end - start != self.length(event):
                lines["DURATION"] = [_valued(lasting, _duration(end - start))]
        else:
            lines |= {"DTEND": [self.at("DTEND", until or line, end)], "DURATION": []}
        return _with(event, lines)

    def length(self, event: Component) -> int:
        """Seconds that an event lasts."""
        single = _with(self.alone(event), {"STATUS": []})
        times = schedule(replace(self.obj, events=(single,)), self.room)
        return times.extras[0].end - times.extras[0].start

    @staticmethod
    def alone(event: Component) -> Component:
        """An event without what makes it a series or an exception."""
        return _with(event, {name: [] for name in _OF_A_SERIES})

    def stamped(self, event: Component, anew: bool = False) -> Component:
        """The event as of now: DTSTAMP, LAST-MODIFIED, one SEQUENCE further (RFC 5545 section 3.8.7.4)."""
        stamp = utc(self.now)
        written = _raw(event, "SEQUENCE").strip()
        number = int(written) + 1 if written.isdecimal() and len(written) < 10 else 1
        lines = {
            "DTSTAMP": [make_line("DTSTAMP", stamp)],
            "LAST-MODIFIED": [make_line("LAST-MODIFIED", stamp)],
            "SEQUENCE": [make_line("SEQUENCE", "0" if anew else str(number))],
        }
        if anew and event.line("CREATED"):
            lines["CREATED"] = [make_line("CREATED", stamp)]
        return _with(event, lines)

    def written(self, events: Iterable[Component]) -> str:
        """The object with these VEVENTs in the place of its own."""
        around = [c for c in self.obj.root.children if not (isinstance(c, Component) and c.name == "VEVENT")]
        known = {_raw(zone, "TZID") for zone in self.obj.root.components("VTIMEZONE")}
        if self._borrowed and self.room.key not in known:
            around.append(contentline.parse(definition(self.room.key, self.room)))
        return contentline.write(Component("VCALENDAR", [*around, *events]))

    # -- one occurrence

    def one(self, recurrence_id: int, was: Draft, draft: Draft) -> str:
        """One occurrence changed: its override, or a new one drawn from the series."""
        occurrence = found(self.times, recurrence_id)
        event = self.obj.events[occurrence.event]
        start, end = self._asked(occurrence, was, draft)
        others = list(self.obj.events)
        place = len(others)
        if event.line("RECURRENCE-ID") is None:
            identity = self.day_or_time("RECURRENCE-ID", _line(event, "DTSTART"), recurrence_id)
            moved = self.timed(_with(self.alone(event), {"RECURRENCE-ID": [identity]}), start, end)
        else:
            place = others.index(event)
            moved = event if (start, end) == (occurrence.start, occurrence.end) else self.timed(event, start, end)
        others[place : place + 1] = [self.stamped(_worded(moved, _words(was, draft)))]
        return self._finished(others, was, draft)

    def less(self, recurrence_id: int) -> str | None:
        """The series with one occurrence excluded; None where nothing is left."""
        events = self._excluded(self.obj.events, [recurrence_id])
        if not events:
            return None
        text = self.written([self.stamped(e) if e.line("RECURRENCE-ID") is None else e for e in events])
        return None if schedule(calendar_object.read(text), self.room).empty else text

    def _excluded(self, events: Iterable[Component], instants: Iterable[int]) -> list[Component]:
        """These VEVENTs with occurrences taken out, by the instants of their identities."""
        gone = set(instants)
        kept: list[Component] = []
        for event in events:
            if event.line("RECURRENCE-ID") is not None:
                kept += [] if self.identity(event) in gone else [event]
                continue
            start = _line(event, "DTSTART")
            out = [self.day_or_time("EXDATE", start, instant) for instant in sorted(gone)]
            kept.append(_with(event, {"EXDATE": [*event.lines("EXDATE"), *out]}))
        return kept

    # -- a series divided

    def part(self, master: Component, name: str, stays: Callable[[int], bool]) -> Iterator[Line]:
        """The lines of times with the values that stay."""
        for line in master.lines(name):
            values = instants(self.obj, line, self.room)
            kept = [value for value, instant in values if stays(instant)]
            if len(kept) == len(values):
                yield line
            elif kept:
                yield _valued(line, ",".join(kept))

    def begun(self, master: Component, at: int) -> Component:
        """The master with the dates from `at` on; COUNT is what was left of it."""
        line, rule_line = _line(master, "DTSTART"), master.line("RRULE")
        length = self.length(master)
        morning = at - wall_of(self.room, at) % DAY if any(map(_whole_day, master.lines("EXDATE"))) else at
        lines = {"EXDATE": list(self.part(master, "EXDATE", lambda instant: instant >= morning))}
        start, added = at, at
        if rule_line is not None:
            rule, clock = parse_rule(rule_line.value), self.clock(line)
            gone, first = 0, None
            for wall in rule_walls(rule, wall_of(clock, self.instant(line)), clock):
                if instant_of(clock, wall) >= at:
                    first = instant_of(clock, wall)
                    break
                gone += 1
            if first is None:
                lines["RRULE"] = []
            else:
                start = first
                if rule.count is not None:
                    lines["RRULE"] = [_valued(rule_line, _with_part(rule_line.value, "COUNT", str(rule.count - gone)))]
        if start == at:
            added += 1  # it is DTSTART now
        lines["RDATE"] = list(self.part(master, "RDATE", lambda instant: instant >= added))
        return self.timed(_with(master, lines), start, start + length)

    # -- all of a series

    def all(self, recurrence_id: int | None, was: Draft, draft: Draft) -> str:
        """Every occurrence changed alike."""
        occurrence = found(self.times, recurrence_id)
        start, end = self._asked(occurrence, was, draft)
        master = self.obj.master
        if master is None:
            events = [self._by(each, start - occurrence.start, end - start, was, draft) for each in self.obj.events]
        elif (draft.repeat, draft.custom) == (was.repeat, was.custom):
            events = self._moved(master, occurrence, start, end, was, draft)
        else:
            events = self._anew(master, occurrence, start, end, was, draft)
        return self._finished(events, was, draft)

    def _by(self, event: Component, shift: int, length: int, was: Draft, draft: Draft) -> Component:
        """One of several exceptions without a series, moved by some seconds."""
        start = self.instant(_line(event, "DTSTART")) + shift
        return self.stamped(_worded(self.timed(event, start, start + length), _words(was, draft)))

    def _asked(self, occurrence: Occurrence, was: Draft, draft: Draft) -> tuple[int, int]:
        """When the occurrence is to be; as it stands where the form left its times alone."""
        if (was.day, was.start, was.end) == (draft.day, draft.start, draft.end):
            return occurrence.start, occurrence.end
        return self._on(draft.day, draft.start), self._on(draft.day, draft.end)

    def _on(self, day: date, at: time) -> int:
        """The instant of a time of the room's clock."""
        return instant_of(self.room, (day.toordinal() - 1) * DAY + at.hour * 3600 + at.minute * 60 + at.second)

    def _finished(self, events: list[Component], was: Draft, draft: Draft) -> str:
        if was.private != draft.private:
            events = [_classed(event, draft.private) for event in events]
        return self.written(events)

    # its rule stays

    def _moved(
        self, master: Component, occurrence: Occurrence, start: int, end: int, was: Draft, draft: Draft
    ) -> list[Component]:
        line = _line(master, "DTSTART")
        clock, begins, length = self.clock(line), self.instant(line), self.length(master)
        lasts = end - start if end - start != occurrence.end - occurrence.start else length
        shift = wall_of(clock, start) - wall_of(clock, occurrence.start)
        identity = occurrence.start if occurrence.recurrence_id is None else occurrence.recurrence_id
        rule, moves = self._rule_moved(master, was.repeat, identity, shift)
        series = master
        if shift or lasts != length:
            series = self.timed(master, moves(begins), moves(begins) + lasts)
        if shift:
            lines = {"RRULE": [rule]} if rule is not None else {}
            lines["EXDATE"] = [self._values_moved(each, moves, begins) for each in master.lines("EXDATE")]
            lines["RDATE"] = [self._values_moved(each, moves, begins) for each in master.lines("RDATE")]
            series = _with(series, lines)
        series = self._days_added(series, was, draft)
        words = _words(was, draft)
        events = [self.stamped(_worded(series, words))]
        edited = self.obj.events[occurrence.event]
        for event in self.overrides:
            placed = (start, end) if event is edited else None
            follower = self._following(event, moves, placed, length, lasts)
            follower = _worded(follower, words, None if event is edited else master)
            events.append(event if follower is event else self.stamped(follower))
        return self._days_taken(events, was, draft)

    def _following(
        self, event: Component, moves: Moves, placed: tuple[int, int] | None, length: int, lasts: int
    ) -> Component:
        """An override of a series that moves; `length` and `lasts` are those of the series before and after."""
        line = _line(event, "RECURRENCE-ID")
        identity = self.instant(line)
        begins, own = self.instant(_line(event, "DTSTART")), self.length(event)
        moved = event
        if moves(identity) != identity:
            moved = _with(event, {"RECURRENCE-ID": [self.day_or_time("RECURRENCE-ID", line, moves(identity))]})
        if placed is None and begins == identity:
            placed = moves(identity), moves(identity) + (lasts if own == length else own)
        if placed is not None and placed != (begins, begins + own):
            moved = self.timed(moved, *placed)
        return moved

    def _values_moved(self, line: Line, moves: Moves, begins: int) -> Line:
        """An EXDATE or RDATE whose dates go where the series goes."""
        clock = self.clock(line)
        written: list[str] = []
        for value, instant in instants(self.obj, line, self.room):
            head, slash, rest = value.partition("/")
            if "T" not in head.upper():
                midday = wall_of(self.room, instant) // DAY * DAY + wall_of(self.room, begins) % DAY
                written.append(_stamp(wall_of(self.room, moves(instant_of(self.room, midday))))[:8])
                continue
            moved = self._stamped_in(clock, moves(instant))
            if slash and rest[:1] not in "P+-":
                last = self.instant(_valued(make_line("DTEND", rest, self._zone_of(line)), rest))
                rest = self._stamped_in(clock, moves(instant) + last - instant)
            written.append(f"{moved}{slash}{rest}")
        return _valued(line, ",".join(written))

    @staticmethod
    def _zone_of(line: Line) -> list[tuple[str, str]]:
        tzid = line.param("TZID")
        return [("TZID", tzid)] if tzid else []

    @staticmethod
    def _stamped_in(clock: tzinfo, instant: int) -> str:
        return utc(instant) if clock is UTC else _stamp(wall_of(clock, instant))

    def _rule_moved(
        self, master: Component, said: Repeat | None, identity: int, shift: int
    ) -> tuple[Line | None, Moves]:
        """The rule of a series whose date at `identity` moves by `shift` seconds of its clock, and where each goes."""
        line, rule_line = _line(master, "DTSTART"), master.line("RRULE")
        clock = self.clock(line)

        def by_the_clock(instant: int) -> int:
            return instant_of(clock, wall_of(clock, instant) + shift)

        if not shift:
            return rule_line, lambda instant: instant
        if rule_line is None:
            return None, by_the_clock
        rule = parse_rule(rule_line.value)
        begins, target = wall_of(clock, self.instant(line)), wall_of(clock, identity) + shift
        days = target // DAY - wall_of(clock, identity) // DAY
        moves: Moves = by_the_clock
        value = rule_line.value
        if rule.hours or rule.minutes or rule.seconds:
            raise Impossible(Why.OWN_RULE)
        if days and not _plain(rule):
            if rule.freq == "WEEKLY" and _only_weekdays(rule) and (said is None or said.frequency is Frequency.WEEKLY):
                value = _rotated(rule_line.value, rule, days)
            elif said is not None:
                value, moves = self._anchored(said, rule_line.value, begins, identity, target, master)
            else:
                raise Impossible(Why.OWN_RULE)
        if rule.until is not None:
            last = moves(instant_of(clock, max(rule_walls(rule, begins, clock))))
            value = _with_part(value, "UNTIL", self._until(line, last))
        return _valued(rule_line, value), moves

    def _until(self, start: Line, last: int) -> str:
        if _whole_day(start):
            return _stamp(wall_of(self.room, last))[:8]
        floating = start.param("TZID") is None and self.clock(start) is not UTC
        return _stamp(wall_of(self.room, last)) if floating else utc(last)

    def _anchored(
        self, said: Repeat, value: str, begins: int, identity: int, target: int, master: Component
    ) -> tuple[str, Moves]:
        """A series whose date at `identity` has moved to the wall `target`, another day: what returns is that day."""
        clock = self.clock(_line(master, "DTSTART"))
        wall = wall_of(clock, identity)
        if said.frequency is Frequency.WEEKDAYS:
            every = replace(parse_rule(value), count=None, until=None)
            first = next(walls(replace(every, interval=1), begins + target - wall), None)
            if first is None:
                raise Impossible(Why.NO_DATE)
            return value, self._by_number(parse_rule(value), begins, walls(every, first), master)
        _, value = series(replace(said, until=None), _day(target), _time(target), self.room)
        every = replace(parse_rule(value), interval=1, count=None)
        later = _month(_day(target)) - _month(_day(wall))

        def moves(instant: int) -> int:
            """To the day of the month that is now meant; the first one from there on where a month has no such day."""
            month = _month(_day(wall_of(clock, instant))) + later
            if not 12 <= month < 12 * 10_000:
                raise Impossible(Why.NO_DATE)
            since = (date(month // 12, month % 12 + 1, 1).toordinal() - 1) * DAY + target % DAY
            found = next(walls(every, since), None)
            if found is None:
                raise Impossible(Why.NO_DATE)
            return instant_of(clock, found)

        return value, moves

    def _by_number(self, rule: Rule, begins: int, after: Iterator[int], master: Component) -> Moves:
        """The n-th date of the series goes to the n-th of these; what is none of its dates stays."""
        clock = self.clock(_line(master, "DTSTART"))
        named = [self.identity(event) for event in self.overrides]
        named += [instant for line in master.lines("EXDATE") for _, instant in instants(self.obj, line, self.room)]
        latest = max(named, default=0) + DAY
        pairs: dict[int, int] = {}
        for one, other in islice(zip(rule_walls(rule, begins, clock), after, strict=False), MOST):
            pairs[instant_of(clock, one)] = instant_of(clock, other)
            if rule.until is None and instant_of(clock, one) > latest:
                break
        return lambda instant: pairs.get(instant, instant)

    # -- single days put in and out

    def _days_added(self, series: Component, was: Draft, draft: Draft) -> Component:
        """The master with its RDATEs as the form has them."""
        gone, new = set(was.also) - set(draft.also), sorted(set(draft.also) - set(was.also))
        back = set(was.excluding) - set(draft.excluding)
        if back:
            kept = list(self.part(series, "EXDATE", lambda instant: _day(wall_of(self.room, instant)) not in back))
            series = _with(series, {"EXDATE": kept})
        if gone:
            kept = list(self.part(series, "RDATE", lambda instant: _day(wall_of(self.room, instant)) not in gone))
            series = _with(series, {"RDATE": kept})
        if new:
            like = _line(series, "DTSTART")
            added = [self.at("RDATE", like, self._on(day, draft.start)) for day in new]
            series = _with(series, {"RDATE": [*series.lines("RDATE"), *added]})
        return series

    def _days_taken(self, events: list[Component], was: Draft, draft: Draft) -> list[Component]:
        """The VEVENTs without the occurrences on days that the form newly excludes."""
        out = set(draft.excluding) - set(was.excluding)
        if not out:
            return events
        times = schedule(calendar_object.read(self.written(events)), self.room)
        gone: list[int] = []
        for day in sorted(out):
            begin = self._on(day, time())
            on_it = [o for o in times.between(begin, begin + DAY) if _day(wall_of(self.room, o.start)) == day]
            gone += [o.start if o.recurrence_id is None else o.recurrence_id for o in on_it]
        return self._excluded(events, gone)

    # its rule is another

    def _anew(
        self, master: Component, occurrence: Occurrence, start: int, end: int, was: Draft, draft: Draft
    ) -> list[Component]:
        """A booking that repeats in another way: exceptions stay on the dates that it still has."""
        line = _line(master, "DTSTART")
        moved = draft.day - was.day
        begins = _day(wall_of(self.room, self.instant(line)))
        first, rule = draft.day, ""
        if draft.repeat is not None:
            since = draft.day if occurrence.start == self.times.first else min(_later(begins, moved), draft.day)
            first, rule = series(draft.repeat, draft.day, draft.start, self.room, since)
        begin = self._on(first, draft.start)
        length = self.length(master)
        like = line
        if _whole_day(line) or not same_clock(self.clock(line), self.room):
            self._borrowed = True
            like = make_line("DTSTART", "19700101T000000", [("TZID", self.room.key)])
        lines = {
            "DTSTART": [self.at("DTSTART", like, begin)],
            "DTEND": [self.at("DTEND", like, begin + end - start)],
            "DURATION": [],
            "RRULE": [make_line("RRULE", rule)] if rule else [],
        }
        if rule and like.param("TZID") is None and like.value[-1:] not in "zZ" and draft.repeat and draft.repeat.until:
            floating = _stamp(max(rule_walls(parse_rule(rule), wall_of(self.room, begin), self.room)))
            lines["RRULE"] = [make_line("RRULE", _with_part(rule, "UNTIL", floating))]
        bare = _with(self.alone(master), lines)
        also = draft.also if draft.also != was.also else tuple(_later(day, moved) for day in was.also)
        if also:
            added = [self.at("RDATE", like, self._on(day, draft.start)) for day in also]
            bare = _with(bare, {"RDATE": added})
        times = schedule(calendar_object.read(self.written([bare])), self.room)
        out = draft.excluding if draft.excluding != was.excluding else tuple(_later(d, moved) for d in was.excluding)
        gone = [at for at in (self._on(day, draft.start) for day in out) if _has(times, at)] if rule or also else []
        if gone:
            bare = self._excluded([bare], gone)[0]
        words = _words(was, draft)
        events = [self.stamped(_worded(bare, words))]
        for event in self.overrides:
            identity = self.identity(event)
            goes = self._on(_later(_day(wall_of(self.room, identity)), moved), draft.start)
            if (rule or also) and _has(times, goes) and goes not in gone:
                follower = self._following(event, lambda _, to=goes: to, None, length, end - start)  # type: ignore[misc]
                events.append(self.stamped(_worded(follower, words, master)))
        return events


def _has(times: Schedule, instant: int) -> bool:
    return any(held.start == instant for held in times.between(instant, instant + 1))


def _later(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        raise Impossible(Why.NO_DATE) from None


def _month(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _lists(rule: Rule) -> tuple[tuple[int, ...], ...]:
    return rule.monthdays, rule.yeardays, rule.weeks, rule.months, rule.positions


def _plain(rule: Rule) -> bool:
    """Whether a rule's days are counted from DTSTART alone."""
    return not rule.weekdays and not any(_lists(rule)) and rule.freq not in ("MONTHLY", "YEARLY")


def _only_weekdays(rule: Rule) -> bool:
    return not any(_lists(rule))


def _rotated(value: str, rule: Rule, days: int) -> str:
    """A weekly rule some days later; its weeks then begin later too, where that matters."""
    if rule.weekdays:
        turned = sorted((weekday + days) % 7 for _, weekday in rule.weekdays)
        value = _with_part(value, "BYDAY", ",".join(WEEKDAYS[weekday] for weekday in turned))
    if rule.interval > 1 and len(rule.weekdays) > 1:
        value = _with_part(value, "WKST", WEEKDAYS[(rule.week_start + days) % 7])
    return value
