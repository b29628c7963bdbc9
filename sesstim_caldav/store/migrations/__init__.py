"""The schema's history, run by Alembic when a store is opened."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from sesstim_caldav.store.database import Database, StoreUnavailable

HEAD = "0002"
"""The newest revision under `versions/`."""
_LOCK = 0x5E55714


def migrate(database: Database, lock_file: Path | None) -> None:
    """Brings a store to the newest schema; several processes may try at once. Raises `StoreUnavailable`."""
    try:
        if _revision(database.engine) == HEAD:
            return
        with _alone(database.engine, lock_file), database.engine.begin() as connection:
            _upgrade(connection)
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
        raise StoreUnavailable(str(error.orig)) from error


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # a tenth of a second to import, and only wanted when there is something to do
    from alembic.config import Config
    from alembic.util import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    try:
        command.upgrade(configuration, "head")
    except CommandError as error:
        raise StoreUnavailable(f"the store was written by a newer version of this program ({error})") from error


@contextmanager
def _alone(engine: sa.Engine, lock_file: Path | None) -> Iterator[None]:
    """Holds the one right to migrate: a file beside SQLite's, an advisory lock on PostgreSQL."""
    if lock_file is not None:
        with lock_file.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
