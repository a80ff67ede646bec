"""How a background job is declared and carried out.

A job function is the first step of a job, in a unit of work that it is given. It returns what
stands in no transaction, such as a call to another system, and that returns the last step; None
where nothing follows:

    @job(SendDispatch, on_dead=give_up)
    def send_dispatch(work: Work, call: SendDispatch) -> Outside | None: ...

The job ends in the transaction of its last step, so it cannot have happened without being done.
RQ calls the function with the id of the job's row. The row decides whether there is anything to
do, so a second delivery of the same job does nothing, and a worker that dies leaves an attempt
behind that is found lost when its lease has run out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from pydantic import ValidationError
from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import InterfaceError, OperationalError

from app.errors import AppError, Unavailable
from app.integrations.redis import RedisError
from app.work import open_work, within
from jobs.declared import (
    CallT,
    Declared,
    FirstStep,
    Hook,
    LastStep,
    Outside,
    Setback,
    Taken,
)
from jobs.lease import finish, give_up, take, try_again

__all__ = ["LastStep", "Outside", "Setback", "job"]

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

log = logging.getLogger(__name__)


def job(
    call: type[CallT],
    *,
    on_retry: Hook[CallT] | None = None,
    on_dead: Hook[CallT] | None = None,
) -> Callable[[FirstStep[CallT]], Callable[[str], None]]:
    """Declare the function that begins `call`; RQ calls what it returns with a row's id.

    The hooks run in the transaction that records the setback. AppError.Unavailable, a lost
    connection and a time-out are tried again after a growing pause; any other error is final.
    """

    def declare(begin: FirstStep[CallT]) -> Callable[[str], None]:
        declared = Declared(call=call, begin=begin, on_retry=on_retry, on_dead=on_dead)

        @wraps(begin)
        def carry_out(job_id: str) -> None:
            _carry_out(declared, UUID(job_id))

        return carry_out

    return declare


def _carry_out(declared: Declared[CallT], job_id: UUID) -> None:
    taken = within(take, declared, job_id)
    if taken is None:
        return
    try:
        call = declared.call.model_validate(taken.payload)
    except ValidationError as problem:
        within(give_up, declared, taken, _what_is_invalid(problem))
        return
    try:
        _take_steps(declared, call, taken)
    except RETRYABLE as problem:
        log.warning("%s %s: attempt %d: %s", call.job, job_id, taken.attempt, problem)
        within(try_again, declared, taken, _sentence(problem))
    except Exception as problem:
        log.exception("%s %s: attempt %d is final", call.job, job_id, taken.attempt)
        within(give_up, declared, taken, _sentence(problem))


def _take_steps(declared: Declared[CallT], call: CallT, taken: Taken) -> None:
    with open_work() as work:
        outside = declared.begin(work, call)
        if outside is None:
            finish(work, taken)
            return
    last_step = outside()
    with open_work() as work:
        if last_step is not None:
            last_step(work)
        finish(work, taken)


def _what_is_invalid(problem: ValidationError) -> str:
    first = problem.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"The payload cannot be used: {field}: {first['msg']}."


def _sentence(problem: Exception) -> str:
    if isinstance(problem, AppError):
        return problem.sentence
    first = (str(problem).strip().splitlines() or [""])[0]
    return f"{type(problem).__name__}: {first}" if first else type(problem).__name__
