"""Figures side by side: a bar each, the words before it and the figure behind."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from components.ui.classes import classes


def bars(rows: rx.Var[Any], *, label: str, **props: Any) -> rx.Component:
    """Return a bar for each of `rows`: `label`, `figure`, `share` (per cent) and `tone`.

    `tone` is up or down. It is a list for those who hear it: every figure stands in a word.
    """
    return rx.el.ul(
        rx.foreach(rows, _bar),
        aria_label=label,
        class_name=classes("bars", props.pop("class_name", "")),
        **props,
    )


def _bar(row: ObjectVar[Any]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.label, class_name="bar-label"),
        rx.el.span(
            class_name=classes("bar", f"bar-{row.tone}"),
            aria_hidden="true",
            custom_attrs={"style": {"--share": f"{row.share}%"}},
        ),
        rx.el.span(row.figure, class_name="bar-figure"),
        class_name="bar-row",
    )
