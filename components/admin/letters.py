"""The dead letters: what was given up, why, and the order it was about."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.operations import DeadLetterRow
from components.ui import (
    Column,
    card,
    cell,
    clock,
    count,
    quiet,
    row,
    table,
    text_link,
    two_lines,
)
from state.admin import AdminState


def dead_letters() -> rx.Component:
    """Return the table of dead letters; nothing where there are none, the tile says so."""
    letters = rx.Var.create(AdminState.letters)
    return rx.cond(
        letters.length() > 0,
        card(
            table(
                [
                    "Job",
                    Column("Attempts", figures=True, wide_only=True),
                    "What went wrong",
                    "Order",
                    Column("Given up", figures=True),
                ],
                rx.foreach(AdminState.letters, _letter),
                label="Dead letters",
            ),
            title=rx.fragment("Dead letters", count(letters.length(), tone="bad")),
            flush=True,
            id="dead-letters",
        ),
    )


def _letter(letter: ObjectVar[DeadLetterRow]) -> rx.Component:
    number = letter.order_number
    return row(
        cell(two_lines(letter.job, letter.queue)),
        cell(letter.attempts, figures=True, wide_only=True),
        cell(letter.problem),
        cell(
            rx.cond(number.to(int) > 0, text_link(number, href=f"/orders/{number}"), quiet("none"))
        ),
        cell(clock(letter.created_at), figures=True),
    )
