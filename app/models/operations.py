"""Background work: jobs, their attempts, what was given up, and the facts that have happened.

A job row is its own outbox: it is written in the transaction that decides on it, and the relay
hands every row that is due to the queue. `due_at` is the one clock of a job: now for a new one,
the end of the pause for one that is tried again, the end of the lease for one that was handed to
a queue or is running. Whatever Redis or a worker forgets therefore comes back by itself.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now


class Queue(StrEnum):
    """The queues; one worker process reads one queue."""

    MAIL = "mail"
    ORDERS = "orders"
    FEEDS = "feeds"
    SNAPSHOTS = "snapshots"
    # What administrators set off: exports, actions on many rows, and upkeep.
    ROOMS = "rooms"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    DEAD = "dead"


# A worker has not begun with it, for the first time or again.
WAITING_JOB_STATES: Final = (JobState.QUEUED, JobState.RETRYING)
OPEN_JOB_STATES: Final = (*WAITING_JOB_STATES, JobState.RUNNING)


class AttemptOutcome(StrEnum):
    """How one try of a job ended; `lost` when its worker died."""

    RUNNING = "running"
    DONE = "done"
    RETRYABLE = "retryable"
    FINAL = "final"
    LOST = "lost"


class Settlement(StrEnum):
    """What a person did about a dead letter."""

    RETRIED = "retried"
    ABANDONED = "abandoned"


class JobCall(BaseModel):
    """A typed call of a background job: the payload, and where and how it runs.

    Class attributes: `job`, the dotted name of the function; `queue`; `max_attempts`, tries
    before it becomes a dead letter; `timeout`, seconds one try may take; `private`, what of the
    payload is not for everybody who looks after jobs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: ClassVar[str]
    queue: ClassVar[Queue]
    max_attempts: ClassVar[int] = 8
    timeout: ClassVar[int] = 60
    private: ClassVar[frozenset[str]] = frozenset()


class DomainEvent(BaseModel):
    """A fact that has happened to one aggregate; published once, in order per aggregate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    aggregate: ClassVar[str]

    aggregate_id: str


class Job(SQLModel, table=True):
    """One piece of background work."""

    __tablename__: Any = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "queue",
            "due_at",
            postgresql_where=text("state IN ('queued', 'running', 'retrying')"),
        ),
        Index("ix_job_dead", "finished_at", postgresql_where=text("state = 'dead'")),
        Index("ix_job_unfinished", "state", "id", postgresql_where=text("state <> 'done'")),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    queue: Queue = Field(sa_type=enum_of(Queue, "queue"))
    name: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    state: JobState = Field(default=JobState.QUEUED, sa_type=enum_of(JobState, "job_state"))
    attempts: int = 0
    max_attempts: int
    timeout: int
    due_at: datetime = Field(default_factory=now, sa_type=Instant)
    relayed_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    problem: str | None = Field(default=None, sa_type=Text)


class Attempt(SQLModel, table=True):
    """One try of a job."""

    __tablename__: Any = "attempt"
    # Tries are written in the order in which they start, so that a few bytes per page will do.
    __table_args__ = (Index("ix_attempt_started_at", "started_at", postgresql_using="brin"),)

    job_id: UUID = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)
    worker: str = Field(sa_type=Text)
    outcome: AttemptOutcome = Field(
        default=AttemptOutcome.RUNNING, sa_type=enum_of(AttemptOutcome, "attempt_outcome")
    )
    problem: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(default_factory=now, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class DeadLetter(SQLModel, table=True):
    """A job that was given up and waits for a person.

    Settled, it says how and by whom: abandoned with a reason, or retried as another job.
    """

    __tablename__: Any = "dead_letter"
    __table_args__ = (
        Index("ix_dead_letter_created_at", "created_at", "job_id"),
        Index("ix_dead_letter_open", "created_at", postgresql_where=text("settled_at IS NULL")),
    )

    job_id: UUID = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    problem: str = Field(sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_by: UUID | None = Field(default=None, foreign_key="person.id")
    settlement: Settlement | None = Field(default=None, sa_type=enum_of(Settlement, "settlement"))
    reason: str | None = Field(default=None, sa_type=Text)
    retried_as: UUID | None = Field(
        default=None, foreign_key="job.id", index=True, ondelete="SET NULL"
    )


class ScheduledJob(SQLModel, table=True):
    """What is kept of a recurring job that the code declares, known by its name.

    `due_at` is when it runs next, None while it is paused; `job_id` is the job of its last run.
    """

    __tablename__: Any = "schedule"

    name: str = Field(primary_key=True, sa_type=Text)
    cron: str = Field(sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    fired_at: datetime | None = Field(default=None, sa_type=Instant)
    job_id: UUID | None = Field(default=None, foreign_key="job.id", ondelete="SET NULL")
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_by: UUID | None = Field(default=None, foreign_key="person.id")


class DomainEventRow(SQLModel, table=True):
    """A published domain event."""

    __tablename__: Any = "domain_event"
    __table_args__ = (UniqueConstraint("aggregate", "aggregate_id", "sequence"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    aggregate: str = Field(sa_type=Text)
    aggregate_id: str = Field(sa_type=Text)
    sequence: int
    name: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)


class CleanUp(JobCall):
    """Delete what has ended long ago and is read no more."""

    job: ClassVar[str] = "jobs.operations.clean_up"
    queue: ClassVar[Queue] = Queue.ROOMS
    timeout: ClassVar[int] = 1800
    max_attempts: ClassVar[int] = 3


class NotedSetting(SQLModel, table=True):
    """A setting that a process had when it last started, as it may be shown; see noted_settings."""

    __tablename__: Any = "noted_setting"

    process: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    shown: str = Field(sa_type=Text)
    # Of a secret, to tell whether it is another one.
    salt: bytes | None = None
    digest: bytes | None = None
