"""The mails of an order, step by step: the purchase order to each supplier, the confirmation.

The first step locks the order as cancelling does, so exactly one of the two wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select
from sqlmodel import col

from app.models.accounts import Person
from app.models.columns import stored
from app.models.feeds import Supplier
from app.models.ordering import (
    Dispatch,
    DispatchState,
    MailState,
    Order,
    RecordOutcome,
)
from app.services.ordering import ledger
from app.services.ordering.ledger import Intent, Outcome
from app.services.ordering.moves import (
    Parts,
    lock_orders,
    move_dispatch,
    note_on_timeline,
    parts_of,
)
from app.services.ordering.purchase_order import (
    draft_confirmation,
    draft_purchase_order,
    lines_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work

# Statements are written once: building one takes longer than running it. Orders are locked in the
# sequence of `lock_orders`.
_ORDERS = (
    select(Order, Person)
    .join(Person, col(Person.id) == col(Order.buyer_id))
    .order_by(col(Order.id))
    .with_for_update(of=Order)
)
_LOCK_ORDERS_OF = _ORDERS.where(
    col(Order.id).in_(
        select(col(Dispatch.order_id)).where(
            col(Dispatch.id) == func.any(bindparam("dispatch_ids", type_=ARRAY(Uuid)))
        )
    )
)
_LOCK_ORDERS = _ORDERS.where(col(Order.id) == func.any(bindparam("order_ids", type_=ARRAY(Uuid))))


@dataclass(frozen=True, slots=True)
class Locked:
    """A dispatch with all that belongs to it, as it is once its order is locked."""

    order: Order
    buyer: Person
    dispatch: Dispatch
    supplier: Supplier
    parts: Parts

    def move(self, work: Work, to: DispatchState, detail: str = "") -> None:
        """Move the dispatch on, and the order with it where that follows."""
        move_dispatch(
            work,
            order=self.order,
            dispatch=self.dispatch,
            to=to,
            detail=detail,
            parts=self.parts,
        )


def dispatch_key(dispatch_id: UUID, number: int) -> str:
    """Return the key of the mail of one round of a dispatch."""
    return f"dispatch:{dispatch_id}:{number}"


def confirmation_key(order_id: UUID) -> str:
    """Return the key of the mail that tells the buyer what was ordered."""
    return f"confirmation:{order_id}"


def intend_dispatches(work: Work, rounds: Sequence[tuple[UUID, int]]) -> list[Intent | None]:
    """Begin to mail rounds of dispatches, given by id and number: they are being sent from here on.

    Returns an answer for each. None where nothing is to be sent: cancelled, another round by now,
    or settled already.
    """
    locked = locked_dispatches(work, [dispatch_id for dispatch_id, _ in rounds])
    lines = lines_of(work, order_ids=[stored(found.order.id) for found in locked.values()])
    begun = [
        dispatch_key(dispatch_id, found.dispatch.round)
        for dispatch_id, found in locked.items()
        if found.dispatch.state is DispatchState.SENDING
    ]
    earlier = ledger.mails_of(work, keys=begun)

    def intend(dispatch_id: UUID, number: int) -> Intent | None:
        found = locked.get(dispatch_id)
        if found is None or found.dispatch.round != number:
            return None
        key = dispatch_key(dispatch_id, number)
        if found.dispatch.state is not DispatchState.QUEUED:
            return ledger.intend_again(earlier[key]) if key in earlier else None
        draft = draft_purchase_order(
            order=found.order,
            buyer=found.buyer,
            dispatch=found.dispatch,
            supplier=found.supplier,
            lines=lines,
        )
        found.move(work, DispatchState.SENDING)
        return ledger.intend(
            work, key=key, draft=draft, order_id=found.order.id, dispatch_id=dispatch_id
        )

    return [intend(*each) for each in rounds]


def intend_confirmations(work: Work, order_ids: Sequence[UUID]) -> list[Intent | None]:
    """Begin to mail buyers that their orders were placed; an answer for each, None where done."""
    wanted = {"order_ids": order_ids}
    locked = {
        stored(order.id): (order, buyer)
        for order, buyer in work.session.execute(_LOCK_ORDERS, wanted)
    }
    earlier = ledger.mails_of(work, keys=[confirmation_key(order_id) for order_id in order_ids])
    lines = lines_of(work, order_ids=order_ids)
    parts = parts_of(work, order_ids=order_ids)

    def intend(order_id: UUID) -> Intent | None:
        key = confirmation_key(order_id)
        if key in earlier:
            return ledger.intend_again(earlier[key])
        if order_id not in locked:
            return None
        order, buyer = locked[order_id]
        draft = draft_confirmation(order=order, buyer=buyer, parts=parts[order_id], lines=lines)
        return ledger.intend(work, key=key, draft=draft, order_id=order.id)

    return [intend(order_id) for order_id in order_ids]


def conclude_mails(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Record how mails fared; jobs on the queue `orders` move the orders on."""
    settled = ledger.conclude(work, outcomes)
    work.enqueue_all(
        [RecordOutcome(mail_id=mail.mail_id) for mail in settled if mail.dispatch_id is not None]
    )
    confirmations = {
        mail.order_id: mail
        for mail in settled
        if mail.dispatch_id is None and mail.order_id is not None
    }
    if not confirmations:
        return
    for order_id, order in lock_orders(work, order_ids=[*confirmations]).items():
        mail = confirmations[order_id]
        went_out = mail.state is MailState.ACCEPTED
        note_on_timeline(
            work,
            order=order,
            kind="mail.confirmation",
            title="Confirmation mailed"
            if went_out
            else "The confirmation may not have been mailed",
            detail=mail.recipient if went_out else mail.problem or "",
            tone="info" if went_out else "warning",
        )


def locked_dispatch(work: Work, dispatch_id: UUID) -> Locked | None:
    """Lock the order of a dispatch; None where there is none."""
    return locked_dispatches(work, [dispatch_id]).get(dispatch_id)


def locked_dispatches(work: Work, dispatch_ids: Sequence[UUID]) -> dict[UUID, Locked]:
    """Lock the orders of several dispatches; return those dispatches that there are."""
    rows = work.session.execute(_LOCK_ORDERS_OF, {"dispatch_ids": dispatch_ids})
    orders = {stored(order.id): (order, buyer) for order, buyer in rows}
    parts = parts_of(work, order_ids=[*orders])
    wanted = set(dispatch_ids)
    return {
        stored(dispatch.id): Locked(*orders[order_id], dispatch, supplier, parts[order_id])
        for order_id in orders
        for dispatch, supplier in parts[order_id]
        if dispatch.id in wanted
    }
