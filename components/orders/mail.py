"""A mail as it arrives: in a frame that may do nothing, and as plain text."""

from __future__ import annotations

import reflex as rx

from components.orders.words import MAIL_LOOKS, Text, state_badge
from components.ui import clock, definition_list, dialog
from state.order import OrderPageState


def mail_frame(html: Text, title: Text, *, name: Text) -> rx.Component:
    """Return the HTML of a mail in a sandbox: no script, no form, no way out, an origin of its own.

    A mail is written for white paper and stays on it in the dark theme. `name` tells one mail from
    another: each gets a frame of its own, since a frame does not reliably show a second document.
    """
    return rx.cond(
        html != "",
        rx.el.iframe(
            key=name,
            src_doc=html,
            sandbox="",
            title=title,
            referrer_policy="no-referrer",
            class_name="mail-frame",
        ),
        rx.el.div(class_name="mail-frame"),
    )


def mail_dialog() -> rx.Component:
    """Return the dialog that shows one of the order's mails."""
    mail = OrderPageState.mail
    return dialog(
        definition_list(
            ("To", mail.recipient),
            ("From", mail.sender),
            ("Replies go to", rx.cond(mail.reply_to != "", mail.reply_to, "the sender")),
            ("State", state_badge(mail.state, MAIL_LOOKS)),
            ("Written", clock(mail.created_at, "moment")),
            class_name="near",
        ),
        rx.cond(mail.problem != "", rx.el.p(mail.problem, class_name="field-error")),
        rx.cond(
            OrderPageState.shows_mail,
            mail_frame(mail.html, "The mail as it was sent", name=mail.id),
        ),
        name="mail",
        open=OrderPageState.shows_mail,
        on_close=OrderPageState.close_mail,
        title=mail.subject,
        class_name="dialog-wide",
    )
