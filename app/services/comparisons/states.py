"""The moves of a comparison: one function, which refuses what does not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.errors import IllegalMove, NotFound
from app.models.columns import now, stored
from app.models.comparisons import COMPARISON_TRANSITIONS, Comparison, ComparisonState

if TYPE_CHECKING:
    from app.work import Work


# Where the bucket keeps what comparisons have found, each in a folder of its own.
ROOT: Final = "comparisons/"


def topic_of(comparison_id: UUID) -> str:
    """Return the topic of one comparison."""
    return f"comparison:{comparison_id}"


def locked(work: Work, *, comparison_id: UUID) -> Comparison:
    """Return the comparison, locked until the transaction ends. Raises NotFound."""
    found = work.session.scalar(
        select(Comparison).where(col(Comparison.id) == comparison_id).with_for_update()
    )
    if found is None:
        raise NotFound("There is no such comparison.")
    return found


def move(
    work: Work, comparison: Comparison, to: ComparisonState, *, problem: str | None = None
) -> None:
    """Move a locked comparison on and tell open pages. Raises IllegalMove."""
    if to not in COMPARISON_TRANSITIONS[comparison.state]:
        raise IllegalMove(f"A comparison that is {comparison.state} cannot become {to}.")
    comparison.state = to
    comparison.problem = problem
    comparison.stage = ""
    if to is ComparisonState.COMPARING:
        comparison.started_at, comparison.finished_at = now(), None
    elif to in {ComparisonState.STORED, ComparisonState.FAILED}:
        comparison.finished_at = now()
    work.touch(topic_of(stored(comparison.id)))
