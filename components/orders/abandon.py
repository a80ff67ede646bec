"""Abandoning a failed order: the button, and the question for the reason."""

from __future__ import annotations

import reflex as rx

from components.ui import button, dialog, text_area
from state.abandon import AbandonState
from state.order import OrderPageState


def abandon_button() -> rx.Component:
    """Return the button, for those who may and where there is something to abandon."""
    return rx.cond(
        OrderPageState.order.can_retry,
        button(
            "Abandon",
            variant="danger",
            icon="ban",
            on_click=AbandonState.ask(OrderPageState.order.number),
        ),
    )


def abandon_dialog() -> rx.Component:
    """Return the question; the form outside the dialog's body reaches its button by name."""
    stay = AbandonState.ask(0)
    return dialog(
        rx.el.form(
            rx.el.p(
                "Nothing more of this order is mailed. What a supplier has already got stays with "
                "them: call them where it has to be taken back.",
            ),
            text_area(
                label="Why it cannot be carried out",
                name="reason",
                hint="The buyer reads it on the order's page.",
                error=AbandonState.problem,
                max_length=500,
            ),
            id="abandon-form",
            on_submit=AbandonState.abandon,
            class_name="stack",
        ),
        name="abandon-order",
        open=AbandonState.number != 0,
        on_close=stay,
        title=f"Abandon order {AbandonState.number}",
        actions=(
            button("Keep it", on_click=stay),
            button(
                f"Abandon order {AbandonState.number}",
                variant="danger-primary",
                type="submit",
                form="abandon-form",
                loading=AbandonState.is_busy,
            ),
        ),
    )
