"""Connections to SQLite or PostgreSQL, and statements that are compiled once.

SQLAlchemy Core says what a statement is and each dialect how it is written; it then runs on the driver's own connection
as a finished string, which costs a tenth of Core's own execution (notes/store.md has the figures).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.compiler import SQLCompiler

BUSY_SECONDS = 10
"""How long a write waits for its lock."""
ROWS_AT_A_TIME = 500
"""How many rows of a stream are in memory."""

Row = tuple[Any, ...]
Values = Mapping[str, Any]
Transaction = Literal["read", "write"]


class utf8(sa.sql.functions.GenericFunction[bytes]):
    """A text as its UTF-8 bytes, for what is only copied: the driver then decodes nothing."""

    type = sa.LargeBinary()
    inherit_cache = True


@compiles(utf8, "sqlite")
def _utf8_on_sqlite(element: utf8, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(utf8, "postgresql")
def _utf8_on_postgresql(element: utf8, compiler: SQLCompiler, **options: Any) -> str:
    return f"convert_to({compiler.process(element.clauses, **options)}, 'UTF8')"


class StoreUnavailable(Exception):
    """The store cannot answer just now: a lock not had within ten seconds, a full disk, a database that is away.

    Nothing of the transaction is stored. HTTP says 503 with `Retry-After` (DESIGN: clients then keep what they have).
    """


class Statement:
    """A statement of SQLAlchemy Core, compiled once a dialect. Its parameters are the names of its `bindparam`s."""

    __slots__ = ("clause",)

    def __init__(self, clause: sa.ClauseElement) -> None:
        self.clause = clause

    def compiled(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any] | None]:
        """The text for a dialect's driver, and the constants among its parameters (None: there are none)."""
        compiled = self.clause.compile(dialect=dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants or None


class Session:
    """One driver connection, used by one thread at a time; `run` and its kin are what a transaction is made of."""

    __slots__ = ("_texts", "driver", "sqlite")

    def __init__(self, driver: Any, sqlite: bool, texts: _Texts) -> None:
        self.driver = driver
        self.sqlite = sqlite
        self._texts = texts

    def run(self, statement: Statement, values: Values) -> Any:
        """Executes a statement; answers the driver's cursor."""
        text, constants = self._texts[statement]
        return self.driver.execute(text, values if constants is None else {**constants, **values})

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Executes a statement once for each set of values (without constants of its own)."""
        text, _ = self._texts[statement]
        self.driver.cursor().executemany(text, values)

    def one(self, statement: Statement, values: Values) -> Row | None:
        row: Row | None = self.run(statement, values).fetchone()
        return row

    def all(self, statement: Statement, values: Values) -> list[Row]:
        rows: list[Row] = self.run(statement, values).fetchall()
        return rows

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a query, of which a few hundred at a time are in memory."""
        text, constants = self._texts[statement]
        if self.sqlite:
            cursor = self.driver.cursor()
        else:
            cursor = self.driver.cursor(name=f"stream_{id(object())}_{threading.get_ident()}_{next(_numbers)}")
        try:
            cursor.execute(text, values if constants is None else {**constants, **values})
            while rows := cursor.fetchmany(ROWS_AT_A_TIME):
                yield from rows
        finally:
            cursor.close()


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


class _Texts(dict[Statement, tuple[str, dict[str, Any] | None]]):
    """Statements compiled for one dialect, at their first use."""

    def __init__(self, dialect: sa.Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, statement: Statement) -> tuple[str, dict[str, Any] | None]:
        found = self[statement] = statement.compiled(self._dialect)
        return found


class Database:
    """A database and its idle connections. Safe across threads and forks: a child opens connections of its own."""

    def __init__(self, url: sa.URL) -> None:
        self.sqlite = url.get_backend_name() == "sqlite"
        self.url = url
        options: dict[str, Any] = {"poolclass": NullPool}
        if self.sqlite:
            options |= {
                "paramstyle": "named",
                "connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256},
            }
        else:
            options["connect_args"] = {"connect_timeout": BUSY_SECONDS}
        self.engine = sa.create_engine(url, **options)
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_immediately)
        driver = self.engine.dialect.loaded_dbapi
        self.troubles: tuple[type[Exception], ...] = (
            driver.OperationalError,
            driver.InternalError,
            driver.InterfaceError,
        )
        self.conflicts: tuple[type[Exception], ...] = (driver.IntegrityError,)
        self._texts = _Texts(self.engine.dialect)
        self._begin = {
            "read": "BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            "write": "BEGIN IMMEDIATE" if self.sqlite else "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
        self._process = os.getpid()
        self._idle: deque[Session] = deque()
        self._inherited: list[Session] = []
        self._writer = threading.Lock()

    def acquire(self) -> Session:
        """An idle connection, or a new one."""
        if self._process != os.getpid():
            self._forked()
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def release(self, session: Session) -> None:
        """Takes a connection back that is in no transaction."""
        self._idle.append(session)

    def discard(self, session: Session) -> None:
        """Closes a connection that had trouble."""
        with suppress(Exception):  # whatever it says, it is gone
            session.driver.close()

    def _connect(self) -> Session:
        try:
            fairy = self.engine.raw_connection()
        except sa.exc.DBAPIError as error:
            raise StoreUnavailable(str(error.orig)) from error
        driver = fairy.driver_connection
        fairy.detach()
        if not self.sqlite:
            driver.autocommit = True  # type: ignore[union-attr]
            driver.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")  # type: ignore[union-attr]
        return Session(driver, self.sqlite, self._texts)

    def _forked(self) -> None:
        """In a child: the parent's connections are left alone (closing them could disturb the parent's)."""
        self._inherited.extend(self._idle)
        self._idle = deque()
        self._writer = threading.Lock()
        self._process = os.getpid()

    def close(self) -> None:
        """Closes the idle connections."""
        if self._process == os.getpid():
            while self._idle:
                self.discard(self._idle.pop())
        self.engine.dispose()

    def begin(self, kind: Transaction) -> Session:
        """Begins a transaction on a connection. Raises `StoreUnavailable`."""
        if kind == "write" and self.sqlite:
            # SQLite's own waiting is by sleeping; among the threads of a process a lock is handed on at once
            if self._process != os.getpid():
                self._forked()
            if not self._writer.acquire(timeout=BUSY_SECONDS):
                raise StoreUnavailable("the store is busy")
        try:
            while True:
                fresh = not self._idle
                session = self.acquire()
                try:
                    session.driver.execute(self._begin[kind])
                    return session
                except self.troubles as error:
                    self.discard(session)
                    if fresh or self.sqlite:
                        raise StoreUnavailable(str(error)) from error
        except BaseException:
            self._let_write(kind)
            raise

    def end(self, kind: Transaction, session: Session, error: BaseException | None) -> None:
        """Commits, or rolls back after an error. Raises `StoreUnavailable` for trouble with the database."""
        try:
            if error is None:
                session.driver.execute("COMMIT")
            else:
                session.driver.execute("ROLLBACK")
        except self.troubles as trouble:
            if error is None or isinstance(error, self.troubles):
                self._abandon(session)
                raise StoreUnavailable(str(error or trouble)) from (error or trouble)
            self._abandon(session)
        except BaseException:
            self._abandon(session)
            raise
        else:
            self.release(session)
        finally:
            self._let_write(kind)
        if isinstance(error, self.troubles):
            raise StoreUnavailable(str(error)) from error

    def _abandon(self, session: Session) -> None:
        with suppress(Exception):  # it is closed next, which rolls back as well
            session.driver.execute("ROLLBACK")
        self.discard(session)

    def _let_write(self, kind: Transaction) -> None:
        if kind == "write" and self.sqlite:
            self._writer.release()


class Work:
    """A transaction as a context: commits at the end, rolls back after an exception."""

    __slots__ = ("database", "session")
    kind: Transaction = "read"

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Self:
        self.session = self.database.begin(self.kind)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.end(self.kind, self.session, error)


class Change(Work):
    """A transaction that writes. On SQLite it holds the one write lock, on PostgreSQL the rows that it locks."""

    __slots__ = ()
    kind: Transaction = "write"


def storable(text: str) -> bool:
    """Whether both databases can hold a text: one with a NUL or half a surrogate pair names nothing that is stored."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def database_url(url: str, data_dir: Path) -> sa.URL:
    """The address of the store: PostgreSQL's where one is given, else the SQLite file in the data folder."""
    if url:
        return sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.URL.create("sqlite", database=str(data_dir.absolute() / "sesstim.db"))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by hand
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted is overwritten, as Debian's SQLite does anyway
        "cache_size = -4000",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediately(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
