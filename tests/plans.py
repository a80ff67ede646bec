"""How Postgres carries out what a use case asks: counted, not timed, so the same on any machine."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from app import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Statement = tuple[str, Any]


def heard_of(asks: Callable[[], object]) -> list[Statement]:
    """Run what reads and return the statements it took, and none of other threads."""
    heard: list[Statement] = []
    ours = threading.get_ident()

    def hear(_one: object, _two: object, statement: str, values: Any, *_: object) -> None:
        if threading.get_ident() == ours:
            heard.append((statement, values))

    event.listen(db.reading_engine(), "before_cursor_execute", hear)
    try:
        asks()
    finally:
        event.remove(db.reading_engine(), "before_cursor_execute", hear)
    return heard


def plans_of(statements: list[Statement]) -> Iterator[dict[str, Any]]:
    """Run statements once more, one after the other, and yield how each was carried out."""
    with db.raw_connection() as connection, connection.transaction():
        for statement, values in statements:
            if "set_config" in statement:
                connection.execute(statement.encode(), values)
                continue
            explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
            row = connection.execute(explained.encode(), values).fetchone()
            assert row is not None
            yield row[0][0]["Plan"]


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node of a plan and all below it."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)
