"""A snapshot as CSV: a short one as it is asked for, a long one by a job, kept for all who may.

Imported where it is needed, since it loads DuckDB.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.errors import NotFound
from app.integrations.arrow.local import configured_parts
from app.integrations.arrow.past import rows_of
from app.integrations.bucket import configured_bucket
from app.models.columns import stored
from app.models.operations import OPEN_JOB_STATES, Job
from app.models.snapshots import WriteSnapshotCsv
from app.services.accounts import service_viewer
from app.services.downloads import download_address
from app.services.snapshots.links import download_name
from app.services.snapshots.manifest import csv_of
from app.services.snapshots.queries import parts_of, readable
from app.services.spreadsheet import CSV, csv_pieces
from app.views.snapshots import CsvFile
from app.work import reading, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.work import Work

# Up to here a browser gets it at once.
SHORT_ROWS: Final = 20_000
_REQUEST_LOCK: Final = (4_715_003, 2)


def csv_file(*, viewer: Viewer, snapshot_id: UUID, bucket: Bucket | None = None) -> CsvFile:
    """Return how `viewer` gets a snapshot as CSV: at once, at an address, or after a job.

    Asking again while the job runs, or when it has ended, starts none. Raises NotFound for one that
    is not stored or that they may not see.
    """
    among = bucket or configured_bucket()
    name, rows = reading(_about, viewer=viewer, snapshot_id=snapshot_id)
    if rows <= SHORT_ROWS:
        return CsvFile(name, is_short=True)
    key = csv_of(snapshot_id)
    if among.exists(key):
        return CsvFile(name, address=download_address(among, key, file_name=name))
    within(_ask, snapshot_id=snapshot_id)
    return CsvFile(name)


def pieces_of(
    *, viewer: Viewer, snapshot_id: UUID, bucket: Bucket | None = None
) -> Iterator[bytes]:
    """Yield a snapshot as CSV. Raises NotFound, Unavailable, and Conflict for damaged files."""
    parts = reading(parts_of, viewer=viewer, snapshot_id=snapshot_id)
    among = bucket or configured_bucket()
    with configured_parts().held(parts, chunks=among.chunks) as files:
        yield from csv_pieces(chain.from_iterable(rows_of(files)))


def write_snapshot_csv(*, snapshot_id: UUID, bucket: Bucket | None = None) -> None:
    """Write a snapshot as CSV into the bucket, piece by piece, unless that was done."""
    among = bucket or configured_bucket()
    viewer = service_viewer("schedule")
    key = csv_of(snapshot_id)
    if among.exists(key):
        return
    # Not found is what was deleted meanwhile.
    with suppress(NotFound), among.upload(key, content_type=CSV) as file:
        for piece in pieces_of(viewer=viewer, snapshot_id=snapshot_id, bucket=among):
            file.write(piece)


def _about(work: Work, viewer: Viewer, snapshot_id: UUID) -> tuple[str, int]:
    snapshot = readable(work, viewer=viewer, snapshot_id=snapshot_id)
    return download_name(snapshot, "products.csv"), stored(snapshot.rows)


def _ask(work: Work, snapshot_id: UUID) -> None:
    call = WriteSnapshotCsv(snapshot_id=snapshot_id)
    work.session.execute(select(func.pg_advisory_xact_lock(*_REQUEST_LOCK)))
    under_way = select(col(Job.id)).where(
        col(Job.state).in_(OPEN_JOB_STATES),
        col(Job.name) == call.job,
        col(Job.payload) == call.model_dump(mode="json"),
    )
    if work.session.scalar(under_way.limit(1)) is None:
        work.enqueue(call)
