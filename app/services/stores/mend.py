"""Saying by hand where a store stands, where its feed does not say it, or says it wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.integrations.feeds.places import place_of
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.catalogue import Store
from app.models.columns import now
from app.services.audit import note

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

# What open pages are told of; a store that moves is another answer of every map.
STORES: Final = "stores"
# No sync has made a record with this hash, so the next one takes the store as its feed has it.
_UNKNOWN_RECORD: Final = b""


def place_store(
    work: Work, *, viewer: Viewer, store_id: int, latitude: str, longitude: str
) -> None:
    """Put a store where somebody says it stands, in degrees as they are typed.

    It stays there until its feed gives a place that can be used. Raises NotAllowed, NotFound, and
    BadInput for what is no place: the same that is refused from a feed.
    """
    store = _locked(work, viewer, store_id)
    place = place_of(latitude, longitude, country=store.country)
    if place.problem is not None:
        is_east = place.problem.startswith("The longitude")
        raise BadInput(place.problem, field="longitude" if is_east else "latitude")
    before = _facts(store)
    store.latitude, store.longitude = place.latitude, place.longitude
    store.placed_at = now()
    _note(work, store, before)


def forget_place(work: Work, *, viewer: Viewer, store_id: int) -> None:
    """Let the feed say again where a store stands.

    Where it says nothing that can be used, the store needs a place again; else the next sync moves
    it. Raises NotAllowed, NotFound, and Conflict where nobody has set its place.
    """
    store = _locked(work, viewer, store_id)
    if store.placed_at is None:
        raise Conflict("Its place is the feed's already.")
    before = _facts(store)
    store.placed_at = None
    if store.place_problem is not None:
        store.latitude = store.longitude = None
    store.record_hash = _UNKNOWN_RECORD
    _note(work, store, before)


def _locked(work: Work, viewer: Viewer, store_id: int) -> Store:
    if not viewer.may(Permission.STORE_PLACE):
        raise NotAllowed("Only an operator may say where a store stands.")
    store = work.session.scalar(select(Store).where(col(Store.id) == store_id).with_for_update())
    if store is None:
        raise NotFound("There is no such store.")
    return store


def _note(work: Work, store: Store, before: dict[str, Any]) -> None:
    work.session.flush()
    note(
        work,
        AuditAction.STORE_PLACED,
        kind="store",
        id=str(store.id),
        title=store.name,
        before=before,
        after=_facts(store),
    )
    work.touch(STORES, "catalogue")


def _facts(store: Store) -> dict[str, Any]:
    return {
        "latitude": store.latitude,
        "longitude": store.longitude,
        "by_hand": store.placed_at is not None,
    }
