"""Tables: sticky header, rows of two lines, figures at the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components.ui.button import link_button
from components.ui.classes import classes, either


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; a phone leaves out those that are `wide_only`."""

    title: str
    figures: bool = False
    wide_only: bool = False
    hidden_title: bool = False
    class_name: str = ""


def _head(column: Column | str) -> rx.Component:
    if isinstance(column, str):
        column = Column(column)
    return rx.el.th(
        rx.el.span(column.title, class_name="unseen") if column.hidden_title else column.title,
        scope="col",
        class_name=classes(
            "figures" if column.figures else "",
            "wide-only" if column.wide_only else "",
            column.class_name,
        ),
    )


def table(
    columns: list[Column | str], *rows: Any, label: str = "", even: bool = False, **props: Any
) -> rx.Component:
    """Return a table; `rows` are `row(...)` components, a foreach of them, or `skeleton_rows`.

    `even` gives every column of figures the same width, so that several tables stand in line.
    """
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*(_head(column) for column in columns))),
            rx.el.tbody(*rows),
            aria_label=label,
            class_name="table table-even" if even else "table",
        ),
        class_name=classes("table-wrap", props.pop("class_name", "")),
        **props,
    )


def row(*cells: Any, selected: Any = False, **props: Any) -> rx.Component:
    """Return a table row. A link of class `row-link` in it opens it, wherever one presses."""
    return rx.el.tr(
        *cells,
        class_name=classes("row", either(selected, "row-selected"), props.pop("class_name", "")),
        **props,
    )


def cell(
    *children: Any, figures: bool = False, wide_only: bool = False, **props: Any
) -> rx.Component:
    """Return a table cell; `figures` aligns it to the right in tabular figures."""
    return rx.el.td(
        *children,
        class_name=classes(
            "figures" if figures else "",
            "wide-only" if wide_only else "",
            props.pop("class_name", ""),
        ),
        **props,
    )


def pagination(
    *,
    previous_href: str | rx.Var[str],
    next_href: str | rx.Var[str],
    shown: str | rx.Var[str] = "",
    **props: Any,
) -> rx.Component:
    """Return Previous and Next; "" as an address means there is none. `shown` says where."""

    def way(text: str, href: str | rx.Var[str], icon: str, rel: str) -> rx.Component:
        able = link_button(text, href=href, size="small", icon=icon, rel=rel)
        unable = rx.el.span(
            text, class_name="button button-secondary button-small", aria_disabled="true"
        )
        return rx.cond(href != "", able, unable)

    return rx.el.nav(
        rx.el.span(shown, class_name="quiet"),
        rx.el.div(
            way("Previous", previous_href, "chevron-left", "prev"),
            way("Next", next_href, "chevron-right", "next"),
            class_name="cluster",
        ),
        aria_label="Pages",
        class_name=classes("pagination", props.pop("class_name", "")),
        **props,
    )
