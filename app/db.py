"""The database: one engine per process and URL, sessions, and waiting for notifications."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, create_engine, event, func
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlmodel import Session

from app.config import settings
from app.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Executable

CONNECT_TIMEOUT_SECONDS = 5
POOL_SIZE = 10
POOL_OVERFLOW = 20
# A transaction with a statement that this is part of commits without waiting for the disk. A
# server that crashes in that moment forgets it as a whole, with all that came after it, so this is
# for what comes back by itself and is followed by a commit that does wait.
NOT_DURABLE = func.set_config("synchronous_commit", "off", True)  # noqa: FBT003 - Postgres' order
# Of the web: shorter than an event or a request may take, which could only be left alone.
STATEMENT_SECONDS = 20
TRANSACTION_SECONDS = 25
# A statement, a transaction; one that had written to the audit and then did nothing; and one of
# several that waited for each other, which is ended so that the others go on.
_TOOK_TOO_LONG = ("57014", "25P04", "25P03", "40P01")
# SQLSTATE classes: connection exception, and shutdown or start of the server; and a replica that
# has to follow what would take away what somebody reads.
_GOING_DOWN = ("08", "57P", "40001")


def _dsn(url: str) -> str:
    """Return the URL without SQLAlchemy's driver part, as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


_bounds: list[str] = []


def bound_transactions() -> None:
    """Have Postgres end what takes long in this process: a visitor waits for it, or has left.

    For the web, before it connects; workers and migrations take the time they need.
    """
    _bounds[:] = [
        f"-c statement_timeout={STATEMENT_SECONDS}s",
        f"-c transaction_timeout={TRANSACTION_SECONDS}s",
    ]


@cache
def _engine(url: str, *bounds: str) -> Engine:
    found = create_engine(
        make_url(_dsn(url)).set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": _options(*bounds),
        },
    )
    event.listen(found, "checkout", _begin)
    return found


def _options(*bounds: str) -> str:
    return " ".join(["-c timezone=UTC", *bounds])


def _begin(connection: psycopg.Connection, _record: object, _proxy: object) -> None:
    """Begin the transaction as soon as the pool hands out a connection.

    That is a round trip which the first statement would make anyway, and it finds out whether the
    server has ended the connection, for which `pool_pre_ping` would need one more.
    """
    if connection.pgconn.exec_(b"BEGIN").status != ExecStatus.COMMAND_OK:
        raise DisconnectionError


def database_url() -> str:
    """Return the URL of the database.

    Raises Misconfigured where none is set and no embedded one runs.
    """
    url = settings().database_url
    if url is None:
        raise Misconfigured(
            "No database is running: start the program with `make up`, or set DATABASE_URL."
        )
    return url.get_secret_value()


def engine() -> Engine:
    """Return the engine of the database that is written to."""
    return _engine(database_url(), *_bounds)


def owner_engine() -> Engine:
    """Return the engine of the role that owns the tables, for migrations: without bounds."""
    owner = settings().database_owner_url
    return _engine(owner.get_secret_value() if owner else database_url())


def reading_url() -> str:
    """Return the URL that `reading_engine` reads from, as libpq reads it."""
    replica = settings().database_replica_url
    return _dsn(replica.get_secret_value() if replica else database_url())


def reading_engine() -> Engine:
    """Return the engine for work that only reads: the replica where there is one."""
    replica = settings().database_replica_url
    return _engine(replica.get_secret_value(), *_bounds) if replica else engine()


def open_session(*, read_only: bool = False, on: Connection | None = None) -> Session:
    """Open a session, `on` a connection where one is given.

    The caller commits, rolls back and closes it.
    """
    bind = on or (reading_engine() if read_only else engine())
    return Session(bind, expire_on_commit=False)


def end_reading(session: Session) -> None:
    """Roll back a transaction that has only read, keeping the statements that are prepared.

    psycopg forgets them at a rollback of its own, since what a transaction has made and they name
    may be gone. After reading, nothing is: without this, no query would ever be prepared.
    """
    if session.in_transaction():
        driver = cast("psycopg.Connection", session.connection().connection.driver_connection)
        # Where the server has gone meanwhile, the rollback below says so as every statement does.
        with suppress(psycopg.Error):
            driver.pgconn.exec_(b"ROLLBACK")
    session.rollback()


@contextmanager
def dedicated_connection() -> Iterator[Connection]:
    """Connect outside the pool: what a session of Postgres holds ends with the block.

    For work that keeps temporary tables and a session's lock from one transaction to the next.
    """
    with engine().connect() as connection:
        connection.detach()
        yield connection


def spelled_out(connection: Connection, statement: Executable, values: dict[str, Any]) -> str:
    """Return a statement with its values written in by psycopg: for a driver that takes none."""
    compiled = cast("Any", statement).compile(dialect=connection.dialect)
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    cursor = psycopg.ClientCursor(driver)
    given = compiled.construct_params(values)
    return cursor.mogrify(str(compiled).encode(), given)


def is_away(problem: DBAPIError) -> bool:
    """Tell whether a statement failed because the database cannot be reached or is going down.

    Or because it is a replica, which does not wait for those who read.
    """
    state = getattr(problem.orig, "sqlstate", None)
    return isinstance(problem, OperationalError | InterfaceError) and (
        state is None or state.startswith(_GOING_DOWN)
    )


def took_too_long(problem: DBAPIError) -> bool:
    """Tell whether Postgres ended a statement or transaction because of the time it took.

    Or would have taken: it waited for another that waited for it.
    """
    return getattr(problem.orig, "sqlstate", None) in _TOOK_TOO_LONG


def raw_connection() -> AbstractContextManager[psycopg.Connection]:
    """Connect without a pool, committing each statement: for COPY, locks and LISTEN."""
    return psycopg.connect(
        _dsn(database_url()), autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
    )


async def async_connection() -> psycopg.AsyncConnection[Any]:
    """Connect without a pool from an event loop, committing each statement.

    A server that is gone without a word is given up after as long as a statement may take.
    """
    return await psycopg.AsyncConnection.connect(
        _dsn(database_url()),
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        tcp_user_timeout=1000 * STATEMENT_SECONDS,
        options=_options(*_bounds),
    )


def notifications(channel: str, *, timeout: float) -> Iterator[bool]:
    """Yield True when notifications came on `channel`, False after `timeout` seconds without.

    What came together counts as one, so that a burst wakes the listener once. Raises
    psycopg.OperationalError when the connection is lost.
    """
    with raw_connection() as connection:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        while True:
            heard = any([*connection.notifies(timeout=timeout, stop_after=1)])
            if heard:
                for _ in connection.notifies(timeout=0):
                    pass
            yield heard
