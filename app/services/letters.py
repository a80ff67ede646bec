"""Settling a dead letter: on the page of what was given up, or where its area took it over.

On its own since both do it: operators who mend the jobs, and orders that are sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.errors import BadInput
from app.models.audit import AuditAction
from app.models.columns import now
from app.models.operations import DeadLetter, Job, Settlement
from app.services.audit import note

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

# What open pages are told of: a job has ended, a job was given up or its letter settled.
JOBS: Final = "jobs"
LETTERS: Final = "dead-letters"
LONGEST_REASON: Final = 500
_ACTIONS = {
    Settlement.RETRIED: AuditAction.LETTER_RETRIED,
    Settlement.ABANDONED: AuditAction.LETTER_ABANDONED,
}


def settle_letter(
    work: Work,
    person: Viewer,
    job_id: UUID | None,
    settlement: Settlement,
    *,
    reason: str | None = None,
    retried_as: UUID | None = None,
) -> bool:
    """Settle the dead letter of a job; tell whether there was one that nobody had settled."""
    settled = (
        update(DeadLetter)
        .where(col(DeadLetter.job_id) == job_id, col(DeadLetter.settled_at).is_(None))
        .values(
            settled_at=now(),
            settled_by=person.person_id,
            settlement=settlement,
            reason=reason,
            retried_as=retried_as,
        )
        .returning(col(DeadLetter.problem))
    )
    problem = work.session.scalar(settled)
    if problem is None:
        return False
    job = work.session.get_one(Job, job_id)
    note(
        work,
        _ACTIONS[settlement],
        kind="job",
        id=str(job_id),
        title=job.name.rpartition(".")[2],
        before={"problem": problem},
        after={"problem": problem, "reason": reason, "retried_as": retried_as},
    )
    work.touch(LETTERS)
    return True


def stated(reason: str) -> str:
    """Return a reason as it is kept. Raises BadInput for none, or one too long to be read."""
    kept = " ".join(reason.split())
    if not kept:
        raise BadInput("Say why, so that whoever looks at it later understands.", field="reason")
    if len(kept) > LONGEST_REASON:
        raise BadInput(f"Say it in at most {LONGEST_REASON} characters.", field="reason")
    return kept
