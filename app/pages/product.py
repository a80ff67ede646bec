"""The page of one product."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.product import product_page
from state.product import ProductState
from state.product_of_day import ProductOfDayState
from state.product_stores import ProductStoresState

_TITLE = rx.cond(ProductState.phase == "shown", ProductState.product.card.name, "Product")


@rx.page(
    route="/product/[id]",
    title=_TITLE,
    on_load=loads(ProductState.load, ProductStoresState.load, ProductOfDayState.load),
)
def product() -> rx.Component:
    """One product, with what it cost and where it can be had."""
    return page(product_page(), title=None, active="catalogue")
