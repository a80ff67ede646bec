"""From placed to completed, with the real relay and RQ workers, and what can go wrong between."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from app.errors import AppError, Conflict, NotAllowed
from app.models.catalogue import Product
from app.models.feeds import CompletionPolicy
from app.models.operations import (
    AttemptOutcome,
    DomainEventRow,
    JobState,
)
from app.models.ordering import (
    Dispatch,
    DispatchState,
    MailboxMessage,
    OrderState,
    TimelineEntry,
)
from app.services import ordering
from app.services.ordering import dispatching
from app.services.ordering.moves import lock_order, move_dispatch
from app.views.accounts import Viewer
from app.work import open_work, within
from jobs.relay import hand_over
from tests.factories.ordering import (
    ADDRESS,
    a_basket_line,
    a_viewer,
    an_operator,
    an_order,
    some_products,
)
from tests.integration.ordering.conftest import Drain, let_time_pass, open_jobs
from tests.integration.ordering.looking import (
    attempts,
    dispatch_job,
    mails_to_suppliers,
    placed,
    seen,
)
from tests.sendgrid_twin import Twin


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
        if within(dispatching.intend_dispatches, [(dispatch_id, 1)]) != [None]:
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
