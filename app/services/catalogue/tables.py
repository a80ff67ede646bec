"""The tables that searching reads, and the places of values in its statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import bindparam, inspect

from app.models.catalogue import Category, Product, Store, StoreStock
from app.models.feeds import Feed, Supplier

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.types import TypeEngine
    from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model: queries that count and list need rows, not objects."""
    return cast("Table", inspect(model).local_table)


def given(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return the place of one of a question's `values` in a statement."""
    return bindparam(name, type_=kind)


PRODUCT: Final = table_of(Product)
CATEGORY: Final = table_of(Category)
SUPPLIER: Final = table_of(Supplier)
FEED: Final = table_of(Feed)
STORE: Final = table_of(Store)
SHELF: Final = table_of(StoreStock)
