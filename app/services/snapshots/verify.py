"""Verifying: a snapshot is read again, byte by byte, and held against its hashes and the chain."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.errors import BadInput, NotAllowed, NotFound
from app.integrations.bucket import configured_bucket
from app.models.accounts import Permission
from app.models.columns import now, stored
from app.models.snapshots import Snapshot, SnapshotDamaged
from app.services.catalogue.tables import table_of
from app.services.snapshots.alarm import raise_alarm
from app.services.snapshots.manifest import NAME, folder_of, read_manifest
from app.services.snapshots.queries import files_of, is_stored, readable
from app.services.snapshots.states import locked_snapshot, touch
from app.views.snapshots import SnapshotPart, Verification
from app.work import reading, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.work import Work

_LINK: Final = table_of(Snapshot)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the database says of a stored snapshot, and of its place in the chain."""

    folder: str
    files: tuple[SnapshotPart, ...]
    parts: list[dict[str, Any]]
    rows: int
    root_hash: str
    previous_root_hash: str | None
    chain: tuple[str, ...]


def verify_snapshot(
    *, viewer: Viewer, snapshot_id: UUID, bucket: Bucket | None = None
) -> Verification:
    """Read a snapshot from the bucket again and check every hash and its place in the chain.

    What is wrong is in the answer and noted on the snapshot; newly found, it is an error in the
    log, an event `snapshot.damaged`, and a mail to those who look after snapshots. Raises
    NotAllowed, NotFound, also where it is deleted meanwhile, and Unavailable where the bucket does
    not answer: then nothing is known.
    """
    if not viewer.may(Permission.SNAPSHOT_VERIFY):
        raise NotAllowed("Your role does not allow verifying snapshots.")
    among = bucket or configured_bucket()
    expected = reading(_expected, viewer=viewer, snapshot_id=snapshot_id)
    damage = (
        *expected.chain,
        *_damage_of_manifest(among, expected),
        *_damage_of_files(among, expected),
    )
    within(_note, snapshot_id=snapshot_id, damage=damage)
    return Verification(
        id=snapshot_id,
        rows=expected.rows,
        bytes=sum(file.bytes for file in expected.files),
        parts=len(expected.files),
        root_hash=expected.root_hash,
        damage=damage,
    )


def sample_to_verify(work: Work, *, newest: int = 2, longest_ago: int = 3) -> list[UUID]:
    """Return snapshots that it is time to verify: some that never were, newest first, some again.

    Over the days each comes round.
    """
    mine = select(col(Snapshot.id)).where(is_stored())
    never = mine.where(col(Snapshot.verified_at).is_(None)).order_by(col(Snapshot.id).desc())
    again = mine.where(col(Snapshot.verified_at).is_not(None)).order_by(col(Snapshot.verified_at))
    chosen = [
        *work.session.scalars(never.limit(newest)),
        *work.session.scalars(again.limit(longest_ago)),
    ]
    return [stored(one) for one in chosen]


def _expected(work: Work, viewer: Viewer, snapshot_id: UUID) -> _Expected:
    snapshot = readable(work, viewer=viewer, snapshot_id=snapshot_id)
    return _Expected(
        folder=folder_of(snapshot_id, stored(snapshot.taken_at)),
        files=files_of(snapshot),
        parts=snapshot.parts,
        rows=stored(snapshot.rows),
        root_hash=stored(snapshot.root_hash),
        previous_root_hash=snapshot.previous_root_hash,
        chain=_damage_of_chain(work, snapshot),
    )


def _damage_of_chain(work: Work, snapshot: Snapshot) -> tuple[str, ...]:
    """Check the links up to this one as the database has them."""
    position = stored(snapshot.position)
    links = (
        select(
            _LINK.c.position,
            _LINK.c.previous_root_hash.label("said"),
            func.lag(_LINK.c.root_hash).over(order_by=_LINK.c.position).label("was"),
            func.row_number().over(order_by=_LINK.c.position).label("number"),
        )
        .where(_LINK.c.position <= position)
        .subquery()
    )
    broken = select(func.min(links.c.position)).where(
        links.c.said.is_distinct_from(links.c.was) | (links.c.position != links.c.number)
    )
    first = work.session.scalar(broken)
    return () if first is None else (f"The chain is broken at its link {first}.",)


def _damage_of_manifest(bucket: Bucket, expected: _Expected) -> list[str]:
    try:
        manifest = read_manifest(b"".join(bucket.chunks(expected.folder + NAME)))
    except NotFound:
        return ["The manifest is missing."]
    except BadInput as problem:
        return [problem.sentence]
    if manifest.root_hash != expected.root_hash:
        return ["The manifest was replaced: its root hash is not the one that was stored."]
    # The root hash covers these: where they differ, it is the database that was changed.
    said = (manifest.parts, manifest.previous_root_hash, manifest.said["rows"])
    if said != (expected.parts, expected.previous_root_hash, expected.rows):
        return ["The database says something else of the snapshot than its manifest."]
    return []


def _damage_of_files(bucket: Bucket, expected: _Expected) -> list[str]:
    damage = [sentence for file in expected.files if (sentence := _damage_of_file(bucket, file))]
    wanted = {expected.folder + NAME, *(file.key for file in expected.files)}
    strangers = sorted({found.key for found in bucket.kept(expected.folder)} - wanted)
    return damage + [f"{_name_of(key)} is not part of the snapshot." for key in strangers]


def _damage_of_file(bucket: Bucket, file: SnapshotPart) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        for piece in bucket.chunks(file.key):
            digest.update(piece)
            size += len(piece)
    except NotFound:
        return f"{file.name} is missing."
    if size != file.bytes:
        return f"{file.name} has {size:,} bytes and should have {file.bytes:,}."
    return "" if digest.hexdigest() == file.sha256 else f"{file.name} was changed."


def _name_of(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _note(work: Work, snapshot_id: UUID, damage: Sequence[str]) -> None:
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.deleted_at is not None:
        # Its files went while they were read: that is no damage.
        raise NotFound("The snapshot was deleted while it was read.")
    snapshot.verified_at = now()
    found = " ".join(damage) or None
    is_news = found is not None and found != snapshot.damage
    snapshot.damage = found
    touch(work, snapshot)
    if is_news:
        log.error("Snapshot %s is damaged: %s", snapshot_id, snapshot.damage)
        work.publish(SnapshotDamaged(aggregate_id=str(snapshot_id), damage=list(damage)))
        raise_alarm(work, snapshot)
