"""Asking for a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.errors import BadInput
from app.models.columns import stored
from app.models.comparisons import CompareSnapshots, Comparison, ComparisonState
from app.models.operations import Job, JobState
from app.services.comparisons.queries import OPEN_STATES, view_of
from app.services.comparisons.states import move
from app.services.snapshots.queries import readable

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.views.comparisons import ComparisonView
    from app.work import Work


def request_comparison(
    work: Work, *, viewer: Viewer, before_id: UUID, after_id: UUID, queued: bool = True
) -> ComparisonView:
    """Return the comparison of two snapshots; where there is none yet it is begun.

    One that is being made is joined, one that has failed is tried again. With `queued` a worker
    makes it, else the caller does. Raises NotFound for a snapshot that is not stored or that they
    may not see, and BadInput where it is one and the same.
    """
    if before_id == after_id:
        raise BadInput("These are one and the same snapshot: choose another.")
    for snapshot_id in (before_id, after_id):
        readable(work, viewer=viewer, snapshot_id=snapshot_id)
    work.session.execute(
        insert(Comparison)
        .values(before_id=before_id, after_id=after_id, figures={})
        .on_conflict_do_nothing()
    )
    comparison = work.session.scalars(
        select(Comparison)
        .where(col(Comparison.before_id) == before_id, col(Comparison.after_id) == after_id)
        .with_for_update()
    ).one()
    if comparison.state is ComparisonState.FAILED:
        move(work, comparison, ComparisonState.QUEUED)
        comparison.job_id = None
    is_open = comparison.state in OPEN_STATES
    if queued and is_open and not _is_waited_for(work, comparison):
        comparison.job_id = work.enqueue(CompareSnapshots(comparison_id=stored(comparison.id)))
    work.session.flush()
    return view_of(work, viewer, comparison)


def _is_waited_for(work: Work, comparison: Comparison) -> bool:
    if comparison.job_id is None:
        return False
    state = work.session.scalar(select(col(Job.state)).where(col(Job.id) == comparison.job_id))
    return state in {JobState.QUEUED, JobState.RUNNING, JobState.RETRYING}
