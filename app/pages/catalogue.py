"""The catalogue."""

from __future__ import annotations

import reflex as rx

from components.catalogue import filters, result_tools, results
from components.frame import loads, page
from components.snapshots.words import take_button
from components.ui import page_head
from state.catalogue import CatalogueState


@rx.page(route="/", title="Catalogue", on_load=loads(CatalogueState.load))
def catalogue() -> rx.Component:
    """Search, filters and results."""
    return page(
        rx.el.div(
            filters(),
            rx.el.div(
                page_head("Catalogue", actions=(result_tools(_take()),)),
                results(),
                class_name="stack",
            ),
            class_name="with-facets",
        ),
        title=None,
        active="catalogue",
    )


def _take() -> rx.Component:
    """Return the button that takes a snapshot of what is on screen."""
    narrowing = CatalogueState.narrowing
    return take_button(
        rx.cond(narrowing == "", "Snapshot everything", "Snapshot this search"),
        narrowing,
        size="small",
    )
