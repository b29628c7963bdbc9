"""Rooms, accounts, bookings, their occurrences and what has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("email", sa.Text(), nullable=False, unique=True),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("epoch", NUMBER, nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("due", NUMBER, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
    )
    op.create_index("outbox_by_due", "outbox", ["due"])
    op.create_table(
        "rooms",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("horizon", NUMBER, nullable=False),
        sa.Column("modified", NUMBER, nullable=False),
    )
    op.create_table(
        "addresses",
        sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "address"),
    )
    op.create_index("addresses_by_address", "addresses", ["address"])
    op.create_table(
        "app_passwords",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False, unique=True),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("last_used", NUMBER),
    )
    op.create_index("app_passwords_by_account", "app_passwords", ["account"])
    op.create_table(
        "bookings",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("room", NUMBER, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("organiser", NUMBER, sa.ForeignKey("accounts.id", ondelete="SET NULL")),
        sa.Column("private", sa.Integer(), nullable=False),
        sa.Column("endless", sa.Integer(), nullable=False),
        sa.Column("rev", NUMBER, nullable=False),
        sa.Column("shown", NUMBER, nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("modified", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_manager", sa.Text()),
        sa.Column("text_other", sa.Text()),
        sa.UniqueConstraint("room", "name"),
        sa.UniqueConstraint("room", "uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("bookings_by_organiser", "bookings", ["organiser"])
    op.create_index(
        "bookings_endless",
        "bookings",
        ["room", "endless"],
        sqlite_where=sa.text("endless = 1"),
        postgresql_where=sa.text("endless = 1"),
    )
    op.create_index("bookings_listing", "bookings", ["room", "shown", "id", "name", "rev"])
    op.create_table(
        "nudges",
        sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("room", NUMBER, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("booking", NUMBER, nullable=False),
        sa.Column("n", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("account", "room", "booking"),
        sqlite_with_rowid=False,
    )
    op.create_index("nudges_by_number", "nudges", ["account", "room", "n"])
    op.create_table(
        "properties",
        sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "path", "name"),
    )
    op.create_table(
        "removals",
        sa.Column("room", NUMBER, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("room", "name"),
        sqlite_with_rowid=False,
    )
    op.create_index("removals_by_seq", "removals", ["room", "seq", "name"])
    op.create_table(
        "occurrences",
        sa.Column("room", NUMBER, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("start", NUMBER, nullable=False),
        sa.Column("end", NUMBER, nullable=False),
        sa.Column("booking", NUMBER, sa.ForeignKey("bookings.id", ondelete="CASCADE"), nullable=False),
        sa.Column("recurrence_id", NUMBER),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("room", "start", "booking"),
        sqlite_with_rowid=False,
    )
    op.create_index("occurrences_by_booking", "occurrences", ["booking"])
