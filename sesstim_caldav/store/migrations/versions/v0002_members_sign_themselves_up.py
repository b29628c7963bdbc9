"""Mailed links, sessions, guesses at passwords, subscriptions and organisation logins."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _account() -> sa.Column[int]:
    return sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("terms", NUMBER))
    op.add_column("outbox", sa.Column("error", sa.Text()))
    op.create_table(
        "links",
        sa.Column("hash", sa.Text(), primary_key=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE")),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
    )
    op.create_index("links_by_address", "links", ["address", "purpose"])
    op.create_index("links_by_account", "links", ["account"])
    op.create_index("links_by_expiry", "links", ["expires"])
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), primary_key=True),
        _account(),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
    )
    op.create_index("sessions_by_account", "sessions", ["account"])
    op.create_index("sessions_by_expiry", "sessions", ["expires"])
    op.create_table(
        "guesses",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("paid", NUMBER, nullable=False),
    )
    op.create_index("guesses_by_paid", "guesses", ["paid"])
    op.create_table(
        "verdicts",
        sa.Column("digest", sa.Text(), primary_key=True),
        _account(),
        sa.Column("at", NUMBER, nullable=False),
    )
    op.create_index("verdicts_by_account", "verdicts", ["account"])
    op.create_table(
        "subscriptions",
        sa.Column("id", NUMBER, primary_key=True),
        _account(),
        sa.Column("hash", sa.Text(), nullable=False, unique=True),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("nameless", sa.Integer(), nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("last_used", NUMBER),
    )
    op.create_index("subscriptions_by_account", "subscriptions", ["account"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        _account(),
        sa.Column("created", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("identities_by_account", "identities", ["account"])
    op.create_index("audit_by_time", "audit", ["at"])
