"""The jobs of the queue `snapshots`.

Arrow is loaded by the first capture: an installation that has just started has other things to do.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from app.errors import NotFound
from app.models.comparisons import CompareSnapshots, WriteComparison
from app.models.snapshots import (
    CaptureSnapshot,
    CleanUpBucket,
    DeleteSnapshots,
    SnapshotTrigger,
    TakeNightly,
    VerifySample,
    WriteSnapshotCsv,
)
from app.services.accounts import service_viewer
from app.services.comparisons import carry_out, taking_along
from app.services.comparisons.tidy import tidy
from app.services.snapshots import request_snapshot, stages
from app.services.snapshots.leftovers import clean_up_bucket as clean_up
from app.services.snapshots.retention import delete_unkept
from app.services.snapshots.verify import sample_to_verify, verify_snapshot
from jobs.runner import Outside, Setback, job

if TYPE_CHECKING:
    from app.work import Work


def _is_tried_again(work: Work, call: CaptureSnapshot, setback: Setback) -> None:
    stages.will_try_again(work, snapshot_id=call.snapshot_id, problem=setback.problem)


def _is_given_up(work: Work, call: CaptureSnapshot, setback: Setback) -> None:
    stages.gave_up(work, snapshot_id=call.snapshot_id, problem=setback.problem)


@job(CaptureSnapshot, on_retry=_is_tried_again, on_dead=_is_given_up)
def capture_snapshot(_work: Work, call: CaptureSnapshot) -> Outside:
    """Capture one snapshot."""
    from app.services.snapshots.capture import capture_snapshot as capture  # noqa: PLC0415 - Arrow

    return partial(capture, snapshot_id=call.snapshot_id)


@job(WriteSnapshotCsv)
def write_csv(_work: Work, call: WriteSnapshotCsv) -> Outside:
    """Write a snapshot as CSV."""
    from app.services.snapshots.csv_file import write_snapshot_csv  # noqa: PLC0415 - DuckDB

    return partial(write_snapshot_csv, snapshot_id=call.snapshot_id)


@job(TakeNightly)
def take_nightly(work: Work, _call: TakeNightly) -> None:
    """Ask for a snapshot of everything."""
    viewer = service_viewer("schedule")
    request_snapshot(work, viewer=viewer, trigger=SnapshotTrigger.SCHEDULE)


@job(VerifySample)
def verify_sample(work: Work, _call: VerifySample) -> Outside:
    """Verify some snapshots. What is found wrong is noted on them; this job has done its part."""
    sample = sample_to_verify(work)

    def verify() -> None:
        for snapshot_id in sample:
            # Retention may have deleted it meanwhile, which must not keep the others waiting.
            with suppress(NotFound):
                verify_snapshot(viewer=service_viewer("schedule"), snapshot_id=snapshot_id)

    return verify


@job(DeleteSnapshots)
def delete_snapshots(_work: Work, _call: DeleteSnapshots) -> Outside:
    """Delete what retention does not keep."""
    return delete_unkept


@job(CleanUpBucket)
def clean_up_bucket(_work: Work, _call: CleanUpBucket) -> Outside:
    """Remove what belongs to no snapshot, and to no comparison."""

    def remove() -> None:
        clean_up()
        tidy()

    return remove


def _is_compared_again(work: Work, call: CompareSnapshots, setback: Setback) -> None:
    carry_out.will_try_again(work, comparison_id=call.comparison_id, problem=setback.problem)


def _is_not_compared(work: Work, call: CompareSnapshots, setback: Setback) -> None:
    carry_out.gave_up(work, comparison_id=call.comparison_id, problem=setback.problem)


@job(CompareSnapshots, on_retry=_is_compared_again, on_dead=_is_not_compared)
def compare_snapshots(_work: Work, call: CompareSnapshots) -> Outside:
    """Make one comparison."""
    return partial(carry_out.carry_out, call.comparison_id)


@job(WriteComparison)
def write_comparison(_work: Work, call: WriteComparison) -> Outside:
    """Write the changes of a comparison into a file."""
    return partial(taking_along.write_csv, viewer=service_viewer("worker"), asked=call.query)
