"""CALDAV:calendar-data (RFC 4791 section 9.6): bookings whole, in part, or expanded to single occurrences."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from xml.etree.ElementTree import Element

from sesstim_caldav.booking.contentline import Component, Line, parse, write
from sesstim_radicale.answers import Failure
from sesstim_radicale.filters import Range, moment
from sesstim_radicale.markup import caldav

LONGEST_EXPANSION = 25 * 366 * 86_400
"""Seconds of the longest range that is expanded."""
MOST_INSTANCES = 20_000
"""Occurrences that one expanded report holds at most."""
LIMITS = "number-of-matches-within-limits"
"""The condition of an answer that is too long, or was cut short (RFC 5323 section 5.17.3, RFC 6578 section 3.6)."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which properties and components of a component are wanted; None: all of them."""

    name: str
    props: frozenset[str] | None
    without_value: frozenset[str]
    comps: tuple[Part, ...] | None


@dataclass(frozen=True, slots=True)
class CalendarData:
    expand: Range | None = None
    part: Part | None = None


WHOLE = CalendarData()


def too_much() -> Failure:
    return Failure(HTTPStatus.FORBIDDEN, f"D:{LIMITS}", told="There are too many occurrences in this range.")


def read(node: Element) -> CalendarData:
    """From a calendar-data element of a REPORT. Raises `Failure` (403)."""
    kind = node.get("content-type", "text/calendar")
    version = node.get("version", "2.0")
    if kind.lower() != "text/calendar" or version != "2.0":
        raise Failure(HTTPStatus.FORBIDDEN, "C:supported-calendar-data")
    expansion, part = None, None
    for child in node:
        if child.tag == caldav("expand"):
            start, end = child.get("start"), child.get("end")
            if start is None or end is None:
                raise Failure(HTTPStatus.BAD_REQUEST, told="expand needs a start and an end.")
            expansion = (moment(start), moment(end))
            if expansion[0] >= expansion[1]:
                raise Failure(HTTPStatus.BAD_REQUEST, told="expand must end after its start.")
            if expansion[1] - expansion[0] > LONGEST_EXPANSION:
                raise too_much()
        elif child.tag == caldav("comp"):
            part = _part(child)
    return CalendarData(expansion, part)


def _part(node: Element) -> Part:
    props: set[str] = set()
    bare: set[str] = set()
    comps: list[Part] = []
    all_props, all_comps = False, False
    for child in node:
        if child.tag == caldav("allprop"):
            all_props = True
        elif child.tag == caldav("allcomp"):
            all_comps = True
        elif child.tag == caldav("prop"):
            name = child.get("name", "").upper()
            props.add(name)
            if child.get("novalue", "no") == "yes":
                bare.add(name)
        elif child.tag == caldav("comp"):
            comps.append(_part(child))
    return Part(
        node.get("name", "").upper(),
        None if all_props else frozenset(props),
        frozenset(bare),
        None if all_comps else tuple(comps),
    )


def partial(text: str, part: Part | None) -> str:
    """Only the components and properties asked for (RFC 4791 section 7.8.1 shows one)."""
    if part is None:
        return text
    return write(_kept(parse(text), part))


def _kept(component: Component, part: Part) -> Component:
    children: list[Line | Component] = []
    by_name = None if part.comps is None else {comp.name: comp for comp in part.comps}
    for child in component.children:
        if isinstance(child, Component):
            if by_name is None:
                children.append(child)
            elif child.name in by_name:
                children.append(_kept(child, by_name[child.name]))
        elif part.props is None or child.name in part.props:
            if child.name in part.without_value:
                head = ";".join((child.name, *(f"{key}={','.join(values)}" for key, values in child.params)))
                child = Line(child.name, child.params, "", f"{head}:")
            children.append(child)
    return Component(component.name, children)
