"""The catalogue of a day that is past: products by the nearest snapshot, prices by the history.

Price points are exact, so what they know of a price goes before what a snapshot says. Who may read
no snapshot, or finds none, gets the products of today's catalogue that were known then.

Imported where somebody looks, since it loads DuckDB.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from app.errors import AppError
from app.services.catalogue import question_of, search_catalogue
from app.services.catalogue.cursors import BrokenCursor, Cursor, microseconds, open_cursor
from app.services.catalogue.listing import list_page
from app.services.catalogue.matching import COUNTED, conditions
from app.services.catalogue.tables import PRODUCT, given
from app.services.snapshots.as_of import TO_SIGN_IN, may_look
from app.services.snapshots.held import prices_held
from app.services.snapshots.looking import search_snapshot
from app.services.snapshots.queries import snapshot_of_day
from app.views.catalogue import FacetOption, Facets, Listing, SearchResult
from app.views.catalogue_query import Sort
from app.views.days import end_of
from app.views.past import CatalogueOfDay, HeldPrice
from app.work import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, Select

    from app.integrations.ports import Bucket
    from app.services.catalogue.matching import Question, Shape
    from app.views.accounts import Viewer
    from app.views.catalogue import ProductSummary
    from app.views.catalogue_query import CatalogueQuery
    from app.views.snapshots import SnapshotView
    from app.work import Work

NOT_NARROWED: Final = "Prices and stock of that day narrow nothing here: only a snapshot has them."
BY_SNAPSHOTS_PRICES: Final = "Prices are compared as the snapshot has them."


def catalogue_of_day(
    *, viewer: Viewer | None, day: date, query: CatalogueQuery, bucket: Bucket | None = None
) -> CatalogueOfDay:
    """Answer a question to the catalogue as it was at the end of a day (UTC).

    Raises Unavailable, and Conflict where the snapshot's files are not what was stored.
    """
    remark = TO_SIGN_IN
    if viewer is not None and may_look(viewer):
        try:
            snapshot = reading(snapshot_of_day, viewer=viewer, day=day)
        except AppError as problem:
            remark = problem.sentence
        else:
            return _by_snapshot(viewer, snapshot, day, query, bucket)
    return reading(_by_history, viewer=viewer, day=day, query=query, remark=remark)


def _by_snapshot(
    viewer: Viewer, snapshot: SnapshotView, day: date, query: CatalogueQuery, bucket: Bucket | None
) -> CatalogueOfDay:
    moment = end_of(day)
    is_later = snapshot.taken_at is not None and snapshot.taken_at > moment
    result = search_snapshot(
        viewer=viewer,
        snapshot_id=snapshot.id,
        query=query,
        known_by=moment if is_later else None,
        bucket=bucket,
    )
    products = result.listing.products
    held = reading(prices_held, products=[product.id for product in products], moment=moment)
    compares = query.has_price or query.order.by_price
    return CatalogueOfDay(
        day=day,
        query=query,
        result=_with_prices(result, held),
        snapshot=snapshot,
        by_history=held,
        by_snapshot={
            each.id: HeldPrice(each.price_minor, each.currency, each.price_since)
            for each in products
        },
        remarks=(BY_SNAPSHOTS_PRICES,) if compares else (),
    )


def _with_prices(result: SearchResult, held: Mapping[int, HeldPrice]) -> SearchResult:
    products = tuple(_priced(each, held.get(each.id)) for each in result.listing.products)
    return replace(result, listing=replace(result.listing, products=products))


def _priced(product: ProductSummary, held: HeldPrice | None) -> ProductSummary:
    if held is None:
        return product
    return replace(
        product,
        price_minor=held.price_minor,
        currency=held.currency,
        price_since=held.since,
        previous_price_minor=None,
        prices=(),
    )


def _by_history(
    work: Work, *, viewer: Viewer | None, day: date, query: CatalogueQuery, remark: str
) -> CatalogueOfDay:
    """List those of today's products that were known then, the newest of them first."""
    moment = end_of(day)
    kept = replace(
        query,
        price_min=None,
        price_max=None,
        currency=None,
        in_stock=False,
        place=None,
        sort=Sort.NEWEST if query.text else None,
    )
    facets = search_catalogue(work, query=replace(kept, after=None), viewer=viewer).facets
    connection = work.session.connection()
    question = question_of(connection, kept)
    listing, held = _known(work, question, moment)
    total = _count(connection, question, moment)
    narrows = query.has_price or query.in_stock or query.place is not None
    return CatalogueOfDay(
        day=day,
        query=kept,
        result=SearchResult(listing, _of_names(facets, total), None),
        snapshot=None,
        by_history=held,
        by_snapshot={},
        remarks=(remark, NOT_NARROWED) if narrows else (remark,),
    )


def _known(
    work: Work, question: Question, moment: datetime
) -> tuple[Listing, dict[int, HeldPrice]]:
    """Return a page of the products that had a price by a moment, with those prices."""
    connection = work.session.connection()
    # As if a page had ended right behind the moment: the index hands out what came before.
    start = Cursor(Sort.NEWEST, microseconds(moment) + 1, 0)
    place, problem = start, ""
    if question.query.after is not None:
        try:
            place = open_cursor(question.query.after, Sort.NEWEST)
        except BrokenCursor as broken:
            problem = broken.sentence
    listing = list_page(connection, question, place)
    held = _held(work, listing.products, moment)
    if place is not start and any(each.id not in held for each in listing.products):
        # Turned back beyond the first page of that day.
        place = start
        listing = list_page(connection, question, place)
        held = _held(work, listing.products, moment)
    products = tuple(
        replace(_priced(each, held[each.id]), stock=None)
        for each in listing.products
        if each.id in held
    )
    previous = None if place is start else listing.previous
    return replace(listing, products=products, previous=previous, problem=problem), held


def _held(work: Work, products: Iterable[ProductSummary], moment: datetime) -> dict[int, HeldPrice]:
    return prices_held(work, products=[product.id for product in products], moment=moment)


def _count(connection: Connection, question: Question, moment: datetime) -> int:
    return connection.execute(
        _counted(question.shape), {**question.values, "moment": moment}
    ).scalar_one()


@lru_cache(maxsize=64)
def _counted(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement that counts what was known by a moment, as far as it is counted."""
    known = (
        select(PRODUCT.c.id)
        .where(
            *conditions(shape), PRODUCT.c.created_at <= given("moment", PRODUCT.c.created_at.type)
        )
        .limit(COUNTED + 1)
        .subquery()
    )
    return select(func.count()).select_from(known)


def _of_names(facets: Facets, total: int) -> Facets:
    """Return today's choices without their counts, which are today's too."""

    def named(options: tuple[FacetOption, ...]) -> tuple[FacetOption, ...]:
        return tuple(replace(option, count=0, exact=False) for option in options)

    return replace(
        facets,
        total=min(total, COUNTED),
        exact=total <= COUNTED,
        suppliers=named(facets.suppliers),
        trail=named(facets.trail),
        categories=named(facets.categories),
        brands=named(facets.brands),
        in_stock=FacetOption("", "", 0, exact=True, chosen=False),
        currency="",
        currencies=(),
        prices=(),
    )
