"""The parts of an order: one card per supplier, with what it supplies and the mail it got."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.looks import DISPATCH_LOOKS
from app.views.ordering import DispatchView, MailHead, OrderLineView
from app.views.pickup import PickupView
from components.orders.words import state_badge
from components.stores.row import directions
from components.ui import (
    Column,
    badge,
    button,
    card,
    cell,
    icon,
    link,
    money,
    notice_bar,
    quiet,
    row,
    table,
    two_lines,
)
from state.order import OrderPageState


def dispatch_card(part: ObjectVar[DispatchView]) -> rx.Component:
    """Return the card of one supplier's part."""
    return card(
        rx.cond(
            (part.problem != "") | (part.trying_again != ""),
            notice_bar(
                rx.cond(part.trying_again != "", part.trying_again, part.problem),
                tone=rx.cond((part.trying_again != "") | (part.state == "unsure"), "warn", "bad"),
                icon="info",
                action=_confirm_receipt(part),
                class_name="notice-flush",
            ),
        ),
        rx.cond(part.pickup.store_id != 0, _pickup(part.pickup.to(PickupView))),
        table(
            [
                "Product",
                Column("Quantity", figures=True),
                Column("Price when ordered", figures=True, wide_only=True),
                Column("Total", figures=True),
            ],
            rx.foreach(part.lines, _line),
            label=f"What {part.supplier} supplies",
            even=True,
        ),
        title=rx.fragment(
            part.supplier,
            state_badge(part.state, DISPATCH_LOOKS),
            rx.cond(
                part.trying_again != "",
                badge(f"Attempt {part.attempt} of {part.attempts}", tone="warn"),
            ),
        ),
        aside=rx.foreach(OrderPageState.order.mails, lambda mail: _see_mail(mail, part.id)),
        flush=True,
    )


def _pickup(store: ObjectVar[PickupView]) -> rx.Component:
    return rx.el.div(
        icon("map-pin"),
        rx.el.div(
            rx.el.div(
                f"Pick up at {store.name} ", quiet(f"id {store.number}"), class_name="line-first"
            ),
            rx.el.div(store.address.join(", "), class_name="line-second"),
            rx.el.div(store.hours, class_name="line-second"),
            class_name="grow",
        ),
        rx.cond(store.directions != "", directions(store.directions)),
        class_name="order-pickup",
        data_testid="order-pickup",
    )


def _see_mail(mail: ObjectVar[MailHead], dispatch_id: rx.Var[str]) -> rx.Component:
    return rx.cond(
        mail.dispatch_id == dispatch_id,
        button(
            "See the mail",
            icon="mail",
            size="small",
            on_click=OrderPageState.see_mail(mail.id),
        ),
    )


def _confirm_receipt(part: ObjectVar[DispatchView]) -> rx.Component:
    return rx.cond(
        (part.state == "unsure") & OrderPageState.order.can_retry,
        button(
            "They have it",
            size="small",
            icon="check",
            loading=OrderPageState.is_busy,
            on_click=OrderPageState.confirm_receipt(part.id),
        ),
    )


def _line(line: ObjectVar[OrderLineView]) -> rx.Component:
    return row(
        cell(
            two_lines(
                link(line.name, href=f"/product/{line.product_id}"),
                rx.cond(line.sku != "", line.sku, line.external_id),
            )
        ),
        cell(line.quantity, figures=True),
        cell(line.price, figures=True, wide_only=True),
        cell(money(line.total), figures=True),
    )
