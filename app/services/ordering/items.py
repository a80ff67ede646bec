"""What a basket holds, as it can be ordered at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlmodel import col

from app.errors import BadInput, Conflict
from app.models.catalogue import PricePoint, Product
from app.models.ordering import BasketLine

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

# Written once: building a statement takes longer than running it.
_NEWEST = (
    select(col(PricePoint.id), col(PricePoint.price_minor), col(PricePoint.currency))
    .where(col(PricePoint.product_id) == col(Product.id))
    .order_by(col(PricePoint.since).desc(), col(PricePoint.id).desc())
    .limit(1)
    .lateral("newest")
)
_ITEMS: Select[*tuple[Any, ...]] = (
    select(
        col(BasketLine.quantity),
        col(BasketLine.accepted_price_minor),
        col(BasketLine.accepted_currency),
        col(Product.id),
        col(Product.supplier_id),
        col(Product.name),
        col(Product.external_id),
        col(Product.sku),
        col(Product.price_minor),
        col(Product.currency),
        col(Product.withdrawn_at),
        _NEWEST.c.id,
    )
    .join(Product, col(Product.id) == col(BasketLine.product_id))
    .join(
        _NEWEST,
        and_(
            _NEWEST.c.price_minor == col(Product.price_minor),
            _NEWEST.c.currency == col(Product.currency),
        ),
        isouter=True,
    )
    .where(col(BasketLine.person_id) == bindparam("buyer"))
    .order_by(col(Product.supplier_id), col(BasketLine.added_at), col(Product.id))
)


@dataclass(frozen=True, slots=True)
class Item:
    """A basket line with what holds for its product at this moment."""

    quantity: int
    accepted_price_minor: int
    accepted_currency: str
    product_id: int
    supplier_id: int
    name: str
    external_id: str
    sku: str | None
    price_minor: int
    currency: str
    withdrawn_at: datetime | None
    price_point_id: int | None


def orderable_items(connection: Connection, person_id: UUID) -> list[Item]:
    """Return the basket by supplier, every line fit to be ordered."""
    items = [Item(*row) for row in connection.execute(_ITEMS, {"buyer": person_id})]
    if not items:
        raise BadInput("The basket is empty.")
    for item in items:
        _check(item)
    return items


def _check(item: Item) -> None:
    if item.withdrawn_at is not None:
        raise Conflict(f"{item.name} is not offered any more; remove it from the basket.")
    taken_at = (item.accepted_price_minor, item.accepted_currency)
    if taken_at != (item.price_minor, item.currency):
        raise Conflict(f"The price of {item.name} has changed; accept the new one first.")
    if item.price_point_id is None:
        raise Conflict(f"The price of {item.name} is not proven; try again after the next sync.")
