"""The embedded mailbox, as its page shows it."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.errors import NotFound
from app.models.columns import stored
from app.models.ordering import MailboxMessage
from app.views.mailbox import MessageRow, MessagesPage, MessageView

if TYPE_CHECKING:
    from app.work import Work

PAGE_SIZE = 50
_LARGEST_ID = 2**63 - 1


def list_messages(work: Work, *, before: int | None = None) -> MessagesPage:
    """Return a page of messages, newest first; `before` is the `next_before` of the page above."""
    query = select(
        col(MailboxMessage.id),
        col(MailboxMessage.sender),
        col(MailboxMessage.recipient),
        col(MailboxMessage.subject),
        col(MailboxMessage.received_at),
    ).order_by(col(MailboxMessage.id).desc())
    if before is not None:
        query = query.where(col(MailboxMessage.id) < min(before, _LARGEST_ID))
    found = work.session.execute(query.limit(PAGE_SIZE + 1)).all()
    rows = tuple(
        MessageRow(
            id=stored(number),
            sender=_who(sender),
            recipient=recipient,
            subject=subject,
            received_at=received_at,
        )
        for number, sender, recipient, subject, received_at in found[:PAGE_SIZE]
    )
    return MessagesPage(rows=rows, next_before=rows[-1].id if len(found) > PAGE_SIZE else None)


def _who(sender: str) -> str:
    """Return the name a mail comes under, as mail programs show it: else its address."""
    name, address = parseaddr(sender)
    return name or address


def message(work: Work, *, message_id: int) -> MessageView:
    """Return one message. Raises NotFound where there is none."""
    found = work.session.get(MailboxMessage, message_id) if 0 < message_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound("This message is not in the mailbox.")
    return MessageView(
        id=stored(found.id),
        sender=found.sender,
        recipient=found.recipient,
        reply_to=found.reply_to,
        subject=found.subject,
        html=found.html,
        text=found.text,
        received_at=found.received_at,
    )
