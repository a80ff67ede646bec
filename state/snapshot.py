"""One snapshot on its page: how it is taken, and then the catalogue as it was."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import replace

import reflex as rx
from reflex.event import EventCallback

from app.errors import AppError, NotFound
from app.integrations.rates import Kind
from app.models.accounts import Permission
from app.services import snapshots
from app.views.cards import card_of
from app.views.snapshot_text import NO_SNAPSHOT, FileText, SnapshotRow, files_said
from state.guard import counted_as, requires
from state.live import hub
from state.past import UNREADABLE, PastResults
from state.session import signed_in
from state.snapshots import row_for, snapshot_id
from state.together import look
from state.turns import in_thread

log = logging.getLogger(__name__)


class SnapshotState(PastResults, rx.State):
    """What the page of one snapshot shows.

    `stage` is loading, taken (it is not stored yet, or came to nothing), stored, missing or failed;
    `phase` is that of the products in it. `asked` is the end of the address it is all about.
    """

    asked: str = ""
    stage: str = "loading"
    snapshot: SnapshotRow = NO_SNAPSHOT
    files: tuple[FileText, ...] = ()

    @rx.event(background=True)
    @requires(Permission.SNAPSHOT_READ)
    async def watch(self) -> AsyncGenerator[EventCallback[()], None]:
        """Show the snapshot, follow it while it is taken, and look into it once it is stored."""
        asked = self.router.url.path.rstrip("/").rpartition("/")[2]
        number = snapshot_id(asked)
        async with self:
            if self.asked != asked:
                self.reset()
                self.asked = asked
        if number is None:
            async with self:
                self.stage = "missing"
            return
        was_open = False
        async with hub.watching(snapshots.topic_of(number)) as changes:
            async for _ in changes:
                person = signed_in()
                try:
                    shown = await look(snapshots.show_snapshot, viewer=person, snapshot_id=number)
                    parts = (
                        await look(snapshots.parts_of, viewer=person, snapshot_id=number)
                        if shown.is_readable
                        else ()
                    )
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.stage = "missing" if isinstance(problem, NotFound) else "failed"
                            self.problem = problem.sentence
                    continue
                if changes.are_news(shown):
                    async with self:
                        self.snapshot = row_for(shown, person)
                        self.files = files_said(asked, parts, person.locale)
                        self.stage = "stored" if shown.is_readable else "taken"
                if was_open and shown.is_readable:
                    yield SnapshotState.load
                was_open = shown.is_open

    @rx.event
    @requires(Permission.SNAPSHOT_READ)
    @counted_as(Kind.SEARCHING)
    async def load(self) -> None:
        """Answer the question in the address from the snapshot, where it is stored."""
        path = self.router.url.path.rstrip("/")
        number = snapshot_id(path.rpartition("/")[2])
        if number is None:
            return
        person, query = signed_in(), self._query()
        # DuckDB is loaded by those who look into a snapshot, not by every process at its start.
        from app.services.snapshots.looking import search_snapshot  # noqa: PLC0415 - DuckDB

        try:
            result = await in_thread(
                lambda: search_snapshot(viewer=person, snapshot_id=number, query=query)
            )
        except NotFound:
            # It is not stored yet, or not theirs to see: `watch` says which.
            self.phase = "loading"
        except AppError as problem:
            self._fail(problem.sentence)
        except Exception:
            log.exception("A snapshot could not be searched")
            self._fail(UNREADABLE)
        else:
            cards = tuple(
                replace(
                    card_of(summary, person.locale),
                    href=f"/product/{summary.id}?snapshot={number}",
                )
                for summary in result.listing.products
            )
            self._show(result, query, cards, person.locale)
