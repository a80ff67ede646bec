"""Cancelling: the buyer's way back, open until the first dispatch is being sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Conflict
from app.models.ordering import DispatchState, OrderState
from app.services.ordering.moves import change_dispatch, dispatches_of, follow_dispatches
from app.services.ordering.owned import locked_order

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def cancel_order(work: Work, *, buyer: Viewer, number: int) -> None:
    """Cancel an order of which nothing is on its way yet.

    The order is locked as the mail worker locks it before it sends, so exactly one of the two
    wins. Raises NotFound for somebody else's order, Conflict where it is too late.
    """
    order = locked_order(work, number=number, owner_id=buyer.person_id)
    if order.state is OrderState.CANCELLED:
        return
    if order.state is not OrderState.PENDING:
        raise Conflict(f"Order {number} is {order.state} and cannot be cancelled any more.")
    for dispatch, _supplier in dispatches_of(work, order=order):
        change_dispatch(work, order=order, dispatch=dispatch, to=DispatchState.CANCELLED)
    follow_dispatches(work, order=order)
