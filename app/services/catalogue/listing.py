"""One page of products, found by its place and not by its number: every page costs the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Double,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from app.models.catalogue import PricePoint
from app.services.catalogue.cursors import Cursor, instant, microseconds
from app.services.catalogue.matching import (
    PRODUCT,
    SUPPLIER,
    Question,
    conditions,
    table_of,
    tsquery,
)
from app.views.catalogue import Listing, ProductSummary
from app.views.catalogue_query import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

PAGE_SIZE: Final = 24
# Matches that are ranked. A word that more products have says too little to order them all by.
CANDIDATES: Final = 10_000
SPARK_PRICES: Final = 16
# A product whose SKU is exactly what was typed stands before every match of words.
EXACT_RANK: Final = 1000.0

_POINT: Final = table_of(PricePoint)
_WEIGHTS: Final = [0.05, 0.2, 0.4, 1.0]  # description, unused, brand and category, name

_KEYS: Final[dict[Sort, tuple[ColumnElement[Any], bool]]] = {
    Sort.NEWEST: (PRODUCT.c.created_at, True),
    Sort.NAME: (func.lower(PRODUCT.c.name), False),
    Sort.PRICE_UP: (PRODUCT.c.price_minor, False),
    Sort.PRICE_DOWN: (PRODUCT.c.price_minor, True),
}


def list_page(connection: Connection, question: Question, cursor: Cursor | None) -> Listing:
    """Return the page that starts at `cursor`, the first one for None."""
    back = cursor is not None and cursor.back
    found = (_best if question.order is Sort.BEST else _sorted)(question, cursor, back=back)
    rows = list(connection.execute(found))
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if back:
        rows.reverse()
    summaries = summaries_of(connection, [row.id for row in rows])
    ahead, behind = (cursor is not None, more) if back else (more, cursor is not None)
    return Listing(
        products=tuple(summaries),
        next=_edge(question, rows[-1:], back=False) if ahead else None,
        previous=_edge(question, rows[:1], back=True) if behind else None,
        corrected=question.wording.corrected,
        problem="",
    )


def _edge(question: Question, rows: Sequence[Row[Any, Any]], *, back: bool) -> str | None:
    """Return the cursor behind or before the row at an edge of the page."""
    for row in rows:
        key = microseconds(row.key) if question.order is Sort.NEWEST else row.key
        return Cursor(question.order, key, row.id, back).seal()
    return None


def _sorted(question: Question, cursor: Cursor | None, *, back: bool) -> Select[Any, Any]:
    """Select a page in the order of a column, handed out by that column's index."""
    key, falling = _KEYS[question.order]
    downwards = falling != back
    found = select(PRODUCT.c.id, key.label("key")).where(*conditions(question))
    edge = (key, *_ties(question.order, PRODUCT.c.id))
    if cursor is not None:
        number = literal(cursor.product_id, BigInteger)
        place = (_value(cursor), *_ties(question.order, number))
        found = found.where(
            tuple_(*edge) < tuple_(*place) if downwards else tuple_(*edge) > tuple_(*place)
        )
    order = [part.desc() for part in edge] if downwards else edge
    return found.order_by(*order).limit(PAGE_SIZE + 1)


def _ties(order: Sort, number: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """Return what orders equals: the id, for the newest mixed by its hash, as the index is."""
    return (func.hashint8(number), number) if order is Sort.NEWEST else (number,)


def _value(cursor: Cursor) -> ColumnElement[Any]:
    if cursor.sort is Sort.NEWEST:
        return literal(instant(int(cursor.key)))
    if cursor.sort is Sort.NAME:
        return func.lower(literal(str(cursor.key)))
    return literal(int(cursor.key), BigInteger)


def _best(question: Question, cursor: Cursor | None, *, back: bool) -> Select[Any, Any]:
    """Select a page of the best matches, among as many candidates as can be ranked quickly."""
    weights = cast(_WEIGHTS, ARRAY(REAL))
    # 1: divided by the logarithm of the length, so that a long description is no advantage.
    rank = func.ts_rank_cd(weights, PRODUCT.c.search, tsquery(question.wording), 1)
    exact = question.wording.exact_ids
    if exact:
        rank = case((PRODUCT.c.id.in_(exact), EXACT_RANK), else_=rank)
    candidates = (
        select(PRODUCT.c.id, cast(rank, Double).label("key"))
        .where(*conditions(question))
        .limit(CANDIDATES)
        .subquery("candidates")
    )
    key, number = candidates.c.key, candidates.c.id
    found = select(number, key)
    if cursor is not None:
        beyond = (key > cursor.key) if back else (key < cursor.key)
        among_equals = (number < cursor.product_id) if back else (number > cursor.product_id)
        found = found.where(or_(beyond, and_(key == cursor.key, among_equals)))
    order = (key, number.desc()) if back else (key.desc(), number)
    return found.order_by(*order).limit(PAGE_SIZE + 1)


def summaries_of(connection: Connection, ids: Sequence[int]) -> list[ProductSummary]:
    """Return the products with these ids in this order, leaving out what is gone."""
    if not ids:
        return []
    latest = (
        select(_POINT.c.price_minor, _POINT.c.since, _POINT.c.id)
        .where(_POINT.c.product_id == PRODUCT.c.id, _POINT.c.currency == PRODUCT.c.currency)
        .order_by(_POINT.c.since.desc(), _POINT.c.id.desc())
        .limit(SPARK_PRICES)
        .correlate(PRODUCT)
        .subquery("latest")
    )
    prices = select(latest.c.price_minor).order_by(latest.c.since, latest.c.id)
    rows = connection.execute(
        select(
            *(PRODUCT.c[name] for name in _COLUMNS),
            PRODUCT.c.pictures[1].label("picture"),
            SUPPLIER.c.name.label("supplier"),
            func.array(prices.scalar_subquery()).label("prices"),
        )
        .join(SUPPLIER, SUPPLIER.c.id == PRODUCT.c.supplier_id)
        .where(PRODUCT.c.id.in_(ids))
    )
    found = {row.id: _summary(row) for row in rows}
    return [found[number] for number in ids if number in found]


_COLUMNS: Final = (
    "id",
    "name",
    "brand",
    "price_minor",
    "currency",
    "previous_price_minor",
    "price_since",
    "stock",
)


def _summary(row: Row[Any]) -> ProductSummary:
    return ProductSummary(
        id=row.id,
        name=row.name,
        brand=row.brand or "",
        supplier=row.supplier,
        price_minor=row.price_minor,
        currency=row.currency,
        previous_price_minor=row.previous_price_minor,
        price_since=row.price_since,
        stock=row.stock,
        picture=picture_path(row.id, 0, row.picture) if row.picture else "",
        prices=tuple(row.prices),
    )


def picture_path(product_id: int, place: int, url: str) -> str:
    """Return where this site serves a product's picture.

    The mark changes with the supplier's address, so a browser may keep the picture for good.
    """
    return f"/media/product/{product_id}/{place}?v={picture_mark(url)}"


def picture_mark(url: str) -> str:
    """Return eight letters that stand for the supplier's address of a picture."""
    return hashlib.sha256(url.encode()).hexdigest()[:8]


def with_problem(listing: Listing, problem: str) -> Listing:
    """Return the listing with a sentence about what could not be used."""
    return replace(listing, problem=problem)
