"""The bar over a list: words to search for, filters, the choice of columns."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.views.rooms import ChoiceView, ColumnView, FilterView
from components.rooms.tasks import export_button
from components.ui import (
    button,
    chip,
    classes,
    either,
    icon,
    link,
    link_button,
    quiet,
    text_field,
)
from state.rooms import RoomState

_PAGE = RoomState.page
_COLUMNS = "room-columns"


def filter_bar() -> rx.Component:
    """Return the bar; what it is set to stands in the address."""
    return rx.el.div(
        rx.cond(_PAGE.search_hint != "", _search()),
        rx.foreach(_PAGE.filters, _filter),
        rx.cond(
            _PAGE.is_filtered,
            link_button("Show all", href=_PAGE.clear_href, size="small", variant="quiet", icon="x"),
        ),
        rx.el.div(_how_many(), _columns(), export_button(), class_name="room-tools"),
        class_name="room-bar",
        role="search",
        aria_label="Narrow the list",
    )


def _how_many() -> rx.Component:
    return rx.cond(
        RoomState.phase == "shown",
        rx.el.span(
            _PAGE.matches, rx.cond(_PAGE.count == 1, " row", " rows"), class_name="quiet figures"
        ),
    )


def _search() -> rx.Component:
    return rx.el.form(
        icon("search", class_name="unmoved"),
        rx.el.input(
            type="search",
            name="words",
            key=_PAGE.q,
            default_value=_PAGE.q,
            placeholder=_PAGE.search_hint,
            aria_label=f"Search by: {_PAGE.search_hint}",
            auto_complete="off",
            max_length=200,
            class_name="input",
            data_searches="",
            data_testid="room-search",
        ),
        on_submit=RoomState.search,
        reset_on_submit=False,
        class_name="room-search",
    )


def _filter(one: ObjectVar[FilterView]) -> rx.Component:
    return rx.fragment(
        rx.match(one.kind, ("linked", _linked(one)), ("time", _time(one)), _one_of(one))
    )


def _one_of(one: ObjectVar[FilterView]) -> rx.Component:
    return rx.el.div(
        rx.el.select(
            rx.el.option(f"{one.title}: any", value=one.any_value),
            rx.foreach(one.choices, _choice),
            value=one.value,
            on_change=lambda value: RoomState.choose(one.key, value),
            aria_label=one.title,
            data_testid="room-filter",
            data_filter=one.key,
        ),
        icon("chevron-down", 14),
        class_name=classes("select-button", either(one.value != one.any_value, "select-on")),
    )


def _linked(one: ObjectVar[FilterView]) -> rx.Component:
    """Return what a link has set: there is nothing to choose it from, only to take it away."""
    return chip(
        f"{one.title}: {one.said}",
        on_remove=RoomState.choose(one.key, one.any_value),
        data_testid="room-filter",
        data_filter=one.key,
    )


def _time(one: ObjectVar[FilterView]) -> rx.Component:
    """Return the choice of a span until now, or of days."""
    menu = f"days-{one.key}"
    return rx.fragment(
        rx.el.button(
            rx.cond(one.value != "", one.said.to(str), f"{one.title}: any"),
            icon("chevron-down", 14),
            type="button",
            aria_label=rx.cond(one.value != "", f"{one.title}: {one.said}", f"{one.title}: any"),
            custom_attrs={"popoverTarget": menu},
            class_name=classes(
                "button button-secondary button-small menu-opener",
                either(one.value != "", "select-on"),
            ),
            data_testid="room-filter",
            data_filter=one.key,
        ),
        rx.el.div(
            _span(one, menu, "", "Any time"),
            rx.foreach(one.choices, lambda span: _span(one, menu, span.value, span.text)),
            rx.el.form(
                # What a form sends cannot be told by the loop around it.
                rx.el.input(type="hidden", name="key", value=one.key),
                text_field(
                    label="From", name=f"{one.key}-first", type="date", default_value=one.first
                ),
                text_field(label="To", name=f"{one.key}-last", type="date", default_value=one.last),
                quiet("Days of UTC."),
                button("Show these days", type="submit", size="small"),
                key=one.value,
                on_submit=RoomState.choose_days,
                reset_on_submit=False,
                class_name="menu-form",
            ),
            id=menu,
            custom_attrs={"popover": "auto"},
            class_name="menu menu-below menu-after",
        ),
    )


def _span(one: ObjectVar[FilterView], menu: Any, value: Any, text: Any) -> rx.Component:
    return rx.el.button(
        rx.cond(one.value == value, icon("check"), rx.el.span(class_name="icon")),
        text,
        type="button",
        aria_pressed=one.value == value,
        on_click=RoomState.choose(one.key, value),
        custom_attrs={"popoverTarget": menu, "popoverTargetAction": "hide"},
        class_name="menu-item",
    )


def _choice(choice: ObjectVar[ChoiceView]) -> rx.Component:
    return rx.el.option(choice.text, value=choice.value)


def _columns() -> rx.Component:
    opener = {"popoverTarget": _COLUMNS}
    return rx.fragment(
        rx.el.button(
            icon("columns-3"),
            rx.el.span("Columns", class_name="top-text"),
            type="button",
            aria_label="Choose columns",
            custom_attrs=opener,
            class_name="button button-secondary button-small",
        ),
        rx.el.div(
            rx.foreach(_PAGE.all_columns, _column),
            id=_COLUMNS,
            custom_attrs={"popover": "auto"},
            class_name="menu menu-below",
        ),
    )


def _column(column: ObjectVar[ColumnView]) -> rx.Component:
    return link(
        rx.cond(column.shown, icon("check"), rx.el.span(class_name="icon")),
        column.title,
        rx.cond(column.shown, rx.el.span("shown", class_name="unseen"), quiet()),
        href=column.toggle_href,
        replace=True,
        class_name="menu-item",
    )
