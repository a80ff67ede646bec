"""The result beside a map of the stores that have it: one behind the other on a phone."""

from __future__ import annotations

import reflex as rx

from components.google_map import google_map
from components.stores.row import store_details
from components.ui import button, classes, either, notice_bar, quiet, segmented
from state.catalogue_map import CatalogueMapState as Map


def beside_a_map(listed: rx.Component) -> rx.Component:
    """Return the products that are listed, and the map."""
    return rx.el.div(
        rx.cond(Map.problem != "", notice_bar(Map.problem, tone="warn")),
        segmented(
            ("list", "Products"),
            ("map", "Map"),
            value=Map.pane,
            on_change=Map.show_pane,
            label="Show the products or the map",
            class_name="finder-swap",
            data_testid="catalogue-panes",
        ),
        rx.el.div(
            rx.el.section(
                listed,
                aria_label="Products",
                class_name=classes(
                    "finder-list catalogue-list stack",
                    either(Map.pane == "list", "", "finder-behind"),
                ),
            ),
            rx.el.div(
                google_map(
                    label="Stores that have these products in stock",
                    marks=Map.marks,
                    camera=Map.camera,
                    chosen=Map.chosen,
                    details=store_details(Map.details),
                    on_settle=Map.settle,
                    on_choose=Map.choose,
                ),
                rx.el.div(
                    rx.cond(
                        Map.has_moved,
                        button(
                            "Search this area",
                            icon="search",
                            size="small",
                            on_click=Map.search_this_area,
                            data_testid="search-this-area",
                        ),
                    ),
                    role="status",
                    class_name="map-offer",
                ),
                on_mount=Map.appear,
                class_name=classes("finder-map", either(Map.pane == "map", "", "finder-behind")),
            ),
            class_name="finder-panes catalogue-panes",
        ),
        rx.cond(Map.note != "", quiet(Map.note)),
        class_name="finder",
    )
