"""The unit of work: rows that are written together at its end, and blocks that leave nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import Conflict, Unavailable
from app.integrations import live
from app.models.operations import DomainEventRow
from app.models.ordering import Order, OrderPlaced, TimelineEntry
from app.services.ordering.moves import note_on_timeline
from app.work import Work, open_work, within
from tests.factories.ordering import a_viewer, an_order, some_products


def kinds(work: Work) -> list[str]:
    return list(
        work.session.scalars(select(col(TimelineEntry.kind)).order_by(col(TimelineEntry.id)))
    )


def the_order(work: Work) -> Order:
    return work.session.scalars(select(Order)).one()


def fail_after_a_note(work: Work) -> None:
    note_on_timeline(work, order=the_order(work), kind="lost", title="Lost")
    raise Conflict("Not now.")


@pytest.mark.usefixtures("database")
def test_events_of_one_transaction_are_numbered_without_gaps() -> None:
    with open_work() as work:
        an_order(work, a_viewer(work.session), some_products(work.session))
    with open_work() as work:
        order_id = str(the_order(work).id)
        for _ in range(3):
            work.publish(OrderPlaced(aggregate_id=order_id))
    with open_work(read_only=True) as work:
        numbers = work.session.scalars(
            select(col(DomainEventRow.sequence)).order_by(col(DomainEventRow.id))
        ).all()
    assert numbers == [1, 2, 3, 4]


@pytest.mark.usefixtures("database")
def test_what_was_added_before_a_transaction_failed_is_not_written() -> None:
    with open_work() as work:
        an_order(work, a_viewer(work.session), some_products(work.session))
    with pytest.raises(Conflict):
        within(fail_after_a_note)
    with open_work(read_only=True) as work:
        assert kinds(work) == ["order.placed"]


@pytest.mark.usefixtures("database")
def test_an_attempt_that_raises_leaves_neither_rows_nor_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[set[str]] = []
    monkeypatch.setattr(live, "announce", lambda topics: told.append(set(topics)))
    with open_work() as work:
        an_order(work, a_viewer(work.session), some_products(work.session))
    told.clear()
    with open_work() as work:
        with pytest.raises(Conflict), work.attempt():
            fail_after_a_note(work)
        with work.attempt():
            work.touch("kept")
    assert told == [{"kept"}]
    with open_work(read_only=True) as work:
        assert kinds(work) == ["order.placed"]
        assert work.session.scalar(select(func.count()).select_from(DomainEventRow)) == 1


@pytest.mark.usefixtures("services")
def test_of_two_that_wait_for_each_other_one_goes_on_and_the_other_says_what_happened() -> None:
    both_hold_one = Barrier(2, timeout=30)

    def lock(first: int, second: int) -> str:
        try:
            with open_work() as work:
                work.session.execute(select(func.pg_advisory_xact_lock(first)))
                both_hold_one.wait()
                work.session.execute(select(func.pg_advisory_xact_lock(second)))
        except Unavailable as problem:
            return problem.sentence
        return ""

    with ThreadPoolExecutor(2) as threads:
        said = sorted(threads.map(lock, (1, 2), (2, 1)))
    assert said == ["", "That took too long and was stopped; nothing was changed."]
