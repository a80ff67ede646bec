"""The moves of a snapshot: one function, which refuses what does not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.errors import Conflict, IllegalMove, NotFound
from app.models.columns import now, stored
from app.models.snapshots import (
    OPEN_STATES,
    SNAPSHOT_TRANSITIONS,
    Snapshot,
    SnapshotMoved,
    SnapshotState,
)

if TYPE_CHECKING:
    from app.work import Work

# The class of the advisory lock of the chain, which there is one of.
CHAIN_LOCK: Final = (4_715_003, 0)
LIST_TOPIC: Final = "snapshots"


class CalledOff(Conflict):
    """The snapshot is not wanted any more."""


def topic_of(snapshot_id: UUID) -> str:
    """Return the topic of one snapshot; `LIST_TOPIC` is that of all."""
    return f"snapshot:{snapshot_id}"


def lock_of(snapshot_id: UUID) -> int:
    """Return the advisory lock that whoever writes a snapshot to the bucket holds."""
    return int.from_bytes(snapshot_id.bytes[8:], signed=True)


def is_being_written(work: Work, snapshot_id: UUID) -> bool:
    """Tell whether a living process writes it; else nobody begins to in this transaction."""
    free = work.session.scalar(select(func.pg_try_advisory_xact_lock(lock_of(snapshot_id))))
    return not free


def locked_snapshot(work: Work, *, snapshot_id: UUID) -> Snapshot:
    """Return the snapshot, locked until the transaction ends. Raises NotFound."""
    found = work.session.scalar(
        select(Snapshot).where(col(Snapshot.id) == snapshot_id).with_for_update()
    )
    if found is None:
        raise NotFound("There is no such snapshot.")
    return found


def move(work: Work, snapshot: Snapshot, to: SnapshotState, *, problem: str | None = None) -> None:
    """Move a locked snapshot on and say so. Raises IllegalMove where the table has no such move."""
    before = snapshot.state
    if to not in SNAPSHOT_TRANSITIONS[before]:
        raise IllegalMove(f"A snapshot that is {before} cannot become {to}.")
    snapshot.state = to
    snapshot.problem = problem
    if to is SnapshotState.CAPTURING:
        snapshot.started_at = now()
    elif to not in OPEN_STATES and snapshot.finished_at is None:
        snapshot.finished_at = now()
    elif to is SnapshotState.QUEUED:
        snapshot.started_at = snapshot.finished_at = None
        snapshot.rows_done = 0
    work.publish(SnapshotMoved(aggregate_id=str(snapshot.id), before=before, after=to))
    touch(work, snapshot)


def touch(work: Work, snapshot: Snapshot) -> None:
    """Tell open pages that a snapshot has changed."""
    work.touch(LIST_TOPIC, topic_of(stored(snapshot.id)))
