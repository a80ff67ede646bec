"""Somebody who works in the rooms, and a worker for what takes a while there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.models.accounts import PersonSession, Role
from app.models.columns import new_id, now, stored
from app.models.operations import DeadLetter, Job, JobState, Queue
from app.views.accounts import Viewer
from app.work import Work, open_work
from jobs.relay import hand_over
from tests.factories.ordering import a_viewer
from tests.integration.ordering.conftest import queues, work_off

__all__ = ["queues"]

WorkOff = Callable[[], None]


def signed_in(work: Work, role: Role = Role.OPERATOR) -> Viewer:
    """Write a person of that role with a session that runs."""
    viewer = a_viewer(work.session, role, "Grace Hopper")
    session = PersonSession(
        id=viewer.session_id,
        token_hash=new_id().bytes,
        person_id=viewer.person_id,
        id_token="",
        expires_at=now() + timedelta(hours=1),
    )
    work.session.add(session)
    work.session.flush()
    return viewer


@pytest.fixture
def operator(database: None) -> Viewer:  # noqa: ARG001 - in it
    """Return an operator who is signed in."""
    with open_work() as work:
        return signed_in(work)


@pytest.fixture
def work_lists(queues: object) -> WorkOff:  # noqa: ARG001 - what it works on
    """Return a function that carries out what takes a while."""

    def run() -> None:
        while hand_over():
            work_off(Queue.ROOMS)

    return run


def dead_letters(number: int, *, name: str = "jobs.feeds.tidy_catalogue") -> list[str]:
    """Write jobs that were given up; return their ids."""
    with open_work() as work:
        jobs = [
            Job(
                id=new_id(),
                queue=Queue.ORDERS,
                name=name,
                payload={"vacuum": False} if name.endswith("tidy_catalogue") else {},
                state=JobState.DEAD,
                max_attempts=3,
                timeout=60,
                finished_at=now(),
                problem="It went wrong.",
            )
            for _ in range(number)
        ]
        work.session.add_all(jobs)
        work.session.flush()
        work.session.add_all(
            DeadLetter(job_id=stored(job.id), problem="It went wrong.") for job in jobs
        )
        return [str(job.id) for job in jobs]
