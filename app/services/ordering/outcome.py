"""What becomes of an order once the mail of a dispatch is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from app.models.columns import stored
from app.models.ordering import DispatchState, Mail, MailState
from app.services.ordering.dispatching import dispatch_key, locked_dispatch

if TYPE_CHECKING:
    from app.work import Work

_MEANS: dict[MailState, DispatchState] = {
    MailState.ACCEPTED: DispatchState.SENT,
    MailState.REFUSED: DispatchState.FAILED,
    MailState.UNSURE: DispatchState.UNSURE,
}

_MAIL = select(
    col(Mail.key), col(Mail.dispatch_id), col(Mail.state), col(Mail.problem), col(Mail.recipient)
).where(col(Mail.id) == bindparam("mail_id"), col(Mail.dispatch_id).is_not(None))


def record_outcome(work: Work, *, mail_id: UUID) -> None:
    """Move a dispatch on by what became of its mail, and its order by the supplier's policy.

    Nothing happens where that was recorded already, or where a newer round has begun.
    """
    mail = work.session.execute(_MAIL, {"mail_id": mail_id}).first()
    if mail is None:
        return
    found = locked_dispatch(work, mail.dispatch_id)
    after = _MEANS.get(mail.state)
    if found is None or after is None:
        return
    dispatch = found.dispatch
    is_current = mail.key == dispatch_key(stored(dispatch.id), dispatch.round)
    if dispatch.state is not DispatchState.SENDING or not is_current:
        return
    dispatch.problem = mail.problem
    detail = mail.problem or f"to {mail.recipient}"
    found.move(work, after, detail)
