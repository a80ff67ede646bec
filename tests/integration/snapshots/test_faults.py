"""Whatever befalls the bucket: a snapshot is complete, consistent and verifiable, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.config import settings
from app.errors import Unavailable
from app.integrations.bucket import S3Bucket
from app.integrations.bucket.client import s3_client
from app.services.snapshots import list_snapshots, request_snapshot
from app.services.snapshots.capture import capture_snapshot
from app.services.snapshots.leftovers import clean_up_bucket
from app.services.snapshots.manifest import NAME
from app.services.snapshots.stages import will_try_again
from app.services.snapshots.verify import verify_snapshot
from app.work import open_work, reading, within
from tests.faulty_bucket import Fault, FaultyBucket, How
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    shown,
    taken,
)

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.usefixtures("catalogue")

COMPLETE = [NAME, "part-00000.parquet"]
BEGINNING = r"^POST .*uploads"
PIECE = r"^PUT .*partNumber"
ENDING = r"^POST .*uploadId"
MANIFEST = r"^PUT .*manifest"
STEPS = {"beginning": BEGINNING, "piece": PIECE, "ending": ENDING, "manifest": MANIFEST}


@pytest.fixture
def twin(bucket: S3Bucket) -> FaultyBucket:  # noqa: ARG001 - what it stands before
    """Stand in front of the bucket."""
    return FaultyBucket(str(settings().object_storage_endpoint))


@pytest.fixture
def faulty(twin: FaultyBucket) -> Iterator[S3Bucket]:
    """Return the bucket as it is reached through the twin."""
    with twin.serving() as url:
        yield S3Bucket(s3_client(endpoint=url, attempts=3), settings().object_storage_bucket)


def captured(through: S3Bucket) -> UUID:
    """Ask for a snapshot of everything and capture it; return its id."""
    asked = within(request_snapshot, viewer=INSTALLATION)
    capture_snapshot(snapshot_id=asked.id, bucket=through)
    return asked.id


def is_whole(snapshot_id: UUID, bucket: S3Bucket) -> None:
    """Make sure that a snapshot is stored, and verifies through the bucket itself."""
    assert shown(snapshot_id).state == "stored"
    assert everything_kept(bucket, snapshot_id) == COMPLETE
    found = verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot_id, bucket=bucket)
    assert (found.damage, found.rows) == ((), 3)


FAULTS = {
    "down": Fault(How.DOWN),
    "dropped": Fault(How.DROPPED),
    "slow down": Fault(How.ANSWERED, status=503, code="SlowDown"),
    "internal error": Fault(How.ANSWERED, status=500, code="InternalError"),
    "answer lost": Fault(How.ANSWER_LOST),
}
LASTING = FAULTS | {
    "full": Fault(How.ANSWERED, status=507, code="InsufficientStorage"),
    "wrong key": Fault(How.ANSWERED, status=403, code="InvalidAccessKeyId"),
    "not allowed": Fault(How.ANSWERED, status=403, code="AccessDenied"),
    "clock skew": Fault(How.ANSWERED, status=403, code="RequestTimeTooSkewed"),
}


def of(fault: Fault, step: str, times: int) -> Fault:
    """Return a fault of one step, so many times."""
    return Fault(fault.how, STEPS[step], times, fault.status, fault.code)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTS)
def test_what_befalls_a_request_once_costs_nothing(
    name: str, step: str, twin: FaultyBucket, faulty: S3Bucket, bucket: S3Bucket
) -> None:
    fault = of(FAULTS[name], step, times=1)
    twin.faults = [fault]
    snapshot_id = captured(faulty)
    assert fault.met == 1
    is_whole(snapshot_id, bucket)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_leaves_nothing_and_the_next_try_is_whole(
    name: str, step: str, twin: FaultyBucket, faulty: S3Bucket, bucket: S3Bucket
) -> None:
    fault = of(LASTING[name], step, times=1_000)
    twin.faults = [fault]
    asked = within(request_snapshot, viewer=INSTALLATION)
    with pytest.raises(Unavailable) as problem:
        capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    assert fault.met
    # As the job does, which comes back.
    within(will_try_again, snapshot_id=asked.id, problem=problem.value.sentence)
    waiting = shown(asked.id)
    assert (waiting.state, waiting.is_readable) == ("queued", False)
    assert waiting.problem.startswith("The bucket ")
    assert reading(list_snapshots, viewer=INSTALLATION, only_stored=True).rows == ()

    clean_up_bucket(bucket)
    assert everything_kept(bucket, asked.id) == []
    twin.faults = []
    capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    is_whole(asked.id, bucket)


def test_a_bucket_that_is_away_altogether_leaves_the_rest_to_the_next_try(
    twin: FaultyBucket, faulty: S3Bucket, bucket: S3Bucket
) -> None:
    twin.faults = [Fault(How.DOWN)]
    asked = within(request_snapshot, viewer=INSTALLATION)
    with pytest.raises(Unavailable, match="does not answer"):
        capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    twin.faults = []
    capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    is_whole(asked.id, bucket)


def test_what_cannot_be_removed_now_is_removed_by_the_next_try(
    twin: FaultyBucket, faulty: S3Bucket, bucket: S3Bucket
) -> None:
    twin.faults = [Fault(How.DOWN, MANIFEST), Fault(How.DOWN, r"^DELETE ")]
    asked = within(request_snapshot, viewer=INSTALLATION)
    with pytest.raises(Unavailable):
        capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    assert everything_kept(bucket, asked.id) == ["part-00000.parquet"]
    twin.faults = []
    capture_snapshot(snapshot_id=asked.id, bucket=faulty)
    is_whole(asked.id, bucket)


def test_a_slow_bucket_is_waited_for(
    twin: FaultyBucket, faulty: S3Bucket, bucket: S3Bucket
) -> None:
    twin.faults = [Fault(How.SLOW)]
    is_whole(captured(faulty), bucket)


def test_a_wrong_key_is_said_to_be_one(bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bucket
    monkeypatch.setenv("OBJECT_STORAGE_SECRET_KEY", "not the key")
    settings.cache_clear()
    wrong = S3Bucket(s3_client(attempts=1), settings().object_storage_bucket)
    monkeypatch.undo()
    settings.cache_clear()
    with pytest.raises(Unavailable, match="refused: 403"):
        captured(wrong)


def test_a_clock_that_goes_back_breaks_no_chain(bucket: S3Bucket) -> None:
    first = taken()
    with open_work() as work:
        work.session.execute(text("UPDATE snapshot SET taken_at = taken_at + interval '1 hour'"))
    second, third = taken(), taken()
    assert [one.position for one in (first, second, third)] == [1, 2, 3]
    for snapshot in (second, third):
        is_whole(snapshot.id, bucket)
    # By the clock alone, nothing is removed.
    assert clean_up_bucket(bucket) == 0
