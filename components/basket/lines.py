"""What stands in the basket, by supplier."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.ordering import BasketGroup, BasketLineView
from components.ui import (
    badge,
    button,
    card,
    empty_state,
    icon_button,
    link,
    link_button,
    money,
    notice_bar,
    quiet,
    skeleton,
    stepper,
    two_lines,
)
from state.basket import BasketState


def basket_lines() -> rx.Component:
    """Return the basket's lines, one card per supplier and currency."""
    return rx.fragment(
        rx.cond(BasketState.basket.price_changes > 0, _price_notice()),
        rx.foreach(BasketState.basket.groups, _group),
    )


def empty_basket() -> rx.Component:
    """Return what stands here before anything was taken."""
    return empty_state(
        icon="shopping-basket",
        title="Your basket is empty",
        text="Search over every supplier and add what you need. Prices are pinned when you order.",
        action=link_button("Search the catalogue", href="/", variant="primary", icon="search"),
    )


def waiting_lines() -> rx.Component:
    """Return the lines in grey, as high as what comes."""
    line = rx.el.div(
        rx.el.div(skeleton("60%"), skeleton("35%"), class_name="stack-tight grow"),
        skeleton("6rem", "var(--control-small)"),
        class_name="basket-line",
    )
    return card(line, line, title=skeleton("9rem"), flush=True, aria_busy="true")


def _price_notice() -> rx.Component:
    changes = BasketState.basket.price_changes
    return notice_bar(
        rx.cond(
            changes == 1,
            "One price has changed since you took the product.",
            f"{changes} prices have changed since you took the products.",
        ),
        tone="warn",
        icon="triangle-alert",
        action=button("Accept new prices", size="small", on_click=BasketState.accept_prices),
    )


def _group(group: ObjectVar[BasketGroup]) -> rx.Component:
    return card(
        rx.el.ul(rx.foreach(group.lines, _line)),
        rx.el.footer(
            rx.el.span("Subtotal, ", group.currency, class_name="second"),
            money(group.subtotal, strong=True),
            class_name="card-foot",
        ),
        title=group.supplier,
        aside=quiet(
            group.lines.length(), rx.cond(group.lines.length() == 1, " product", " products")
        ),
        flush=True,
    )


def _line(line: ObjectVar[BasketLineView]) -> rx.Component:
    number, quantity = line.product_id, line.quantity.to(int)
    return rx.el.li(
        rx.el.div(
            two_lines(link(line.name, href=f"/product/{number}"), line.sku),
            _remark(line),
            class_name="basket-name",
        ),
        rx.cond(
            line.withdrawn,
            rx.el.span(),
            stepper(
                value=quantity,
                label=line.name,
                on_less=BasketState.set_quantity(number, (quantity - 1).to(int)),
                on_more=BasketState.set_quantity(number, (quantity + 1).to(int)),
                on_set=lambda typed: BasketState.type_quantity(number, typed),
                key=f"{number}-{BasketState.corrections}",
            ),
        ),
        rx.el.div(
            rx.cond(
                line.withdrawn, rx.fragment(), rx.el.div(money(line.total), class_name="line-first")
            ),
            rx.el.div(line.price, " each", class_name="line-second"),
            class_name="basket-price",
        ),
        icon_button(
            "trash-2", f"Remove {line.name}", size="small", on_click=BasketState.remove(number)
        ),
        class_name="basket-line",
        data_testid="basket-line",
    )


def _remark(line: ObjectVar[BasketLineView]) -> rx.Component:
    """Say in a badge what is to know of a line; the price change says old and new beside it."""
    return rx.cond(
        line.withdrawn,
        badge("Not offered any more", tone="bad", icon="circle-alert"),
        rx.cond(
            line.price_changed,
            badge(
                f"{line.old_price} → {line.price}",
                tone="warn",
                icon="triangle-alert",
                title=line.problem,
            ),
            rx.cond(line.problem != "", badge(line.problem, tone="warn", icon="triangle-alert")),
        ),
    )
