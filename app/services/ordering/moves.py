"""The moves of orders and dispatches: one function each, which refuses what the tables refuse.

Every move locks nothing itself: `lock_order` comes first, in each use case, and guards the order,
its dispatches and the numbering of its domain events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, insert, select
from sqlmodel import col

from app.errors import IllegalMove
from app.models.columns import now, stored
from app.models.feeds import Supplier
from app.models.ordering import (
    DISPATCH_TRANSITIONS,
    ORDER_TRANSITIONS,
    Dispatch,
    DispatchMoved,
    DispatchState,
    Order,
    OrderMoved,
    OrderState,
    SendDispatch,
    TimelineEntry,
)
from app.services.ordering.states import Part, order_state, way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work

_ORDER_TITLES: dict[OrderState, tuple[str, str]] = {
    OrderState.PROCESSING: ("Order is being carried out", "info"),
    OrderState.COMPLETED: ("Order completed", "good"),
    OrderState.FAILED: ("Order needs a person", "bad"),
    OrderState.ABANDONED: ("Order abandoned", "bad"),
    OrderState.CANCELLED: ("Order cancelled", "warning"),
}

_DISPATCH_TITLES: dict[DispatchState, tuple[str, str]] = {
    DispatchState.QUEUED: ("Purchase order to {supplier} queued again", "info"),
    DispatchState.SENDING: ("Mailing the purchase order to {supplier}", "info"),
    DispatchState.SENT: ("Purchase order mailed to {supplier}", "good"),
    DispatchState.DELIVERED: ("Purchase order delivered to {supplier}", "good"),
    DispatchState.CONFIRMED: ("{supplier} confirmed", "good"),
    DispatchState.SHIPPED: ("{supplier} shipped", "good"),
    DispatchState.BOUNCED: ("The mail to {supplier} came back", "bad"),
    DispatchState.DECLINED: ("{supplier} declined", "bad"),
    DispatchState.FAILED: ("The purchase order could not be mailed to {supplier}", "bad"),
    DispatchState.UNSURE: ("Nobody knows whether {supplier} got the purchase order", "bad"),
    DispatchState.CANCELLED: ("Purchase order to {supplier} cancelled", "warning"),
}

SupplierPart = tuple[Dispatch, Supplier]
Parts = tuple[SupplierPart, ...]

# Always in the same sequence, so that two who lock several never wait for each other.
_LOCK = (
    select(Order)
    .where(col(Order.id) == func.any(bindparam("order_ids", type_=ARRAY(Uuid))))
    .order_by(col(Order.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)
# What is changed but not yet written is seen too: rows of the session keep their changes.
_PARTS = (
    select(Dispatch, Supplier)
    .join(Supplier, col(Supplier.id) == col(Dispatch.supplier_id))
    .where(col(Dispatch.order_id) == func.any(bindparam("order_ids", type_=ARRAY(Uuid))))
    .order_by(col(Dispatch.order_id), col(Dispatch.supplier_id))
    .execution_options(autoflush=False)
)
_NOTE = insert(TimelineEntry)


def lock_order(work: Work, *, order_id: UUID) -> Order | None:
    """Return the order, locked until the transaction ends; None where there is none."""
    return lock_orders(work, order_ids=[order_id]).get(order_id)


def lock_orders(work: Work, *, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Return those orders that there are, locked until the transaction ends."""
    found = work.session.scalars(_LOCK, {"order_ids": order_ids})
    return {stored(order.id): order for order in found}


def note_on_timeline(
    work: Work,
    *,
    order: Order,
    kind: str,
    title: str,
    detail: str = "",
    tone: str = "info",
    dispatch_id: UUID | None = None,
) -> None:
    """Write one step of the order and tell the pages that show it."""
    order.changed_at = now()
    work.add(
        _NOTE,
        {
            "order_id": order.id,
            "dispatch_id": dispatch_id,
            "kind": kind,
            "title": title,
            "detail": detail,
            "tone": tone,
            "created_at": order.changed_at,
        },
    )
    touch_order(work, order)


def touch_order(work: Work, order: Order) -> None:
    """Tell the pages that show the order, alone or in a list."""
    work.touch(f"order:{order.number}", f"orders:{order.buyer_id}", "orders:all")


def move_order(work: Work, *, order: Order, to: OrderState, detail: str = "") -> None:
    """Move a locked order on. Raises IllegalMove where its state does not allow it."""
    before = order.state
    if to not in ORDER_TRANSITIONS[before]:
        raise IllegalMove(f"Order {order.number} is {before} and cannot become {to}.")
    title, tone = _ORDER_TITLES[to]
    order.state = to
    note_on_timeline(work, order=order, kind=f"order.{to}", title=title, detail=detail, tone=tone)
    work.publish(OrderMoved(aggregate_id=str(order.id), before=before, after=to))


def move_dispatch(
    work: Work,
    *,
    order: Order,
    dispatch: Dispatch,
    to: DispatchState,
    detail: str = "",
    parts: Parts | None = None,
) -> None:
    """Move a dispatch of a locked order on, and the order with it where that follows.

    `parts` are the order's dispatches, where they are at hand. Raises IllegalMove where the
    dispatch's state does not allow it; then nothing has moved.
    """
    parts = parts or dispatches_of(work, order=order)
    change_dispatch(work, order=order, dispatch=dispatch, to=to, detail=detail)
    _follow(work, order, parts)


def change_dispatch(
    work: Work, *, order: Order, dispatch: Dispatch, to: DispatchState, detail: str = ""
) -> None:
    """Move a dispatch on and leave the order for `follow_dispatches`, where several move at once.

    Raises IllegalMove where the dispatch's state does not allow it.
    """
    before = dispatch.state
    if to not in DISPATCH_TRANSITIONS[before]:
        raise IllegalMove(
            f"A purchase order of order {order.number} is {before} and cannot become {to}."
        )
    title, tone = _DISPATCH_TITLES[to]
    supplier = work.session.get_one(Supplier, dispatch.supplier_id)
    dispatch.state = to
    dispatch.changed_at = now()
    note_on_timeline(
        work,
        order=order,
        kind=f"dispatch.{to}",
        title=title.format(supplier=supplier.name),
        detail=detail,
        tone=tone,
        dispatch_id=dispatch.id,
    )
    work.publish(
        DispatchMoved(
            aggregate_id=str(order.id), dispatch_id=stored(dispatch.id), before=before, after=to
        )
    )


def follow_dispatches(work: Work, *, order: Order) -> None:
    """Move the order to the state that follows from its dispatches, move by move."""
    _follow(work, order, dispatches_of(work, order=order))


def _follow(work: Work, order: Order, parts: Parts) -> None:
    after = order_state([Part(row.state, by.completion_policy, row.round) for row, by in parts])
    for following in way(order.state, after) or ():
        move_order(work, order=order, to=following)


def dispatches_of(work: Work, *, order: Order) -> Parts:
    """Return the dispatches of an order with their suppliers, always in the same sequence.

    While they are held, the suppliers need not be fetched again.
    """
    order_id = stored(order.id)
    return parts_of(work, order_ids=[order_id])[order_id]


def parts_of(work: Work, *, order_ids: Sequence[UUID]) -> dict[UUID, Parts]:
    """Return the dispatches of several orders as `dispatches_of` does, by order."""
    found: dict[UUID, list[tuple[Dispatch, Supplier]]] = {each: [] for each in order_ids}
    for dispatch, supplier in work.session.execute(_PARTS, {"order_ids": order_ids}):
        found[dispatch.order_id].append((dispatch, supplier))
    return {order_id: tuple(parts) for order_id, parts in found.items()}


def hand_to_mail(work: Work, *, dispatch: Dispatch) -> None:
    """Queue the job that carries out this round of a dispatch."""
    call = SendDispatch(dispatch_id=stored(dispatch.id), round=dispatch.round)
    dispatch.job_id = work.enqueue(call)
