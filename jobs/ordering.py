"""The jobs of the queue `orders`: orders move on by what happened to their mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.models.ordering import RecordOutcome
from app.services.ordering import outcome
from jobs.runner import job

if TYPE_CHECKING:
    from app.work import Work


@job(RecordOutcome)
def record_outcome(work: Work, call: RecordOutcome) -> None:
    """Record how the mail of a dispatch fared."""
    outcome.record_outcome(work, mail_id=call.mail_id)
