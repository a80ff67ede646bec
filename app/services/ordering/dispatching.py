"""The mails of an order, step by step: the purchase order to each supplier, the confirmation.

The first step locks the order as cancelling does, so exactly one of the two wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select
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
from app.services.ordering.ledger import Intent
from app.services.ordering.moves import (
    Parts,
    change_dispatch,
    dispatches_of,
    lock_order,
    move_dispatch,
    note_on_timeline,
)
from app.services.ordering.purchase_order import draft_confirmation, draft_purchase_order

if TYPE_CHECKING:
    from datetime import datetime

    from app.work import Work

# Statements are written once: building one takes longer than running it.
_LOCK_ORDER_OF = (
    select(Order, Person)
    .join(Person, col(Person.id) == col(Order.buyer_id))
    .where(
        col(Order.id)
        == select(col(Dispatch.order_id))
        .where(col(Dispatch.id) == bindparam("dispatch_id"))
        .scalar_subquery()
    )
    .with_for_update(of=Order)
)
_LOCK_ORDER = (
    select(Order, Person)
    .join(Person, col(Person.id) == col(Order.buyer_id))
    .where(col(Order.id) == bindparam("order_id"))
    .with_for_update(of=Order)
)


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


def intend_dispatch(work: Work, *, dispatch_id: UUID, number: int) -> Intent | None:
    """Begin to mail round `number` of a dispatch: it is being sent from here on.

    None where nothing is to be sent: cancelled, another round by now, or settled already.
    """
    found = locked_dispatch(work, dispatch_id)
    if found is None:
        return None
    order, dispatch = found.order, found.dispatch
    if dispatch.round != number:
        return None
    if dispatch.state is DispatchState.QUEUED:
        draft = draft_purchase_order(
            work, order=order, buyer=found.buyer, dispatch=dispatch, supplier=found.supplier
        )
        found.move(work, DispatchState.SENDING)
        key = dispatch_key(dispatch_id, number)
        return ledger.intend(work, key=key, order=order, dispatch_id=dispatch_id, draft=draft)
    if dispatch.state is not DispatchState.SENDING:
        return None
    row = ledger.mail_of(work, key=dispatch_key(dispatch_id, number))
    return ledger.intend_again(row) if row is not None else None


def intend_confirmation(work: Work, *, order_id: UUID) -> Intent | None:
    """Begin to mail the buyer that the order was placed; None where that is done."""
    found = work.session.execute(_LOCK_ORDER, {"order_id": order_id}).first()
    if found is None:
        return None
    order, buyer = found
    key = f"confirmation:{order_id}"
    row = ledger.mail_of(work, key=key)
    if row is not None:
        return ledger.intend_again(row)
    draft = draft_confirmation(work, order=order, buyer=buyer)
    return ledger.intend(work, key=key, order=order, dispatch_id=None, draft=draft)


def conclude_mail(
    work: Work, *, mail_id: UUID, state: MailState, provider_id: str = "", problem: str = ""
) -> None:
    """Record how a mail fared; a job on the queue `orders` moves its order on."""
    settled = ledger.conclude(
        work, mail_id=mail_id, state=state, provider_id=provider_id, problem=problem
    )
    if settled is None:
        return
    if settled.dispatch_id is not None:
        work.enqueue(RecordOutcome(mail_id=mail_id))
        return
    order = lock_order(work, order_id=stored(settled.order_id))
    if order is None:
        return
    went_out = state is MailState.ACCEPTED
    note_on_timeline(
        work,
        order=order,
        kind="mail.confirmation",
        title="Confirmation mailed" if went_out else "The confirmation may not have been mailed",
        detail=settled.recipient if went_out else problem,
        tone="info" if went_out else "warning",
    )


def note_another_try(
    work: Work, *, dispatch_id: UUID, number: int, of: int, problem: str, due_at: datetime | None
) -> None:
    """Show on the order that its mail is tried again, as try `number` of `of`."""
    found = locked_dispatch(work, dispatch_id)
    if found is None:
        return
    when = f" at {due_at:%H:%M:%S} UTC" if due_at else ""
    note_on_timeline(
        work,
        order=found.order,
        kind="dispatch.retrying",
        title=f"Mailing {found.supplier.name} again{when}, attempt {number} of {of}",
        detail=problem,
        tone="warning",
        dispatch_id=dispatch_id,
    )


def give_up_dispatch(work: Work, *, dispatch_id: UUID, number: int, problem: str) -> None:
    """Let a dispatch fail whose job is dead: `unsure` where its mail may have gone out."""
    found = locked_dispatch(work, dispatch_id)
    if found is None:
        return
    dispatch = found.dispatch
    if dispatch.round != number:
        return
    row = ledger.mail_of(work, key=dispatch_key(dispatch_id, number))
    if row is not None and row.settled_at is not None:
        return
    may_be_out = row is not None and row.state is MailState.INTENDED
    if row is not None:
        ledger.conclude(
            work,
            mail_id=stored(row.id),
            state=MailState.UNSURE if may_be_out else MailState.REFUSED,
            problem=problem,
        )
    if dispatch.state is DispatchState.QUEUED:
        change_dispatch(work, order=found.order, dispatch=dispatch, to=DispatchState.SENDING)
    if dispatch.state is DispatchState.SENDING:
        dispatch.problem = problem
        to = DispatchState.UNSURE if may_be_out else DispatchState.FAILED
        found.move(work, to, problem)


def give_up_confirmation(work: Work, *, order_id: UUID, problem: str) -> None:
    """Record that the buyer was not told by mail; the order itself goes on."""
    row = ledger.mail_of(work, key=f"confirmation:{order_id}")
    if row is not None and row.settled_at is None:
        unsure = row.state is MailState.INTENDED
        state = MailState.UNSURE if unsure else MailState.REFUSED
        conclude_mail(work, mail_id=stored(row.id), state=state, problem=problem)


def locked_dispatch(work: Work, dispatch_id: UUID) -> Locked | None:
    """Lock the order of a dispatch; None where there is none."""
    found = work.session.execute(_LOCK_ORDER_OF, {"dispatch_id": dispatch_id}).first()
    if found is None:
        return None
    order, buyer = found
    parts = dispatches_of(work, order=order)
    dispatch, supplier = next(pair for pair in parts if pair[0].id == dispatch_id)
    return Locked(order, buyer, dispatch, supplier, parts)
