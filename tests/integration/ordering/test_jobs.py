"""Jobs that are delivered twice, forgotten, cut off, given up; Redis and workers that go away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from redis import Redis
from sqlalchemy import select, text
from sqlmodel import col

from app import db
from app.config import PROJECT_ROOT, settings
from app.integrations import queue
from app.integrations.queue import QueuedCall, RedisError
from app.models.columns import stored
from app.models.operations import (
    AttemptOutcome,
    DeadLetter,
    JobState,
    Queue,
)
from app.models.ordering import (
    SendDispatch,
)
from app.work import open_work
from jobs.mail import send_dispatch
from jobs.relay import hand_over
from tests.integration.ordering.conftest import Drain, let_time_pass, open_jobs, work_off
from tests.integration.ordering.looking import (
    attempts,
    dispatch_job,
    mails_to_suppliers,
    placed,
    seen,
)
from tests.integration.ordering.waiting import DEADLINE_SECONDS, wait_until
from tests.sendgrid_twin import Twin


def test_redis_is_away_while_the_order_is_placed(drain: Drain) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
        settings.cache_clear()
        buyer, number = placed()
        with pytest.raises(RedisError):
            hand_over()
    settings.cache_clear()
    assert len(open_jobs()) == 2
    assert all(job.relayed_at is None for job in open_jobs())
    drain()
    assert seen(buyer, number).state == "completed"


def test_what_redis_forgets_comes_back(drain: Drain, queues: Redis) -> None:
    buyer, number = placed()
    assert hand_over() == 2
    queues.flushall()
    assert hand_over() == 0
    let_time_pass()
    drain()
    assert seen(buyer, number).state == "completed"
    assert mails_to_suppliers() == 1


def test_a_job_delivered_twice_mails_once(drain: Drain) -> None:
    buyer, number = placed()
    drain()
    job = dispatch_job()
    call = QueuedCall(job.name, (str(job.id),))
    queue.enqueue(Queue.MAIL, [call])
    work_off(Queue.MAIL)
    send_dispatch(str(job.id))
    assert mails_to_suppliers() == 1
    assert attempts(job.id) == [AttemptOutcome.DONE]
    assert seen(buyer, number).state == "completed"


def test_a_job_with_an_unusable_payload_is_dead_at_once(drain: Drain) -> None:
    placed()
    with open_work() as work:
        work.session.execute(
            text('UPDATE job SET payload = \'{"round": "x"}\' WHERE name = :name'),
            {"name": SendDispatch.job},
        )
    drain()
    job = dispatch_job()
    assert job.state is JobState.DEAD
    assert attempts(job.id) == [AttemptOutcome.FINAL]
    with open_work() as work:
        letter = work.session.scalars(select(DeadLetter)).one()
    assert "payload cannot be used" in letter.problem


def test_a_job_without_a_function_is_dead(drain: Drain) -> None:
    placed()
    with open_work() as work:
        work.session.execute(
            text("UPDATE job SET name = 'jobs.mail.no_such' WHERE name = :name"),
            {"name": SendDispatch.job},
        )
    drain()
    with open_work() as work:
        letter = work.session.scalars(select(DeadLetter)).one()
    assert "no such job function" in letter.problem


def test_after_the_last_attempt_a_dead_letter_waits_for_a_person(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    twin.days = [503] * 100
    for _ in range(8):
        let_time_pass(JobState.RETRYING)
        drain()
    job = dispatch_job()
    assert job.state is JobState.DEAD
    assert attempts(job.id) == [AttemptOutcome.RETRYABLE] * 8
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].state) == ("failed", "failed")
    assert "503" in order.dispatches[0].problem
    with open_work() as work:
        letters = list(work.session.scalars(select(col(DeadLetter.job_id))))
    assert stored(job.id) in letters
    assert not twin.accepted


def a_worker_process() -> subprocess.Popen[bytes]:
    """Start a mail worker as a process of its own, with the settings of this test."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from jobs.worker import run_worker, Queue; run_worker(Queue.MAIL)",
        ],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
    )


def test_a_worker_killed_while_sendgrid_thinks_leaves_it_unsure(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
    twin.days = ["hang"]
    hand_over()
    worker = a_worker_process()
    try:
        assert twin.asked.wait(DEADLINE_SECONDS)
    finally:
        worker.kill()
        worker.wait()
    assert seen(buyer, number).dispatches[0].state == "sending"
    drain()
    assert seen(buyer, number).dispatches[0].state == "sending"
    let_time_pass(JobState.RUNNING)
    drain()
    assert seen(buyer, number).dispatches[0].state == "unsure"
    assert attempts(dispatch_job().id) == [AttemptOutcome.LOST, AttemptOutcome.DONE]
    assert twin.requests == 1


def test_a_worker_killed_between_intent_and_mailbox_mails_once(drain: Drain) -> None:
    buyer, number = placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
    hand_over()
    with db.raw_connection() as connection, connection.transaction():
        connection.execute("LOCK TABLE mailbox_message IN EXCLUSIVE MODE")
        worker = a_worker_process()
        try:
            wait_until(
                lambda: seen(buyer, number).dispatches[0].state == "sending", "intent written"
            )
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    let_time_pass(JobState.RUNNING)
    drain()
    assert seen(buyer, number).state == "completed"
    assert mails_to_suppliers() == 1
    assert attempts(dispatch_job().id) == [AttemptOutcome.LOST, AttemptOutcome.DONE]


def test_a_worker_finishes_the_job_in_hand_when_it_is_asked_to_stop(twin: Twin) -> None:
    placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
    twin.days = ["hang"]
    hand_over()
    worker = a_worker_process()
    try:
        assert twin.asked.wait(DEADLINE_SECONDS)
        worker.terminate()
        twin.released.set()
        assert worker.wait(DEADLINE_SECONDS) == 0
    finally:
        worker.kill()
    assert dispatch_job().state is JobState.DONE
