"""The mailbox that stands in for the mail service: its list, and the message that is open."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import reflex as rx

from app.errors import AppError, NotFound
from app.models.accounts import Permission
from app.services import ordering
from app.views.mailbox import MessageRow, MessageView
from state.base import in_reading, whole_number
from state.guard import requires
from state.live import hub
from state.together import look

NO_MESSAGE = MessageView(
    id=0,
    sender="",
    recipient="",
    reply_to="",
    subject="",
    html="",
    text="",
    received_at=datetime.fromtimestamp(0, UTC),
)

# Under APP_ENV=local the mails are those of a trial, and whoever tries it out wants to see them.
mailbox_readers = requires(Permission.MAILBOX_READ, open_locally=True)


def mailbox_href(*, message: int = 0, before: int = 0) -> str:
    """Return the address of the mailbox with a message open, from a message on."""
    asked = {"message": message, "before": before}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/mailbox?{query}" if query else "/mailbox"


class MailboxState(rx.State):
    """What the mailbox shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    rows: tuple[MessageRow, ...] = ()
    before: int = 0
    next_href: str = ""
    opened: int = 0
    message: MessageView = NO_MESSAGE
    message_problem: str = ""
    part: str = "html"

    @rx.event
    @mailbox_readers
    def show_part(self, part: str) -> None:
        """Show the message as HTML or as plain text."""
        self.part = part if part in {"html", "text"} else "html"

    @rx.event(background=True)
    @mailbox_readers
    async def watch(self) -> None:
        """Show the messages that the address asks for and follow the mailbox."""
        asked = self.router.url.query_parameters
        before, opened = (whole_number(asked.get(name, "")) or 0 for name in ("before", "message"))
        async with self:
            if self.message.id != opened:
                self.message, self.message_problem = NO_MESSAGE, ""
            self.before, self.opened = before, opened
        await self._open(opened)
        async with hub.watching("mailbox") as changes:
            async for _ in changes:
                await self._look(before)

    async def _open(self, opened: int) -> None:
        """Show one message; it never changes, so it is read once."""
        message, trouble = NO_MESSAGE, ""
        try:
            if opened:
                message = await in_reading(ordering.message, message_id=opened)
        except NotFound as problem:
            trouble = problem.sentence
        async with self:
            self.message, self.message_problem = message, trouble

    async def _look(self, before: int) -> None:
        """Read the list and show it."""
        try:
            page = await look(ordering.list_messages, before=before or None)
        except AppError as problem:
            async with self:
                self.phase, self.problem = "failed", problem.sentence
            return
        async with self:
            self.phase = "shown"
            self.rows = page.rows
            self.next_href = mailbox_href(before=page.next_before) if page.next_before else ""
