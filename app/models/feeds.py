"""Suppliers, their feeds, and each pull of a feed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now
from app.models.operations import JobCall, Queue


class CompletionPolicy(StrEnum):
    """Which state of a dispatch completes the supplier's part of an order."""

    SENT = "sent"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"


class Authentication(StrEnum):
    """How a feed wants to be asked."""

    NONE = "none"
    HEADER = "header"
    BEARER = "bearer"
    BASIC = "basic"


class PagingStyle(StrEnum):
    """How a feed hands out its pages."""

    NONE = "none"
    PAGE = "page"
    OFFSET = "offset"
    CURSOR = "cursor"
    LINK = "link"


class SyncRunState(StrEnum):
    """Where a sync run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    APPLIED = "applied"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_RUN_STATES = (SyncRunState.QUEUED, SyncRunState.RUNNING)

SYNC_RUN_TRANSITIONS: dict[SyncRunState, frozenset[SyncRunState]] = {
    SyncRunState.QUEUED: frozenset(
        {SyncRunState.RUNNING, SyncRunState.FAILED, SyncRunState.CANCELLED}
    ),
    SyncRunState.RUNNING: frozenset(
        {
            SyncRunState.APPLIED,
            SyncRunState.QUARANTINED,
            SyncRunState.FAILED,
            SyncRunState.CANCELLED,
        }
    ),
    SyncRunState.APPLIED: frozenset(),
    SyncRunState.QUARANTINED: frozenset({SyncRunState.APPLIED, SyncRunState.CANCELLED}),
    SyncRunState.FAILED: frozenset(),
    SyncRunState.CANCELLED: frozenset(),
}


class RunTrigger(StrEnum):
    """What asked for a sync run."""

    SCHEDULE = "schedule"
    OPERATOR = "operator"
    COMMAND_LINE = "command line"


class Supplier(SQLModel, table=True):
    """Who sells."""

    __tablename__: Any = "supplier"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, sa_type=Text)
    order_email: str = Field(sa_type=Text)
    completion_policy: CompletionPolicy = Field(
        default=CompletionPolicy.SENT, sa_type=enum_of(CompletionPolicy, "completion_policy")
    )
    created_at: datetime = Field(default_factory=now, sa_type=Instant)


class Feed(SQLModel, table=True):
    """A supplier's REST/JSON product system.

    `paging`, `mapping` and the two `*_source` columns are the JSON of the typed models in
    `app.integrations.feeds`; `secret` is a header's value, a bearer token or "user:password".
    `due_at` is None while its schedule is paused. `products` counts those not withdrawn;
    `fingerprint` is that of the mapping that made them.
    """

    __tablename__: Any = "feed"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, sa_type=Text)
    supplier_id: int = Field(foreign_key="supplier.id", index=True)
    url: str = Field(sa_type=Text)
    authentication: Authentication = Field(
        default=Authentication.NONE, sa_type=enum_of(Authentication, "authentication")
    )
    header_name: str | None = Field(default=None, sa_type=Text)
    secret: str | None = Field(default=None, sa_type=Text)
    paging: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    store_source: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    category_source: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    schedule: str | None = Field(default=None, sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_by: UUID | None = Field(default=None, foreign_key="person.id")
    synced_at: datetime | None = Field(default=None, sa_type=Instant)
    products: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    fingerprint: bytes | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Instant)


class FeedTick(SQLModel, table=True):
    """One due moment of one feed: its key is what makes two schedulers fire once."""

    __tablename__: Any = "feed_tick"

    feed_id: int = Field(foreign_key="feed.id", primary_key=True, ondelete="CASCADE")
    due_at: datetime = Field(primary_key=True, sa_type=Instant)


class SyncRun(SQLModel, table=True):
    """One pull of one feed; `job_id` is the job that carries it out, None from the command line.

    `seen` counts records: created, changed, unchanged and rejected ones. Never more than one run
    of a feed is open.
    """

    __tablename__: Any = "sync_run"
    __table_args__ = (
        Index(
            "uq_sync_run_open",
            "feed_id",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_sync_run_feed_id", "feed_id", "id"),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    feed_id: int = Field(foreign_key="feed.id", ondelete="CASCADE")
    job_id: UUID | None = Field(default=None, foreign_key="job.id", ondelete="SET NULL", index=True)
    state: SyncRunState = Field(
        default=SyncRunState.QUEUED, sa_type=enum_of(SyncRunState, "sync_run_state")
    )
    trigger: RunTrigger = Field(
        default=RunTrigger.SCHEDULE, sa_type=enum_of(RunTrigger, "run_trigger")
    )
    seen: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class RejectedRecord(SQLModel, table=True):
    """A record of a feed that could not become a product or store, and why."""

    __tablename__: Any = "rejected_record"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    sync_run_id: UUID = Field(foreign_key="sync_run.id", index=True, ondelete="CASCADE")
    external_id: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    record: Any = Field(default=None, sa_type=JSONB)


class SyncFeed(JobCall):
    """Pull one feed and apply what came."""

    job: ClassVar[str] = "jobs.feeds.sync_feed"
    queue: ClassVar[Queue] = Queue.FEEDS
    timeout: ClassVar[int] = 1800
    # The reader has tried each page several times, and the schedule comes round again.
    max_attempts: ClassVar[int] = 3

    sync_run_id: UUID


class TidyCatalogue(JobCall):
    """Let the catalogue be searched quickly again after a sync that wrote to it.

    `vacuum` where it wrote so much that Postgres should not wait for its own time to do so.
    """

    job: ClassVar[str] = "jobs.feeds.tidy_catalogue"
    queue: ClassVar[Queue] = Queue.FEEDS
    timeout: ClassVar[int] = 900
    max_attempts: ClassVar[int] = 3

    vacuum: bool
