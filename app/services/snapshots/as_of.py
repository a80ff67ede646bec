"""What a product cost at a moment that is past: by its price history, and by a snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.errors import AppError, NotFound
from app.models.catalogue import Product
from app.models.columns import stored
from app.services.snapshots.held import prices_held
from app.services.snapshots.looking import product_then
from app.services.snapshots.queries import (
    READING,
    readable,
    show_snapshot,
    snapshot_of_day,
)
from app.views.days import end_of
from app.views.past import HeldPrice, ProductOfDay
from app.work import reading

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView
    from app.work import Work

TO_SIGN_IN: Final = "Sign in to see what the snapshots say."


def may_look(viewer: Viewer | None) -> bool:
    """Tell whether somebody may read any snapshot at all."""
    return viewer is not None and bool(viewer.permissions & READING)


def product_of_day(
    *, viewer: Viewer | None, product_id: int, day: date, bucket: Bucket | None = None
) -> ProductOfDay:
    """Return what held for a product at the end of a day (UTC).

    The price history answers everybody who sees the product; the snapshot those who may read
    snapshots, and where it cannot be read that is said in its place. Raises NotFound where there
    never was such a product.
    """
    moment = end_of(day)
    price = reading(_price_held, product_id=product_id, moment=moment)
    if viewer is None or not may_look(viewer):
        return ProductOfDay(moment, price, None, None, TO_SIGN_IN)
    try:
        snapshot = reading(snapshot_of_day, viewer=viewer, day=day)
    except AppError as problem:
        return ProductOfDay(moment, price, None, None, problem.sentence)
    found = ProductOfDay(moment, price, snapshot, None, "")
    return _looked_up(found, viewer=viewer, product_id=product_id, bucket=bucket)


def product_of_snapshot(
    *, viewer: Viewer, product_id: int, snapshot_id: UUID, bucket: Bucket | None = None
) -> ProductOfDay:
    """Return the same for the moment of one snapshot, as that one has it.

    Raises NotFound where there never was such a product, and for a snapshot that is not stored or
    that they may not see.
    """
    snapshot = reading(_readable_view, viewer=viewer, snapshot_id=snapshot_id)
    moment = stored(snapshot.taken_at)
    price = reading(_price_held, product_id=product_id, moment=moment)
    found = ProductOfDay(moment, price, snapshot, None, "")
    return _looked_up(found, viewer=viewer, product_id=product_id, bucket=bucket)


def _looked_up(
    found: ProductOfDay, *, viewer: Viewer, product_id: int, bucket: Bucket | None
) -> ProductOfDay:
    """Return the same with what the snapshot has of the product, or why it says nothing."""
    if found.snapshot is None:
        return found
    try:
        product = product_then(
            viewer=viewer, snapshot_id=found.snapshot.id, product_id=product_id, bucket=bucket
        )
    except AppError as problem:
        return replace(found, remark=problem.sentence)
    missing = "" if product else "The snapshot does not have this product."
    return replace(found, product=product, remark=missing)


def _readable_view(work: Work, *, viewer: Viewer, snapshot_id: UUID) -> SnapshotView:
    readable(work, viewer=viewer, snapshot_id=snapshot_id)
    return show_snapshot(work, viewer=viewer, snapshot_id=snapshot_id)


def _price_held(work: Work, *, product_id: int, moment: datetime) -> HeldPrice | None:
    """Return the price at a moment, None where the product was not known yet."""
    if work.session.scalar(select(col(Product.id)).where(col(Product.id) == product_id)) is None:
        raise NotFound("There is no such product.")
    return prices_held(work, products=[product_id], moment=moment).get(product_id)
