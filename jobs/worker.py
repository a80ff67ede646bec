"""The processes of background work: one worker per queue, and the scheduler with the relay."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import sys
import threading
from time import monotonic
from types import FrameType, TracebackType
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.utils import import_attribute
from rq.worker import WorkerStatus
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.errors import Unavailable
from app.integrations.queue import job_ids, rq_queue, worker_connection
from app.models.operations import WAITING_JOB_STATES, Job, Queue
from app.work import goes_on, within
from jobs.lease import give_back, lay_to_rest
from jobs.relay import run_relay
from jobs.schedule import run_schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.client import Pipeline
    from rq import Queue as RQQueue
    from rq.job import Job as QueuedJob

    from app.work import Work

# The functions of each queue, imported before the first job so that none waits for it.
MODULES: dict[Queue, str] = {
    Queue.MAIL: "jobs.mail",
    Queue.ORDERS: "jobs.ordering",
    Queue.FEEDS: "jobs.feeds",
    Queue.SNAPSHOTS: "jobs.snapshots",
    Queue.ROOMS: "jobs.rooms",
}
# RQ waits for a job a quarter of a minute less than this before it shows that it lives.
ALIVE_SECONDS = 60
SIGN_OF_LIFE_SECONDS = 10.0
RESTART_SECONDS = 1.0
NICENESS = 15
LONGEST_RESTART_SECONDS = 5.0

log = logging.getLogger(__name__)


class QueueWorker(SimpleWorker):
    """RQ's worker in one process, taught to outlive a Redis that goes away."""

    max_connection_wait_time = 5.0

    # Set from outside or by a signal: stop after the job in hand.
    stop: threading.Event
    _next_sign_of_life = 0.0

    def subscribe(self) -> None:
        """Listen to no remote commands: nobody sends any, and it would cost a connection."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ says so
        """Ask for no `rq suspend`: it would be one more question to Redis per job."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Show that this worker lives, seldom enough not to cost every job a round trip."""
        if monotonic() >= self._next_sign_of_life or timeout or pipeline:
            super().heartbeat(timeout, pipeline)
            self._next_sign_of_life = monotonic() + SIGN_OF_LIFE_SECONDS

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:  # noqa: ARG002 - RQ's
        """Remember whether a job is in hand, for `request_stop`; nobody asks Redis for it."""
        self._state = state

    def execute_job(self, job: QueuedJob, queue: RQQueue) -> None:
        """Carry out what a call carries without RQ's own record of it: the jobs' rows are that.

        What this worker does not begin any more when it is asked to stop it gives back; what it
        leaves undone otherwise comes back through the rows' leases.
        """
        self.set_state(WorkerStatus.BUSY)
        try:
            function = import_attribute(str(job.func_name))
            left = job_ids(job)
            while left and not self.stop.is_set():
                left = function(*left)
            if left:
                within(give_back, [UUID(job_id) for job_id in left])
        except Exception:  # noqa: BLE001 - whatever it was, the worker goes on
            self.handle_exception(job, *sys.exc_info())  # pyright: ignore[reportUnknownMemberType] - as above
        with self.connection.pipeline(transaction=False) as pipeline:  # pyright: ignore[reportUnknownMemberType] - as above
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.delete(job.key)
            pipeline.execute()
        self.set_state(WorkerStatus.IDLE)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the job in hand; remembered, since RQ forgets it when Redis is away."""
        self.stop.set()
        super().request_stop(signum, frame)  # pyright: ignore[reportUnknownMemberType] - RQ has no types here

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()
        # A signal may have come in while this worker was being made.
        self._stop_requested = self.stop.is_set()

    def set_shutdown_requested_date(self) -> None:
        """Tell Redis of the wish to stop where it answers; the job in hand must not suffer."""
        try:
            super().set_shutdown_requested_date()
        except RedisError:
            log.debug("Redis was not told that this worker stops")

    def teardown(self) -> None:
        """Sign off where Redis answers; a worker that is gone is forgotten there by itself."""
        try:
            super().teardown()
        except RedisError:
            log.debug("Redis was not told that this worker has stopped")


def new_worker(queue: Queue, stop: threading.Event) -> QueueWorker:
    """Return a worker of one queue. Raises RedisError where Redis does not answer."""
    connection = worker_connection()
    worker = QueueWorker(
        [rq_queue(queue, connection)],
        name=f"{queue}-{socket.gethostname()}-{uuid4().hex[:8]}",
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=ALIVE_SECONDS,
        default_result_ttl=0,
        log_job_description=False,
        exception_handlers=[bury_unknown],
    )
    worker.stop = stop
    return worker


def bury_unknown(
    queued: QueuedJob,
    kind: type[BaseException],
    problem: BaseException,
    _trace: TracebackType | None,
) -> bool:
    """Make a dead letter of a job whose function this program does not have.

    Anything else that comes up here (no database) leaves the row to come back after its lease.
    """
    if issubclass(kind, ImportError | AttributeError | ValueError):
        for job_id in job_ids(queued):
            try:
                within(_bury_untaken, UUID(job_id), f"There is no such job function: {problem}.")
            except (Unavailable, DBAPIError):
                log.warning("Job %s could not be recorded as dead", job_id)
    return True


@goes_on
def _bury_untaken(work: Work, job_id: UUID, problem: str) -> None:
    row = work.session.scalar(select(Job).where(col(Job.id) == job_id).with_for_update())
    if row is not None and row.state in WAITING_JOB_STATES:
        lay_to_rest(work, row, problem)


def run_worker(queue: Queue) -> None:
    """Carry out the jobs of one queue until SIGTERM or SIGINT; the job in hand is finished.

    Redis may go and come back meanwhile; what it forgot comes back through the relay.
    """
    importlib.import_module(MODULES[queue])
    give_way(queue)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    stop = _stop_at_signals()
    wait = RESTART_SECONDS
    while not stop.is_set():
        try:
            worker = new_worker(queue, stop)
            wait = RESTART_SECONDS
            worker.work(logging_level="WARNING")
        except RedisError as problem:
            log.warning("Queue %s waits for Redis: %s", queue, problem)
        _stop_at_signals(stop)
        stop.wait(wait)
        wait = min(wait * 2, LONGEST_RESTART_SECONDS)


def give_way(queue: Queue) -> None:
    """Leave the processor to others where the jobs of a queue are long and nobody waits for them.

    Postgres gives way with such a worker: it waits for it to take what it has read.
    """
    if queue is Queue.SNAPSHOTS:
        os.nice(NICENESS)


def _stop_at_signals(stop: threading.Event | None = None) -> threading.Event:
    """Set an event at SIGTERM and SIGINT; RQ puts its own handlers in place while it works."""
    event = stop or threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        event.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return event


def run_scheduler() -> None:
    """Relay due jobs and start what is due by schedule, until SIGTERM or SIGINT.

    Raises SystemExit where one of the two broke, so that whoever supervises starts both anew.
    """
    stop = _stop_at_signals()
    broken: list[str] = []

    def keep_going(part: Callable[[threading.Event], None]) -> None:
        try:
            part(stop)
        except Exception:
            log.exception("The scheduler stops: %s broke", part.__name__)
            broken.append(part.__name__)
            stop.set()

    threads = [
        threading.Thread(target=keep_going, args=(part,), name=part.__name__)
        for part in (run_relay, run_schedule)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise SystemExit(1)
