"""The queues of background work: RQ in Redis. It carries ids of job rows and is never the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import redis
import rq
import rq.job
from rq.serializers import JSONSerializer

from app.integrations.redis import (
    CONNECT_TIMEOUT_SECONDS,
    RedisError,
    client_of,
    queue_url,
)
from app.models.operations import Queue

__all__ = ["QueuedCall", "RedisError", "enqueue", "queue_lengths", "rq_queue", "waiting"]

ANSWER_TIMEOUT_SECONDS = 5.0
# RQ's own record of what failed; the truth is the job's row, so it need not stay.
FAILURE_KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """Job rows of one function on their way to a worker."""

    function: str
    job_ids: tuple[str, ...]


def _client() -> redis.Redis:
    return client_of(queue_url(), answer_seconds=ANSWER_TIMEOUT_SECONDS, retries=1)


def worker_connection() -> redis.Redis:
    """Return a new client for a worker, which waits for jobs as long as RQ tells it to."""
    return redis.Redis.from_url(
        queue_url(), socket_connect_timeout=CONNECT_TIMEOUT_SECONDS, socket_keepalive=True
    )


def rq_queue(queue: Queue, connection: redis.Redis | None = None) -> rq.Queue:
    """Return RQ's handle of a queue."""
    return rq.Queue(queue.value, connection=connection or _client(), serializer=JSONSerializer)


def enqueue(queue: Queue, calls: Iterable[QueuedCall]) -> None:
    """Hand job rows to a queue in one round trip. Raises RedisError where Redis does not answer."""
    rq_queue(queue).enqueue_many(
        [
            rq.Queue.prepare_data(
                call.function,
                args=call.job_ids,
                result_ttl=0,
                failure_ttl=FAILURE_KEPT_SECONDS,
                description=call.function,
            )
            for call in calls
        ]
    )


def job_ids(call: rq.job.Job) -> tuple[str, ...]:
    """Return the ids of the job rows that a call carries."""
    return tuple(str(job_id) for job_id in call.args or ())  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType] - RQ has no types here


def waiting(queue: Queue) -> frozenset[str]:
    """Return the ids of job rows that wait in a queue. Raises RedisError."""
    handle = rq_queue(queue)
    found = rq.job.Job.fetch_many(
        handle.get_job_ids(), connection=handle.connection, serializer=JSONSerializer
    )
    return frozenset(job_id for call in found if call is not None for job_id in job_ids(call))


def queue_lengths(queues: Sequence[Queue] = tuple(Queue)) -> dict[Queue, int]:
    """Return how many calls wait in each queue, in one round trip. Raises RedisError."""
    with _client().pipeline(transaction=False) as pipeline:
        for queue in queues:
            pipeline.llen(rq_queue(queue).key)
        return dict(zip(queues, pipeline.execute(), strict=True))
