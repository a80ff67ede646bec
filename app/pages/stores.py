"""The stores on a map, and one of them."""

from __future__ import annotations

import reflex as rx

from components.frame import loads, page
from components.stores import finder, store_page, store_title
from state.store import StoreState
from state.stores import StoresState


@rx.page(route="/stores", title="Stores", on_load=loads(StoresState.load))
def stores() -> rx.Component:
    """Every store, in a list beside a map."""
    return page(
        finder(StoresState, label="Stores", takes_slash=True),
        title="Stores",
        active="stores",
        lead="Where suppliers' goods can be had.",
        class_name="content-finder",
    )


@rx.page(route="/stores/[id]", title=store_title(), on_load=loads(StoreState.load))
def store() -> rx.Component:
    """One store: where it is, when it is open, and what it has."""
    return page(
        store_page(),
        title=None,
        active="stores",
        breadcrumbs=(("Stores", "/stores"), (store_title(), None)),
    )
