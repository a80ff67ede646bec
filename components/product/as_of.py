"""What the product cost on a day or in a snapshot: a choice of the day, and both answers."""

from __future__ import annotations

import reflex as rx

from components.snapshots.words import day_choice
from components.ui import clock, definition_list, link_button, notice_bar, quiet, text_link
from state.product import ProductState
from state.product_of_day import ProductOfDayState

# What the address asks for, known before it is answered.
_DAY = rx.Var("(new URLSearchParams(globalThis.location?.search ?? '').get('as_of') ?? '')").to(str)
_ASKED = rx.Var("(globalThis.location?.search ?? '').slice(1)").to(str)


def as_of() -> rx.Component:
    """Return the choice of a day as of which the product is to be seen."""
    product_id = ProductState.product.card.id
    return rx.el.div(
        day_choice(lambda day: ProductOfDayState.look_back(day, product_id), _DAY),
        class_name="product-then",
    )


def then() -> rx.Component:
    """Return what held at the moment that the address asks for, apart from what holds today."""
    found = ProductOfDayState.found
    product = ProductState.product.card
    is_asked = (found.moment != "") & (found.product_id == product.id) & (found.asked == _ASKED)
    return rx.el.div(
        rx.cond(
            is_asked,
            notice_bar(
                rx.el.div(
                    rx.el.span(
                        "As of ", rx.el.strong(found.moment), ": what stands below is today's."
                    ),
                    definition_list(
                        ("By the price history", _by_history()),
                        ("By a snapshot", _by_snapshot()),
                        class_name="near",
                    ),
                    class_name="stack-tight",
                ),
                tone="warn",
                icon="history",
                action=link_button("See it as it is now", href=product.href, size="small"),
                data_testid="past-banner",
            ),
        ),
        aria_live="polite",
    )


def _by_history() -> rx.Component:
    found = ProductOfDayState.found
    return rx.el.span(
        rx.cond(
            found.price != "",
            rx.fragment(rx.el.strong(found.price), quiet(" since ", clock(found.since, "day"))),
            quiet("Not known yet at that moment."),
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
