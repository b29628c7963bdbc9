"""What is stored about a member, as he gets it: one archive with `data.json` and `bookings.ics`.

Passwords, cookies and secret addresses are stored as hashes, and hashes are left out. So are the texts of mails: one
that waits to be sent may hold a link that opens the account, and whoever sits at somebody's open browser is not to get
one.
"""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from email import message_from_string, policy
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, or_, select

from sesstim_caldav.booking import calendar_object, compose, contentline
from sesstim_caldav.booking.calendar_object import Unsupported
from sesstim_caldav.booking.contentline import Component, Line
from sesstim_caldav.booking.schedule import FOREVER
from sesstim_caldav.settings import Settings
from sesstim_caldav.store import Account, Reading, Store
from sesstim_caldav.store.database import Row, Statement
from sesstim_caldav.store.schema import (
    accounts,
    addresses,
    app_passwords,
    audit,
    bookings,
    identities,
    links,
    nudges,
    outbox,
    properties,
    rooms,
    sessions,
    subscriptions,
    verdicts,
)

_ME = bindparam("me", type_=sa.BigInteger)
_MY_ADDRESSES = sa.union_all(
    select(accounts.c.email).where(accounts.c.id == _ME), select(addresses.c.address).where(addresses.c.account == _ME)
)


def _plain(value: Any) -> Any:
    return value


def _when(value: Any) -> Any:
    """UTC epoch seconds as RFC 3339 has them; None for never."""
    if value is None or value >= FOREVER:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))


def _yes(value: Any) -> Any:
    return bool(value)


def _subject(message: Any) -> Any:
    return str(message_from_string(message, policy=policy.default).get("Subject", ""))


class Part:
    """One part of the export: the rows of a table that are about the account, column by column as they are told."""

    def __init__(
        self,
        table: sa.Table,
        where: sa.ColumnElement[bool],
        columns: Mapping[str, Callable[[Any], Any]],
        withheld: Iterable[str] = (),
    ) -> None:
        self.table = table
        self.columns = dict(columns)
        self.withheld = frozenset(withheld)
        """What is not told: secrets, and numbers that mean something to the store alone."""
        self._query = Statement(
            select(*(table.c[name] for name in columns)).where(where).order_by(*table.primary_key.columns)
        )

    def rows(self, reading: Reading, account: Account) -> Iterator[dict[str, Any]]:
        for row in reading.session.all(self._query, {"me": account.id}):
            yield {name: told(value) for (name, told), value in zip(self.columns.items(), row, strict=True)}


def _of(table: sa.Table, columns: Mapping[str, Callable[[Any], Any]], *withheld: str) -> Part:
    return Part(table, table.c.account == _ME, columns, ("account", *withheld))


PARTS: dict[str, Part] = {
    "account": Part(
        accounts,
        accounts.c.id == _ME,
        {
            "email": _plain,
            "first_name": _plain,
            "last_name": _plain,
            "phone": _plain,
            "sector": _plain,
            "role": _plain,
            "language": _plain,
            "active": _yes,
            "created": _when,
            "terms": _when,
        },
        ("id", "password_hash", "epoch"),
    ),
    "addresses": _of(addresses, {"address": _plain, "confirmed": _yes}),
    "identities": _of(identities, {"issuer": _plain, "subject": _plain, "created": _when}),
    "application_passwords": _of(app_passwords, {"label": _plain, "created": _when, "last_used": _when}, "id", "hash"),
    "subscriptions": _of(
        subscriptions, {"feed": _plain, "nameless": _yes, "created": _when, "last_used": _when}, "id", "hash"
    ),
    "sessions": _of(sessions, {"created": _when, "used": _when, "expires": _when}, "hash"),
    "verdicts": _of(verdicts, {"at": _when}, "digest"),
    "links": Part(
        links,
        or_(links.c.account == _ME, links.c.address.in_(_MY_ADDRESSES)),
        {"purpose": _plain, "address": _plain, "created": _when, "expires": _when},
        ("account", "hash", "payload"),
    ),
    "properties": _of(properties, {"path": _plain, "name": _plain, "xml": _plain}),
    "nudges": _of(nudges, {"n": _plain}, "room", "booking"),
    "mails": Part(
        outbox,
        sa.func.lower(outbox.c.recipient).in_(_MY_ADDRESSES),
        {"recipient": _plain, "message": _subject, "created": _when, "due": _when, "attempts": _plain, "error": _plain},
        ("id",),
    ),
}
"""Beside these: `bookings` and `audit`, which are read by hand."""

_BOOKINGS = Statement(
    select(
        rooms.c.slug,
        bookings.c.name,
        bookings.c.uid,
        bookings.c.private,
        bookings.c.created,
        bookings.c.modified,
        bookings.c.text,
    )
    .select_from(bookings.join(rooms, rooms.c.id == bookings.c.room))
    .where(bookings.c.organiser == _ME)
    .order_by(bookings.c.id)
)
_AUDIT = Statement(select(audit.c.at, audit.c.who, audit.c.what, audit.c.detail).order_by(audit.c.id))
_WORDS = re.compile(r"[\s,;:<>()]+")


def export(store: Store, account: Account, now: int) -> dict[str, Any]:
    """All that is stored about an account, as JSON can hold it. Raises `StoreUnavailable`."""
    with store.reading() as reading:
        return _told(reading, account, now)


def archive(store: Store, settings: Settings, account: Account, now: int) -> bytes:
    """A ZIP file of `data.json` (as `export`) and `bookings.ics`, from one snapshot. Raises `StoreUnavailable`."""
    packed = io.BytesIO()
    with store.reading() as reading, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        told = json.dumps(_told(reading, account, now), ensure_ascii=False, indent=2)
        files.writestr(_file("data.json", now), told.encode())
        texts = _texts(reading.session.all(_BOOKINGS, {"me": account.id}))
        pieces = compose.calendar(f"{settings.site.name} – {account.name}", "", texts)
        files.writestr(_file("bookings.ics", now), b"".join(pieces))
    return packed.getvalue()


def _file(name: str, now: int) -> zipfile.ZipInfo:
    moment = time.gmtime(now)
    entry = zipfile.ZipInfo(name, (moment[0], *moment[1:6]))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _told(reading: Reading, account: Account, now: int) -> dict[str, Any]:
    told: dict[str, Any] = {"exported": _when(now)}
    for name, part in PARTS.items():
        rows = list(part.rows(reading, account))
        told[name] = rows if name != "account" else rows[0] if rows else None
    told["bookings"] = [_booking(row) for row in reading.session.all(_BOOKINGS, {"me": account.id})]
    told["audit"] = list(_acts(reading, account))
    return told


def _booking(row: Row) -> dict[str, Any]:
    room, name, uid, private, created, modified, text = row
    try:
        title = calendar_object.read(text).summary
    except Unsupported:
        title = ""
    return {
        "room": room,
        "name": name,
        "uid": uid,
        "title": title,
        "private": bool(private),
        "created": _when(created),
        "modified": _when(modified),
        "icalendar": text,
    }


def _acts(reading: Reading, account: Account) -> Iterator[dict[str, Any]]:
    """The lines of the audit log of what the account did and of what was done to it."""
    mine = {account.email, *account.addresses}
    for at, who, what, detail in reading.session.stream(_AUDIT, {}):
        if who in mine or not mine.isdisjoint(_WORDS.split(detail)):
            yield {"at": _when(at), "who": who, "what": what, "detail": detail}


def _texts(rows: Iterable[Row]) -> Iterator[bytes]:
    """The bookings' texts; a UID that has stood in another room before is told apart, as in feeds."""
    seen: set[str] = set()
    for room, _, uid, *_, text in rows:
        yield (_identified(text, f"{uid}@{room}") if uid in seen else text).encode()
        seen.add(uid)


def _identified(text: str, uid: str) -> str:
    line = contentline.make_line("UID", contentline.escape_text(uid))
    children: list[Line | Component] = []
    for child in contentline.parse(text).children:
        if isinstance(child, Component) and child.name == "VEVENT":
            child = Component(child.name, [line if each.name == "UID" else each for each in child.children])
        children.append(child)
    return contentline.write(Component("VCALENDAR", children))
