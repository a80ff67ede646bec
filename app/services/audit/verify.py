"""Verifying: is every entry as it was written, and none missing?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text
from sqlmodel import col

from app.errors import Misconfigured, Unavailable
from app.models.audit import AuditVerification
from app.models.columns import now
from app.services.audit.anchors import known_anchors
from app.services.audit.chain import Examined, Link, examine
from app.views.audit import Fault, Finding, VerificationView
from app.work import goes_on, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.audit.chain import Anchor
    from app.work import Work

AT_A_TIME: Final = 2_000
# Each value as the text that was hashed.
_LINKS: Final = text("""
SELECT sequence, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    actor_kind, actor_id, actor_name, address, trace_id,
    action, subject_kind, subject_id, subject_title, before::text, after::text,
    previous_hash, hash
FROM audit_entry ORDER BY sequence
""")

log = logging.getLogger(__name__)


def verify_chain() -> VerificationView:
    """Look at every entry and compare with every anchor; takes some seconds per million."""
    try:
        # Before the entries, so that none is anchored that is not looked at.
        anchors = known_anchors()
    except (Unavailable, Misconfigured) as problem:
        log.warning("The audit is verified without its anchors: %s", problem.sentence)
        anchors = None
    found = within(_examined, anchors or [])
    return VerificationView(
        at=now(),
        entries=found.entries,
        anchors=None if anchors is None else len(anchors),
        finding=found.finding,
    )


def _examined(work: Work, anchors: Sequence[Anchor]) -> Examined:
    with work.session.execute(_LINKS, execution_options={"yield_per": AT_A_TIME}) as rows:
        links = (Link(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in rows)
        return examine(links, anchors)


@goes_on
def keep_verification(work: Work, *, result: VerificationView) -> None:
    """Keep what a verification came to, and say aloud where it is bad."""
    finding = result.finding
    if finding:
        log.error("The audit was tampered with. %s", finding.sentence)
    work.session.add(
        AuditVerification(
            at=result.at,
            entries=result.entries,
            anchors=result.anchors,
            fault=finding.fault if finding else None,
            sequence=finding.sequence if finding else None,
            sentence=result.sentence,
        )
    )
    work.touch("audit")


def last_verification(work: Work) -> VerificationView | None:
    """Return what the last verification came to, None before the first."""
    row = work.session.scalar(
        select(AuditVerification).order_by(col(AuditVerification.id).desc()).limit(1)
    )
    if row is None:
        return None
    finding = Finding(Fault(row.fault), row.sequence or 0, row.sentence) if row.fault else None
    return VerificationView(at=row.at, entries=row.entries, anchors=row.anchors, finding=finding)


def can_be_changed(work: Work) -> bool:
    """Tell whether nothing but a trigger keeps the role of the program from changing entries."""
    asked = text("SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE')")
    return work.session.execute(asked).scalar_one()
