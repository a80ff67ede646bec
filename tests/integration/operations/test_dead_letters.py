"""Settling what was given up and is no order's: as it was, as its area says, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed
from app.models.columns import now, stored
from app.models.feeds import RunTrigger, SyncFeed, SyncRun, SyncRunState, TidyCatalogue
from app.models.operations import CleanUp, DeadLetter, Job, JobState, Queue, Settlement
from app.services.operations import dead_letters
from app.work import open_work, within
from tests.factories.catalogue import a_feed
from tests.integration.operations.conftest import audited

if TYPE_CHECKING:
    from uuid import UUID

    from app.views.accounts import Viewer

pytestmark = pytest.mark.usefixtures("database")


def a_letter(name: str, payload: dict[str, Any]) -> UUID:
    with open_work() as work:
        job = Job(
            queue=Queue.FEEDS,
            name=name,
            payload=payload,
            state=JobState.DEAD,
            attempts=3,
            max_attempts=3,
            timeout=60,
            finished_at=now(),
        )
        work.session.add(job)
        work.session.flush()
        work.session.add(DeadLetter(job_id=stored(job.id), problem="It broke."))
        return stored(job.id)


def letter(job_id: UUID) -> DeadLetter:
    with open_work() as work:
        return work.session.get_one(DeadLetter, job_id)


def waiting() -> list[Job]:
    with open_work() as work:
        return list(work.session.scalars(select(Job).where(col(Job.state) == JobState.QUEUED)))


def test_a_job_is_queued_as_it_was_with_attempts_of_its_own(operator: Viewer) -> None:
    job_id = a_letter(TidyCatalogue.job, {"vacuum": True})
    within(dead_letters.retry, viewer=operator, job_id=job_id)
    (again,) = waiting()
    assert (again.name, again.payload, again.attempts) == (TidyCatalogue.job, {"vacuum": True}, 0)
    assert letter(job_id).retried_as == again.id
    assert audited() == [("dead-letter.retried", "tidy_catalogue")]


def test_a_sync_becomes_a_new_run(operator: Viewer) -> None:
    with open_work() as work:
        feed_id = stored(a_feed(work.session).id)
    job_id = a_letter(SyncFeed.job, {"sync_run_id": str(uuid4())})
    with open_work() as work:
        work.session.add(
            SyncRun(feed_id=feed_id, job_id=job_id, state=SyncRunState.FAILED, finished_at=now())
        )
    within(dead_letters.retry, viewer=operator, job_id=job_id)
    with open_work() as work:
        newest = work.session.scalars(select(SyncRun).order_by(col(SyncRun.id).desc())).first()
    assert newest is not None
    assert (newest.state, newest.trigger) == (SyncRunState.QUEUED, RunTrigger.OPERATOR)
    assert letter(job_id).retried_as == newest.job_id


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("jobs.gone.forgotten", {}),
        (TidyCatalogue.job, {"vacuum": "perhaps"}),
        (SyncFeed.job, {"sync_run_id": str(uuid4())}),
    ],
)
def test_what_would_fail_again_is_refused_and_stays(
    name: str, payload: dict[str, Any], operator: Viewer
) -> None:
    job_id = a_letter(name, payload)
    with pytest.raises(Conflict):
        within(dead_letters.retry, viewer=operator, job_id=job_id)
    assert letter(job_id).settled_at is None
    assert waiting() == []
    assert audited() == []


def test_it_is_abandoned_with_a_reason(operator: Viewer) -> None:
    job_id = a_letter(CleanUp.job, {})
    for nothing in ("", "   ", "x" * 501):
        with pytest.raises(BadInput):
            within(dead_letters.abandon, viewer=operator, job_id=job_id, reason=nothing)
    within(dead_letters.abandon, viewer=operator, job_id=job_id, reason="It is  of no use.")
    settled = letter(job_id)
    assert (settled.settlement, settled.reason) == (Settlement.ABANDONED, "It is of no use.")
    assert settled.settled_by == operator.person_id
    with pytest.raises(Conflict):
        within(dead_letters.abandon, viewer=operator, job_id=job_id, reason="Again.")
    with pytest.raises(Conflict):
        within(dead_letters.retry, viewer=operator, job_id=job_id)
    assert audited() == [("dead-letter.abandoned", "clean_up")]
    assert waiting() == []


def test_a_buyer_settles_nothing(buyer: Viewer) -> None:
    job_id = a_letter(CleanUp.job, {})
    with pytest.raises(NotAllowed):
        within(dead_letters.retry, viewer=buyer, job_id=job_id)
    with pytest.raises(NotAllowed):
        within(dead_letters.abandon, viewer=buyer, job_id=job_id, reason="I may not.")
    assert letter(job_id).settled_at is None
