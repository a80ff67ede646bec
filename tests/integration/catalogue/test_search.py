"""Searching: words, order, pages and counts, each against what a plain look at every row says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.services.catalogue import search_catalogue
from app.views.catalogue_query import CatalogueQuery, Sort
from app.work import open_work, reading
from tests.factories.catalogue import (
    LONG_AGO,
    a_category,
    a_feed,
    a_price,
    a_product,
    a_supplier,
    fill,
    index_words,
)
from tests.factories.database import owners_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.views.catalogue import SearchResult

pytestmark = pytest.mark.usefixtures("database", "redis")


@pytest.fixture
def session(database: None) -> Iterator[Session]:  # noqa: ARG001 - on an empty database
    """Open a session whose rows the search sees once it is committed."""
    with open_work() as work:
        yield work.session


def search(query: CatalogueQuery | str = "") -> SearchResult:
    """Answer a question, given as it is or as the words in the box."""
    asked = query if isinstance(query, CatalogueQuery) else CatalogueQuery(text=query)
    return reading(search_catalogue, query=asked)


def names(result: SearchResult) -> list[str]:
    return [product.name for product in result.listing.products]


@pytest.fixture
def shop(session: Session) -> Session:
    """A small catalogue of two suppliers."""
    norda = a_feed(session)
    verkko = a_feed(session, a_supplier(session, "Verkko Tools"), name="verkko")
    screwdrivers = a_category(session, "Tools", "Screwdrivers")
    cups = a_category(session, "Kitchen", "Cups")
    given = {"category_id": screwdrivers.id, "brand": "Stahlfeld"}
    a_product(session, norda, "Cordless screwdriver 12 V", price_minor=7990, sku="ST-12/V", **given)
    a_product(session, norda, "Screwdriver set, 4 pcs", price_minor=1560, stock=0, **given)
    a_product(session, verkko, "Universal bits 1/4 inch", price_minor=9900, currency="SEK", **given)
    a_product(
        session,
        verkko,
        "Café crème cup",
        price_minor=650,
        category_id=cups.id,
        description="A cup without a screwdriver; guaranteed dishwasher-proof.",
        stock=None,
    )
    session.commit()
    return session


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("typed", "first", "count", "corrected"),
    [
        ("screwdriver", "Screwdriver set, 4 pcs", 4, ""),
        ("SCREWDRIVERS", "Screwdriver set, 4 pcs", 4, ""),
        ("scewdriver", "Screwdriver set, 4 pcs", 4, "screwdriver"),
        ("cordles screwdrivr", "Cordless screwdriver 12 V", 1, "cordless screwdriver"),
        ("screwd", "Screwdriver set, 4 pcs", 4, ""),
        ("cafe creme", "Café crème cup", 1, ""),
        ("Crème", "Café crème cup", 1, ""),
        ("universa", "Universal bits 1/4 inch", 1, ""),
        ("1/4", "Universal bits 1/4 inch", 1, ""),
        ("stahlfeld cordless", "Cordless screwdriver 12 V", 1, ""),
        ("ucp", "Café crème cup", 1, "cup"),
        ("the cup", "Café crème cup", 1, ""),
        # In a description only, so in no vocabulary, and right all the same.
        ("guaranteed", "Café crème cup", 1, ""),
        ("st-12/v", "Cordless screwdriver 12 V", 1, ""),
    ],
)
def test_words_find_what_is_meant(typed: str, first: str, count: int, corrected: str) -> None:
    result = search(typed)
    assert (names(result)[0], result.facets.total) == (first, count)
    assert result.listing.corrected == corrected


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "typed", ["xyzzyqq", "999", "screwdriver xyzzyqq", "'; DROP TABLE product"]
)
def test_what_nobody_has_is_not_found(typed: str) -> None:
    result = search(typed)
    assert names(result) == []
    assert result.facets.total == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("typed", ["!!!", "the", "\\", "%_", "& | !", "''"])
def test_text_without_a_word_narrows_nothing(typed: str) -> None:
    assert search(typed).facets.total == 4


def test_the_number_of_an_article_comes_first(shop: Session) -> None:
    feed = a_feed(shop, a_supplier(shop, "Numbers"), name="numbers")
    for n in range(30):
        a_product(shop, feed, f"Adapter 4711 type {n}")
    a_product(shop, feed, "Plain hammer", sku="4711", external_id="4711")
    shop.commit()
    assert names(search("4711"))[0] == "Plain hammer"
    assert len(names(search("4711"))) == 24


@pytest.mark.usefixtures("shop")
def test_withdrawn_products_are_found_nowhere(shop: Session) -> None:
    shop.execute(text("UPDATE product SET withdrawn_at = now() WHERE name LIKE 'Cordless%'"))
    shop.commit()
    assert search().facets.total == 3
    assert names(search("cordless")) == []
    assert names(search("ST-12/V")) == []


@pytest.mark.usefixtures("shop")
def test_prices_of_two_currencies_are_never_compared() -> None:
    cheapest = search(CatalogueQuery(sort=Sort.PRICE_UP))
    assert names(cheapest) == [
        "Café crème cup",
        "Screwdriver set, 4 pcs",
        "Cordless screwdriver 12 V",
    ]
    assert cheapest.facets.total == 3
    assert {product.currency for product in cheapest.listing.products} == {"EUR"}
    # The other currency stays to be chosen.
    assert [option.key for option in cheapest.facets.currencies] == ["EUR", "SEK"]
    in_kronor = search(CatalogueQuery(price_min=1, currency="SEK"))
    assert names(in_kronor) == ["Universal bits 1/4 inch"]
    assert in_kronor.facets.currency == "SEK"


def test_a_summary_carries_the_latest_prices(shop: Session) -> None:
    feed = a_feed(shop, a_supplier(shop, "Drifting"), name="drifting")
    drifting = a_product(shop, feed, "Drifting lamp", price_minor=900, price_since=LONG_AGO)
    since_then = (datetime.now(UTC) - LONG_AGO).days
    for days, price in ((90, 500), (60, 700), (30, 800)):
        a_price(shop, drifting, price, days_ago=days + since_then)
    shop.commit()
    (lamp,) = search("drifting").listing.products
    assert lamp.prices == (500, 700, 800, 900)


@pytest.fixture
def many(session: Session) -> list[dict[str, Any]]:
    """A catalogue with many equals, and its rows as a plain list."""
    with owners_work() as work:
        fill(work.session, 400)
    # Equal names, prices and moments: the pages must still neither repeat nor lose anything.
    session.execute(text("UPDATE product SET name = left(name, 9), price_minor = id % 5 * 100"))
    session.execute(
        text("UPDATE product SET created_at = :at WHERE id % 3 > 0"),
        {"at": LONG_AGO - timedelta(days=1)},
    )
    session.execute(text("UPDATE product SET withdrawn_at = now() WHERE id % 50 = 0"))
    session.execute(text("UPDATE product SET stock = NULL WHERE id % 7 = 0"))
    session.execute(text("UPDATE product SET search = NULL"))
    index_words(session)
    session.commit()
    rows = session.execute(
        text(
            "SELECT product.*, path FROM product JOIN category ON category.id = category_id"
            " WHERE withdrawn_at IS NULL ORDER BY product.id"
        )
    )
    return [dict(row) for row in rows.mappings()]


def all_pages(query: CatalogueQuery) -> list[list[int]]:
    """Turn every page forwards, checking that the same pages come when turned backwards."""
    pages: list[list[int]] = []
    listings = []
    cursor = None
    while True:
        listing = search(replace(query, after=cursor)).listing
        listings.append(listing)
        pages.append([product.id for product in listing.products])
        cursor = listing.next
        if cursor is None:
            break
    assert listings[0].previous is None
    for place in range(len(listings) - 1, 0, -1):
        before = search(replace(query, after=listings[place].previous)).listing
        assert [product.id for product in before.products] == pages[place - 1]
        assert before.next is not None
        assert (before.previous is None) == (place == 1)
    return pages


@pytest.mark.parametrize(
    "query",
    [
        CatalogueQuery(),
        CatalogueQuery(sort=Sort.NAME),
        CatalogueQuery(sort=Sort.PRICE_UP, currency="EUR"),
        CatalogueQuery(sort=Sort.PRICE_DOWN, currency="EUR"),
        CatalogueQuery(text="daily"),
        CatalogueQuery(text="brand", sort=Sort.NAME, in_stock=True),
    ],
    ids=lambda query: query.render() or "everything",
)
def test_pages_show_everything_once_in_order(
    many: list[dict[str, Any]], query: CatalogueQuery
) -> None:
    pages = all_pages(query)
    shown = [number for page in pages for number in page]
    assert len(shown) == len(set(shown)) == search(query).facets.total
    assert len(shown) > 24
    assert all(len(page) == 24 for page in pages[:-1])
    by_id = {row["id"]: row for row in many}
    key = {
        Sort.NAME: lambda row: str(row["name"]).lower(),
        Sort.PRICE_UP: lambda row: row["price_minor"],
        Sort.PRICE_DOWN: lambda row: -row["price_minor"],
        Sort.NEWEST: lambda row: -row["created_at"].timestamp(),
    }.get(query.order)
    if key:
        keys = [key(by_id[number]) for number in shown]
        assert keys == sorted(keys)


def test_a_broken_cursor_says_so_and_shows_the_first_page(many: list[dict[str, Any]]) -> None:
    assert many
    first = search()
    for after in ("broken", "AAAA", search(CatalogueQuery(sort=Sort.NAME)).listing.next):
        result = search(CatalogueQuery(after=after))
        assert result.listing.products == first.listing.products
        assert "here is the first one" in result.listing.problem
    assert first.listing.problem == ""


def brute_force(rows: list[dict[str, Any]], query: CatalogueQuery) -> dict[str, Any]:
    """Count every facet by looking at every row, ignoring the facet's own choice."""
    tests = {
        "supplier": lambda row: not query.suppliers or row["supplier_id"] in query.suppliers,
        "category": lambda row: query.category is None or query.category in row["above"],
        "brand": lambda row: not query.brands or row["brand"] in query.brands,
        "price": lambda row: (
            not query.has_price
            or (
                row["currency"] == query.currency
                and (query.price_min or 0) <= row["price_minor"] <= (query.price_max or 10**9)
            )
        ),
        "stock": lambda row: not query.in_stock or (row["stock"] or 0) > 0,
    }

    def left(without: str = "") -> list[dict[str, Any]]:
        kept = [test for name, test in tests.items() if name != without]
        return [row for row in rows if all(test(row) for test in kept)]

    def count(column: str, without: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in left(without):
            found[str(row[column])] = found.get(str(row[column]), 0) + 1
        return found

    return {
        "total": len(left()),
        "supplier": count("supplier_id", "supplier"),
        "brand": count("brand", "brand"),
        "stock": sum(1 for row in left("stock") if (row["stock"] or 0) > 0),
        "currency": count("currency", "price"),
    }


def test_counts_are_those_of_a_look_at_every_row(
    many: list[dict[str, Any]], session: Session
) -> None:
    categories = {
        tuple(row.path): row.id
        for row in session.execute(text("SELECT id, path FROM category ORDER BY id"))
    }
    session.commit()
    for row in many:
        path = tuple(row["path"])
        row["above"] = {categories[path[:depth]] for depth in range(1, len(path) + 1)}
    chance = random.Random(7)
    brands = sorted({str(row["brand"]) for row in many})
    for _ in range(25):
        query = CatalogueQuery(
            suppliers=tuple(sorted(chance.sample([1, 2, 3], chance.choice([0, 0, 1, 2])))),
            category=chance.choice([None, None, *categories.values()]),
            brands=tuple(sorted(chance.sample(brands, chance.choice([0, 0, 2])))),
            price_min=chance.choice([None, 100]),
            currency="EUR",
            in_stock=chance.random() < 0.3,
        )
        query = query if query.has_price else replace(query, currency=None)
        expected = brute_force(many, query)
        facets = search(query).facets
        assert facets.exact
        assert facets.total == expected["total"]
        counted = {option.key: option.count for option in facets.suppliers if option.count}
        assert counted == expected["supplier"]
        assert facets.in_stock.count == expected["stock"]
        assert {o.key: o.count for o in facets.currencies} == expected["currency"]
        for option in facets.brands:
            assert expected["brand"].get(option.key, 0) == option.count
        if facets.prices:
            in_currency = expected["currency"][facets.currency]
            assert sum(bar.count for bar in facets.prices) == in_currency


def test_the_tree_drills_down(many: list[dict[str, Any]]) -> None:
    top = search().facets
    assert {option.label for option in top.categories} == {"Tools", "Office", "Site", "Kitchen"}
    assert sum(option.count for option in top.categories) == len(many)
    chosen = top.categories[0]
    below = search(CatalogueQuery(category=int(chosen.key)))
    assert below.facets.total == chosen.count
    assert [(step.label, step.chosen) for step in below.facets.trail] == [(chosen.label, True)]
    assert all(option.label.startswith(chosen.label) for option in below.facets.categories)
    assert sum(option.count for option in below.facets.categories) == chosen.count


@pytest.mark.usefixtures("shop")
def test_a_category_that_never_was_shows_nothing() -> None:
    assert search(CatalogueQuery(category=4711)).facets.total == 0
