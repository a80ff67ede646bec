"""What comparisons leave behind: those of deleted snapshots, and files that nobody refers to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlmodel import col

from app.integrations.bucket import configured_bucket
from app.models.comparisons import Comparison
from app.models.snapshots import Snapshot
from app.services.comparisons.states import ROOT
from app.work import open_work, within

if TYPE_CHECKING:
    from app.integrations.ports import Bucket
    from app.work import Work

_OF: Final = re.compile(ROOT + r"([0-9a-f-]{36})/")


def tidy(bucket: Bucket | None = None) -> int:
    """Forget the comparisons of deleted snapshots, then delete files without one; return how many.

    What is being made has named its file before it writes it, so that file is left alone.
    """
    among = bucket or configured_bucket()
    within(_forget_deleted)
    removed = 0
    for found in among.kept(ROOT):
        match = _OF.match(found.key)
        if match is None:
            continue
        with open_work() as work:
            row = work.session.get(Comparison, UUID(match[1]), with_for_update=True)
            if row is None or row.key != found.key:
                among.discard(found)
                removed += 1
    return removed


def _forget_deleted(work: Work) -> None:
    gone = exists(
        select(col(Snapshot.id)).where(
            col(Snapshot.id).in_((col(Comparison.before_id), col(Comparison.after_id))),
            col(Snapshot.deleted_at).is_not(None),
        )
    )
    work.session.execute(delete(Comparison).where(gone))
