"""Mails that are tried again or given up: what their orders show, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.errors import Conflict
from app.models.columns import stored
from app.models.ordering import DispatchState, Mail, MailState
from app.services.ordering import ledger
from app.services.ordering.dispatching import (
    conclude_mails,
    confirmation_key,
    dispatch_key,
    locked_dispatch,
)
from app.services.ordering.ledger import Outcome
from app.services.ordering.moves import change_dispatch, note_on_timeline

if TYPE_CHECKING:
    from datetime import datetime

    from app.work import Work


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
    key = dispatch_key(dispatch_id, number)
    row = ledger.mails_of(work, keys=[key]).get(key)
    if row is not None and row.settled_at is not None:
        return
    may_be_out = row is not None and row.state is MailState.INTENDED
    if row is not None:
        ledger.conclude(work, [_given_up(row, problem)])
    if dispatch.state is DispatchState.QUEUED:
        change_dispatch(work, order=found.order, dispatch=dispatch, to=DispatchState.SENDING)
    if dispatch.state is DispatchState.SENDING:
        dispatch.problem = problem
        to = DispatchState.UNSURE if may_be_out else DispatchState.FAILED
        found.move(work, to, problem)


def give_up_confirmation(work: Work, *, order_id: UUID, problem: str) -> None:
    """Record that the buyer was not told by mail; the order itself goes on."""
    for row in ledger.mails_of(work, keys=[confirmation_key(order_id)]).values():
        if row.settled_at is None:
            conclude_mails(work, [_given_up(row, problem)])


def reopen_confirmation(work: Work, *, order_id: UUID) -> None:
    """Let a confirmation that was given up be handed over again; one too many harms nobody.

    Raises Conflict where the buyer has it.
    """
    for row in ledger.mails_of(work, keys=[confirmation_key(order_id)]).values():
        if row.state is MailState.ACCEPTED:
            raise Conflict("The buyer has this confirmation by now.")
        row.state, row.settled_at, row.problem = MailState.DEFERRED, None, None


def _given_up(row: Mail, problem: str) -> Outcome:
    """Return the outcome of a mail whose job is dead; it may be out where it was cut off."""
    state = MailState.UNSURE if row.state is MailState.INTENDED else MailState.REFUSED
    return Outcome(stored(row.id), state, problem=problem)
