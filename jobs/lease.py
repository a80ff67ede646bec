"""The lease of a job: who carries it out, how each attempt ended, and what is due when.

Every function works within the transaction it is given, on rows that it locks. An attempt that
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
from sqlalchemy import select, update
from sqlmodel import col

from app.models.columns import now, stored
from app.models.operations import Attempt, AttemptOutcome, DeadLetter, Job, JobState
from app.services.letters import JOBS, LETTERS
from app.work import goes_on
from jobs.declared import Setback, Taken
from jobs.lease_statements import ENDED, FINISH, GIVE_BACK, MARK_LOST, PUT_BACK, TAKE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from app.work import Work
    from jobs.declared import Declared, Hook

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
# A job that is held is handed over again after this: the relay may hear of a kill switch a moment
# later than the worker, and the two must not throw it to and fro.
HELD_PAUSE = timedelta(seconds=1)

log = logging.getLogger(__name__)


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after the attempt of that number: doubling, with jitter."""
    full = min(FIRST_PAUSE * 2 ** min(attempt - 1, 30), LONGEST_PAUSE)
    return full * random.uniform(0.5, 1.0)


def worker_name() -> str:
    """Return who carries out the attempts of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take(work: Work, declared: Declared[Any], job_ids: Sequence[UUID]) -> list[Taken]:
    """Take the leases of jobs, but of those that somebody else has or that have ended."""
    taken = _next_attempts(work, job_ids)
    missing = set(job_ids) - {each.job_id for each in taken}
    if missing:
        taken += _next_attempts(work, _open_again(work, declared, missing))
    return taken


def _next_attempts(work: Work, job_ids: Collection[UUID]) -> list[Taken]:
    if not job_ids:
        return []
    wanted = {"ids": sorted(job_ids), "its_worker": worker_name()}
    found = work.session.connection().execute(TAKE, wanted)
    taken = [Taken(row.id, row.attempts, row.timeout, row.payload) for row in found]
    return sorted(taken, key=lambda each: each.job_id)


def _open_again(work: Work, declared: Declared[Any], job_ids: Collection[UUID]) -> list[UUID]:
    """Return those whose lease has run out and note that; those that end here are left out."""
    mark_lost(work, sorted(job_ids))
    ended = work.session.scalars(ENDED, {"ids": sorted(job_ids)}).all()
    again: list[UUID] = []
    for row in ended:
        if row.attempts < row.max_attempts:
            again.append(stored(row.id))
            continue
        last = Taken(stored(row.id), row.attempts, row.timeout, row.payload)
        _bury(work, declared, row, last, row.problem or "Its worker died at the last attempt.")
    work.session.flush()
    return again


def mark_lost(work: Work, job_ids: Sequence[UUID]) -> None:
    """Record that the workers of running jobs are gone: their leases ended without an outcome."""
    work.session.connection().execute(MARK_LOST, {"ids": job_ids})


@goes_on
def give_back(work: Work, job_ids: Sequence[UUID], *, wait: timedelta = timedelta(0)) -> None:
    """Let jobs that nobody began be handed over again after `wait`."""
    work.session.connection().execute(GIVE_BACK, {"ids": job_ids, "wait": wait})


def put_back(work: Work, taken: Sequence[Taken]) -> None:
    """Undo the taking of jobs that a kill switch held after it: no attempt is used up.

    An attempt that outlived its lease stays as it is.
    """
    ours = {
        "ids": [each.job_id for each in taken],
        "numbers": [each.attempt for each in taken],
        "wait": HELD_PAUSE,
    }
    work.session.connection().execute(PUT_BACK, ours)


def _held(work: Work, taken: Taken) -> Job | None:
    """Return the locked row while this attempt still has its lease, else None."""
    row = work.session.scalar(select(Job).where(col(Job.id) == taken.job_id).with_for_update())
    if row is None or row.state is not JobState.RUNNING or row.attempts != taken.attempt:
        log.info("Job %s: attempt %d had ended already", taken.job_id, taken.attempt)
        return None
    return row


def _end_attempt(work: Work, taken: Taken, outcome: AttemptOutcome, problem: str | None) -> None:
    work.session.execute(
        update(Attempt)
        .where(col(Attempt.job_id) == taken.job_id, col(Attempt.number) == taken.attempt)
        .values(outcome=outcome, problem=problem, finished_at=now())
    )


def finish(work: Work, taken: Sequence[Taken]) -> None:
    """Record that attempts have done their jobs, where they still have their leases."""
    if not taken:
        return
    ours = {
        "ids": [each.job_id for each in taken],
        "numbers": [each.attempt for each in taken],
    }
    done = work.session.connection().execute(FINISH, ours).rowcount
    work.touch(JOBS)
    if done < len(taken):
        log.warning("%d of %d attempts ended after their lease", len(taken) - done, len(taken))


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
    work.touch(LETTERS)


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
        with work.attempt():
            hook(work, declared.call.model_validate(taken.payload), setback)
    except ValidationError:
        log.warning("Job %s: nobody was told, its payload cannot be read", taken.job_id)
    except Exception:
        log.exception("Job %s: its area could not react", taken.job_id)
