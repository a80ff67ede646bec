"""One row of a room on its own page."""

from __future__ import annotations

import reflex as rx

from app.errors import AppError
from app.models.accounts import Permission
from app.services import rooms
from app.views.rooms import NO_DETAIL, DetailView
from state.guard import requires
from state.live import hub
from state.rooms import asked_room, phase_of, place_name
from state.session import signed_in
from state.together import look


class RoomDetailState(rx.State):
    """What the page of one row shows; `phase` is loading, shown, forbidden, missing or failed."""

    about: str = ""
    phase: str = "loading"
    problem: str = ""
    detail: DetailView = NO_DETAIL

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Show the row that the address names and follow it until the visitor leaves."""
        room, key = asked_room(self.router.url.path)
        async with self:
            if self.about != place_name(room, key):
                self.reset()
                self.about = place_name(room, key)
        async with hub.watching(*rooms.topics_of(room)) as changes:
            async for _ in changes:
                try:
                    detail = await look(rooms.open_detail, viewer=signed_in(), room=room, key=key)
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase, self.problem = phase_of(problem), problem.sentence
                            self.detail = NO_DETAIL
                else:
                    if changes.are_news(detail):
                        async with self:
                            self.phase, self.detail = "shown", detail
