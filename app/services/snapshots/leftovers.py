"""What captures that ended badly, and snapshots that are deleted, have left in the bucket."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.integrations.bucket import configured_bucket
from app.models.columns import stored
from app.models.snapshots import STORED_STATES, Snapshot, SnapshotState
from app.services.snapshots.manifest import CSV_ROOT, NAME, ROOT, folder_of
from app.services.snapshots.states import is_being_written
from app.work import open_work, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.integrations.ports import Bucket
    from app.integrations.uploads import Kept
    from app.work import Work

_OF: Final = re.compile(ROOT + r"taken_date=[0-9-]{10}/snapshot=([0-9a-f-]{36})/")
_CSV_OF: Final = re.compile(CSV_ROOT + r"([0-9a-f-]{36})\.csv")

log = logging.getLogger(__name__)


def remove_folder(bucket: Bucket, folder: str) -> int:
    """Delete all that a folder holds, the manifest first, unfinished uploads too; return how many.

    Without a manifest, what is left of a folder is no snapshot any more.
    """
    found = sorted(bucket.kept(folder), key=lambda kept: not kept.key.endswith(NAME))
    for each in found:
        bucket.discard(each)
    return len(found)


def clean_up_bucket(bucket: Bucket | None = None) -> int:
    """Delete what no snapshot refers to; return how much that was.

    The database decides, not the age: what is being written is left alone, however slow, and
    however wrong a clock is. What belongs to no row at all is left too and reported: a database
    that was restored from an older backup must not cost the snapshots since then.
    """
    among = bucket or configured_bucket()
    by_snapshot: dict[UUID, list[Kept]] = {}
    for each in among.kept(ROOT):
        if match := _OF.match(each.key):
            by_snapshot.setdefault(UUID(match[1]), []).append(each)
    removed = 0
    for snapshot_id, found in by_snapshot.items():
        # The lock is held meanwhile, so that nobody begins to write what is being removed.
        with open_work() as work:
            unwanted = _unwanted(work, snapshot_id, found)
            for each in unwanted:
                among.discard(each)
        removed += len(unwanted)
    removed += _remove_csv(among)
    if removed:
        log.warning("Removed %d files and uploads that belonged to no snapshot", removed)
    return removed


def _remove_csv(bucket: Bucket) -> int:
    """Delete the CSV of deleted snapshots: a job may have written one while its snapshot went."""
    found = [
        (UUID(match[1]), each)
        for each in bucket.kept(CSV_ROOT)
        if (match := _CSV_OF.fullmatch(each.key))
    ]
    deleted = reading(_deleted, among=[snapshot_id for snapshot_id, _ in found])
    unwanted = [each for snapshot_id, each in found if snapshot_id in deleted]
    for each in unwanted:
        bucket.discard(each)
    return len(unwanted)


def _deleted(work: Work, *, among: Sequence[UUID]) -> frozenset[UUID]:
    gone = select(col(Snapshot.id)).where(
        col(Snapshot.id).in_(among), col(Snapshot.deleted_at).is_not(None)
    )
    return frozenset(stored(snapshot_id) for snapshot_id in work.session.scalars(gone))


def _unwanted(work: Work, snapshot_id: UUID, found: list[Kept]) -> list[Kept]:
    if is_being_written(work, snapshot_id):
        return []
    snapshot = work.session.scalar(
        select(Snapshot).where(col(Snapshot.id) == snapshot_id).with_for_update()
    )
    if snapshot is None:
        log.warning("The bucket holds snapshot %s, which the database does not know", snapshot_id)
        return []
    if snapshot.state is SnapshotState.CAPTURING:
        # Its worker has died; its job comes back and begins by removing this.
        return []
    if snapshot.state not in STORED_STATES or snapshot.deleted_at is not None:
        return found
    folder = folder_of(snapshot_id, stored(snapshot.taken_at))
    wanted = {folder + NAME, *(folder + part["name"] for part in snapshot.parts)}
    return [each for each in found if each.key not in wanted or each.bytes is None]
