"""`worker` and `scheduler`: the processes of background work."""

from __future__ import annotations

from typing import Annotated

import typer

from app.config import settings
from app.telemetry import start_logging

QueueName = Annotated[str, typer.Argument(help="mail, orders or feeds.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the top level."""
    cli.command()(worker)
    cli.command()(scheduler)


def worker(queue: QueueName) -> None:
    """Carry out the jobs of one queue until SIGTERM."""
    from app.errors import BadInput
    from app.models.operations import Queue
    from jobs.worker import run_worker

    if queue not in set(Queue):
        raise BadInput(f"There is no queue {queue!r}: choose one of {', '.join(Queue)}.")
    start_logging(settings().log_level, process=f"worker-{queue}")
    run_worker(Queue(queue))


def scheduler() -> None:
    """Relay due jobs to their queues and start what is due by schedule, until SIGTERM."""
    from jobs.worker import run_scheduler

    start_logging(settings().log_level, process="scheduler")
    run_scheduler()
