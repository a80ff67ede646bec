"""After a sync the catalogue is tidied up by a job of its own, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app import db
from app.models.columns import now
from app.models.feeds import SyncRun, TidyCatalogue
from app.models.operations import Job, JobState, Queue
from app.services.feeds import request_sync, vacuum
from app.work import open_work, within
from jobs.feeds import tidy_catalogue
from jobs.relay import hand_over
from tests.factories.database import as_owner
from tests.integration.feeds.conftest import a_record, pull, register
from tests.integration.ordering.conftest import queues, work_off
from tests.suppliers import Supplier, offset_pages

__all__ = ["queues"]


def tidying() -> list[Job]:
    with open_work() as work:
        mine = select(Job).where(col(Job.name) == TidyCatalogue.job).order_by(col(Job.id))
        return list(work.session.scalars(mine))


def awaiting_their_place() -> int:
    """Return the pages of index entries that every search reads as a list."""
    with as_owner() as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
        row = connection.execute(
            "SELECT n_pending_pages FROM gin_metapage_info(get_raw_page('ix_product_search', 0))"
        ).fetchone()
        assert row
        return row[0]


def last_vacuum() -> datetime | None:
    """Return when products were vacuumed last; by Postgres itself counts as well."""
    with db.engine().connect() as connection:
        wanted = text(
            "SELECT greatest(last_vacuum, last_autovacuum) FROM pg_stat_user_tables "
            "WHERE relname = 'product'"
        )
        return connection.execute(wanted).scalar_one()


@pytest.fixture
def by_itself_alone(services: None) -> Iterator[None]:  # noqa: ARG001 - where it is kept away
    """Keep autovacuum from products, where it would do the same at a moment of its own."""
    with as_owner() as connection:
        # What is at work there just now gives way to this.
        connection.execute("ALTER TABLE product SET (autovacuum_enabled = false)")
        yield
        connection.execute("ALTER TABLE product RESET (autovacuum_enabled)")


def relay_and_work_off() -> None:
    hand_over()
    work_off(Queue.FEEDS)


def many(number: int) -> list[Any]:
    return [a_record(n) for n in range(number)]


def test_a_sync_that_wrote_nothing_leaves_nothing_to_do(feed_id: int) -> None:
    pull(feed_id)
    before = len(tidying())
    pull(feed_id)
    assert before == len(tidying()) == 1


@pytest.mark.usefixtures("queues", "by_itself_alone")
def test_what_was_written_finds_its_place_in_the_index(feed_id: int) -> None:
    pull(feed_id)
    assert awaiting_their_place() > 0
    relay_and_work_off()
    assert awaiting_their_place() == 0
    assert [(job.state, job.payload) for job in tidying()] == [(JobState.DONE, {"vacuum": False})]


@pytest.mark.usefixtures("queues", "by_itself_alone")
def test_a_large_sync_is_followed_by_a_vacuum() -> None:
    before = now()
    with Supplier(offset_pages(many(1_000))).serving() as supplier:
        pull(register(supplier.url, paging={"style": "offset", "size": 500}))
    relay_and_work_off()
    assert [(job.state, job.payload) for job in tidying()] == [(JobState.DONE, {"vacuum": True})]
    vacuumed = last_vacuum()
    assert vacuumed
    assert vacuumed > before


def test_a_vacuum_gives_way_to_a_sync_that_waits(feed_id: int) -> None:
    within(request_sync, feed_id=feed_id)
    with open_work() as work:
        job_id = work.enqueue(TidyCatalogue(vacuum=True))
    tidy_catalogue(str(job_id))
    done, later = tidying()
    assert done.state is JobState.DONE
    assert (later.state, later.payload) == (JobState.QUEUED, {"vacuum": True})
    assert later.due_at > now()
    with open_work() as work:
        assert work.session.scalars(select(col(SyncRun.state))).one() == "queued"


@pytest.mark.usefixtures("database")
def test_a_vacuum_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.services.feeds.tidy.MOST_SECONDS", 60)
    with db.raw_connection() as other, other.transaction():
        other.execute("LOCK TABLE product IN SHARE UPDATE EXCLUSIVE MODE")
        vacuum()
    assert "Vacuuming took longer" not in caplog.text
