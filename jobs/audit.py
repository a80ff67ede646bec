"""The jobs of the audit: anchoring the newest entry, and verifying all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.models.audit import AnchorAudit, VerifyAudit
from app.services import audit
from jobs.runner import Outside, job, job_of_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.audit import VerificationView
    from app.work import Work


@job(AnchorAudit)
def anchor_audit(work: Work, _call: AnchorAudit) -> Outside | None:
    """Write down in the bucket what the newest entry is."""
    newest = audit.newest_entry(work)
    return partial(audit.write_anchor, newest) if newest else None


def _keep(work: Work, results: Sequence[VerificationView]) -> None:
    for result in results:
        audit.keep_verification(work, result=result)


@job_of_many(VerifyAudit, conclude=_keep, at_once=lambda: 1)
def verify_audit(_work: Work, calls: Sequence[VerifyAudit]) -> Sequence[Outside]:
    """Look at every entry, and keep what came of it."""
    return [audit.verify_chain for _ in calls]
