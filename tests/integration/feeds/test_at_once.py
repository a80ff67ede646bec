"""Two syncs of one feed never run at once, and none that was lost stands in the way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app import db
from app.errors import Unavailable
from app.models.columns import now
from app.models.feeds import Feed, FeedTick, SyncFeed, SyncRun, SyncRunState
from app.models.operations import Job, JobState, Queue
from app.services.feeds import fire_due_feeds, pull_feed, request_sync, show_run
from app.services.feeds.runs import LOCK_CLASS
from app.work import open_work, reading, within
from jobs.relay import hand_over
from jobs.schedule import fire_due
from tests.integration.feeds.conftest import HASTY, a_record, pull, register
from tests.integration.ordering.conftest import queues, work_off
from tests.integration.ordering.waiting import wait_until
from tests.suppliers import Asked, Reply, Supplier

__all__ = ["queues"]

# How long the two sides of a gate wait for each other.
GATE_SECONDS = 100


class Gate:
    """Holds the supplier's answer until it is opened."""

    def __init__(self, supplier: Supplier) -> None:
        """Put the gate in front of the supplier."""
        self.reached = threading.Event()
        self.open = threading.Event()
        self._answer = supplier.answer
        supplier.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        """Answer once the gate is open."""
        self.reached.set()
        assert self.open.wait(GATE_SECONDS)
        return self._answer(asked)


# The locks on a feed, by the class of such locks and its id.
OF_THE_FEED = "FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"


def states(feed_id: int) -> list[str]:
    with open_work() as work:
        found = work.session.scalars(
            select(col(SyncRun.state))
            .where(col(SyncRun.feed_id) == feed_id)
            .order_by(col(SyncRun.id))
        ).all()
        return [str(state) for state in found]


def leave_running(feed_id: int) -> UUID:
    """Write a run as a worker leaves it that was killed in the middle."""
    asked = within(request_sync, feed_id=feed_id)
    with open_work() as work:
        run = work.session.get(SyncRun, asked.id)
        assert run
        run.state = SyncRunState.RUNNING
        run.started_at = now()
    return asked.id


def test_a_second_sync_is_refused_while_one_is_under_way(feed_id: int, supplier: Supplier) -> None:
    gate = Gate(supplier)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(pull, feed_id)
        assert gate.reached.wait(GATE_SECONDS)
        asked = within(request_sync, feed_id=feed_id)
        assert asked.state == "running"
        with pytest.raises(Unavailable, match="syncing this feed"):
            pull_feed(run_id=asked.id, limits=HASTY)
        gate.open.set()
        assert first.result(GATE_SECONDS).state == "applied"
    assert states(feed_id) == ["applied"]


def test_asking_twice_is_one_run_and_one_job(feed_id: int) -> None:
    first = within(request_sync, feed_id=feed_id)
    second = within(request_sync, feed_id=feed_id)
    assert first.id == second.id
    with open_work() as work:
        assert work.session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_run_that_lost_its_process_ends_and_is_carried_out_again(feed_id: int) -> None:
    lost = leave_running(feed_id)
    run = pull_feed(run_id=lost, limits=HASTY)
    assert run.id != lost
    assert run.state == "applied"
    ended = reading(show_run, run_id=lost)
    assert (ended.state, ended.problem) == (
        "failed",
        "The sync did not finish: its process ended before it did.",
    )
    # The job's third delivery finds everything done.
    assert pull_feed(run_id=lost, limits=HASTY).state == "failed"
    assert states(feed_id) == ["failed", "applied"]


def test_a_run_whose_job_is_gone_does_not_block_the_next(feed_id: int) -> None:
    lost = leave_running(feed_id)
    with open_work() as work:
        job = work.session.scalars(select(Job)).one()
        job.state = JobState.DEAD
    asked = within(request_sync, feed_id=feed_id)
    assert asked.id != lost
    assert states(feed_id) == ["failed", "queued"]


def test_a_killed_connection_frees_the_feed_and_changes_nothing(
    feed_id: int, supplier: Supplier, records: list[Any]
) -> None:
    pull(feed_id)
    records[0]["price"] = 1
    answer = supplier.answer
    gate = Gate(supplier)
    with ThreadPoolExecutor(1) as other, db.raw_connection() as connection:
        broken = other.submit(pull, feed_id)
        assert gate.reached.wait(GATE_SECONDS)
        killed = connection.execute(
            f"SELECT pg_terminate_backend(pid) {OF_THE_FEED}".encode(), (LOCK_CLASS, feed_id)
        ).fetchall()
        assert killed == [(True,)]
        gate.open.set()
        with pytest.raises((Unavailable, psycopg.Error)):
            broken.result(GATE_SECONDS)
        # Whom it has ended hears of it before the server lets go of what they held.
        held = f"SELECT count(*) {OF_THE_FEED}".encode()
        wait_until(
            lambda: connection.execute(held, (LOCK_CLASS, feed_id)).fetchone() == (0,),
            "the feed is free",
        )
    supplier.answer = answer
    assert states(feed_id) == ["applied", "running"]
    assert pull(feed_id).counts.changed == 1
    assert states(feed_id) == ["applied", "failed", "applied"]


def test_two_schedulers_fire_a_due_feed_once(feed_id: int) -> None:
    due = datetime.now(UTC) - timedelta(hours=5)
    with open_work() as work:
        feed = work.session.get(Feed, feed_id)
        assert feed
        feed.schedule, feed.due_at = "*/15 * * * *", due
    together = threading.Barrier(2)

    def fire() -> int:
        together.wait(GATE_SECONDS)
        return within(fire_due_feeds)

    before = now()
    with ThreadPoolExecutor(2) as both:
        fired = [future.result(GATE_SECONDS) for future in [both.submit(fire), both.submit(fire)]]
    assert sorted(fired) == [0, 1]
    with open_work() as work:
        feed = work.session.get(Feed, feed_id)
        assert feed
        assert feed.due_at
        assert before < feed.due_at <= now() + timedelta(minutes=15)
        assert [tick.due_at for tick in work.session.scalars(select(FeedTick))] == [due]
        assert work.session.scalar(select(func.count()).select_from(Job)) == 1
    assert states(feed_id) == ["queued"]


def test_one_due_moment_fires_once_even_one_after_the_other(feed_id: int) -> None:
    due = datetime.now(UTC) - timedelta(minutes=1)
    for expected in (1, 0):
        with open_work() as work:
            feed = work.session.get(Feed, feed_id)
            assert feed
            feed.schedule, feed.due_at = "0 * * * *", due
        assert within(fire_due_feeds) == expected


@pytest.mark.usefixtures("queues")
def test_a_due_feed_is_synced_through_its_queue(feed_id: int) -> None:
    with open_work() as work:
        feed = work.session.get(Feed, feed_id)
        assert feed
        feed.due_at = now()
    assert fire_due() == 1
    assert hand_over() == 1
    work_off(Queue.FEEDS)
    assert states(feed_id) == ["applied"]
    with open_work() as work:
        of_the_sync = select(Job).where(col(Job.name) == SyncFeed.job)
        assert work.session.scalars(of_the_sync).one().state is JobState.DONE


def test_feeds_with_the_same_new_words_can_be_applied_at_once(
    feed_id: int, supplier: Supplier, records: list[Any]
) -> None:
    records[:] = [
        a_record(n, title=f"Thing {n * 7 % 100} of {n}", category=["All", f"Shelf {n % 17}"])
        for n in range(100)
    ]
    others = [register(f"{supplier.url}/{n}", name=f"feed-{n}") for n in range(3)]
    with ThreadPoolExecutor(4) as all_of_them:
        runs = list(all_of_them.map(pull, [feed_id, *others]))
    assert {run.state for run in runs} == {"applied"}
    with open_work() as work:
        found = work.session.execute(select(func.count()).select_from(Feed)).scalar()
    assert found == 4
