"""The catalogue."""

from __future__ import annotations

import reflex as rx

from components.catalogue import filters, result_tools, results
from components.frame import loads, page
from components.ui import page_head
from state.catalogue import CatalogueState


@rx.page(route="/", title="Catalogue", on_load=loads(CatalogueState.load))
def catalogue() -> rx.Component:
    """Search, filters and results."""
    return page(
        rx.el.div(
            filters(),
            rx.el.div(
                page_head("Catalogue", actions=(result_tools(),)),
                results(),
                class_name="stack",
            ),
            class_name="with-facets",
        ),
        title=None,
        active="catalogue",
    )
