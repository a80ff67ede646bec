"""The rooms of the administration, listed where no navigation stands at the side."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.palette import PlaceGroup, PlaceView
from components.ui import card, icon, link
from state.session import SessionState


def rooms() -> rx.Component:
    """Return the rooms that the person may see, by group, for a phone."""
    return rx.el.nav(
        rx.foreach(SessionState.places.rooms, _group),
        aria_label="Administration",
        class_name="stack phone-only",
    )


def _group(group: ObjectVar[PlaceGroup]) -> rx.Component:
    return card(rx.el.ul(rx.foreach(group.places, _room), class_name="nav-list"), title=group.title)


def _room(place: ObjectVar[PlaceView]) -> rx.Component:
    return rx.el.li(
        link(
            icon(place.icon.to(str)),
            place.title,
            icon("chevron-right", class_name="nav-on"),
            href=place.href.to(str),
            class_name="nav-item",
        )
    )
