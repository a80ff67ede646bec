"""The jobs of the queue `orders`: orders move on by what happened to their mails."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.models.ordering import FollowPolicy, RecordOutcome
from app.services.ordering import outcome, policy
from jobs.runner import Outside, job, job_of_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work


@job_of_many(RecordOutcome)
def record_outcome(work: Work, calls: Sequence[RecordOutcome]) -> Sequence[Outside | None]:
    """Record how the mails of dispatches fared."""
    outcome.record_outcomes(work, mail_ids=[call.mail_id for call in calls])
    return [None] * len(calls)


@job(FollowPolicy)
def follow_policy(_work: Work, call: FollowPolicy) -> Outside:
    """Look anew at the orders of a supplier whose completion policy has changed."""
    return partial(policy.follow_policy, supplier_id=call.supplier_id)
