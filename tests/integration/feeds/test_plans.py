"""How a sync's hot statements are carried out beside 100,000 products: counted, not timed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest
from sqlalchemy import event, text

from app import db
from app.services.feeds import pull as pull_module
from app.services.feeds import statements
from app.services.feeds.staging import BATCH
from tests.factories.catalogue import fill
from tests.factories.database import empty_database, owners_work
from tests.integration.feeds.conftest import pull

# So many rows take minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

PRODUCTS: Final = 100_000
# As many as change between two syncs of a quarter of an hour.
CHANGED: Final = 500

STAGED: Final = """
INSERT INTO stage (
    product_id, external_id, sku, name, description, brand, category, price_minor, currency, stock,
    attributes, record_hash, source_hash
)
SELECT id, external_id, sku, name, description, brand, 'Tools', price_minor + 1, currency, stock,
    '{}', sha256(external_id::bytea), ''
FROM product WHERE feed_id = 1 ORDER BY id LIMIT %s
"""
NEW: Final = """
INSERT INTO stage (
    external_id, name, description, category, price_minor, currency, attributes, record_hash
)
SELECT 'new' || n, 'A new ladder', '', 'Tools', 100, 'EUR', '{}', sha256(n::text::bytea)
FROM generate_series(1, %s) AS n
"""


@pytest.fixture(scope="module", autouse=True)
def catalogue(services: None) -> None:  # noqa: ARG001 - where it is written
    """Fill the database once; the next test that asks for an empty one empties it."""
    empty_database()
    with owners_work() as work:
        fill(work.session, PRODUCTS)


@pytest.fixture
def staged() -> Iterator[psycopg.Connection]:
    """Stage as much as changes between two syncs, in a transaction that is given up."""
    with db.raw_connection() as connection, connection.transaction(force_rollback=True):
        connection.execute(statements.TABLES)
        connection.execute(STAGED, (CHANGED,))
        connection.execute(NEW, (CHANGED,))
        for statement in (*statements.SETTINGS, *statements.PREPARE):
            connection.execute(statement.encode())
        yield connection


def test_a_batch_is_looked_up_in_the_index() -> None:
    with db.raw_connection() as connection:
        names = [f"x{number}" for number in range(BATCH)]
        plan = carried_out(connection, statements.KNOWN, (1, names))
        assert read_whole(plan) == set()
        assert plan["Index Name"] == "uq_product_feed_id_external_id"
        # Each product's own page, and a way down the index that is walked once.
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 3 * BATCH


@pytest.mark.parametrize("name", ["UPDATE", "INSERT", "PRICE_POINTS", "WORDS"])
def test_what_is_written_does_not_read_the_catalogue(staged: psycopg.Connection, name: str) -> None:
    given = {"feed_id": 1, "supplier_id": 1, "moment": "now"}
    plan = carried_out(staged, in_psycopg(getattr(statements, name)), given)
    assert read_whole(plan) == set()


def test_what_is_missing_is_found_in_one_look_at_the_products(staged: psycopg.Connection) -> None:
    marks = b"\xff" * (PRODUCTS // 8 + 1)
    given = {"feed_id": 1, "moment": "now", "marks": marks, "lowest": 1, "highest": PRODUCTS}
    plan = carried_out(staged, in_psycopg(statements.WITHDRAW), given)
    reading = [node for node in nodes_of(plan) if node.get("Relation Name") == "product"]
    scans = [node for node in reading if "Scan" in node["Node Type"]]
    assert len(scans) == 1
    assert scans[0]["Actual Rows"] == 0
    assert scans[0]["Actual Loops"] == 1


@pytest.mark.usefixtures("database")
def test_each_batch_takes_a_look_up_and_a_copy(
    feed_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.feeds.staging.BATCH", 50)
    few = statements_of(feed_id, monkeypatch)
    assert few <= 60
    with owners_work() as work:
        work.session.execute(text("TRUNCATE product, sync_run CASCADE"))
        work.session.execute(text("UPDATE feed SET products = 0, fingerprint = NULL"))
    monkeypatch.setattr("app.services.feeds.staging.BATCH", 10)
    assert statements_of(feed_id, monkeypatch) <= few + 8 * 2


def statements_of(feed_id: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Sync a feed and return how many statements that took."""
    heard: list[str] = []

    def note(statement: str) -> None:
        # What follows the flags looks at them every second, whoever works meanwhile.
        if threading.current_thread().name != "flags":
            heard.append(statement)

    def hear(_one: object, _two: object, statement: str, *_: object) -> None:
        note(statement)

    execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

    def executed(connection: Any, query: Any, *given: Any, **more: Any) -> Any:
        note(str(query))
        return execute(connection, query, *given, **more)

    def copied(cursor: Any, query: Any, *given: Any, **more: Any) -> Any:
        note(str(query))
        return copy(cursor, query, *given, **more)

    event.listen(db.engine(), "before_cursor_execute", hear)
    try:
        with monkeypatch.context() as patch:
            # However long it takes: it would look once a second whether it is still wanted.
            patch.setattr(pull_module, "LOOK_EVERY_SECONDS", 3600.0)
            patch.setattr(psycopg.Connection, "execute", executed)
            patch.setattr(psycopg.Cursor, "copy", copied)
            assert pull(feed_id).counts.created == 100
    finally:
        event.remove(db.engine(), "before_cursor_execute", hear)
    return len(heard)


def in_psycopg(statement: str) -> str:
    """Return a statement of SQLAlchemy's as psycopg takes it."""
    text_of_it = text(statement).compile(dialect=db.engine().dialect)
    return str(text_of_it)


def carried_out(connection: psycopg.Connection, statement: str, given: Any) -> dict[str, Any]:
    """Carry a statement out and return how that was done."""
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
    row = connection.execute(explained.encode(), given).fetchone()
    assert row is not None
    return row[0][0]["Plan"]


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node of a plan and all below it."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def read_whole(plan: dict[str, Any]) -> set[str]:
    """Return which tables that grow with the catalogue are read from their start."""
    large = {"product", "price_point", "word"}
    return {
        node["Relation Name"] for node in nodes_of(plan) if node["Node Type"] == "Seq Scan"
    } & large
