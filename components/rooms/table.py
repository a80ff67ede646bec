"""The table of a room: sorted by its heads, selected by its boxes, acted on row by row."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.views.rooms import ActionView, CellView, ColumnView, RowView
from components.rooms.cells import cell_value, cell_words
from components.rooms.phase import list_phase
from components.ui import (
    card,
    classes,
    either,
    icon,
    icon_button,
    link,
    pagination,
    row,
    skeleton_rows,
    two_lines,
)
from state.room_actions import RoomActionState
from state.rooms import RoomState

_PAGE = RoomState.page
_SELECTED = rx.Var.create(RoomState.selected)


def room_table() -> rx.Component:
    """Return the table with its way to other pages."""
    return rx.fragment(
        card(
            rx.el.table(
                rx.el.thead(rx.el.tr(_check_all(), rx.foreach(_PAGE.columns, _head), _acts_head())),
                rx.el.tbody(
                    rx.cond(
                        list_phase() == "loading",
                        skeleton_rows(10, 5),
                        rx.foreach(_PAGE.rows, _row),
                    )
                ),
                aria_label=_PAGE.title,
                aria_busy=list_phase() == "loading",
                class_name="table",
            ),
            flush=True,
            class_name="room-table",
            data_testid="room-table",
        ),
        rx.cond(
            (list_phase() == "shown") & ((_PAGE.previous_href != "") | (_PAGE.next_href != "")),
            pagination(previous_href=_PAGE.previous_href, next_href=_PAGE.next_href),
        ),
    )


def _selects() -> rx.Var[bool]:
    return rx.Var.create(_PAGE.bulk).length() > 0


def _check_all() -> rx.Component:
    rows = rx.Var.create(_PAGE.rows)
    return rx.cond(
        _selects(),
        rx.el.th(
            rx.el.input(
                type="checkbox",
                aria_label="Select all rows of this page",
                checked=(rows.length() > 0) & (_SELECTED.length() == rows.length()),
                on_change=RoomState.toggle_page,
                class_name="check",
            ),
            scope="col",
            class_name="room-check",
        ),
    )


def _head(column: ObjectVar[ColumnView]) -> rx.Component:
    return rx.el.th(
        rx.cond(
            column.href != "",
            link(
                column.title,
                rx.cond(
                    column.sorted == "descending",
                    icon("chevron-down"),
                    icon("chevron-up"),
                ),
                href=column.href,
                data_sorted=column.sorted,
                class_name="sort-link",
            ),
            column.title,
        ),
        scope="col",
        aria_sort=rx.cond(column.sorted != "", column.sorted, "none"),
        class_name=_column_class(column),
    )


def _column_class(column: ObjectVar[ColumnView]) -> Any:
    return classes(either(column.figures, "figures"), either(column.wide_only, "wide-only"))


def _acts_head() -> rx.Component:
    return rx.el.th(rx.el.span("Actions", class_name="unseen"), scope="col", class_name="row-acts")


def _row(one: ObjectVar[RowView]) -> rx.Component:
    return row(
        rx.cond(
            _selects(),
            rx.el.td(
                rx.el.input(
                    type="checkbox",
                    aria_label=f"Select {one.title}",
                    checked=_SELECTED.contains(one.key),
                    on_change=RoomState.toggle(one.key),
                    data_selects="",
                    class_name="check",
                ),
                class_name="room-check",
            ),
        ),
        rx.foreach(one.cells, lambda cell, index: _cell(one, cell, index)),
        rx.el.td(
            rx.el.div(
                rx.foreach(one.actions, lambda action: _act(one, action)), class_name="row-actions"
            ),
            class_name="row-acts",
        ),
        selected=_SELECTED.contains(one.key),
        data_testid="room-row",
    )


def _cell(one: ObjectVar[RowView], cell: ObjectVar[CellView], index: rx.Var[int]) -> rx.Component:
    column = rx.Var.create(_PAGE.columns)[index.to(int)].to(ColumnView)
    return rx.el.td(
        rx.cond((index == 0) & (one.href != ""), _opener(one, cell), cell_value(cell)),
        class_name=_column_class(column),
    )


def _opener(one: ObjectVar[RowView], cell: ObjectVar[CellView]) -> rx.Component:
    opener = link(cell_words(cell), href=one.href, class_name="row-link")
    return rx.cond(cell.second != "", two_lines(opener, cell.second), opener)


def _act(one: ObjectVar[RowView], action: ObjectVar[ActionView]) -> rx.Component:
    return icon_button(
        action.icon,
        f"{action.title}: {one.title}",
        size="small",
        variant="secondary",
        on_click=RoomActionState.ask(_PAGE.key, action.key, rx.Var.create([one.key]).to(list[str])),
        data_testid="room-action",
        data_action=action.key,
    )
