"""`/api/rooms`: the rooms, their hours, and who is asking."""

from __future__ import annotations

from datetime import datetime

from flask import Response, url_for

from sesstim_caldav.settings import RoomSettings
from sesstim_caldav.web.api.access import answer, api, asking
from sesstim_caldav.web.api.models import Hours, Me, Room, Rooms
from sesstim_caldav.web.visit import language, office


@api.get("/rooms")
def rooms() -> Response:
    """The rooms in the order of the configuration."""
    return answer(all_rooms())


def all_rooms() -> Rooms:
    """What `/api/rooms` answers to who is asking."""
    account = asking()
    return Rooms(
        rooms=[room(each) for each in office().settings.rooms],
        now=now(),
        language=language(),
        me=Me(name=account.name, email=account.email, manager=account.manager),
    )


def room(of: RoomSettings) -> Room:
    """A room as the API shows it."""
    settings = office().settings
    hours = settings.hours(of)
    return Room(
        slug=of.slug,
        name=of.name,
        capacity=of.capacity,
        color=of.color,
        location=of.location,
        equipment=of.equipment,
        photo=url_for("dashboard.photo", slug=of.slug) if of.photo else None,
        caldav=f"{settings.site.base_url.rstrip('/')}/dav/rooms/{of.slug}/",
        hours=Hours(
            weekdays=sorted(hours.weekdays),
            opens=f"{hours.opens:%H:%M}",
            closes=f"{hours.closes:%H:%M}",
            grid=hours.grid_minutes,
        ),
    )


def now() -> str:
    """The lab's clock: "2026-12-01T10:52:07"."""
    return f"{datetime.now(office().settings.zone):%Y-%m-%dT%H:%M:%S}"
