"""The dashboard's pages as the server draws them: lists that can be read without scripts, for the script to take over.

What a list shows is what the API answers, and stands in the page as JSON too, so that the script's first view needs no
request of its own.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import flask
from babel.dates import format_date
from flask import Blueprint, request, url_for
from markupsafe import Markup
from pydantic import ValidationError

from sesstim_caldav.booking import sentences
from sesstim_caldav.web.api import models
from sesstim_caldav.web.api.free import Free, Wish, found, wished
from sesstim_caldav.web.api.mine import matching
from sesstim_caldav.web.api.occupation import Spans, filled, reading, shown, spans, version_of, wanted
from sesstim_caldav.web.api.rooms import all_rooms, now
from sesstim_caldav.web.visit import Answer, catalogue, language, office, render, say, signed_in

pages = Blueprint("dashboard", __name__)

SOON = timedelta(days=14)
"""How far ahead the front page looks for the visitor's own bookings."""
MOST_SOON = 4
A_PAGE = 50
"""Bookings on a page of one's own."""
LENGTHS = (15, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600, 720)
"""Minutes that can be chosen."""
PHOTOS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}

Tone = Literal["free", "taken", "shut"]


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A room on a day: how it stands in words, and what is booked."""

    room: models.Room
    address: str
    state: str
    tone: Tone
    booked: Sequence[models.Occ]


@dataclass(frozen=True, slots=True)
class Heading:
    """A day as a heading, and what stands below it."""

    name: str
    address: str
    text: str
    booked: Sequence[models.Occ] = ()


@pages.app_template_filter("date")
def date_words(day: str) -> str:
    """ "mardi 1er décembre 2026", of "2026-12-01"."""
    return day_name(date.fromisoformat(day))


# ---- the pages


@pages.get("/")
@signed_in
def page() -> Answer:
    """All rooms on a day, in a week or in a month."""
    view = request.args.get("view", "day")
    day = asked_day()
    return _month(day) if view == "month" else _week(day) if view == "week" else _day(day)


def _day(day: date) -> Answer:
    moment = int(datetime.now(office().settings.zone).timestamp())
    with reading() as snapshot:
        rooms = wanted(snapshot)
        occupation = filled(snapshot, rooms, day, day, version_of(rooms, day, day, ""))
        mine = list(shown(snapshot.soon(moment, moment + int(SOON.total_seconds()), MOST_SOON)))
    told = all_rooms()
    lines = [line(room, _in(occupation.occurrences, room.slug), day, told.now) for room in told.rooms]
    return render(
        "dashboard/day.html",
        title=capital(day_name(day)),
        turns=turns("day", day - timedelta(days=1), day + timedelta(days=1)),
        views=views("day", day),
        lines=lines,
        mine=mine,
        names=_names(told),
        **start(told, occupation),
    )


def _week(day: date) -> Answer:
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    with reading() as snapshot:
        rooms = wanted(snapshot)
        occupation = filled(snapshot, rooms, first, last, version_of(rooms, first, last, ""))
    told = all_rooms()
    weeks = [
        (room, room_address(room.slug, first), week(_in(occupation.occurrences, room.slug), first))
        for room in told.rooms
    ]
    return render(
        "dashboard/week.html",
        title=capital(say("week of %(day)s", day=day_name(first))),
        turns=turns("week", day - timedelta(days=7), day + timedelta(days=7)),
        views=views("week", day),
        weeks=weeks,
        names=_names(told),
        **start(told, occupation),
    )


def _month(day: date) -> Answer:
    first, last = month_around(day)
    with reading() as snapshot:
        rooms = wanted(snapshot)
        taken = spans(snapshot, rooms, first, last, version_of(rooms, first, last, "busy"))
    told = all_rooms()
    strips: dict[str, dict[str, list[tuple[int, int, int]]]] = taken["busy"]  # type: ignore[assignment]
    days = []
    for each in days_from(first, last):
        if each.month == day.month:
            of_the_day = [strip for by_day in strips.values() for strip in by_day.get(f"{each}", ())]
            days.append(
                Heading(capital(day_name(each)), url_for("dashboard.page", date=f"{each}"), how_many(len(of_the_day)))
            )
    before, after = first_of_month(day) - timedelta(days=1), first_of_month(day) + timedelta(days=32)
    return render(
        "dashboard/month.html",
        title=capital(format_date(day, "MMMM y", locale=language())),
        turns=turns("month", first_of_month(before), first_of_month(after)),
        views=views("month", day),
        days=days,
        **start(told, taken),
    )


@pages.get("/rooms/<slug>")
@signed_in
def room(slug: str) -> Answer:
    """One room: what it is, and its week."""
    settings = office().settings.published(slug)
    if settings is None:
        flask.abort(404)
    day = asked_day()
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    with reading() as snapshot:
        rooms = wanted(snapshot, slug)
        occupation = filled(snapshot, rooms, first, last, version_of(rooms, first, last, ""))
    told = all_rooms()
    shown_room = next(each for each in told.rooms if each.slug == slug)
    return render(
        "dashboard/room.html",
        room=shown_room,
        title=f"{shown_room.name} · {say('week of %(day)s', day=day_name(first))}",
        turns=[
            Link(say("Previous"), room_address(slug, first - timedelta(days=7))),
            Link(say("Today"), room_address(slug)),
            Link(say("Next"), room_address(slug, last + timedelta(days=1))),
        ],
        week=week(occupation.occurrences, first),
        **start(told, occupation),
    )


@pages.get("/rooms/<slug>/photo")
@signed_in
def photo(slug: str) -> Answer:
    """The picture of a room."""
    settings = office().settings.published(slug)
    file = Path(settings.photo) if settings is not None and settings.photo else None
    kind = PHOTOS.get(file.suffix.lower()) if file is not None else None
    if file is None or kind is None or not file.is_file():
        flask.abort(404)
    response = flask.send_file(file.absolute(), mimetype=kind, conditional=True)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@pages.get("/bookings")
@signed_in
def bookings() -> Answer:
    """The visitor's own bookings, coming or past."""
    past = request.args.get("when") == "past"
    sought = request.args.get("q", "")[:200].strip()
    number = page_number()
    with reading() as snapshot:
        listed = matching(snapshot.mine(int(datetime.now(office().settings.zone).timestamp()), past), sought)
        some = list(shown(listed[(number - 1) * A_PAGE : number * A_PAGE]))
    told = all_rooms()

    def address(of: int) -> str:
        return url_for(
            "dashboard.bookings", when="past" if past else None, q=sought or None, page=of if of > 1 else None
        )

    return render(
        "dashboard/bookings.html",
        past=past,
        sought=sought,
        found=some,
        names=_names(told),
        earlier=address(number - 1) if number > 1 else "",
        later=address(number + 1) if len(listed) > number * A_PAGE else "",
        **start(told, None),
    )


@pages.get("/find")
@signed_in
def find() -> Answer:
    """A room for so many, so long, on some days."""
    told = all_rooms()
    wish: Wish | None = None
    free: Free | None = None
    trouble = ""
    if request.args.get("dates"):
        try:
            wish = wished()
        except ValidationError:
            trouble = say("This request cannot be understood.")
        else:
            free = found(wish)
    return render(
        "dashboard/find.html",
        wish=wish,
        asked=request.args,
        chosen=request.args.getlist("equipment"),
        today=told.now[:10],
        free=free,
        trouble=trouble,
        rooms={each.slug: each for each in told.rooms},
        equipment=sorted({each for room in told.rooms for each in room.equipment}, key=plain),
        lengths=LENGTHS,
        **start(told, None),
    )


# ---- what is asked for


def asked_day() -> date:
    """The day in the address; today where there is none, or none that there is."""
    try:
        return models.day_of(request.args.get("date", ""))
    except ValueError:
        return date.fromisoformat(now()[:10])


def page_number() -> int:
    """Which page of a list the address names, from 1."""
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1


# ---- what is shown


def line(of: models.Room, booked: Sequence[models.Occ], day: date, moment: str) -> Line:
    """A room on a day; `moment` is the lab's clock ("2026-12-01T10:52:07")."""
    state, tone = standing(of.hours, booked, day, moment)
    if f"{day}" == moment[:10]:
        booked = [occ for occ in booked if occ.end > moment[11:16]]
    return Line(of, room_address(of.slug, day), state, tone, booked)


def standing(hours: models.Hours, booked: Sequence[models.Occ], day: date, moment: str) -> tuple[str, Tone]:
    """How a room stands on a day: free until when, taken until when."""
    if day.weekday() not in hours.weekdays:
        return say("Closed that day"), "shut"
    if f"{day}" != moment[:10]:
        if not booked:
            return say("Free all day"), "free"
        return how_many(len(booked)), "taken"
    at = max(moment[11:16], hours.opens)
    if at >= hours.closes:
        return say("Closed for today"), "shut"
    ahead = [occ for occ in booked if occ.end > at]
    if not ahead:
        return (say("Free until %(time)s", time=hours.closes) if booked else say("Free all day")), "free"
    if ahead[0].start > at:
        return say("Free until %(time)s", time=ahead[0].start), "free"
    until = at
    for occ in ahead:
        if occ.start <= until:
            until = max(until, occ.end)
    return say("Taken until %(time)s", time=until), "taken"


def week(booked: Sequence[models.Occ], first: date) -> list[Heading]:
    """The days of a week on which something is booked, or the room is open."""
    found = []
    for day in days_from(first, first + timedelta(days=6)):
        of_the_day = [occ for occ in booked if occ.date == f"{day}"]
        if of_the_day or day.weekday() < 5:
            address = url_for("dashboard.page", date=f"{day}")
            found.append(Heading(capital(day_name(day)), address, say("No booking"), of_the_day))
    return found


def how_many(count: int) -> str:
    """ "3 bookings"."""
    if not count:
        return say("No booking")
    return catalogue().ngettext("%(n)d booking", "%(n)d bookings", count) % {"n": count}


def day_name(day: date) -> str:
    """ "mardi 1er décembre 2026"."""
    return sentences.day(language(), day)


def plain(words: str) -> str:
    """The words as they are sorted: "écran" beside "ecran"."""
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()


def capital(words: str) -> str:
    """The words as a title."""
    return words[:1].upper() + words[1:]


def days_from(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def month_around(day: date) -> tuple[date, date]:
    """The whole weeks that a month touches, from a Monday to a Sunday."""
    first = first_of_month(day)
    last = first_of_month(first + timedelta(days=32)) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def turns(view: str, before: date, after: date) -> list[Link]:
    """The links to another time in the same view."""
    return [
        Link(say("Previous"), view_address(view, before)),
        Link(say("Today"), view_address(view)),
        Link(say("Next"), view_address(view, after)),
    ]


def views(here: str, day: date) -> list[Link]:
    """The links to the same day in another view."""
    names = {"day": say("Day"), "week": say("Week"), "month": say("Month")}
    return [Link(name, view_address(view, day), view == here) for view, name in names.items()]


def view_address(view: str, day: date | None = None) -> str:
    return url_for("dashboard.page", view=None if view == "day" else view, date=f"{day}" if day else None)


def room_address(slug: str, day: date | None = None) -> str:
    return url_for("dashboard.room", slug=slug, date=f"{day}" if day else None)


def _in(booked: Iterable[models.Occ], slug: str) -> list[models.Occ]:
    return [occ for occ in booked if occ.room == slug]


def _names(of: models.Rooms) -> dict[str, str]:
    return {each.slug: each.name for each in of.rooms}


# ---- what the script takes over


def start(rooms: models.Rooms, occupation: models.Occupation | Spans | None) -> dict[str, Any]:
    """What every page hands to the script: the first data, and where the script is once it was built."""
    begun = rooms.model_dump_json()
    if isinstance(occupation, models.Occupation):
        given = occupation.model_dump_json(by_alias=True)
    else:
        given = json.dumps(occupation, separators=(",", ":"))
    text = f'{{"rooms":{begun},"occupation":{given}}}' if occupation is not None else f'{{"rooms":{begun}}}'
    return {"start": in_script(text), "built": built("app.js", "app.css")}


def in_script(text: str) -> Markup:
    """JSON as it can stand in a `script` element: nothing in it ends the element."""
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def built(*names: str) -> dict[str, str]:
    """The addresses of built files, by name; empty where nothing was built."""
    folder = Path(flask.current_app.static_folder or "") / "built"
    try:
        return {
            name: url_for("static", filename=f"built/{name}", v=f"{(folder / name).stat().st_mtime_ns:x}")
            for name in names
        }
    except OSError:
        return {}
