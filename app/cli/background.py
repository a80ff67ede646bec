"""`worker` and `scheduler`: the processes of background work."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from app.config import settings
from app.telemetry import start_logging

log = logging.getLogger(__name__)

QueueName = Annotated[str, typer.Argument(help="mail, orders, feeds, snapshots or rooms.")]


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
    _note_settings(f"worker-{queue}")
    run_worker(Queue(queue))


def scheduler() -> None:
    """Relay due jobs to their queues and start what is due by schedule, until SIGTERM."""
    from jobs.worker import run_scheduler

    start_logging(settings().log_level, process="scheduler")
    _note_settings("scheduler")
    run_scheduler()


def _note_settings(process: str) -> None:
    from app.services.operations.noted_settings import note_settings
    from app.work import within

    try:
        within(note_settings, process=process)
    except Exception as problem:  # noqa: BLE001 - it works on as soon as the database is back
        log.warning("The settings could not be noted in the audit: %s", problem)
