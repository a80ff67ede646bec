"""The statements of leases, each for many rows at once.

They are written once: building one takes longer than running it.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Integer,
    Interval,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import col

from app.db import NOT_DURABLE
from app.models.operations import (
    OPEN_JOB_STATES,
    WAITING_JOB_STATES,
    Attempt,
    AttemptOutcome,
    Job,
    JobState,
)
from app.work import JOBS_CHANNEL

# A worker may need this long after its time-out to write down how the attempt ended.
GRACE_SECONDS = 30

_THESE = col(Job.id) == func.any(bindparam("ids", type_=ARRAY(Uuid)))
# Rows are locked in one sequence, so that two who take some of the same wait for each other in
# turn; the relay holds a row until the queue has it, and that is waited for.
_READY = (
    select(col(Job.id))
    .where(
        _THESE,
        col(Job.state).in_(WAITING_JOB_STATES),
        or_(col(Job.relayed_at).is_not(None), col(Job.due_at) <= func.now()),
        col(Job.attempts) < col(Job.max_attempts),
    )
    .order_by(col(Job.id))
    .with_for_update()
    .cte("ready")
)
_TAKEN = (
    update(Job)
    .where(col(Job.id) == _READY.c.id)
    .values(
        state=JobState.RUNNING,
        attempts=col(Job.attempts) + 1,
        due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, col(Job.timeout) + GRACE_SECONDS),
    )
    .returning(col(Job.id), col(Job.attempts), col(Job.timeout), col(Job.payload))
    .cte("taken")
)
TAKE = select(*_TAKEN.c, NOT_DURABLE).add_cte(
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
ENDED = (
    select(Job)
    .where(_THESE, col(Job.state).in_(OPEN_JOB_STATES), col(Job.due_at) <= func.now())
    .order_by(col(Job.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_OURS = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("numbers", type_=ARRAY(Integer)),
    )
    .table_valued(column("id", Uuid), column("attempt", Integer))
    .render_derived("ours")
)
_DONE = (
    update(Job)
    .where(
        col(Job.id) == _OURS.c.id,
        col(Job.attempts) == _OURS.c.attempt,
        col(Job.state) == JobState.RUNNING,
    )
    .values(state=JobState.DONE, problem=None, finished_at=func.now())
    .returning(col(Job.id), col(Job.attempts))
    .cte("done")
)
FINISH = (
    update(Attempt)
    .where(col(Attempt.job_id) == _DONE.c.id, col(Attempt.number) == _DONE.c.attempts)
    .values(outcome=AttemptOutcome.DONE, finished_at=func.now())
)
_RUNNING = (
    update(Job)
    .where(_THESE, col(Job.state) == JobState.RUNNING, col(Job.due_at) <= func.now())
    .values(state=JobState.RETRYING, problem="Its worker died, or took longer than it may.")
    .returning(col(Job.id), col(Job.attempts), col(Job.problem))
    .cte("lost")
)
MARK_LOST = (
    update(Attempt)
    .where(
        col(Attempt.job_id) == _RUNNING.c.id,
        col(Attempt.number) == _RUNNING.c.attempts,
        col(Attempt.outcome) == AttemptOutcome.RUNNING,
    )
    .values(outcome=AttemptOutcome.LOST, problem=_RUNNING.c.problem, finished_at=func.now())
)
GIVE_BACK = (
    update(Job)
    .where(_THESE, col(Job.state).in_(WAITING_JOB_STATES))
    .values(relayed_at=None, due_at=func.now() + bindparam("wait", type_=Interval))
    .returning(func.pg_notify(JOBS_CHANNEL, ""))
)
_UNDONE = (
    update(Job)
    .where(
        col(Job.id) == _OURS.c.id,
        col(Job.attempts) == _OURS.c.attempt,
        col(Job.state) == JobState.RUNNING,
    )
    .values(
        state=case((col(Job.attempts) > 1, JobState.RETRYING), else_=JobState.QUEUED),
        attempts=col(Job.attempts) - 1,
        relayed_at=None,
        due_at=func.now() + bindparam("wait", type_=Interval),
    )
    .returning(col(Job.id), _OURS.c.attempt)
    .cte("undone")
)
PUT_BACK = delete(Attempt).where(
    col(Attempt.job_id) == _UNDONE.c.id, col(Attempt.number) == _UNDONE.c.attempt
)
