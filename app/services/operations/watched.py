"""Answers about what keeps watch: whether the audit is whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.models.audit import AuditEntry
from app.models.columns import now
from app.services.audit import last_verification
from app.views.formatting import ago, number
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# It is verified every night.
LATE_AFTER = timedelta(hours=36)


def is_the_audit_whole(work: Work, locale: str) -> Answer:
    """Answer whether the last verification found every entry as written, and is not long ago."""
    moment = now()
    last = last_verification(work)
    since = last.at if last else _first_entry_at(work)
    is_late = since is not None and since < moment - LATE_AFTER
    if last is None:
        answer = "It has not been verified yet." + ("" if is_late else " It is every night.")
    elif last.finding:
        answer = last.finding.sentence
    else:
        answer = (
            f"{number(last.entries, locale)} entries were as written, "
            f"{ago(last.at, moment, locale)}."
        )
    return Answer(
        key="audit",
        question="Is the audit whole?",
        is_good=not is_late and not (last and last.finding),
        figure=number(last.entries, locale) if last else "0",
        answer=answer,
        link="",
    )


def _first_entry_at(work: Work) -> datetime | None:
    return work.session.scalar(
        select(col(AuditEntry.at)).order_by(col(AuditEntry.sequence)).limit(1)
    )
