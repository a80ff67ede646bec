"""The ledger of mails: what was meant, and what is known of it, so that none goes out twice.

intent -> call -> outcome: the first and the last are transactions, the call stands between them.
A row that is found `intended` by a later try belongs to a worker that died in between.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, insert, select, update
from sqlmodel import col

from app.config import settings
from app.integrations.ports import OutgoingMail
from app.models.columns import new_id, stored
from app.models.ordering import Mail, MailState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.correspondence import Draft
    from app.work import Work


@dataclass(frozen=True, slots=True)
class Intent:
    """A mail that may be handed over now; `was_cut_off` when an earlier try may have done so."""

    mail_id: UUID
    mail: OutgoingMail
    was_cut_off: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a mail that was handed over; `problem` empty where it was taken."""

    mail_id: UUID
    state: MailState
    provider_id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail whose outcome has just been written down."""

    mail_id: UUID
    key: str
    order_id: UUID | None
    dispatch_id: UUID | None
    recipient: str
    state: MailState
    problem: str | None


# Statements are written once: building one takes longer than running it.
_OF_KEYS = (
    select(Mail)
    .where(col(Mail.key) == func.any(bindparam("keys", type_=ARRAY(Text))))
    .order_by(col(Mail.id))
    .with_for_update()
)
_INTEND = insert(Mail)
_OPEN = update(Mail).where(col(Mail.settled_at).is_(None))
_DEFER = _OPEN.where(col(Mail.id) == bindparam("mail_id")).values(state=MailState.DEFERRED)
_OUTCOMES = (
    func.unnest(
        bindparam("mail_ids", type_=ARRAY(Uuid)),
        bindparam("states", type_=ARRAY(Text)),
        bindparam("provider_ids", type_=ARRAY(Text)),
        bindparam("problems", type_=ARRAY(Text)),
    )
    .table_valued("mail_id", "state", "provider_id", "problem")
    .render_derived("outcome")
)
_CONCLUDE = (
    _OPEN.where(col(Mail.id) == _OUTCOMES.c.mail_id)
    .values(
        state=_OUTCOMES.c.state,
        provider_id=func.nullif(_OUTCOMES.c.provider_id, ""),
        problem=func.nullif(_OUTCOMES.c.problem, ""),
        settled_at=func.now(),
    )
    .returning(
        col(Mail.id),
        col(Mail.key),
        col(Mail.order_id),
        col(Mail.dispatch_id),
        col(Mail.recipient),
        col(Mail.state),
        col(Mail.problem),
    )
)


def mails_of(work: Work, *, keys: Sequence[str]) -> dict[str, Mail]:
    """Return those rows of the ledger that there are, by key, locked."""
    if not keys:
        return {}
    return {row.key: row for row in work.session.scalars(_OF_KEYS, {"keys": keys})}


def intend(
    work: Work,
    *,
    key: str,
    draft: Draft,
    order_id: UUID | None = None,
    dispatch_id: UUID | None = None,
) -> Intent:
    """Write down a mail that is about to be handed over for the first time.

    `order_id` and `dispatch_id` name what it is about, where that is an order.
    """
    mail = OutgoingMail(
        key=key,
        sender=settings().mail_from,
        recipient=draft.recipient,
        reply_to=draft.reply_to,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
    )
    mail_id = new_id()
    row = asdict(mail) | {"id": mail_id, "order_id": order_id, "dispatch_id": dispatch_id}
    work.add(_INTEND, row)
    return Intent(mail_id=mail_id, mail=mail, was_cut_off=False)


def intend_again(row: Mail) -> Intent | None:
    """Take up a mail of an earlier try, None where its outcome is known already."""
    if row.state not in {MailState.INTENDED, MailState.DEFERRED}:
        return None
    was_cut_off = row.state is MailState.INTENDED
    row.state = MailState.INTENDED
    mail = OutgoingMail(
        key=row.key,
        sender=row.sender,
        recipient=row.recipient,
        reply_to=row.reply_to,
        subject=row.subject,
        text=row.text,
        html=row.html,
    )
    return Intent(mail_id=stored(row.id), mail=mail, was_cut_off=was_cut_off)


def defer(work: Work, *, mail_id: UUID, problem: str) -> None:
    """Write down that a mail certainly was not taken and has to be handed over again."""
    work.session.connection().execute(_DEFER, {"mail_id": mail_id, "problem": problem})


def conclude(work: Work, outcomes: Sequence[Outcome]) -> list[Settled]:
    """Write down how mails fared; those of which that was known already are left out."""
    arrays = {
        "mail_ids": [outcome.mail_id for outcome in outcomes],
        "states": [outcome.state.value for outcome in outcomes],
        "provider_ids": [outcome.provider_id for outcome in outcomes],
        "problems": [outcome.problem for outcome in outcomes],
    }
    return [Settled(*row) for row in work.session.connection().execute(_CONCLUDE, arrays)]
