"""The list of messages, and the one that is open."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.mailbox import MessageRow
from components.orders.mail import mail_frame
from components.ui import (
    card,
    classes,
    clock,
    definition_list,
    either,
    empty_state,
    error_state,
    link,
    link_button,
    notice_bar,
    pagination,
    quiet,
    segmented,
    skeleton,
)
from state.mailbox import MailboxState, mailbox_href


def mailbox() -> rx.Component:
    """Return the list, and beside it the message that the address names."""
    return rx.cond(
        MailboxState.phase == "failed",
        error_state(text=MailboxState.problem),
        rx.cond(
            (MailboxState.phase == "shown")
            & (rx.Var.create(MailboxState.rows).length() == 0)
            & (MailboxState.opened == 0),
            _nothing(),
            rx.el.div(
                _list(),
                rx.cond(MailboxState.opened > 0, _reader()),
                class_name=classes("mailbox", either(MailboxState.opened > 0, "mailbox-open")),
            ),
        ),
    )


def _nothing() -> rx.Component:
    return empty_state(
        icon="inbox",
        title="No mail yet",
        text="Place an order, and the purchase orders and confirmations arrive here.",
        action=link_button("Search the catalogue", href="/", variant="primary"),
    )


def _list() -> rx.Component:
    return rx.el.div(
        card(
            rx.cond(
                MailboxState.phase == "shown",
                rx.el.ul(rx.foreach(MailboxState.rows, _message)),
                rx.el.ul(*(_waiting() for _ in range(6)), aria_busy="true"),
            ),
            flush=True,
            class_name="mailbox-list",
        ),
        rx.cond(
            (MailboxState.next_href != "") | (MailboxState.before > 0),
            pagination(
                previous_href=rx.cond(MailboxState.before > 0, mailbox_href(), ""),
                next_href=MailboxState.next_href,
            ),
        ),
        class_name="mailbox-side",
    )


def _message(row: ObjectVar[MessageRow]) -> rx.Component:
    page = rx.cond(MailboxState.before > 0, f"&before={MailboxState.before}", "")
    href = f"/mailbox?message={row.id}{page}"
    return rx.el.li(
        link(
            row.subject,
            href=href,
            class_name="row-link message-subject clip",
            data_testid="mailbox-subject",
        ),
        clock(row.received_at, class_name="quiet"),
        rx.el.div(
            quiet(row.sender, " to ", row.recipient),
            class_name="clip",
        ),
        class_name=classes(
            "row message", either(MailboxState.opened == row.id.to(int), "message-on")
        ),
        data_testid="mailbox-message",
    )


def _waiting() -> rx.Component:
    return rx.el.li(
        skeleton("70%", "1.2em"), skeleton("3rem"), skeleton("40%"), class_name="message"
    )


def _reader() -> rx.Component:
    message = MailboxState.message
    return rx.cond(
        MailboxState.message_problem != "",
        notice_bar(MailboxState.message_problem, tone="bad", role="alert"),
        card(
            rx.el.div(
                definition_list(
                    ("From", message.sender),
                    ("To", message.recipient),
                    ("Reply-To", rx.cond(message.reply_to != "", message.reply_to, "the sender")),
                    ("Received", clock(message.received_at, "moment")),
                    class_name="near",
                ),
                class_name="card-body",
            ),
            rx.cond(
                MailboxState.part == "html",
                mail_frame(message.html, f"Message: {message.subject}", name=f"{message.id}"),
                rx.el.pre(message.text, class_name="mail-text", tab_index=0),
            ),
            title=message.subject,
            aside=rx.fragment(
                segmented(
                    ("html", "As it looks"),
                    ("text", "Plain text"),
                    value=MailboxState.part,
                    on_change=MailboxState.show_part,
                    label="How to show the message",
                ),
                link_button("Close", href="/mailbox", size="small", icon="x"),
            ),
            flush=True,
            class_name="mailbox-reader",
        ),
    )
