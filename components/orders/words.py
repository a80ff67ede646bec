"""States as badges: the word, with the tone and the icon that say the same."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from app.views.looks import DISPATCH_LOOKS, ORDER_LOOKS, Look
from components.ui import classes, icon

Text = str | rx.Var[str]

# State -> tone, icon.
MAIL_LOOKS: Final[dict[str, Look]] = {
    "intended": ("info", "loader"),
    "deferred": ("warn", "rotate-cw"),
    "accepted": ("good", "check"),
    "refused": ("bad", "mail-x"),
    "unsure": ("warn", "circle-help"),
}
# Kind of a timeline entry -> icon; its tone comes with it.
STEP_ICONS: Final[dict[str, str]] = {
    "order.placed": "shopping-basket",
    "order.processing": "loader",
    "order.completed": "circle-check",
    "order.failed": "circle-alert",
    "order.abandoned": "circle-x",
    "order.cancelled": "ban",
    **{f"dispatch.{state}": mark for state, (_, mark) in DISPATCH_LOOKS.items()},
    "dispatch.queued": "rotate-cw",
    "dispatch.retrying": "rotate-cw",
    "mail.confirmation": "mail",
}


def state_word(state: Text, **props: Any) -> rx.Component:
    """Return the name of a state. On screen it starts with a capital, in the document it does not.

    What reads the page (a test, a screen reader, the clipboard) gets the state's own name.
    """
    return rx.el.span(state, class_name="state-word", custom_attrs={"data-word": state}, **props)


def state_badge(state: Text, looks: dict[str, Look], **props: Any) -> rx.Component:
    """Return the badge of a state by one of the tables above; `props` go to its word."""
    mark = rx.match(
        state,
        *((word, icon(mark, 14)) for word, (_, mark) in looks.items()),
        rx.fragment(),
    )
    tone = rx.match(state, *((word, tone) for word, (tone, _) in looks.items()), "neutral")
    return rx.el.span(
        mark, state_word(state, **props), class_name=classes("badge", f"badge-{tone}")
    )


def order_badge(state: Text, **props: Any) -> rx.Component:
    """Return the badge of an order's state."""
    return state_badge(state, ORDER_LOOKS, **props)


def step_icon(kind: Text) -> rx.Var[str]:
    """Return the name of the icon of a timeline entry."""
    return rx.Var.create(rx.match(kind, *STEP_ICONS.items(), "info")).to(str)


def kit_tone(tone: Text) -> rx.Var[str]:
    """Return the kit's word for a tone of the timeline."""
    return rx.Var.create(rx.cond(tone == "warning", "warn", tone)).to(str)
