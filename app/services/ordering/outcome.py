"""What becomes of an order once the mail of a dispatch is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.models.columns import stored
from app.models.ordering import Dispatch, DispatchState, Mail, MailState
from app.services.ordering.dispatching import dispatch_key
from app.services.ordering.moves import lock_order, move_dispatch

if TYPE_CHECKING:
    from app.work import Work

_MEANS: dict[MailState, DispatchState] = {
    MailState.ACCEPTED: DispatchState.SENT,
    MailState.REFUSED: DispatchState.FAILED,
    MailState.UNSURE: DispatchState.UNSURE,
}


def record_outcome(work: Work, *, mail_id: UUID) -> None:
    """Move a dispatch on by what became of its mail, and its order by the supplier's policy.

    Nothing happens where that was recorded already, or where a newer round has begun.
    """
    mail = work.session.get(Mail, mail_id)
    if mail is None or mail.order_id is None or mail.dispatch_id is None:
        return
    order = lock_order(work, order_id=mail.order_id)
    after = _MEANS.get(mail.state)
    if order is None or after is None:
        return
    dispatch = work.session.get_one(Dispatch, mail.dispatch_id)
    is_current = mail.key == dispatch_key(stored(dispatch.id), dispatch.round)
    if dispatch.state is not DispatchState.SENDING or not is_current:
        return
    dispatch.problem = mail.problem
    detail = mail.problem or f"to {mail.recipient}"
    move_dispatch(work, order=order, dispatch=dispatch, to=after, detail=detail)
