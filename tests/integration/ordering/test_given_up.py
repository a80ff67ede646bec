"""What was given up about an order, and the person who mends it: by its letter or on its page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models.audit import AuditEntry
from app.models.columns import stored
from app.models.operations import DeadLetter, Job, JobState, Settlement
from app.models.ordering import Dispatch, DispatchState, SendConfirmation, SendDispatch
from app.services import ordering
from app.services.operations import dead_letters
from app.services.ordering.moves import lock_order, move_dispatch
from app.work import open_work, within
from tests.factories.ordering import an_operator
from tests.integration.ordering.conftest import Drain, let_time_pass
from tests.integration.ordering.looking import dispatch_job, placed, seen

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from tests.sendgrid_twin import Twin


def operator() -> Viewer:
    with open_work() as work:
        return an_operator(work.session)


def given_up(drain: Drain, twin: Twin) -> tuple[Viewer, int]:
    """Place an order whose mails all come to nothing; the service is well again afterwards."""
    buyer, number = placed()
    twin.days = [503] * 100
    for _ in range(8):
        let_time_pass(JobState.RETRYING)
        drain()
    twin.days = []
    return buyer, number


def letter(call: type[SendDispatch | SendConfirmation]) -> DeadLetter:
    with open_work() as work:
        return work.session.scalars(
            select(DeadLetter)
            .join(Job, col(Job.id) == col(DeadLetter.job_id))
            .where(col(Job.name) == call.job)
        ).one()


def jobs() -> int:
    with open_work() as work:
        return work.session.scalar(select(func.count()).select_from(Job)) or 0


def noted() -> list[str]:
    with open_work() as work:
        query = select(col(AuditEntry.action)).order_by(col(AuditEntry.sequence))
        return list(work.session.scalars(query))


def test_a_purchase_order_that_was_given_up_is_mailed_once_more(drain: Drain, twin: Twin) -> None:
    buyer, number = given_up(drain, twin)
    job_id, grace = letter(SendDispatch).job_id, operator()
    within(dead_letters.retry, viewer=grace, job_id=job_id)
    assert seen(buyer, number).state == "processing"
    settled = letter(SendDispatch)
    assert (settled.settlement, settled.settled_by) == (Settlement.RETRIED, grace.person_id)
    drain()
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].round) == ("completed", 2)
    assert len(twin.accepted) == 1
    with open_work() as work:
        assert work.session.get_one(Job, settled.retried_as).state is JobState.DONE
    with pytest.raises(Conflict, match="settled this already"):
        within(dead_letters.retry, viewer=grace, job_id=job_id)
    assert "dead-letter.retried" in noted()


def test_two_operators_at_once_mail_it_once(drain: Drain, twin: Twin) -> None:
    buyer, number = given_up(drain, twin)
    job_id, grace = letter(SendDispatch).job_id, operator()

    def settle(_: int) -> bool:
        try:
            within(dead_letters.retry, viewer=grace, job_id=job_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(settle, range(4))) == 1
    drain()
    assert seen(buyer, number).dispatches[0].round == 2
    assert len(twin.accepted) == 1


def test_an_order_that_is_sent_again_on_its_page_settles_its_letter(
    drain: Drain, twin: Twin
) -> None:
    _, number = given_up(drain, twin)
    grace = operator()
    within(ordering.retry_order, operator=grace, number=number)
    settled = letter(SendDispatch)
    assert settled.settlement is Settlement.RETRIED
    assert settled.retried_as is not None
    assert "dead-letter.retried" in noted()


def test_an_unsure_one_is_asked_about_and_not_retried(drain: Drain, twin: Twin) -> None:
    buyer, number = given_up(drain, twin)
    with open_work() as work:
        work.session.execute(text("UPDATE dispatch SET state = 'unsure'"))
    before = jobs()
    with pytest.raises(Conflict, match="Nobody knows whether Supplier 1"):
        within(dead_letters.retry, viewer=operator(), job_id=letter(SendDispatch).job_id)
    assert jobs() == before
    assert letter(SendDispatch).settled_at is None
    assert seen(buyer, number).dispatches[0].state == "unsure"


def test_a_letter_whose_order_has_gone_on_has_nothing_to_retry(drain: Drain, twin: Twin) -> None:
    given_up(drain, twin)
    with open_work() as work:
        dispatch = work.session.scalars(select(Dispatch)).one()
        order = lock_order(work, order_id=dispatch.order_id)
        assert order is not None
        for state in (DispatchState.QUEUED, DispatchState.SENDING, DispatchState.SENT):
            move_dispatch(work, order=order, dispatch=dispatch, to=state)
    with pytest.raises(Conflict, match="is sent by now"):
        within(dead_letters.retry, viewer=operator(), job_id=letter(SendDispatch).job_id)


def test_a_job_that_died_before_it_could_say_so_goes_on(drain: Drain) -> None:
    buyer, number = placed()
    with open_work() as work:
        work.session.execute(
            text("UPDATE job SET name = 'jobs.mail.no_such' WHERE name = :name"),
            {"name": SendDispatch.job},
        )
    drain()
    with open_work() as work:
        work.session.execute(
            text("UPDATE job SET name = :name WHERE name = 'jobs.mail.no_such'"),
            {"name": SendDispatch.job},
        )
    assert seen(buyer, number).dispatches[0].state == "queued"
    within(dead_letters.retry, viewer=operator(), job_id=letter(SendDispatch).job_id)
    drain()
    order = seen(buyer, number)
    assert (order.state, order.dispatches[0].round) == ("completed", 1)


def test_a_confirmation_that_was_given_up_reaches_its_buyer(drain: Drain, twin: Twin) -> None:
    buyer, number = given_up(drain, twin)
    within(dead_letters.retry, viewer=operator(), job_id=letter(SendConfirmation).job_id)
    drain()
    assert len(twin.accepted) == 1
    assert seen(buyer, number).timeline[-1].title == "Confirmation mailed"


def test_a_buyer_settles_nothing(drain: Drain, twin: Twin) -> None:
    buyer, _ = given_up(drain, twin)
    job_id = letter(SendDispatch).job_id
    with pytest.raises(NotAllowed):
        within(dead_letters.retry, viewer=buyer, job_id=job_id)
    with pytest.raises(NotAllowed):
        within(dead_letters.abandon, viewer=buyer, job_id=job_id, reason="I may not.")
    assert letter(SendDispatch).settled_at is None


def test_an_operator_abandons_a_failed_order_with_a_reason(drain: Drain, twin: Twin) -> None:
    buyer, number = given_up(drain, twin)
    grace = operator()
    within(ordering.abandon_order, operator=grace, number=number, reason=" The supplier\nclosed. ")
    order = seen(buyer, number)
    assert order.state == "abandoned"
    assert order.timeline[-1].detail == "Grace Hopper: The supplier closed."
    assert letter(SendDispatch).settlement is Settlement.ABANDONED
    assert letter(SendDispatch).reason == "The supplier closed."
    assert noted()[-1] == "order.abandoned"
    before = jobs()
    with pytest.raises(Conflict):
        within(ordering.abandon_order, operator=grace, number=number, reason="Again.")
    with pytest.raises(Conflict):
        within(ordering.retry_order, operator=grace, number=number)
    assert jobs() == before


def test_what_still_waits_of_an_abandoned_order_is_never_mailed(drain: Drain) -> None:
    buyer, number = placed(suppliers=2)
    grace = operator()
    with open_work() as work:
        first = work.session.scalars(select(Dispatch).order_by(col(Dispatch.supplier_id))).first()
        assert first is not None
        order = lock_order(work, order_id=first.order_id)
        assert order is not None
        for state in (DispatchState.SENDING, DispatchState.FAILED):
            move_dispatch(work, order=order, dispatch=first, to=state)
    within(ordering.abandon_order, operator=grace, number=number, reason="A mistake.")
    drain()
    order_seen = seen(buyer, number)
    assert order_seen.state == "abandoned"
    assert [part.state for part in order_seen.dispatches] == ["failed", "cancelled"]


def test_an_order_is_not_abandoned_while_a_mail_of_it_is_sent(drain: Drain) -> None:  # noqa: ARG001 - empty queues
    _, number = placed(suppliers=2)
    with open_work() as work:
        first, second = work.session.scalars(select(Dispatch)).all()
        order = lock_order(work, order_id=first.order_id)
        assert order is not None
        for state in (DispatchState.SENDING, DispatchState.FAILED):
            move_dispatch(work, order=order, dispatch=first, to=state)
        move_dispatch(work, order=order, dispatch=second, to=DispatchState.SENDING)
    with pytest.raises(Conflict, match="being sent just now"):
        within(ordering.abandon_order, operator=operator(), number=number, reason="Now.")


def test_abandoning_needs_an_operator_a_failed_order_and_a_reason(drain: Drain, twin: Twin) -> None:
    buyer, number = placed()
    with pytest.raises(Conflict, match="only one that has failed"):
        within(ordering.abandon_order, operator=operator(), number=number, reason="So.")
    with pytest.raises(NotAllowed):
        within(ordering.abandon_order, operator=buyer, number=number, reason="So.")
    for nothing in ("", " \n ", "x" * 501):
        with pytest.raises(BadInput):
            within(ordering.abandon_order, operator=operator(), number=number, reason=nothing)
    drain()
    assert seen(buyer, number).state == "completed"
    assert stored(dispatch_job().id)
    assert len(twin.accepted) == 2


def test_an_unknown_letter_is_said(database: None) -> None:  # noqa: ARG001 - an empty one
    with pytest.raises(NotFound):
        within(dead_letters.retry, viewer=operator(), job_id=UUID(int=1))
