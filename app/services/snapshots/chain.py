"""The chain of snapshots: each names the root hash of the one before, and nobody cuts in."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col

from app.errors import Unavailable
from app.models.snapshots import Snapshot, SnapshotState, SnapshotStored
from app.services.snapshots.manifest import CONTENT_TYPE, NAME, Manifest, seal
from app.services.snapshots.request import ask_to_mail
from app.services.snapshots.states import CHAIN_LOCK, CalledOff, locked_snapshot, move
from app.work import within

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

    from app.integrations.ports import Bucket
    from app.work import Work


@dataclass(frozen=True, slots=True)
class Link:
    """The newest link of the chain; position 0 before the first one."""

    position: int
    root_hash: str | None


def store_in_chain(
    connection: Connection,
    bucket: Bucket,
    *,
    snapshot_id: UUID,
    folder: str,
    said: dict[str, Any],
) -> None:
    """Write the manifest of captured parts, and make the snapshot the newest link of the chain.

    One at a time, by a lock on `connection`; the link's number is unique besides. The manifest
    comes last into the bucket, and after it the row that makes all of it a snapshot. Raises
    Unavailable where the bucket holds something else than was written, or somebody cut in.
    """
    _refuse_strangers(bucket, folder, said["parts"])
    with _in_turn(connection):
        newest, about = within(_newest_link, snapshot_id=snapshot_id)
        manifest = seal(
            said | about | {"position": newest.position + 1, "previous_root_hash": newest.root_hash}
        )
        _write(bucket, folder + NAME, manifest.content)
        try:
            within(_store, snapshot_id=snapshot_id, manifest=manifest)
        except IntegrityError as problem:
            raise Unavailable("Another snapshot took this one's place in the chain.") from problem


@contextmanager
def _in_turn(connection: Connection) -> Generator[None]:
    connection.execute(select(func.pg_advisory_lock(*CHAIN_LOCK)))
    connection.commit()
    try:
        yield
    finally:
        with suppress(DBAPIError):
            connection.execute(select(func.pg_advisory_unlock(*CHAIN_LOCK)))
            connection.commit()


def _write(bucket: Bucket, key: str, content: bytes) -> None:
    """Write the manifest. That it is there already is no harm: the answer may have been lost."""
    is_new = bucket.put_new(key, content, content_type=CONTENT_TYPE)
    if not is_new and b"".join(bucket.chunks(key)) != content:
        raise Unavailable("The bucket already holds another manifest of this snapshot.")


def _refuse_strangers(bucket: Bucket, folder: str, parts: list[dict[str, Any]]) -> None:
    """Make sure that the folder holds the parts and nothing else.

    An upload that never ended is one whose beginning was asked for twice, its answer being lost.
    """
    found = {(each.key, each.bytes): each for each in bucket.kept(folder)}
    for key, size in list(found):
        if size is None:
            bucket.discard(found.pop((key, size)))
    if set(found) != {(folder + part["name"], part["bytes"]) for part in parts}:
        raise Unavailable("The bucket does not hold what was written to it.")


def _newest_link(work: Work, snapshot_id: UUID) -> tuple[Link, dict[str, Any]]:
    row = work.session.execute(
        select(col(Snapshot.position), col(Snapshot.root_hash))
        .where(col(Snapshot.position).is_not(None))
        .order_by(col(Snapshot.position).desc())
        .limit(1)
    ).one_or_none()
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    about = {
        "query": snapshot.query,
        "filter": snapshot.filter,
        "schema_version": snapshot.schema_version,
    }
    return Link(row[0] or 0, row[1]) if row else Link(0, None), about


def _store(work: Work, snapshot_id: UUID, manifest: Manifest) -> None:
    """Make a captured snapshot a stored one. Raises CalledOff where it was called off."""
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.state is not SnapshotState.CAPTURING:
        raise CalledOff("The snapshot was called off.")
    rows: int = manifest.said["rows"]
    snapshot.rows = snapshot.rows_done = rows
    snapshot.bytes = sum(part["bytes"] for part in manifest.parts)
    snapshot.parts = manifest.parts
    snapshot.position = manifest.said["position"]
    snapshot.root_hash = manifest.root_hash
    snapshot.previous_root_hash = manifest.previous_root_hash
    move(work, snapshot, SnapshotState.STORED)
    work.publish(
        SnapshotStored(
            aggregate_id=str(snapshot_id),
            rows=rows,
            bytes=snapshot.bytes,
            root_hash=manifest.root_hash,
        )
    )
    ask_to_mail(work, snapshot)
