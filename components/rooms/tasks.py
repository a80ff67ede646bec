"""What takes a while: the button that exports a list, and the notices of how far things are."""

from __future__ import annotations

import reflex as rx
from reflex.vars import ObjectVar

from app.views.room_actions import TaskView
from components.ui import button, icon_button, link_button, notice_bar, spinner
from state.room_tasks import RoomTasksState
from state.rooms import RoomState


def export_button() -> rx.Component:
    """Return the button that has the list written into a file."""
    return rx.cond(
        RoomState.page.can_export,
        button(
            "Export",
            icon="download",
            size="small",
            loading=RoomTasksState.is_busy,
            on_click=RoomTasksState.export,
            data_testid="room-export",
        ),
    )


def task_notices() -> rx.Component:
    """Return a bar for each task that is under way or has just ended."""
    return rx.foreach(RoomTasksState.tasks, _notice)


def _notice(task: ObjectVar[TaskView]) -> rx.Component:
    under_way = (task.state == "waiting") | (task.state == "running")
    return notice_bar(
        rx.el.strong(task.title),
        " · ",
        rx.el.span(task.words, data_testid="room-task-words"),
        tone=rx.Var.create(rx.match(task.state, ("done", "good"), ("failed", "bad"), "info")).to(
            str
        ),
        icon=rx.Var.create(
            rx.match(task.state, ("done", "check"), ("failed", "circle-alert"), "hourglass")
        ).to(str),
        action=rx.fragment(
            rx.cond(
                task.href != "",
                link_button(
                    "Download",
                    href=task.href.to(str),
                    outside=True,
                    size="small",
                    icon="download",
                    data_testid="room-download",
                ),
            ),
            rx.cond(
                under_way,
                spinner(),
                icon_button("x", "Dismiss", size="small", on_click=RoomTasksState.dismiss(task.id)),
            ),
        ),
        data_testid="room-task",
    )
