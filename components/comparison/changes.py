"""The changes of a comparison: what narrows them, the ways to take them along, the table."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.views.comparison_page import Line, Row
from components.ui import (
    Column,
    badge,
    button,
    card,
    cell,
    empty_state,
    link,
    link_button,
    pagination,
    row,
    select_button,
    table,
    two_lines,
)
from state.comparison import ComparisonPageState as Page
from state.comparison_taking import ComparisonTakingState as Take


def options_of(choices: Any) -> rx.Var[list[list[str]]]:
    """Return what a state offers as a select takes it."""
    return rx.Var.create(choices).to(list[list[str]])


def changes_list() -> rx.Component:
    """Return how many there are, what narrows them, and a page of them."""
    page = Page.page
    return rx.fragment(
        rx.el.div(
            rx.el.span(page.total, role="status", data_testid="compare-total"),
            _take_along(),
            _filter("kind", "Kind of change", page.kinds, Page.kind),
            _filter("least", "Size of change", page.sizes, Page.least),
            _filter("supplier", "Supplier", page.suppliers, Page.supplier),
            _filter("category", "Category", page.categories, Page.category),
            class_name="comparison-bar",
        ),
        rx.cond(
            rx.Var.create(page.rows).length() > 0,
            rx.fragment(
                card(
                    table(
                        ["Product", Column("Changes")],
                        rx.foreach(page.rows, _row),
                        label="Changes, the largest first",
                    ),
                    flush=True,
                ),
                rx.cond(
                    (page.next_href != "") | (page.first_href != ""),
                    pagination(previous_href=page.first_href, next_href=page.next_href),
                ),
            ),
            empty_state(
                icon="search",
                title="No change is like that",
                text="Take a filter away to see more.",
            ),
        ),
    )


def _take_along() -> rx.Component:
    """Return the ways to take it along: a file of what is shown, a mail of the whole."""
    return rx.el.div(
        rx.cond(
            Take.href != "",
            link_button(
                "Download",
                href=Take.href,
                outside=True,
                size="small",
                icon="download",
                data_testid="compare-download",
            ),
            button(
                "Export",
                icon="download",
                size="small",
                loading=Take.is_busy,
                on_click=Take.export,
                data_testid="compare-export",
            ),
        ),
        button(
            "Mail it to me",
            icon="mail",
            size="small",
            on_click=Take.mail,
            data_testid="compare-mail",
        ),
        class_name="cluster",
    )


def _filter(name: str, label: str, choices: Any, chosen: Any) -> rx.Component:
    return select_button(
        label=label,
        icon="list-filter",
        options=options_of(choices),
        value=chosen,
        on_change=lambda value: Page.choose(name, value),
        data_testid=f"compare-{name}",
    )


def _row(change: ObjectVar[Row]) -> rx.Component:
    name = rx.cond(
        change.href != "",
        link(change.name, href=change.href.to(str), class_name="row-link"),
        change.name,
    )
    return row(
        cell(two_lines(name, change.second)),
        cell(rx.el.ul(rx.foreach(change.lines, _line), class_name="change-lines")),
        data_testid="compare-row",
    )


def _line(line: ObjectVar[Line]) -> rx.Component:
    return rx.el.li(
        badge(line.what, line.tone),
        rx.cond(
            line.before != "",
            rx.fragment(
                rx.el.span(line.before, class_name="change-before"),
                rx.cond(line.after != "", rx.el.span("→", aria_label="is now")),
            ),
        ),
        rx.el.span(line.after),
        rx.cond(line.by != "", rx.el.strong(line.by)),
        class_name="change-line",
    )
