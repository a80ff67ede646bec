"""What a job is made of: its call, its steps, and what its area does when it does not succeed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from app.models.operations import JobCall

if TYPE_CHECKING:
    from app.work import Work

# How many calls are carried out together where nothing stands against it. What they lock is locked
# meanwhile, for some milliseconds each.
MANY = 32

CallT = TypeVar("CallT", bound=JobCall)


@dataclass(frozen=True, slots=True)
class Setback:
    """An attempt that did not succeed: which of how many, why, and when the next one is due."""

    attempt: int
    attempts: int
    problem: str
    due_at: datetime | None


Hook = Callable[["Work", CallT, Setback], None]
# A job is a first step, then what stands in no transaction, then a last step that gets what that
# returned. The two steps are taken for several calls at once, each in one transaction; the attempt
# is finished in the transaction of the step that turned out to be the last.
Outside = Callable[[], Any]
FirstStep = Callable[["Work", Sequence[CallT]], Sequence[Outside | None]]
LastStep = Callable[["Work", Sequence[Any]], None]


@dataclass(frozen=True, slots=True)
class Declared(Generic[CallT]):
    """A job function with its call and what its area does when it is tried again or given up.

    `at_once` says how many calls may be carried out together just now.
    """

    call: type[CallT]
    begin: FirstStep[CallT]
    conclude: LastStep | None
    at_once: Callable[[], int]
    on_retry: Hook[CallT] | None
    on_dead: Hook[CallT] | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An attempt that this worker holds the lease of; `timeout` is how many seconds it may take."""

    job_id: UUID
    attempt: int
    timeout: int
    payload: dict[str, Any]
