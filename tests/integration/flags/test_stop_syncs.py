"""While `stop-syncs` is on no feed is read; one that is being read stops at its next page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.errors import Held
from app.flags import READ_ONLY, STOP_SYNCS, Flag
from app.integrations import queue
from app.models.audit import VerifyAudit
from app.models.catalogue import Product
from app.models.columns import now
from app.models.feeds import Feed, SyncFeed, SyncRun, SyncRunState
from app.models.operations import CleanUp, Job, JobState, Queue
from app.models.rooms import ActOnRows, WriteExport
from app.services.feeds import list_feeds, request_sync
from app.work import open_work, reading, within
from jobs.held import is_held
from jobs.relay import hand_over
from jobs.schedule import fire_due
from tests.integration.feeds.conftest import HASTY, pull
from tests.integration.flags.switching import switch
from tests.integration.ordering.conftest import let_time_pass, open_jobs, work_off

if TYPE_CHECKING:
    from tests.suppliers import Asked, Reply, Supplier

SWITCHES = [STOP_SYNCS, READ_ONLY]


def runs() -> list[SyncRunState]:
    with open_work() as work:
        return list(work.session.scalars(select(col(SyncRun.state)).order_by(col(SyncRun.id))))


def products() -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(Product)) or 0


def make_due(feed_id: int) -> None:
    long_ago = now() - timedelta(minutes=30)
    with open_work() as work:
        work.session.execute(
            update(Feed)
            .where(col(Feed.id) == feed_id)
            # It is not due once more while a test runs, whatever day it is.
            .values(schedule=f"0 0 1 {(now().month + 5) % 12 + 1} *", due_at=long_ago)
        )


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize("kill_switch", SWITCHES)
def test_the_schedule_fires_no_feed_and_catches_up_once(feed_id: int, kill_switch: Flag) -> None:
    make_due(feed_id)
    switch(kill_switch, "on")
    assert fire_due() == 0
    assert runs() == []
    switch(kill_switch, "off")
    assert fire_due() == 1
    assert fire_due() == 0
    assert runs() == [SyncRunState.QUEUED]


@pytest.mark.parametrize("kill_switch", SWITCHES)
def test_a_sync_by_hand_is_refused_with_a_sentence(feed_id: int, kill_switch: Flag) -> None:
    switch(kill_switch, "on")
    with pytest.raises(Held, match=kill_switch.refusal):
        within(request_sync, feed_id=feed_id)
    assert runs() == []


@pytest.mark.parametrize("kill_switch", SWITCHES)
def test_a_running_sync_ends_at_its_next_page_and_changes_nothing(
    feed_id: int, supplier: Supplier, records: list[Any], kill_switch: Flag
) -> None:
    assert pull(feed_id).state == "applied"
    records.append({**records[0], "id": 1_000})
    records[0]["title"] = "Another name"
    serve = supplier.answer
    pages = count(1)

    def answer(asked: Asked) -> Reply:
        # Several are asked for at once.
        if next(pages) == 3:
            switch(kill_switch, "on")
        return serve(asked)

    supplier.answer = answer
    # The answer comes when the switch is on, however long that takes.
    run = pull(feed_id, replace(HASTY, read=60.0, total=120.0))
    assert (run.state, run.problem) == ("cancelled", kill_switch.refusal)
    # Some pages are asked for ahead of the one in hand.
    assert 3 < next(pages) < len(records) / 7 + 1
    assert products() == 100
    assert "Another name" not in _names()
    assert reading(list_feeds)[0].state == "cancelled"
    supplier.answer = serve
    switch(kill_switch, "off")
    assert pull(feed_id).state == "applied"
    assert "Another name" in _names()


def _names() -> list[str]:
    with open_work() as work:
        return list(work.session.scalars(select(col(Product.name))))


@pytest.mark.usefixtures("database")
def test_exports_and_the_audit_go_on_while_syncs_are_stopped() -> None:
    switch(STOP_SYNCS, "on")
    assert is_held(SyncFeed.queue)
    assert not any(is_held(call.queue) for call in (WriteExport, ActOnRows, VerifyAudit, CleanUp))


@pytest.mark.usefixtures("queues")
def test_a_sync_that_waits_in_the_queue_waits_on(feed_id: int) -> None:
    within(request_sync, feed_id=feed_id)
    assert hand_over() == 1
    switch(STOP_SYNCS, "on")
    work_off(Queue.FEEDS)
    assert not queue.waiting(Queue.FEEDS)
    assert [(job.state, job.attempts) for job in open_jobs()] == [(JobState.QUEUED, 0)]
    assert hand_over() == 0
    switch(STOP_SYNCS, "off")
    let_time_pass()
    assert hand_over() == 1
    work_off(Queue.FEEDS)
    assert runs() == [SyncRunState.APPLIED]
    with open_work() as work:
        first = work.session.scalars(select(Job).order_by(col(Job.created_at))).first()
        assert first is not None
        assert (first.state, first.attempts) == (JobState.DONE, 1)
