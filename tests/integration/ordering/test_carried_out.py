"""From placed to completed, with the real relay and RQ workers, and what can go wrong between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from redis import Redis
from sqlalchemy import func, select, text
from sqlmodel import col

from app import db
from app.config import PROJECT_ROOT, settings
from app.errors import AppError, Conflict, NotAllowed
from app.integrations import queue
from app.integrations.mail import mail_service
from app.integrations.queue import QueuedCall, RedisError
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.feeds import CompletionPolicy
from app.models.operations import (
    Attempt,
    AttemptOutcome,
    DeadLetter,
    DomainEventRow,
    Job,
    JobState,
    Queue,
)
from app.models.ordering import (
    Dispatch,
    DispatchState,
    MailboxMessage,
    OrderState,
    SendDispatch,
    TimelineEntry,
)
from app.services import ordering
from app.services.ordering import dispatching
from app.services.ordering.moves import lock_order, move_dispatch
from app.views.accounts import Viewer
from app.views.ordering import OrderView
from app.work import open_work, reading, within
from jobs.mail import send_dispatch
from jobs.relay import hand_over
from tests.factories.ordering import (
    ADDRESS,
    a_basket_line,
    a_viewer,
    an_operator,
    an_order,
    some_products,
)
from tests.integration.ordering.conftest import Drain, let_time_pass, open_jobs, work_off
from tests.integration.ordering.waiting import DEADLINE_SECONDS, wait_until
from tests.sendgrid_twin import KEY, Twin, sendgrid_twin

if TYPE_CHECKING:
    from collections.abc import Iterator


def placed(
    suppliers: int = 1, policy: CompletionPolicy = CompletionPolicy.SENT, **given: str
) -> tuple[Viewer, int]:
    """Place an order with that many suppliers; return its buyer and number."""
    with open_work() as work:
        buyer = a_viewer(work.session)
        products = some_products(work.session, suppliers, policy=policy)
        return buyer, an_order(work, buyer, products, **given)


def seen(buyer: Viewer, number: int) -> OrderView:
    return reading(ordering.order, viewer=buyer, number=number)


def dispatch_job() -> Job:
    with open_work() as work:
        return work.session.scalars(select(Job).where(col(Job.name) == SendDispatch.job)).one()


def attempts(job_id: UUID | None) -> list[AttemptOutcome]:
    with open_work() as work:
        return list(
            work.session.scalars(
                select(col(Attempt.outcome))
                .where(col(Attempt.job_id) == job_id)
                .order_by(col(Attempt.number))
            )
        )


def mails_to_suppliers() -> int:
    with open_work() as work:
        return (
            work.session.scalar(
                select(func.count())
                .select_from(MailboxMessage)
                .where(col(MailboxMessage.key).startswith("dispatch:"))
            )
            or 0
        )


@pytest.fixture
def twin(queues: Redis) -> Iterator[Twin]:  # noqa: ARG001 - first, so that it is undone last
    """Run a twin of SendGrid and let the program send through it."""
    with sendgrid_twin() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENDGRID_API_KEY", KEY)
        patch.setenv("SENDGRID_BASE_URL", running.url)
        settings.cache_clear()
        mail_service.cache_clear()
        yield running
    settings.cache_clear()
    mail_service.cache_clear()


def test_an_order_completes(drain: Drain) -> None:
    buyer, number = placed(2, reference="PO-7", note="<script>alert(1)</script>")
    drain()
    order = seen(buyer, number)
    assert order.state == "completed"
    assert [dispatch.state for dispatch in order.dispatches] == ["sent", "sent"]
    kinds = [entry.kind for entry in order.timeline]
    assert kinds[0] == "order.placed"
    assert kinds[-1] == "order.completed"
    assert kinds.count("dispatch.sending") == kinds.count("dispatch.sent") == 2
    with open_work() as work:
        mails = {mail.recipient: mail for mail in work.session.scalars(select(MailboxMessage))}
        events = list(
            work.session.execute(
                select(col(DomainEventRow.sequence), col(DomainEventRow.name)).order_by(
                    col(DomainEventRow.id)
                )
            )
        )
    assert set(mails) == {"orders@supplier1.example", "orders@supplier2.example", buyer.email}
    purchase_order = mails["orders@supplier1.example"]
    assert purchase_order.subject == f"Purchase order {number} from Ada Lovelace"
    assert purchase_order.reply_to == f'"Ada Lovelace" <{buyer.email}>'
    assert "&lt;script&gt;" in purchase_order.html
    assert "<script>" not in purchase_order.html
    for content in (purchase_order.html, purchase_order.text):
        for fact in ("Screwdriver 1.1", "S00", "€10.00", "Kauppakatu 1", "Finland", "PO-7"):
            assert fact in content
        assert "Screwdriver 2.1" not in content
    assert str(number) in mails[buyer.email].subject
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1] == "order.placed"
    assert not open_jobs()


@pytest.mark.parametrize(
    ("policy", "moves"),
    [
        (CompletionPolicy.DELIVERED, [DispatchState.DELIVERED]),
        (CompletionPolicy.CONFIRMED, [DispatchState.DELIVERED, DispatchState.CONFIRMED]),
    ],
)
def test_the_suppliers_policy_completes(
    drain: Drain, policy: CompletionPolicy, moves: list[DispatchState]
) -> None:
    buyer, number = placed(policy=policy)
    drain()
    for after in moves:
        assert seen(buyer, number).state == "processing"
        assert "Waiting to hear from Supplier 1" in seen(buyer, number).next_step
        with open_work() as work:
            dispatch = work.session.scalars(select(Dispatch)).one()
            order = lock_order(work, order_id=dispatch.order_id)
            assert order is not None
            move_dispatch(work, order=order, dispatch=dispatch, to=after)
    assert seen(buyer, number).state == "completed"


def test_a_late_bounce_brings_a_completed_order_back(drain: Drain) -> None:
    buyer, number = placed()
    drain()
    with open_work() as work:
        dispatch = work.session.scalars(select(Dispatch)).one()
        order = lock_order(work, order_id=dispatch.order_id)
        assert order is not None
        move_dispatch(work, order=order, dispatch=dispatch, to=DispatchState.BOUNCED)
    kinds = [entry.kind for entry in seen(buyer, number).timeline]
    assert kinds[-3:] == ["dispatch.bounced", "order.processing", "order.failed"]


def test_redis_is_away_while_the_order_is_placed(
    drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ["REDIS_URL"]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    buyer, number = placed()
    with pytest.raises(RedisError):
        hand_over()
    assert len(open_jobs()) == 2
    assert all(job.relayed_at is None for job in open_jobs())
    monkeypatch.setenv("REDIS_URL", address)
    settings.cache_clear()
    drain()
    assert seen(buyer, number).state == "completed"


def test_what_redis_forgets_comes_back(drain: Drain, queues: Redis) -> None:
    buyer, number = placed()
    assert hand_over() == 2
    queues.flushall()
    assert hand_over() == 0
    let_time_pass()
    drain()
    assert seen(buyer, number).state == "completed"
    assert mails_to_suppliers() == 1


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

    def relay() -> None:
        start.wait()
        handed.append(hand_over())

    threads = [threading.Thread(target=relay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handed) == queue.queue_lengths()[Queue.MAIL] == 6


def placed_again() -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        known = work.session.scalars(select(Product)).all() or some_products(work.session)
        an_order(work, buyer, [known[0]])


def test_a_job_delivered_twice_mails_once(drain: Drain) -> None:
    buyer, number = placed()
    drain()
    job = dispatch_job()
    call = QueuedCall(job_id=str(job.id), function=job.name, timeout=job.timeout)
    queue.enqueue(Queue.MAIL, [call])
    work_off(Queue.MAIL)
    send_dispatch(str(job.id))
    assert mails_to_suppliers() == 1
    assert attempts(job.id) == [AttemptOutcome.DONE]
    assert seen(buyer, number).state == "completed"


def test_a_job_with_an_unusable_payload_is_dead_at_once(drain: Drain) -> None:
    placed()
    with open_work() as work:
        work.session.execute(
            text('UPDATE job SET payload = \'{"round": "x"}\' WHERE name = :name'),
            {"name": SendDispatch.job},
        )
    drain()
    job = dispatch_job()
    assert job.state is JobState.DEAD
    assert attempts(job.id) == [AttemptOutcome.FINAL]
    with open_work() as work:
        letter = work.session.scalars(select(DeadLetter)).one()
    assert "payload cannot be used" in letter.problem


def test_a_job_without_a_function_is_dead(drain: Drain) -> None:
    placed()
    with open_work() as work:
        work.session.execute(
            text("UPDATE job SET name = 'jobs.mail.no_such' WHERE name = :name"),
            {"name": SendDispatch.job},
        )
    drain()
    with open_work() as work:
        letter = work.session.scalars(select(DeadLetter)).one()
    assert "no such job function" in letter.problem


def test_a_refused_mail_fails_the_order_and_a_retry_mends_it(drain: Drain) -> None:
    buyer, number = placed()
    with open_work() as work:
        operator = an_operator(work.session)
        work.session.execute(text("UPDATE supplier SET order_email = 'nobody'"))
    drain()
    order = seen(buyer, number)
    assert order.state == "failed"
    assert order.dispatches[0].state == "failed"
    assert "is no e-mail address" in order.dispatches[0].problem
    assert not order.can_retry
    with pytest.raises(NotAllowed):
        within(ordering.retry_order, operator=buyer, number=number)
    with open_work() as work:
        work.session.execute(text("UPDATE supplier SET order_email = 'orders@mended.example'"))
    assert seen(operator, number).can_retry
    within(ordering.retry_order, operator=operator, number=number)
    assert seen(buyer, number).state == "processing"
    with pytest.raises(Conflict):
        within(ordering.retry_order, operator=operator, number=number)
    with pytest.raises(Conflict, match="cannot be cancelled"):
        within(ordering.cancel_order, buyer=buyer, number=number)
    drain()
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].round) == ("completed", 2)
    with open_work() as work:
        mail = work.session.scalars(
            select(MailboxMessage).where(col(MailboxMessage.recipient) == "orders@mended.example")
        ).one()
    assert "sent again" in mail.html
    assert "sent again" in mail.text


def test_a_busy_mail_service_is_tried_again_and_that_is_shown(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    twin.days = [503, 503, 429, 429]
    drain()
    order = seen(buyer, number)
    assert order.state == "processing"
    assert order.dispatches[0].trying_again.endswith("attempt 2 of 8.")
    assert order.next_step == order.dispatches[0].trying_again
    assert order.timeline[-1].kind == "dispatch.retrying"
    assert not hand_over()
    for _ in range(2):
        let_time_pass(JobState.RETRYING)
        drain()
    assert seen(buyer, number).state == "completed"
    assert attempts(dispatch_job().id)[-1] is AttemptOutcome.DONE
    to_supplier = [
        body
        for body in twin.accepted
        if body["personalizations"][0]["to"][0]["email"] == "orders@supplier1.example"
    ]
    assert len(to_supplier) == 1


def test_after_the_last_attempt_a_dead_letter_waits_for_a_person(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    twin.days = [503] * 100
    for _ in range(8):
        let_time_pass(JobState.RETRYING)
        drain()
    job = dispatch_job()
    assert job.state is JobState.DEAD
    assert attempts(job.id) == [AttemptOutcome.RETRYABLE] * 8
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].state) == ("failed", "failed")
    assert "503" in order.dispatches[0].problem
    with open_work() as work:
        letters = list(work.session.scalars(select(col(DeadLetter.job_id))))
    assert stored(job.id) in letters
    assert not twin.accepted


def test_no_answer_is_unsure_and_not_repeated(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    with open_work() as work:
        operator = an_operator(work.session)
    twin.days = ["cut", "cut"]
    drain()
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].state) == ("failed", "unsure")
    assert "has to ask them" in order.next_step
    assert twin.requests == 2
    within(
        ordering.confirm_receipt,
        operator=operator,
        number=number,
        dispatch_id=UUID(order.dispatches[0].id),
    )
    assert seen(buyer, number).state == "completed"
    drain()
    assert twin.requests == 2


def a_worker_process() -> subprocess.Popen[bytes]:
    """Start a mail worker as a process of its own, with the settings of this test."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from jobs.worker import run_worker, Queue; run_worker(Queue.MAIL)",
        ],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
    )


def test_a_worker_killed_while_sendgrid_thinks_leaves_it_unsure(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
    twin.days = ["hang"]
    hand_over()
    worker = a_worker_process()
    try:
        assert twin.asked.wait(DEADLINE_SECONDS)
    finally:
        worker.kill()
        worker.wait()
    assert seen(buyer, number).dispatches[0].state == "sending"
    drain()
    assert seen(buyer, number).dispatches[0].state == "sending"
    let_time_pass(JobState.RUNNING)
    drain()
    assert seen(buyer, number).dispatches[0].state == "unsure"
    assert attempts(dispatch_job().id) == [AttemptOutcome.LOST, AttemptOutcome.DONE]
    assert twin.requests == 1


def test_a_worker_killed_between_intent_and_mailbox_mails_once(drain: Drain) -> None:
    buyer, number = placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
    hand_over()
    with db.raw_connection() as connection, connection.transaction():
        connection.execute("LOCK TABLE mailbox_message IN EXCLUSIVE MODE")
        worker = a_worker_process()
        try:
            wait_until(
                lambda: seen(buyer, number).dispatches[0].state == "sending", "intent written"
            )
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    let_time_pass(JobState.RUNNING)
    drain()
    assert seen(buyer, number).state == "completed"
    assert mails_to_suppliers() == 1
    assert attempts(dispatch_job().id) == [AttemptOutcome.LOST, AttemptOutcome.DONE]


def test_a_worker_finishes_the_job_in_hand_when_it_is_asked_to_stop(twin: Twin) -> None:
    placed()
    with open_work() as work:
        work.session.execute(text("DELETE FROM job WHERE name = 'jobs.mail.send_confirmation'"))
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
    assert dispatch_job().state is JobState.DONE


def test_cancel_or_send_exactly_one_wins(drain: Drain) -> None:
    outcomes: set[str] = set()
    for _ in range(6):
        with open_work() as work:
            buyer = a_viewer(work.session)
            known = work.session.scalars(select(Product)).all() or some_products(work.session)
            number = an_order(work, buyer, [known[0]])
        outcomes.add(_race(buyer, number, drain))
    assert outcomes <= {"cancelled", "completed"}


def _race(buyer: Viewer, number: int, drain: Drain) -> str:
    dispatch_id = UUID(seen(buyer, number).dispatches[0].id)
    start = threading.Barrier(2)
    wins: list[str] = []

    def cancel() -> None:
        start.wait()
        try:
            within(ordering.cancel_order, buyer=buyer, number=number)
        except AppError:
            return
        wins.append("cancelled")

    def send() -> None:
        start.wait()
        if within(dispatching.intend_dispatch, dispatch_id=dispatch_id, number=1) is not None:
            wins.append("completed")

    threads = [threading.Thread(target=cancel), threading.Thread(target=send)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == 1
    before = mails_to_suppliers()
    drain()
    assert seen(buyer, number).state == wins[0]
    assert mails_to_suppliers() - before == (wins[0] == "completed")
    return wins[0]


def test_a_cancelled_order_mails_no_supplier(drain: Drain) -> None:
    buyer, number = placed(2)
    within(ordering.cancel_order, buyer=buyer, number=number)
    within(ordering.cancel_order, buyer=buyer, number=number)
    order = seen(buyer, number)
    assert order.state == OrderState.CANCELLED
    assert not order.can_cancel
    drain()
    assert mails_to_suppliers() == 0
    assert seen(buyer, number).state == "cancelled"


@pytest.mark.usefixtures("queues")
def test_somebody_elses_order_cannot_be_cancelled() -> None:
    _, number = placed()
    with open_work() as work:
        stranger, operator = a_viewer(work.session), an_operator(work.session)
    for viewer in (stranger, operator):
        with pytest.raises(AppError, match=f"no order {number}"):
            within(ordering.cancel_order, buyer=viewer, number=number)


def test_a_supplier_with_200_lines_is_one_mail(drain: Drain) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
        for product in some_products(work.session, each=200):
            a_basket_line(work.session, buyer, product, 9_999)
        number = ordering.place_order(
            work, buyer=buyer, request_key=uuid4(), ship_to=ADDRESS
        ).number
    drain()
    assert seen(buyer, number).state == "completed"
    with open_work() as work:
        assert (
            work.session.scalar(
                select(func.count())
                .select_from(TimelineEntry)
                .where(col(TimelineEntry.kind) == "dispatch.sent")
            )
            == 1
        )
