"""Stores in a list and on a map, in step: a place to be near to, both panes, and the rows.

Everything that the map does can be done in the list, with a keyboard and a screen reader alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import reflex as rx

from app.views.stores import StoreOrder
from components.google_map import google_map
from components.place_box import place_box
from components.stores.row import store_details, store_row
from components.ui import (
    button,
    chip,
    classes,
    either,
    empty_state,
    error_state,
    quiet,
    segmented,
    select_button,
    skeleton,
)
from state.places import HERE, PlaceState

if TYPE_CHECKING:
    from collections.abc import Callable

    from reflex.vars import ObjectVar

    from app.views.store_text import StoreRow
    from state.stores_on_map import StoresOnMap

ORDERS: Final = [
    (StoreOrder.NEAREST.value, "Nearest"),
    (StoreOrder.PRICE.value, "Cheapest first"),
    (StoreOrder.PIECES.value, "Most in stock"),
    (StoreOrder.NAME.value, "Name"),
]
SKELETONS: Final = 6


def finder(
    of: type[StoresOnMap],
    *,
    label: str,
    action: Callable[[ObjectVar[StoreRow]], rx.Component] | None = None,
    orders: bool = False,
    takes_slash: bool = False,
    empty: tuple[str, str] = ("No store here", "Zoom out, look for another place, or see all."),
) -> rx.Component:
    """Return the whole of it; `of` is the page's state, `label` names the map and the list.

    `action` makes what stands at the end of each row and in the popup, by default a link to the
    store. `orders` offers other orders than by distance: for stores that have a product. `empty` is
    what is said where there is no store, and what to do then. The key `/` leads to the search for a
    place with `takes_slash`.
    """
    return rx.el.div(
        rx.el.div(
            place_box(
                of,
                name="stores-place",
                value=rx.cond(PlaceState.name == HERE, "", PlaceState.name),
                takes_slash=takes_slash,
            ),
            rx.cond(
                PlaceState.name != "",
                chip(
                    f"Near {PlaceState.name}",
                    label=f"Near {PlaceState.name}: show all stores instead",
                    on_remove=of.show_all,
                    data_testid="place-chosen",
                ),
            ),
            rx.el.div(
                segmented(
                    ("list", "List"),
                    ("map", "Map"),
                    value=of.pane,
                    on_change=of.show_pane,
                    label="Show the list or the map",
                    class_name="finder-swap",
                    data_testid="store-panes",
                ),
            ),
            class_name="finder-head",
        ),
        rx.el.div(
            rx.el.section(
                _list(of, label, action, orders=orders, empty=empty),
                aria_label=label,
                class_name=classes("finder-list", either(of.pane == "list", "", "finder-behind")),
            ),
            rx.el.div(
                google_map(
                    label=f"{label} on a map",
                    marks=of.marks,
                    camera=of.camera,
                    chosen=of.chosen,
                    details=store_details(of.details, action),
                    on_settle=of.settle,
                    on_choose=of.choose_mark,
                ),
                class_name=classes("finder-map", either(of.pane == "map", "", "finder-behind")),
            ),
            class_name="finder-panes",
        ),
        class_name="finder",
    )


def _list(
    of: type[StoresOnMap],
    label: str,
    action: Callable[[ObjectVar[StoreRow]], rx.Component] | None,
    *,
    orders: bool,
    empty: tuple[str, str],
) -> rx.Component:
    rows = rx.Var.create(of.stores.rows)
    return rx.fragment(
        rx.match(
            of.phase,
            ("failed", error_state(title="The stores cannot be shown", text=of.problem)),
            (
                "shown",
                rx.fragment(
                    rx.el.div(
                        rx.el.div(
                            rx.el.p(
                                of.stores.count,
                                role="status",
                                class_name="found",
                                data_testid="store-count",
                            ),
                            _order(of, orders=orders),
                            class_name="spread",
                        ),
                        quiet(_sorted_by(of), " ", of.stores.hint),
                        class_name="finder-count",
                    ),
                    rx.cond(
                        rows.length() > 0,
                        rx.el.ul(
                            rx.foreach(of.stores.rows, lambda row: store_row(of, row, action)),
                            aria_label=label,
                            class_name="store-rows",
                        ),
                        empty_state(
                            icon="map-pin-off",
                            title=empty[0],
                            text=empty[1],
                            action=button("Show all", on_click=of.show_all),
                        ),
                    ),
                ),
            ),
            _waiting(),
        )
    )


def _order(of: type[StoresOnMap], *, orders: bool) -> rx.Component:
    if not orders:
        return rx.fragment()
    return select_button(
        label="Order",
        options=ORDERS,
        icon="arrow-down-wide-narrow",
        value=of.order,
        on_change=of.set_order,
        data_testid="store-order",
    )


def _sorted_by(of: type[StoresOnMap]) -> rx.Var[str]:
    near = rx.cond(
        of.near != "",
        f"Distances from {of.near}.",
        "Distances from the middle of the map.",
    )
    return rx.cond(rx.Var.create(of.stores.rows).length() > 0, near, "")


def _waiting() -> rx.Component:
    def one() -> rx.Component:
        return rx.el.div(
            skeleton(width="60%"),
            skeleton(width="85%"),
            skeleton(width="40%"),
            class_name="store-row store-waiting",
        )

    return rx.el.div(*(one() for _ in range(SKELETONS)), role="status", aria_label="Loading stores")
