"""The stores that a supplier's part can be picked up at: a list beside a map."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.pickup import PickupChoice
from components.google_map import google_map
from components.place_box import place_box
from components.ui import (
    badge,
    button,
    classes,
    dialog,
    either,
    empty_state,
    notice_bar,
    quiet,
    segmented,
)
from state.pickup import PickupState

_MARKED = rx.Var.create(PickupState.marked).to(PickupChoice)


def pickup_dialog() -> rx.Component:
    """Return the dialog with the stores of one supplier; it stands outside the order's form."""
    return dialog(
        rx.cond(PickupState.supplier_id != 0, _stores()),
        name="pickup",
        open=PickupState.supplier_id != 0,
        on_close=PickupState.close,
        title=f"Pick up from {PickupState.supplier}",
        class_name="dialog-stores",
        data_testid="pickup-dialog",
    )


def _stores() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            place_box(PickupState, name="pickup-place"),
            segmented(
                ("list", "List"),
                ("map", "Map"),
                value=PickupState.pane,
                on_change=PickupState.show_pane,
                label="List or map",
                class_name="finder-swap",
            ),
            class_name="finder-head",
        ),
        rx.cond(
            PickupState.problem != "",
            notice_bar(PickupState.problem, tone="bad", role="alert"),
        ),
        rx.el.div(
            rx.el.div(_list(), class_name=_pane("list", "finder-list")),
            rx.el.div(_map(), class_name=_pane("map", "finder-map")),
            class_name="finder-panes",
        ),
        class_name="finder",
    )


def _pane(name: str, part: str) -> rx.Var[str] | str:
    return classes(part, either(PickupState.pane == name, "", "finder-behind"))


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            rx.cond(
                PickupState.near != "",
                f"Nearest to {PickupState.near}; those with everything first",
                "Those with everything first. Say a place to see the nearest.",
            ),
            role="status",
            class_name="finder-count quiet",
        ),
        rx.cond(
            rx.Var.create(PickupState.choices).length() > 0,
            rx.el.ul(rx.foreach(PickupState.choices, _store), aria_label="Stores"),
            empty_state(
                icon="map-pin",
                title="No store here",
                text="Say another place, or have it delivered.",
            ),
        ),
    )


def _store(store: ObjectVar[PickupChoice]) -> rx.Component:
    is_marked = store.key == _MARKED.key
    return rx.el.li(
        rx.el.div(
            rx.el.button(
                store.name,
                type="button",
                aria_pressed=rx.cond(is_marked, "true", "false"),
                title="Show on the map",
                on_click=PickupState.mark(store.key),
                class_name="store-press",
            ),
            quiet(store.distance, data_testid="store-distance", class_name="store-distance"),
            class_name="store-line",
        ),
        quiet(store.address),
        rx.el.div(_stock(store), _pick(store), class_name="store-line"),
        aria_current=rx.cond(is_marked, "true", "false"),
        class_name=classes("store-row", either(is_marked, "store-chosen")),
        data_testid="store-row",
    )


def _stock(store: ObjectVar[PickupChoice]) -> rx.Component:
    return rx.cond(
        store.lacks != "",
        badge(store.lacks, tone="warn", icon="triangle-alert"),
        badge("Has everything", tone="good", icon="check"),
    )


def _pick(store: ObjectVar[PickupChoice]) -> rx.Component:
    return button(
        "Pick up here",
        size="small",
        disabled=store.lacks != "",
        aria_label=f"Pick up at {store.name}",
        on_click=PickupState.choose(store.store_id),
        data_testid="pickup-choose",
    )


def _map() -> rx.Component:
    return rx.fragment(
        google_map(
            label=f"Stores of {PickupState.supplier}",
            marks=PickupState.marks,
            camera=PickupState.camera,
            chosen=_MARKED.key,
            details=rx.el.div(
                rx.el.div(_MARKED.name, class_name="line-first"),
                rx.el.div(_MARKED.address, class_name="line-second"),
                rx.el.div(_stock(_MARKED), _pick(_MARKED), class_name="store-line"),
                class_name="store-details",
            ),
            on_settle=PickupState.settle,
            on_choose=PickupState.mark,
        ),
        rx.cond(
            PickupState.has_moved,
            button(
                "Search this area",
                size="small",
                icon="search",
                on_click=PickupState.search_area,
                data_testid="search-this-area",
                class_name="pickup-area",
            ),
        ),
    )
