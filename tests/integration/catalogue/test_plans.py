"""How the hot questions are answered at 100,000 products, so that no change slows them silently.

What a plan looks at is counted, not timed: the figures are the same on every machine.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import pytest
from sqlalchemy import select, text

from app import db
from app.services.catalogue import search_catalogue
from app.services.catalogue.cursors import Cursor, microseconds
from app.services.catalogue.listing import PAGE_SIZE
from app.services.catalogue.matching import COUNTED
from app.services.catalogue.tables import PRODUCT
from app.views.catalogue_query import CatalogueQuery, Layout, Sort
from app.work import open_work, reading
from tests import plans
from tests.factories.catalogue import fill
from tests.factories.database import empty_database, owners_work
from tests.plans import Statement, nodes_of, plans_of

# So many rows take minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

PRODUCTS: Final = 100_000
# Tables that grow with the catalogue: reading one from its start is what must not happen.
LARGE: Final = frozenset({"product", "price_point", "word"})

# What every statement that counts reads from.
COUNTS: Final = re.compile(r"\bgrouped_all\b")

# Each with the statements it takes: the version, what words or a category mean, the nearest words
# where some are mistyped, the commonest currency where prices are compared, counts, and the page.
QUESTIONS: Final = {
    "empty box": (CatalogueQuery(), 3),
    "one broad word": (CatalogueQuery(text="screwdriver"), 4),
    "a beginning": (CatalogueQuery(text="screwd"), 4),
    "two words with filters": (
        CatalogueQuery(text="steel bottle", suppliers=(1,), in_stock=True),
        4,
    ),
    "a broad word with filters": (CatalogueQuery(text="screwdriver", suppliers=(1,)), 4),
    "two mistyped words": (CatalogueQuery(text="cordles scewdriver"), 5),
    "a main category": (CatalogueQuery(category=1), 4),
    "a shelf": (CatalogueQuery(category=100), 4),
    "a supplier and a brand": (CatalogueQuery(suppliers=(2,), brands=("Brand7",)), 3),
    "the cheapest first": (CatalogueQuery(text="desk", sort=Sort.PRICE_UP), 5),
    "a range of prices": (CatalogueQuery(price_min=5_000, price_max=6_000), 4),
    # The page that is kept with the counts, and the one that was asked for.
    "by name": (CatalogueQuery(text="screwdriver", sort=Sort.NAME), 5),
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
    empty_database()
    with owners_work() as work:
        fill(work.session, PRODUCTS)


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_looks_at_no_more_than_is_shown(name: str) -> None:
    query, expected = QUESTIONS[name]
    statements = heard_of(query)
    assert len(statements) == expected
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
        # The last, since the page that is kept with the counts may have another order.
        *_, statement = [heard for heard in heard_of(query) if heard[0].startswith("WITH page")]
        (plan,) = plans_of([statement])
        (page,) = [
            node
            for node in nodes_of(plan)
            if node["Node Type"] == "Limit" and rows_of(node) == PAGE_SIZE + 1
        ]
        assert "Sort" not in {node["Node Type"] for node in nodes_of(page)}
        looked_at.append(page["Shared Hit Blocks"] + page["Shared Read Blocks"])
    first, far = looked_at
    assert far <= first + PAGE_SIZE


@pytest.mark.usefixtures("redis")
def test_a_kept_answer_asks_for_the_version_only() -> None:
    query = CatalogueQuery(text="screwdriver")
    heard_of(query)
    assert len(heard_of(query)) == 1


def test_statements_stay_prepared_from_one_reading_to_the_next() -> None:
    db.reading_engine().dispose()  # so that all readings below share one connection
    asked = text("SELECT 'asked again and again'")
    for _ in range(10):
        reading(lambda work: work.session.connection().scalar(asked))
    prepared = text("SELECT statement FROM pg_prepared_statements")
    assert asked.text in reading(lambda work: work.session.connection().scalars(prepared).all())


@pytest.mark.usefixtures("redis")
def test_another_order_or_layout_counts_nothing_anew() -> None:
    query = CatalogueQuery(text="screwdriver", in_stock=True)
    heard_of(query)
    assert len(heard_of(replace(query, layout=Layout.TABLE))) == 1
    by_name = heard_of(replace(query, sort=Sort.NAME))
    assert [bool(COUNTS.search(statement)) for statement, _ in by_name] == [False] * 3


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize(
    ("query", "holds"),
    [
        # One choice, and more products with the word than are looked at together.
        (CatalogueQuery(text="screwdriver", suppliers=(1,)), {"supplier": "supplier_id = 1"}),
        # Two choices, and still more that miss one of them at most.
        (
            CatalogueQuery(text="screwdriver", suppliers=(1,), in_stock=True),
            {"supplier": "supplier_id = 1", "stock": "stock > 0"},
        ),
        # Few enough for one look.
        (
            CatalogueQuery(text="kettle", suppliers=(1, 2), in_stock=True, brands=("Brand1",)),
            {
                "supplier": "supplier_id IN (1, 2)",
                "stock": "stock > 0",
                "brand": "brand = 'Brand1'",
            },
        ),
    ],
)
def test_looks_taken_together_or_apart_count_the_same(
    query: CatalogueQuery, holds: dict[str, str]
) -> None:
    facets = reading(search_catalogue, query=query).facets
    with db.raw_connection() as connection:

        def counted(*wanted: str) -> int:
            word = f"search @@ to_tsquery('catalogue', '{query.text}')"
            where = " AND ".join(["withdrawn_at IS NULL", word, *wanted])
            counting = f"SELECT count(*) FROM product WHERE {where}"  # noqa: S608 - of words above
            return int(connection.execute(counting.encode()).fetchall()[0][0])

        total = counted(*holds.values())
        assert (facets.total, facets.exact) == (total, True)
        in_stock = counted(*{**holds, "stock": "stock > 0"}.values())
        assert facets.in_stock.count == min(in_stock, COUNTED)
        for option in facets.suppliers:
            number = counted(*{**holds, "supplier": f"supplier_id = {option.key}"}.values())
            assert option.count == number if option.exact else option.count <= number
        for option in facets.brands:
            number = counted(*{**holds, "brand": f"brand = '{option.key}'"}.values())
            assert option.count == number
        without_supplier = {**holds, "supplier": "true"}
        is_exact = counted(*without_supplier.values()) <= COUNTED
        assert {option.exact for option in facets.suppliers} == {is_exact}


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
    return plans.heard_of(lambda: reading(search_catalogue, query=query))


def rows_of(node: dict[str, Any]) -> float:
    """Return how many rows a node gave at a time."""
    return node["Actual Rows"]
