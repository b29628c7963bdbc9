"""A throw-away site: three rooms, three accounts and a plausible month of bookings."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sesstim_caldav import settings as configuration
from sesstim_caldav.accounts import Account
from sesstim_caldav.booking.refusal import Refusal
from sesstim_caldav.office import Office

WEEKS = 5
PEOPLE = (
    ("marie.dupont@univ-amu.fr", "Marie", "Dupont", False),
    ("paul.martin@inserm.fr", "Paul", "Martin", False),
    ("claire.bernard@univ-amu.fr", "Claire", "Bernard", True),
)
PASSWORD = "{first}-fait-une-demo"
"""Known to everybody, for a site with nothing in it."""

SERIES = (
    # room, weekday, start, end, whose, what
    ("prado", 0, "09:30", "10:30", 2, "Réunion d'équipe"),
    ("prado", 1, "14:00", "15:30", 0, "Séminaire doctorants"),
    ("prado", 3, "11:00", "12:30", 1, "Comité de pilotage"),
    ("joliette", 2, "10:00", "11:00", 1, "Point projet"),
    ("joliette", 4, "09:00", "10:00", 0, "Journal club"),
    ("calanques", 0, "14:00", "17:00", 1, "Cours de biostatistique"),
)
SINGLES = (
    "Soutenance blanche",
    "Entretien de recrutement",
    "Visioconférence avec Dakar",
    "Relecture d'article",
    "Formation R",
    "Accueil des stagiaires",
    "Analyse des données",
    "Jury de master",
)

_CONFIG = """\
# Written by `sesstim-caldav demo`.
[site]
name = "SESSTIM (demo)"
base_url = {base_url}

[server]
listen = {listen}

[store]
data_dir = {data_dir}

[mail]
transport = "folder"

[[rooms]]
slug = "prado"
name = "Salle Prado"
capacity = 12
color = "#0b6a88"
location = "Faculté de médecine, aile bleue, 2e étage"
equipment = ["écran", "visioconférence"]

[[rooms]]
slug = "joliette"
name = "Salle Joliette"
capacity = 6
color = "#a4432d"
location = "Faculté de médecine, aile bleue, 3e étage"
equipment = ["tableau blanc"]

[[rooms]]
slug = "calanques"
name = "Salle des Calanques"
capacity = 30
color = "#3a7d44"
location = "Faculté de médecine, rez-de-chaussée"
equipment = ["écran", "micros", "visioconférence"]
"""

_PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A site ready to be served."""

    config: Path
    rooms: tuple[str, ...]
    people: tuple[tuple[str, str, bool], ...]  # address, password, manager
    mails: Path

    def describe(self, url: str) -> str:
        """What a visitor needs to know, for people to read."""
        lines = ["", f"Address for calendar programs: {url}/dav/", "Rooms:"]
        lines += [f"  {url}/dav/rooms/{room}/" for room in self.rooms]
        lines += ["Accounts:"]
        lines += [
            f"  {email}  password {password}{'  (manager)' if manager else ''}"
            for email, password, manager in self.people
        ]
        lines += [f"Mails are files in: {self.mails}", f"Configuration: {self.config}", ""]
        return "\n".join(lines)


def prepare(data_dir: Path, url: str, today: date | None = None) -> Demonstration:
    """Writes configuration, accounts and bookings into a folder; one that has them already is used as it is.

    `url` is the address of the server to come; the bookings lie around `today` (the room's clock).
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    config = data_dir / "sesstim.toml"
    listen = url.removeprefix("http://")
    config.write_text(
        _CONFIG.format(base_url=_toml(url), listen=_toml(listen), data_dir=_toml(str((data_dir / "data").resolve()))),
        encoding="utf-8",
    )
    settings = configuration.load(config, environment={})
    with Office.open(settings) as office:
        known = [office.accounts.by_email(email) for email, *_ in PEOPLE]
        if None in known:
            for (email, first, last, manager), account in zip(PEOPLE, known, strict=True):
                if account is None:
                    office.accounts.add(email, first, last, _password(first), manager=manager)
            _book_a_month(office, today or datetime.now(settings.zone).date())
    people = tuple((email, _password(first), manager) for email, first, _, manager in PEOPLE)
    return Demonstration(config, tuple(room.slug for room in settings.rooms), people, settings.store.data_dir / "mail")


def _password(first_name: str) -> str:
    return PASSWORD.format(first=first_name.lower())


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a TOML basic string


def _book_a_month(office: Office, today: date) -> None:
    accounts = [account for email, *_ in PEOPLE if (account := office.accounts.by_email(email))]
    monday = today - timedelta(days=today.weekday() + 7)
    for number, (room, weekday, start, end, whose, what) in enumerate(SERIES):
        day = monday + timedelta(days=weekday)
        _book(
            office,
            accounts[whose],
            room,
            f"series-{number}",
            day,
            start,
            end,
            what,
            f"RRULE:FREQ=WEEKLY;COUNT={WEEKS}\n",
        )
    chance = random.Random(1968)
    for number in range(WEEKS * 8):
        day = monday + timedelta(days=chance.randrange(WEEKS) * 7 + chance.randrange(5))
        room = chance.choice(("prado", "joliette", "calanques"))
        quarter = chance.randrange(8 * 4, 18 * 4)
        until = quarter + chance.choice((2, 4, 4, 6, 8))
        account, what = chance.choice(accounts), chance.choice(SINGLES)
        _book(office, account, room, f"single-{number}", day, _clock(quarter), _clock(until), what)


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


def _book(
    office: Office, account: Account, room: str, name: str, day: date, start: str, end: str, what: str, rule: str = ""
) -> None:
    """Books one meeting; where the room is taken already there is none."""
    stamp = datetime.now(UTC)
    text = (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//sesstim-caldav//demo//FR\n{_PARIS}BEGIN:VEVENT\nUID:demo-{name}\n"
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}\n"
        f"DTSTART;TZID=Europe/Paris:{day:%Y%m%d}T{start.replace(':', '')}00\n"
        f"DTEND;TZID=Europe/Paris:{day:%Y%m%d}T{end.replace(':', '')}00\n"
        f"{rule}SUMMARY:{what}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    try:
        office.reception.book(account, room, f"demo-{name}.ics", text.replace("\n", "\r\n").encode())
    except Refusal:
        return
