"""What pages, the command line and the API show of suppliers' feeds and their syncs.

Times are UTC, aware; states are the words of `app.models.feeds`. A feed's secret is in no view.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """What one sync came to, in records; `seen` is everything but the withdrawn ones."""

    seen: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class SyncRunView:
    """One sync run; `seconds` is how long it took or has been taking, None before it starts."""

    id: UUID
    feed_id: int
    feed: str
    state: str
    trigger: str
    counts: SyncCounts
    problem: str | None
    created_at: datetime
    finished_at: datetime | None
    seconds: float | None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet."""
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class FeedView:
    """One feed with how it is doing.

    `state` is the state of its last run, "new" before the first.
    """

    id: int
    name: str
    supplier: str
    url: str
    state: str
    products: int
    synced_at: datetime | None
    due_at: datetime | None
    schedule: str | None
    last_run: SyncRunView | None


@dataclass(frozen=True, slots=True)
class RejectedRecordView:
    """A record that could not be taken, why, and what it was."""

    external_id: str | None
    reason: str
    record: Any


@dataclass(frozen=True, slots=True)
class FeedDetailView:
    """A feed with how it is read and what became of its last runs, the newest first."""

    feed: FeedView
    authentication: str
    paging: dict[str, Any]
    mapping: dict[str, Any]
    stores: dict[str, Any] | None
    categories: dict[str, Any] | None
    runs: tuple[SyncRunView, ...]
    rejected: tuple[RejectedRecordView, ...]
