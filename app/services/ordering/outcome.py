"""What becomes of an order once the mails of its dispatches are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select
from sqlmodel import col

from app.models.ordering import DispatchState, Mail, MailState
from app.services.ordering.dispatching import dispatch_key, locked_dispatches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work

_MEANS: dict[MailState, DispatchState] = {
    MailState.ACCEPTED: DispatchState.SENT,
    MailState.REFUSED: DispatchState.FAILED,
    MailState.UNSURE: DispatchState.UNSURE,
}

_MAILS = select(
    col(Mail.key), col(Mail.dispatch_id), col(Mail.state), col(Mail.problem), col(Mail.recipient)
).where(
    col(Mail.id) == func.any(bindparam("mail_ids", type_=ARRAY(Uuid))),
    col(Mail.dispatch_id).is_not(None),
)


def record_outcomes(work: Work, *, mail_ids: Sequence[UUID]) -> None:
    """Move dispatches on by what became of their mails, and orders by the suppliers' policies.

    Nothing happens where that was recorded already, or where a newer round has begun.
    """
    mails = work.session.execute(_MAILS, {"mail_ids": mail_ids}).all()
    locked = locked_dispatches(work, [mail.dispatch_id for mail in mails])
    for mail in mails:
        found, after = locked[mail.dispatch_id], _MEANS.get(mail.state)
        dispatch = found.dispatch
        is_current = mail.key == dispatch_key(mail.dispatch_id, dispatch.round)
        if after is None or dispatch.state is not DispatchState.SENDING or not is_current:
            continue
        dispatch.problem = mail.problem
        found.move(work, after, mail.problem or f"to {mail.recipient}")
