"""Reading from the event loop itself: for one short statement that is asked again and again.

A thread, a transaction around the statement and the way of SQLAlchemy take several times as long as
what Postgres finds by a key. Everything else goes through `app.db`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, LiteralString, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from app import db
from app.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from sqlalchemy import Select

# A question by a key that takes longer is not answered any more: others wait for their turn.
ANSWER_SECONDS: Final = 10.0


class LoopReader:
    """Keeps one connection for each event loop; each statement is a transaction of its own."""

    def __init__(self, *, seconds: float = ANSWER_SECONDS) -> None:
        """Connect at the first question; give each so many `seconds`, its turn included."""
        self._seconds = seconds
        # A connection belongs to the event loop it was made in.
        self._kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = WeakKeyDictionary()

    async def rows(
        self, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]
    ) -> list[Any]:
        """Return the rows, each with its columns by name; waits for who has asked before.

        Raises Unavailable when the database cannot be reached or does not answer in time.
        """
        kept = self._kept.setdefault(asyncio.get_running_loop(), _Kept())
        try:
            # What is under way is called off; psycopg closes a connection that cannot do even that.
            async with asyncio.timeout(self._seconds):
                return await kept.rows(_written(statement), values)
        except (psycopg.OperationalError, TimeoutError) as problem:
            raise Unavailable("The database does not answer; try again in a moment.") from problem

    async def close(self) -> None:
        """Close the connection of this event loop."""
        kept = self._kept.pop(asyncio.get_running_loop(), None)
        if kept is not None:
            await kept.close()


class _Kept:
    """A connection, and whose turn it is."""

    def __init__(self) -> None:
        """Connect at the first question."""
        self._url = ""
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def rows(self, statement: LiteralString, values: Mapping[str, object]) -> list[Any]:
        """Return the rows. Raises psycopg.OperationalError."""
        async with self._turn:
            if self._connection is not None and self._url == db.database_url():
                try:
                    return await _read(self._connection, statement, values)
                except psycopg.errors.FeatureNotSupported:
                    # A migration has changed what a statement returns that is prepared here.
                    pass
                except psycopg.OperationalError:
                    # The server may have ended it since it was used last; reading can be done anew.
                    if not self._connection.closed:
                        raise
            return await _read(await self._connect(), statement, values)

    async def close(self) -> None:
        """Close the connection when everybody who asks has been answered."""
        async with self._turn:
            await self._leave()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        await self._leave()
        self._url = db.database_url()
        self._connection = await db.async_connection()
        return self._connection

    async def _leave(self) -> None:
        kept, self._connection = self._connection, None
        if kept is not None:
            await kept.close()


@cache
def _written(statement: Select[*tuple[Any, ...]]) -> LiteralString:
    """Return a statement as psycopg reads it, with the names of its values in place of them."""
    return cast("LiteralString", str(statement.compile(dialect=PGDialect_psycopg())))


async def _read(
    connection: psycopg.AsyncConnection[Any], statement: LiteralString, values: Mapping[str, object]
) -> list[Any]:
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(statement, values, prepare=True)
        return await cursor.fetchall()


# The web process has one; `app.app` has it closed when the program ends.
loop_reader: Final = LoopReader()


@asynccontextmanager
async def reading_in_loop() -> AsyncGenerator[None]:
    """Close the connection at the end of the block, which is as long as the program runs."""
    yield
    await loop_reader.close()
