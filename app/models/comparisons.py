"""Comparisons: what two snapshots say differently, found once and kept for good."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now
from app.models.operations import JobCall, Queue


class ComparisonState(StrEnum):
    """Where a comparison stands; it can be read once it is stored."""

    QUEUED = "queued"
    COMPARING = "comparing"
    STORED = "stored"
    FAILED = "failed"


# One whose worker has died, or that is tried again, begins afresh.
COMPARISON_TRANSITIONS: Final[dict[ComparisonState, frozenset[ComparisonState]]] = {
    ComparisonState.QUEUED: frozenset({ComparisonState.COMPARING, ComparisonState.FAILED}),
    ComparisonState.COMPARING: frozenset(
        {
            ComparisonState.COMPARING,
            ComparisonState.QUEUED,
            ComparisonState.STORED,
            ComparisonState.FAILED,
        }
    ),
    ComparisonState.STORED: frozenset(),
    ComparisonState.FAILED: frozenset({ComparisonState.QUEUED}),
}


class Comparison(SQLModel, table=True):
    """The comparison of two snapshots, of which there is one: neither of them ever changes.

    `stage` says what is done while it is being made, `bytes_done` how many of `bytes_expected` were
    fetched. `key` is where the bucket keeps the changes, or will: who makes it writes down a key of
    its own first, so that of two who do so at once one knows that its file is not wanted. `rows`,
    `bytes` and `sha256` are of that file, `figures` the summary.
    """

    __tablename__: Any = "comparison"
    __table_args__ = (UniqueConstraint("before_id", "after_id"),)

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    before_id: UUID = Field(foreign_key="snapshot.id", ondelete="CASCADE")
    after_id: UUID = Field(foreign_key="snapshot.id", index=True, ondelete="CASCADE")
    state: ComparisonState = Field(
        default=ComparisonState.QUEUED, sa_type=enum_of(ComparisonState, "comparison_state")
    )
    job_id: UUID | None = Field(default=None, foreign_key="job.id", index=True, ondelete="SET NULL")
    stage: str = Field(default="", sa_type=Text)
    bytes_done: int = Field(default=0, sa_type=BigInteger)
    bytes_expected: int = Field(default=0, sa_type=BigInteger)
    key: str | None = Field(default=None, sa_type=Text)
    rows: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class CompareSnapshots(JobCall):
    """Make one comparison."""

    job: ClassVar[str] = "jobs.snapshots.compare_snapshots"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 1800
    max_attempts: ClassVar[int] = 4

    comparison_id: UUID


class WriteComparison(JobCall):
    """Write the changes that the query part of a comparison's address asks for into a CSV file."""

    job: ClassVar[str] = "jobs.snapshots.write_comparison"
    queue: ClassVar[Queue] = Queue.SNAPSHOTS
    timeout: ClassVar[int] = 600
    max_attempts: ClassVar[int] = 4

    query: str


class MailComparison(JobCall):
    """Mail somebody the summary of a comparison; each wish for one is a mail of its own."""

    job: ClassVar[str] = "jobs.mail.mail_comparison"
    queue: ClassVar[Queue] = Queue.MAIL

    before_id: UUID
    after_id: UUID
    person_id: UUID
    wish_id: UUID
