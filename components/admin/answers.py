"""The tiles: each a question with its answer, the figure, and the link that mends it."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.operations import Answer
from components.ui import badge, card, skeleton, tile
from state.admin import AdminState

# As many as there are questions, so that nothing moves when the answers come.
_QUESTIONS = 6


def answers() -> rx.Component:
    """Return the grid of tiles."""
    return rx.el.div(
        rx.cond(
            AdminState.phase == "loading",
            rx.fragment(*(_waiting() for _ in range(_QUESTIONS))),
            rx.foreach(AdminState.answers, _answer),
        ),
        class_name="tile-grid",
    )


def _answer(answer: ObjectVar[Answer]) -> rx.Component:
    good = badge(answer.figure, tone="good", icon="check")
    bad = badge(answer.figure, tone="bad", icon="triangle-alert")
    shown = rx.cond(answer.is_good, good, bad)
    return rx.cond(
        answer.link != "",
        tile(answer.question, shown, answer.answer, href=answer.link),
        tile(answer.question, shown, answer.answer),
    )


def _waiting() -> rx.Component:
    return card(
        skeleton("60%"),
        skeleton("4rem", "var(--badge)"),
        skeleton("80%"),
        class_name="stack-card tile-wait",
    )
