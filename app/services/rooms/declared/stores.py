"""The room of stores: where suppliers' goods can be had, and which of them need a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, cast, func, or_, select, true
from sqlalchemy.types import Text
from sqlmodel import col

from app.models.accounts import Permission
from app.models.catalogue import Store, StoreStock
from app.models.feeds import Supplier
from app.services.ordering.addresses import country_name
from app.services.rooms.cells import moment
from app.services.rooms.declared.orders import suppliers
from app.services.rooms.declared.store_actions import ACTIONS
from app.services.rooms.declared.store_detail import describe, place_badge
from app.services.rooms.filters import named, one_of
from app.services.rooms.room import Column, Filter, Group, Room, Table
from app.services.stores.mend import STORES as TOPIC
from app.views.formatting import capped
from app.views.room_query import detail_address
from app.views.rooms import CellView, ChoiceView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

# Beyond that a list does not count what a store has.
MOST_PRODUCTS: Final = 1_000
PLACES: Final = {
    "needed": ("Needs a place", col(Store.latitude).is_(None)),
    "feed": ("By the feed", and_(col(Store.latitude).is_not(None), col(Store.placed_at).is_(None))),
    "hand": (
        "Set by hand",
        and_(col(Store.latitude).is_not(None), col(Store.placed_at).is_not(None)),
    ),
}
# An empty value would be that of no filter.
_COUNTRY: Final = func.coalesce(func.nullif(col(Store.country), ""), "-")
IN_FEED: Final = {
    "present": ("In the feed", col(Store.withdrawn_at).is_(None)),
    "withdrawn": ("Withdrawn", col(Store.withdrawn_at).is_not(None)),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A store and how many products it has in stock, at most one more than are counted."""

    store: Any
    products: int


def _with_products(work: Work, _viewer: Viewer, rows: Sequence[Any]) -> Sequence[_Row]:
    """Count what the stores of a page have with one more statement, no store beyond the limit."""
    some = (
        select(col(StoreStock.product_id))
        .where(col(StoreStock.store_id) == col(Store.id), col(StoreStock.stock) > 0)
        .limit(MOST_PRODUCTS + 1)
        .correlate(Store)
        .subquery()
    )
    each = select(func.count().label("products")).select_from(some).lateral()
    found = work.session.execute(
        select(col(Store.id), each.c.products)
        .join(each, true())
        .where(col(Store.id).in_([row.id for row in rows]))
    )
    products = {row.id: row.products for row in found}
    return [_Row(row, products[row.id]) for row in rows]


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        col(Store.name).icontains(words, autoescape=True),
        col(Store.city).icontains(words, autoescape=True),
    )


def _countries(work: Work) -> Sequence[ChoiceView]:
    """Return the countries that stores are in, by their names."""
    codes = work.session.scalars(select(_COUNTRY).distinct())
    found = [ChoiceView(code, "Not known" if code == "-" else country_name(code)) for code in codes]
    return sorted(found, key=lambda choice: choice.text)


def _by_word(key: str, title: str, words: dict[str, tuple[str, Any]], initial: str = "") -> Filter:
    choices = [ChoiceView(word, text) for word, (text, _) in words.items()]
    return Filter(key, title, "choice", lambda value: words[value][1], choices, initial)


STORES: Final = Room(
    key="stores",
    title="All stores",
    group=Group.FEEDS,
    icon="map-pin",
    lead="Where suppliers' goods can be had, and which of them no map can show yet.",
    permission=Permission.SUPPLIER_READ,
    source=Table(
        select(
            col(Store.id),
            col(Store.external_id),
            col(Store.name),
            col(Store.street),
            col(Store.postcode),
            col(Store.city),
            col(Store.country),
            col(Store.latitude),
            col(Store.longitude),
            col(Store.place_problem),
            col(Store.placed_at),
            col(Store.opening_hours),
            col(Store.time_zone),
            col(Store.services),
            col(Store.withdrawn_at),
            col(Store.feed_id),
            col(Store.supplier_id),
            named(col(Supplier.name), "supplier"),
        ).join(Supplier, col(Supplier.id) == col(Store.supplier_id)),
        key=col(Store.id),
        enrich=_with_products,
    ),
    name=lambda row: row.store.name,
    columns=(
        Column(
            "name",
            "Store",
            lambda row, _: CellView(row.store.name, second=row.store.external_id),
            sort=col(Store.name),
        ),
        Column(
            "supplier",
            "Supplier",
            lambda row, _: CellView(
                row.store.supplier, href=detail_address("suppliers", str(row.store.supplier_id))
            ),
            wide_only=True,
        ),
        Column(
            "town",
            "Town",
            lambda row, _: CellView(row.store.city, second=row.store.street),
            sort=col(Store.city),
            wide_only=True,
        ),
        Column(
            "country",
            "Country",
            lambda row, viewer: country_name(row.store.country, viewer.locale),
            wide_only=True,
        ),
        Column("place", "Place", lambda row, _: place_badge(row.store)),
        Column(
            "problem",
            "What is wrong with the feed's place",
            lambda row, _: row.store.place_problem or "",
            wide_only=True,
            hidden=True,
        ),
        Column(
            "placed",
            "Set by hand",
            lambda row, _: moment(row.store.placed_at),
            wide_only=True,
            hidden=True,
        ),
        Column(
            "products",
            "Products",
            lambda row, viewer: capped(
                row.products, exact=True, limit=MOST_PRODUCTS, locale=viewer.locale
            ),
            figures=True,
            wide_only=True,
            exported=lambda row: min(row.products, MOST_PRODUCTS),
        ),
        Column(
            "withdrawn",
            "Withdrawn",
            lambda row, _: moment(row.store.withdrawn_at),
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="name",
    filters=(
        _by_word("place", "Place", PLACES),
        one_of("supplier", "Supplier", cast(col(Store.supplier_id), Text), suppliers),
        one_of(
            "country",
            "Country",
            _COUNTRY,
            _countries,
        ),
        _by_word("state", "Feed", IN_FEED, initial="present"),
    ),
    search=_search,
    search_hint="Name or town",
    actions=ACTIONS,
    detail=describe,
    empty=EmptyView(
        "map-pin",
        "No store yet",
        "Stores come with a feed that says where its products are.",
        "/admin/feeds",
        "All feeds",
    ),
    topics=(TOPIC, "feeds"),
    words="shops places map coordinates pickup points needs a place",
)
