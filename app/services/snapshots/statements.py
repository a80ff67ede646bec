"""The statement that a snapshot is: every product that matches, with all that belongs to it.

Sorted by product, so that it streams from the index: the first row comes at once, nothing is
sorted, and whoever looks for one product in the file finds its group of rows by its bounds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, BigInteger, Text, and_, cast, column, func, literal, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.models.catalogue import PricePoint, Store, StoreStock
from app.services.catalogue.looks import is_whole
from app.services.catalogue.matching import Shape, conditions
from app.services.catalogue.tables import CATEGORY, FEED, PRODUCT, SUPPLIER, table_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Subquery

_POINT: Final = table_of(PricePoint)
_STORE: Final = table_of(Store)
_STORE_STOCK: Final = table_of(StoreStock)

# What separates the fields that are hashed, the entries of a list, and what stands for nothing:
# controls that no field holds.
BETWEEN_FIELDS: Final = "\x1f"
BETWEEN_ENTRIES: Final = "\x1d"
NOTHING: Final = "\x1e"


def _stores() -> Subquery:
    """Return where each product can be had: three lists, sorted by the store."""
    by_store = _STORE_STOCK.c.store_id
    return (
        select(
            _STORE_STOCK.c.product_id,
            func.array_agg(aggregate_order_by(by_store, by_store)).label("ids"),
            func.array_agg(aggregate_order_by(_STORE.c.name, by_store)).label("names"),
            func.array_agg(aggregate_order_by(_STORE_STOCK.c.stock, by_store)).label("stock"),
        )
        .join(_STORE, and_(_STORE.c.id == by_store, _STORE.c.withdrawn_at.is_(None)))
        .group_by(_STORE_STOCK.c.product_id)
        .subquery("stocked")
    )


@lru_cache(maxsize=64)
def captured(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement for questions of one shape."""
    stocked = _stores()
    pair = func.jsonb_each_text(PRODUCT.c.attributes).table_valued(
        column("key", Text), column("value", Text)
    )
    pairs = (
        select(func.array_agg(pair.c.key).label("names"), func.array_agg(pair.c.value).label("of"))
        .select_from(pair)
        .lateral("pairs")
    )
    lists = {
        "category": _list(CATEGORY.c.path, Text()),
        "pictures": _list(PRODUCT.c.pictures, Text()),
        "attribute_names": _list(pairs.c.names, Text()),
        "attribute_values": _list(pairs.c.of, Text()),
        "store_ids": _list(stocked.c.ids, BigInteger()),
        "store_names": _list(stocked.c.names, Text()),
        "store_stock": _list(stocked.c.stock, BigInteger()),
    }
    return (
        select(
            PRODUCT.c.id.label("product_id"),
            PRODUCT.c.feed_id,
            FEED.c.name.label("feed"),
            PRODUCT.c.supplier_id,
            SUPPLIER.c.name.label("supplier"),
            PRODUCT.c.external_id,
            PRODUCT.c.sku,
            PRODUCT.c.name,
            PRODUCT.c.description,
            PRODUCT.c.brand,
            PRODUCT.c.price_minor,
            PRODUCT.c.currency,
            PRODUCT.c.price_since,
            _POINT.c.id.label("price_point_id"),
            PRODUCT.c.stock,
            PRODUCT.c.created_at,
            PRODUCT.c.changed_at,
            *(each.label(name) for name, each in lists.items()),
            _row_hash(lists).label("row_hash"),
        )
        .join(FEED, FEED.c.id == PRODUCT.c.feed_id)
        .join(SUPPLIER, SUPPLIER.c.id == PRODUCT.c.supplier_id)
        .outerjoin(CATEGORY, CATEGORY.c.id == PRODUCT.c.category_id)
        .outerjoin(
            _POINT,
            and_(_POINT.c.product_id == PRODUCT.c.id, _POINT.c.since == PRODUCT.c.price_since),
        )
        .outerjoin(stocked, stocked.c.product_id == PRODUCT.c.id)
        .join(pairs, true())
        .where(*conditions(shape))
        .order_by(PRODUCT.c.id)
    )


@lru_cache(maxsize=64)
def counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement that counts them, for how far a capture has come.

    Of everything the feeds know it: nobody waits for a look at every product.
    """
    if is_whole(shape):
        return select(func.coalesce(func.sum(FEED.c.products), 0))
    return select(func.count()).select_from(PRODUCT).where(*conditions(shape))


def _list(entries: ColumnElement[Any], kind: Any) -> ColumnElement[Any]:  # noqa: ANN401 - SQLAlchemy's own
    return func.coalesce(entries, cast(literal("{}"), ARRAY(kind)))


def _row_hash(lists: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """Return 64 bits of the SHA-256 of what people see of a product.

    Comparing joins on the product, so two rows whose hashes are equal by chance would have to be
    of one product: once in 2^64 changes. Names of feeds, suppliers and stores are not in it.
    """
    fields = (
        PRODUCT.c.external_id,
        _or_nothing(PRODUCT.c.sku),
        PRODUCT.c.name,
        PRODUCT.c.description,
        _or_nothing(PRODUCT.c.brand),
        _joined(lists["category"]),
        PRODUCT.c.price_minor,
        PRODUCT.c.currency,
        _or_nothing(cast(PRODUCT.c.stock, Text)),
        *(
            _joined(lists[name])
            for name in (
                "pictures",
                "attribute_names",
                "attribute_values",
                "store_ids",
                "store_stock",
            )
        ),
    )
    text = func.concat_ws(BETWEEN_FIELDS, *fields)
    first = func.substr(func.sha256(func.convert_to(text, "UTF8")), 1, 8)
    return cast(first, BigInteger)


def _or_nothing(field: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(field, NOTHING)


def _joined(entries: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array_to_string(entries, BETWEEN_ENTRIES)
