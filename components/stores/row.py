"""One store in a list, and in the popup at its mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from components.catalogue.card import stock_word
from components.ui import (
    badge,
    classes,
    either,
    icon,
    link,
    link_button,
    money,
    outside_link,
    quiet,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reflex.vars import ObjectVar

    from app.views.store_text import StoreRow
    from state.stores_on_map import StoresOnMap

    Action = Callable[[ObjectVar[StoreRow]], rx.Component]


def store_row(
    of: type[StoresOnMap], store: ObjectVar[StoreRow], action: Action | None
) -> rx.Component:
    """Return a row: a press on it chooses the store here and on the map."""
    is_chosen = of.chosen == store.key
    return rx.el.li(
        rx.el.div(
            rx.el.button(
                store.name,
                type="button",
                on_click=of.choose(store.key),
                aria_pressed=rx.cond(is_chosen, "true", "false"),
                title="Show on the map",
                data_steps="",
                class_name="store-press",
            ),
            quiet(store.distance, data_testid="store-distance", class_name="store-distance"),
            class_name="store-line",
        ),
        quiet(store.address, class_name="store-address"),
        rx.el.div(
            _facts(store),
            action(store) if action else _to_the_store(store),
            class_name="store-line",
        ),
        id=store.key,
        aria_current=rx.cond(is_chosen, "true", "false"),
        data_testid="store-row",
        class_name=classes("store-row", either(is_chosen, "store-chosen")),
    )


def store_details(store: Any, action: Action | None = None) -> rx.Component:
    """Return what stands in the popup at a store's mark."""
    return rx.el.div(
        link(store.name, href=store.href, class_name="line-first"),
        quiet(store.address),
        _facts(store),
        rx.el.div(
            action(store) if action else _to_the_store(store),
            directions(store.directions),
            class_name="cluster",
        ),
        data_testid="store-details",
        class_name="store-details",
    )


def directions(href: rx.Var[str] | str) -> rx.Component:
    """Return the link to the way there."""
    return outside_link(
        icon("route", 14),
        "Directions",
        href=href,
        target="_blank",
        rel="noopener noreferrer",
        class_name="button button-quiet button-small",
    )


def opening(store: ObjectVar[StoreRow]) -> rx.Component:
    """Return whether a store is open, or its hours as its feed writes them."""
    return rx.cond(
        store.opening != "",
        badge(store.opening, tone=store.opening_tone, icon="clock", data_testid="store-opening"),
        rx.cond(store.hours != "", quiet(store.hours)),
    )


def price_there(store: ObjectVar[StoreRow]) -> rx.Component:
    """Return what a store asks, and that it is its own price where the catalogue has another."""
    return rx.cond(
        store.price != "",
        rx.el.span(
            money(store.price, data_testid="store-price", class_name="store-price"),
            rx.cond(
                store.price_note != "",
                quiet(" ", store.price_note, data_testid="store-price-note"),
            ),
        ),
    )


def _facts(store: ObjectVar[StoreRow]) -> rx.Component:
    return rx.el.div(
        price_there(store),
        rx.cond(store.stock != "", stock_word(store.stock, store.stock_tone)),
        opening(store),
        class_name="cluster store-facts",
    )


def _to_the_store(store: ObjectVar[StoreRow]) -> rx.Component:
    return link_button(
        "Details",
        href=store.href,
        variant="quiet",
        size="small",
        aria_label=f"{store.name}: details",
        data_testid="store-link",
    )
