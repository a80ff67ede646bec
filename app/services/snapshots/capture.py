"""Capturing a snapshot from beginning to end.

Not one use case but a row of them: it begins in one transaction, is read and written outside of
any of ours, and is stored in one. Until that last one has been committed there is no snapshot:
whatever happens before leaves at most files that nobody refers to, which the next try, or the
clean-up, removes. A lock on a connection of its own is held throughout and is gone with the
process, so that no two ever write the same snapshot.
"""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import case, func, select, text
from sqlalchemy.exc import DBAPIError

from app import db
from app.errors import AppError, Unavailable
from app.integrations.arrow.parquet import PART_ROWS, Part
from app.integrations.arrow.source import Stream
from app.integrations.arrow.typed import columns
from app.integrations.bucket import configured_bucket
from app.models.columns import now
from app.services.catalogue import question_of
from app.services.snapshots.chain import store_in_chain
from app.services.snapshots.leftovers import remove_folder
from app.services.snapshots.manifest import FORMAT, folder_of
from app.services.snapshots.pulse import Pulse
from app.services.snapshots.stages import begin_capture, note_moment
from app.services.snapshots.statements import captured, counted
from app.services.snapshots.states import CalledOff, lock_of
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from sqlalchemy import Connection

    from app.integrations.ports import Bucket
    from app.integrations.uploads import Upload
    from app.work import Work

# A replica may be behind: it knows what was committed up to the last thing it has followed, None
# where that is nothing yet.
_KNOWN_UNTIL: Final = case(
    (func.pg_is_in_recovery(), func.pg_last_xact_replay_timestamp()),
    else_=func.statement_timestamp(),
)
PARQUET: Final = "application/vnd.apache.parquet"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Moment:
    """One moment of the database that several connections can see."""

    exported: str
    taken_at: datetime
    query: str
    rows_expected: int


def capture_snapshot(
    *, snapshot_id: UUID, bucket: Bucket | None = None, part_rows: int = PART_ROWS
) -> None:
    """Capture a snapshot that was asked for; nothing happens where it is not wanted any more.

    Raises Unavailable where the database or the bucket goes away, or another process captures it:
    a later try begins afresh.
    """
    into = bucket or configured_bucket()
    with _held(snapshot_id) as connection:
        begun = within(begin_capture, snapshot_id=snapshot_id)
        if begun is None:
            return
        if begun.left_at is not None:
            remove_folder(into, folder_of(snapshot_id, begun.left_at))
        try:
            _Capture(snapshot_id, connection, into, part_rows).carry_out(begun.query)
        except CalledOff:
            log.info("Snapshot %s was called off", snapshot_id)


@contextmanager
def _held(snapshot_id: UUID) -> Generator[Connection]:
    """Hold the snapshot's lock on a connection of its own."""
    lock = lock_of(snapshot_id)
    with db.dedicated_connection() as connection:
        free = connection.scalar(select(func.pg_try_advisory_lock(lock)))
        connection.commit()
        if not free:
            raise Unavailable("Another process is capturing this snapshot.")
        try:
            yield connection
        finally:
            # Closing the connection would free it too, but only a moment later.
            with suppress(DBAPIError):
                connection.rollback()
                connection.execute(select(func.pg_advisory_unlock_all()))
                connection.commit()


def _known_until(work: Work) -> datetime | None:
    """Return the moment until which the database that is read knows everything."""
    return work.session.scalar(select(_KNOWN_UNTIL))


@contextmanager
def _one_moment(query: str) -> Generator[_Moment]:
    """Keep a moment of the database, the replica's where there is one, open for others to see."""
    before = reading(_known_until)
    with open_work(read_only=True) as work:
        connection = work.session.connection()
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        exported, is_replica, taken_at = connection.execute(
            select(func.pg_export_snapshot(), func.pg_is_in_recovery(), _KNOWN_UNTIL)
        ).one()
        if is_replica:
            # It may have gone on between the two; what it knew before is in it for certain.
            taken_at = min((each for each in (before, taken_at) if each), default=None)
            if taken_at is None:
                raise Unavailable("The replica has not followed anything yet.")
        question = question_of(connection, CatalogueQuery.parse(query))
        yield _Moment(
            exported,
            taken_at,
            db.spelled_out(connection, captured(question.shape), question.values),
            connection.execute(counted(question.shape), question.values).scalar_one(),
        )


@dataclass(frozen=True, slots=True)
class _Capture:
    """One try to capture a snapshot, by whoever holds its lock on `connection`."""

    snapshot_id: UUID
    connection: Connection
    bucket: Bucket
    part_rows: int

    def carry_out(self, query: str) -> None:
        """Write what `query` finds and make it a link of the chain."""
        with _one_moment(query) as moment:
            within(
                note_moment,
                snapshot_id=self.snapshot_id,
                taken_at=moment.taken_at,
                rows_expected=moment.rows_expected,
            )
            folder = folder_of(self.snapshot_id, moment.taken_at)
            try:
                parts = self._written(moment, folder)
            except BaseException:
                # Where the bucket is what failed, the next try or the clean-up does this.
                with suppress(AppError):
                    remove_folder(self.bucket, folder)
                raise
        # What goes wrong from here on leaves the files: only the row tells whether it was stored.
        try:
            store_in_chain(
                self.connection,
                self.bucket,
                snapshot_id=self.snapshot_id,
                folder=folder,
                said=self._said(moment.taken_at, parts),
            )
        except CalledOff:
            remove_folder(self.bucket, folder)
            raise

    def _written(self, moment: _Moment, folder: str) -> list[Part]:
        """Stream every row into the bucket; return the parts."""
        parts: list[Part] = []
        about = {"snapshot": str(self.snapshot_id), "taken_at": moment.taken_at.isoformat()}

        def opened(name: str) -> Upload:
            return self.bucket.upload(folder + name, content_type=PARQUET)

        with (
            Stream(db.reading_url(), moment=moment.exported) as stream,
            Pulse(self.connection, self.snapshot_id, stream.stop) as pulse,
            closing(
                stream.written(moment.query, opened=opened, about=about, part_rows=self.part_rows)
            ) as written,
        ):
            for done in written:
                if isinstance(done, Part):
                    parts.append(done)
                else:
                    pulse.rows = done
        pulse.refuse_ended()
        return parts

    def _said(self, taken_at: datetime, parts: list[Part]) -> dict[str, Any]:
        """Return what the manifest says of the capture itself."""
        return {
            "format": FORMAT,
            "id": str(self.snapshot_id),
            "taken_at": taken_at.isoformat(),
            "written_at": now().isoformat(),
            "columns": columns(),
            "rows": sum(part.rows for part in parts),
            "parts": [asdict(part) for part in parts],
        }
