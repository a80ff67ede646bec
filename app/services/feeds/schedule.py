"""The schedule of feeds: what is due becomes a tick and a job, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.models.columns import now, stored
from app.models.feeds import Feed, FeedTick, RunTrigger
from app.services.feeds.runs import new_run, open_run
from app.services.feeds.times import next_due

if TYPE_CHECKING:
    from app.work import Work

MOST_AT_ONCE = 100


def fire_due_feeds(work: Work) -> int:
    """Queue a sync of every feed that is due and set when it is due next; return how many.

    Any number of schedulers may run: each takes the rows that no other holds, and the tick of one
    due moment is unique. Moments that were missed while nobody ran count as one. A feed that still
    has an open run is left to it.
    """
    moment = now()
    due = work.session.scalars(
        select(Feed)
        .where(col(Feed.due_at) <= moment)
        .order_by(col(Feed.due_at))
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    fired = 0
    for feed in due:
        tick = insert(FeedTick).values(feed_id=feed.id, due_at=feed.due_at)
        is_new = work.session.scalar(tick.on_conflict_do_nothing().returning(col(FeedTick.feed_id)))
        if is_new is not None and open_run(work, feed_id=stored(feed.id)) is None:
            new_run(work, feed_id=stored(feed.id), trigger=RunTrigger.SCHEDULE, queued=True)
            fired += 1
        feed.due_at = next_due(feed.schedule, after=moment) if feed.schedule else None
    return fired
