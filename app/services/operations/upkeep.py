"""Upkeep: what would grow without end is deleted once nobody asks for it any more.

Kept for good: orders with their dispatches, mails and timelines, price points, domain events and
the audit log. They are what happened; jobs and sessions are only how.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.config import settings
from app.models.accounts import PersonSession
from app.models.columns import first_id_of, now
from app.models.feeds import FeedTick, SyncRun
from app.models.operations import DeadLetter, Job, JobState
from app.work import within

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import Select

    from app.work import Work

# What somebody may still ask about: last month's trouble, last quarter's feeds.
JOBS_KEPT: Final = timedelta(days=30)
RUNS_KEPT: Final = timedelta(days=90)
# Nobody sees these; they are kept long enough for clocks that differ.
ENDED_KEPT: Final = timedelta(days=1)
# So small that nobody waits for a lock.
BATCH: Final = 500

log = logging.getLogger(__name__)


def clean_up() -> dict[str, int]:
    """Delete what has ended long ago, batch by batch, each a transaction of its own.

    Returns how many rows went, by what they were. Whoever stops it in between loses nothing.
    """
    gone = {name: _all_of(batch) for name, batch in _BATCHES.items()}
    log.info("Cleaned up: %s", ", ".join(f"{rows} {name}" for name, rows in gone.items()))
    return gone


def _all_of(batch: Callable[[Work], int]) -> int:
    total = 0
    while deleted := within(batch):
        total += deleted
    return total


def _jobs(work: Work) -> int:
    """Delete jobs that are done, and dead ones whose letter is settled; attempts go with them."""
    settled = exists().where(
        col(DeadLetter.job_id) == col(Job.id),
        col(DeadLetter.settled_at) < now() - JOBS_KEPT,
    )
    old = (
        select(col(Job.id))
        .where(
            col(Job.id) < first_id_of(now() - JOBS_KEPT),
            or_(
                col(Job.state) == JobState.DONE,
                (col(Job.state) == JobState.DEAD) & settled,
            ),
            col(Job.finished_at) < now() - JOBS_KEPT,
        )
        .order_by(col(Job.id))
    )
    return _delete(work, Job, old)


def _runs(work: Work) -> int:
    """Delete sync runs with their rejected records; the newest of each feed is always kept."""
    newer = aliased(SyncRun)
    old = (
        select(col(SyncRun.id))
        .where(
            col(SyncRun.id) < first_id_of(now() - RUNS_KEPT),
            col(SyncRun.finished_at) < now() - RUNS_KEPT,
            exists().where(
                col(newer.feed_id) == col(SyncRun.feed_id), col(newer.id) > col(SyncRun.id)
            ),
        )
        .order_by(col(SyncRun.id))
    )
    return _delete(work, SyncRun, old)


def _ticks(work: Work) -> int:
    """Delete the due moments of feeds that have passed: they kept two schedulers apart."""
    passed = delete(FeedTick).where(col(FeedTick.due_at) < now() - ENDED_KEPT)
    return len(work.session.scalars(passed.returning(col(FeedTick.feed_id))).all())


def _sessions(work: Work) -> int:
    """Delete sessions that nobody can use any more."""
    moment = now() - ENDED_KEPT
    ended = select(col(PersonSession.id)).where(
        or_(
            col(PersonSession.expires_at) < moment,
            col(PersonSession.seen_at) < moment - settings().session_idle,
        )
    )
    return _delete(work, PersonSession, ended)


def _delete(
    work: Work, table: type[Job | SyncRun | PersonSession], old: Select[UUID | None]
) -> int:
    """Delete one batch of rows, those that nobody holds; return how many."""
    batch = old.limit(BATCH).with_for_update(skip_locked=True, of=table).cte("batch")
    gone = delete(table).where(col(table.id).in_(select(batch.c.id))).returning(col(table.id))
    return len(work.session.scalars(gone).all())


_BATCHES: Final = {"jobs": _jobs, "sync runs": _runs, "ticks": _ticks, "sessions": _sessions}
