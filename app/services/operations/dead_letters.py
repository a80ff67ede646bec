"""The dead letters: jobs that were given up and wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.models.columns import stored
from app.models.operations import DeadLetter, Job
from app.models.ordering import Dispatch, Mail, Order
from app.views.operations import DeadLetterRow

if TYPE_CHECKING:
    from app.work import Work

SHOWN = 50


def dead_letters(work: Work) -> tuple[DeadLetterRow, ...]:
    """Return the dead letters that nobody has settled, the newest first, at most `SHOWN`."""
    found = work.session.execute(
        select(DeadLetter, Job)
        .join(Job, col(Job.id) == col(DeadLetter.job_id))
        .where(col(DeadLetter.settled_at).is_(None))
        .order_by(col(DeadLetter.created_at).desc())
        .limit(SHOWN)
    ).all()
    numbers = _order_numbers(work, [job for _, job in found])
    return tuple(
        DeadLetterRow(
            job_id=str(job.id),
            job=job.name.rpartition(".")[2].replace("_", " "),
            queue=job.queue,
            attempts=job.attempts,
            problem=letter.problem,
            order_number=numbers.get(stored(job.id), 0),
            created_at=letter.created_at,
        )
        for letter, job in found
    )


def _order_numbers(work: Work, jobs: list[Job]) -> dict[UUID, int]:
    """Return the number of the order that each job was about, by the ids in its payload."""
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
