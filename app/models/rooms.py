"""What somebody has asked of a list that takes a while: a file of it, or an action on many rows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now
from app.models.operations import JobCall, Queue


class ListTaskKind(StrEnum):
    """What is done with the list."""

    EXPORT = "export"
    ACTION = "action"


class ListTaskState(StrEnum):
    """Where it stands; `failed` says why in its problem, `removed` is a file that was deleted."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"


class ListTask(SQLModel, table=True):
    """One such wish. Whoever asked is checked again, by `session_id`, when it is carried out.

    `rows` is how many were there when it was asked, `done` and `refused` how many were written or
    done since, and how many something stood against; `query` is the address of the list.
    """

    __tablename__: Any = "list_task"
    __table_args__ = (
        Index("ix_list_task_person", "person_id", "created_at"),
        Index("ix_list_task_created", "created_at", "id"),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    kind: ListTaskKind = Field(sa_type=enum_of(ListTaskKind, "list_task_kind"))
    state: ListTaskState = Field(
        default=ListTaskState.WAITING, sa_type=enum_of(ListTaskState, "list_task_state")
    )
    person_id: UUID = Field(foreign_key="person.id", ondelete="CASCADE")
    session_id: UUID
    # From where it was asked, for the audit of what it does.
    address: str = Field(sa_type=Text)
    trace_id: str = Field(sa_type=Text)
    room: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    query: str = Field(sa_type=Text)
    rows: int
    done: int = 0
    refused: int = 0
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class WriteExport(JobCall):
    """Write a list into a file."""

    job: ClassVar[str] = "jobs.rooms.write_export"
    queue: ClassVar[Queue] = Queue.ROOMS
    timeout: ClassVar[int] = 600
    max_attempts: ClassVar[int] = 4

    task_id: UUID


class ActOnRows(JobCall):
    """Do something to some of the rows of a list that were chosen together."""

    job: ClassVar[str] = "jobs.rooms.act_on_rows"
    queue: ClassVar[Queue] = Queue.ROOMS
    timeout: ClassVar[int] = 300
    max_attempts: ClassVar[int] = 4
    # Why somebody is blocked, say; the audit tells it to those who may read that.
    private: ClassVar[frozenset[str]] = frozenset({"reason", "values"})

    task_id: UUID
    action: str
    keys: tuple[str, ...]
    reason: str
    values: dict[str, str]


class RemoveExports(JobCall):
    """Delete the files of exports that have grown old."""

    job: ClassVar[str] = "jobs.rooms.remove_exports"
    queue: ClassVar[Queue] = Queue.ROOMS
    timeout: ClassVar[int] = 600
