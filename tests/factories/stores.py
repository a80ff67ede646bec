"""Stores for tests and benches: single ones, and as many as a map has to bear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from app import db
from app.models.catalogue import Store, StoreStock
from app.models.feeds import Feed
from tests.factories.catalogue import a_feed, a_product, a_supplier

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models.catalogue import Product


def a_store(session: Session, feed: Feed, name: str, **given: Any) -> Store:
    """Write a store in Oulu, or where `given` says."""
    assert feed.id is not None
    values: dict[str, Any] = {
        "external_id": name,
        "latitude": 65.01,
        "longitude": 25.47,
        "record_hash": b"",
        **given,
    }
    store = Store(feed_id=feed.id, supplier_id=feed.supplier_id, name=name, **values)
    session.add(store)
    session.flush()
    return store


def put_on_shelf(
    session: Session, product: Product, store: Store, stock: int, *, price_minor: int | None = None
) -> None:
    """Give a store so many pieces, at a price of its own or at the product's."""
    assert product.id is not None
    assert store.id is not None
    session.add(
        StoreStock(product_id=product.id, store_id=store.id, stock=stock, price_minor=price_minor)
    )
    session.flush()


def fill_stores(session: Session, stores: int, *, stocked: int = 1_000) -> tuple[int, int]:
    """Write stores about the world, as crowded in places as in life.

    Returns the ids of a product that `stocked` of them have, evenly spread, and of one that all
    have. Ends as autovacuum would leave it.
    """
    feed = a_feed(session, a_supplier(session, "Everywhere"), name="everywhere")
    some = a_product(session, feed, "In some stores")
    everywhere = a_product(session, feed, "In all stores")
    assert some.id is not None
    assert everywhere.id is not None
    given = {"feed": feed.id, "supplier": feed.supplier_id, "stores": stores}
    session.execute(text(_STORES), given)
    on_shelf = {"product": some.id, "step": max(stores // stocked, 1)}
    session.execute(text(_SHELVES), on_shelf)
    session.execute(text(_SHELVES), {"product": everywhere.id, "step": 1})
    ids = some.id, everywhere.id
    session.commit()
    with db.raw_connection() as connection:
        connection.execute("VACUUM (ANALYZE) store, store_cell, store_stock, product")
    return ids


def fill_shelves(session: Session, *, each: int = 2_000) -> None:
    """Give every store some of the products, `each` at most, as unequal as in life.

    A few products stand nearly everywhere, most in a handful of stores or none; which ones has
    nothing to do with their age. Ends as autovacuum would leave it.
    """
    session.execute(text(_FILL_SHELVES), {"each": each})
    session.commit()
    with db.raw_connection() as connection:
        connection.execute("VACUUM (ANALYZE) store_stock")


def put_in_stores(session: Session, products: int, *, every: int) -> list[int]:
    """Write products beside `fill_stores`, each in every so-many-th store; return their ids.

    They are spread: two of them are mostly not in the same stores.
    """
    feed = session.scalars(select(Feed)).one()
    written = [a_product(session, feed, f"In every {every}: {n}") for n in range(products)]
    given = {"products": [product.id for product in written], "step": every}
    session.execute(text(_SPREAD), given)
    session.commit()
    with db.raw_connection() as connection:
        connection.execute("VACUUM (ANALYZE) store_stock, product")
    return given["products"]


# 400 towns, the first of which are the largest; around each the stores thin out.
_STORES = """
INSERT INTO store (
    feed_id, supplier_id, external_id, name, street, postcode, city, country, latitude, longitude,
    opening_hours, record_hash
)
SELECT :feed, :supplier, 's' || n, 'Store ' || n, 'Street ' || n % 97, n % 9973, 'Town ' || town,
    'ZZ',
    greatest(-89, least(89, -50 + abs(hashint4(town)) % 12000 / 100.0
        + (abs(hashint4(n + 2)) % 1000 - 500)
            * power(abs(hashint4(n + 3)) % 100 / 100.0, 3) / 400)),
    greatest(-179, least(179, -179 + abs(hashint4(town + 1)) % 35800 / 100.0
        + (abs(hashint4(n + 4)) % 1000 - 500)
            * power(abs(hashint4(n + 5)) % 100 / 100.0, 3) / 400)),
    '{}', ''
FROM generate_series(1, :stores) AS n
CROSS JOIN LATERAL (
    SELECT 1 + floor(400 * power(abs(hashint4(n)) % 10000 / 10000.0, 2))::integer AS town
) AS towns
"""
_SHELVES = """
INSERT INTO store_stock (product_id, store_id, stock)
SELECT :product, id, 1 + id % 9 FROM store WHERE id % :step = 0
"""
_FILL_SHELVES = """
INSERT INTO store_stock (product_id, store_id, stock)
SELECT DISTINCT ON (product.id, store.id) product.id, store.id, abs(hashint4(n + 3)) % 9
FROM store
CROSS JOIN generate_series(1, :each) AS n
CROSS JOIN (SELECT count(*) AS products FROM product) AS known
CROSS JOIN LATERAL (
    SELECT floor(
        known.products * power(abs(hashint8(store.id * 100000 + n) % 1000000) / 1000000.0, 3)
    )::bigint AS popular
) AS chosen
-- Steps of a number without a divisor in common with that of the products visit them all.
JOIN product ON product.id = 1 + chosen.popular * 7919 % known.products
ON CONFLICT DO NOTHING
"""
# Every so-many-th from a place that differs by the product.
_SPREAD = """
INSERT INTO store_stock (product_id, store_id, stock)
SELECT product, store, 1 + store % 9
FROM unnest(CAST(:products AS integer[])) AS product
CROSS JOIN generate_series(
    1 + product * 7919 % :step, (SELECT count(*) FROM store), :step
) AS store
"""
