"""What people do about a feed: sync now, pause, resume, and stop a sync before it changes much."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Role
from app.models.audit import AuditEntry
from app.models.catalogue import Product
from app.models.columns import now
from app.models.feeds import Feed
from app.services.feeds import control, fire_due_feeds, pull, request_sync
from app.work import open_work, within
from tests.factories.ordering import a_viewer
from tests.integration.feeds.conftest import HASTY, register
from tests.integration.feeds.test_at_once import GATE_SECONDS, Gate, states

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from tests.suppliers import Supplier


def somebody(role: Role) -> Viewer:
    with open_work() as work:
        return a_viewer(work.session, role, "Grace Hopper")


def feed(feed_id: int) -> Feed:
    with open_work() as work:
        return work.session.get_one(Feed, feed_id)


def products() -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(Product)) or 0


def noted() -> list[tuple[str, str]]:
    with open_work() as work:
        rows = work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))).all()
        return [(row.action, row.subject_title) for row in rows]


@pytest.fixture
def scheduled(database: None) -> int:  # noqa: ARG001 - an empty database
    """Register a feed that is due."""
    moment = now() - timedelta(minutes=1)
    return register("http://supplier.example/products", schedule="*/15 * * * *", due_at=moment)


def test_a_paused_feed_is_not_fired_and_is_again_when_resumed(scheduled: int) -> None:
    katherine = somebody(Role.ADMIN)
    within(control.pause_feed, viewer=katherine, feed_id=scheduled)
    paused = feed(scheduled)
    assert (paused.due_at, paused.paused_by) == (None, katherine.person_id)
    assert within(fire_due_feeds) == 0
    with pytest.raises(Conflict, match="paused already"):
        within(control.pause_feed, viewer=katherine, feed_id=scheduled)
    before = now()
    within(control.resume_feed, viewer=katherine, feed_id=scheduled)
    resumed = feed(scheduled)
    assert resumed.paused_at is None
    assert resumed.due_at is not None
    assert before < resumed.due_at <= now() + timedelta(minutes=15)
    with pytest.raises(Conflict, match="not paused"):
        within(control.resume_feed, viewer=katherine, feed_id=scheduled)
    assert noted()[-2:] == [("feed.paused", "tools"), ("feed.resumed", "tools")]


def test_a_paused_feed_is_still_synced_by_hand(scheduled: int) -> None:
    within(control.pause_feed, viewer=somebody(Role.ADMIN), feed_id=scheduled)
    run = within(control.sync_feed_now, viewer=somebody(Role.OPERATOR), feed_id=scheduled)
    assert run.state == "queued"
    assert feed(scheduled).due_at is None


def test_a_feed_without_a_schedule_cannot_be_paused(database: None) -> None:  # noqa: ARG001 - empty
    feed_id = register("http://supplier.example/products")
    with pytest.raises(Conflict, match="by hand only"):
        within(control.pause_feed, viewer=somebody(Role.ADMIN), feed_id=feed_id)


def test_a_run_that_waits_never_begins(feed_id: int) -> None:
    asked = within(request_sync, feed_id=feed_id)
    within(control.cancel_sync, viewer=somebody(Role.OPERATOR), feed_id=feed_id)
    assert states(feed_id) == ["cancelled"]
    run = pull.pull_feed(run_id=asked.id, limits=HASTY)
    assert (run.state, run.problem) == ("cancelled", "Cancelled by Grace Hopper.")
    assert products() == 0
    with pytest.raises(Conflict, match="No sync of tools"):
        within(control.cancel_sync, viewer=somebody(Role.OPERATOR), feed_id=feed_id)
    assert [deed for deed in noted() if "sync" in deed[0]][-1] == ("feed.sync-cancelled", "tools")
    within(request_sync, feed_id=feed_id)
    assert states(feed_id) == ["cancelled", "queued"]


def test_a_run_that_works_stops_between_two_pages(
    feed_id: int, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "LOOK_EVERY_SECONDS", 0.0)
    gate = Gate(supplier)
    asked = within(request_sync, feed_id=feed_id)
    with ThreadPoolExecutor(1) as other:
        running = other.submit(pull.pull_feed, run_id=asked.id, limits=HASTY)
        assert gate.reached.wait(GATE_SECONDS)
        within(control.cancel_sync, viewer=somebody(Role.OPERATOR), feed_id=feed_id)
        gate.open.set()
        assert running.result(GATE_SECONDS).state == "cancelled"
    assert products() == 0
    # A hundred records, seven to a page.
    assert len(supplier.asked) < 15


def test_what_was_read_before_the_cancelling_is_not_applied(
    feed_id: int, supplier: Supplier
) -> None:
    gate = Gate(supplier)
    asked = within(request_sync, feed_id=feed_id)
    with ThreadPoolExecutor(1) as other:
        running = other.submit(pull.pull_feed, run_id=asked.id, limits=HASTY)
        assert gate.reached.wait(GATE_SECONDS)
        within(control.cancel_sync, viewer=somebody(Role.OPERATOR), feed_id=feed_id)
        gate.open.set()
        assert running.result(GATE_SECONDS).state == "cancelled"
    assert products() == 0
    assert feed(feed_id).synced_at is None


def test_what_is_being_taken_over_is_not_waited_for(feed_id: int) -> None:
    within(request_sync, feed_id=feed_id)
    with open_work() as applying:
        applying.session.scalar(select(Feed).where(col(Feed.id) == feed_id).with_for_update())
        with pytest.raises(Conflict, match="being taken over"):
            within(control.cancel_sync, viewer=somebody(Role.OPERATOR), feed_id=feed_id)
    assert states(feed_id) == ["queued"]


def test_rights_are_asked_for(scheduled: int) -> None:
    within(request_sync, feed_id=scheduled)
    for change in (control.pause_feed, control.resume_feed):
        with pytest.raises(NotAllowed):
            within(change, viewer=somebody(Role.OPERATOR), feed_id=scheduled)
    for change in (control.sync_feed_now, control.cancel_sync):
        with pytest.raises(NotAllowed):
            within(change, viewer=somebody(Role.BUYER), feed_id=scheduled)
    assert feed(scheduled).paused_at is None
    assert states(scheduled) == ["queued"]


def test_an_unknown_feed_is_said(database: None) -> None:  # noqa: ARG001 - an empty one
    for change in (control.pause_feed, control.sync_feed_now, control.cancel_sync):
        with pytest.raises(NotFound):
            within(change, viewer=somebody(Role.ADMIN), feed_id=1)
