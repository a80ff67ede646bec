"""The list of orders, and one order."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.orders.detail import order_page, order_title
from components.orders.listing import orders_list, whose_switch
from state.order import OrderPageState
from state.orders import OrdersPageState


@rx.page(route="/orders", title="Orders", on_load=loads(OrdersPageState.watch))
def orders() -> rx.Component:
    """Everything that was ordered, newest first."""
    return page(orders_list(), title="Orders", active="orders", actions=(whose_switch(),))


@rx.page(
    route="/orders/[number]",
    title=order_title(),
    on_load=loads(OrderPageState.watch),
)
def order() -> rx.Component:
    """One order, followed as it goes."""
    return page(
        order_page(),
        title=None,
        active="orders",
        breadcrumbs=(("Orders", "/orders"), (order_title(), None)),
    )
