"""Retention: which snapshots are kept, why, and the deletion of the others.

All are kept for some days (`SNAPSHOT_KEEP_ALL`), then the last of each day, of each week and of
each month; what proves the price of an order is kept for good. Each filter counts for itself. The
link of a deleted snapshot stays, so the chain is whole.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import ARRAY, cast, func, select
from sqlmodel import col

from app.config import settings
from app.errors import NotAllowed
from app.integrations.bucket import configured_bucket
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.columns import Instant, now, stored
from app.models.ordering import Order
from app.models.snapshots import DeleteSnapshots, Snapshot, SnapshotDeleted
from app.services.audit import note
from app.services.snapshots.leftovers import remove_folder
from app.services.snapshots.manifest import csv_of, folder_of
from app.services.snapshots.queries import is_stored, title_of
from app.services.snapshots.states import locked_snapshot, touch
from app.views.snapshots import Retained
from app.work import reading, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.work import Work

DAILY_FOR: Final = timedelta(days=90)
WEEKLY_FOR: Final = timedelta(days=365)
RECENT: Final = "recent"
ORDERED: Final = "proves the price of an order"

log = logging.getLogger(__name__)


def plan_retention(work: Work, *, viewer: Viewer) -> tuple[Retained, ...]:
    """Say of every stored snapshot why it is kept, or that it would be deleted; newest first.

    Raises NotAllowed.
    """
    _refuse_others(viewer)
    return _plan(work)


def request_deletion(work: Work, *, viewer: Viewer) -> UUID:
    """Queue the deletion of what the plan does not keep; return the job's id. Raises NotAllowed."""
    _refuse_others(viewer)
    return work.enqueue(DeleteSnapshots())


def delete_unkept(bucket: Bucket | None = None) -> int:
    """Delete what the plan does not keep; return how many. Says first which these are.

    The row goes first, so that nobody is led to files that are going; what is left of those where
    the bucket does not answer, the clean-up removes.
    """
    among = bucket or configured_bucket()
    unkept = [each for each in reading(_plan) if not each.keeps]
    for each in unkept:
        log.info("Will delete snapshot %s of %s (%s)", each.id, each.taken_at, each.title)
    deleted = [each for each in unkept if within(_delete, snapshot_id=each.id)]
    for each in deleted:
        remove_folder(among, folder_of(each.id, each.taken_at))
        among.delete(csv_of(each.id))
    return len(deleted)


def reasons(taken: Sequence[datetime], *, at: datetime, keep_all: timedelta) -> list[str]:
    """Return why each of the snapshots of one filter is kept, "" where none is; `taken` ascends."""
    last = {_within(moment, at): moment for moment in taken}
    kept: list[str] = []
    for moment in taken:
        age = at - moment
        is_last = last[_within(moment, at)] == moment
        span = _span(moment, age)
        kept.append(RECENT if age < keep_all else f"last of {span}" if is_last else "")
    return kept


def _within(moment: datetime, at: datetime) -> tuple[str, str]:
    # A week that begins in one month and ends in the next keeps the last of each: months that are
    # thinned out later must find theirs.
    return _span(moment, at - moment), f"{moment.astimezone(UTC):%Y-%m}"


def _span(moment: datetime, age: timedelta) -> str:
    """Return the day, week or month of which the last snapshot is kept at that age."""
    utc = moment.astimezone(UTC)
    if age < DAILY_FOR:
        return f"{utc:%Y-%m-%d}"
    return f"{utc:%G week %V}" if age < WEEKLY_FOR else f"{utc:%Y-%m}"


def _refuse_others(viewer: Viewer) -> None:
    if not viewer.may(Permission.SNAPSHOT_DELETE):
        raise NotAllowed("Your role does not allow deleting snapshots.")


def _plan(work: Work) -> tuple[Retained, ...]:
    found = work.session.scalars(
        select(Snapshot).where(is_stored()).order_by(col(Snapshot.taken_at), col(Snapshot.id))
    ).all()
    by_query: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in found:
        by_query[snapshot.query].append(snapshot)
    proofs = _proofs(work, by_query[""])
    plan: list[Retained] = []
    for snapshots in by_query.values():
        taken = [stored(snapshot.taken_at) for snapshot in snapshots]
        why = reasons(taken, at=now(), keep_all=settings().snapshot_keep_all)
        plan += [
            _retained(snapshot, reason or (ORDERED if snapshot.id in proofs else ""))
            for snapshot, reason in zip(snapshots, why, strict=True)
        ]
    return tuple(sorted(plan, key=lambda each: each.taken_at, reverse=True))


def _proofs(work: Work, whole: list[Snapshot]) -> set[UUID]:
    """Return which snapshots of everything, oldest first, stand next to an order: before or after.

    The database says for each order how many were taken by then, in one look at the orders.
    """
    if not whole:
        return set()
    moments = cast([stored(snapshot.taken_at) for snapshot in whole], ARRAY(Instant))
    taken_by_then = func.width_bucket(col(Order.placed_at), moments)
    counts: list[int] = list(work.session.scalars(select(taken_by_then).distinct()))
    beside = {place for count in counts for place in (count - 1, count) if 0 <= place < len(whole)}
    return {stored(whole[place].id) for place in beside}


def _retained(snapshot: Snapshot, keeps: str) -> Retained:
    return Retained(
        id=stored(snapshot.id),
        title=title_of(snapshot.filter),
        taken_at=stored(snapshot.taken_at),
        rows=stored(snapshot.rows),
        bytes=stored(snapshot.bytes),
        keeps=keeps,
    )


def _delete(work: Work, snapshot_id: UUID) -> bool:
    """Mark one as deleted unless it is kept by now: an order may have been placed meanwhile."""
    is_kept = {each.id: bool(each.keeps) for each in _plan(work)}
    if is_kept.get(snapshot_id, True):
        return False
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    snapshot.deleted_at = now()
    work.publish(SnapshotDeleted(aggregate_id=str(snapshot_id)))
    note(
        work,
        AuditAction.SNAPSHOT_DELETED,
        kind="snapshot",
        id=str(snapshot_id),
        title=title_of(snapshot.filter),
        before={"taken_at": str(snapshot.taken_at), "root_hash": snapshot.root_hash},
    )
    touch(work, snapshot)
    return True
