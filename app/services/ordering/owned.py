"""Finding orders for those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from app.errors import NotFound
from app.models.accounts import Permission
from app.models.ordering import Order

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

# Numbers are a bigint; what lies beyond cannot be one and would be an error of the database.
LARGEST_NUMBER = 2**63 - 1


def locked_order(work: Work, *, number: int, owner_id: UUID | None = None) -> Order:
    """Return the order of that number, locked until the transaction ends.

    With `owner_id`, somebody else's order is as unknown as one that never was: NotFound.
    """
    query = select(Order).where(col(Order.number) == number).with_for_update()
    if owner_id is not None:
        query = query.where(col(Order.buyer_id) == owner_id)
    found = work.session.scalar(query) if 0 < number <= LARGEST_NUMBER else None
    if found is None:
        raise NotFound(f"There is no order {number}.")
    return found


def visible_to(viewer: Viewer) -> list[ColumnElement[bool]]:
    """Return the condition on the orders that `viewer` may see."""
    if viewer.may(Permission.ORDER_READ_ALL):
        return []
    return [col(Order.buyer_id) == viewer.person_id]
