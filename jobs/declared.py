"""What a job is made of: its call, its steps, and what its area does when it does not succeed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from app.models.operations import JobCall

if TYPE_CHECKING:
    from app.work import Work

CallT = TypeVar("CallT", bound=JobCall)


@dataclass(frozen=True, slots=True)
class Setback:
    """An attempt that did not succeed: which of how many, why, and when the next one is due."""

    attempt: int
    attempts: int
    problem: str
    due_at: datetime | None


Hook = Callable[["Work", CallT, Setback], None]
# A job is a first step, then what stands in no transaction, then a last step; the attempt is
# finished in the transaction of the step that turned out to be the last.
LastStep = Callable[["Work"], None]
Outside = Callable[[], LastStep | None]
FirstStep = Callable[["Work", CallT], Outside | None]


@dataclass(frozen=True, slots=True)
class Declared(Generic[CallT]):
    """A job function with its call and what its area does when it is tried again or given up."""

    call: type[CallT]
    begin: FirstStep[CallT]
    on_retry: Hook[CallT] | None
    on_dead: Hook[CallT] | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An attempt that this worker holds the lease of."""

    job_id: UUID
    attempt: int
    payload: dict[str, Any]
