"""Saying where one wants to be near to: words, or the browser's own knowledge on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx

from components.ui import button, chip, icon
from state.stores_place import ASK_THE_BROWSER, PlaceState

if TYPE_CHECKING:
    from reflex.vars import NumberVar, ObjectVar

    from app.views.stores import FoundPlace
    from state.stores_place import NearPlace


def place_bar(of: type[NearPlace]) -> rx.Component:
    """Return the search for a place, the place that holds, and what else was meant by the words."""
    return rx.el.div(
        rx.el.form(
            rx.el.div(
                icon("map-pin"),
                rx.el.input(
                    name="place",
                    type="search",
                    aria_label="Town, postcode or address",
                    aria_describedby="place-problem",
                    placeholder="Town, postcode or address",
                    auto_complete="off",
                    max_length=200,
                    data_searches="",
                    data_testid="place-search",
                    class_name="search-input",
                ),
                class_name="search place-search",
            ),
            button("Find", type="submit", class_name="wide-only", data_testid="place-find"),
            button(
                rx.el.span("Near me", class_name="wide-only"),
                icon="locate",
                aria_label="Near me",
                title="Near me: asks your browser where you are",
                on_click=rx.call_script(ASK_THE_BROWSER, callback=of.locate),
                data_testid="place-near-me",
            ),
            on_submit=of.find_place,
            role="search",
            aria_label="Find a place",
            class_name="place-form",
        ),
        rx.el.p(
            rx.cond(
                PlaceState.problem != "",
                rx.fragment(icon("circle-alert", 14), PlaceState.problem),
            ),
            id="place-problem",
            role="alert",
            class_name="field-error",
        ),
        rx.cond(
            PlaceState.name != "",
            rx.el.div(
                chip(
                    f"Near {PlaceState.name}",
                    on_remove=of.forget_place,
                    data_testid="place-chosen",
                ),
                rx.foreach(PlaceState.found, lambda place, number: _other(of, place, number)),
                class_name="cluster",
            ),
        ),
        class_name="place-bar",
    )


def _other(
    of: type[NearPlace], place: ObjectVar[FoundPlace], number: NumberVar[int]
) -> rx.Component:
    """Return a place that was meant as well: two towns may have one name."""
    return rx.cond(
        number == PlaceState.taken,
        rx.fragment(),
        button(
            place.name,
            rx.cond(place.stores, f" ({place.stores})", ""),
            variant="quiet",
            size="small",
            on_click=of.take_place(number),
            data_testid="place-other",
        ),
    )
