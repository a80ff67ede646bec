"""Answers about what people keep watch over: the audit, and what is switched off by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, func, literal_column, select
from sqlmodel import col

from app.flags import ON, FlagKind
from app.models.audit import AuditAction, AuditEntry
from app.models.columns import now
from app.models.snapshots import Snapshot
from app.services.audit import last_verification
from app.services.flags import list_flags
from app.services.operations.counting import MOST
from app.services.snapshots.queries import is_stored
from app.views.formatting import ago, number
from app.views.operations import Answer

if TYPE_CHECKING:
    from app.work import Work

# It is verified every night.
LATE_AFTER = timedelta(hours=36)
LOOKING_BACK = timedelta(hours=1)
# One entry stands for all of a minute that were the same.
_TIMES = literal_column("CAST(audit_entry.after ->> 'times' AS bigint)", BigInteger)


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
        is_known=last is not None,
        figure=number(last.entries, locale) if last else "",
        answer=answer,
        link="/admin/audit",
    )


def does_the_program_fail(work: Work, locale: str) -> Answer:
    """Answer whether events or routes ended in a mistake of the program in the last hour.

    Beside it how many were refused, which is no fault of the program.
    """
    failures = _times(work, AuditAction.FAILED)
    refusals = _times(work, AuditAction.REFUSED)
    return Answer(
        key="failures",
        question="Does the program fail?",
        is_good=not failures,
        figure=number(failures, locale),
        answer=(
            f"In the last hour {number(failures, locale)} events failed, and "
            f"{number(refusals, locale)} were refused."
        ),
        link=f"/admin/audit?action={AuditAction.FAILED if failures else AuditAction.REFUSED}",
    )


def _times(work: Work, action: AuditAction) -> int:
    """Return how often that was in the last hour, by the newest entries alone."""
    newest = (
        select(col(AuditEntry.at), _TIMES.label("times"))
        .where(col(AuditEntry.action) == action)
        .order_by(col(AuditEntry.sequence).desc())
        .limit(MOST)
        .subquery()
    )
    lately = newest.c.at > now() - LOOKING_BACK
    return int(work.session.scalar(select(func.sum(newest.c.times)).where(lately)) or 0)


def is_the_snapshot_chain_whole(work: Work, locale: str) -> Answer:
    """Answer whether the newest verification of every stored snapshot found it as it was stored."""
    stored, damaged, waiting = work.session.execute(
        select(
            func.count(),
            func.count(col(Snapshot.damage)),
            func.count().filter(col(Snapshot.verified_at).is_(None)),
        ).where(is_stored())
    ).one()
    if damaged:
        answer = f"Not as they were stored: {number(damaged, locale)}."
    elif not stored:
        answer = "No snapshot is kept yet."
    elif waiting:
        answer = f"Nothing is damaged; not verified yet: {number(waiting, locale)}."
    else:
        answer = "Every snapshot that is kept was as it was stored."
    return Answer(
        key="snapshots",
        question="Is the snapshot chain whole?",
        is_good=not damaged,
        figure=number(stored, locale),
        answer=answer,
        link="/snapshots",
    )


def is_anything_switched_off(work: Work, locale: str) -> Answer:
    """Answer whether a kill switch is on, or a flag is there that should be gone."""
    flags = list_flags(work)
    stopped = [
        flag.name for flag in flags if flag.kind == FlagKind.KILL_SWITCH and flag.rule == str(ON)
    ]
    expired = [flag.name for flag in flags if flag.is_expired]
    answer = "No kill switch is on, and no flag is past its date."
    if stopped:
        answer = f"Kill switches that are on: {', '.join(stopped)}."
    elif expired:
        answer = f"Past their date: {', '.join(expired)}."
    return Answer(
        key="flags",
        question="Is anything switched off?",
        is_good=not stopped and not expired,
        figure=number(len(stopped) + len(expired), locale),
        answer=answer,
        link="/admin/flags",
    )


def _first_entry_at(work: Work) -> datetime | None:
    return work.session.scalar(
        select(col(AuditEntry.at)).order_by(col(AuditEntry.sequence)).limit(1)
    )
