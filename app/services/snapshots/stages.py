"""The transactions of a capture: it begins, knows its moment, is tried again, or is given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.models.snapshots import OPEN_STATES, Snapshot, SnapshotState
from app.services.snapshots.states import CalledOff, locked_snapshot, move, touch

if TYPE_CHECKING:
    from datetime import datetime

    from app.work import Work


@dataclass(frozen=True, slots=True)
class Begun:
    """A capture that has begun: of what, and the moment of an earlier try that left its files."""

    query: str
    left_at: datetime | None


def begin_capture(work: Work, *, snapshot_id: UUID) -> Begun | None:
    """Begin to capture a snapshot whose lock this process holds, None where it is not wanted.

    Holding the lock means that one that is being captured has lost its process, and begins afresh;
    so does one that had been given up and was put back by an operator.
    """
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    is_again = snapshot.state is SnapshotState.CAPTURING or (
        snapshot.state is SnapshotState.FAILED and not _is_asked_for_anew(work, snapshot)
    )
    if is_again:
        move(work, snapshot, SnapshotState.QUEUED)
    if snapshot.state is not SnapshotState.QUEUED:
        return None
    move(work, snapshot, SnapshotState.CAPTURING)
    return Begun(snapshot.query, snapshot.taken_at)


def _is_asked_for_anew(work: Work, snapshot: Snapshot) -> bool:
    same = (col(Snapshot.query) == snapshot.query) & col(Snapshot.state).in_(OPEN_STATES)
    return work.session.scalar(select(col(Snapshot.id)).where(same)) is not None


def note_moment(work: Work, *, snapshot_id: UUID, taken_at: datetime, rows_expected: int) -> None:
    """Write down the one moment that is captured. Raises CalledOff where it was called off."""
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.state is not SnapshotState.CAPTURING:
        raise CalledOff("The snapshot was called off.")
    snapshot.taken_at = taken_at
    snapshot.rows_expected = rows_expected
    touch(work, snapshot)


def will_try_again(work: Work, *, snapshot_id: UUID, problem: str) -> None:
    """Let a capture wait for its next try and say why."""
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.state is SnapshotState.CAPTURING:
        move(work, snapshot, SnapshotState.QUEUED, problem=problem)


def gave_up(work: Work, *, snapshot_id: UUID, problem: str) -> None:
    """End a snapshot that came to nothing. One that has ended stays as it is."""
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.state in OPEN_STATES:
        move(work, snapshot, SnapshotState.FAILED, problem=problem)
