"""A snapshot that was tampered with, anywhere, is found; one that was not is sound."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.errors import NotAllowed, NotFound, Unavailable
from app.integrations.bucket import S3Bucket
from app.integrations.bucket.client import s3_client
from app.models.operations import DomainEventRow
from app.services.snapshots.manifest import NAME, seal
from app.services.snapshots.verify import sample_to_verify, verify_snapshot
from app.work import open_work, reading
from tests.integration.snapshots.conftest import INSTALLATION, folder, shown, somebody, taken

if TYPE_CHECKING:
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue")

PART = "part-00000.parquet"
Tamper = Callable[[S3Bucket, str], object]


def verified(snapshot: SnapshotView) -> str:
    """Verify a snapshot and return what is wrong, "" for nothing."""
    return " ".join(verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot.id).damage)


def test_what_nobody_touched_is_sound() -> None:
    first, second = taken(), taken("q=bottle")
    assert (verified(first), verified(second)) == ("", "")
    after = shown(second.id)
    assert (after.chain, after.damage) == ("verified", "")
    assert after.verified_at is not None


def _flip_a_bit(bucket: S3Bucket, place: str) -> None:
    content = bytearray(b"".join(bucket.chunks(place + PART)))
    content[len(content) // 2] ^= 1
    bucket.put(place + PART, bytes(content), content_type="x")


def _cut(bucket: S3Bucket, place: str) -> None:
    bucket.put(place + PART, b"".join(bucket.chunks(place + PART))[:-1], content_type="x")


def _change_rows(bucket: S3Bucket, place: str) -> None:
    said = orjson.loads(b"".join(bucket.chunks(place + NAME)))
    bucket.put(place + NAME, orjson.dumps(said | {"rows": 2}), content_type="x")


def _seal_anew(bucket: S3Bucket, place: str) -> None:
    said = orjson.loads(b"".join(bucket.chunks(place + NAME)))
    said.pop("root_hash")
    bucket.put(place + NAME, seal(said | {"rows": 2}).content, content_type="x")


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "a bit of a part": (_flip_a_bit, "part-00000.parquet was changed"),
    "a part cut short": (_cut, "and should have"),
    "no part": (lambda bucket, place: bucket.delete(place + PART), "is missing"),
    "no manifest": (lambda bucket, place: bucket.delete(place + NAME), "manifest is missing"),
    "a figure in the manifest": (_change_rows, "manifest was changed"),
    "another manifest with a hash of its own": (_seal_anew, "manifest was replaced"),
    "no JSON": (
        lambda bucket, place: bucket.put(place + NAME, b"[]", content_type="x"),
        "no manifest",
    ),
    "a part too many": (
        lambda bucket, place: (
            bucket.put(place + "part-00001.parquet", b"", content_type="x") and None
        ),
        "part-00001.parquet is not part of the snapshot",
    ),
}


@pytest.mark.parametrize(("tamper", "sentence"), TAMPERED.values(), ids=TAMPERED)
def test_what_somebody_changed_in_the_bucket_is_found(
    bucket: S3Bucket, caplog: pytest.LogCaptureFixture, tamper: Tamper, sentence: str
) -> None:
    snapshot, other = taken(), taken("q=bottle")
    tamper(bucket, folder(snapshot))
    assert sentence in verified(snapshot)
    assert verified(other) == ""
    verified(snapshot)

    assert shown(snapshot.id).chain == "damaged"
    # Said once, however often it is found.
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 1
    with open_work() as work:
        named = select(DomainEventRow).where(col(DomainEventRow.name) == "snapshot.damaged")
        assert len(work.session.scalars(named).all()) == 1


DATABASE = {
    "a link": ("UPDATE snapshot SET root_hash = repeat('0', 64) WHERE position = 2", "link 3"),
    "a hole": ("UPDATE snapshot SET position = 9 WHERE position = 2", "link 3"),
    "what it says of the files": (
        "UPDATE snapshot SET rows = 7 WHERE position = 3",
        "database says something else",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), DATABASE.values(), ids=DATABASE)
def test_what_somebody_changed_in_the_database_is_found(change: str, sentence: str) -> None:
    taken()
    taken()
    third = taken()
    with open_work() as work:
        work.session.execute(text(change))
    assert sentence in verified(third)


def test_one_that_is_deleted_while_it_is_read_is_not_damaged(
    bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = taken()
    read = S3Bucket.chunks

    def delete_and_read(self: S3Bucket, key: str) -> Iterator[bytes]:
        with open_work() as work:
            work.session.execute(text("UPDATE snapshot SET deleted_at = now()"))
        bucket.delete(folder(snapshot) + PART)
        return read(self, key)

    monkeypatch.setattr(S3Bucket, "chunks", delete_and_read)
    with pytest.raises(NotFound, match="while it was read"):
        verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot.id)
    assert shown(snapshot.id).damage == ""


def test_a_bucket_that_is_away_proves_nothing() -> None:
    snapshot = taken()
    nobody = S3Bucket(s3_client(endpoint="http://127.0.0.1:9", attempts=1), "any-name")
    with pytest.raises(Unavailable):
        verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot.id, bucket=nobody)
    assert shown(snapshot.id).chain == "unverified"


def test_buyers_may_not_have_everything_read_again() -> None:
    snapshot = taken()
    with pytest.raises(NotAllowed):
        verify_snapshot(viewer=somebody(), snapshot_id=snapshot.id)
    with pytest.raises(NotFound):
        verify_snapshot(viewer=INSTALLATION, snapshot_id=somebody().person_id)


def test_over_the_days_each_is_sampled() -> None:
    snapshots = [taken() for _ in range(4)]
    seen: list[object] = []
    for _ in range(3):
        for snapshot_id in reading(sample_to_verify, newest=1, longest_ago=1):
            verify_snapshot(viewer=INSTALLATION, snapshot_id=snapshot_id)
            seen.append(snapshot_id)
    assert seen[0] == snapshots[-1].id
    assert {one.id for one in snapshots[1:]} <= set(seen)
