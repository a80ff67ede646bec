"""How the hot questions are answered at 100,000 products, so that no change slows them silently.

What a plan looks at is counted, not timed: the figures are the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import event, select, text
from sqlmodel import SQLModel

from app import db
from app.services.catalogue import search_catalogue
from app.services.catalogue.cursors import Cursor, microseconds
from app.services.catalogue.listing import PAGE_SIZE
from app.services.catalogue.matching import PRODUCT
from app.services.catalogue.statements import COUNTED
from app.views.catalogue_query import CatalogueQuery, Sort
from app.work import open_work, reading
from tests.factories.catalogue import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTS: Final = 100_000
# Tables that grow with the catalogue: reading one from its start is what must not happen.
LARGE: Final = frozenset({"product", "price_point", "word"})

Statement = tuple[str, Any]

QUESTIONS: Final = {
    "empty box": (CatalogueQuery(), 7),
    "one broad word": (CatalogueQuery(text="screwdriver"), 7),
    "a beginning": (CatalogueQuery(text="screwd"), 7),
    "two words with filters": (
        CatalogueQuery(text="steel bottle", suppliers=(1,), in_stock=True),
        7,
    ),
    "two mistyped words": (CatalogueQuery(text="cordles scewdriver"), 14),
    "a main category": (CatalogueQuery(category=1), 6),
    "a shelf": (CatalogueQuery(category=100), 6),
    "a supplier and a brand": (CatalogueQuery(suppliers=(2,), brands=("Brand7",)), 5),
    "the cheapest first": (CatalogueQuery(text="desk", sort=Sort.PRICE_UP), 8),
    "a range of prices": (CatalogueQuery(price_min=5_000, price_max=6_000), 6),
}
ORDERS: Final = {
    Sort.NEWEST: "created_at DESC",
    Sort.NAME: "lower(name)",
    Sort.PRICE_UP: "price_minor",
    Sort.PRICE_DOWN: "price_minor DESC",
}


@pytest.fixture(scope="module", autouse=True)
def catalogue(services: None) -> None:  # noqa: ARG001 - where it is written
    """Fill the database once; the next test that asks for an empty one empties it."""
    with open_work() as work:
        tables = ", ".join(table.name for table in SQLModel.metadata.sorted_tables)
        work.session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        fill(work.session, PRODUCTS)


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_looks_at_no_more_than_is_shown(name: str) -> None:
    query, most_statements = QUESTIONS[name]
    statements = heard_of(query)
    assert len(statements) <= most_statements
    for plan in plans_of(statements):
        for node in nodes_of(plan):
            read = node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
            assert not read, f"{node['Relation Name']} is read from its start"
            if "Sort" in node["Node Type"]:
                sorted_rows = sum(rows_of(part) for part in node["Plans"])
                assert sorted_rows <= COUNTED + 1, "more is sorted than is ranked or counted"


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("sort", ORDERS)
def test_a_page_far_down_is_found_like_the_first(sort: Sort) -> None:
    looked_at = []
    for query in (CatalogueQuery(sort=sort, currency="EUR"), far_down(sort)):
        plans = [plan for plan in plans_of(heard_of(query)) if plan["Node Type"] == "Limit"]
        (plan,) = [plan for plan in plans if rows_of(plan) == PAGE_SIZE + 1]
        assert "Sort" not in {node["Node Type"] for node in nodes_of(plan)}
        looked_at.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
    first, far = looked_at
    assert far <= first + PAGE_SIZE


@pytest.mark.usefixtures("redis")
def test_a_kept_answer_asks_for_the_version_only() -> None:
    query = CatalogueQuery(text="screwdriver")
    heard_of(query)
    assert len(heard_of(query)) == 1


def far_down(sort: Sort) -> CatalogueQuery:
    """Return the question for a page in the middle of all products in this order."""
    with open_work(read_only=True) as work:
        row = work.session.execute(
            select(PRODUCT.c.id, PRODUCT.c.created_at, PRODUCT.c.price_minor, PRODUCT.c.name)
            .where(PRODUCT.c.currency == "EUR")
            .order_by(text(ORDERS[sort]))
            .offset(PRODUCTS // 3)
            .limit(1)
        ).one()
    keys = {Sort.NEWEST: microseconds(row.created_at), Sort.NAME: row.name}
    place = Cursor(sort, keys.get(sort, row.price_minor), row.id)
    return CatalogueQuery(sort=sort, currency="EUR", after=place.seal())


def heard_of(query: CatalogueQuery) -> list[Statement]:
    """Answer a question and return the statements it took."""
    heard: list[Statement] = []

    def hear(_one: object, _two: object, statement: str, values: Any, *_: object) -> None:
        heard.append((statement, values))

    event.listen(db.reading_engine(), "before_cursor_execute", hear)
    try:
        reading(search_catalogue, query=query)
    finally:
        event.remove(db.reading_engine(), "before_cursor_execute", hear)
    return heard


def plans_of(statements: list[Statement]) -> Iterator[dict[str, Any]]:
    """Run statements once more, one after the other, and yield how each was carried out."""
    planning = "SELECT set_config"
    with db.raw_connection() as connection, connection.transaction():
        for statement, values in statements:
            if statement.lstrip().startswith(planning):
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


def rows_of(node: dict[str, Any]) -> float:
    """Return how many rows a node gave at a time."""
    return node["Actual Rows"]
