"""The tables, once for SQLite and PostgreSQL.

Times are UTC epoch seconds, truth values the integers 0 and 1, so that no driver has anything to convert. Small columns
stand before the texts: SQLite then reads a listing without touching the pages that the texts overflow to.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

Number = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit integer; on SQLite an INTEGER, which alone may stand for the row number."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", Number, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("seq", Number, nullable=False),
    Column("horizon", Number, nullable=False),
    Column("modified", Number, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Number, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text),
    Column("active", Integer, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("epoch", Number, nullable=False),
    Column("created", Number, nullable=False),
    Column("terms", Number),
    sqlite_autoincrement=True,
)
"""`terms` is when the terms of use were agreed to; NULL for accounts that an administrator or a directory made."""

addresses = Table(
    "addresses",
    metadata,
    Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("address", Text, nullable=False),
    Column("confirmed", Integer, nullable=False),
    PrimaryKeyConstraint("account", "address"),
    Index("addresses_by_address", "address"),
)

app_passwords = Table(
    "app_passwords",
    metadata,
    Column("id", Number, primary_key=True),
    Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("label", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("created", Number, nullable=False),
    Column("last_used", Number),
    Index("app_passwords_by_account", "account"),
)

bookings = Table(
    "bookings",
    metadata,
    Column("id", Number, primary_key=True),
    Column("room", Number, ForeignKey("rooms.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("organiser", Number, ForeignKey("accounts.id", ondelete="SET NULL")),
    Column("private", Integer, nullable=False),
    Column("endless", Integer, nullable=False),
    Column("rev", Number, nullable=False),
    Column("shown", Number, nullable=False),
    Column("created", Number, nullable=False),
    Column("modified", Number, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_manager", Text),
    Column("text_other", Text),
    UniqueConstraint("room", "name"),
    UniqueConstraint("room", "uid"),
    Index("bookings_listing", "room", "shown", "id", "name", "rev"),
    Index("bookings_by_organiser", "organiser"),
    Index(
        "bookings_endless",
        "room",
        "endless",
        sqlite_where=literal_column("endless = 1"),
        postgresql_where=literal_column("endless = 1"),
    ),
    sqlite_autoincrement=True,
)
"""`shown` is the room's seq when the texts were last made and so the change log of what is there (see `removals`)."""

occurrences = Table(
    "occurrences",
    metadata,
    Column("room", Number, ForeignKey("rooms.id"), nullable=False),
    Column("start", Number, nullable=False),
    Column("end", Number, nullable=False),
    Column("booking", Number, ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
    Column("recurrence_id", Number),
    Column("event", Integer, nullable=False),
    PrimaryKeyConstraint("room", "start", "booking"),
    Index("occurrences_by_booking", "booking"),
    sqlite_with_rowid=False,
)

removals = Table(
    "removals",
    metadata,
    Column("room", Number, ForeignKey("rooms.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("seq", Number, nullable=False),
    PrimaryKeyConstraint("room", "name"),
    Index("removals_by_seq", "room", "seq", "name"),
    sqlite_with_rowid=False,
)
"""Names that are gone from a room, with the room's seq when they went."""

nudges = Table(
    "nudges",
    metadata,
    Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("room", Number, ForeignKey("rooms.id"), nullable=False),
    Column("booking", Number, nullable=False),
    Column("n", Number, nullable=False),
    PrimaryKeyConstraint("account", "room", "booking"),
    Index("nudges_by_number", "account", "room", "n"),
    sqlite_with_rowid=False,
)
"""What an account is to fetch again after a refusal. `n` counts within account and room and never falls, so a row
outlives its booking."""

properties = Table(
    "properties",
    metadata,
    Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("xml", Text, nullable=False),
    PrimaryKeyConstraint("account", "path", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at", Number, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_by_time", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True),
    Column("created", Number, nullable=False),
    Column("due", Number, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("error", Text),
    Index("outbox_by_due", "due"),
)
"""Mails to be sent: `message` is the whole RFC 5322 text in ASCII, `due` also the lease of whoever is sending it."""


def _account() -> Column[int]:
    return Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False)


links = Table(
    "links",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("account", Number, ForeignKey("accounts.id", ondelete="CASCADE")),
    Column("address", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created", Number, nullable=False),
    Column("expires", Number, nullable=False),
    Index("links_by_address", "address", "purpose"),
    Index("links_by_account", "account"),
    Index("links_by_expiry", "expires"),
)
"""Mailed links that work once: a sign-up to confirm (the whole form is the JSON `payload`, there is no account yet), a
further address to confirm, a password to be chosen anew. `hash` is a keyed hash of the secret in the link."""

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    _account(),
    Column("created", Number, nullable=False),
    Column("used", Number, nullable=False),
    Column("expires", Number, nullable=False),
    Index("sessions_by_account", "account"),
    Index("sessions_by_expiry", "expires"),
)
"""Browsers that are signed in; `hash` is a keyed hash of the cookie."""

guesses = Table(
    "guesses",
    metadata,
    Column("key", Text, primary_key=True),
    Column("paid", Number, nullable=False),
    Index("guesses_by_paid", "paid"),
)
"""How far ahead of its allowance a guesser is: `paid` is the UTC epoch millisecond at which every guess is paid off."""

verdicts = Table(
    "verdicts",
    metadata,
    Column("digest", Text, primary_key=True),
    _account(),
    Column("at", Number, nullable=False),
    Index("verdicts_by_account", "account"),
)
"""Passwords found right since the server started, told among its workers: `digest` is keyed with what no disk holds.

Beside them, and keyed with the store's secret, which clients have signed an account in at all."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Number, primary_key=True),
    _account(),
    Column("hash", Text, nullable=False, unique=True),
    Column("feed", Text, nullable=False),
    Column("nameless", Integer, nullable=False),
    Column("created", Number, nullable=False),
    Column("last_used", Number),
    Index("subscriptions_by_account", "account"),
)
"""Feeds: `feed` is a room's slug, `all` or `mine`."""

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    _account(),
    Column("created", Number, nullable=False),
    PrimaryKeyConstraint("issuer", "subject"),
    Index("identities_by_account", "account"),
)
"""Who an account is to an identity provider or a directory."""
