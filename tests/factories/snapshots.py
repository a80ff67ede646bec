"""A snapshot as pages show it, for tests that are not about one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from app.views.snapshots import SnapshotView


def a_snapshot(snapshot_id: UUID) -> SnapshotView:
    """Return a stored snapshot of everything."""
    taken = datetime(2026, 11, 20, tzinfo=UTC)
    return SnapshotView(
        id=snapshot_id,
        title="The whole catalogue",
        query="",
        filter={},
        state="stored",
        trigger="person",
        by="Ada",
        is_own=True,
        created_at=taken,
        taken_at=taken,
        finished_at=taken,
        rows_done=12,
        rows_expected=12,
        rows=12,
        bytes=1000,
        parts=1,
        position=1,
        root_hash="0" * 64,
        previous_root_hash="",
        schema_version=1,
        chain="verified",
        damage="",
        verified_at=taken,
        problem="",
        is_open=False,
        is_readable=True,
    )
