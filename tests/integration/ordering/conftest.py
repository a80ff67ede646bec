"""Carrying out jobs in the test itself: the real relay and the real RQ workers, in turn."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select, update
from sqlmodel import col

from app.config import settings
from app.integrations.mail import mail_service
from app.integrations.redis import cache_client
from app.models.columns import now
from app.models.operations import OPEN_JOB_STATES, Job, JobState, Queue
from app.work import open_work
from jobs import lease
from jobs.relay import hand_over
from jobs.worker import new_worker
from tests.sendgrid_twin import KEY, Twin, sendgrid_twin

Drain = Callable[[], None]
ROUNDS = 30


def work_off(queue: Queue) -> None:
    """Let an RQ worker carry out what waits in a queue, in this process."""
    new_worker(queue, threading.Event()).work(burst=True, logging_level="WARNING")


def open_jobs() -> list[Job]:
    """Return the jobs that have not ended, oldest first."""
    with open_work() as work:
        return list(
            work.session.scalars(
                select(Job).where(col(Job.state).in_(OPEN_JOB_STATES)).order_by(col(Job.created_at))
            )
        )


def let_time_pass(*states: JobState) -> None:
    """Let the pause or the lease of open jobs in those states run out now."""
    with open_work() as work:
        work.session.execute(
            update(Job).where(col(Job.state).in_(states or OPEN_JOB_STATES)).values(due_at=now())
        )


@pytest.fixture
def queues(database: None, redis: Redis) -> Iterator[Redis]:  # noqa: ARG001 - both empty
    """Empty database and queues; pauses that no test outlasts; signal handlers as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    mail_service.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        # A job is tried again when a test lets time pass, however long its own steps take.
        patch.setattr(lease, "FIRST_PAUSE", timedelta(hours=1))
        patch.setattr(lease, "LONGEST_PAUSE", timedelta(hours=1))
        yield cache_client()
    mail_service.cache_clear()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def drain(queues: Redis) -> Drain:  # noqa: ARG001 - what it works on
    """Return a function that relays and carries out jobs until none is due."""

    def run() -> None:
        for _ in range(ROUNDS):
            if not hand_over():
                return
            work_off(Queue.MAIL)
            work_off(Queue.ORDERS)
        pytest.fail("Jobs kept coming back.")

    return run


@pytest.fixture
def twin(queues: Redis) -> Iterator[Twin]:  # noqa: ARG001 - first, so that it is undone last
    """Run a twin of SendGrid and let the program send through it."""
    with sendgrid_twin() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENDGRID_API_KEY", KEY)
        patch.setenv("SENDGRID_BASE_URL", running.url)
        settings.cache_clear()
        mail_service.cache_clear()
        yield running
    settings.cache_clear()
    mail_service.cache_clear()
