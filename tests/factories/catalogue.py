"""Rows of the catalogue for tests and benches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app import db
from app.models.catalogue import Category, PricePoint, Product, Store, StoreStock
from app.models.feeds import Feed, Supplier

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

VACUUMS = 5
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def a_supplier(session: Session, name: str = "Norda Supply") -> Supplier:
    """Write a supplier."""
    supplier = Supplier(name=name, order_email="orders@norda.example")
    session.add(supplier)
    session.flush()
    return supplier


def a_feed(session: Session, supplier: Supplier | None = None, name: str = "norda") -> Feed:
    """Write a feed, synced at `LONG_AGO`, and its supplier where none is given."""
    supplier = supplier or a_supplier(session)
    feed = Feed(
        name=name,
        supplier_id=_id(supplier.id),
        url="http://supplier.example/products",
        synced_at=LONG_AGO,
    )
    session.add(feed)
    session.flush()
    return feed


def a_category(session: Session, *path: str) -> Category:
    """Write a category and those above it; `path` starts at the root."""
    found: Category | None = None
    for depth in range(1, len(path) + 1):
        known = session.scalar(
            text("SELECT id FROM category WHERE path = :path").bindparams(path=list(path[:depth]))
        )
        parent = found
        found = session.get(Category, known) if known else None
        if found is None:
            found = Category(
                name=path[depth - 1],
                path=list(path[:depth]),
                parent_id=parent.id if parent else None,
            )
            session.add(found)
            session.flush()
    assert found is not None
    return found


def a_product(session: Session, feed: Feed, name: str, **given: Any) -> Product:
    """Write a product with its first price point, searchable as a sync leaves it."""
    values: dict[str, Any] = {
        "external_id": f"x-{name}-{given.get('sku', '')}",
        "price_minor": 1000,
        "currency": "EUR",
        "price_since": LONG_AGO,
        "stock": 5,
        "record_hash": b"",
        "created_at": LONG_AGO,
        **given,
    }
    product = Product(feed_id=_id(feed.id), supplier_id=feed.supplier_id, name=name, **values)
    session.add(product)
    session.flush()
    session.add(
        PricePoint(
            product_id=_id(product.id),
            price_minor=product.price_minor,
            currency=product.currency,
            since=product.price_since,
        )
    )
    index_words(session)
    return product


def a_price(session: Session, product: Product, price_minor: int, days_ago: float) -> None:
    """Write a price point of the past."""
    session.add(
        PricePoint(
            product_id=_id(product.id),
            price_minor=price_minor,
            currency=product.currency,
            since=datetime.now(UTC) - timedelta(days=days_ago),
        )
    )
    session.flush()


def a_stocked_store(session: Session, product: Product, name: str, stock: int) -> Store:
    """Write a store that has `stock` pieces of the product."""
    store = Store(
        feed_id=product.feed_id,
        supplier_id=product.supplier_id,
        external_id=name,
        name=name,
        city="Oulu",
        country="FI",
        latitude=65.01,
        longitude=25.47,
        record_hash=b"",
    )
    session.add(store)
    session.flush()
    session.add(StoreStock(product_id=_id(product.id), store_id=_id(store.id), stock=stock))
    session.flush()
    return store


def index_words(session: Session) -> None:
    """Fill what is searched and the vocabulary from all products, as a sync does."""
    session.flush()
    session.execute(text(_FILL_SEARCH))
    session.execute(text("DELETE FROM word"))
    session.execute(text(_FILL_WORDS))


def fill(session: Session, products: int) -> None:
    """Write a catalogue of plausible size and skew: the same one for the same number.

    Three suppliers, 4 + 24 + 192 categories, brands and words as unequal as in life, two
    currencies, prices over three orders of magnitude. Ends as autovacuum would leave it.
    """
    for number, name in enumerate(("Norda Supply", "Verkko Tools", "Atlas Office")):
        a_feed(session, a_supplier(session, name), name=f"feed {number}")
    # Filling an index row by row takes several times as long as making it of all rows.
    indexes = session.execute(text(_INDEXES)).all()
    for name, _ in indexes:
        session.execute(text(f"DROP INDEX {name}"))
    for statement in _FILL:
        session.execute(text(statement), {"products": products} if ":products" in statement else {})
    session.execute(text(_FILL_WORDS))
    for _, definition in indexes:
        session.connection().exec_driver_sql(definition)
    session.commit()
    _vacuum()


def _vacuum() -> None:
    """Vacuum until every page is known to be visible to all, as on a catalogue that has settled.

    One time is not enough while autovacuum looks at what has just been written.
    """
    with db.raw_connection() as connection:
        for _ in range(VACUUMS):
            connection.execute("VACUUM (ANALYZE) product, word, category, price_point")
            row = connection.execute(
                "SELECT relallvisible >= relpages FROM pg_class WHERE oid = 'product'::regclass"
            ).fetchone()
            if row == (True,):
                return


def _id(number: int | None) -> int:
    assert number is not None
    return number


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = 'product' AND indexname LIKE 'ix_product_%'
"""
_FILL_SEARCH = """
UPDATE product SET search = catalogue_vector(
    product.name, brand, sku,
    (SELECT array_to_string(path, ' ') FROM category WHERE category.id = category_id),
    description
) WHERE search IS NULL
"""
_FILL_WORDS = """
INSERT INTO word (word, products)
SELECT word, count(*) FROM product
LEFT JOIN category ON category.id = product.category_id,
unnest(catalogue_words(
    product.name || ' ' || coalesce(brand, '') || ' ' || coalesce(array_to_string(path, ' '), '')
)) AS word
GROUP BY word
"""
_FILL = (
    """
    INSERT INTO category (name, path)
    SELECT root, ARRAY[root] FROM unnest(ARRAY['Tools', 'Office', 'Site', 'Kitchen']) root
    """,
    """
    INSERT INTO category (parent_id, name, path)
    SELECT id, path[1] || ' group ' || n, path || (path[1] || ' group ' || n)
    FROM category, generate_series(1, 6) n WHERE cardinality(path) = 1
    """,
    """
    INSERT INTO category (parent_id, name, path)
    SELECT id, 'Shelf ' || n, path || ('Shelf ' || n)
    FROM category, generate_series(1, 8) n WHERE cardinality(path) = 2
    """,
    # Every figure is a hash of the row's number, so the same catalogue comes out each time.
    """
    INSERT INTO product (
        feed_id, supplier_id, external_id, sku, name, description, brand, category_id,
        price_minor, currency, price_since, stock, pictures, attributes, search, record_hash,
        created_at, changed_at
    )
    SELECT feed.id, feed.supplier_id, 'x' || n, 'SKU-' || n, made.name, made.description, brand,
        shelf.id, (exp(2 + 7 * abs(hashint4(n + 5) % 10000) / 10000.0) * 30)::bigint,
        CASE WHEN feed.number = 3 THEN 'SEK' ELSE 'EUR' END,
        timestamptz '2026-01-01' + n * interval '1 second',
        CASE abs(hashint4(n + 6)) % 5 WHEN 0 THEN 0 ELSE abs(hashint4(n + 7)) % 200 END,
        ARRAY[]::text[], '{}',
        catalogue_vector(
            made.name, brand, 'SKU-' || n, array_to_string(shelf.path, ' '), made.description
        ),
        sha256(n::text::bytea),
        timestamptz '2026-01-01' + n * interval '1 second', now()
    FROM generate_series(1, :products) n
    CROSS JOIN LATERAL (SELECT
        (ARRAY['cordless', 'steel', 'foldable', 'insulated', 'heavy duty', 'compact', 'wooden',
            'stainless', 'magnetic', 'adjustable', 'portable', 'silent', 'universal', 'flexible',
            'waterproof', 'lightweight'])[1 + abs(hashint4(n)) % 16] AS quality,
        (ARRAY['screwdriver', 'bottle', 'desk', 'lamp', 'cutting disc', 'ladder', 'bucket', 'chair',
            'drill', 'hammer', 'notebook', 'safety cone', 'glove', 'kettle', 'shelf', 'battery',
            'tape', 'marker', 'wrench', 'trolley', 'pan', 'knife', 'helmet', 'printer', 'cable',
            'hose', 'pump', 'saw', 'clamp', 'mirror', 'filter', 'brush'])
            [1 + floor(32 * power(abs(hashint4(n + 1) % 10000) / 10000.0, 1.7))::int] AS thing,
        'Brand' || (1 + floor(400 * power(abs(hashint4(n + 2) % 10000) / 10000.0, 2)))::int AS brand
    ) words
    CROSS JOIN LATERAL (SELECT
        initcap(quality) || ' ' || thing || ' ' || brand || ' series '
            || abs(hashint4(n + 3)) % greatest(10, :products / 50) AS name,
        'A ' || quality || ' ' || thing || ' for daily work, delivered with manual and '
            || 'guarantee in recycled packaging.' AS description
    ) made
    JOIN (SELECT id, supplier_id, row_number() OVER (ORDER BY id) AS number FROM feed) feed
        ON feed.number = 1 + abs(hashint4(n + 8)) % 3
    JOIN (SELECT id, path, row_number() OVER (ORDER BY id) AS number FROM category
        WHERE cardinality(path) = 3) shelf
        ON shelf.number = 1 + abs(hashint4(n + 9)) % 192
    """,
    """
    INSERT INTO price_point (product_id, price_minor, currency, since)
    SELECT id, price_minor, currency, price_since FROM product
    """,
)
