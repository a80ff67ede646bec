"""The schedule as a list: recurring jobs and feeds together, with their last runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.models.accounts import Person
from app.models.feeds import Feed
from app.models.operations import Job, ScheduledJob
from app.services.feeds import list_feeds
from app.services.operations.scheduled import SCHEDULED
from app.views.operations import ScheduleRow

if TYPE_CHECKING:
    from app.work import Work

_FEED: Final = "feed:"
_EVERY: Final = re.compile(r"\*/(\d+) \* \* \* \*")
_HOURLY: Final = re.compile(r"(\d+) \* \* \* \*")
_DAILY: Final = re.compile(r"(\d+) (\d+) \* \* \*")


def schedule_rows(work: Work) -> tuple[ScheduleRow, ...]:
    """Return everything that runs by itself; a few queries, however much it is."""
    return (*_jobs(work), *_feeds(work))


def feed_of(key: str) -> int | None:
    """Return the id of the feed that a row is about, None for a recurring job."""
    return int(key.removeprefix(_FEED)) if key.startswith(_FEED) else None


def in_words(cron: str) -> str:
    """Return when a cron expression is due, as one says it; the expression where it is unusual."""
    if found := _EVERY.fullmatch(cron):
        return f"every {found[1]} minutes"
    if found := _HOURLY.fullmatch(cron):
        return f"every hour at :{int(found[1]):02}"
    if found := _DAILY.fullmatch(cron):
        return f"every day at {int(found[2]):02}:{int(found[1]):02} UTC"
    return cron


def _jobs(work: Work) -> list[ScheduleRow]:
    found = work.session.execute(
        select(ScheduledJob, Job, col(Person.name))
        .outerjoin(Job, col(Job.id) == col(ScheduledJob.job_id))
        .outerjoin(Person, col(Person.id) == col(ScheduledJob.paused_by))
    ).all()
    known = {row.name: (row, job, person) for row, job, person in found}
    rows: list[ScheduleRow] = []
    for one in SCHEDULED:
        row, job, person = known.get(one.name, (None, None, None))
        rows.append(
            ScheduleRow(
                key=one.name,
                name=one.name,
                description=one.description,
                cron=one.cron,
                when=in_words(one.cron),
                fired_at=row.fired_at if row else None,
                outcome=job.state if job else "",
                problem=(job.problem or "") if job else "",
                job_id=job.id if job else None,
                due_at=row.due_at if row else None,
                paused_at=row.paused_at if row else None,
                paused_by=person or "",
            )
        )
    return rows


def _feeds(work: Work) -> list[ScheduleRow]:
    paused = {
        row.id: row
        for row in work.session.execute(
            select(col(Feed.id), col(Feed.paused_at), col(Person.name))
            .join(Person, col(Person.id) == col(Feed.paused_by))
            .where(col(Feed.paused_at).is_not(None))
        )
    }
    return [
        ScheduleRow(
            key=f"{_FEED}{feed.id}",
            name=feed.name,
            description=f"Reads the feed of {feed.supplier}.",
            cron=feed.schedule,
            when=in_words(feed.schedule),
            fired_at=feed.last_run.created_at if feed.last_run else None,
            outcome=feed.last_run.state if feed.last_run else "",
            problem=(feed.last_run.problem or "") if feed.last_run else "",
            job_id=None,
            due_at=feed.due_at,
            paused_at=paused[feed.id].paused_at if feed.id in paused else None,
            paused_by=paused[feed.id].name if feed.id in paused else "",
            feed_id=feed.id,
        )
        for feed in list_feeds(work)
        if feed.schedule
    ]
