"""Reading about snapshots, for those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlmodel import col

from app.errors import NotFound
from app.models.accounts import Permission, Person
from app.models.columns import stored
from app.models.snapshots import (
    OPEN_STATES,
    STORED_STATES,
    Snapshot,
    SnapshotAsker,
    SnapshotTrigger,
)
from app.services.snapshots.manifest import folder_of
from app.views.days import end_of
from app.views.formatting import money
from app.views.snapshots import SnapshotPart, SnapshotsPage, SnapshotView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

PAGE_SIZE: Final = 50
EVERYTHING: Final = "The whole catalogue"
READING: Final = frozenset({Permission.SNAPSHOT_READ, Permission.SNAPSHOT_READ_ALL})
# Sizes in titles are written once, for everybody.
_LOCALE: Final = "en"


def may_read(viewer: Viewer) -> ColumnElement[bool]:
    """Return which snapshots somebody may see: those they asked for and the installation's own.

    Operators see all. Who may see none is given none.
    """
    if viewer.may(Permission.SNAPSHOT_READ_ALL):
        return col(Snapshot.id).is_not(None)
    if not viewer.may(Permission.SNAPSHOT_READ):
        return col(Snapshot.id).is_(None)
    return or_(
        col(Snapshot.trigger) != SnapshotTrigger.PERSON,
        exists().where(
            col(SnapshotAsker.snapshot_id) == col(Snapshot.id),
            col(SnapshotAsker.person_id) == viewer.person_id,
        ),
    )


def is_stored() -> ColumnElement[bool]:
    """Return which snapshots can be read now."""
    return col(Snapshot.state).in_(STORED_STATES) & col(Snapshot.deleted_at).is_(None)


def list_snapshots(
    work: Work, *, viewer: Viewer, before: UUID | None = None, only_stored: bool = False
) -> SnapshotsPage:
    """Return a page of the snapshots that `viewer` may see and that are not deleted."""
    asked = _views().where(may_read(viewer), col(Snapshot.deleted_at).is_(None))
    if only_stored:
        asked = asked.where(is_stored())
    if before is not None:
        asked = asked.where(col(Snapshot.id) < before)
    found = work.session.execute(asked.order_by(col(Snapshot.id).desc()).limit(PAGE_SIZE + 1)).all()
    rows = tuple(_view(snapshot, name, viewer) for snapshot, name in found[:PAGE_SIZE])
    return SnapshotsPage(rows, rows[-1].id if len(found) > PAGE_SIZE else None)


def show_snapshot(work: Work, *, viewer: Viewer, snapshot_id: UUID) -> SnapshotView:
    """Return one snapshot, deleted or not. Raises NotFound, for one they may not see as well."""
    row = work.session.execute(
        _views().where(may_read(viewer), col(Snapshot.id) == snapshot_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such snapshot.")
    return _view(row[0], row[1], viewer)


def parts_of(work: Work, *, viewer: Viewer, snapshot_id: UUID) -> tuple[SnapshotPart, ...]:
    """Return the files of a stored snapshot: what browsing and comparing read from the bucket.

    Raises NotFound for one that is not stored, is deleted, or that they may not see.
    """
    snapshot = readable(work, viewer=viewer, snapshot_id=snapshot_id)
    return files_of(snapshot)


def readable(work: Work, *, viewer: Viewer, snapshot_id: UUID) -> Snapshot:
    """Return the row of a stored snapshot that `viewer` may read. Raises NotFound."""
    snapshot = work.session.scalar(
        select(Snapshot).where(may_read(viewer), is_stored(), col(Snapshot.id) == snapshot_id)
    )
    if snapshot is None:
        raise NotFound("There is no such snapshot, or it is not stored any more.")
    return snapshot


def files_of(snapshot: Snapshot) -> tuple[SnapshotPart, ...]:
    """Return the files of a stored snapshot."""
    folder = folder_of(stored(snapshot.id), stored(snapshot.taken_at))
    return tuple(SnapshotPart(key=folder + part["name"], **part) for part in snapshot.parts)


def snapshots_around(
    work: Work, *, viewer: Viewer, moment: datetime
) -> tuple[SnapshotView | None, SnapshotView | None]:
    """Return the stored snapshots of everything nearest to a moment: before (or at), and after."""
    whole = _views().where(may_read(viewer), is_stored(), col(Snapshot.query) == "")
    taken = col(Snapshot.taken_at)
    before = whole.where(taken <= moment).order_by(taken.desc()).limit(1)
    after = whole.where(taken > moment).order_by(taken).limit(1)
    found = (work.session.execute(one).one_or_none() for one in (before, after))
    first, second = (_view(row[0], row[1], viewer) if row else None for row in found)
    return first, second


def snapshot_of_day(work: Work, *, viewer: Viewer, day: date) -> SnapshotView:
    """Return the snapshot of everything that is nearest to the end of a day (UTC).

    The last one by then, else the first one after it. Raises NotFound where there is none.
    """
    before, after = snapshots_around(work, viewer=viewer, moment=end_of(day))
    nearest = before or after
    if nearest is None:
        raise NotFound("No snapshot of the whole catalogue is kept yet: take one first.")
    return nearest


def _views():  # noqa: ANN202 - the type of a SELECT is its columns
    return select(Snapshot, col(Person.name)).outerjoin(
        Person, col(Person.id) == col(Snapshot.requested_by)
    )


def title_of(said: Mapping[str, Any]) -> str:
    """Return in words what a filter leaves of the catalogue."""
    parts: list[str] = [f"“{said['text']}”"] if "text" in said else []
    parts += [supplier["name"] for supplier in said.get("suppliers", [])]
    if "category" in said:
        parts.append(" / ".join(said["category"]["path"]))
    parts += said.get("brands", [])
    parts += _price_of(said)
    if said.get("in_stock"):
        parts.append("in stock")
    if "place" in said:
        parts.append(f"in stock {said['place']['said']}")
    return ", ".join(parts) or EVERYTHING


def _price_of(said: Mapping[str, Any]) -> list[str]:
    words = {"price_min": "from", "price_max": "up to"}
    currency = said.get("currency")
    return [
        f"{word} {money(said[name], currency, _LOCALE) if currency else said[name]}"
        for name, word in words.items()
        if name in said
    ]


def _view(snapshot: Snapshot, name: str | None, viewer: Viewer) -> SnapshotView:
    return SnapshotView(
        id=stored(snapshot.id),
        title=title_of(snapshot.filter),
        query=snapshot.query,
        filter=snapshot.filter,
        state=snapshot.state.value,
        trigger=snapshot.trigger.value,
        by=name or "",
        is_own=snapshot.requested_by == viewer.person_id,
        created_at=snapshot.created_at,
        taken_at=snapshot.taken_at,
        finished_at=snapshot.finished_at,
        rows_done=snapshot.rows_done,
        rows_expected=snapshot.rows_expected,
        rows=snapshot.rows,
        bytes=snapshot.bytes,
        parts=len(snapshot.parts),
        position=snapshot.position,
        root_hash=snapshot.root_hash or "",
        previous_root_hash=snapshot.previous_root_hash or "",
        schema_version=snapshot.schema_version,
        chain=_chain_of(snapshot),
        damage=snapshot.damage or "",
        verified_at=snapshot.verified_at,
        problem=snapshot.problem or "",
        is_open=snapshot.state in OPEN_STATES,
        is_readable=snapshot.state in STORED_STATES and snapshot.deleted_at is None,
    )


def _chain_of(snapshot: Snapshot) -> str:
    if snapshot.position is None:
        return ""
    if snapshot.verified_at is None:
        return "unverified"
    return "damaged" if snapshot.damage else "verified"
