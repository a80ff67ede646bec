"""The page of one product: picture and facts beside each other, what proves them below."""

from __future__ import annotations

from typing import cast

import reflex as rx
from reflex.vars import NumberVar, ObjectVar

from app.views.product_text import Crumb, Shelf
from components.catalogue.card import picture, product_card, stock_word
from components.product.history import price_history
from components.ui import (
    Column,
    badge,
    button,
    card,
    cell,
    classes,
    clock,
    copy_button,
    definitions_of,
    either,
    empty_state,
    error_state,
    icon,
    link,
    link_button,
    money,
    notice_bar,
    outside_link,
    quiet,
    row,
    section,
    skeleton,
    sparkline,
    stepper,
    table,
    text_link,
    two_lines,
)
from state.basket import BasketState
from state.product import ProductState


def product_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        ProductState.phase == "shown",
        _shown(),
        rx.match(
            ProductState.phase,
            ("missing", _missing()),
            ("failed", _failed()),
            _waiting(),
        ),
    )


def _shown() -> rx.Component:
    product = ProductState.product
    return rx.el.div(
        _crumbs(),
        rx.cond(
            product.withdrawn_at != "",
            notice_bar(
                "The supplier withdrew this product ",
                clock(product.withdrawn_at),
                ". It cannot be ordered any more; what is shown is what held last.",
                tone="warn",
                icon="archive",
                data_testid="withdrawn",
            ),
        ),
        rx.el.div(_pictures(), _facts(), class_name="product-page"),
        rx.el.div(
            rx.el.div(_history(), _about(), _attributes(), class_name="stack"),
            _stores(),
            class_name="product-page",
        ),
        rx.cond(
            rx.Var.create(product.similar).length() > 0,
            section(
                rx.el.div(
                    rx.foreach(product.similar, product_card), class_name="product-grid similar"
                ),
                title="Similar products",
            ),
        ),
        class_name="stack product-stack",
    )


def _crumbs() -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            rx.el.li(link("Catalogue", href="/", class_name="crumb")),
            rx.foreach(ProductState.product.trail, _crumb),
            class_name="crumbs",
        ),
        aria_label="Breadcrumbs",
    )


def _crumb(step: ObjectVar[Crumb]) -> rx.Component:
    return rx.el.li(icon("chevron-right", 14), link(step.label, href=step.href, class_name="crumb"))


def _pictures() -> rx.Component:
    product = ProductState.product
    return rx.el.div(
        rx.cond(
            rx.Var.create(product.pictures).length() > 0,
            rx.el.img(
                src=rx.Var.create(product.pictures)[ProductState.picture],
                alt=product.card.name,
                width="800",
                height="600",
                fetch_priority="high",
                class_name="product-picture product-large",
            ),
            picture("", class_name="product-picture product-large"),
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


def _thumb(address: rx.Var[str], place: NumberVar[int]) -> rx.Component:
    is_on = ProductState.picture == place
    return rx.el.button(
        picture(address, class_name="product-thumb"),
        type="button",
        aria_label=f"Picture {place + 1}",
        aria_pressed=rx.cond(is_on, "true", "false"),
        on_click=ProductState.show_picture(place),
        class_name=classes("thumb", either(is_on, "thumb-on")),
    )


def _facts() -> rx.Component:
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
                    rx.Var.create(product.stores).length() > 0,
                    outside_link("see stores", href="#stores", class_name="text-link"),
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


def _history() -> rx.Component:
    product = ProductState.product
    return card(
        rx.cond(
            rx.Var.create(product.plot).length() > 0,
            price_history(),
            quiet("The price has not changed since it was first seen."),
        ),
        title="Price history",
        aside=quiet(product.currency),
    )


def _about() -> rx.Component:
    product = ProductState.product
    return rx.cond(
        product.description != "",
        card(rx.el.p(product.description, class_name="prose pre"), title="Description"),
    )


def _attributes() -> rx.Component:
    product = ProductState.product
    return rx.cond(
        rx.Var.create(product.attributes).length() > 0,
        card(
            definitions_of(cast("rx.Var[list[tuple[str, str]]]", product.attributes)),
            title="Attributes",
        ),
    )


def _stores() -> rx.Component:
    product = ProductState.product
    return rx.cond(
        rx.Var.create(product.stores).length() > 0,
        card(
            table(
                ["Store", Column("Stock", figures=True)],
                rx.foreach(product.stores, _store),
                label="Stock by store",
            ),
            title="Stores",
            aside=quiet("stock by store"),
            flush=True,
            id="stores",
        ),
    )


def _store(shelf: ObjectVar[Shelf]) -> rx.Component:
    return row(
        cell(two_lines(shelf.name, shelf.city)),
        cell(stock_word(shelf.stock, shelf.tone), figures=True),
    )


def _missing() -> rx.Component:
    return empty_state(
        icon="package-x",
        title="There is no such product",
        text="The link may be old or mistyped. Search for what you need instead.",
        action=link_button("Search the catalogue", href="/", icon="search", variant="primary"),
    )


def _failed() -> rx.Component:
    return error_state(
        title="This product cannot be shown",
        text="The catalogue cannot be read at the moment. Try again in a minute.",
        action=outside_link(
            icon("rotate-cw"), "Try again", href="", class_name="button button-secondary"
        ),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        skeleton(width="14rem"),
        rx.el.div(
            rx.el.div(class_name="product-picture product-large skeleton"),
            rx.el.div(
                skeleton(width="75%", height="1.6em"),
                skeleton(width="45%"),
                skeleton(width="30%", height="2em"),
                *(skeleton(width="100%", height="var(--control)") for _ in range(4)),
                class_name="card product-box",
            ),
            class_name="product-page",
        ),
        role="status",
        aria_label="Loading the product",
        class_name="stack product-stack",
    )
