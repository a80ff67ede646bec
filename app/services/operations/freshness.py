"""Answers about the feeds: how old the prices are, and what could not be taken."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, true
from sqlmodel import col

from app.models.columns import now
from app.models.feeds import Feed, SyncRun, SyncRunState
from app.views.formatting import number
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# A sync takes its time, and two feeds may be due at once.
LATE_AFTER = timedelta(minutes=10)
FEEDS = "/admin/feeds"


def are_prices_fresh(work: Work, locale: str) -> Answer:
    """Answer whether every scheduled feed was synced when it was due, and without a failure."""
    feeds = work.session.scalar(select(func.count()).select_from(Feed)) or 0
    late = set(
        work.session.scalars(
            select(col(Feed.name)).where(
                col(Feed.schedule).is_not(None), col(Feed.due_at) < now() - LATE_AFTER
            )
        )
    )
    newest = _newest_runs().subquery("newest")
    failing = set(
        work.session.scalars(
            select(col(Feed.name))
            .join(newest, newest.c.feed_id == col(Feed.id))
            .where(newest.c.state.in_((SyncRunState.FAILED, SyncRunState.QUARANTINED)))
        )
    )
    troubled = sorted(late | failing)
    answer = (
        f"{', '.join(troubled[:3])}: late or failing." if troubled else "Every feed is on time."
    )
    return Answer(
        key="prices",
        question="Are the prices fresh?",
        is_good=not troubled and feeds > 0,
        figure=f"{number(feeds - len(troubled), locale)} of {number(feeds, locale)}",
        answer=answer if feeds else "No feed is connected yet: add one with `feed add`.",
        link=FEEDS,
    )


def were_records_rejected(work: Work, locale: str) -> Answer:
    """Answer whether the newest sync of each feed could take every record."""
    newest = _newest_runs().subquery("newest")
    rejected = work.session.scalar(select(func.coalesce(func.sum(newest.c.rejected), 0))) or 0
    return Answer(
        key="records",
        question="Was any record rejected?",
        is_good=not rejected,
        figure=number(rejected, locale),
        answer=(
            "Each has its reason: open the feed to see it."
            if rejected
            else "The last sync of each feed took every record."
        ),
        link=FEEDS,
    )


def _newest_runs():  # noqa: ANN202 - the type of a SELECT is its columns
    """Select the newest finished run of each feed: one look into the index for each."""
    newest = (
        select(col(SyncRun.feed_id), col(SyncRun.state), col(SyncRun.rejected))
        .where(col(SyncRun.feed_id) == col(Feed.id), col(SyncRun.finished_at).is_not(None))
        .order_by(col(SyncRun.id).desc())
        .limit(1)
        .correlate(Feed)
        .lateral()
    )
    return (
        select(newest.c.feed_id, newest.c.state, newest.c.rejected)
        .select_from(Feed)
        .join(newest, true())
    )
