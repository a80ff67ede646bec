"""What an operator does about an order that needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Permission
from app.models.ordering import DispatchState, OrderState
from app.services.ordering.moves import (
    change_dispatch,
    dispatches_of,
    follow_dispatches,
    hand_to_mail,
    move_dispatch,
)
from app.services.ordering.owned import locked_order
from app.services.ordering.states import NEEDS_A_PERSON

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def retry_order(work: Work, *, operator: Viewer, number: int) -> None:
    """Send what failed, bounced, was declined or is unsure once more, as a new round.

    Raises NotAllowed for somebody who is no operator, NotFound where there is no such order,
    Conflict where nothing of it needs to be retried.
    """
    _check_operator(operator)
    order = locked_order(work, number=number)
    parts = dispatches_of(work, order=order)
    stuck = [dispatch for dispatch, _ in parts if dispatch.state in NEEDS_A_PERSON]
    if order.state is not OrderState.FAILED or not stuck:
        raise Conflict(f"Nothing of order {number} needs to be sent again.")
    for dispatch in stuck:
        dispatch.round += 1
        dispatch.problem = None
        change_dispatch(
            work,
            order=order,
            dispatch=dispatch,
            to=DispatchState.QUEUED,
            detail=f"Retried by {operator.name}",
        )
        hand_to_mail(work, dispatch=dispatch)
    follow_dispatches(work, order=order)


def confirm_receipt(work: Work, *, operator: Viewer, number: int, dispatch_id: UUID) -> None:
    """Say that an unsure purchase order did arrive, so that it is not sent a second time.

    Raises NotAllowed for somebody who is no operator, NotFound where there is no such dispatch,
    Conflict where it is not unsure.
    """
    _check_operator(operator)
    order = locked_order(work, number=number)
    parts = dispatches_of(work, order=order)
    found = [dispatch for dispatch, _ in parts if dispatch.id == dispatch_id]
    if not found:
        raise NotFound(f"Order {number} has no such purchase order.")
    if found[0].state is not DispatchState.UNSURE:
        raise Conflict("Only a purchase order that is unsure can be settled by hand.")
    found[0].problem = None
    move_dispatch(
        work,
        order=order,
        dispatch=found[0],
        to=DispatchState.SENT,
        detail=f"{operator.name} asked the supplier: the mail had arrived",
    )


def _check_operator(person: Viewer) -> None:
    if not person.may(Permission.ORDER_RETRY):
        raise NotAllowed("Only an operator may send an order again.")
