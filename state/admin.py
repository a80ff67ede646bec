"""Is anything wrong now? Answers, feeds and their syncs, for operators."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import reflex as rx
from reflex.event import EventSpec

from app.errors import AppError
from app.models.accounts import Permission
from app.models.columns import now
from app.services.feeds import list_feeds, request_sync
from app.services.feeds.history import recent_runs
from app.services.operations.health import does_everything_answer, readiness
from app.services.operations.overview import operations_overview
from app.views.accounts import Viewer
from app.views.cards import trend_path
from app.views.feeds import FeedView, SyncRunView
from app.views.formatting import number
from app.views.operations import Answer
from app.work import Work
from state.base import in_work
from state.guard import requires
from state.live import hub
from state.session import signed_in
from state.together import look

_LEVEL = "M0 10H64"
# The services are asked anew at most this often: each is a connection.
HEALTH_SECONDS = 15.0
TOPICS = ("feeds", "orders:all", "jobs", "dead-letters", "audit")


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed in the table; `word` is one of fresh, late, new or the state of its last run."""

    id: int
    name: str
    supplier: str
    word: str
    products: str
    trend: str
    problem: str
    synced_at: datetime | None
    due_at: datetime | None
    is_syncing: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """A sync run in the table; counts are written for the reader."""

    id: str
    feed: str
    state: str
    trigger: str
    seen: str
    created: str
    changed: str
    withdrawn: str
    rejected: str
    took: str
    problem: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the page shows, read at one moment."""

    answers: tuple[Answer, ...]
    feeds: tuple[FeedRow, ...]
    runs: tuple[RunRow, ...]


class AdminState(rx.State):
    """What the administration page shows; `phase` is loading, shown or failed."""

    phase: str = "loading"
    problem: str = ""
    answers: tuple[Answer, ...] = ()
    feeds: tuple[FeedRow, ...] = ()
    runs: tuple[RunRow, ...] = ()
    # The feed whose button was pressed and has not been answered yet.
    asking: int = 0

    @rx.event(background=True)
    @requires(Permission.OPERATIONS_READ)
    async def watch(self) -> None:
        """Show the answers and keep them up to date until the visitor leaves."""
        checked_at, health = -HEALTH_SECONDS, ()
        async with hub.watching(*TOPICS) as changes:
            async for _ in changes:
                try:
                    found = await look(_dashboard, viewer=signed_in())
                except AppError as problem:
                    async with self:
                        self.phase, self.problem = "failed", problem.sentence
                    continue
                if monotonic() - checked_at > HEALTH_SECONDS:
                    health = (does_everything_answer(await readiness()),)
                    checked_at = monotonic()
                async with self:
                    self.phase = "shown"
                    self.answers = (*health, *found.answers)
                    self.feeds, self.runs = found.feeds, found.runs

    @rx.event
    @requires(Permission.FEED_SYNC)
    async def sync(self, feed_id: int) -> AsyncGenerator[EventSpec | None, None]:
        """Have a feed synced now; a run that is under way already is the answer then."""
        self.asking = feed_id
        yield None
        try:
            run = await in_work(request_sync, feed_id=feed_id, requested_by=signed_in().person_id)
            yield rx.toast.success(f"{run.feed} is being synced")
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        finally:
            self.asking = 0


def _dashboard(work: Work, *, viewer: Viewer) -> Dashboard:
    locale = viewer.locale
    return Dashboard(
        answers=operations_overview(work, viewer=viewer),
        feeds=tuple(_feed_row(feed, locale) for feed in list_feeds(work)),
        runs=tuple(_run_row(run, locale) for run in recent_runs(work)),
    )


def _feed_row(feed: FeedView, locale: str) -> FeedRow:
    run = feed.last_run
    is_syncing = run is not None and run.is_open
    word = feed.state
    if word == "applied":
        word = "late" if feed.due_at is not None and feed.due_at < now() else "fresh"
    return FeedRow(
        id=feed.id,
        name=feed.name,
        supplier=feed.supplier,
        word=word,
        products=number(feed.products, locale),
        trend=trend_path(feed.sizes) or (_LEVEL if len(feed.sizes) > 1 else ""),
        problem=(run.problem or "") if run else "",
        synced_at=feed.synced_at,
        due_at=feed.due_at,
        is_syncing=is_syncing,
    )


def _run_row(run: SyncRunView, locale: str) -> RunRow:
    counts = run.counts
    return RunRow(
        id=str(run.id),
        feed=run.feed,
        state=run.state,
        trigger=run.trigger,
        seen=number(counts.seen, locale),
        created=number(counts.created, locale),
        changed=number(counts.changed, locale),
        withdrawn=number(counts.withdrawn, locale),
        rejected=number(counts.rejected, locale),
        took="" if run.seconds is None else f"{run.seconds:.1f} s",
        problem=run.problem or "",
        created_at=run.created_at,
    )
