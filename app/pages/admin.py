"""The administration page."""

from __future__ import annotations

import reflex as rx

from components.admin.answers import answers
from components.admin.rooms import rooms
from components.frame import loads, page
from components.rooms.room import room_list, room_row
from components.ui import error_state, quiet
from state.admin import AdminState
from state.room_detail import RoomDetailState
from state.room_tasks import RoomTasksState
from state.rooms import RoomsState, RoomState


@rx.page(route="/admin", title="Is anything wrong now?", on_load=loads(AdminState.watch))
def admin() -> rx.Component:
    """Answers, and what they are about."""
    return page(
        rx.cond(
            AdminState.phase == "failed",
            error_state(text=AdminState.problem),
            rx.el.div(answers(), rooms(), class_name="dashboard"),
        ),
        title="Is anything wrong now?",
        active="admin",
        actions=(quiet("live"),),
    )


@rx.page(
    route="/admin/[room]",
    title=RoomsState.title,
    on_load=loads(RoomsState.load, RoomState.watch, RoomTasksState.watch),
)
def room() -> rx.Component:
    """A room of the administration: its list."""
    return page(room_list(), title=None, active="admin")


@rx.page(
    route="/admin/[room]/[key]",
    title=RoomsState.title,
    on_load=loads(RoomsState.load, RoomDetailState.watch, RoomTasksState.watch),
)
def row() -> rx.Component:
    """One row of a room."""
    return page(room_row(), title=None, active="admin")
