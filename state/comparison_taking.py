"""Taking a comparison along from its page: a file of what is shown, a mail of the whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError, Unavailable
from app.models.accounts import Permission
from app.services import comparisons
from app.views.comparison_query import ComparisonQuery
from state.base import as_said, in_reading, in_work
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.turns import in_thread


class ComparisonTakingState(rx.State):
    """`href` is the file of what is shown, "" where there is none; it works for some minutes."""

    href: str = ""
    is_busy: bool = False

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    def load(self) -> None:
        """Forget the file of another list."""
        self.href, self.is_busy = "", False

    @rx.event(background=True)
    @requires(Permission.SNAPSHOT_READ)
    async def export(self) -> AsyncGenerator[EventSpec, None]:
        """Have what is shown written into a file, and offer it once it is there."""
        query = ComparisonQuery.parse(self.router.url.query)
        async with self:
            self.is_busy = True
        try:
            href = await self._written(query)
        except AppError as problem:
            href = ""
            yield rx.toast.error(as_said(problem.sentence))
        async with self:
            self.href, self.is_busy = href, False

    async def _written(self, query: ComparisonQuery) -> str:
        """Return the address of the file, written by now. Raises Unavailable where it fails."""
        if href := await _link(query):
            return href
        if query.before is None or query.after is None:
            return ""
        found = await in_reading(
            comparisons.comparison_between,
            viewer=signed_in(),
            before_id=query.before,
            after_id=query.after,
        )
        async with hub.watching(comparisons.topic_of(found.id)) as changes:
            job_id = await in_work(comparisons.request_csv, viewer=signed_in(), query=query)
            async for _ in changes:
                if href := await _link(query):
                    return href
                await _refuse_given_up(job_id)
        return ""

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    async def mail(self) -> EventSpec:
        """Have the summary mailed to whoever looks."""
        query = ComparisonQuery.parse(self.router.url.query)
        try:
            await in_work(comparisons.request_mail, viewer=signed_in(), query=query)
        except AppError as problem:
            return rx.toast.error(as_said(problem.sentence))
        return rx.toast.success(f"It is on its way to {as_said(signed_in().email)}.")


async def _link(query: ComparisonQuery) -> str:
    return await in_thread(partial(comparisons.csv_link, viewer=signed_in(), query=query))


async def _refuse_given_up(job_id: UUID) -> None:
    if await in_reading(comparisons.has_given_up, job_id=job_id):
        raise Unavailable("The file could not be written: try again in a minute.")
