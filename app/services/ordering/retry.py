"""What an operator does about an order that needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Permission
from app.models.operations import Settlement
from app.models.ordering import Dispatch, DispatchState, Order, OrderState
from app.services.audit import AuditAction, note
from app.services.letters import settle_letter
from app.services.ordering.dispatching import locked_dispatch
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
    before = order.state
    parts = dispatches_of(work, order=order)
    stuck = [dispatch for dispatch, _ in parts if dispatch.state in NEEDS_A_PERSON]
    if order.state is not OrderState.FAILED or not stuck:
        raise Conflict(f"Nothing of order {number} needs to be sent again.")
    for dispatch in stuck:
        given_up = dispatch.job_id
        _start_another_round(work, order, dispatch, operator)
        settle_letter(work, operator, given_up, Settlement.RETRIED, retried_as=dispatch.job_id)
    follow_dispatches(work, order=order)
    note(
        work,
        AuditAction.ORDER_RETRIED,
        kind="order",
        id=str(number),
        title=f"Order {number}",
        before={"state": before},
        after={"state": order.state, "dispatches": [dispatch.id for dispatch in stuck]},
    )


def retry_dispatch_of(work: Work, *, operator: Viewer, job_id: UUID) -> UUID | None:
    """Have the dispatch of a job that was given up mailed once more; return the new job's id.

    Its dead letter is the caller's to settle. Raises NotAllowed for somebody who is no operator,
    and Conflict where the dispatch has gone on since, where its order was ended, and where nobody
    knows whether the supplier has the mail: that is asked first, on the order's page.
    """
    _check_operator(operator)
    dispatch_id = work.session.scalar(
        select(col(Dispatch.id)).where(col(Dispatch.job_id) == job_id)
    )
    found = locked_dispatch(work, dispatch_id) if dispatch_id else None
    if found is None or found.dispatch.job_id != job_id:
        raise Conflict("The order has gone on since, and this job has nothing left to do.")
    order, dispatch = found.order, found.dispatch
    if order.state in {OrderState.ABANDONED, OrderState.CANCELLED}:
        raise Conflict(
            f"Order {order.number} is {order.state}, and nothing of it is sent any more."
        )
    if dispatch.state is DispatchState.UNSURE:
        raise Conflict(
            f"Nobody knows whether {found.supplier.name} got order {order.number}: ask, and say so "
            "on the order's page."
        )
    if dispatch.state in NEEDS_A_PERSON:
        _start_another_round(work, order, dispatch, operator)
        follow_dispatches(work, order=order)
    elif dispatch.state in {DispatchState.QUEUED, DispatchState.SENDING}:
        # The job ended before it could say so; the round goes on where its mail stands.
        hand_to_mail(work, dispatch=dispatch)
    else:
        raise Conflict(f"The purchase order of order {order.number} is {dispatch.state} by now.")
    return dispatch.job_id


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
    note(
        work,
        AuditAction.ORDER_RECEIPT_CONFIRMED,
        kind="order",
        id=str(number),
        title=f"Order {number}",
        before={"dispatch": dispatch_id, "state": DispatchState.UNSURE},
        after={"dispatch": dispatch_id, "state": DispatchState.SENT},
    )


def _start_another_round(work: Work, order: Order, dispatch: Dispatch, operator: Viewer) -> None:
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


def _check_operator(person: Viewer) -> None:
    if not person.may(Permission.ORDER_RETRY):
        raise NotAllowed("Only an operator may send an order again.")
