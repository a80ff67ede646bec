"""Answers about background work: what was given up, what waits, and how often it fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all
from sqlmodel import col

from app.models.columns import now
from app.models.operations import (
    OPEN_JOB_STATES,
    WAITING_JOB_STATES,
    Attempt,
    AttemptOutcome,
    DeadLetter,
    Job,
    Queue,
)
from app.services.operations.counting import MOST, count_up_to, figure
from app.views.formatting import ago, number, percent
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# A job that is due has been handed over within a second; after this long something is wrong.
LATE_AFTER = timedelta(minutes=1)
LOOKING_BACK = timedelta(hours=1)
# Tries fail now and then, and are made again; more often than this something is wrong.
MOST_FAILURES = 0.05
_FAILED = (AttemptOutcome.RETRYABLE, AttemptOutcome.FINAL, AttemptOutcome.LOST)


def was_any_job_given_up(work: Work, locale: str) -> Answer:
    """Answer whether a dead letter waits for a person."""
    is_open = col(DeadLetter.settled_at).is_(None)
    waiting = count_up_to(work, select(col(DeadLetter.job_id)).where(is_open))
    last = work.session.scalar(
        select(col(DeadLetter.problem))
        .where(is_open)
        .order_by(col(DeadLetter.created_at).desc())
        .limit(1)
    )
    return Answer(
        key="dead-letters",
        question="Was any job given up?",
        is_good=not waiting,
        figure=figure(waiting, locale),
        answer=f"The last one: {last}" if last else "No dead letter waits for a person.",
        link="/admin/dead-letters",
    )


def is_the_queue_moving(work: Work, locale: str) -> Answer:
    """Answer whether jobs are handed over and taken soon after they are due.

    Looks at those that have been due longest, `MOST` of each queue, by the index the relay uses.
    """
    longest_due = [
        select(
            select(col(Job.state), col(Job.due_at), col(Job.relayed_at))
            .where(
                col(Job.queue) == queue,
                col(Job.state).in_(OPEN_JOB_STATES),
            )
            .order_by(col(Job.due_at))
            .limit(MOST + 1)
            .subquery()
        )
        for queue in Queue
    ]
    looked_at = union_all(*longest_due).subquery()
    moment = now()
    state, due_at, relayed_at = looked_at.c.state, looked_at.c.due_at, looked_at.c.relayed_at
    is_waiting = state.in_(WAITING_JOB_STATES)
    waiting, due, relayed = work.session.execute(
        select(
            func.count().filter(is_waiting),
            # Due, and no relay took it; for one that runs, its worker's lease has run out.
            func.min(due_at),
            # Handed to a queue, and no worker took it.
            func.min(relayed_at).filter(is_waiting),
        )
    ).one()
    late = [at for at in (due, relayed) if at is not None and at < moment - LATE_AFTER]
    answer = "No job has waited longer than a minute."
    if late:
        since = ago(min(late), moment, locale)
        answer = f"The oldest was due {since}: look at the scheduler, the workers and Redis."
    return Answer(
        key="queue",
        question="Is the queue moving?",
        is_good=not late,
        figure=figure(waiting, locale),
        answer=answer,
        link="/admin/jobs?state=queued" if late else "/admin/jobs",
    )


def do_jobs_succeed(work: Work, locale: str) -> Answer:
    """Answer whether the tries of the last hour succeeded, but for a few."""
    tries, failed = work.session.execute(
        select(
            func.count(),
            func.count().filter(col(Attempt.outcome).in_(_FAILED)),
        )
        .select_from(Attempt)
        .where(col(Attempt.started_at) > now() - LOOKING_BACK)
    ).one()
    is_good = failed <= tries * MOST_FAILURES
    answer = "Nothing was tried in the last hour."
    if tries:
        answer = (
            f"{number(failed, locale)} of {number(tries, locale)} tries failed in the last hour."
        )
    return Answer(
        key="errors",
        question="Do jobs succeed?",
        is_good=is_good,
        figure=percent(failed / tries if tries else 0, locale),
        answer=answer,
        link="/admin/jobs" if is_good else "/admin/jobs?state=retrying",
    )
