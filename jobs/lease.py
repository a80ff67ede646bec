"""The lease of a job: who carries it out, how each attempt ended, and what is due when.

Every function works within the transaction it is given, on a row that it locks. An attempt that
outlived its lease is fenced off: it can no longer change the row.
"""

from __future__ import annotations

import logging
import os
import random
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import Text, bindparam, func, insert, literal, or_, select, update
from sqlmodel import col

from app.db import NOT_DURABLE
from app.models.columns import now, stored
from app.models.operations import Attempt, AttemptOutcome, DeadLetter, Job, JobState
from jobs.declared import Setback, Taken

if TYPE_CHECKING:
    from uuid import UUID

    from app.work import Work
    from jobs.declared import Declared, Hook

# A worker may need this long after its time-out to write down how the attempt ended.
GRACE = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
OPEN_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.RETRYING)

log = logging.getLogger(__name__)


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after the attempt of that number: doubling, with jitter."""
    full = min(FIRST_PAUSE * 2 ** min(attempt - 1, 30), LONGEST_PAUSE)
    return full * random.uniform(0.5, 1.0)


def worker_name() -> str:
    """Return who carries out the attempts of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _locked(work: Work, job_id: UUID) -> Job | None:
    return work.session.scalar(select(Job).where(col(Job.id) == job_id).with_for_update())


_OURS = update(Job).where(col(Job.id) == bindparam("its_id"))
_TAKEN = (
    _OURS.where(
        col(Job.state).in_((JobState.QUEUED, JobState.RETRYING)),
        or_(col(Job.relayed_at).is_not(None), col(Job.due_at) <= func.now()),
        col(Job.attempts) < col(Job.max_attempts),
    )
    .values(
        state=JobState.RUNNING,
        attempts=col(Job.attempts) + 1,
        due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, col(Job.timeout)) + GRACE,
    )
    .returning(col(Job.id), col(Job.attempts), col(Job.payload))
    .cte("taken")
)
_TAKE = select(_TAKEN.c.attempts, _TAKEN.c.payload, NOT_DURABLE).add_cte(
    insert(Attempt)
    .from_select(
        ["job_id", "number", "worker", "outcome", "started_at"],
        select(
            _TAKEN.c.id,
            _TAKEN.c.attempts,
            bindparam("its_worker", type_=Text),
            literal(AttemptOutcome.RUNNING.value),
            func.now(),
        ),
        include_defaults=False,
    )
    .cte("noted")
)
_DONE = (
    _OURS.where(col(Job.state) == JobState.RUNNING, col(Job.attempts) == bindparam("attempt"))
    .values(state=JobState.DONE, problem=None, finished_at=func.now())
    .returning(col(Job.id))
    .cte("done")
)
_FINISH = (
    update(Attempt)
    .where(col(Attempt.job_id) == _DONE.c.id, col(Attempt.number) == bindparam("attempt"))
    .values(outcome=AttemptOutcome.DONE, finished_at=func.now())
)


def take(work: Work, declared: Declared[Any], job_id: UUID) -> Taken | None:
    """Take the lease of a job; None where somebody else has it or nothing is left to do."""
    taken = _next_attempt(work, job_id)
    if taken is None and _is_open_again(work, declared, job_id):
        taken = _next_attempt(work, job_id)
    return taken


def _next_attempt(work: Work, job_id: UUID) -> Taken | None:
    wanted = {"its_id": job_id, "its_worker": worker_name()}
    found = work.session.connection().execute(_TAKE, wanted).first()
    return Taken(job_id, found.attempts, found.payload) if found is not None else None


def _is_open_again(work: Work, declared: Declared[Any], job_id: UUID) -> bool:
    """Note that the worker of a job is gone; False where it is not, or where the job ends here."""
    row = _locked(work, job_id)
    if row is None or row.state not in OPEN_STATES or row.due_at > now():
        return False
    if row.state is JobState.RUNNING:
        mark_lost(work, row)
    if row.attempts >= row.max_attempts:
        last = Taken(job_id=job_id, attempt=row.attempts, payload=row.payload)
        _bury(work, declared, row, last, row.problem or "Its worker died at the last attempt.")
        return False
    work.session.flush()
    return True


def mark_lost(work: Work, row: Job) -> None:
    """Record that the worker of a running job is gone: its lease ran out without an outcome."""
    row.state = JobState.RETRYING
    row.problem = "Its worker died, or took longer than it may."
    work.session.execute(
        update(Attempt)
        .where(
            col(Attempt.job_id) == row.id,
            col(Attempt.number) == row.attempts,
            col(Attempt.outcome) == AttemptOutcome.RUNNING,
        )
        .values(outcome=AttemptOutcome.LOST, problem=row.problem, finished_at=now())
    )


def _held(work: Work, taken: Taken) -> Job | None:
    """Return the locked row while this attempt still has its lease, else None."""
    row = _locked(work, taken.job_id)
    if row is None or row.state is not JobState.RUNNING or row.attempts != taken.attempt:
        log.warning("Job %s: attempt %d ended after its lease", taken.job_id, taken.attempt)
        return None
    return row


def _end_attempt(work: Work, taken: Taken, outcome: AttemptOutcome, problem: str | None) -> None:
    work.session.execute(
        update(Attempt)
        .where(col(Attempt.job_id) == taken.job_id, col(Attempt.number) == taken.attempt)
        .values(outcome=outcome, problem=problem, finished_at=now())
    )


def finish(work: Work, taken: Taken) -> None:
    """Record that an attempt has done the job, where it still has its lease."""
    ours = {"its_id": taken.job_id, "attempt": taken.attempt}
    if not work.session.connection().execute(_FINISH, ours).rowcount:
        log.warning("Job %s: attempt %d ended after its lease", taken.job_id, taken.attempt)


def try_again(work: Work, declared: Declared[Any], taken: Taken, problem: str) -> None:
    """Let the job wait for its next attempt, or give it up where this was the last."""
    row = _held(work, taken)
    if row is None:
        return
    _end_attempt(work, taken, AttemptOutcome.RETRYABLE, problem)
    if taken.attempt >= row.max_attempts:
        _bury(work, declared, row, taken, problem)
        return
    row.state = JobState.RETRYING
    row.problem = problem
    row.relayed_at = None
    row.due_at = now() + pause_after(taken.attempt)
    setback = Setback(taken.attempt, row.max_attempts, problem, row.due_at)
    _tell(work, declared, declared.on_retry, taken, setback)


def give_up(work: Work, declared: Declared[Any], taken: Taken, problem: str) -> None:
    """Give a job up at once: another attempt would end the same way."""
    row = _held(work, taken)
    if row is None:
        return
    _end_attempt(work, taken, AttemptOutcome.FINAL, problem)
    _bury(work, declared, row, taken, problem)


def _bury(work: Work, declared: Declared[Any], row: Job, taken: Taken, problem: str) -> None:
    """Make a dead letter of a locked job and let its area draw the consequences."""
    lay_to_rest(work, row, problem)
    setback = Setback(taken.attempt, row.max_attempts, problem, None)
    _tell(work, declared, declared.on_dead, taken, setback)


def lay_to_rest(work: Work, row: Job, problem: str) -> None:
    """Write the dead letter of a locked job."""
    row.state = JobState.DEAD
    row.problem = problem
    row.finished_at = now()
    work.session.merge(DeadLetter(job_id=stored(row.id), problem=problem))


def _tell(
    work: Work,
    declared: Declared[Any],
    hook: Hook[Any] | None,
    taken: Taken,
    setback: Setback,
) -> None:
    """Run a hook of the area; what goes wrong in it must not keep the job from being recorded."""
    if hook is None:
        return
    try:
        with work.session.begin_nested():
            hook(work, declared.call.model_validate(taken.payload), setback)
    except ValidationError:
        log.warning("Job %s: nobody was told, its payload cannot be read", taken.job_id)
    except Exception:
        log.exception("Job %s: its area could not react", taken.job_id)
