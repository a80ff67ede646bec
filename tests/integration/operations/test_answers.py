"""The dashboard's answers about feeds, and the orders that jobs were about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.flags import CORRECTED_SEARCH, FLAGS
from app.models.accounts import Role
from app.models.audit import AuditVerification
from app.models.columns import now, stored
from app.models.feeds import Feed, SyncFeed, SyncRun, SyncRunState
from app.models.operations import Job
from app.models.ordering import Order, SendConfirmation, SendDispatch
from app.services.flags import change_flag
from app.services.operations.dead_letters import order_numbers
from app.services.operations.freshness import are_prices_fresh, were_records_rejected
from app.services.operations.watched import is_anything_switched_off, is_the_audit_whole
from app.views.audit import Fault
from tests.factories.catalogue import a_feed
from tests.factories.ordering import a_viewer, an_order, some_products

if TYPE_CHECKING:
    from app.work import Work


def a_scheduled_feed(work: Work, **given: object) -> Feed:
    feed = a_feed(work.session)
    feed.schedule = "*/15 * * * *"
    feed.due_at = now() + timedelta(minutes=5)
    for name, value in given.items():
        setattr(feed, name, value)
    work.session.flush()
    return feed


def a_run(work: Work, feed: Feed, state: SyncRunState, rejected: int = 0) -> None:
    work.session.add(
        SyncRun(feed_id=stored(feed.id), state=state, rejected=rejected, finished_at=now())
    )
    work.session.flush()


def test_without_a_feed_no_price_is_fresh(work: Work) -> None:
    answer = are_prices_fresh(work, "en")
    assert not answer.is_good
    assert "No feed is connected" in answer.answer


def test_a_feed_on_time_is_fresh(work: Work) -> None:
    a_run(work, a_scheduled_feed(work), SyncRunState.APPLIED)
    answer = are_prices_fresh(work, "en")
    assert (answer.is_good, answer.figure) == (True, "1 of 1")


def test_a_feed_that_was_due_long_ago_is_late(work: Work) -> None:
    a_scheduled_feed(work, due_at=now() - timedelta(hours=1))
    answer = are_prices_fresh(work, "en")
    assert (answer.is_good, answer.figure) == (False, "0 of 1")
    assert "norda" in answer.answer


@pytest.mark.parametrize("state", [SyncRunState.FAILED, SyncRunState.QUARANTINED])
def test_a_feed_counts_as_failing_by_its_newest_run_alone(work: Work, state: SyncRunState) -> None:
    feed = a_scheduled_feed(work)
    a_run(work, feed, SyncRunState.APPLIED)
    a_run(work, feed, state)
    assert not are_prices_fresh(work, "en").is_good
    a_run(work, feed, SyncRunState.APPLIED)
    assert are_prices_fresh(work, "en").is_good


def test_records_count_as_rejected_by_the_newest_run_alone(work: Work) -> None:
    feed = a_scheduled_feed(work)
    a_run(work, feed, SyncRunState.APPLIED, rejected=3)
    assert were_records_rejected(work, "en").figure == "3"
    a_run(work, feed, SyncRunState.APPLIED)
    assert were_records_rejected(work, "en").is_good


def test_a_job_names_the_order_it_was_about(work: Work) -> None:
    buyer = a_viewer(work.session)
    number = an_order(work, buyer, some_products(work.session))
    order_id = stored(work.session.scalar(select(col(Order.id)).where(col(Order.number) == number)))
    jobs = work.session.scalars(select(Job)).all()
    mailing = next(job for job in jobs if job.name == SendDispatch.job)
    confirming = next(job for job in jobs if job.name == SendConfirmation.job)
    assert confirming.payload["order_id"] == str(order_id)
    sync = work.session.get_one(Job, work.enqueue(SyncFeed(sync_run_id=uuid4())))

    found = order_numbers(work, [mailing, confirming, sync])
    assert found == {stored(mailing.id): number, stored(confirming.id): number}


def test_the_audit_is_whole_until_a_verification_says_otherwise_or_none_comes(work: Work) -> None:
    def verified(sentence: str = "As written.", **given: Any) -> None:
        work.session.add(AuditVerification(entries=7, sentence=sentence, **given))
        work.session.flush()

    answer = is_the_audit_whole(work, "en")
    assert (answer.is_good, answer.answer) == (
        True,
        "It has not been verified yet. It is every night.",
    )
    verified(at=now())
    answer = is_the_audit_whole(work, "en")
    assert (answer.is_good, answer.figure) == (True, "7")
    verified(at=now() - timedelta(hours=37))
    assert not is_the_audit_whole(work, "en").is_good
    verified("Entry 5 was changed.", at=now(), fault=Fault.CHANGED, sequence=5)
    answer = is_the_audit_whole(work, "en")
    assert (answer.is_good, answer.answer) == (False, "Entry 5 was changed.")


def test_a_kill_switch_that_is_on_is_said_and_so_is_a_flag_past_its_date(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_anything_switched_off(work, "en").is_good
    admin = a_viewer(work.session, Role.ADMIN)
    change_flag(work, administrator=admin, name="stop-mail", rule="on", reason="A wrong price")
    answer = is_anything_switched_off(work, "en")
    assert (answer.is_good, answer.figure) == (False, "1")
    assert "stop-mail" in answer.answer
    change_flag(work, administrator=admin, name="stop-mail", rule="off", reason="It is right now")

    old = replace(CORRECTED_SEARCH, expires=date(2020, 1, 1))
    monkeypatch.setitem(cast("dict[str, object]", FLAGS), old.name, old)
    answer = is_anything_switched_off(work, "en")
    assert (answer.is_good, answer.answer) == (False, "Past their date: corrected-search.")
