"""Following a supplier's completion policy that has changed: orders that wait may be complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.models.ordering import Dispatch, Order, OrderState
from app.services.ordering.moves import follow_dispatches, lock_orders
from app.work import within

if TYPE_CHECKING:
    from app.work import Work

# Locked together for some milliseconds each.
BATCH: Final = 50
_FIRST: Final = UUID(int=0)


def follow_policy(*, supplier_id: int) -> int:
    """Move on those orders of a supplier that are being carried out; return how many there were.

    One that has ended stays: what completed by the old policy is complete. Batch by batch, each a
    transaction of its own.
    """
    looked, after = 0, _FIRST
    while batch := within(_follow_batch, supplier_id=supplier_id, after=after):
        looked, after = looked + len(batch), batch[-1]
    return looked


def _follow_batch(work: Work, *, supplier_id: int, after: UUID) -> list[UUID]:
    waiting = (
        select(col(Order.id))
        .join(Dispatch, col(Dispatch.order_id) == col(Order.id))
        .where(
            col(Dispatch.supplier_id) == supplier_id,
            col(Order.state) == OrderState.PROCESSING,
            col(Order.id) > after,
        )
        .order_by(col(Order.id))
        .limit(BATCH)
    )
    order_ids = [order_id for order_id in work.session.scalars(waiting) if order_id]
    for order in lock_orders(work, order_ids=order_ids).values():
        if order.state is OrderState.PROCESSING:
            follow_dispatches(work, order=order)
    return order_ids
