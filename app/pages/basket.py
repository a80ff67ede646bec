"""The basket."""

from __future__ import annotations

import reflex as rx

from components.basket.checkout import checkout, summary
from components.basket.lines import basket_lines, empty_basket, waiting_lines
from components.basket.pickup import pickup_dialog
from components.frame import loads, page
from components.ui import error_state
from state.basket import BasketState
from state.checkout import CheckoutState


@rx.page(route="/basket", title="Basket", on_load=loads(CheckoutState.open, BasketState.watch))
def basket() -> rx.Component:
    """What is about to be ordered, and the form that orders it."""
    return page(
        rx.match(
            # A tab still holds what it showed last, until the page has loaded.
            rx.cond(rx.State.is_hydrated, BasketState.phase, "loading"),
            # Without the form: an empty basket has none, and it would jump away.
            ("loading", rx.el.div(waiting_lines(), class_name="order-grid")),
            ("failed", error_state(text=BasketState.problem)),
            rx.cond(BasketState.basket.lines == 0, empty_basket(), _beside(basket_lines())),
        ),
        title="Basket",
        active="basket",
    )


def _beside(lines: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(lines, checkout(), class_name="stack"),
        summary(),
        pickup_dialog(),
        class_name="order-grid",
    )
