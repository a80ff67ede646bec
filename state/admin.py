"""Is anything wrong now? The answers of the dashboard, for operators."""

from __future__ import annotations

from time import monotonic

import reflex as rx

from app.errors import AppError
from app.models.accounts import Permission
from app.services.operations.health import does_everything_answer, ready_now
from app.services.operations.overview import operations_overview
from app.views.operations import Answer
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look

# The services are asked anew at most this often: each is a connection.
HEALTH_SECONDS = 15.0
TOPICS = ("feeds", "orders:all", "jobs", "dead-letters", "flags", "audit", "stores")


class AdminState(rx.State):
    """What the administration page shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    answers: tuple[Answer, ...] = ()

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Show the answers and keep them up to date until the visitor leaves."""
        checked_at, health = -HEALTH_SECONDS, ()
        async with hub.watching(*TOPICS) as changes:
            async for _ in changes:
                try:
                    found = await look(operations_overview, viewer=signed_in())
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase, self.problem = "failed", problem.sentence
                    continue
                if monotonic() - checked_at > HEALTH_SECONDS:
                    health = (does_everything_answer(await ready_now()),)
                    checked_at = monotonic()
                if changes.are_news((*health, *found)):
                    async with self:
                        self.phase = "shown"
                        self.answers = (*health, *found)
