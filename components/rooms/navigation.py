"""The way to other rooms on a phone, where no navigation stands at the side."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.palette import PlaceGroup
from components.ui import icon
from state.rooms import RoomsState
from state.session import SessionState


def room_choice() -> rx.Component:
    """Return a choice among the rooms."""
    return rx.el.div(
        rx.el.select(
            rx.foreach(SessionState.places.rooms, _group),
            value=RoomsState.here,
            on_change=RoomsState.go,
            aria_label="Page of the administration",
            data_testid="room-choice",
            class_name="input input-select",
        ),
        icon("chevron-down"),
        class_name="select room-choice",
    )


def _group(group: ObjectVar[PlaceGroup]) -> rx.Component:
    return rx.el.optgroup(
        rx.foreach(group.places, lambda place: rx.el.option(place.title, value=place.key)),
        label=group.title,
    )
