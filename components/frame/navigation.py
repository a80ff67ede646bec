"""The way around: the side on a desk, the bar at the bottom on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.services.palette import MAIN
from app.views.palette import PlaceGroup, PlaceView
from components.ui import classes, count, either, icon, icon_button, link
from state.frame import FrameState
from state.session import SessionState

# The basket stands at the top of a desk, and below for a thumb.
*_PLACES, _BASKET = MAIN


def _entry(
    place: PlaceView | ObjectVar[PlaceView], current: Any, *beside: rx.Component
) -> rx.Component:
    return rx.el.li(
        link(
            icon(place.icon),
            rx.el.span(place.title, class_name="nav-text"),
            *beside,
            href=place.href,
            title=place.title,
            aria_current=rx.cond(current, "page", "false"),
            data_go=place.letter,
            class_name="nav-item",
        )
    )


def _here(place: ObjectVar[PlaceView]) -> rx.Var[bool]:
    """Tell whether the page is this room or something in it."""
    path = rx.State.router.url.path
    return (path == place.href) | path.startswith(place.href.to(str) + "/")


def _rooms(group: ObjectVar[PlaceGroup], active: rx.Var[str]) -> rx.Component:
    """Return the rooms of one kind; they stand open among the rooms, and folded elsewhere."""
    return rx.el.details(
        rx.el.summary(
            rx.el.span(group.title, class_name="nav-text"),
            icon("chevron-down", class_name="nav-fold"),
            class_name="nav-heading",
        ),
        rx.el.ul(
            rx.foreach(group.places, lambda place: _entry(place, _here(place))),
            class_name="nav-list",
        ),
        open=active == "admin",
        class_name="nav-group",
    )


@rx.memo
def side(active: rx.Var[str]) -> rx.Component:
    """Return the navigation at the left; it folds to its icons and remembers it."""
    return rx.el.aside(
        link(
            rx.el.span("a", class_name="brand-mark", aria_hidden="true"),
            rx.el.span("AnythingYouWantt", class_name="nav-text"),
            href="/",
            class_name="brand",
            aria_label="AnythingYouWantt, to the catalogue",
        ),
        rx.el.nav(
            rx.el.ul(
                *(_entry(place, active == place.key) for place in _PLACES),
                class_name="nav-list",
            ),
            rx.cond(
                rx.Var.create(SessionState.places.operations).length() > 0,
                rx.el.div(
                    rx.el.h2("Operations", class_name="nav-heading"),
                    rx.el.ul(
                        rx.foreach(
                            SessionState.places.operations,
                            lambda place: _entry(place, rx.State.router.url.path == place.href),
                        ),
                        class_name="nav-list",
                    ),
                    rx.foreach(SessionState.places.rooms, lambda group: _rooms(group, active)),
                ),
            ),
            aria_label="Main",
        ),
        icon_button(
            "panel-left",
            "Fold or unfold the navigation",
            data_folds="",
            class_name="side-fold",
            size="small",
        ),
        class_name="side",
    )


@rx.memo
def bottom_bar(active: rx.Var[str]) -> rx.Component:
    """Return the same places for a thumb, shown on a phone only."""
    return rx.el.nav(
        rx.el.ul(
            *(_entry(place, active == place.key) for place in _PLACES),
            _entry(
                _BASKET,
                active == _BASKET.key,
                rx.cond(FrameState.basket_lines > 0, count(FrameState.basket_lines, tone="info")),
            ),
            rx.foreach(
                SessionState.places.operations, lambda place: _entry(place, active == place.key)
            ),
            # Who looks decides how many stand here: nothing is shown that would move aside.
            class_name=classes("bottom-list", either(SessionState.loaded, "", "bottom-unknown")),
        ),
        aria_label="Main",
        class_name="bottom-bar",
    )
