"""The mailbox."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.mailbox.messages import mailbox as messages
from state.mailbox import MailboxState


@rx.page(route="/mailbox", title="Mailbox", on_load=loads(MailboxState.watch))
def mailbox() -> rx.Component:
    """Every mail that went out, as it would arrive."""
    return page(
        messages(),
        title="Mailbox",
        active="mailbox",
        lead="What goes out arrives here as long as no mail service is set.",
    )
