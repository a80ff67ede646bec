"""The jobs of the queue `orders`: orders move on by what happened to their mails."""

from __future__ import annotations

from app.models.ordering import RecordOutcome
from app.services.ordering import outcome
from app.work import within
from jobs.runner import job


@job(RecordOutcome)
def record_outcome(call: RecordOutcome) -> None:
    """Record how the mail of a dispatch fared."""
    within(outcome.record_outcome, mail_id=call.mail_id)
