"""Counting what may be a great deal: a dashboard needs to know that it is many, not how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from app.views.formatting import capped

if TYPE_CHECKING:
    from sqlalchemy import Select

    from app.work import Work

MOST: Final = 1_000


def count_up_to(work: Work, rows: Select[*tuple[Any, ...]]) -> int:
    """Return how many rows there are, at most one more than `MOST`."""
    counted = select(func.count()).select_from(rows.limit(MOST + 1).subquery())
    return work.session.scalar(counted) or 0


def figure(count: int, locale: str) -> str:
    """Return a count as it is read, with a "+" where there are more than were counted."""
    return capped(count, exact=True, limit=MOST, locale=locale)
