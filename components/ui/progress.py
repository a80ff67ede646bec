"""Waiting: a spinner for the moment, skeletons shaped like what comes."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.classes import classes


def spinner(label: str = "", **props: Any) -> rx.Component:
    """Return a 16 px turning ring; `label` is read out where nothing else says that one waits."""
    said = {"role": "status", "aria_label": label} if label else {"aria_hidden": "true"}
    return rx.el.span(class_name=classes("spinner", props.pop("class_name", "")), **said, **props)


def skeleton(width: str = "100%", height: str = "1em", **props: Any) -> rx.Component:
    """Return a grey stand-in of that CSS width and height."""
    return rx.el.span(
        class_name=classes("skeleton", props.pop("class_name", "")),
        aria_hidden="true",
        custom_attrs={"style": {"width": width, "height": height}},
        **props,
    )


def skeleton_rows(count: int, columns: int) -> rx.Component:
    """Return `count` stand-in table rows, as high as the rows that come."""
    return rx.fragment(
        *(
            rx.el.tr(
                *(
                    rx.el.td(skeleton(width="70%" if column == 0 else "45%"))
                    for column in range(columns)
                ),
                aria_hidden="true",
            )
            for _ in range(count)
        )
    )


def skeleton_cards(count: int) -> rx.Component:
    """Return `count` stand-ins for product cards, picture and all."""
    return rx.el.div(
        *(
            rx.el.div(
                rx.el.div(class_name="product-picture skeleton"),
                rx.el.div(
                    skeleton(width="80%"),
                    skeleton(width="45%"),
                    rx.el.div(skeleton(width="35%", height="1.3em"), class_name="spread"),
                    class_name="product-facts",
                ),
                rx.el.div(
                    skeleton(width="5.5rem", height="var(--badge)"),
                    skeleton(width="4.5rem", height="var(--control-small)"),
                    class_name="product-foot",
                ),
                class_name="product-card",
            )
            for _ in range(count)
        ),
        class_name="product-grid",
        aria_hidden="true",
    )
