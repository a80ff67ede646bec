"""What the product cost on a day: a choice of the day, and both answers under it."""

from __future__ import annotations

import reflex as rx

from components.snapshots.words import day_choice
from components.ui import clock, definition_list, quiet, text_link
from state.product import ProductState
from state.product_of_day import ProductOfDayState


def as_of() -> rx.Component:
    """Return the choice of a day, and what held then once one was chosen."""
    found = ProductOfDayState.found
    product_id = ProductState.product.card.id
    return rx.el.div(
        day_choice(lambda day: ProductOfDayState.look_back(day, product_id)),
        rx.cond(
            (found.day != "") & (found.product_id == product_id),
            definition_list(
                ("By the price history", _by_history()), ("By a snapshot", _by_snapshot())
            ),
        ),
        class_name="product-then",
        aria_live="polite",
    )


def _by_history() -> rx.Component:
    found = ProductOfDayState.found
    return rx.el.span(
        rx.cond(
            found.price != "",
            rx.fragment(rx.el.strong(found.price), quiet(" since ", clock(found.since, "day"))),
            quiet("Not known yet on that day."),
        ),
        data_testid="as-of-price",
    )


def _by_snapshot() -> rx.Component:
    found = ProductOfDayState.found
    return rx.el.span(
        rx.cond(
            found.snapshot_price != "",
            rx.fragment(rx.el.strong(found.snapshot_price), quiet(", ", found.snapshot_stock)),
            quiet(found.remark),
        ),
        rx.cond(
            found.snapshot_href != "",
            rx.fragment(
                quiet(", taken "),
                text_link(clock(found.snapshot_at, "moment"), href=found.snapshot_href),
            ),
        ),
        data_testid="as-of-snapshot",
    )
