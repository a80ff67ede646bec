"""The ledger of mails: what was meant, and what is known of it, so that none goes out twice.

intent -> call -> outcome: the first and the last are transactions, the call stands between them.
A row that is found `intended` by a later try belongs to a worker that died in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from app.config import settings
from app.integrations.ports import OutgoingMail
from app.models.columns import new_id, now, stored
from app.models.ordering import Mail, MailState, Order

if TYPE_CHECKING:
    from app.services.ordering.purchase_order import Draft
    from app.work import Work


@dataclass(frozen=True, slots=True)
class Intent:
    """A mail that may be handed over now; `was_cut_off` when an earlier try may have done so."""

    mail_id: UUID
    mail: OutgoingMail
    was_cut_off: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail whose outcome has just been written down."""

    order_id: UUID | None
    dispatch_id: UUID | None
    recipient: str


# Statements are written once: building one takes longer than running it.
_OF_KEY = select(Mail).where(col(Mail.key) == bindparam("key")).with_for_update()
_INTEND = insert(Mail)
_OPEN = update(Mail).where(col(Mail.id) == bindparam("mail_id"), col(Mail.settled_at).is_(None))
_DEFER = _OPEN.values(state=MailState.DEFERRED)
_CONCLUDE = _OPEN.returning(col(Mail.order_id), col(Mail.dispatch_id), col(Mail.recipient))


def mail_of(work: Work, *, key: str) -> Mail | None:
    """Return the ledger's row of a key, locked."""
    return work.session.scalar(_OF_KEY, {"key": key})


def intend(work: Work, *, key: str, order: Order, dispatch_id: UUID | None, draft: Draft) -> Intent:
    """Write down a mail that is about to be handed over for the first time."""
    row = Mail(
        id=new_id(),
        key=key,
        order_id=order.id,
        dispatch_id=dispatch_id,
        sender=settings().mail_from,
        recipient=draft.recipient,
        reply_to=draft.reply_to,
        subject=draft.subject,
        html=draft.html,
        text=draft.text,
    )
    work.session.connection().execute(_INTEND, row.model_dump())
    return _intent(row, was_cut_off=False)


def intend_again(row: Mail) -> Intent | None:
    """Take up a mail of an earlier try, None where its outcome is known already."""
    if row.state not in {MailState.INTENDED, MailState.DEFERRED}:
        return None
    was_cut_off = row.state is MailState.INTENDED
    row.state = MailState.INTENDED
    return _intent(row, was_cut_off=was_cut_off)


def _intent(row: Mail, *, was_cut_off: bool) -> Intent:
    return Intent(
        mail_id=stored(row.id),
        mail=OutgoingMail(
            key=row.key,
            sender=row.sender,
            recipient=row.recipient,
            reply_to=row.reply_to,
            subject=row.subject,
            text=row.text,
            html=row.html,
        ),
        was_cut_off=was_cut_off,
    )


def defer(work: Work, *, mail_id: UUID, problem: str) -> None:
    """Write down that a mail certainly was not taken and has to be handed over again."""
    work.session.connection().execute(_DEFER, {"mail_id": mail_id, "problem": problem})


def conclude(
    work: Work, *, mail_id: UUID, state: MailState, provider_id: str = "", problem: str = ""
) -> Settled | None:
    """Write down how a mail fared; None where that is known already."""
    outcome = {
        "mail_id": mail_id,
        "state": state,
        "provider_id": provider_id or None,
        "problem": problem or None,
        "settled_at": now(),
    }
    found = work.session.connection().execute(_CONCLUDE, outcome).first()
    return Settled(*found) if found is not None else None
