"""Cells: a value as text, badge, moment, link or id, whatever the room says it is."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.rooms import CellView
from components.ui import badge, classes, clock, either, outside_link, text_link, two_lines


def cell_words(cell: ObjectVar[CellView]) -> rx.Component:
    """Return the value of a cell, without the line below it."""
    return rx.cond(
        cell.at,
        clock(cell.at),
        rx.cond(
            cell.tone != "",
            badge(cell.text, tone=cell.tone, icon=cell.icon),
            rx.el.span(cell.text, class_name=classes(either(cell.mono, "mono"))),
        ),
    )


def cell_value(cell: ObjectVar[CellView]) -> rx.Component:
    """Return a cell as a table or a list of facts shows it."""
    words = rx.cond(
        cell.href != "",
        rx.cond(
            cell.download,
            outside_link(cell.text, href=cell.href, class_name="text-link"),
            text_link(cell_words(cell), href=cell.href),
        ),
        cell_words(cell),
    )
    return rx.cond(cell.second != "", two_lines(words, cell.second), words)
