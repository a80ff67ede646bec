"""Carrying orders out for a measurement: the real relay, and one worker process per queue."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlmodel import col

import jobs.mail
from app.config import PROJECT_ROOT
from app.models.operations import Queue
from app.models.ordering import Order, OrderState
from app.work import reading
from jobs.relay import run_relay
from jobs.worker import run_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.integrations.ports import OutgoingMail
    from app.work import Work

DEADLINE_SECONDS = 600.0
STOCK_WORKER = """
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from app.integrations.queue import Queue, rq_queue, worker_connection
connection = worker_connection()
queue = rq_queue(Queue.FEEDS, connection)
worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer)
worker.work(logging_level="WARNING")
"""
ORDERS_WORKER = "from jobs.worker import run_worker, Queue; run_worker(Queue.ORDERS)"
MAIL_WORKER = "from bench.working import run_mail_worker; run_mail_worker(knows_keys={})"


@dataclass(frozen=True, slots=True)
class NullMailer:
    """A mail service that takes every mail and forgets it."""

    deduplicates: bool

    def send(self, mail: OutgoingMail) -> str:
        """Take a mail; return an id for it."""
        return mail.key

    def check(self) -> None:
        """It always could."""


def run_mail_worker(*, knows_keys: bool) -> None:
    """Run the worker of the queue `mail` with a null mailer that knows a mail by its key, or not.

    It stands here and not in the product: a setting that lets orders be forgotten could be left on.
    """
    mailer = NullMailer(deduplicates=knows_keys)
    jobs.mail.mail_service = lambda: mailer
    run_worker(Queue.MAIL)


@contextmanager
def workers(*, knows_keys: bool = True) -> Iterator[None]:
    """Run one worker process per queue, without a relay, and RQ's own worker for the no-ops."""
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT_ROOT, env=dict(os.environ))
        for code in (MAIL_WORKER.format(knows_keys), ORDERS_WORKER, STOCK_WORKER)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@contextmanager
def relaying() -> Iterator[None]:
    """Run the relay in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=run_relay, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait(is_so: Callable[[], bool], look_every: float) -> None:
    """Look whether something is so, seldom enough not to take the machine from the workers."""
    deadline = perf_counter() + DEADLINE_SECONDS
    while not is_so():
        if perf_counter() > deadline:
            raise TimeoutError("The workers did not get it done in time.")
        threading.Event().wait(look_every)


def completed(work: Work) -> int:
    """Return how many orders are completed."""
    return (
        work.session.scalar(
            select(func.count()).select_from(Order).where(col(Order.state) == OrderState.COMPLETED)
        )
        or 0
    )


def more_than(before: int) -> bool:
    """Tell whether more than `before` orders are completed."""
    return reading(completed) > before
