"""The dead letters: jobs that were given up, and what a person does about each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Row, select
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Permission
from app.models.columns import stored
from app.models.feeds import SyncFeed, SyncRun
from app.models.operations import DeadLetter, Job, JobCall, Settlement
from app.models.ordering import Dispatch, Mail, Order, SendConfirmation, SendDispatch
from app.services import ordering
from app.services.feeds import request_sync
from app.services.letters import settle_letter, stated
from app.views.accounts import Viewer
from app.work import Work


def order_numbers(work: Work, jobs: Sequence[Job | Row[Any]]) -> dict[UUID, int]:
    """Return the number of the order that each job was about, by the ids in its payload.

    `jobs` have an `id` and a `payload`; one that is about no order is left out.
    """
    named: dict[str, dict[UUID, UUID]] = {"order_id": {}, "dispatch_id": {}, "mail_id": {}}
    for job in jobs:
        for name, known in named.items():
            if value := job.payload.get(name):
                known[stored(job.id)] = UUID(str(value))
    sources = (
        ("order_id", select(col(Order.id), col(Order.number)), col(Order.id)),
        (
            "dispatch_id",
            select(col(Dispatch.id), col(Order.number)).join(
                Order, col(Order.id) == col(Dispatch.order_id)
            ),
            col(Dispatch.id),
        ),
        (
            "mail_id",
            select(col(Mail.id), col(Order.number)).join(
                Order, col(Order.id) == col(Mail.order_id)
            ),
            col(Mail.id),
        ),
    )
    numbers: dict[UUID, int] = {}
    for name, query, key in sources:
        if not named[name]:
            continue
        rows = work.session.execute(query.where(key.in_(named[name].values()))).all()
        found = {stored(thing): stored(number) for thing, number in rows}
        numbers |= {job: found[thing] for job, thing in named[name].items() if thing in found}
    return numbers


def retry(work: Work, *, viewer: Viewer, job_id: UUID) -> None:
    """Have what was given up done once more, as a new job with attempts of its own.

    The area of the job decides what that means: a purchase order is mailed in a new round, a feed
    gets a new sync run, anything else is queued as it was. Raises NotAllowed, NotFound, and
    Conflict where the letter is settled already or the job has nothing left to do.
    """
    job = _open_letter(work, viewer, job_id)
    again = _RETRIES.get(job.name, _queue_again)(work, viewer, job)
    if not settle_letter(work, viewer, job_id, Settlement.RETRIED, retried_as=again):
        raise Conflict(_SETTLED)


def abandon(work: Work, *, viewer: Viewer, job_id: UUID, reason: str) -> None:
    """Leave undone what was given up, and say why.

    Raises NotAllowed, NotFound, BadInput without a reason, Conflict where it is settled already.
    """
    reason = stated(reason)
    _open_letter(work, viewer, job_id)
    if not settle_letter(work, viewer, job_id, Settlement.ABANDONED, reason=reason):
        raise Conflict(_SETTLED)


def _open_letter(work: Work, viewer: Viewer, job_id: UUID) -> Job:
    """Return the job of a letter that nobody has settled yet, as far as one sees without a lock.

    What the retry touches is locked first, in the sequence of its area, and the letter last.
    """
    if not viewer.may(Permission.JOB_SETTLE):
        raise NotAllowed("Only an operator may settle what was given up.")
    letter = work.session.get(DeadLetter, job_id)
    if letter is None:
        raise NotFound("There is no such dead letter.")
    if letter.settled_at is not None:
        raise Conflict(_SETTLED)
    return work.session.get_one(Job, job_id)


def _queue_again(work: Work, _viewer: Viewer, job: Job) -> UUID:
    call = next((call for call in JobCall.__subclasses__() if call.job == job.name), None)
    if call is None:
        raise Conflict("This program does not know the job any more: abandon it.")
    try:
        return work.enqueue(call.model_validate(job.payload))
    except ValidationError:
        raise Conflict("The payload cannot be used, so it would fail again: abandon it.") from None


def _send_again(work: Work, viewer: Viewer, job: Job) -> UUID | None:
    return ordering.retry_dispatch_of(work, operator=viewer, job_id=stored(job.id))


def _confirm_again(work: Work, viewer: Viewer, job: Job) -> UUID:
    again = _queue_again(work, viewer, job)
    ordering.reopen_confirmation(work, order_id=SendConfirmation(**job.payload).order_id)
    return again


def _sync_again(work: Work, viewer: Viewer, job: Job) -> UUID | None:
    run = work.session.scalar(select(SyncRun).where(col(SyncRun.job_id) == job.id).limit(1))
    if run is None:
        raise Conflict("The sync run of this job is gone: sync the feed on its page.")
    asked = request_sync(work, feed_id=run.feed_id, requested_by=viewer.person_id)
    return work.session.get_one(SyncRun, asked.id).job_id


_SETTLED: Final = "Somebody has settled this already."
_RETRIES: Final[dict[str, Callable[[Work, Viewer, Job], UUID | None]]] = {
    SendDispatch.job: _send_again,
    SendConfirmation.job: _confirm_again,
    SyncFeed.job: _sync_again,
}
