"""The page of one order: what happens next, what went to whom, what has happened."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.ordering import TimelineView
from components.orders.abandon import abandon_button, abandon_dialog
from components.orders.dispatches import dispatch_card
from components.orders.mail import mail_dialog
from components.orders.proof import proof_card
from components.orders.words import kit_tone, order_badge, step_icon
from components.ui import (
    button,
    card,
    clock,
    copy_button,
    definition_list,
    dialog,
    empty_state,
    error_state,
    link_button,
    money,
    page_head,
    quiet,
    skeleton,
    timeline,
    timeline_entry,
)
from state.order import OrderPageState

# What the browser is at. It is there before the server has answered, so it decides whether what
# the state holds may be shown: never one order under the address of another.
_HERE = rx.Var("(globalThis.location?.pathname ?? '').replace(/[/]+$/, '')").to(str)


def order_title() -> rx.Var[str]:
    """Return the page's title."""
    is_shown = _is_current() & (OrderPageState.phase == "shown")
    return rx.Var.create(rx.cond(is_shown, f"Order {OrderPageState.order.number}", "Order")).to(str)


def order_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        _is_current(),
        rx.match(
            OrderPageState.phase,
            ("shown", _shown()),
            (
                "missing",
                empty_state(
                    icon="package",
                    title="There is no such order",
                    text="The number is mistyped, or the order belongs to somebody else.",
                    action=link_button("See your orders", href="/orders"),
                ),
            ),
            ("failed", error_state(text=OrderPageState.problem)),
            _waiting(),
        ),
        _waiting(),
    )


def _is_current() -> rx.Var[bool]:
    return _HERE.endswith("/" + rx.Var.create(OrderPageState.asked).to(str))


def _shown() -> rx.Component:
    order = OrderPageState.order
    return rx.fragment(
        page_head(
            rx.fragment("Order ", rx.el.span(order.number, data_testid="order-number")),
            order_badge(order.state, data_testid="order-status"),
            copy_button(f"{order.number}", "Copy the number"),
            actions=(abandon_button(), _retry(), _cancel()),
            lead=order.next_step,
        ),
        rx.el.div(
            rx.el.div(
                rx.foreach(order.dispatches, dispatch_card),
                _total(),
                _facts(),
                proof_card(),
                class_name="stack order-parts",
            ),
            card(
                timeline(rx.foreach(order.timeline, _step), data_testid="order-timeline"),
                title="What has happened",
                aside=quiet("live"),
                class_name="order-spine order-first",
            ),
            class_name="order-grid",
        ),
        _cancel_dialog(),
        abandon_dialog(),
        mail_dialog(),
    )


def _cancel() -> rx.Component:
    return rx.cond(
        OrderPageState.order.can_cancel,
        button(
            "Cancel",
            variant="danger",
            icon="ban",
            on_click=OrderPageState.ask_to_cancel(True),  # noqa: FBT003 - an event's payload
        ),
    )


def _retry() -> rx.Component:
    return rx.cond(
        OrderPageState.order.can_retry,
        button(
            "Retry",
            variant="primary",
            icon="rotate-cw",
            loading=OrderPageState.is_busy,
            on_click=OrderPageState.retry,
        ),
    )


def _cancel_dialog() -> rx.Component:
    order = OrderPageState.order
    stay = OrderPageState.ask_to_cancel(False)  # noqa: FBT003 - an event's payload
    return dialog(
        rx.el.p("Nothing has been mailed yet. No supplier will hear of this order:"),
        rx.el.ul(
            rx.foreach(
                order.dispatches,
                lambda part: rx.el.li(part.supplier, quiet(part.subtotals.join(" + "))),
            ),
            class_name="bullets",
        ),
        rx.el.p("It cannot be taken up again afterwards.", class_name="second"),
        name="cancel-order",
        open=OrderPageState.asks_to_cancel,
        on_close=stay,
        title=f"Cancel order {order.number}",
        actions=(
            button("Keep it", on_click=stay),
            button(
                f"Cancel order {order.number}",
                variant="danger-primary",
                loading=OrderPageState.is_busy,
                on_click=OrderPageState.cancel,
            ),
        ),
    )


def _step(entry: ObjectVar[TimelineView]) -> rx.Component:
    return timeline_entry(
        entry.title,
        icon=step_icon(entry.kind),
        tone=kit_tone(entry.tone),
        time=clock(entry.at, "time"),
        note=entry.detail,
    )


def _total() -> rx.Component:
    order = OrderPageState.order
    suppliers = rx.Var.create(order.dispatches).length()
    return rx.el.div(
        rx.el.span(
            "Total, ",
            suppliers,
            rx.cond(suppliers == 1, " supplier", " suppliers"),
            class_name="second",
        ),
        rx.el.div(
            rx.foreach(order.totals, lambda amount: money(amount, strong=True)),
            class_name="order-totals",
        ),
        class_name="spread order-sum",
    )


def _facts() -> rx.Component:
    order = OrderPageState.order
    to = order.ship_to
    said = rx.cond
    nothing = rx.el.span("none given", class_name="quiet")
    return card(
        definition_list(
            (
                "Delivered to",
                rx.cond(
                    to.recipient == "",
                    quiet("nowhere, all of it is picked up"),
                    rx.el.address(
                        to.recipient,
                        rx.el.br(),
                        to.street,
                        rx.el.br(),
                        f"{to.postcode} {to.city}, {to.country_name}",
                    ),
                ),
            ),
            ("Whom to ask", said(order.contact != "", order.contact, nothing)),
            ("Reference", said(order.reference != "", order.reference, nothing)),
            ("Note", said(order.note != "", rx.el.span(order.note, class_name="pre"), nothing)),
            ("Placed by", rx.fragment(order.buyer, " ", quiet(order.buyer_email))),
            ("Placed", clock(order.placed_at, "moment")),
            class_name="near",
        ),
        title="What was agreed",
    )


def _waiting() -> rx.Component:
    """Return the page in grey, as high as what comes."""
    part = card(
        *(
            rx.el.div(skeleton("60%"), skeleton("35%"), class_name="stack-tight order-line-wait")
            for _ in range(2)
        ),
        title=skeleton("9rem"),
    )
    return rx.el.div(
        rx.el.div(skeleton("14rem", "1.6rem"), skeleton("22rem"), class_name="stack-tight"),
        rx.el.div(
            rx.el.div(part, part, class_name="stack order-parts"),
            card(
                *(skeleton("80%", "2.4rem") for _ in range(4)),
                title=skeleton("9rem"),
                class_name="order-spine order-first stack-card",
            ),
            class_name="order-grid",
        ),
        aria_busy="true",
        class_name="stack",
    )
