"""Answers for the administration page: is the place running, and if not, what needs mending."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from app.models.columns import now
from app.models.operations import DeadLetter, Job, JobState
from app.models.ordering import Mail, MailState, Order, OrderState
from app.services.operations.freshness import are_prices_fresh, were_records_rejected
from app.views.formatting import number
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# An order that has not moved for this long although it should have.
STUCK_AFTER = timedelta(minutes=15)
# A job that is due has been handed over within a second; after this long something is wrong.
LATE_AFTER = timedelta(minutes=1)
LOOKING_BACK = timedelta(hours=24)


def operations_overview(work: Work, *, locale: str = "en") -> tuple[Answer, ...]:
    """Return one answer per question, always in the same sequence."""
    return (
        _orders(work, locale),
        _mails(work, locale),
        _dead_letters(work, locale),
        _queue(work, locale),
        are_prices_fresh(work, locale),
        were_records_rejected(work, locale),
    )


def _count(work: Work, table: type[Any], *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(*conditions)
    return work.session.scalar(query) or 0


def _orders(work: Work, locale: str) -> Answer:
    failed = _count(work, Order, col(Order.state) == OrderState.FAILED)
    still = _count(
        work,
        Order,
        col(Order.state).in_((OrderState.PENDING, OrderState.PROCESSING)),
        col(Order.changed_at) < now() - STUCK_AFTER,
    )
    answer = "Every order is done or on its way."
    if failed:
        answer = f"{number(failed, locale)} need a person: a purchase order did not get through."
    elif still:
        answer = f"{number(still, locale)} have not moved for a quarter of an hour."
    return Answer(
        key="orders",
        question="Is any order stuck?",
        is_good=not failed and not still,
        figure=number(failed + still, locale),
        answer=answer,
        link="/orders?state=failed" if failed else "/orders?state=processing",
    )


def _mails(work: Work, locale: str) -> Answer:
    since = col(Mail.created_at) > now() - LOOKING_BACK
    meant = _count(work, Mail, since)
    accepted = _count(work, Mail, since, col(Mail.state) == MailState.ACCEPTED)
    waiting = _count(
        work,
        Mail,
        col(Mail.state).in_((MailState.INTENDED, MailState.DEFERRED)),
        col(Mail.created_at) < now() - LATE_AFTER,
    )
    lost = _count(work, Mail, since, col(Mail.state).in_((MailState.REFUSED, MailState.UNSURE)))
    answer = "Every mail of the last 24 hours was taken." if meant else "None had to, in 24 hours."
    if waiting:
        answer = f"{number(waiting, locale)} wait to be taken by the mail service."
    elif lost:
        answer = f"{number(lost, locale)} of the last 24 hours were refused or got no answer."
    return Answer(
        key="mails",
        question="Do mails go out?",
        is_good=not waiting and not lost,
        figure=f"{number(accepted, locale)} of {number(meant, locale)}",
        answer=answer,
        link="/mailbox",
    )


def _dead_letters(work: Work, locale: str) -> Answer:
    waiting = _count(work, DeadLetter, col(DeadLetter.settled_at).is_(None))
    last = work.session.scalar(
        select(col(DeadLetter.problem))
        .where(col(DeadLetter.settled_at).is_(None))
        .order_by(col(DeadLetter.created_at).desc())
        .limit(1)
    )
    return Answer(
        key="dead-letters",
        question="Was any job given up?",
        is_good=not waiting,
        figure=number(waiting, locale),
        answer=f"The last one: {last}" if last else "No dead letter waits for a person.",
        link="/admin#dead-letters" if last else "",
    )


def _queue(work: Work, locale: str) -> Answer:
    is_waiting = col(Job.state).in_((JobState.QUEUED, JobState.RETRYING))
    waiting = _count(work, Job, is_waiting)
    # Due, and no relay took it; or handed to a queue, and no worker took it.
    late = _count(
        work,
        Job,
        or_(
            and_(
                col(Job.state).in_((JobState.QUEUED, JobState.RETRYING, JobState.RUNNING)),
                col(Job.due_at) < now() - LATE_AFTER,
            ),
            and_(is_waiting, col(Job.relayed_at) < now() - LATE_AFTER),
        ),
    )
    return Answer(
        key="queue",
        question="Is the queue moving?",
        is_good=not late,
        figure=number(waiting, locale),
        answer=(
            "Jobs wait longer than a minute: look at the scheduler, the workers and Redis."
            if late
            else "No job has waited longer than a minute."
        ),
        link="",
    )
