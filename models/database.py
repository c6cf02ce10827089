"""The engine for both databases, and the guard that refuses unscoped statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.pool import ConnectionPoolEntry

from models.base import OfficeOwned
from models.errors import KentonganError
from models.problems import Problem
from models.scope import OfficeScope, Scope

BUSY_MS = 10_000  # how long SQLite waits for another writer
FROZEN_MS = 60_000
"""A unit that has asked PostgreSQL nothing for so long is of a machine that sleeps: the
server ends it, or its locks would stop everybody else until the machine wakes."""


class Begin(StrEnum):
    """How a unit begins; matters on SQLite only."""

    READ = "read"
    WRITE = "write"  # BEGIN IMMEDIATE: fails at once or never
    DURABLE = "durable"  # and synchronous=FULL: survives a power cut


class UnscopedStatement(KentonganError):
    """A statement on an office's rows was run without saying whose."""


class StorageFailed(KentonganError):
    """The database could not store: full, locked by another program, unreachable."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail = detail


def make_engine(url: str) -> Engine:
    """Create the engine of an installation; nothing is connected yet."""
    if not url.startswith("sqlite"):
        server = create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
        )
        event.listen(server, "connect", _postgresql_connect)
        return server
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000},
        hide_parameters=True,  # they are words of citizens and sealed secrets
    )
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def open_session(engine: Engine, scope: Scope, begin: Begin) -> Session:
    """Open a session that sees only the rows of ``scope``."""
    session = Session(
        engine.execution_options(kentongan_begin=begin), expire_on_commit=False
    )
    session.info["scope"] = scope
    return session


def close_returned(engine: Engine) -> None:
    """From now on keep no connection that is given back.

    ``Engine.dispose`` forgets the connections that are in use, and does not close them:
    https://docs.sqlalchemy.org/en/20/core/connections.html#engine-disposal
    """
    event.listen(engine, "checkin", _close)


@contextmanager
def storing() -> Iterator[None]:
    """Turn the database's own failures into :class:`StorageFailed`."""
    try:
        yield
    except DBAPIError as error:
        failed = failure_of(error)
        if failed is None:
            raise
        raise failed from error


def failure_of(error: DBAPIError) -> StorageFailed | None:
    """What an error of the driver means; None when the database itself is well."""
    said = str(error.orig)
    code = getattr(error.orig, "sqlstate", None) or ""  # psycopg's
    problem = _CODES.get(code) or _problem(said, error.connection_invalidated)
    return None if problem is None else StorageFailed(problem, said)


_CODES = {
    "25P03": Problem.DATABASE_UNREACHABLE,  # idle_in_transaction_session_timeout
    "25006": Problem.DATABASE_READ_ONLY,  # read_only_sql_transaction
    "40001": Problem.DATABASE_LOCKED,  # serialization_failure
    "40P01": Problem.DATABASE_LOCKED,  # deadlock_detected: this side was rolled back
    "53100": Problem.DISK_FULL,
    "53200": Problem.DATABASE_UNREACHABLE,  # out_of_memory
    "53300": Problem.DATABASE_UNREACHABLE,  # too_many_connections
    "55P03": Problem.DATABASE_LOCKED,  # lock_not_available
    "57P01": Problem.DATABASE_UNREACHABLE,  # admin_shutdown
    "57P02": Problem.DATABASE_UNREACHABLE,  # crash_shutdown
    "57P03": Problem.DATABASE_UNREACHABLE,  # cannot_connect_now
}
"""https://www.postgresql.org/docs/15/errcodes-appendix.html; a server may speak another
language than English, its codes do not."""

_SAID = (
    ("disk is full", Problem.DISK_FULL),
    ("no space left", Problem.DISK_FULL),
    ("disk i/o", Problem.DISK_FULL),
    ("database is locked", Problem.DATABASE_LOCKED),
    ("database table is locked", Problem.DATABASE_LOCKED),
    ("unable to open database file", Problem.DATABASE_UNOPENED),
    ("readonly database", Problem.DATABASE_READ_ONLY),
    ("read-only transaction", Problem.DATABASE_READ_ONLY),
    ("file is not a database", Problem.DATABASE_DAMAGED),
    ("disk image is malformed", Problem.DATABASE_DAMAGED),
    ("connection failed", Problem.DATABASE_UNREACHABLE),
    ("connection refused", Problem.DATABASE_UNREACHABLE),
)
"""How SQLite (sqlite3ErrStr) says it, and PostgreSQL before it is connected: their
codes do not come through."""


def _problem(said: str, lost: bool) -> Problem | None:
    lower = said.lower()
    for words, problem in _SAID:
        if words in lower:
            return problem
    return Problem.DATABASE_UNREACHABLE if lost else None


def _sqlite_connect(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased leaves the file too
    cursor.close()


def _postgresql_connect(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {FROZEN_MS}")
    connection.commit()


def _close(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.close()


def _sqlite_begin(connection: Connection) -> None:
    begin = connection.get_execution_options().get("kentongan_begin", Begin.WRITE)
    level = "FULL" if begin is Begin.DURABLE else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    connection.exec_driver_sql("BEGIN" if begin is Begin.READ else "BEGIN IMMEDIATE")


@event.listens_for(Session, "do_orm_execute")
def _keep_to_scope(state: ORMExecuteState) -> None:
    """Add the office to every statement on an office's rows, or refuse it."""
    scope = state.session.info.get("scope")
    if scope is None:
        raise UnscopedStatement("a statement without a scope")
    if not isinstance(scope, OfficeScope):
        return
    if not state.is_orm_statement:
        raise UnscopedStatement("plain SQL cannot be kept to one office")
    if not state.is_insert:
        office_id = scope.office_id
        state.statement = state.statement.options(
            with_loader_criteria(
                OfficeOwned,
                lambda table: table.office_id == office_id,
                include_aliases=True,
            )
        )


@event.listens_for(Session, "before_flush")
def _write_only_in_scope(
    session: Session, _context: UOWTransaction, _instances: Any
) -> None:
    scope = session.info.get("scope")
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, OfficeOwned):
            continue
        if scope is None:
            raise UnscopedStatement(f"{type(row).__name__} written without a scope")
        if isinstance(scope, OfficeScope) and row.office_id != scope.office_id:
            raise UnscopedStatement(
                f"{type(row).__name__} of office {row.office_id} written "
                f"in the scope of office {scope.office_id}"
            )
