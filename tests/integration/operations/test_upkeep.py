"""What ended long ago goes; what is recent, open or unsettled stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from app.models.accounts import PersonSession, Role
from app.models.columns import new_id, now, stored
from app.models.feeds import FeedTick, RejectedRecord, SyncRun, SyncRunState
from app.models.operations import Attempt, CleanUp, DeadLetter, Job, JobState, Queue
from app.services.operations import upkeep
from app.work import open_work
from tests.factories.catalogue import a_feed
from tests.factories.ordering import a_viewer

pytestmark = pytest.mark.usefixtures("database")
JUST_OLD = upkeep.JOBS_KEPT + timedelta(hours=1)
JUST_NEW = upkeep.JOBS_KEPT - timedelta(hours=1)


def id_of(moment: datetime) -> UUID:
    """Return the id that a row of that moment got."""
    within_a_moment = (1 << 80) - 1
    return UUID(int=int(moment.timestamp() * 1000) << 80 | stored(new_id()).int & within_a_moment)


def a_job(state: JobState, age: timedelta, *, settled: timedelta | None = None) -> UUID:
    """Write a job that was made and ended so long ago, with an attempt and its letter."""
    then = now() - age
    job_id = id_of(then)
    with open_work() as work:
        has_ended = state in {JobState.DONE, JobState.DEAD}
        work.session.add(
            Job(
                id=job_id,
                queue=Queue.FEEDS,
                name=CleanUp.job,
                payload={},
                state=state,
                max_attempts=3,
                timeout=60,
                created_at=then,
                finished_at=then if has_ended else None,
            )
        )
        work.session.flush()
        work.session.add(Attempt(job_id=job_id, number=1, worker="w"))
        if state is JobState.DEAD:
            at = now() - settled if settled is not None else None
            work.session.add(DeadLetter(job_id=job_id, problem="It broke.", settled_at=at))
    return job_id


def there(table: type[SQLModel]) -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def kept() -> set[UUID]:
    with open_work() as work:
        return {stored(job_id) for job_id in work.session.scalars(select(col(Job.id)))}


def test_jobs_that_are_done_go_with_their_attempts() -> None:
    a_job(JobState.DONE, JUST_OLD)
    recent = a_job(JobState.DONE, JUST_NEW)
    assert upkeep.clean_up()["jobs"] == 1
    assert kept() == {recent}
    assert there(Attempt) == 1


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.RETRYING])
def test_an_open_job_stays_however_old(state: JobState) -> None:
    job = a_job(state, timedelta(days=400))
    upkeep.clean_up()
    assert kept() == {job}


def test_a_dead_letter_stays_until_somebody_settled_it_long_ago() -> None:
    waits = a_job(JobState.DEAD, timedelta(days=400))
    just_settled = a_job(JobState.DEAD, timedelta(days=400), settled=JUST_NEW)
    a_job(JobState.DEAD, timedelta(days=400), settled=JUST_OLD)
    upkeep.clean_up()
    assert kept() == {waits, just_settled}
    assert there(DeadLetter) == 2


def test_more_than_one_batch_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        a_job(JobState.DONE, JUST_OLD)
    assert upkeep.clean_up()["jobs"] == 5
    assert there(Job) == 0


def test_a_job_that_somebody_holds_is_left_for_the_next_time() -> None:
    held, other = a_job(JobState.DONE, JUST_OLD), a_job(JobState.DONE, JUST_OLD)
    with open_work() as work:
        work.session.scalar(select(Job).where(col(Job.id) == held).with_for_update())
        upkeep.clean_up()
        assert kept() == {held}
    assert other not in kept()


def test_old_runs_go_with_what_they_rejected_but_the_newest_of_a_feed_stays() -> None:
    with open_work() as work:
        feed_id = stored(a_feed(work.session).id)
        for age in (3, 2, 1):
            then = now() - upkeep.RUNS_KEPT - timedelta(days=age)
            run = SyncRun(
                id=id_of(then), feed_id=feed_id, state=SyncRunState.FAILED, finished_at=then
            )
            work.session.add(run)
            work.session.flush()
            work.session.add(RejectedRecord(sync_run_id=stored(run.id), reason="No price."))
        for age in (2, 0):
            work.session.add(FeedTick(feed_id=feed_id, due_at=now() - timedelta(days=age)))
    gone = upkeep.clean_up()
    assert (gone["sync runs"], gone["ticks"]) == (2, 1)
    assert (there(SyncRun), there(RejectedRecord), there(FeedTick)) == (1, 1, 1)


def test_sessions_that_nobody_can_use_go() -> None:
    with open_work() as work:
        person_id = a_viewer(work.session, Role.BUYER).person_id
        moment = now()
        for expires, seen in ((1, 0), (-2, -3), (3, -3)):
            work.session.add(
                PersonSession(
                    token_hash=uuid4().bytes,
                    person_id=person_id,
                    id_token="",
                    seen_at=moment + timedelta(days=seen),
                    expires_at=moment + timedelta(days=expires),
                )
            )
    assert upkeep.clean_up()["sessions"] == 2
    assert there(PersonSession) == 1


def test_cleaning_up_twice_is_as_good_as_once() -> None:
    a_job(JobState.DONE, JUST_OLD)
    upkeep.clean_up()
    assert not any(upkeep.clean_up().values())
