"""The room of background jobs: each with its payload and every attempt at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlmodel import col

from app.models.accounts import Permission
from app.models.operations import Attempt, AttemptOutcome, Job, JobCall, JobState, Queue
from app.services.audit.masking import MASK
from app.services.letters import JOBS as JOBS_TOPIC
from app.services.letters import LETTERS
from app.services.rooms.cells import badge, moment, pretty
from app.services.rooms.filters import one_of, since_id
from app.services.rooms.room import Column, Group, Room, Table
from app.views.rooms import (
    CellView,
    ChoiceView,
    DetailView,
    EmptyView,
    FactView,
    SectionView,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from app.services.rooms.room import Choices
    from app.views.accounts import Viewer
    from app.work import Work

JOB_LOOKS: Final[dict[str, tuple[str, str]]] = {
    JobState.QUEUED: ("neutral", "clock"),
    JobState.RUNNING: ("info", "loader"),
    JobState.RETRYING: ("warn", "rotate-cw"),
    JobState.DONE: ("good", "check"),
    JobState.DEAD: ("bad", "circle-x"),
}
_ATTEMPT_LOOKS: Final[dict[str, tuple[str, str]]] = {
    AttemptOutcome.RUNNING: ("info", "loader"),
    AttemptOutcome.DONE: ("good", "check"),
    AttemptOutcome.RETRYABLE: ("warn", "rotate-cw"),
    AttemptOutcome.FINAL: ("bad", "circle-x"),
    AttemptOutcome.LOST: ("bad", "circle-help"),
}


def job_title(name: str) -> str:
    """Return the name of a job function in words: `jobs.mail.send_dispatch` is "send dispatch"."""
    return name.rpartition(".")[2].replace("_", " ")


def job_names(_work: Work | None = None) -> Choices:
    """Return every kind of job that the program knows."""
    names = sorted({call.job for call in JobCall.__subclasses__() if hasattr(call, "job")})
    return [ChoiceView(name, job_title(name).capitalize()) for name in names]


def payload_text(name: str, payload: Mapping[str, object] | None) -> str:
    """Return what a job was called with, as far as it is for everybody who looks after jobs."""
    calls = {call.job: call.private for call in JobCall.__subclasses__() if hasattr(call, "job")}
    private = calls.get(name, frozenset())
    return pretty({key: MASK if key in private else it for key, it in (payload or {}).items()})


def _name(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - a row of the select below
    return CellView(job_title(row.name).capitalize(), second=row.problem or row.queue)


def _search(words: str) -> ColumnElement[bool]:
    return col(Job.problem).icontains(words, autoescape=True)


def _describe(work: Work, _viewer: Viewer, row: Any) -> DetailView:  # noqa: ANN401 - as above
    attempts = work.session.scalars(
        select(Attempt).where(col(Attempt.job_id) == row.id).order_by(col(Attempt.number))
    ).all()
    payload = work.session.scalar(select(col(Job.payload)).where(col(Job.id) == row.id))
    return DetailView(
        title=job_title(row.name).capitalize(),
        lead=row.problem or "",
        badge=badge(row.state, JOB_LOOKS),
        facts=(
            FactView("Job", CellView(str(row.id), mono=True)),
            FactView("Function", CellView(row.name, mono=True)),
            FactView("Queue", CellView(row.queue)),
            FactView("Attempts", CellView(f"{row.attempts} of {row.max_attempts}")),
            FactView("Created", moment(row.created_at)),
            # Of a job that has ended it is the end of the last lease, which says nothing.
            *(() if row.finished_at else (FactView("Due", moment(row.due_at)),)),
            FactView("Ended", moment(row.finished_at, "not yet")),
        ),
        sections=(
            SectionView(
                kind="table",
                title="Attempts",
                heads=("Attempt", "Outcome", "Worker", "Began", "Took", "Problem"),
                rows=tuple(_attempt(each) for each in attempts),
                empty="No worker has begun it yet.",
            ),
            SectionView(kind="code", title="Payload", code=payload_text(row.name, payload)),
        ),
    )


def _attempt(attempt: Attempt) -> tuple[CellView, ...]:
    ended = attempt.finished_at
    took = f"{(ended - attempt.started_at).total_seconds():.2f} s" if ended else ""
    return (
        CellView(str(attempt.number)),
        badge(attempt.outcome, _ATTEMPT_LOOKS),
        CellView(attempt.worker, mono=True),
        CellView(at=attempt.started_at),
        CellView(took),
        CellView(attempt.problem or ""),
    )


JOBS: Final = Room(
    key="jobs",
    title="Jobs",
    group=Group.BACKGROUND,
    icon="list-checks",
    lead="What the program does behind the pages, with every attempt at it.",
    permission=Permission.JOB_READ,
    source=Table(
        select(
            col(Job.id),
            col(Job.name),
            col(Job.queue),
            col(Job.state),
            col(Job.attempts),
            col(Job.max_attempts),
            col(Job.created_at),
            col(Job.due_at),
            col(Job.finished_at),
            col(Job.problem),
        ),
        key=col(Job.id),
    ),
    name=lambda row: job_title(row.name),
    columns=(
        Column("name", "Job", _name),
        Column("state", "State", lambda row, _: badge(row.state, JOB_LOOKS)),
        Column("queue", "Queue", lambda row, _: str(row.queue), wide_only=True),
        Column(
            "attempts",
            "Attempts",
            lambda row, _: f"{row.attempts} of {row.max_attempts}",
            figures=True,
            wide_only=True,
        ),
        Column(
            "created",
            "Created",
            lambda row, _: CellView(at=row.created_at),
            # Ids follow time, and need no index of their own.
            sort=col(Job.id),
            figures=True,
        ),
        Column(
            "due",
            "Due",
            lambda row, _: CellView(at=row.due_at),
            figures=True,
            wide_only=True,
            hidden=True,
        ),
        Column(
            "ended",
            "Ended",
            lambda row, _: moment(row.finished_at, "not yet"),
            figures=True,
            wide_only=True,
        ),
        Column(
            "id", "Id", lambda row, _: CellView(str(row.id), mono=True), wide_only=True, hidden=True
        ),
    ),
    sort="-created",
    filters=(
        one_of("state", "State", col(Job.state), JobState),
        one_of("queue", "Queue", col(Job.queue), Queue),
        one_of("name", "Job", col(Job.name), job_names),
        since_id("when", "Created", col(Job.id)),
    ),
    search=_search,
    search_hint="What went wrong",
    detail=_describe,
    empty=EmptyView(
        "hourglass",
        "No job has run yet",
        "Orders, syncs and exports leave their jobs here.",
        "",
        "",
    ),
    letter="j",
    words="background work attempts queue workers",
    topics=(JOBS_TOPIC, LETTERS, "orders:all", "feeds"),
)
