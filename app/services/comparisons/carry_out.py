"""Making a comparison: begun in one transaction, made outside of any, stored in one."""

from __future__ import annotations

import hashlib
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.errors import AppError, Conflict, NotFound, Unavailable
from app.integrations.arrow.local import LocalParts, configured_parts
from app.integrations.bucket import configured_bucket
from app.integrations.duck.comparing import compare_files
from app.integrations.duck.summing import STEPS
from app.models.columns import new_id
from app.models.comparisons import ComparisonState
from app.models.snapshots import Snapshot
from app.services.comparisons.queries import OPEN_STATES
from app.services.comparisons.states import ROOT, locked, move, topic_of
from app.services.snapshots.queries import files_of
from app.views.snapshots import SnapshotPart
from app.work import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.duck.comparing import Compared
    from app.integrations.ports import Bucket
    from app.work import Work

PARQUET: Final = "application/vnd.apache.parquet"
BEAT_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is compared, and under which key the outcome will be kept."""

    before: tuple[SnapshotPart, ...]
    after: tuple[SnapshotPart, ...]
    same_hash: bool
    same_filter: bool
    key: str

    @property
    def bytes(self) -> int:
        """What has to be here before it can begin."""
        return sum(part.bytes for part in (*self.before, *self.after))


def carry_out(
    comparison_id: UUID, *, bucket: Bucket | None = None, parts: LocalParts | None = None
) -> None:
    """Make a comparison that was asked for; nothing happens where it is stored already.

    What cannot be compared ends it with the reason. Raises Unavailable where a later try may
    succeed.
    """
    among = bucket or configured_bucket()
    begun = within(_begin, comparison_id=comparison_id)
    if begun is None:
        return
    try:
        _make(comparison_id, begun, among, parts or configured_parts())
    except Unavailable:
        raise
    except AppError as problem:
        within(gave_up, comparison_id=comparison_id, problem=problem.sentence)


def _make(comparison_id: UUID, begun: _Begun, bucket: Bucket, parts: LocalParts) -> None:
    beat = _Beat(comparison_id, bucket)
    with (
        tempfile.TemporaryDirectory(prefix="comparison-") as folder,
        parts.held([*begun.before, *begun.after], chunks=beat.chunks) as paths,
    ):
        into = Path(folder) / "changes.parquet"
        compared = compare_files(
            paths[: len(begun.before)],
            paths[len(begun.before) :],
            into=into,
            same_hash=begun.same_hash,
            same_filter=begun.same_filter,
            beat=beat.stage,
        )
        with into.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            bucket.put_file(begun.key, file, content_type=PARQUET)
        made = SnapshotPart(begun.key, into.name, compared.rows, into.stat().st_size, digest)
    if not within(_store, comparison_id=comparison_id, made=made, compared=compared):
        bucket.delete(begun.key)


def _begin(work: Work, *, comparison_id: UUID) -> _Begun | None:
    comparison = locked(work, comparison_id=comparison_id)
    if comparison.state is ComparisonState.FAILED:
        # It was given up, and put back by an operator.
        move(work, comparison, ComparisonState.QUEUED)
    if comparison.state not in OPEN_STATES:
        return None
    both = [work.session.get(Snapshot, each) for each in _ids(comparison)]
    before, after = (each if each and each.deleted_at is None else None for each in both)
    if before is None or after is None:
        move(work, comparison, ComparisonState.FAILED, problem="One of the snapshots is deleted.")
        return None
    move(work, comparison, ComparisonState.COMPARING)
    comparison.key = f"{ROOT}{comparison_id}/{new_id()}.parquet"
    begun = _Begun(
        before=files_of(before),
        after=files_of(after),
        same_hash=before.schema_version == after.schema_version,
        same_filter=before.query == after.query,
        key=comparison.key,
    )
    comparison.stage = "fetching"
    comparison.bytes_done, comparison.bytes_expected = 0, begun.bytes
    return begun


def _ids(comparison: Any) -> tuple[UUID, UUID]:  # noqa: ANN401 - the row
    return comparison.before_id, comparison.after_id


def _store(work: Work, *, comparison_id: UUID, made: SnapshotPart, compared: Compared) -> bool:
    """Keep what was found; tell whether it is ours to: somebody else may have begun after us."""
    try:
        comparison = locked(work, comparison_id=comparison_id)
    except NotFound:
        return False
    if comparison.key != made.key or comparison.state is not ComparisonState.COMPARING:
        return False
    comparison.rows, comparison.bytes, comparison.sha256 = made.rows, made.bytes, made.sha256
    comparison.figures = compared.figures | {
        "steps": list(STEPS),
        "unlisted_before": compared.unlisted_before,
        "unlisted_after": compared.unlisted_after,
        "not_compared": list(compared.not_compared),
    }
    move(work, comparison, ComparisonState.STORED)
    return True


def will_try_again(work: Work, *, comparison_id: UUID, problem: str) -> None:
    """Let a comparison wait for its next try and say why."""
    comparison = locked(work, comparison_id=comparison_id)
    if comparison.state is ComparisonState.COMPARING:
        move(work, comparison, ComparisonState.QUEUED, problem=problem)


def gave_up(work: Work, *, comparison_id: UUID, problem: str) -> None:
    """End a comparison that came to nothing. One that has ended stays as it is."""
    comparison = locked(work, comparison_id=comparison_id)
    if comparison.state in OPEN_STATES:
        move(work, comparison, ComparisonState.FAILED, problem=problem)


@dataclass(slots=True)
class _Beat:
    """Says on open pages how far a comparison is."""

    comparison_id: UUID
    bucket: Bucket
    done: int = 0
    said_at: float = field(default_factory=time.monotonic)

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield what the bucket keeps, counting."""
        for chunk in self.bucket.chunks(key):
            self.done += len(chunk)
            if time.monotonic() - self.said_at > BEAT_SECONDS:
                self.stage("fetching")
            yield chunk

    def stage(self, stage: str) -> None:
        """Say what is done now."""
        self.said_at = time.monotonic()
        within(_say, self.comparison_id, stage=stage, done=self.done)


def _say(work: Work, comparison_id: UUID, *, stage: str, done: int) -> None:
    comparison = locked(work, comparison_id=comparison_id)
    if comparison.state is not ComparisonState.COMPARING:
        raise Conflict("Somebody else has finished this comparison.")
    comparison.stage, comparison.bytes_done = stage, done
    work.touch(topic_of(comparison_id))
