"""One product with everything its page shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, literal_column, select

from app.errors import NotFound
from app.models.catalogue import PricePoint
from app.models.columns import now
from app.services.catalogue.listing import picture_path, summaries_of
from app.services.catalogue.tables import CATEGORY, FEED, PRODUCT, SHELF, STORE, table_of
from app.views.catalogue import CategoryStep, PriceStep, ProductPage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from app.work import Work

SIMILAR: Final = 4
# Neighbours in the category that are compared with the product's words.
NEIGHBOURS: Final = 1000
HISTORY: Final = 500
ATTRIBUTES: Final = 60
LOWEST_OF: Final = timedelta(days=30)

_POINT: Final = table_of(PricePoint)


def show_product(work: Work, *, product_id: int) -> ProductPage:
    """Return everything about a product, withdrawn or not.

    Raises NotFound where there never was one with this id.
    """
    connection = work.session.connection()
    summaries = summaries_of(connection, [product_id])
    row = connection.execute(
        select(
            PRODUCT.c.supplier_id,
            PRODUCT.c.sku,
            PRODUCT.c.external_id,
            PRODUCT.c.name,
            PRODUCT.c.description,
            PRODUCT.c.category_id,
            PRODUCT.c.pictures,
            PRODUCT.c.attributes,
            PRODUCT.c.withdrawn_at,
            FEED.c.synced_at,
        )
        .join(FEED, FEED.c.id == PRODUCT.c.feed_id)
        .where(PRODUCT.c.id == product_id)
    ).one_or_none()
    if row is None or not summaries:
        raise NotFound("There is no such product.")
    summary = summaries[0]
    history = _history(connection, product_id, summary.currency)
    return ProductPage(
        summary=summary,
        supplier_id=row.supplier_id,
        sku=row.sku or "",
        external_id=row.external_id,
        description=row.description,
        trail=_trail(connection, row.category_id),
        pictures=tuple(
            picture_path(product_id, place, url) for place, url in enumerate(row.pictures)
        ),
        attributes=_attributes(row.attributes),
        history=history,
        lowest_30_days=_lowest(history, summary.price_minor, now() - LOWEST_OF),
        has_stores=row.withdrawn_at is None and _has_stores(connection, product_id),
        similar=tuple(
            summaries_of(connection, _similar(connection, product_id, row.category_id, row.name))
        ),
        synced_at=row.synced_at,
        withdrawn_at=row.withdrawn_at,
    )


def _history(connection: Connection, product_id: int, currency: str) -> tuple[PriceStep, ...]:
    rows = connection.execute(
        select(_POINT.c.since, _POINT.c.price_minor)
        .where(_POINT.c.product_id == product_id, _POINT.c.currency == currency)
        .order_by(_POINT.c.since.desc(), _POINT.c.id.desc())
        .limit(HISTORY)
    )
    return tuple(PriceStep(row.since, row.price_minor) for row in rows)[::-1]


def _lowest(history: tuple[PriceStep, ...], present: int, start: datetime) -> int:
    """Return the lowest price that held at any moment since `start`."""
    held = [step.price_minor for step in history if step.since > start]
    held += [step.price_minor for step in history if step.since <= start][-1:]
    return min([present, *held])


def _trail(connection: Connection, category_id: int | None) -> tuple[CategoryStep, ...]:
    """Return the way from the root to the category."""
    if category_id is None:
        return ()
    depth = func.cardinality(CATEGORY.c.path)
    own = CATEGORY.alias("own")
    rows = connection.execute(
        select(CATEGORY.c.id, CATEGORY.c.name)
        .join(own, CATEGORY.c.path == own.c.path[1:depth])
        .where(own.c.id == category_id)
        .order_by(depth)
    )
    return tuple(CategoryStep(row.id, row.name) for row in rows)


def _has_stores(connection: Connection, product_id: int) -> bool:
    asked = (
        select(SHELF.c.store_id)
        .join(STORE, STORE.c.id == SHELF.c.store_id)
        .where(
            SHELF.c.product_id == product_id,
            SHELF.c.stock > 0,
            STORE.c.withdrawn_at.is_(None),
        )
        .limit(1)
    )
    return connection.scalar(asked) is not None


def _similar(
    connection: Connection, product_id: int, category_id: int | None, name: str
) -> list[int]:
    """Return ids of products that share the category and the most words of the name."""
    words = func.to_tsquery(
        literal_column("'catalogue'::regconfig"),
        func.array_to_string(func.catalogue_words(name), " | "),
    )
    near = (
        PRODUCT.c.category_id == category_id
        if category_id is not None
        else PRODUCT.c.search.op("@@")(words)
    )
    rank = func.ts_rank(PRODUCT.c.search, words).label("rank")
    neighbours = (
        select(PRODUCT.c.id, rank)
        .where(PRODUCT.c.withdrawn_at.is_(None), near, PRODUCT.c.id != product_id)
        .limit(NEIGHBOURS)
        .subquery("neighbours")
    )
    return list(
        connection.scalars(
            select(neighbours.c.id)
            .order_by(neighbours.c.rank.desc(), neighbours.c.id)
            .limit(SIMILAR)
        )
    )


def _attributes(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return a supplier's attributes as lines of text, without empty ones."""
    lines = ((_title(name), _said(value)) for name, value in given.items())
    # The database keeps them in an order of its own, which means nothing to a reader.
    return tuple(sorted(line for line in lines if line[1]))[:ATTRIBUTES]


def _title(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, cast("list[object]", value))))
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value)
        return ", ".join(
            f"{_title(name)} {said}"
            for name, inner in sorted(pairs.items())
            if (said := _said(inner))
        )
    return str(value)
