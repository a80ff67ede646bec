"""What was asked of lists and takes a while: begun from a room, told of on every room's page."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.services import rooms
from app.views.room_actions import TaskView
from app.views.room_query import RoomQuery
from state.base import as_said, in_work
from state.guard import requires
from state.live import hub
from state.rooms import asked_room
from state.session import signed_in
from state.together import look


class RoomTasksState(rx.State):
    """The tasks of this person that a page tells of, without those that were `_dismissed`."""

    tasks: tuple[TaskView, ...] = ()
    is_busy: bool = False
    _dismissed: tuple[str, ...] = ()

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Tell how far the tasks of this person are, until the visitor leaves."""
        async with hub.watching(rooms.tasks_topic(signed_in().person_id)) as changes:
            async for _ in changes:
                try:
                    found = await look(rooms.recent_tasks, viewer=signed_in())
                except AppError:
                    continue
                if changes.are_news(found):
                    async with self:
                        self.tasks = tuple(task for task in found if task.id not in self._dismissed)

    @rx.event
    @requires(Permission.OPERATIONS_READ)
    def dismiss(self, task_id: str) -> None:
        """Tell no more of a task."""
        self._dismissed = (*self._dismissed[-20:], task_id)
        self.tasks = tuple(task for task in self.tasks if task.id != task_id)

    @rx.event
    @requires(Permission.LIST_EXPORT)
    async def export(self) -> AsyncGenerator[EventSpec | None, None]:
        """Have the list that the address asks for written into a file."""
        room, _ = asked_room(self.router.url.path)
        query = RoomQuery.parse(self.router.url.query)
        self.is_busy = True
        yield None
        try:
            await in_work(rooms.request_export, viewer=signed_in(), room=room, query=query)
        except AppError as problem:
            yield rx.toast.error(as_said(problem.sentence))
        finally:
            self.is_busy = False
