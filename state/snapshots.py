"""The list of snapshots, followed as they are taken; and asking for one, from any page."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.services import snapshots
from app.views.accounts import Viewer
from app.views.catalogue_query import CatalogueQuery
from app.views.snapshot_text import SnapshotRow, snapshot_row
from app.views.snapshots import SnapshotView
from state.base import as_said, in_work
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look

LIST = "/snapshots"


def row_for(snapshot: SnapshotView, person: Viewer) -> SnapshotRow:
    """Write a snapshot for who may see it; they may call off those that people asked for."""
    may_cancel = person.may(Permission.SNAPSHOT_READ_ALL) or (
        person.may(Permission.SNAPSHOT_TAKE) and snapshot.trigger == "person"
    )
    return snapshot_row(snapshot, person.locale, may_cancel=may_cancel)


def snapshot_id(word: str) -> UUID | None:
    """Return the snapshot that a part of an address names, None where it names none."""
    try:
        return UUID(word)
    except ValueError:
        return None


class SnapshotsPageState(rx.State):
    """What the list shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    rows: tuple[SnapshotRow, ...] = ()
    next_href: str = ""
    first_href: str = ""

    @rx.event(background=True)
    @requires(Permission.SNAPSHOT_READ)
    async def watch(self) -> None:
        """Show the list from where the address says, and follow it until the visitor leaves."""
        before = snapshot_id(self.router.url.query_parameters.get("before", ""))
        async with self:
            self.phase = "loading"
            self.first_href = LIST if before else ""
        async with hub.watching(snapshots.LIST_TOPIC) as changes:
            async for _ in changes:
                person = signed_in()
                try:
                    page = await look(snapshots.list_snapshots, viewer=person, before=before)
                except AppError as problem:
                    if changes.are_news(problem.sentence):
                        async with self:
                            self.phase = "failed"
                            self.problem = problem.sentence
                    continue
                rows = tuple(row_for(each, person) for each in page.rows)
                if changes.are_news((rows, page.next_before)):
                    async with self:
                        self.phase = "shown"
                        self.rows = rows
                        self.next_href = (
                            f"{LIST}?before={page.next_before}" if page.next_before else ""
                        )

    @rx.event
    @requires(Permission.SNAPSHOT_TAKE)
    async def cancel(self, snapshot: UUID) -> AsyncGenerator[EventSpec, None]:
        """Call off a snapshot, or no longer wait for one that others have asked for as well."""
        try:
            is_off = await in_work(
                snapshots.cancel_snapshot, viewer=signed_in(), snapshot_id=snapshot
            )
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        else:
            yield rx.toast.success(
                "The snapshot is called off"
                if is_off
                else "You no longer wait for this snapshot; it goes on for others"
            )


class TakeSnapshotState(rx.State):
    """Asking for a snapshot."""

    is_busy: bool = False

    @rx.event
    @requires(Permission.SNAPSHOT_TAKE)
    async def take(self, query: str) -> AsyncGenerator[EventSpec | None, None]:
        """Ask for a snapshot of what the query part of a catalogue's address finds; "" is all."""
        self.is_busy = True
        yield None
        began = datetime.now(UTC)
        try:
            wanted = CatalogueQuery.parse(query)
            asked = await in_work(snapshots.request_snapshot, viewer=signed_in(), query=wanted)
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        else:
            joined = asked.created_at < began
            yield rx.toast.success(
                "The same snapshot is being taken already: you get a mail of it, too"
                if joined
                else f"Taking a snapshot: {as_said(asked.title)}. You get a mail when it is stored"
            )
            if self.router.url.path.rstrip("/") != LIST:
                yield rx.redirect(LIST)
        finally:
            self.is_busy = False
