"""Which products answer a question: the conditions that listing and counting share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Double,
    Integer,
    Text,
    and_,
    any_,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import cast as cast_as

from app.services.catalogue.places import in_stock_there
from app.services.catalogue.tables import CATEGORY, PRODUCT, given
from app.views.catalogue_query import CatalogueQuery, Sort

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from app.services.catalogue.places import Reach, StoresThere
    from app.services.catalogue.words import Wording


# Matches that are looked at. Counts are exact up to here and say "or more" above; a word that more
# products have says too little to rank them all by.
COUNTED: Final = 5_000
# The same where each has to be looked for on the shelves of an area, which takes ten times as long.
COUNTED_THERE: Final = 1_000
# A product whose SKU is exactly what was typed stands before every match of words.
EXACT_RANK: Final = 1000.0
_WEIGHTS: Final = [0.05, 0.2, 0.4, 1.0]  # description, unused, brand and category, name


class Facet(StrEnum):
    """A way to narrow a result; its own counts are made without its own choice."""

    SUPPLIER = "supplier"
    CATEGORY = "category"
    BRAND = "brand"
    PRICE = "price"
    STOCK = "stock"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a question has, without their values.

    Questions of one shape share their statements, which are written once: putting one together
    takes longer than a small answer does.
    """

    chosen: frozenset[Facet]
    has_words: bool
    has_exact: bool
    has_min: bool
    has_max: bool
    reach: Reach | None = None
    is_circle: bool = False

    @property
    def counted(self) -> int:
        """How many matches are looked at."""
        return COUNTED if self.reach is None else COUNTED_THERE


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what had to be looked up to answer it.

    `currency` is the one that prices are in, None while they are neither compared nor filtered;
    `categories` are the ids of the chosen category and all below it, `category_path` its names
    from the root; both are empty where none is chosen or the chosen one does not exist. `stores`
    are those of the chosen area.
    """

    query: CatalogueQuery
    wording: Wording
    currency: str | None = None
    categories: tuple[int, ...] = ()
    category_path: tuple[str, ...] = ()
    stores: StoresThere | None = None

    @property
    def order(self) -> Sort:
        """The order that holds; without a word to match, the best match is the newest."""
        order = self.query.order
        return Sort.NEWEST if order is Sort.BEST and not self.wording.tsquery else order

    @property
    def shape(self) -> Shape:
        """The conditions, without their values."""
        query = self.query
        chosen = {
            Facet.SUPPLIER: bool(query.suppliers),
            Facet.CATEGORY: query.category is not None,
            Facet.BRAND: bool(query.brands),
            Facet.PRICE: self.currency is not None,
            Facet.STOCK: query.in_stock,
            Facet.PLACE: self.stores is not None,
        }
        return Shape(
            chosen=frozenset(facet for facet, is_chosen in chosen.items() if is_chosen),
            has_words=bool(self.wording.tsquery),
            has_exact=bool(self.wording.tsquery and self.wording.exact_ids),
            has_min=query.price_min is not None,
            has_max=query.price_max is not None,
            reach=self.stores.reach if self.stores else None,
            is_circle=self.stores is not None and self.stores.is_circle,
        )

    @property
    def values(self) -> dict[str, Any]:
        """What the statements of every shape are given."""
        return {
            "tsquery": self.wording.tsquery,
            "exact_ids": list(self.wording.exact_ids),
            "suppliers": list(self.query.suppliers),
            "categories": list(self.categories),
            "path": list(self.category_path),
            "brands": list(self.query.brands),
            "currency": self.currency,
            "price_min": self.query.price_min,
            "price_max": self.query.price_max,
            **(self.stores.values if self.stores else {}),
        }


TSQUERY: Final[ColumnElement[Any]] = func.to_tsquery(
    literal_column("'catalogue'::regconfig"), given("tsquery", Text())
)
IS_EXACT: Final = PRODUCT.c.id == any_(given("exact_ids", ARRAY(BigInteger)))


def conditions(shape: Shape, chosen: frozenset[Facet] | None = None) -> list[ColumnElement[bool]]:
    """Return what a product must be like: with all choices, or those in the facets `chosen`."""
    wanted: list[ColumnElement[bool]] = [PRODUCT.c.withdrawn_at.is_(None)]
    if shape.has_words:
        matches = PRODUCT.c.search.op("@@")(TSQUERY)
        wanted.append(or_(matches, IS_EXACT) if shape.has_exact else matches)
    held = shape.chosen if chosen is None else chosen
    return wanted + [choice(shape, facet) for facet in Facet if facet in held]


def choice(shape: Shape, facet: Facet) -> ColumnElement[bool]:
    """Return what the choice in a facet asks of a product."""
    if facet is Facet.PLACE and shape.reach is not None:
        return in_stock_there(shape.reach, is_circle=shape.is_circle)
    choices: dict[Facet, ColumnElement[bool]] = {
        Facet.SUPPLIER: PRODUCT.c.supplier_id == any_(given("suppliers", ARRAY(Integer))),
        Facet.CATEGORY: PRODUCT.c.category_id == any_(given("categories", ARRAY(Integer))),
        Facet.BRAND: PRODUCT.c.brand == any_(given("brands", ARRAY(Text))),
        Facet.STOCK: PRODUCT.c.stock > 0,
        Facet.PRICE: _price(shape),
    }
    return choices[facet]


def rank_of(shape: Shape) -> ColumnElement[Any]:
    """Return how well a product matches the words: the higher, the better."""
    weights = cast_as(_WEIGHTS, ARRAY(REAL))
    # 1: divided by the logarithm of the length, so that a long description is no advantage.
    rank = func.ts_rank_cd(weights, PRODUCT.c.search, TSQUERY, 1)
    if shape.has_exact:
        rank = case((IS_EXACT, EXACT_RANK), else_=rank)
    return cast_as(rank, Double)


def _price(shape: Shape) -> ColumnElement[bool]:
    price = PRODUCT.c.price_minor
    wanted: list[ColumnElement[bool]] = [PRODUCT.c.currency == given("currency", Text())]
    if shape.has_min:
        wanted.append(price >= given("price_min", BigInteger()))
    if shape.has_max:
        wanted.append(price <= given("price_max", BigInteger()))
    return and_(*wanted)


def category_of(connection: Connection, number: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the ids of a category and all below it, and its path; empty for an unknown one."""
    row = connection.execute(_category(), {"number": number}).one_or_none()
    return (tuple(row.ids), tuple(row.path)) if row else ((), ())


@cache
def _category() -> Select[*tuple[Any, ...]]:
    number = given("number", Integer())
    chosen = select(CATEGORY.c.path).where(CATEGORY.c.id == number).cte("chosen")
    below = select(CATEGORY.c.id).where(
        CATEGORY.c.path[1 : func.cardinality(chosen.c.path)] == chosen.c.path
    )
    return select(chosen.c.path, func.array(below.scalar_subquery()).label("ids"))
