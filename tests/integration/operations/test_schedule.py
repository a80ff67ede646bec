"""Recurring jobs: fired once each, by hand, not while paused; every change noted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import pytest
from croniter import croniter
from sqlalchemy import select, update
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.columns import now
from app.models.operations import CleanUp, Job, JobState, ScheduledJob
from app.services.operations import schedule
from app.services.operations.scheduled import SCHEDULED, Scheduled
from app.work import open_work, within
from jobs.schedule import fire_due
from tests.integration.operations.conftest import audited

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

pytestmark = pytest.mark.usefixtures("database")
NAME = "clean-up"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# Nothing is due then.
NOON = datetime(2026, 3, 1, 12, 15, tzinfo=UTC)


class Change(Protocol):
    """Running now, pausing or resuming."""

    def __call__(self, work: Work, /, *, viewer: Viewer, name: str) -> object:
        """Do it."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Let the schedule see one moment, which a test may change: nothing comes due meanwhile."""
    moments = [NOON]
    monkeypatch.setattr(schedule, "now", lambda: moments[-1])
    return moments


def row(name: str = NAME) -> ScheduledJob:
    with open_work() as work:
        return work.session.get_one(ScheduledJob, name)


def jobs() -> list[Job]:
    with open_work() as work:
        return list(work.session.scalars(select(Job).where(col(Job.name) == CleanUp.job)))


def let_it_be_due() -> None:
    within(schedule.declare)
    with open_work() as work:
        work.session.execute(
            update(ScheduledJob).where(col(ScheduledJob.name) == NAME).values(due_at=LONG_AGO)
        )


def end_jobs(state: JobState = JobState.DONE) -> None:
    with open_work() as work:
        work.session.execute(update(Job).values(state=state, finished_at=now()))


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in SCHEDULED])
def test_what_is_declared_can_be_fired(one: Scheduled) -> None:
    assert croniter.is_valid(one.cron)
    assert one.description.endswith(".")
    assert one.call().model_dump(mode="json") is not None


def test_names_are_given_once() -> None:
    assert len({one.name for one in SCHEDULED}) == len(SCHEDULED)


def test_what_is_declared_waits_for_its_moment(clock: list[datetime]) -> None:
    within(schedule.declare)
    due_at = row().due_at
    assert due_at is not None
    assert NOON < due_at <= NOON + timedelta(days=1)
    assert fire_due() == 0
    assert jobs() == []
    clock.append(due_at)
    assert fire_due() > 0
    assert len(jobs()) == 1


def test_what_is_due_is_fired_once_and_moments_missed_count_as_one() -> None:
    let_it_be_due()
    assert fire_due() == 1
    assert fire_due() == 0
    (job,) = jobs()
    fired = row()
    assert fired.job_id == job.id
    assert fired.due_at is not None
    assert fired.due_at > NOON


def test_two_schedulers_at_once_fire_once() -> None:
    let_it_be_due()
    both = threading.Barrier(2)

    def look() -> int:
        both.wait(100)
        return sum(within(schedule.fire_due_jobs) for _ in range(5))

    with ThreadPoolExecutor(2) as pool:
        fired = [pool.submit(look) for _ in range(2)]
    assert sum(one.result() for one in fired) == 1
    assert len(jobs()) == 1


def test_a_scheduler_leaves_what_another_one_has_in_hand() -> None:
    let_it_be_due()
    with open_work() as first:
        assert schedule.fire_due_jobs(first) == 1
        assert within(schedule.fire_due_jobs) == 0
    assert within(schedule.fire_due_jobs) == 0


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.RETRYING])
def test_a_run_that_has_not_ended_gets_no_second_beside_it(state: JobState) -> None:
    let_it_be_due()
    fire_due()
    with open_work() as work:
        work.session.execute(update(Job).values(state=state))
    let_it_be_due()
    assert fire_due() == 0
    end_jobs()
    let_it_be_due()
    assert fire_due() == 1


def test_another_cron_expression_counts_from_the_next_start() -> None:
    within(schedule.declare)
    before = row().due_at
    changed = [Scheduled(NAME, "59 23 31 12 *", CleanUp, "Once a year.")]
    within(schedule.declare, changed)
    assert row().due_at != before
    assert (row().due_at or LONG_AGO).strftime("%m-%d %H:%M") == "12-31 23:59"


def test_declaring_again_moves_nothing() -> None:
    let_it_be_due()
    within(schedule.declare)
    assert row().due_at == LONG_AGO


def test_it_runs_now_when_an_administrator_says_so(administrator: Viewer) -> None:
    job_id: UUID = within(schedule.run_now, viewer=administrator, name=NAME)
    assert [job.id for job in jobs()] == [job_id]
    assert row().job_id == job_id
    assert audited() == [("schedule.run", NAME)]
    with pytest.raises(Conflict, match="under way"):
        within(schedule.run_now, viewer=administrator, name=NAME)
    assert len(jobs()) == 1
    assert len(audited()) == 1


def test_a_paused_one_is_not_fired_but_runs_by_hand(administrator: Viewer) -> None:
    let_it_be_due()
    within(schedule.pause, viewer=administrator, name=NAME)
    assert (row().due_at, row().paused_by) == (None, administrator.person_id)
    within(schedule.declare, [Scheduled(NAME, "* * * * *", CleanUp, "Always.")])
    assert row().due_at is None
    assert fire_due() == 0
    within(schedule.run_now, viewer=administrator, name=NAME)
    with pytest.raises(Conflict, match="paused already"):
        within(schedule.pause, viewer=administrator, name=NAME)
    within(schedule.resume, viewer=administrator, name=NAME)
    resumed = row()
    assert (resumed.paused_at, resumed.paused_by) == (None, None)
    assert resumed.due_at is not None
    assert resumed.due_at > NOON
    with pytest.raises(Conflict, match="not paused"):
        within(schedule.resume, viewer=administrator, name=NAME)
    assert audited() == [
        ("schedule.paused", NAME),
        ("schedule.run", NAME),
        ("schedule.resumed", NAME),
    ]


@pytest.mark.parametrize("change", [schedule.run_now, schedule.pause, schedule.resume])
def test_an_operator_changes_nothing(change: Change, operator: Viewer) -> None:
    let_it_be_due()
    with pytest.raises(NotAllowed):
        within(change, viewer=operator, name=NAME)
    assert row().paused_at is None
    assert jobs() == []
    assert audited() == []


def test_an_unknown_name_is_said(administrator: Viewer) -> None:
    with pytest.raises(NotFound):
        within(schedule.run_now, viewer=administrator, name="no-such")
