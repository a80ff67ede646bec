"""The schedule: recurring jobs that the code declares, fired once each however many look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.errors import Conflict, NotAllowed, NotFound
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.columns import now
from app.models.operations import OPEN_JOB_STATES, Job, ScheduledJob
from app.services.audit import note
from app.services.feeds.times import next_due
from app.services.operations.scheduled import SCHEDULED
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.services.operations.scheduled import Scheduled
    from app.views.accounts import Viewer
    from app.work import Work

TOPIC = "schedule"


@goes_on
def declare(work: Work, scheduled: Sequence[Scheduled] = SCHEDULED) -> None:
    """Write what has no row yet, due at its next moment, and follow a changed cron expression."""
    moment = now()
    for one in scheduled:
        due_at = next_due(one.cron, after=moment)
        written = insert(ScheduledJob).values(name=one.name, cron=one.cron, due_at=due_at)
        is_paused = col(ScheduledJob.paused_at).is_not(None)
        work.session.execute(
            written.on_conflict_do_update(
                index_elements=["name"],
                set_={"cron": one.cron, "due_at": due_at},
                where=(col(ScheduledJob.cron) != one.cron) & ~is_paused,
            )
        )


def fire_due_jobs(work: Work, scheduled: Sequence[Scheduled] = SCHEDULED) -> int:
    """Queue every recurring job that is due and set when it is due next; return how many.

    Any number of schedulers may run: each takes the rows that no other holds, and a row is due
    again only at its next moment. Moments that were missed while nobody ran count as one. A run
    that has not ended yet is left to itself and no second one put beside it.
    """
    known = {one.name: one for one in scheduled}
    moment = now()
    due = work.session.scalars(
        select(ScheduledJob)
        .where(col(ScheduledJob.due_at) <= moment, col(ScheduledJob.name).in_(known))
        .order_by(col(ScheduledJob.name))
        .with_for_update(skip_locked=True)
    ).all()
    fired = 0
    for row in due:
        row.due_at = next_due(known[row.name].cron, after=moment)
        if not _is_under_way(work, row):
            _fire(work, row, known[row.name])
            fired += 1
    return fired


def run_now(work: Work, *, viewer: Viewer, name: str) -> UUID:
    """Queue a recurring job at once, besides its schedule, paused or not; return the job's id.

    Raises NotAllowed, NotFound, and Conflict where its last run has not ended yet.
    """
    row = _locked(work, viewer, name)
    if _is_under_way(work, row):
        raise Conflict(f"{name} is under way already.")
    _note(work, AuditAction.SCHEDULE_RUN, name)
    return _fire(work, row, _declared(name))


def pause(work: Work, *, viewer: Viewer, name: str) -> None:
    """Keep a recurring job from being fired; what is under way goes on.

    Raises NotAllowed, NotFound, and Conflict where it is paused already.
    """
    row = _locked(work, viewer, name)
    if row.paused_at is not None:
        raise Conflict(f"{name} is paused already.")
    row.paused_at, row.paused_by, row.due_at = now(), viewer.person_id, None
    _note(work, AuditAction.SCHEDULE_PAUSED, name)


def resume(work: Work, *, viewer: Viewer, name: str) -> None:
    """Let a recurring job be fired again, from its next moment on; missed ones are not made up.

    Raises NotAllowed, NotFound, and Conflict where it is not paused.
    """
    row = _locked(work, viewer, name)
    if row.paused_at is None:
        raise Conflict(f"{name} is not paused.")
    row.paused_at = row.paused_by = None
    row.due_at = next_due(_declared(name).cron, after=now())
    _note(work, AuditAction.SCHEDULE_RESUMED, name)


def _declared(name: str) -> Scheduled:
    found = next((one for one in SCHEDULED if one.name == name), None)
    if found is None:
        raise NotFound(f"Nothing named {name} is scheduled.")
    return found


def _locked(work: Work, viewer: Viewer, name: str) -> ScheduledJob:
    if not viewer.may(Permission.SCHEDULE_CHANGE):
        raise NotAllowed("Only an administrator may change the schedule.")
    declare(work, [_declared(name)])
    return work.session.scalars(
        select(ScheduledJob).where(col(ScheduledJob.name) == name).with_for_update()
    ).one()


def _is_under_way(work: Work, row: ScheduledJob) -> bool:
    query = select(col(Job.id)).where(
        col(Job.id) == row.job_id, col(Job.state).in_(OPEN_JOB_STATES)
    )
    return work.session.scalar(query) is not None


def _fire(work: Work, row: ScheduledJob, scheduled: Scheduled) -> UUID:
    row.fired_at = now()
    row.job_id = work.enqueue(scheduled.call())
    work.touch(TOPIC)
    return row.job_id


def _note(work: Work, action: AuditAction, name: str) -> None:
    note(work, action, kind="schedule", id=name, title=name)
    work.touch(TOPIC)
