"""What is shown of feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.errors import NotFound
from app.models.columns import now, stored
from app.models.feeds import Feed, RejectedRecord, Supplier, SyncRun
from app.views.feeds import FeedDetailView, FeedView, RejectedRecordView, SyncCounts, SyncRunView

if TYPE_CHECKING:
    from app.work import Work

SHOWN_RUNS = 20
SHOWN_REJECTED = 50
NEW = "new"


def run_view(run: SyncRun, feed: str) -> SyncRunView:
    """Return the view of a run of the feed of that name."""
    ended = run.finished_at or now()
    return SyncRunView(
        id=stored(run.id),
        feed_id=run.feed_id,
        feed=feed,
        state=run.state,
        trigger=run.trigger,
        counts=SyncCounts(
            seen=run.seen,
            created=run.created,
            changed=run.changed,
            unchanged=run.unchanged,
            withdrawn=run.withdrawn,
            rejected=run.rejected,
        ),
        problem=run.problem,
        created_at=run.created_at,
        finished_at=run.finished_at,
        seconds=(ended - run.started_at).total_seconds() if run.started_at else None,
    )


def show_run(work: Work, *, run_id: UUID) -> SyncRunView:
    """Return one run. Raises NotFound."""
    row = work.session.execute(
        select(SyncRun, col(Feed.name))
        .join(Feed, col(Feed.id) == col(SyncRun.feed_id))
        .where(col(SyncRun.id) == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such sync run.")
    return run_view(row[0], row[1])


def feed_id_of(work: Work, *, name: str) -> int:
    """Return the id of the feed of that name. Raises NotFound."""
    found = work.session.scalar(select(col(Feed.id)).where(col(Feed.name) == name))
    if found is None:
        raise NotFound(f"There is no feed named {name}.")
    return found


def list_feeds(work: Work, *, feed_id: int | None = None) -> tuple[FeedView, ...]:
    """Return every feed by name, or the one asked for; one query, however many there are."""
    newest = aliased(
        SyncRun,
        select(SyncRun)
        .where(col(SyncRun.feed_id) == col(Feed.id))
        .order_by(col(SyncRun.id).desc())
        .limit(1)
        .lateral(),
    )
    query = (
        select(Feed, col(Supplier.name), newest)
        .join(Supplier, col(Supplier.id) == col(Feed.supplier_id))
        .outerjoin(newest, col(Feed.id) == newest.feed_id)
        .order_by(col(Feed.name))
    )
    if feed_id is not None:
        query = query.where(col(Feed.id) == feed_id)
    return tuple(
        _feed_view(feed, supplier, run) for feed, supplier, run in work.session.execute(query).all()
    )


def _feed_view(feed: Feed, supplier: str, run: SyncRun | None) -> FeedView:
    return FeedView(
        id=stored(feed.id),
        name=feed.name,
        supplier=supplier,
        url=feed.url,
        state=run.state if run else NEW,
        products=feed.products,
        synced_at=feed.synced_at,
        due_at=feed.due_at,
        schedule=feed.schedule,
        last_run=run_view(run, feed.name) if run else None,
    )


def show_feed(work: Work, *, feed_id: int) -> FeedDetailView:
    """Return a feed with how it is read, its last runs, and what the newest one rejected.

    Raises NotFound.
    """
    found = list_feeds(work, feed_id=feed_id)
    feed = work.session.get(Feed, feed_id)
    if not found or feed is None:
        raise NotFound("There is no such feed.")
    runs = work.session.scalars(
        select(SyncRun)
        .where(col(SyncRun.feed_id) == feed_id)
        .order_by(col(SyncRun.id).desc())
        .limit(SHOWN_RUNS)
    ).all()
    newest = found[0].last_run
    return FeedDetailView(
        feed=found[0],
        authentication=feed.authentication,
        paging=feed.paging,
        mapping=feed.mapping,
        stores=feed.store_source,
        categories=feed.category_source,
        runs=tuple(run_view(run, feed.name) for run in runs),
        rejected=rejected_records(work, run_id=newest.id) if newest else (),
    )


def rejected_records(work: Work, *, run_id: UUID) -> tuple[RejectedRecordView, ...]:
    """Return the first records that a run rejected."""
    rows = work.session.scalars(
        select(RejectedRecord)
        .where(col(RejectedRecord.sync_run_id) == run_id)
        .order_by(col(RejectedRecord.id))
        .limit(SHOWN_REJECTED)
    ).all()
    return tuple(RejectedRecordView(row.external_id, row.reason, row.record) for row in rows)
