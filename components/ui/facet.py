"""Filters: values with their counts, at the left on a desk, behind a button on a phone."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from components.ui.badge import count as draw_count
from components.ui.classes import classes
from components.ui.icon import icon as draw_icon

Words = str | rx.Var[str]

_PANEL: Final = "facet-panel"


def facet_row(
    label: Words,
    count: Any,
    *,
    checked: Any,
    on_change: Any,
    depth: int | rx.Var[int] = 0,
    **props: Any,
) -> rx.Component:
    """Return one value of a filter: box, name, and how many it would leave.

    `depth` indents the values of a tree.
    """
    return rx.el.label(
        rx.el.input(type="checkbox", checked=checked, on_change=on_change, class_name="check"),
        rx.el.span(label, class_name="facet-name clip"),
        rx.el.span(count, class_name="facet-count"),
        class_name=classes("facet-row", props.pop("class_name", "")),
        custom_attrs={"style": {"--depth": depth}},
        **props,
    )


def facet_group(*rows: Any, title: Words, open: Any = True, **props: Any) -> rx.Component:  # noqa: A002 - the element's own word
    """Return the values of one filter under a heading that folds them away."""
    return rx.el.details(
        rx.el.summary(title, draw_icon("chevron-down"), class_name="facet-title"),
        rx.el.div(*rows, class_name="facet-values"),
        open=open,
        class_name=classes("facet", props.pop("class_name", "")),
        **props,
    )


def facet_panel(*groups: Any, active: int | rx.Var[int] = 0, **props: Any) -> rx.Component:
    """Return the filters of a page: a column on a desk, a sheet behind a button on a phone.

    `active` is how many filters hold; the button shows it.
    """
    opener = {"popoverTarget": _PANEL}
    return rx.el.aside(
        rx.el.button(
            draw_icon("sliders-horizontal"),
            "Filters",
            rx.cond(rx.Var.create(active).to(int) > 0, draw_count(active, tone="accent")),
            type="button",
            custom_attrs=opener,
            class_name="button button-secondary button-small phone-only",
        ),
        rx.el.div(
            rx.el.header(
                rx.el.h2("Filters", class_name="section-title"),
                rx.el.button(
                    "Show results",
                    type="button",
                    custom_attrs=opener,
                    class_name="button button-primary button-small phone-only",
                ),
                class_name="facet-head",
            ),
            *groups,
            id=_PANEL,
            custom_attrs={"popover": "auto"},
            class_name="facet-panel",
        ),
        aria_label="Filters",
        class_name=classes("facets", props.pop("class_name", "")),
        **props,
    )
