"""Questions from the event loop: what becomes of the one connection that asks them all."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString

import pytest
from sqlalchemy import Integer, bindparam, column, select, table

from app.db_async import LoopReader
from app.errors import Unavailable
from tests.factories.database import as_owner
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

_PROBE = select(column("value")).select_from(table("probe", column("value")))
_ASKED = _PROBE.where(column("value", Integer) >= bindparam("least", type_=Integer))


@pytest.fixture
def owner(services: None) -> Iterator[psycopg.Connection]:  # noqa: ARG001 - where it connects to
    """Return a connection of the owner beside a table with one row that the program may read."""
    with as_owner() as connection:
        connection.execute("CREATE TABLE probe AS SELECT 7 AS value")
        connection.execute("GRANT SELECT ON probe TO PUBLIC")
        yield connection
        connection.execute("DROP TABLE probe")


async def values(reader: LoopReader) -> list[Any]:
    return [row.value for row in await reader.rows(_ASKED, {"least": 0})]


async def test_who_waits_too_long_is_told_and_the_next_one_answered(
    owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = LoopReader()
    monkeypatch.setattr(reader, "_seconds", 0.3)
    with owner.transaction():
        owner.execute("LOCK TABLE probe")
        asked = (values(reader) for _ in range(3))
        found = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 60)
    assert [type(each) for each in found] == [Unavailable] * 3

    # Whoever asks now waits for as long as a busy machine takes.
    monkeypatch.setattr(reader, "_seconds", 60.0)
    assert await values(reader) == [7]
    await reader.close()


async def test_what_is_prepared_outlives_a_migration(owner: psycopg.Connection) -> None:
    reader = LoopReader()
    assert await values(reader) == [7]
    owner.execute("ALTER TABLE probe ALTER value TYPE bigint")

    assert await values(reader) == [7]
    await reader.close()


async def test_who_leaves_amid_a_question_takes_nothing_from_the_next(
    owner: psycopg.Connection,
) -> None:
    reader = LoopReader()
    with owner.transaction():
        owner.execute("LOCK TABLE probe")
        leaving = asyncio.create_task(values(reader))
        waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'probe'::regclass"
        is_waiting = partial(_has_rows, owner, waits)
        await asyncio.to_thread(wait_until, is_waiting, "the question stands behind the lock")
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving

    assert await values(reader) == [7]
    await reader.close()


def _has_rows(connection: psycopg.Connection, statement: LiteralString) -> bool:
    return bool(connection.execute(statement).fetchall())
