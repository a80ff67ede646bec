"""Jobs that are carried out together: what is wrong with one is no other's setback."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from psycopg import sql
from sqlalchemy import func, select, text, update
from sqlmodel import col

from app import db
from app.integrations.queue import QueuedCall, enqueue, waiting
from app.models.catalogue import Product
from app.models.operations import Attempt, AttemptOutcome, Job, JobState, Queue
from app.models.ordering import Dispatch, DispatchState, Order, SendDispatch
from app.work import open_work
from jobs.relay import hand_over
from tests.factories.database import as_owner
from tests.factories.ordering import a_viewer, an_order, some_products
from tests.integration.ordering.conftest import Drain, let_time_pass, open_jobs, work_off
from tests.integration.ordering.looking import mails_to_suppliers, seen
from tests.integration.ordering.test_jobs import a_worker_process
from tests.integration.ordering.waiting import DEADLINE_SECONDS, wait_until
from tests.sendgrid_twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.views.accounts import Viewer

ORDERS = 5
BAD = 2


def several() -> tuple[Viewer, list[int]]:
    """Place orders without confirmations, so that the mails to suppliers are all there is."""
    with open_work() as work:
        buyer = a_viewer(work.session)
        products: list[Product] = some_products(work.session)
        numbers = [an_order(work, buyer, products) for _ in range(ORDERS)]
    with db.raw_connection() as connection:
        connection.execute("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'")
    return buyer, numbers


def states(buyer: Viewer, numbers: list[int]) -> list[str]:
    return [seen(buyer, number).state for number in numbers]


def all_but_one(good: str, bad: str) -> list[str]:
    return [bad if index == BAD else good for index in range(ORDERS)]


def attempts_of_mails() -> list[AttemptOutcome]:
    """Return how the attempts at mailing ended, by order and number."""
    with open_work() as work:
        return list(
            work.session.scalars(
                select(col(Attempt.outcome))
                .join(Job, col(Job.id) == col(Attempt.job_id))
                .where(col(Job.name) == SendDispatch.job)
                .order_by(col(Job.id), col(Attempt.number))
            )
        )


@contextmanager
def a_timeline_that_refuses(condition: sql.Composable) -> Iterator[None]:
    """Let the database refuse to write a timeline entry that the condition holds for."""
    with as_owner() as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$"
        )
        connection.execute(
            sql.SQL(
                "CREATE TRIGGER refuse BEFORE INSERT ON timeline_entry FOR EACH ROW"
                " WHEN ({}) EXECUTE FUNCTION refuse()"
            ).format(condition)
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER refuse ON timeline_entry")
            connection.execute("DROP FUNCTION refuse")


def test_a_row_that_breaks_the_first_step_is_dead_alone(drain: Drain) -> None:
    _, numbers = several()
    with open_work() as work:
        work.session.execute(
            update(Order).where(col(Order.number) == numbers[BAD]).values(ship_to={})
        )
    drain()
    assert not open_jobs()
    with open_work(read_only=True) as work:
        found = work.session.scalars(select(col(Order.state)).order_by(col(Order.number))).all()
    assert [str(state) for state in found] == all_but_one("completed", "failed")
    assert mails_to_suppliers() == ORDERS - 1
    assert attempts_of_mails() == [
        AttemptOutcome(outcome) for outcome in all_but_one("done", "final")
    ]


def test_a_row_whose_payload_cannot_be_read_is_dead_alone(drain: Drain) -> None:
    buyer, numbers = several()
    with open_work() as work:
        jobs = work.session.scalars(select(Job).order_by(col(Job.id))).all()
        jobs[BAD].payload = {"round": "x"}
    drain()
    assert states(buyer, numbers) == all_but_one("completed", "pending")
    assert mails_to_suppliers() == ORDERS - 1


@pytest.mark.parametrize("kind", ["dispatch.sending", "dispatch.sent"])
def test_a_row_that_the_database_refuses_is_dead_alone(drain: Drain, kind: str) -> None:
    buyer, numbers = several()
    with open_work() as work:
        order_id = work.session.scalar(
            select(col(Order.id)).where(col(Order.number) == numbers[BAD])
        )
    with a_timeline_that_refuses(
        sql.SQL("NEW.kind = {} AND NEW.order_id = {}").format(
            sql.Literal(kind), sql.Literal(str(order_id))
        )
    ):
        drain()
    bad = "processing" if kind == "dispatch.sent" else "pending"
    assert states(buyer, numbers) == all_but_one("completed", bad)
    assert not open_jobs()


def test_a_refused_address_fails_its_own_order(drain: Drain) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, 2)
        numbers = [
            an_order(work, buyer, [products[1 if index == BAD else 0]]) for index in range(ORDERS)
        ]
        work.session.execute(
            text("UPDATE supplier SET order_email = 'nobody' WHERE name = 'Supplier 2'")
        )
    drain()
    assert states(buyer, numbers) == all_but_one("completed", "failed")


def test_what_arrives_twice_is_carried_out_once(drain: Drain) -> None:
    several()
    hand_over()
    call = QueuedCall(SendDispatch.job, tuple(waiting(Queue.MAIL)))
    work_off(Queue.MAIL)
    enqueue(Queue.MAIL, [call])
    work_off(Queue.MAIL)
    drain()
    assert mails_to_suppliers() == ORDERS
    assert attempts_of_mails() == [AttemptOutcome.DONE] * ORDERS


@contextmanager
def a_mailbox_that_hangs_after(mails: int) -> Iterator[Callable[[], bool]]:
    """Let the mailbox hang at the mail after so many; yields whether it does."""
    with as_owner() as connection:
        connection.execute("SELECT pg_advisory_lock(42)")
        connection.execute(
            "CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF (SELECT count(*) FROM mailbox_message) = TG_ARGV[0]::integer THEN"
            " PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW; END $$"
        )
        connection.execute(
            sql.SQL(
                "CREATE TRIGGER hang BEFORE INSERT ON mailbox_message FOR EACH ROW"
                " EXECUTE FUNCTION hang({})"
            ).format(sql.Literal(str(mails)))
        )
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        try:
            yield lambda: connection.execute(waits).fetchone() is not None
        finally:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                " WHERE locktype = 'advisory' AND NOT granted"
            )
            connection.execute("DROP TRIGGER hang ON mailbox_message")
            connection.execute("DROP FUNCTION hang")


def test_a_worker_killed_in_the_middle_mails_each_supplier_once(drain: Drain) -> None:
    buyer, numbers = several()
    hand_over()
    with a_mailbox_that_hangs_after(2) as hangs:
        worker = a_worker_process()
        try:
            wait_until(hangs, "two mails have arrived, the third is on its way")
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    assert mails_to_suppliers() == 2
    assert states(buyer, numbers) == ["processing"] * ORDERS
    let_time_pass(JobState.RUNNING)
    drain()
    assert states(buyer, numbers) == ["completed"] * ORDERS
    assert mails_to_suppliers() == ORDERS
    assert attempts_of_mails() == [AttemptOutcome.LOST, AttemptOutcome.DONE] * ORDERS


def test_a_worker_killed_while_sendgrid_thinks_leaves_one_unsure(drain: Drain, twin: Twin) -> None:
    buyer, numbers = several()
    twin.days = ["good", "good", "hang"]
    hand_over()
    worker = a_worker_process()
    try:
        assert twin.asked.wait(DEADLINE_SECONDS)
    finally:
        worker.kill()
        worker.wait()
    let_time_pass()
    drain()
    assert states(buyer, numbers) == all_but_one("completed", "failed")
    with open_work(read_only=True) as work:
        unsure = work.session.scalar(
            select(func.count()).where(col(Dispatch.state) == DispatchState.UNSURE)
        )
    assert unsure == 1
    assert twin.requests == len(twin.accepted) == ORDERS


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_did_not_begin(
    drain: Drain, twin: Twin
) -> None:
    buyer, numbers = several()
    twin.days = ["hang"]
    hand_over()
    worker = a_worker_process()
    try:
        assert twin.asked.wait(DEADLINE_SECONDS)
        worker.terminate()
        twin.released.set()
        assert worker.wait(DEADLINE_SECONDS) == 0
    finally:
        worker.kill()
    assert twin.requests == 1
    assert [job.attempts for job in open_jobs() if job.queue is Queue.MAIL] == [0] * (ORDERS - 1)
    # At once, and not when a lease runs out.
    drain()
    assert states(buyer, numbers)[1:] == ["completed"] * (ORDERS - 1)
    assert twin.requests == ORDERS


def test_all_that_were_not_done_in_time_are_tried_again(drain: Drain) -> None:
    buyer, numbers = several()
    with open_work() as work:
        work.session.execute(update(Job).values(timeout=1))
    hand_over()
    with db.raw_connection() as connection, connection.transaction():
        connection.execute("LOCK TABLE mailbox_message IN EXCLUSIVE MODE")
        work_off(Queue.MAIL)
    assert attempts_of_mails() == [AttemptOutcome.RETRYABLE] * ORDERS
    with open_work() as work:
        work.session.execute(update(Job).values(timeout=SendDispatch.timeout))
    let_time_pass(JobState.RETRYING)
    drain()
    assert states(buyer, numbers) == ["completed"] * ORDERS
    assert mails_to_suppliers() == ORDERS


def test_a_hook_that_fails_leaves_nothing_behind(drain: Drain, twin: Twin) -> None:
    buyer, numbers = several()
    twin.days = [503] * ORDERS
    with a_timeline_that_refuses(sql.SQL("NEW.kind = 'dispatch.retrying'")):
        drain()
    assert attempts_of_mails() == [AttemptOutcome.RETRYABLE] * ORDERS
    assert {entry.kind for number in numbers for entry in seen(buyer, number).timeline} == {
        "order.placed",
        "dispatch.sending",
        "order.processing",
    }
    let_time_pass(JobState.RETRYING)
    drain()
    assert states(buyer, numbers) == ["completed"] * ORDERS
