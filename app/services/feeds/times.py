"""When a feed is due."""

from __future__ import annotations

from datetime import datetime

from croniter import croniter


def next_due(schedule: str, *, after: datetime) -> datetime:
    """Return the first moment of a valid cron expression behind `after`; both are UTC."""
    return croniter(schedule, after).get_next(datetime)
