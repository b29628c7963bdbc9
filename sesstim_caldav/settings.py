"""The configuration: one TOML file, checked by a typed model, every key open to a `SESSTIM_SECTION__KEY` variable."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sesstim_caldav.booking.proposal import OpeningHours, Room

ENVIRONMENT_PREFIX = "SESSTIM_"
ENVIRONMENT_FILE = "SESSTIM_CONFIG"
DEFAULT_FILE = Path("config/sesstim.toml")
MINUTES_A_DAY = 24 * 60

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Language = Literal["fr", "en"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
RESERVED_SLUGS = frozenset({"all", "mine"})
"""Names of feeds that are no room's."""

_MAILBOX = re.compile(r"([^<>\x00-\x1f\x7f]*)<([!-;=?A-~]+@[A-Za-z0-9.-]+)>|([!-;=?A-~]+@[A-Za-z0-9.-]+)")
_DOMAIN = re.compile(r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the configuration; `line` counts from 1, and is None where it cannot be told."""

    file: str
    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigurationError(Exception):
    """The configuration cannot be used. Its text has one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(_Section):
    """What the site is called and where and in which languages it stands."""

    name: str = "SESSTIM"
    base_url: str = "http://localhost:5232"
    timezone: str = "Europe/Paris"
    languages: list[Language] = Field(default=["fr", "en"], min_length=1)
    contact: str = ""
    """To whom people write who are stuck: an e-mail address, on the pages and in mails."""
    pages: str = ""
    """A folder with `terms.fr.md`, `privacy.en.md`, …: texts of the lab's own in place of the ones that come along."""

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address such as https://rooms.example.org is wanted")
        if parts.query or parts.fragment:
            raise ValueError("no ? or # belongs in it")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no time zone is called {value!r} (one such as Europe/Paris is wanted)") from None
        return value


class Server(_Section):
    """Where the server listens and whose forwarding headers it believes."""

    listen: str = "127.0.0.1:5232"
    trusted_proxies: list[str] = []

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError("HOST:PORT is wanted, such as 127.0.0.1:5232")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                raise ValueError(f"{network!r} is neither an IP address nor a network") from None
        return value


class StoreSettings(_Section):
    """Where the bookings are kept: a folder for the embedded SQLite, or the address of a PostgreSQL database."""

    data_dir: Path = Path("data")
    url: str = ""

    @field_validator("url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("postgresql://user@host/database is wanted, or nothing for the embedded store")
        return value


class AccountsSettings(_Section):
    """Who may have an account, and for how long what."""

    domains: list[str] = Field(default=["univ-amu.fr", "inserm.fr", "ird.fr"], min_length=1)
    sectors: list[str] = Field(default=["Recherche", "Enseignement", "Administration", "Autre"], min_length=1)
    confirm_hours: int = Field(default=48, ge=1, le=168)
    """How long a mailed link to confirm an address works; an unconfirmed sign-up is forgotten after a week."""
    reset_minutes: int = Field(default=60, ge=5, le=24 * 60)
    session_days: int = Field(default=30, ge=1, le=365)
    """How long a browser stays signed in that is not used."""
    retention_days: int = Field(default=0, ge=0)
    """After how many days bookings that are over lose their title and organiser; 0: never."""

    @field_validator("domains")
    @classmethod
    def _domain_names(cls, value: list[str]) -> list[str]:
        lowered = [domain.lower() for domain in value]
        for domain in lowered:
            if not _DOMAIN.fullmatch(domain):
                raise ValueError(f"{domain!r} is no domain (univ-amu.fr, or .univ-amu.fr with every subdomain)")
        return lowered


class SignIn(_Section):
    """How fast passwords can be guessed: so many at once, then so many a minute, counted for all worker processes."""

    account_burst: int = Field(default=10, ge=1)
    account_per_minute: float = Field(default=2, gt=0)
    client_burst: int = Field(default=60, ge=1)
    client_per_minute: float = Field(default=20, gt=0)


def _loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class Organisation(_Section):
    """ "Log in with your organisation": an OpenID Connect provider. Off while `issuer` is empty."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    scopes: list[str] = ["openid", "email", "profile"]

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname))):
            raise ValueError("https://… is wanted: whoever can change the provider's answers can sign in as anybody")
        return value

    @model_validator(mode="after")
    def _has_a_client(self) -> Organisation:
        if self.issuer and not self.client_id:
            raise ValueError("client_id is wanted beside issuer")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self


class Directory(_Section):
    """A directory (LDAP) that knows the members' passwords. Off while `url` is empty."""

    url: str = ""
    start_tls: bool = False
    ca_file: str = ""
    bind_dn: str = ""
    bind_password_file: str = ""
    base_dn: str = ""
    filter: str = "(mail={address})"
    mail: str = "mail"
    first_name: str = "givenName"
    last_name: str = "sn"

    @field_validator("url")
    @classmethod
    def _ldap(cls, value: str) -> str:
        if value and not value.startswith(("ldap://", "ldaps://")):
            raise ValueError("ldap://host or ldaps://host is wanted")
        return value

    @field_validator("filter")
    @classmethod
    def _names_the_address(cls, value: str) -> str:
        if "{address}" not in value:
            raise ValueError("it must hold {address}, which stands for the address that somebody signs in with")
        return value

    @model_validator(mode="after")
    def _encrypted(self) -> Directory:
        if self.url.startswith("ldap://") and not self.start_tls and not _loopback(urlsplit(self.url).hostname):
            raise ValueError("ldaps:// or start_tls is wanted: passwords do not travel in the clear")
        return self


class Feeds(_Section):
    """What subscriptions hold."""

    past_days: int = Field(default=365, ge=0)


class _Hours(_Section):
    weekdays: list[Weekday] | None = None
    opens: time | None = None
    closes: time | None = None
    grid_minutes: int | None = Field(default=None, ge=1, le=MINUTES_A_DAY)

    @field_validator("weekdays")
    @classmethod
    def _some_day(cls, value: list[Weekday] | None) -> list[Weekday] | None:
        if value is not None and not value:
            raise ValueError("at least one day is wanted")
        return value

    @field_validator("opens", "closes")
    @classmethod
    def _whole_minutes(cls, value: time | None) -> time | None:
        if value is not None and (value.second or value.microsecond or value.tzinfo):
            raise ValueError("a time such as 08:00 is wanted")
        return value

    @field_validator("grid_minutes")
    @classmethod
    def _divides_the_day(cls, value: int | None) -> int | None:
        if value is not None and MINUTES_A_DAY % value:
            raise ValueError("it must divide the day, as 5, 15, 30 and 60 do")
        return value


class BookingSettings(_Hours):
    """When rooms can be booked, wall clock of `site.timezone`; a room may say otherwise for itself."""

    weekdays: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]
    opens: time = time(8)
    closes: time = time(20)
    grid_minutes: int = Field(default=15, ge=1, le=MINUTES_A_DAY)


class MailSettings(_Section):
    """How mails leave."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    transport: Literal["smtp", "folder"] = "smtp"
    folder: str = ""
    sender: str = Field(default="Salles SESSTIM <salles@example.org>", alias="from")
    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password_file: str = ""

    @field_validator("sender")
    @classmethod
    def _names_a_mailbox(cls, value: str) -> str:
        if not _MAILBOX.fullmatch(value.strip()):
            raise ValueError("an address such as rooms@example.org or Rooms <rooms@example.org> is wanted")
        return value.strip()

    @property
    def mailbox(self) -> tuple[str, str]:
        """The sender's name, which may be empty, and address."""
        found = _MAILBOX.fullmatch(self.sender)
        assert found is not None
        name, named, bare = found.groups()
        return (name or "").strip().strip('"'), named or bare


class RoomSettings(_Hours):
    """One meeting room; hours and grid only where they differ from `[booking]`."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=100)]
    name: Annotated[str, Field(min_length=1)]
    capacity: int | None = Field(default=None, ge=1)
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#0b6a88"
    location: str = ""
    equipment: list[str] = []
    photo: str = ""
    """An image file (JPEG, PNG or WebP), shown on the room's page."""

    @field_validator("slug")
    @classmethod
    def _not_a_feed(cls, value: str) -> str:
        if value in RESERVED_SLUGS:
            raise ValueError(f"{value!r} is the name of a feed and cannot be a room's")
        return value

    @property
    def description(self) -> str:
        """Place and equipment in one line, for `calendar-description`."""
        return " · ".join(part for part in (self.location, ", ".join(self.equipment)) if part)


class Settings(_Section):
    """The whole configuration."""

    site: Site = Site()
    server: Server = Server()
    store: StoreSettings = StoreSettings()
    accounts: AccountsSettings = AccountsSettings()
    sign_in: SignIn = SignIn()
    organisation: Organisation = Organisation()
    directory: Directory = Directory()
    feeds: Feeds = Feeds()
    booking: BookingSettings = BookingSettings()
    mail: MailSettings = MailSettings()
    rooms: list[RoomSettings] = []

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        slugs = [room.slug for room in self.rooms]
        if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
            raise ValueError(f"rooms: two rooms have the slug {twice[0]!r}")
        for owner, hours in [("booking", self.booking), *((f"rooms ({room.slug})", room) for room in self.rooms)]:
            opens, closes = hours.opens or self.booking.opens, hours.closes or self.booking.closes
            if opens >= closes:
                raise ValueError(f"{owner}: closes ({closes:%H:%M}) must be after opens ({opens:%H:%M})")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clock on the wall of every room."""
        return ZoneInfo(self.site.timezone)

    @cached_property
    def _rooms_by_slug(self) -> dict[str, RoomSettings]:
        return {room.slug: room for room in self.rooms}

    @cached_property
    def _places_by_slug(self) -> dict[str, Room]:
        return {room.slug: Room(room.slug, room.name, self.zone, self.hours(room)) for room in self.rooms}

    def published(self, slug: str) -> RoomSettings | None:
        """What the configuration says of a room, or None if it names no such room."""
        return self._rooms_by_slug.get(slug)

    def room(self, slug: str) -> Room | None:
        """The room as the booking rules see it, or None if the configuration names no such room."""
        return self._places_by_slug.get(slug)

    def hours(self, room: RoomSettings) -> OpeningHours:
        """A room's hours: its own, and those of `[booking]` where it says nothing."""
        general = self.booking
        days = room.weekdays or general.weekdays
        return OpeningHours(
            weekdays=frozenset(map(WEEKDAYS.index, days)),
            opens=general.opens if room.opens is None else room.opens,
            closes=general.closes if room.closes is None else room.closes,
            grid_minutes=room.grid_minutes or general.grid_minutes,
        )

    def institutional(self, email: str) -> bool:
        """Whether an address belongs to one of the institution's domains (case does not matter)."""
        _, at, domain = email.lower().rpartition("@")
        return bool(at) and institutional_domain(domain, self.accounts.domains)


def institutional_domain(domain: str, taken: Sequence[str]) -> bool:
    """Whether a domain in lower case is one of those taken; `.ird.fr` takes every subdomain besides `ird.fr`."""
    return any(domain == one.removeprefix(".") or (one[0] == "." and domain.endswith(one)) for one in taken)


def secret_in(file: str) -> str:
    """The secret in a file, without its last line end; "" where no file is named. Raises `OSError`."""
    return Path(file).read_text(encoding="utf-8").rstrip("\r\n") if file else ""


def default_file(environment: Mapping[str, str] | None = None) -> Path:
    """The configuration file to read when none is named: `$SESSTIM_CONFIG`, else `config/sesstim.toml`."""
    named = (os.environ if environment is None else environment).get(ENVIRONMENT_FILE)
    return Path(named) if named else DEFAULT_FILE


def load(path: str | os.PathLike[str] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads and checks the configuration file, with what the environment overrides.

    Raises `ConfigurationError`, which names file, key and line of every problem where they are known.
    """
    surroundings = os.environ if environment is None else environment
    file = default_file(surroundings) if path is None else Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        raise ConfigurationError([Problem(str(file), "", None, f"cannot be read: {reason}")]) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise ConfigurationError([Problem(str(file), "", line, str(error))]) from error
    origins = _override(values, surroundings)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(list(_problems(error, str(file), _lines(text), origins))) from error


def _override(values: dict[str, Any], environment: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Lays `SESSTIM_SECTION__KEY` variables over the file's values; answers which variable gave which key."""
    origins: dict[tuple[str, ...], str] = {}
    problems: list[Problem] = []
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == ENVIRONMENT_FILE:
            continue
        section, separator, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if section not in Settings.model_fields or (not separator and section != "rooms"):
            if separator:
                problems.append(Problem(f"${variable}", "", None, f"there is no section [{section}]"))
            continue
        try:
            if not separator:
                values[section] = json.loads(environment[variable])
            else:
                target = values.setdefault(section, {})
                if isinstance(target, dict):
                    target[key] = _plain_or_json(section, key, environment[variable])
        except ValueError as error:
            problems.append(Problem(f"${variable}", "", None, f"is no valid JSON: {error}"))
        origins[(section, key) if separator else (section,)] = f"${variable}"
    if problems:
        raise ConfigurationError(problems)
    return origins


def _plain_or_json(section: str, key: str, value: str) -> Any:
    """A variable's value: JSON where the key takes a list, the text itself elsewhere."""
    model = Settings.model_fields[section].annotation
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    field = fields.get("sender" if (section, key) == ("mail", "from") else key)
    return json.loads(value) if field is not None and get_origin(field.annotation) is list else value


def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    """On which line each table and key of a TOML text stands (keys written inside inline tables are not found)."""
    found: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if array := re.match(r"\[\[\s*([\w-]+)\s*\]\]", stripped):
            name = array[1]
            counts[name] = counts.get(name, -1) + 1
            table = (name, counts[name])
            found[table] = number
        elif header := re.match(r"\[\s*([\w.-]+)\s*\]", stripped):
            table = tuple(header[1].split("."))
            found[table] = number
        elif key := re.match(r"[\"']?([\w-]+)[\"']?\s*=", stripped):
            found.setdefault((*table, key[1]), number)
    return found


def _problems(
    error: ValidationError, file: str, lines: dict[tuple[str | int, ...], int], origins: dict[tuple[str, ...], str]
) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        place = fault["loc"]
        key = ".".join(str(part) for part in place)
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "there is no such key"
        elif fault["type"] == "missing":
            message = "is missing"
        variable = next((name for at, name in origins.items() if place[: len(at)] == at), None)
        line = None
        if variable is None:
            line = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)
        yield Problem(variable or file, key, line, message)
