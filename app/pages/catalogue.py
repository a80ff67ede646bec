"""The catalogue."""

from __future__ import annotations

import reflex as rx

from components.catalogue import filters, result_tools, results
from components.frame import loads, page
from components.snapshots.words import as_of, take_button
from components.ui import page_head
from state.catalogue import CatalogueState
from state.catalogue_map import CatalogueMapState


@rx.page(route="/", title="Catalogue", on_load=loads(CatalogueState.load, CatalogueMapState.load))
def catalogue() -> rx.Component:
    """Search, filters and results."""
    return page(
        rx.el.div(
            filters(),
            rx.el.div(
                page_head("Catalogue", actions=(result_tools(*_snapshots()),)),
                results(),
                class_name="stack",
            ),
            class_name="with-facets",
        ),
        title=None,
        active="catalogue",
    )


def _snapshots() -> tuple[rx.Component, ...]:
    """Return what can be done with what is on screen: see it on another day, and keep it."""
    narrowing = CatalogueState.narrowing
    words = rx.cond(narrowing == "", "Snapshot everything", "Snapshot this search")
    return as_of(narrowing), take_button(words, narrowing, size="small")
