"""Builders that the stories share: an office with three members, and bookings in one line."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sesstim_caldav.accounts import Account
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.departure import depart
from sesstim_caldav.office import Office
from sesstim_caldav.reception import Conditions, Receipt
from sesstim_caldav.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
PASSWORD = "correct horse battery staple"
_numbers = itertools.count()


def a_booking(
    on: str = "2027-01-11",
    at: str = "10:00",
    until: str = "11:00",
    repeats: str = "",
    uid: str = "",
    zone: str = "Europe/Paris",
    summary: str = "Réunion projet",
    extra: str = "",
    organizer: str = "",
    more: str = "",
) -> bytes:
    """One calendar object; `extra`: lines of the VEVENT, `more`: components, `zone`: a TZID, "UTC" or "" (floating)."""
    day = date.fromisoformat(on)
    start, end = datetime.combine(day, time.fromisoformat(at)), datetime.combine(day, time.fromisoformat(until))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "BEGIN:VEVENT",
        f"UID:{uid or f'booking-{next(_numbers)}'}",
        "DTSTAMP:20261124T100000Z",
        f"DTSTART{_stamp(start, zone)}",
        f"DTEND{_stamp(end, zone)}",
        f"SUMMARY:{summary}",
    ]
    lines += [f"RRULE:{repeats}"] if repeats else []
    lines += [f"ORGANIZER:mailto:{organizer}"] if organizer else []
    lines += extra.split("\n") if extra else []
    lines += ["END:VEVENT"]
    lines += more.split("\n") if more else []
    lines += ["END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def an_override(uid: str, of: str, on: str, at: str, until: str, extra: str = "", zone: str = "Europe/Paris") -> str:
    """A VEVENT that moves the occurrence `of` ("2027-01-11T10:00") of a series; for `more` of `a_booking`."""
    day = date.fromisoformat(on)
    start, end = datetime.combine(day, time.fromisoformat(at)), datetime.combine(day, time.fromisoformat(until))
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261124T100000Z",
        f"RECURRENCE-ID{_stamp(datetime.fromisoformat(of), zone)}",
        f"DTSTART{_stamp(start, zone)}",
        f"DTEND{_stamp(end, zone)}",
        "SUMMARY:Réunion projet",
        *(extra.split("\n") if extra else []),
        "END:VEVENT",
    ]
    return "\n".join(lines)


def _stamp(moment: datetime, zone: str) -> str:
    text = f"{moment:%Y%m%dT%H%M%S}"
    if zone == "UTC":
        return f":{text}Z"
    return f";TZID={zone}:{text}" if zone else f":{text}"


def at(moment: str, zone: ZoneInfo = PARIS) -> int:
    """Epoch seconds of a wall-clock moment, "2027-01-11T10:00"."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp())


def week(monday: str) -> tuple[int, int]:
    start = at(f"{monday}T00:00")
    return start, start + int(timedelta(days=7).total_seconds())


@dataclass
class Lab:
    """An office on its own data folder: Marie and Paul are members, Anne manages."""

    office: Office
    marie: Account
    paul: Account
    anne: Account

    def book(
        self, who: Account, data: bytes, name: str = "", room: str = "prado", if_match: str | None = None
    ) -> tuple[str, Receipt]:
        """-> the resource's name and the receipt; raises what the reception raises."""
        name = name or f"{next(_numbers)}.ics"
        return name, self.office.reception.book(who, room, name, data, Conditions(if_match=if_match))

    def refused(self, who: Account, data: bytes, name: str = "", room: str = "prado") -> set[str]:
        """The codes of the rules that refuse a booking; empty where it was taken."""
        try:
            self.book(who, data, name, room)
        except Refusal as refusal:
            return {str(violation.rule) for violation in refusal.violations}
        return set()

    def leave(self, who: Account, now: str = "2027-01-20T12:00", by: str = "") -> None:
        """Deletes an account at a moment of the lab's clock."""
        depart(self.office.store, self.office.settings.zone, who, by or who.email, at(now))

    def held(self, start: str, end: str, room: str = "prado") -> list[tuple[str, str]]:
        """The occurrences between two moments, as "2027-01-11 10:00" of the lab's clock."""
        with self.office.publication.snapshot(self.marie) as snapshot:
            found = sorted(snapshot.busy(room, at(start), at(end)))
        return [(_clock(a), _clock(b)) for a, b in found]

    def seen(self, who: Account, name: str, room: str = "prado") -> str:
        with self.office.publication.snapshot(who) as snapshot:
            published = snapshot.booking(room, name)
        assert published is not None
        return published.text.replace("\r\n ", "")

    def etag(self, who: Account, name: str, room: str = "prado") -> str:
        with self.office.publication.snapshot(who) as snapshot:
            published = snapshot.booking(room, name)
        assert published is not None
        return published.etag

    def tags(self, who: Account, room: str = "prado") -> tuple[str, str]:
        with self.office.publication.snapshot(who) as snapshot:
            state = snapshot.room(room)
        assert state is not None
        return state.ctag, state.token


def _clock(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, PARIS):%Y-%m-%d %H:%M}"


def settings_in(folder: Path, **changes: object) -> Settings:
    """Three rooms on a fresh data folder."""
    return Settings.model_validate(
        {
            "store": {"data_dir": str(folder / "data")},
            "rooms": [
                {"slug": "prado", "name": "Salle Prado", "capacity": 12},
                {"slug": "calanques", "name": "Salle Calanques", "capacity": 6},
                {"slug": "castellane", "name": "Salle Castellane", "capacity": 20},
            ],
            **changes,
        }
    )


def a_lab(folder: Path, url: str = "") -> Lab:
    """`url`: of the PostgreSQL database that is to hold it, in the place of a file in the folder."""
    office = Office.open(settings_in(folder, store={"data_dir": str(folder / "data"), "url": url}))
    add = office.accounts.add
    return Lab(
        office,
        marie=add("marie.dupont@univ-amu.fr", "Marie", "Dupont", PASSWORD),
        paul=add("paul.martin@inserm.fr", "Paul", "Martin", PASSWORD),
        anne=add("anne.leroy@ird.fr", "Anne", "Leroy", PASSWORD, manager=True),
    )
