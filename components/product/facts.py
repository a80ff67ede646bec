"""What one looks at first: the pictures, and beside them price, stock and the button."""

from __future__ import annotations

import reflex as rx
from reflex.vars import NumberVar

from components.catalogue.card import stock_word
from components.catalogue.picture import IN_A_ROW, ON_ITS_PAGE, picture
from components.ui import (
    badge,
    button,
    classes,
    clock,
    copy_button,
    either,
    money,
    outside_link,
    quiet,
    sparkline,
    stepper,
    text_link,
)
from state.basket import BasketState
from state.product import ProductState


def pictures() -> rx.Component:
    """Return the chosen picture, and the others below it."""
    product = ProductState.product
    return rx.el.div(
        rx.cond(
            rx.Var.create(product.pictures).length() > 0,
            _large(rx.Var.create(product.pictures)[ProductState.picture].to(str)),
            _large(""),
        ),
        rx.cond(
            rx.Var.create(product.pictures).length() > 1,
            rx.el.div(
                rx.foreach(product.pictures, _thumb),
                role="group",
                aria_label="Pictures",
                class_name="cluster",
            ),
        ),
        class_name="stack",
    )


def _large(address: rx.Var[str] | str) -> rx.Component:
    return picture(
        address,
        sizes=ON_ITS_PAGE,
        eager=True,
        alt=ProductState.product.card.name,
        class_name="product-picture product-large",
    )


def _thumb(address: rx.Var[str], place: NumberVar[int]) -> rx.Component:
    is_on = ProductState.picture == place
    return rx.el.button(
        picture(address, sizes=IN_A_ROW, class_name="product-thumb"),
        type="button",
        aria_label=f"Picture {place + 1}",
        aria_pressed=rx.cond(is_on, "true", "false"),
        on_click=ProductState.show_picture(place),
        class_name=classes("thumb", either(is_on, "thumb-on")),
    )


def facts() -> rx.Component:
    """Return name, price, stock and the way into the basket."""
    product = ProductState.product
    item = product.card
    return rx.el.div(
        rx.el.div(
            rx.el.h1(item.name, class_name="page-title", data_testid="product-title"),
            rx.el.p(
                text_link(item.supplier, href=product.supplier_href),
                rx.cond(item.brand != "", quiet(f" · {item.brand}")),
                rx.cond(
                    product.sku != "",
                    rx.fragment(
                        quiet(f" · {product.sku}"), copy_button(product.sku, "Copy the number")
                    ),
                ),
                class_name="product-from",
            ),
        ),
        rx.el.div(
            money(item.price, data_testid="product-price", class_name="price-large"),
            rx.cond(item.change != "", badge(item.change, _tone(item.change_tone))),
            rx.cond(
                item.trend != "",
                sparkline(item.trend, label="Trend of the price"),
            ),
            class_name="cluster",
        ),
        rx.el.dl(
            _fact("Price since", clock(product.price_since, shown="day")),
            _fact(
                "Lowest in 30 days",
                rx.cond(product.is_lowest, "This is the lowest", money(product.lowest)),
            ),
            _fact(
                "Supplier's data",
                rx.cond(product.synced_at != "", clock(product.synced_at), "not synced yet"),
            ),
            class_name="definitions",
        ),
        rx.cond(
            product.withdrawn_at == "",
            rx.el.div(
                stock_word(item.stock, item.stock_tone),
                rx.cond(
                    product.has_stores,
                    outside_link("where to get it", href="#stores", class_name="text-link"),
                ),
                class_name="cluster",
            ),
        ),
        rx.cond(product.withdrawn_at == "", _order()),
        class_name="card product-box",
    )


def _tone(tone: str) -> rx.Var[str]:
    # The checker sees the word that a view holds; a component sees the variable of it.
    return rx.Var.create(tone).to(str)


def _fact(term: str, *said: rx.Component | rx.Var[str] | str) -> rx.Component:
    return rx.el.div(rx.el.dt(term), rx.el.dd(*said), class_name="definition")


def _order() -> rx.Component:
    name = ProductState.product.card.name
    return rx.el.div(
        stepper(
            value=rx.Var.create(ProductState.quantity),
            on_less=ProductState.step_quantity(-1),
            on_more=ProductState.step_quantity(1),
            on_set=ProductState.set_quantity,
            label=name,
        ),
        button(
            "Add to basket",
            variant="primary",
            icon="shopping-basket",
            on_click=BasketState.add_several(ProductState.product.card.id, ProductState.quantity),
            data_testid="add-to-basket",
            class_name="grow",
        ),
        class_name="product-order",
    )
