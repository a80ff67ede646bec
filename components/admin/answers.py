"""The tiles: each a question with its answer, the figure, and the link that mends it."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.vars import ObjectVar

from app.services.operations.overview import QUESTIONS
from app.views.operations import Answer
from components.ui import badge, card, skeleton, tile
from state.admin import AdminState

# As many as there are questions, so that nothing moves when the answers come.
_QUESTIONS: Final = 1 + len(QUESTIONS)
# Questions to which "yes" is the bad answer.
_ASKS_FOR_TROUBLE: Final = ("orders", "bounces", "dead-letters", "records", "flags", "failures")


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
    yes = rx.match(
        answer.key, *((key, ~answer.is_good.to(bool)) for key in _ASKS_FOR_TROUBLE), answer.is_good
    )
    shown = rx.cond(
        answer.is_good,
        rx.cond(
            answer.is_known,
            badge(rx.cond(yes, "Yes", "No"), tone="good", icon="check"),
            badge("Not known yet", tone="neutral", icon="hourglass"),
        ),
        badge(rx.cond(yes, "Yes", "No"), tone="bad", icon="triangle-alert"),
    )
    figure = rx.el.span(answer.figure, class_name="tile-figure")
    return rx.cond(
        answer.link != "",
        tile(answer.question, shown, answer.answer, href=answer.link, trend=figure),
        tile(answer.question, shown, answer.answer, trend=figure),
    )


def _waiting() -> rx.Component:
    return card(
        skeleton("60%"),
        skeleton("4rem", "var(--badge)"),
        skeleton("80%"),
        class_name="stack-card tile-wait",
    )
