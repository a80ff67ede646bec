"""The relay: hands every job row that is due to its queue, and goes on when Redis or Postgres went.

It listens for the notification that a transaction with jobs sends at its commit and looks by
itself every second behind it. Several relays may run at once: each locks the rows it hands over.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, Interval, Uuid, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app import db
from app.errors import Unavailable
from app.integrations import queue
from app.integrations.queue import QueuedCall, RedisError
from app.models.operations import OPEN_JOB_STATES, Job, JobState, Queue
from app.work import JOBS_CHANNEL, going_on, open_work
from jobs.declared import MANY
from jobs.held import is_held
from jobs.lease import mark_lost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work

# How long a queue may hold a job before the relay looks whether it still has it.
LEASE = timedelta(minutes=2)
BATCH = 500
# How many calls may wait in a queue. A longer backlog stays in Postgres: what waits in Redis must
# be reached before its lease ends, and what comes later can be carried out together then.
MOST_WAITING = 60
LOOK_EVERY_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 5.0
# Between two looks, so that many small transactions are handed over together.
BREATH_SECONDS = 0.005

log = logging.getLogger(__name__)


# Statements are written once: building one takes longer than running it.
_DUE = (
    select(col(Job.id), col(Job.name), col(Job.state), col(Job.relayed_at))
    .where(
        col(Job.queue) == bindparam("queue"),
        col(Job.state).in_(OPEN_JOB_STATES),
        col(Job.due_at) <= func.now(),
    )
    .order_by(col(Job.due_at))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_HANDED_OVER = (
    update(Job)
    .where(col(Job.id) == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .values(relayed_at=func.now(), due_at=func.now() + bindparam("lease", type_=Interval))
)


@dataclass(frozen=True, slots=True)
class _Due:
    """A row that is due."""

    job_id: UUID
    function: str
    state: JobState
    relayed_at: datetime | None


def hand_over(*, lease: timedelta = LEASE, batch: int = BATCH) -> int:
    """Hand at most `batch` due rows to each queue with room; return how many were due.

    A queue whose jobs a kill switch holds gets none. The rows stay locked until Redis has them, so
    that a worker that is quicker than the commit waits for it. Raises RedisError, Unavailable or
    DBAPIError; then every row is as due as before.
    """
    due = 0
    lengths = queue.queue_lengths([name for name in Queue if not is_held(name)])
    with going_on(), open_work() as work:
        for name, length in lengths.items():
            most = min(batch, (MOST_WAITING - length) * MANY)
            if most > 0:
                due += _hand_over(work, name, lease, most)
    return due


def _hand_over(work: Work, name: Queue, lease: timedelta, most: int) -> int:
    connection = work.session.connection()
    rows = [_Due(*row) for row in connection.execute(_DUE, {"queue": name, "most": most})]
    if not rows:
        return 0
    queue.enqueue(name, _calls(_not_waiting(name, rows)))
    lost = [row.job_id for row in rows if row.state is JobState.RUNNING]
    if lost:
        mark_lost(work, lost)
    handed = {"ids": [row.job_id for row in rows], "lease": lease}
    connection.execute(_HANDED_OVER, handed)
    return len(rows)


def _not_waiting(name: Queue, rows: Sequence[_Due]) -> Sequence[_Due]:
    """Leave out what the queue still has: a long queue is no reason to make it longer."""
    if all(row.relayed_at is None for row in rows):
        return rows
    still_there = queue.waiting(name)
    return [row for row in rows if str(row.job_id) not in still_there]


def _calls(rows: Sequence[_Due]) -> list[QueuedCall]:
    """Let rows of the same function travel together, as many as a worker carries out at once."""
    calls: list[QueuedCall] = []
    by_function: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_function[row.function].append(str(row.job_id))
    for function, job_ids in by_function.items():
        calls += (
            QueuedCall(function, tuple(job_ids[start : start + MANY]))
            for start in range(0, len(job_ids), MANY)
        )
    return calls


def run_relay(stop: Event) -> None:
    """Relay until `stop` is set, however often Redis or Postgres goes away."""
    wait = LOOK_EVERY_SECONDS
    while not stop.is_set():
        try:
            _listen(stop)
            wait = LOOK_EVERY_SECONDS
        except (RedisError, psycopg.Error, Unavailable, DBAPIError) as problem:
            log.warning("Jobs wait: %s; trying again in %.0f s", _first_line(problem), wait)
            stop.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]


def _listen(stop: Event) -> None:
    """Hand over at each notification and each second, until `stop` is set."""
    for _ in db.notifications(JOBS_CHANNEL, timeout=LOOK_EVERY_SECONDS):
        while not stop.is_set() and hand_over() >= BATCH:
            pass
        if stop.wait(BREATH_SECONDS):
            return
