"""Which products answer a question: the conditions that listing and counting share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    func,
    inspect,
    literal_column,
    or_,
    select,
)

from app.models.catalogue import Category, Product
from app.models.feeds import Feed, Supplier
from app.views.catalogue_query import CatalogueQuery, Sort

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table
    from sqlmodel import SQLModel

    from app.services.catalogue.words import Wording


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model: queries that count and list need rows, not objects."""
    return cast("Table", inspect(model).local_table)


PRODUCT: Final = table_of(Product)
CATEGORY: Final = table_of(Category)
SUPPLIER: Final = table_of(Supplier)
FEED: Final = table_of(Feed)


class Facet(StrEnum):
    """A way to narrow a result; its own counts are made without its own choice."""

    SUPPLIER = "supplier"
    CATEGORY = "category"
    BRAND = "brand"
    PRICE = "price"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Question:
    """A query with what had to be looked up to answer it.

    `currency` is the one that prices are in, None while they are neither compared nor filtered;
    `categories` are the ids of the chosen category and all below it, `category_path` its names
    from the root; both are empty where none is chosen or the chosen one does not exist.
    """

    query: CatalogueQuery
    wording: Wording
    currency: str | None = None
    categories: tuple[int, ...] = ()
    category_path: tuple[str, ...] = ()

    @property
    def order(self) -> Sort:
        """The order that holds; without a word to match, the best match is the newest."""
        order = self.query.order
        return Sort.NEWEST if order is Sort.BEST and not self.wording.tsquery else order

    @property
    def chosen(self) -> frozenset[Facet]:
        """The facets in which something is chosen."""
        query = self.query
        chosen = {
            Facet.SUPPLIER: bool(query.suppliers),
            Facet.CATEGORY: query.category is not None,
            Facet.BRAND: bool(query.brands),
            Facet.PRICE: self.currency is not None,
            Facet.STOCK: query.in_stock,
        }
        return frozenset(facet for facet, is_chosen in chosen.items() if is_chosen)


def tsquery(wording: Wording) -> ColumnElement[Any]:
    """Return the words as a tsquery."""
    return func.to_tsquery(literal_column("'catalogue'::regconfig"), wording.tsquery)


def conditions(question: Question, *, without: Facet | None = None) -> list[ColumnElement[bool]]:
    """Return what a product must be like; `without` leaves the choice of one facet out."""
    applied = question.chosen - {without}
    wanted: list[ColumnElement[bool]] = [PRODUCT.c.withdrawn_at.is_(None)]
    if question.wording.tsquery:
        matches = PRODUCT.c.search.op("@@")(tsquery(question.wording))
        exact = question.wording.exact_ids
        wanted.append(or_(matches, PRODUCT.c.id.in_(exact)) if exact else matches)
    query = question.query
    if Facet.SUPPLIER in applied:
        wanted.append(PRODUCT.c.supplier_id == any_(_list(query.suppliers, Integer)))
    if Facet.CATEGORY in applied:
        wanted.append(PRODUCT.c.category_id == any_(_list(question.categories, Integer)))
    if Facet.BRAND in applied:
        wanted.append(PRODUCT.c.brand == any_(_list(query.brands, Text)))
    if Facet.STOCK in applied:
        wanted.append(PRODUCT.c.stock > 0)
    if Facet.PRICE in applied:
        wanted.append(_price(question))
    return wanted


def _price(question: Question) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [PRODUCT.c.currency == question.currency]
    if question.query.price_min is not None:
        wanted.append(PRODUCT.c.price_minor >= question.query.price_min)
    if question.query.price_max is not None:
        wanted.append(PRODUCT.c.price_minor <= question.query.price_max)
    return and_(*wanted)


def _list(values: tuple[Any, ...], kind: Any) -> ColumnElement[Any]:  # noqa: ANN401 - column types are
    return bindparam(None, list(values), type_=ARRAY(kind))


def category_of(connection: Connection, number: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the ids of a category and all below it, and its path; empty for an unknown one."""
    chosen = select(CATEGORY.c.path).where(CATEGORY.c.id == number).cte("chosen")
    below = select(CATEGORY.c.id).where(
        CATEGORY.c.path[1 : func.cardinality(chosen.c.path)] == chosen.c.path
    )
    row = connection.execute(
        select(chosen.c.path, func.array(below.scalar_subquery()).label("ids"))
    ).one_or_none()
    return (tuple(row.ids), tuple(row.path)) if row else ((), ())
