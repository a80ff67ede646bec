"""The relay: what it hands over, how often, and how much of a backlog."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text

from app import db
from app.integrations import queue
from app.models.catalogue import Product
from app.models.operations import Queue
from app.work import open_work
from jobs import relay
from jobs.relay import hand_over, run_relay
from tests.factories.database import as_owner
from tests.factories.ordering import a_viewer, an_order, some_products
from tests.integration.ordering.conftest import let_time_pass, open_jobs, work_off
from tests.integration.ordering.looking import placed
from tests.integration.ordering.waiting import wait_until


def placed_again() -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        known = work.session.scalars(select(Product)).all() or some_products(work.session)
        an_order(work, buyer, [known[0]])


@pytest.mark.usefixtures("queues")
def test_a_row_whose_job_still_waits_is_not_queued_again() -> None:
    placed()
    hand_over()
    let_time_pass()
    assert hand_over() == 2
    assert queue.queue_lengths()[Queue.MAIL] == 2


@pytest.mark.usefixtures("queues")
def test_two_relays_hand_a_row_over_once() -> None:
    for _ in range(3):
        placed_again()
    start = threading.Barrier(2)
    handed: list[int] = []

    def hand() -> None:
        start.wait()
        handed.append(hand_over())

    threads = [threading.Thread(target=hand) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handed) == len(queue.waiting(Queue.MAIL)) == 6


@pytest.mark.usefixtures("queues")
def test_a_backlog_beyond_what_a_queue_may_hold_waits_in_postgres(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "MOST_WAITING", 2)
    monkeypatch.setattr(relay, "MANY", 2)
    for _ in range(3):
        placed_again()
    assert hand_over() == 4
    assert hand_over() == 0
    assert len(queue.waiting(Queue.MAIL)) == 4
    assert [job.relayed_at is None for job in open_jobs()].count(True) == 2
    work_off(Queue.MAIL)
    assert hand_over() >= 2
    assert all(job.relayed_at for job in open_jobs())


@pytest.mark.usefixtures("queues")
def test_rows_of_one_function_travel_together_and_a_lone_one_at_once() -> None:
    placed_again()
    assert hand_over() == 2
    assert queue.queue_lengths()[Queue.MAIL] == 2
    for _ in range(relay.MANY + 1):
        placed_again()
    assert hand_over() == 2 * (relay.MANY + 1)
    assert queue.queue_lengths()[Queue.MAIL] == 2 + 4
    assert len(queue.waiting(Queue.MAIL)) == 2 * (relay.MANY + 2)


@pytest.mark.usefixtures("queues")
def test_a_connection_that_the_server_ended_is_replaced_unnoticed() -> None:
    # So that the pool has this one connection, and hands it out again.
    db.engine().dispose()
    with open_work() as work:
        ended = work.session.scalar(text("SELECT pg_backend_pid()"))
    with db.raw_connection() as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    with open_work() as work:
        assert work.session.scalar(text("SELECT pg_backend_pid()")) != ended


END_WHO_WAITS = """
SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'job'::regclass AND NOT granted
"""


@pytest.mark.usefixtures("queues")
def test_a_relay_whose_connection_the_server_ends_in_the_middle_goes_on() -> None:
    placed()
    stop = threading.Event()
    relaying = threading.Thread(target=run_relay, args=(stop,))
    try:
        with as_owner() as owner, owner.transaction():
            owner.execute("LOCK TABLE job IN ACCESS EXCLUSIVE MODE")
            relaying.start()
            wait_until(lambda: owner.execute(END_WHO_WAITS).fetchone(), "the relay is cut off")
        wait_until(lambda: all(job.relayed_at for job in open_jobs()), "it hands over after all")
    finally:
        stop.set()
        relaying.join()
