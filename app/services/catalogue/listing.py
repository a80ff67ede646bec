"""One page of products, found by its place and not by its number: every page costs the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Double,
    and_,
    any_,
    case,
    cast,
    func,
    or_,
    select,
    tuple_,
)

from app.models.catalogue import PricePoint
from app.services.catalogue.cursors import Cursor, instant, microseconds
from app.services.catalogue.matching import (
    IS_EXACT,
    PRODUCT,
    SUPPLIER,
    TSQUERY,
    Question,
    Shape,
    conditions,
    given,
    table_of,
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
    statement = _page(question.shape, question.order, starts=cursor is None, back=back)
    place = {"key": _key_of(cursor), "id": cursor.product_id} if cursor else {}
    rows = list(connection.execute(statement, {**question.values, **place}))
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


def _key_of(cursor: Cursor) -> Any:  # noqa: ANN401 - what the order's column is compared with
    return instant(int(cursor.key)) if cursor.sort is Sort.NEWEST else cursor.key


def _edge(question: Question, rows: Sequence[Row[Any, Any]], *, back: bool) -> str | None:
    """Return the cursor behind or before the row at an edge of the page."""
    for row in rows:
        key = microseconds(row.key) if question.order is Sort.NEWEST else row.key
        return Cursor(question.order, key, row.id, back).seal()
    return None


@lru_cache(maxsize=512)
def _page(shape: Shape, order: Sort, *, starts: bool, back: bool) -> Select[Any, Any]:
    """Return the statement of a page: `starts` the first one, else from a place on, or `back`."""
    write = _best if order is Sort.BEST else _sorted
    return write(shape, order, starts=starts, back=back).limit(PAGE_SIZE + 1)


def _sorted(shape: Shape, order: Sort, *, starts: bool, back: bool) -> Select[Any, Any]:
    """Select in the order of a column, handed out by that column's index."""
    key, falling = _KEYS[order]
    downwards = falling != back
    found = select(PRODUCT.c.id, key.label("key")).where(*conditions(shape))
    edge = (key, *_ties(order, PRODUCT.c.id))
    if not starts:
        value = given("key", key.type)
        number = given("id", BigInteger())
        place = (func.lower(value) if order is Sort.NAME else value, *_ties(order, number))
        found = found.where(
            tuple_(*edge) < tuple_(*place) if downwards else tuple_(*edge) > tuple_(*place)
        )
    return found.order_by(*([part.desc() for part in edge] if downwards else edge))


def _ties(order: Sort, number: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """Return what orders equals: the id, for the newest mixed by its hash, as the index is."""
    return (func.hashint8(number), number) if order is Sort.NEWEST else (number,)


def _best(shape: Shape, _order: Sort, *, starts: bool, back: bool) -> Select[Any, Any]:
    """Select the best matches first, among as many candidates as can be ranked quickly."""
    weights = cast(_WEIGHTS, ARRAY(REAL))
    # 1: divided by the logarithm of the length, so that a long description is no advantage.
    rank = func.ts_rank_cd(weights, PRODUCT.c.search, TSQUERY, 1)
    if shape.has_exact:
        rank = case((IS_EXACT, EXACT_RANK), else_=rank)
    candidates = (
        select(PRODUCT.c.id, cast(rank, Double).label("key"))
        .where(*conditions(shape))
        .limit(CANDIDATES)
        .subquery("candidates")
    )
    key, number = candidates.c.key, candidates.c.id
    found = select(number, key)
    if not starts:
        value, last = given("key", Double()), given("id", BigInteger())
        beyond = (key > value) if back else (key < value)
        among_equals = (number < last) if back else (number > last)
        found = found.where(or_(beyond, and_(key == value, among_equals)))
    return found.order_by(*((key, number.desc()) if back else (key.desc(), number)))


def summaries_of(connection: Connection, ids: Sequence[int]) -> list[ProductSummary]:
    """Return the products with these ids in this order, leaving out what is gone."""
    if not ids:
        return []
    rows = connection.execute(_summaries(), {"ids": list(ids)})
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


@cache
def _summaries() -> Select[*tuple[Any, ...]]:
    latest = (
        select(_POINT.c.price_minor, _POINT.c.since, _POINT.c.id)
        .where(_POINT.c.product_id == PRODUCT.c.id, _POINT.c.currency == PRODUCT.c.currency)
        .order_by(_POINT.c.since.desc(), _POINT.c.id.desc())
        .limit(SPARK_PRICES)
        .correlate(PRODUCT)
        .subquery("latest")
    )
    prices = select(latest.c.price_minor).order_by(latest.c.since, latest.c.id)
    return (
        select(
            *(PRODUCT.c[name] for name in _COLUMNS),
            PRODUCT.c.pictures[1].label("picture"),
            SUPPLIER.c.name.label("supplier"),
            func.array(prices.scalar_subquery()).label("prices"),
        )
        .join(SUPPLIER, SUPPLIER.c.id == PRODUCT.c.supplier_id)
        .where(PRODUCT.c.id == any_(given("ids", ARRAY(BigInteger))))
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
