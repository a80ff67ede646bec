"""Snapshots: immutable copies of the catalogue, all of it or one search, at one moment."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now
from app.models.operations import DomainEvent, JobCall, Queue


class SnapshotState(StrEnum):
    """Where a snapshot stands; it can be seen and read once it is stored."""

    QUEUED = "queued"
    CAPTURING = "capturing"
    STORED = "stored"
    NOTIFIED = "notified"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATES: Final = (SnapshotState.QUEUED, SnapshotState.CAPTURING)
STORED_STATES: Final = (SnapshotState.STORED, SnapshotState.NOTIFIED)

# A capture that is tried again is queued again: it starts afresh, at a moment of its own.
SNAPSHOT_TRANSITIONS: Final[dict[SnapshotState, frozenset[SnapshotState]]] = {
    SnapshotState.QUEUED: frozenset(
        {SnapshotState.CAPTURING, SnapshotState.FAILED, SnapshotState.CANCELLED}
    ),
    SnapshotState.CAPTURING: frozenset(
        {
            SnapshotState.QUEUED,
            SnapshotState.STORED,
            SnapshotState.FAILED,
            SnapshotState.CANCELLED,
        }
    ),
    SnapshotState.STORED: frozenset({SnapshotState.NOTIFIED}),
    SnapshotState.NOTIFIED: frozenset(),
    SnapshotState.FAILED: frozenset({SnapshotState.QUEUED}),
    SnapshotState.CANCELLED: frozenset(),
}


class SnapshotTrigger(StrEnum):
    """What asked for a snapshot."""

    PERSON = "person"
    SCHEDULE = "schedule"
    COMMAND_LINE = "command line"


class Snapshot(SQLModel, table=True):
    """One snapshot.

    `query` is its filter as the query part of the catalogue's address, "" for everything, and
    `filter` the same in words, with the names that numbers had. `taken_at` is the one moment it
    shows. `position` is its place in the chain, from 1, of which `root_hash` (SHA-256) is the link;
    both stay when what it holds is deleted. `rows_done` counts while it is captured, towards
    `rows_expected`, an estimate. `bytes` is what all its Parquet files take.
    """

    __tablename__: Any = "snapshot"
    __table_args__ = (
        # A second identical request joins the one that is under way.
        Index(
            "uq_snapshot_open",
            "query",
            unique=True,
            postgresql_where=text("state IN ('queued', 'capturing')"),
        ),
        Index(
            "ix_snapshot_taken_at",
            "taken_at",
            postgresql_where=text("position IS NOT NULL AND deleted_at IS NULL"),
        ),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    state: SnapshotState = Field(
        default=SnapshotState.QUEUED, sa_type=enum_of(SnapshotState, "snapshot_state")
    )
    trigger: SnapshotTrigger = Field(sa_type=enum_of(SnapshotTrigger, "snapshot_trigger"))
    query: str = Field(default="", sa_type=Text)
    filter: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    requested_by: UUID | None = Field(
        default=None, foreign_key="person.id", index=True, ondelete="SET NULL"
    )
    job_id: UUID | None = Field(default=None, foreign_key="job.id", index=True, ondelete="SET NULL")
    schema_version: int
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    rows_expected: int | None = Field(default=None, sa_type=BigInteger)
    rows_done: int = Field(default=0, sa_type=BigInteger)
    rows: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    # What stands in the manifest of each part: name, rows, bytes and SHA-256.
    parts: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    position: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    root_hash: str | None = Field(default=None, max_length=64)
    previous_root_hash: str | None = Field(default=None, max_length=64)
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    # What the newest verification found wrong, None where it found nothing.
    damage: str | None = Field(default=None, sa_type=Text)
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)


class SnapshotAsker(SQLModel, table=True):
    """Somebody who has asked for a snapshot, first or by joining; `by_mail` wants a mail of it."""

    __tablename__: Any = "snapshot_asker"

    snapshot_id: UUID = Field(foreign_key="snapshot.id", primary_key=True, ondelete="CASCADE")
    person_id: UUID = Field(
        foreign_key="person.id", primary_key=True, index=True, ondelete="CASCADE"
    )
    by_mail: bool = True
    asked_at: datetime = Field(default_factory=now, sa_type=Instant)


class CaptureSnapshot(JobCall):
    """Capture one snapshot."""

    job: ClassVar[str] = "jobs.snapshots.capture_snapshot"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 3600
    max_attempts: ClassVar[int] = 5

    snapshot_id: UUID


class MailSnapshot(JobCall):
    """Mail somebody that the snapshot they asked for is stored."""

    job: ClassVar[str] = "jobs.mail.mail_snapshot"
    queue: ClassVar[Queue] = Queue.MAIL

    snapshot_id: UUID
    person_id: UUID


class MailDamage(JobCall):
    """Mail somebody who looks after snapshots what a verification has found wrong with one."""

    job: ClassVar[str] = "jobs.mail.mail_damage"
    queue: ClassVar[Queue] = Queue.MAIL

    snapshot_id: UUID
    person_id: UUID
    damage: str
    # The same damage again, after it was mended, is another alarm.
    alarm_id: UUID


class WriteSnapshotCsv(JobCall):
    """Write a snapshot as one CSV file, for all who may see it."""

    job: ClassVar[str] = "jobs.snapshots.write_csv"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 1800
    max_attempts: ClassVar[int] = 3

    snapshot_id: UUID


class TakeNightly(JobCall):
    """Ask for the snapshot of everything that the schedule takes."""

    job: ClassVar[str] = "jobs.snapshots.take_nightly"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS


class VerifySample(JobCall):
    """Read some snapshots again and check every hash of them."""

    job: ClassVar[str] = "jobs.snapshots.verify_sample"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 3600
    max_attempts: ClassVar[int] = 3


class DeleteSnapshots(JobCall):
    """Delete what retention no longer keeps."""

    job: ClassVar[str] = "jobs.snapshots.delete_snapshots"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 1800
    max_attempts: ClassVar[int] = 3


class CleanUpBucket(JobCall):
    """Remove from the bucket what belongs to no snapshot that is kept."""

    job: ClassVar[str] = "jobs.snapshots.clean_up_bucket"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 1800
    max_attempts: ClassVar[int] = 3


class SnapshotMoved(DomainEvent):
    """A snapshot has gone from one state to another."""

    name: ClassVar[str] = "snapshot.moved"
    aggregate: ClassVar[str] = "snapshot"

    before: SnapshotState
    after: SnapshotState


class SnapshotStored(DomainEvent):
    """A snapshot is stored, complete and a link of the chain."""

    name: ClassVar[str] = "snapshot.stored"
    aggregate: ClassVar[str] = "snapshot"

    rows: int
    bytes: int
    root_hash: str


class SnapshotDeleted(DomainEvent):
    """What a snapshot held is deleted; its link of the chain stays."""

    name: ClassVar[str] = "snapshot.deleted"
    aggregate: ClassVar[str] = "snapshot"


class SnapshotDamaged(DomainEvent):
    """A verification has found that a snapshot is not what was stored."""

    name: ClassVar[str] = "snapshot.damaged"
    aggregate: ClassVar[str] = "snapshot"

    damage: list[str]
