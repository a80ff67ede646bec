"""Where the visitor is signed in, followed as it changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.services import accounts
from app.views.sessions import SessionRow
from state.base import in_reading, in_work
from state.guard import requires
from state.live import hub
from state.session import signed_in


class SessionsPageState(rx.State):
    """What the list of sessions shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    rows: tuple[SessionRow, ...] = ()

    @rx.event(background=True)
    @requires(Permission.SESSION_OWN)
    async def watch(self) -> None:
        """Show the sessions and follow them until the visitor leaves."""
        async with hub.watching(accounts.sessions_topic(signed_in().person_id)) as changes:
            async for _ in changes:
                try:
                    rows = await in_reading(accounts.own_sessions, viewer=signed_in())
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase, self.problem = "failed", problem.sentence
                    continue
                if changes.are_news(rows):
                    async with self:
                        self.phase, self.rows = "shown", rows

    @rx.event
    @requires(Permission.SESSION_OWN)
    async def end(self, session_id: UUID) -> AsyncGenerator[EventSpec, None]:
        """Sign out of another browser; the list changes through its own watch."""
        try:
            await in_work(accounts.sign_out_elsewhere, viewer=signed_in(), session_id=session_id)
            yield rx.toast.success("Signed out there")
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
