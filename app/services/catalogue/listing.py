"""One page of products, found by its place and not by its number: every page costs the same."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Double,
    Integer,
    and_,
    any_,
    func,
    or_,
    select,
    tuple_,
)

from app.models.catalogue import PricePoint
from app.services.catalogue.cursors import Cursor, instant, microseconds
from app.services.catalogue.matching import Question, Shape, conditions, rank_of
from app.services.catalogue.tables import PRODUCT, SUPPLIER, given, table_of
from app.views.catalogue import Listing, ProductSummary
from app.views.catalogue_query import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

PAGE_SIZE: Final = 24
SPARK_PRICES: Final = 16

_POINT: Final = table_of(PricePoint)

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
    return _listing(question, [(row.place, _summary(row)) for row in rows], cursor)


def list_ids(connection: Connection, question: Question, *, at_most: int) -> tuple[int, ...]:
    """Return the ids of the first products of all pages."""
    statement = _ids(question.shape, question.order)
    return tuple(connection.scalars(statement, {**question.values, "at_most": at_most}))


def list_best(
    connection: Connection, question: Question, ranked: Sequence[tuple[int, float]]
) -> Listing:
    """Return the first page of the best matches: products that were ranked while counting.

    `ranked` are their ids and ranks, best first, with one more than a page where there is a next.
    """
    ranks = dict(ranked)
    found = summaries_of(connection, list(ranks))
    return _listing(question, [(ranks[summary.id], summary) for summary in found], None)


def _listing(
    question: Question, found: list[tuple[Any, ProductSummary]], cursor: Cursor | None
) -> Listing:
    """Make a page of products with their sort keys, in the order in which they were asked for."""
    back = cursor is not None and cursor.back
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    if back:
        found.reverse()
    ahead, behind = (cursor is not None, more) if back else (more, cursor is not None)
    return Listing(
        products=tuple(summary for _, summary in found),
        next=_edge(question, found[-1:], back=False) if ahead else None,
        previous=_edge(question, found[:1], back=True) if behind else None,
        corrected=question.wording.corrected,
        problem="",
    )


def _key_of(cursor: Cursor) -> Any:  # noqa: ANN401 - what the order's column is compared with
    return instant(int(cursor.key)) if cursor.sort is Sort.NEWEST else cursor.key


def _edge(question: Question, found: list[tuple[Any, ProductSummary]], *, back: bool) -> str | None:
    """Return the cursor behind or before the product at an edge of the page."""
    for place, summary in found:
        key = microseconds(place) if question.order is Sort.NEWEST else place
        return Cursor(question.order, key, summary.id, back).seal()
    return None


@lru_cache(maxsize=512)
def _page(shape: Shape, order: Sort, *, starts: bool, back: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement of a page: `starts` the first one, else from a place on, or `back`."""
    write = _best if order is Sort.BEST else _sorted
    found = write(shape, order, starts=starts, back=back).limit(PAGE_SIZE + 1)
    page = found.cte("page")
    return (
        _summaries()
        .add_columns(page.c.key.label("place"))
        .join(page, page.c.id == PRODUCT.c.id)
        .order_by(*_ordering(order, page.c.key, page.c.id, back=back))
    )


@lru_cache(maxsize=128)
def _ids(shape: Shape, order: Sort) -> Select[int]:
    """Return the statement of the first ids."""
    write = _best if order is Sort.BEST else _sorted
    found = write(shape, order, starts=True, back=False).limit(given("at_most", Integer()))
    return select(found.cte("found").c.id)


def _sorted(shape: Shape, order: Sort, *, starts: bool, back: bool) -> Select[*tuple[Any, ...]]:
    """Select in the order of a column, handed out by that column's index."""
    key, falling = _KEYS[order]
    found = select(PRODUCT.c.id, key.label("key")).where(*conditions(shape))
    if not starts:
        value = given("key", key.type)
        last = func.lower(value) if order is Sort.NAME else value
        edge = tuple_(key, *_ties(order, PRODUCT.c.id))
        place = tuple_(last, *_ties(order, given("id", BigInteger())))
        found = found.where(edge < place if falling != back else edge > place)
    return found.order_by(*_ordering(order, key, PRODUCT.c.id, back=back))


def _best(shape: Shape, order: Sort, *, starts: bool, back: bool) -> Select[*tuple[Any, ...]]:
    """Select the best matches first, among as many candidates as can be ranked quickly."""
    candidates = (
        select(PRODUCT.c.id, rank_of(shape).label("key"))
        .where(*conditions(shape))
        .limit(shape.counted + 1)
        .subquery("candidates")
    )
    key, number = candidates.c.key, candidates.c.id
    found = select(number, key)
    if not starts:
        value, last = given("key", Double()), given("id", BigInteger())
        beyond = (key > value) if back else (key < value)
        among_equals = (number < last) if back else (number > last)
        found = found.where(or_(beyond, and_(key == value, among_equals)))
    return found.order_by(*_ordering(order, key, number, back=back))


def _ordering(
    order: Sort, key: ColumnElement[Any], number: ColumnElement[Any], *, back: bool
) -> Sequence[ColumnElement[Any]]:
    """Return what an order sorts by; `back` turns it round."""
    if order is Sort.BEST:
        return (key, number.desc()) if back else (key.desc(), number)
    edge = (key, *_ties(order, number))
    _, falling = _KEYS[order]
    return [part.desc() for part in edge] if falling != back else edge


def _ties(order: Sort, number: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """Return what orders equals: the id, for the newest mixed by its hash, as the index is."""
    return (func.hashint8(number), number) if order is Sort.NEWEST else (number,)


def summaries_of(connection: Connection, ids: Sequence[int]) -> list[ProductSummary]:
    """Return the products with these ids in this order, leaving out what is gone."""
    if not ids:
        return []
    rows = connection.execute(_BY_IDS, {"ids": list(ids)})
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
        .select_from(PRODUCT)
        .join(SUPPLIER, SUPPLIER.c.id == PRODUCT.c.supplier_id)
    )


_BY_IDS: Final = _summaries().where(PRODUCT.c.id == any_(given("ids", ARRAY(BigInteger))))


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
