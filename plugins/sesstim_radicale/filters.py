"""CALDAV:filter (RFC 4791 section 9.7): read once, then asked of what the viewer sees of each booking."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol
from xml.etree.ElementTree import Element

from sesstim_caldav.booking.contentline import Component, Line, unescape_text
from sesstim_caldav.booking.schedule import FOREVER
from sesstim_radicale.answers import Failure
from sesstim_radicale.markup import caldav

ALWAYS = -62_135_596_800
"""Epoch seconds of the year 1."""

Range = tuple[int, int]
"""`[start, end)` in epoch seconds; `ALWAYS` and `FOREVER` where a side is open."""


class Times(Protocol):
    """What a filter asks of the times of one calendar object."""

    def events(self, bounds: Range) -> frozenset[int]:
        """Which VEVENTs of the object, by index, have an occurrence in a range."""

    def rings(self, event: Component, alarm: Component, bounds: Range) -> bool:
        """Whether a VALARM of that VEVENT rings in a range."""


COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VTIMEZONE", "STANDARD", "DAYLIGHT"})


MOST = 200
"""Elements of one filter: each is compared with each booking in the range."""


def invalid(told: str) -> Failure:
    return Failure(HTTPStatus.FORBIDDEN, "C:valid-filter", told=told)


def unsupported(told: str) -> Failure:
    return Failure(HTTPStatus.FORBIDDEN, "C:supported-filter", told=told)


@dataclass(frozen=True, slots=True)
class TextMatch:
    needle: str
    """Folded by the collation already."""
    fold: Callable[[str], str]
    negated: bool

    def holds(self, text: str) -> bool:
        return (self.needle in self.fold(text)) != self.negated


@dataclass(frozen=True, slots=True)
class ParamFilter:
    name: str
    absent: bool
    text: TextMatch | None

    def holds(self, line: Line) -> bool:
        values = [value for key, several in line.params if key == self.name for value in several]
        if self.absent:
            return not values
        return bool(values) and (self.text is None or any(self.text.holds(value) for value in values))


@dataclass(frozen=True, slots=True)
class PropFilter:
    name: str
    absent: bool
    range: Range | None
    text: TextMatch | None
    params: tuple[ParamFilter, ...]

    def holds(self, component: Component) -> bool:
        lines = component.lines(self.name)
        if self.absent:
            return not any(True for _ in lines)
        return any(self._of_line(line) for line in lines)

    def _of_line(self, line: Line) -> bool:
        if self.range is not None and not _in_range(line, self.range):
            return False
        if self.text is not None and not self.text.holds(unescape_text(line.value)):
            return False
        return all(param.holds(line) for param in self.params)


@dataclass(frozen=True, slots=True)
class CompFilter:
    name: str
    absent: bool
    range: Range | None
    props: tuple[PropFilter, ...]
    comps: tuple[CompFilter, ...]

    @property
    def plain(self) -> bool:
        """Whether it asks for no more than that the component is there, perhaps in a range."""
        return not (self.absent or self.props or self.comps)

    def holds(self, parent: Component, times: Times) -> bool:
        """Whether one component of the name inside `parent` holds all of this filter (is-not-defined: that none is)."""
        components = list(parent.components(self.name))
        if self.absent:
            return not components
        inside: Iterable[int] = range(len(components))
        if self.range is not None:
            inside = self._in_range(parent, components, times, self.range)
        return any(self.of_component(components[index], times) for index in inside if index < len(components))

    def _in_range(
        self, parent: Component, components: Sequence[Component], times: Times, bounds: Range
    ) -> Iterable[int]:
        if self.name == "VEVENT":
            return times.events(bounds)
        if self.name == "VALARM":
            return (index for index, alarm in enumerate(components) if times.rings(parent, alarm, bounds))
        return ()

    def of_component(self, component: Component, times: Times) -> bool:
        return all(prop.holds(component) for prop in self.props) and all(
            comp.holds(component, times) for comp in self.comps
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """A whole filter. `range` bounds which bookings can pass; `exact`: it alone decides; `never`: none can.

    `alarms`: only a booking with an alarm can.
    """

    calendar: CompFilter
    range: Range | None
    exact: bool
    never: bool
    alarms: bool = False

    def holds(self, calendar: Component, times: Times) -> bool:
        return self.calendar.of_component(calendar, times)


def read(node: Element | None) -> Filter:
    """From a CALDAV:filter element. Raises `Failure` (403): valid-filter, supported-filter or supported-collation."""
    if node is None:
        raise invalid("A calendar-query needs a filter.")
    if sum(1 for _ in node.iter()) > MOST:
        raise unsupported(f"A filter of more than {MOST} parts is not supported.")
    children = list(node)
    if len(children) != 1 or children[0].tag != caldav("comp-filter"):
        raise invalid("A filter holds one comp-filter.")
    calendar = _comp(children[0])
    if calendar.name != "VCALENDAR":
        raise invalid("The outer comp-filter must be VCALENDAR.")
    if calendar.absent:
        return Filter(calendar, None, exact=True, never=True)
    found = calendar.range
    never, exact, alarms = False, not calendar.props, False
    for comp in calendar.comps:
        if comp.name == "VEVENT":
            never = never or comp.absent
            alarms = alarms or any(inner.name == "VALARM" and not inner.absent for inner in comp.comps)
            found = found or comp.range
            exact = exact and comp.plain and (comp.range is None or comp.range == found)
        elif comp.name != "VTIMEZONE":
            never = never or not comp.absent
            exact = exact and comp.absent
        else:
            exact = False
    return Filter(calendar, found, exact, never, alarms)


def _comp(node: Element) -> CompFilter:
    name = _name(node)
    absent, found = False, None
    props: list[PropFilter] = []
    comps: list[CompFilter] = []
    for child in node:
        if child.tag == caldav("is-not-defined"):
            absent = True
        elif child.tag == caldav("time-range"):
            if name not in ("VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"):
                raise unsupported(f"A time-range on {name} is not supported.")
            found = time_range(child)
        elif child.tag == caldav("prop-filter"):
            props.append(_prop(child))
        elif child.tag == caldav("comp-filter"):
            comps.append(_comp(child))
        elif child.tag.startswith("{urn:ietf:params:xml:ns:caldav}"):
            raise invalid("A comp-filter cannot hold this.")
    if absent and (found or props or comps):
        raise invalid("is-not-defined stands alone.")
    if name != "VCALENDAR" and name not in COMPONENTS and not name.startswith("X-"):
        raise unsupported(f"There is no component {name}.")
    return CompFilter(name, absent, found, tuple(props), tuple(comps))


def _prop(node: Element) -> PropFilter:
    absent, found, text = False, None, None
    params: list[ParamFilter] = []
    for child in node:
        if child.tag == caldav("is-not-defined"):
            absent = True
        elif child.tag == caldav("time-range"):
            found = time_range(child)
        elif child.tag == caldav("text-match"):
            text = _text(child)
        elif child.tag == caldav("param-filter"):
            params.append(_param(child))
        elif child.tag.startswith("{urn:ietf:params:xml:ns:caldav}"):
            raise invalid("A prop-filter cannot hold this.")
    if absent and (found or text or params):
        raise invalid("is-not-defined stands alone.")
    return PropFilter(_name(node), absent, found, text, tuple(params))


def _param(node: Element) -> ParamFilter:
    absent, text = False, None
    for child in node:
        if child.tag == caldav("is-not-defined"):
            absent = True
        elif child.tag == caldav("text-match"):
            text = _text(child)
        elif child.tag.startswith("{urn:ietf:params:xml:ns:caldav}"):
            raise invalid("A param-filter cannot hold this.")
    if absent and text:
        raise invalid("is-not-defined stands alone.")
    return ParamFilter(_name(node), absent, text)


def _text(node: Element) -> TextMatch:
    collation = node.get("collation", "i;ascii-casemap")
    fold = COLLATIONS.get(collation if collation != "default" else "i;ascii-casemap")
    if fold is None:
        raise Failure(HTTPStatus.FORBIDDEN, "C:supported-collation", told="The collation is not supported.")
    negate = node.get("negate-condition", "no")
    if negate not in ("yes", "no"):
        raise invalid("negate-condition must be yes or no.")
    return TextMatch(fold(node.text or ""), fold, negate == "yes")


def _name(node: Element) -> str:
    name = node.get("name")
    if not name:
        raise invalid("A filter needs a name.")
    return name.upper()


def time_range(node: Element) -> Range:
    """From `start` and `end`, UTC; one may be missing (RFC 4791 section 9.9). Raises `Failure` (403, valid-filter)."""
    start, end = node.get("start"), node.get("end")
    if start is None and end is None:
        raise invalid("A time-range needs a start or an end.")
    found = (ALWAYS if start is None else moment(start), FOREVER if end is None else moment(end))
    if found[0] >= found[1]:
        raise invalid("A time-range must end after its start.")
    return found


def moment(value: str) -> int:
    """A UTC date-time of iCalendar as epoch seconds. Raises `Failure` (403, valid-filter)."""
    try:
        if len(value) != 16 or not value.isascii():
            raise ValueError
        return int(datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        raise invalid("Times must be UTC, as 20270111T090000Z.") from None


def _in_range(line: Line, bounds: Range) -> bool:
    """Whether a property's date (UTC, local or a day, read as UTC) lies in a range; others never do."""
    value = line.value.strip()
    form = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S", 16: "%Y%m%dT%H%M%SZ"}.get(len(value))
    if form is None:
        return False
    try:
        at = datetime.strptime(value, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return False
    return bounds[0] <= at < bounds[1]


# ---- collations (RFC 4790, RFC 5051) -------------------------------------------------------------------------------

_ASCII = {ord(c): ord(c.upper()) for c in "abcdefghijklmnopqrstuvwxyz"}


def _octet(text: str) -> str:
    return text


def _ascii_casemap(text: str) -> str:
    return text.translate(_ASCII)


def _unicode_casemap(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


COLLATIONS: dict[str, Callable[[str], str]] = {
    "i;octet": _octet,
    "i;ascii-casemap": _ascii_casemap,
    "i;unicode-casemap": _unicode_casemap,
}
