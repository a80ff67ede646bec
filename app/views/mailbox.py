"""What the mailbox page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in the mailbox's list; `sender` is the name it comes under."""

    id: int
    sender: str
    recipient: str
    subject: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """A page of the mailbox, newest first; `next_before` is None after the last."""

    rows: tuple[MessageRow, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as it would arrive."""

    id: int
    sender: str
    recipient: str
    reply_to: str
    subject: str
    html: str
    text: str
    received_at: datetime
