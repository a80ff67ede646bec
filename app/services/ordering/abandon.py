"""Abandoning: an operator's last word on an order that cannot be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Conflict, NotAllowed
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.operations import Settlement
from app.models.ordering import DispatchState, OrderState
from app.services.audit import note
from app.services.letters import settle_letter, stated
from app.services.ordering.moves import change_dispatch, dispatches_of, move_order
from app.services.ordering.owned import locked_order

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def abandon_order(work: Work, *, operator: Viewer, number: int, reason: str) -> None:
    """Give up a failed order for good, with the reason its buyer will read.

    What still waits to be mailed is cancelled, what a supplier has stays as it is. Raises
    NotAllowed for somebody who is no operator, NotFound, BadInput without a reason, and Conflict
    where the order has not failed or a mail of it is just being sent.
    """
    if not operator.may(Permission.ORDER_RETRY):
        raise NotAllowed("Only an operator may abandon an order.")
    reason = stated(reason)
    order = locked_order(work, number=number)
    if order.state is not OrderState.FAILED:
        raise Conflict(f"Order {number} is {order.state}; only one that has failed is abandoned.")
    parts = dispatches_of(work, order=order)
    if any(dispatch.state is DispatchState.SENDING for dispatch, _ in parts):
        raise Conflict(
            f"A mail of order {number} is being sent just now; wait for what comes of it."
        )
    for dispatch, _ in parts:
        if dispatch.state is DispatchState.QUEUED:
            change_dispatch(work, order=order, dispatch=dispatch, to=DispatchState.CANCELLED)
        settle_letter(work, operator, dispatch.job_id, Settlement.ABANDONED, reason=reason)
    move_order(work, order=order, to=OrderState.ABANDONED, detail=f"{operator.name}: {reason}")
    note(
        work,
        AuditAction.ORDER_ABANDONED,
        kind="order",
        id=str(number),
        title=f"Order {number}",
        before={"state": OrderState.FAILED},
        after={"state": OrderState.ABANDONED, "reason": reason},
    )
