"""Answers about orders and the mails that carry them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.models.columns import now
from app.models.ordering import (
    Dispatch,
    DispatchState,
    Mail,
    MailState,
    Order,
    OrderState,
)
from app.services.operations.counting import count_up_to, figure
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# A purchase order that has not left for this long although nothing kept it.
STUCK_AFTER = timedelta(minutes=15)
# A mail is taken within seconds; after this long something is wrong.
LATE_AFTER = timedelta(minutes=1)
LOOKING_BACK = timedelta(hours=24)


def is_any_order_stuck(work: Work, locale: str) -> Answer:
    """Answer whether an order needs a person, or has a purchase order that does not leave."""
    failed = count_up_to(work, select(col(Order.id)).where(col(Order.state) == OrderState.FAILED))
    still = count_up_to(
        work,
        select(col(Dispatch.order_id))
        .where(
            col(Dispatch.state).in_((DispatchState.QUEUED, DispatchState.SENDING)),
            col(Dispatch.changed_at) < now() - STUCK_AFTER,
        )
        .distinct(),
    )
    answer, link = "Every order is done or on its way.", "/admin/orders"
    if failed:
        answer = f"Failed: {figure(failed, locale)}. A person has to look at each."
        link = "/admin/orders?state=failed"
    elif still:
        answer = f"Not moved for a quarter of an hour: {figure(still, locale)}."
        link = "/admin/dispatches?state=queued"
    return Answer(
        key="orders",
        question="Is any order stuck?",
        is_good=not failed and not still,
        figure=figure(failed + still, locale),
        answer=answer,
        link=link,
    )


def do_mails_go_out(work: Work, locale: str) -> Answer:
    """Answer whether mails are taken by the mail service, and soon."""
    waiting = count_up_to(
        work,
        select(col(Mail.id)).where(
            col(Mail.state).in_((MailState.INTENDED, MailState.DEFERRED)),
            col(Mail.created_at) < now() - LATE_AFTER,
        ),
    )
    lost = count_up_to(
        work,
        select(col(Mail.id)).where(
            col(Mail.state).in_((MailState.REFUSED, MailState.UNSURE)),
            col(Mail.created_at) > now() - LOOKING_BACK,
        ),
    )
    answer = "Every mail of the last 24 hours was taken."
    if waiting:
        answer = f"Waiting for the mail service: {figure(waiting, locale)}."
    elif lost:
        answer = f"Refused or not answered in 24 hours: {figure(lost, locale)}."
    return Answer(
        key="mails",
        question="Do mails go out?",
        is_good=not waiting and not lost,
        figure=figure(waiting + lost, locale),
        answer=answer,
        link="/admin/jobs?queue=mail",
    )


def did_any_mail_bounce(work: Work, locale: str) -> Answer:
    """Answer whether a supplier's address sent a purchase order back, or the supplier said no."""
    bounced = count_up_to(
        work,
        select(col(Dispatch.id))
        .join(Order, col(Order.id) == col(Dispatch.order_id))
        .where(
            col(Dispatch.state).in_((DispatchState.BOUNCED, DispatchState.DECLINED)),
            # What was given up waits for nobody any more.
            col(Order.state) == OrderState.FAILED,
        ),
    )
    return Answer(
        key="bounces",
        question="Did any purchase order come back?",
        is_good=not bounced,
        figure=figure(bounced, locale),
        answer=(
            "Bounced or declined: mend the address, and retry."
            if bounced
            else "No supplier's mailbox sent one back, and none said no."
        ),
        link="/admin/dispatches?state=bounced" if bounced else "/admin/dispatches",
    )
