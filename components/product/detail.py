"""The page of one product: picture and facts beside each other, what proves them below."""

from __future__ import annotations

from typing import cast

import reflex as rx
from reflex.vars import ObjectVar

from app.views.cards import Card
from app.views.product_text import Crumb
from app.views.store_text import StoreRow
from components.catalogue.card import product_card, stock_word
from components.product.as_of import as_of, then
from components.product.facts import facts, pictures
from components.product.history import price_history
from components.stores import finder
from components.stores.row import price_there
from components.ui import (
    card,
    clock,
    definitions_of,
    empty_state,
    error_state,
    icon,
    link,
    link_button,
    notice_bar,
    outside_link,
    quiet,
    section,
    skeleton,
    text_link,
)
from state.product import ProductState
from state.product_stores import ProductStoresState


def product_page() -> rx.Component:
    """Return the content of the page, whatever state it is in."""
    return rx.cond(
        ProductState.path == rx.State.router.url.path,
        rx.match(
            ProductState.phase,
            ("shown", _shown()),
            ("missing", _missing()),
            ("failed", _failed()),
            _waiting(),
        ),
        _waiting(),
    )


def _shown() -> rx.Component:
    product = ProductState.product
    return rx.el.div(
        _crumbs(),
        then(),
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
        rx.el.div(
            pictures(),
            rx.el.div(facts(), _history(), class_name="stack"),
            rx.el.div(_about(), _attributes(), class_name="stack"),
            class_name="product-page",
        ),
        _stores(),
        rx.cond(
            rx.Var.create(product.similar).length() > 0,
            section(
                rx.el.div(rx.foreach(product.similar, _similar), class_name="product-grid similar"),
                title="Similar products",
            ),
        ),
        class_name="stack product-stack",
    )


def _similar(product: ObjectVar[Card]) -> rx.Component:
    return product_card(product)


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


def _history() -> rx.Component:
    product = ProductState.product
    return card(
        rx.cond(
            rx.Var.create(product.plot).length() > 0,
            price_history(),
            quiet("The price has not changed since it was first seen."),
        ),
        as_of(),
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
    elsewhere = ProductStoresState.elsewhere
    return rx.cond(
        ProductState.product.has_stores,
        section(
            finder(
                ProductStoresState,
                label="Stores that have it",
                orders=True,
                empty=("No store here has it", "Zoom out, or see all stores that do."),
            ),
            rx.cond(
                rx.Var.create(elsewhere).length() > 0,
                card(
                    rx.el.ul(rx.foreach(elsewhere, _elsewhere), class_name="stack-tight"),
                    title="Also at stores that are on no map",
                    data_testid="stores-elsewhere",
                ),
            ),
            title="Where to get it",
            id="stores",
        ),
    )


def _elsewhere(store: ObjectVar[StoreRow]) -> rx.Component:
    return rx.el.li(
        text_link(store.name, href=store.href),
        quiet(store.address),
        price_there(store),
        stock_word(store.stock, store.stock_tone),
        class_name="cluster",
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
