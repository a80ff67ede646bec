"""Looking at what became of an order and its jobs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.models.feeds import CompletionPolicy
from app.models.operations import (
    Attempt,
    AttemptOutcome,
    Job,
)
from app.models.ordering import (
    MailboxMessage,
    SendDispatch,
)
from app.services import ordering
from app.views.accounts import Viewer
from app.views.ordering import OrderView
from app.work import open_work, reading
from tests.factories.ordering import (
    a_viewer,
    an_order,
    some_products,
)


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
