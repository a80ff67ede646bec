"""The way around between rooms: a column beside them, a choice above them where it is narrow."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from app.views.rooms import GroupView, PlaceView
from components.ui import icon, link
from state.rooms import RoomsState


def rooms_frame(*content: Any) -> rx.Component:
    """Return `content` with the navigation of the rooms beside it."""
    return rx.el.div(
        rx.el.nav(
            rx.foreach(RoomsState.groups, _group),
            aria_label="Administration",
            class_name="rooms-nav",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.select(
                    rx.foreach(RoomsState.groups, _choices),
                    value=RoomsState.here,
                    on_change=RoomsState.go,
                    aria_label="Page of the administration",
                    class_name="input input-select",
                ),
                icon("chevron-down"),
                class_name="select",
            ),
            class_name="rooms-choice",
        ),
        rx.el.div(*content, class_name="rooms-main"),
        class_name="rooms",
    )


def _group(group: ObjectVar[GroupView]) -> rx.Component:
    return rx.fragment(
        rx.el.h2(group.title, class_name="nav-heading"),
        rx.el.ul(rx.foreach(group.places, _place), class_name="nav-list"),
    )


def _place(place: ObjectVar[PlaceView]) -> rx.Component:
    return rx.el.li(
        link(
            icon(place.icon),
            place.title,
            href=place.href,
            aria_current=rx.cond(RoomsState.here == place.key, "page", "false"),
            class_name="nav-item",
        )
    )


def _choices(group: ObjectVar[GroupView]) -> rx.Component:
    return rx.el.optgroup(
        rx.foreach(group.places, lambda place: rx.el.option(place.title, value=place.key)),
        label=group.title,
    )
