"""The list of orders: filters and paging are addresses, so that a link restores them."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.models.ordering import OrderState
from app.views.ordering import OrderRow
from components.orders.words import order_badge
from components.ui import (
    Column,
    card,
    cell,
    classes,
    clock,
    either,
    empty_state,
    error_state,
    link,
    link_button,
    pagination,
    row,
    skeleton_rows,
    table,
    two_lines,
)
from state.orders import OrdersPageState, orders_href

_COLUMNS: list[Column | str] = [
    "Order",
    "State",
    Column("Suppliers", wide_only=True),
    Column("Lines", figures=True, wide_only=True),
    Column("Total", figures=True),
    Column("Placed", figures=True, wide_only=True),
]


def _is_fresh() -> rx.Var[bool]:
    """Tell whether the list is that of this visit: a tab still holds what it showed last."""
    return rx.Var.create(rx.State.is_hydrated) & (OrdersPageState.phase == "shown")


def whose_switch() -> rx.Component:
    """Return the operators' choice between their own orders and everybody's."""
    return rx.cond(
        OrdersPageState.sees_everyone,
        rx.el.nav(
            _segment("Mine", orders_href(), is_on=~rx.Var.create(OrdersPageState.everyone)),
            _segment("Everyone's", orders_href(everyone=True), is_on=OrdersPageState.everyone),
            aria_label="Whose orders",
            class_name="segmented",
        ),
    )


def _segment(text: str, href: str, *, is_on: bool | rx.Var[bool]) -> rx.Component:
    return link(
        text,
        href=href,
        aria_current=rx.cond(is_on, "true", "false"),
        class_name=classes("segment", either(is_on, "segment-on")),
    )


def orders_list() -> rx.Component:
    """Return the filters and the table below them."""
    return rx.fragment(
        _filters(),
        rx.cond(
            OrdersPageState.phase == "failed",
            error_state(text=OrdersPageState.problem),
            rx.cond(
                (_is_fresh()) & (rx.Var.create(OrdersPageState.rows).length() == 0),
                _nothing(),
                _table(),
            ),
        ),
    )


def _filters() -> rx.Component:
    everyone = OrdersPageState.everyone
    whose = rx.cond(everyone, "whose=everyone&", "")
    return rx.el.nav(
        _filter(
            "All",
            rx.cond(everyone, orders_href(everyone=True), orders_href()),
            OrdersPageState.all_orders,
            is_on=OrdersPageState.state_filter == "",
        ),
        *(
            _filter(
                state.value.capitalize(),
                f"/orders?{whose}state={state.value}",
                OrdersPageState.counts[place].orders,
                is_on=OrdersPageState.state_filter == state.value,
            )
            for place, state in enumerate(OrderState)
        ),
        aria_label="By state",
        class_name="tabs",
    )


def _filter(
    text: str, href: rx.Var[str] | str, figure: int | rx.Var[int], *, is_on: bool | rx.Var[bool]
) -> rx.Component:
    return link(
        text,
        rx.el.span(
            rx.cond(_is_fresh(), f"{figure}", ""),
            class_name="tab-count",
        ),
        href=href,
        aria_current=rx.cond(is_on, "true", "false"),
        class_name=classes("tab", either(is_on, "tab-on")),
    )


def _table() -> rx.Component:
    return rx.fragment(
        card(
            table(
                _COLUMNS,
                rx.cond(
                    _is_fresh(),
                    rx.foreach(OrdersPageState.rows, _row),
                    skeleton_rows(8, len(_COLUMNS)),
                ),
                label="Orders",
            ),
            flush=True,
        ),
        rx.cond(
            (OrdersPageState.next_href != "") | (OrdersPageState.first_href != ""),
            pagination(
                previous_href=OrdersPageState.first_href,
                next_href=OrdersPageState.next_href,
            ),
        ),
    )


def _row(order: ObjectVar[OrderRow]) -> rx.Component:
    href = f"/orders/{order.number}"
    return row(
        cell(
            two_lines(
                link(order.number, href=href, class_name="row-link"),
                rx.cond(
                    OrdersPageState.everyone,
                    order.buyer,
                    rx.cond(order.reference != "", order.reference, "no reference"),
                ),
            )
        ),
        cell(order_badge(order.state)),
        cell(order.suppliers, wide_only=True),
        cell(order.lines, figures=True, wide_only=True),
        cell(order.totals, figures=True, class_name="may-wrap"),
        cell(clock(order.placed_at), figures=True, wide_only=True),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        OrdersPageState.state_filter != "",
        empty_state(
            icon="package",
            title="No order is in this state",
            text="Look at all of them instead.",
            action=link_button(
                "All orders",
                href=rx.cond(OrdersPageState.everyone, orders_href(everyone=True), orders_href()),
            ),
        ),
        empty_state(
            icon="package",
            title="No orders yet",
            text="Find what you need, put it into the basket and place your first order.",
            action=link_button("Search the catalogue", href="/", variant="primary"),
        ),
    )
