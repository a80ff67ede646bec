"""A row's place on a map: the mark can be dragged, or the place be typed, and is then saved."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.spots import SpotView
from components.google_map import google_map
from components.ui import button, notice_bar, quiet, text_field
from state.room_detail import RoomDetailState


def spot_map(spot: ObjectVar[SpotView]) -> rx.Component:
    """Return the map with what moves its mark, for those who may."""
    may_move = spot.action != ""
    return rx.el.div(
        rx.el.div(
            google_map(
                label=f"Where {spot.name} stands",
                marks=RoomDetailState.marks,
                camera=RoomDetailState.camera,
                draggable=may_move,
                on_drop=RoomDetailState.drop,
                on_point=RoomDetailState.point,
            ),
            class_name="room-map",
        ),
        rx.cond(may_move, _fields(spot)),
    )


def _fields(spot: ObjectVar[SpotView]) -> rx.Component:
    return rx.el.form(
        quiet(f"Drag the mark, press where it belongs, or type the place. {spot.hint}"),
        rx.el.div(
            _field("Latitude", "latitude", RoomDetailState.latitude),
            _field("Longitude", "longitude", RoomDetailState.longitude),
            button(
                "Save place",
                type="submit",
                variant="primary",
                loading=RoomDetailState.is_saving,
                data_testid="save-place",
            ),
            class_name="room-spot",
        ),
        rx.cond(
            (RoomDetailState.place_problem != "") & (RoomDetailState.place_field == ""),
            notice_bar(RoomDetailState.place_problem, tone="bad", role="alert"),
        ),
        no_validate=True,
        reset_on_submit=False,
        on_submit=RoomDetailState.save_place,
        aria_label="Its place",
        class_name="card-body stack-tight",
    )


def _field(label: str, name: str, value: rx.Var[str] | str) -> rx.Component:
    return text_field(
        label=label,
        name=name,
        error=rx.cond(RoomDetailState.place_field == name, RoomDetailState.place_problem, ""),
        default_value=value,
        # What is typed is the form's; a mark that was moved draws the field anew.
        key=f"{name}-{RoomDetailState.moves}",
        input_mode="decimal",
        auto_complete="off",
    )
