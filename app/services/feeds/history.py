"""The sync runs of every feed, as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.models.feeds import Feed, SyncRun
from app.services.feeds.queries import run_view

if TYPE_CHECKING:
    from app.views.feeds import SyncRunView
    from app.work import Work

SHOWN = 12


def recent_runs(work: Work) -> tuple[SyncRunView, ...]:
    """Return the newest runs over all feeds, the newest first, at most `SHOWN`."""
    rows = work.session.execute(
        select(SyncRun, col(Feed.name))
        .join(Feed, col(Feed.id) == col(SyncRun.feed_id))
        .order_by(col(SyncRun.id).desc())
        .limit(SHOWN)
    ).all()
    return tuple(run_view(run, name) for run, name in rows)
