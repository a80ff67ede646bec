"""How background jobs are declared and carried out, several at once where that is quicker.

A job function is the first step of a job, in a unit of work that it is given. It returns what
stands in no transaction, such as a call to another system, or None where nothing follows. What
that returns goes to the last step:

    @job_of_many(SendDispatch, conclude=conclude_mails, on_dead=give_up)
    def send_dispatch(work: Work, calls: Sequence[SendDispatch]) -> Sequence[Outside | None]: ...

A job ends in the transaction of its last step, so it cannot have happened without being done.
RQ calls the function with the ids of jobs' rows. Each row decides whether there is anything to
do, so a second delivery of the same job does nothing, and a worker that dies leaves attempts
behind that are found lost when their leases have run out.

What is done together is one transaction. Where that fails it is undone and done again job by job,
so that what is wrong with one job is that job's setback and no other's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import InterfaceError, OperationalError

from app.acting import service_acts
from app.errors import AppError, Held, Unavailable
from app.integrations.redis import RedisError
from app.work import going_on, open_work, within
from jobs.declared import (
    MANY,
    CallT,
    Declared,
    Hook,
    LastStep,
    Outside,
    Setback,
    Taken,
)
from jobs.held import is_held
from jobs.lease import HELD_PAUSE, finish, give_back, give_up, put_back, take, try_again
from jobs.lease_statements import GRACE_SECONDS
from jobs.time_limit import TimeLimit

if TYPE_CHECKING:
    from app.work import Work

__all__ = ["MANY", "Outside", "Setback", "job", "job_of_many"]

# What another try may mend. Integrations translate the errors of their vendors to Unavailable.
RETRYABLE = (
    Unavailable,
    RedisError,
    OperationalError,
    InterfaceError,
    ConnectionError,
    TimeoutError,
    JobTimeoutException,
)

BeforeT = TypeVar("BeforeT")
AfterT = TypeVar("AfterT")
# Carries out the first of some job rows together; returns the ids of those it has left.
CarryOut = Callable[..., tuple[str, ...]]

log = logging.getLogger(__name__)


def job_of_many(
    call: type[CallT],
    *,
    conclude: LastStep | None = None,
    at_once: Callable[[], int] = lambda: MANY,
    on_retry: Hook[CallT] | None = None,
    on_dead: Hook[CallT] | None = None,
) -> Callable[[Callable[[Work, Sequence[CallT]], Sequence[Outside | None]]], CarryOut]:
    """Declare the function that begins calls of one kind; RQ calls what it returns with row ids.

    The hooks run in the transaction that records the setback. AppError.Unavailable, a lost
    connection and a time-out are tried again after a growing pause; any other error is final.
    """

    def declare(
        begin: Callable[[Work, Sequence[CallT]], Sequence[Outside | None]],
    ) -> CarryOut:
        declared = Declared(call, begin, conclude, at_once, on_retry, on_dead)

        @wraps(begin)
        def carry_out(*job_ids: str) -> tuple[str, ...]:
            service_acts("worker")
            # What has begun is finished, also where changes are paused meanwhile.
            with going_on():
                if is_held(call.queue):
                    within(give_back, [UUID(job_id) for job_id in job_ids], wait=HELD_PAUSE)
                    return ()
                number = declared.at_once()
                _carry_out(declared, [UUID(job_id) for job_id in job_ids[:number]])
            return job_ids[number:]

        return carry_out

    return declare


def job(
    call: type[CallT],
    *,
    on_retry: Hook[CallT] | None = None,
    on_dead: Hook[CallT] | None = None,
) -> Callable[[Callable[[Work, CallT], Outside | None]], CarryOut]:
    """Declare the function that begins a call that is always carried out alone."""

    def declare(begin: Callable[[Work, CallT], Outside | None]) -> CarryOut:
        @job_of_many(call, at_once=lambda: 1, on_retry=on_retry, on_dead=on_dead)
        @wraps(begin)
        def begin_each(work: Work, calls: Sequence[CallT]) -> Sequence[Outside | None]:
            return [begin(work, each) for each in calls]

        return begin_each

    return declare


def _carry_out(declared: Declared[CallT], job_ids: Sequence[UUID]) -> None:
    with TimeLimit(GRACE_SECONDS):
        taken = within(take, declared, job_ids)
    if not taken:
        return
    limit = TimeLimit(min(each.timeout for each in taken))
    try:
        with limit:
            calls = _readable(declared, taken)
            begun = _together(declared, limit, _begin, calls)
            results = _call_outside(declared, limit, begun)
            _together(declared, limit, _conclude, results)
    except JobTimeoutException as problem:
        with TimeLimit(GRACE_SECONDS):
            for each in taken:
                _set_back(declared, each, problem)


def _readable(declared: Declared[CallT], taken: Sequence[Taken]) -> list[tuple[Taken, CallT]]:
    """Give up those whose payload cannot be used."""
    calls: list[tuple[Taken, CallT]] = []
    for each in taken:
        try:
            calls.append((each, declared.call.model_validate(each.payload)))
        except ValidationError as problem:
            within(give_up, declared, each, _what_is_invalid(problem))
    return calls


Step = Callable[
    [Declared[CallT], "Work", Sequence[tuple[Taken, BeforeT]]], list[tuple[Taken, AfterT]]
]


def _together(
    declared: Declared[CallT],
    limit: TimeLimit,
    step: Step[CallT, BeforeT, AfterT],
    rows: Sequence[tuple[Taken, BeforeT]],
) -> list[tuple[Taken, AfterT]]:
    """Take a step for all in one transaction or, where that fails, for each in one of its own."""
    if not rows:
        return []
    try:
        with open_work() as work:
            return step(declared, work, rows)
    except Exception as problem:  # noqa: BLE001 - whatever it was, it is recorded
        limit.check()
        if len(rows) == 1:
            _set_back(declared, rows[0][0], problem)
            return []
        log.warning("%s: %d not together: %s", declared.call.job, len(rows), _sentence(problem))
    return [done for row in rows for done in _together(declared, limit, step, [row])]


def _begin(
    declared: Declared[CallT], work: Work, rows: Sequence[tuple[Taken, CallT]]
) -> list[tuple[Taken, Outside]]:
    outsides = declared.begin(work, [call for _, call in rows])
    begun = [(taken, outside) for (taken, _), outside in zip(rows, outsides, strict=True)]
    finish(work, [taken for taken, outside in begun if outside is None])
    return [(taken, outside) for taken, outside in begun if outside is not None]


def _call_outside(
    declared: Declared[CallT], limit: TimeLimit, begun: Sequence[tuple[Taken, Outside]]
) -> list[tuple[Taken, Any]]:
    results: list[tuple[Taken, Any]] = []
    for taken, outside in begun:
        try:
            results.append((taken, outside()))
        except Exception as problem:  # noqa: BLE001 - whatever it was, it is recorded
            limit.check()
            _set_back(declared, taken, problem)
    return results


def _conclude(
    declared: Declared[CallT], work: Work, rows: Sequence[tuple[Taken, Any]]
) -> list[tuple[Taken, None]]:
    if declared.conclude is not None:
        declared.conclude(work, [result for _, result in rows])
    finish(work, [taken for taken, _ in rows])
    return []


def _set_back(declared: Declared[CallT], taken: Taken, problem: Exception) -> None:
    """Record an attempt that did not succeed: tried again where that may help, else given up.

    One that a kill switch held has not been an attempt at all.
    """
    name, sentence = declared.call.job, _sentence(problem)
    if isinstance(problem, Held):
        log.info("%s %s waits: %s", name, taken.job_id, sentence)
        within(put_back, [taken])
    elif isinstance(problem, RETRYABLE):
        log.warning("%s %s: attempt %d: %s", name, taken.job_id, taken.attempt, sentence)
        within(try_again, declared, taken, sentence)
    else:
        log.error("%s %s: attempt %d is final", name, taken.job_id, taken.attempt, exc_info=problem)
        within(give_up, declared, taken, sentence)


def _what_is_invalid(problem: ValidationError) -> str:
    first = problem.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"The payload cannot be used: {field}: {first['msg']}."


def _sentence(problem: Exception) -> str:
    if isinstance(problem, AppError):
        return problem.sentence
    first = (str(problem).strip().splitlines() or [""])[0]
    return f"{type(problem).__name__}: {first}" if first else type(problem).__name__
