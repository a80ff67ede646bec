"""A feed on its own page: how it is read, what each sync brought, and what was rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.models.accounts import Person
from app.models.feeds import SyncRunState
from app.services.feeds import show_feed
from app.services.rooms.cells import AnyRow, badge, moment, pretty
from app.views.formatting import number
from app.views.room_query import detail_address
from app.views.rooms import CellView, DetailView, FactView, SectionView

if TYPE_CHECKING:
    from app.services.rooms.cells import Looks
    from app.views.accounts import Viewer
    from app.views.feeds import FeedDetailView, SyncRunView
    from app.work import Work

RUN_LOOKS: Final[Looks] = {
    SyncRunState.QUEUED.value: ("neutral", "clock"),
    SyncRunState.RUNNING.value: ("info", "loader"),
    SyncRunState.APPLIED.value: ("good", "check"),
    SyncRunState.QUARANTINED.value: ("bad", "shield-alert"),
    SyncRunState.FAILED.value: ("bad", "circle-alert"),
    SyncRunState.CANCELLED.value: ("neutral", "ban"),
}
LONGEST_RECORD: Final = 300


def describe(work: Work, viewer: Viewer, row: AnyRow) -> DetailView:
    """Return a feed in detail."""
    shown = show_feed(work, feed_id=row.id)
    feed = shown.feed
    return DetailView(
        title=feed.name,
        lead=row.problem or "",
        badge=badge(feed.state, RUN_LOOKS),
        facts=(
            FactView(
                "Supplier",
                CellView(feed.supplier, href=detail_address("suppliers", str(row.supplier_id))),
            ),
            FactView("Address", CellView(feed.url, mono=True)),
            FactView("Products", CellView(number(feed.products, viewer.locale))),
            FactView("Synced", moment(feed.synced_at, "never")),
            FactView("Schedule", CellView(feed.schedule or "by hand only", mono=True)),
            FactView("Next", _next(work, row)),
            FactView("Signs in by", CellView(shown.authentication)),
        ),
        sections=(
            SectionView(
                kind="table",
                title="Sync runs",
                heads=("Began", "State", "Seen", "Changed", "Withdrawn", "Rejected", "Took"),
                rows=tuple(_run(run, viewer) for run in shown.runs),
                empty="It has not been synced yet.",
            ),
            _rejected(shown),
            SectionView(
                kind="code",
                title="How it is read",
                code=pretty({"paging": shown.paging, "products": shown.mapping}),
            ),
        ),
    )


def _next(work: Work, row: AnyRow) -> CellView:
    if row.paused_at is None:
        return moment(row.due_at, "by hand only")
    name = work.session.scalar(select(col(Person.name)).where(col(Person.id) == row.paused_by))
    return CellView(f"paused by {name}" if name else "paused")


def _run(run: SyncRunView, viewer: Viewer) -> tuple[CellView, ...]:
    counts = run.counts

    def figure(value: int) -> CellView:
        return CellView(number(value, viewer.locale))

    state = badge(run.state, RUN_LOOKS)
    return (
        CellView(at=run.created_at),
        CellView(
            state.text,
            second=run.problem or f"by {run.trigger}",
            tone=state.tone,
            icon=state.icon,
        ),
        figure(counts.seen),
        figure(counts.created + counts.changed),
        figure(counts.withdrawn),
        figure(counts.rejected),
        CellView("" if run.seconds is None else f"{run.seconds:.1f} s"),
    )


def _rejected(shown: FeedDetailView) -> SectionView:
    return SectionView(
        kind="table",
        title="What the last sync rejected",
        heads=("Record", "Why", "What it was"),
        rows=tuple(
            (
                CellView(record.external_id or "without an id", mono=True),
                CellView(record.reason),
                CellView(_cut(str(record.record)), mono=True),
            )
            for record in shown.rejected
        ),
        empty="Every record could be taken.",
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_RECORD else text[: LONGEST_RECORD - 1] + "…"
