"""The moves of a sync run, and what becomes of one whose worker is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.errors import Conflict, IllegalMove, NotFound
from app.models.columns import now
from app.models.feeds import (
    OPEN_RUN_STATES,
    SYNC_RUN_TRANSITIONS,
    Feed,
    RunTrigger,
    SyncFeed,
    SyncRun,
    SyncRunState,
)
from app.models.operations import OPEN_JOB_STATES, Job

if TYPE_CHECKING:
    from app.work import Work

# The class of advisory locks that feeds use; the second number is the feed's id.
LOCK_CLASS = 4_715_002
LOST = "The sync did not finish: its process ended before it did."


def move(run: SyncRun, to: SyncRunState, *, problem: str | None = None) -> None:
    """Move a locked run to another state. Raises IllegalMove where the table has no such move."""
    if to not in SYNC_RUN_TRANSITIONS[run.state]:
        raise IllegalMove(f"A sync run that is {run.state} cannot become {to}.")
    run.state = to
    run.problem = problem
    if to is SyncRunState.RUNNING:
        run.started_at = now()
    elif to not in OPEN_RUN_STATES:
        run.finished_at = now()


def lock_feed(work: Work, *, feed_id: int) -> Feed:
    """Return the feed, locked until the transaction ends. Raises NotFound where there is none."""
    feed = work.session.scalar(select(Feed).where(col(Feed.id) == feed_id).with_for_update())
    if feed is None:
        raise NotFound("There is no such feed.")
    return feed


def lock_run(work: Work, *, run_id: UUID) -> SyncRun:
    """Return the run, locked until the transaction ends. Raises NotFound where there is none."""
    run = work.session.scalar(select(SyncRun).where(col(SyncRun.id) == run_id).with_for_update())
    if run is None:
        raise NotFound("There is no such sync run.")
    return run


def feed_of(work: Work, *, run_id: UUID) -> int:
    """Return the id of the run's feed. Raises NotFound where there is no such run."""
    feed_id = work.session.scalar(select(col(SyncRun.feed_id)).where(col(SyncRun.id) == run_id))
    if feed_id is None:
        raise NotFound("There is no such sync run.")
    return feed_id


def open_run(work: Work, *, feed_id: int) -> SyncRun | None:
    """Return the open run of a locked feed; one that nobody carries out any more ends here."""
    run = work.session.scalar(
        select(SyncRun).where(
            col(SyncRun.feed_id) == feed_id, col(SyncRun.state).in_(OPEN_RUN_STATES)
        )
    )
    if run is None or _has_a_job(work, run) or _is_being_pulled(work, feed_id):
        return run
    move(run, SyncRunState.FAILED, problem=LOST)
    work.session.flush()
    return None


def _has_a_job(work: Work, run: SyncRun) -> bool:
    """Tell whether the run's job has yet to end: then it comes back by itself."""
    state = work.session.scalar(select(col(Job.state)).where(col(Job.id) == run.job_id))
    return state in OPEN_JOB_STATES


def _is_being_pulled(work: Work, feed_id: int) -> bool:
    """Tell whether a living process holds the feed: its lock ends with its connection."""
    free = work.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK_CLASS, feed_id)))
    return not free


def new_run(work: Work, *, feed_id: int, trigger: RunTrigger, queued: bool) -> SyncRun:
    """Write a run of a locked feed without an open one; with its job where it is `queued`."""
    run = SyncRun(feed_id=feed_id, trigger=trigger)
    work.session.add(run)
    work.session.flush()
    if queued and run.id is not None:
        run.job_id = work.enqueue(SyncFeed(sync_run_id=run.id))
    work.touch("feeds")
    return run


def start_run(work: Work, *, run_id: UUID) -> UUID | None:
    """Start a run whose feed's lock this process holds; return the id of the run to carry out.

    Holding the lock means that a run which is `running` has lost its process: it ends, and a new
    one takes its place. None where the run has ended and nothing is left to do.
    """
    # The feed first, as everybody does who may end a run of it.
    lock_feed(work, feed_id=feed_of(work, run_id=run_id))
    run = lock_run(work, run_id=run_id)
    lost = work.session.scalar(
        select(SyncRun).where(
            col(SyncRun.feed_id) == run.feed_id, col(SyncRun.state) == SyncRunState.RUNNING
        )
    )
    if lost is not None:
        move(lost, SyncRunState.FAILED, problem=LOST)
        work.session.flush()
    # An attempt after a lost one brings the first run's id; its last run is the one that was lost.
    if lost is not None and (lost.id == run.id or (run.job_id and lost.job_id == run.job_id)):
        again = SyncRun(feed_id=run.feed_id, trigger=run.trigger, job_id=run.job_id)
        work.session.add(again)
        run = again
    if run.state is not SyncRunState.QUEUED:
        return None
    move(run, SyncRunState.RUNNING)
    work.session.flush()
    work.touch("feeds")
    return run.id


def check_running(work: Work, *, run_id: UUID) -> None:
    """Raise Conflict where the run has been ended from outside."""
    state = work.session.scalar(select(col(SyncRun.state)).where(col(SyncRun.id) == run_id))
    if state is not SyncRunState.RUNNING:
        raise Conflict("The sync was cancelled.")


def fail_run(work: Work, *, run_id: UUID, problem: str) -> None:
    """End a run that came to nothing. A run that has ended stays as it is."""
    _end(work, run_id, SyncRunState.FAILED, problem)


def cancel_run(work: Work, *, run_id: UUID, problem: str) -> None:
    """End a run that somebody stopped. A run that has ended stays as it is."""
    _end(work, run_id, SyncRunState.CANCELLED, problem)


def _end(work: Work, run_id: UUID, to: SyncRunState, problem: str) -> None:
    run = lock_run(work, run_id=run_id)
    if run.state in OPEN_RUN_STATES:
        move(run, to, problem=problem)
        work.touch("feeds")


def run_gave_up(work: Work, *, run_id: UUID, problem: str) -> None:
    """End the open run of a job that was given up: the payload's run, or one in its place."""
    run = lock_run(work, run_id=run_id)
    for one in work.session.scalars(
        select(SyncRun).where(
            col(SyncRun.feed_id) == run.feed_id, col(SyncRun.state).in_(OPEN_RUN_STATES)
        )
    ).all():
        if one.id == run.id or (run.job_id is not None and one.job_id == run.job_id):
            move(one, SyncRunState.FAILED, problem=problem)
    work.touch("feeds")
