"""Asking for a snapshot, and calling one off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.flag_cache import refuse_while
from app.flags import STOP_SNAPSHOTS
from app.integrations.arrow.version import SCHEMA_VERSION
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.catalogue import Category
from app.models.columns import stored
from app.models.feeds import Supplier
from app.models.operations import OPEN_JOB_STATES, Job
from app.models.snapshots import (
    OPEN_STATES,
    CaptureSnapshot,
    MailSnapshot,
    Snapshot,
    SnapshotAsker,
    SnapshotState,
    SnapshotTrigger,
)
from app.services.audit import note
from app.services.snapshots.queries import show_snapshot, title_of
from app.services.snapshots.states import is_being_written, locked_snapshot, move, touch
from app.views.areas import in_words, write_area
from app.views.catalogue_query import CatalogueQuery, Layout

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView
    from app.work import Work

# Held while it is decided whether a request joins another: they come by hand, not by the thousand.
_REQUEST_LOCK: Final = (4_715_003, 1)
LOST: Final = "The capture did not finish: its process ended before it did."


def request_snapshot(
    work: Work,
    *,
    viewer: Viewer,
    query: CatalogueQuery | None = None,
    by_mail: bool = True,
    trigger: SnapshotTrigger | None = None,
    queued: bool = True,
) -> SnapshotView:
    """Ask for a snapshot of what `query` finds, of everything without one.

    An identical one that waits or is being captured is joined: it is the answer then, and its mail
    goes to everybody who has asked. With `queued` a worker captures it, else the caller does. A
    service asks for the installation and gets no mail. Raises NotAllowed, and BadInput where the
    query names something that there is not.
    """
    _refuse_others(viewer, "taking snapshots")
    refuse_while(STOP_SNAPSHOTS)
    wanted = _kept_of(query or CatalogueQuery())
    work.session.execute(select(func.pg_advisory_xact_lock(*_REQUEST_LOCK)))
    found = work.session.scalar(
        select(Snapshot)
        .where(col(Snapshot.query) == wanted.render(), col(Snapshot.state).in_(OPEN_STATES))
        .with_for_update()
    )
    if found is not None and _is_lost(work, found):
        move(work, found, SnapshotState.FAILED, problem=LOST)
        work.session.flush()
        found = None
    if found is None:
        found = _new(work, viewer, wanted, trigger, queued=queued)
    if not viewer.is_service:
        _join(work, found, viewer, by_mail=by_mail)
    touch(work, found)
    work.session.flush()
    return show_snapshot(work, viewer=viewer, snapshot_id=stored(found.id))


def cancel_snapshot(work: Work, *, viewer: Viewer, snapshot_id: UUID) -> bool:
    """Call off a snapshot that is not stored yet; what it has written is removed by its worker.

    For who has asked for it, unless others have as well: then only this one no longer waits for
    it. Operators call off any. Returns whether it is called off. Raises NotAllowed, NotFound, and
    Conflict where it has ended.
    """
    _refuse_others(viewer, "calling off snapshots")
    snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
    if snapshot.state not in OPEN_STATES:
        raise Conflict(f"The snapshot is {snapshot.state} already.")
    if not viewer.may(Permission.SNAPSHOT_READ_ALL):
        _leave(work, snapshot, viewer)
        if _is_asked_for(work, snapshot):
            touch(work, snapshot)
            return False
    move(work, snapshot, SnapshotState.CANCELLED)
    note(
        work,
        AuditAction.SNAPSHOT_CANCELLED,
        kind="snapshot",
        id=str(snapshot_id),
        title=title_of(snapshot.filter),
    )
    return True


def _refuse_others(viewer: Viewer, what: str) -> None:
    if not (viewer.may(Permission.SNAPSHOT_TAKE) or viewer.is_service):
        raise NotAllowed(f"Your role does not allow {what}.")


def _kept_of(query: CatalogueQuery) -> CatalogueQuery:
    """Return what of a query narrows the catalogue: order, layout and page do not."""
    kept = replace(query, sort=None, layout=Layout.GRID, after=None)
    return kept if kept.has_price else replace(kept, currency=None)


def _new(
    work: Work,
    viewer: Viewer,
    query: CatalogueQuery,
    trigger: SnapshotTrigger | None,
    *,
    queued: bool,
) -> Snapshot:
    asked_by = SnapshotTrigger.COMMAND_LINE if viewer.is_service else SnapshotTrigger.PERSON
    snapshot = Snapshot(
        trigger=trigger or asked_by,
        query=query.render(),
        filter=_in_words(work, query),
        requested_by=None if viewer.is_service else viewer.person_id,
        schema_version=SCHEMA_VERSION,
    )
    work.session.add(snapshot)
    work.session.flush()
    if queued:
        snapshot.job_id = work.enqueue(CaptureSnapshot(snapshot_id=stored(snapshot.id)))
    note(
        work,
        AuditAction.SNAPSHOT_REQUESTED,
        kind="snapshot",
        id=str(snapshot.id),
        title=title_of(snapshot.filter),
        after={"filter": snapshot.filter},
    )
    return snapshot


def _in_words(work: Work, query: CatalogueQuery) -> dict[str, Any]:
    """Return what a query asks, with the names that numbers have today; {} for everything."""
    suppliers = dict(
        work.session.execute(
            select(col(Supplier.id), col(Supplier.name)).where(
                col(Supplier.id).in_(query.suppliers)
            )
        ).all()
    )
    path = work.session.scalar(select(col(Category.path)).where(col(Category.id) == query.category))
    if len(suppliers) < len(query.suppliers) or (query.category is not None and path is None):
        raise BadInput("The search names a supplier or a category that there is not.")
    given: dict[str, Any] = {
        "text": query.text,
        "suppliers": [{"id": number, "name": suppliers[number]} for number in query.suppliers],
        "category": {"id": query.category, "path": path} if path else None,
        "brands": list(query.brands),
        "price_min": query.price_min,
        "price_max": query.price_max,
        "currency": query.currency,
        "in_stock": query.in_stock,
        "place": {**dict(write_area(query.place)), "said": in_words(query.place)}
        if query.place
        else None,
    }
    return {name: value for name, value in given.items() if value not in ("", [], None, False)}


def _is_lost(work: Work, snapshot: Snapshot) -> bool:
    """Tell whether nobody carries it out any more: its job has ended, and no process writes it."""
    job_state = work.session.scalar(select(col(Job.state)).where(col(Job.id) == snapshot.job_id))
    return job_state not in OPEN_JOB_STATES and not is_being_written(work, stored(snapshot.id))


def _join(work: Work, snapshot: Snapshot, viewer: Viewer, *, by_mail: bool) -> None:
    row = {"snapshot_id": snapshot.id, "person_id": viewer.person_id, "by_mail": by_mail}
    work.session.execute(
        insert(SnapshotAsker)
        .values(row)
        .on_conflict_do_update(
            index_elements=["snapshot_id", "person_id"], set_={"by_mail": by_mail}
        )
    )


def _leave(work: Work, snapshot: Snapshot, viewer: Viewer) -> None:
    asker = work.session.get(SnapshotAsker, (snapshot.id, viewer.person_id))
    if asker is None:
        raise NotFound("There is no such snapshot.")
    work.session.delete(asker)
    work.session.flush()


def _is_asked_for(work: Work, snapshot: Snapshot) -> bool:
    others = select(SnapshotAsker).where(col(SnapshotAsker.snapshot_id) == snapshot.id)
    is_own = snapshot.trigger is not SnapshotTrigger.PERSON
    return is_own or work.session.scalar(select(others.exists())) is True


def ask_to_mail(work: Work, snapshot: Snapshot) -> None:
    """Queue the mail to everybody who waits for a snapshot that is stored now."""
    people = work.session.scalars(
        select(col(SnapshotAsker.person_id)).where(
            col(SnapshotAsker.snapshot_id) == snapshot.id, col(SnapshotAsker.by_mail)
        )
    )
    snapshot_id = stored(snapshot.id)
    work.enqueue_all([MailSnapshot(snapshot_id=snapshot_id, person_id=one) for one in people])
