"""What a product cost on a day that is past: by its price history, and by the snapshot nearest."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.errors import AppError, NotFound
from app.models.accounts import Permission
from app.models.catalogue import PricePoint, Product
from app.services.snapshots.looking import product_then
from app.services.snapshots.queries import snapshot_of_day
from app.views.past import HeldPrice, ProductOfDay
from app.work import reading

if TYPE_CHECKING:
    from datetime import date

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView
    from app.work import Work

READING: Final = frozenset({Permission.SNAPSHOT_READ, Permission.SNAPSHOT_READ_ALL})


def product_of_day(
    *, viewer: Viewer | None, product_id: int, day: date, bucket: Bucket | None = None
) -> ProductOfDay:
    """Return what held for a product at the end of a day (UTC).

    The price history answers everybody who sees the product; the snapshot those who may read
    snapshots, and where it cannot be read that is said in its place. Raises NotFound where there
    never was such a product.
    """
    price = reading(_price_held, product_id=product_id, day=day)
    snapshot: SnapshotView | None = None
    if viewer is None or not viewer.permissions & READING:
        return ProductOfDay(day, price, None, None, "Sign in to see what the snapshots say.")
    try:
        snapshot = reading(snapshot_of_day, viewer=viewer, day=day)
        product = product_then(
            viewer=viewer, snapshot_id=snapshot.id, product_id=product_id, bucket=bucket
        )
    except AppError as problem:
        return ProductOfDay(day, price, snapshot, None, problem.sentence)
    missing = "" if product else "The snapshot does not have this product."
    return ProductOfDay(day, price, snapshot, product, missing)


def _price_held(work: Work, *, product_id: int, day: date) -> HeldPrice | None:
    """Return the price at the end of the day, None where the product was not known yet."""
    if work.session.scalar(select(col(Product.id)).where(col(Product.id) == product_id)) is None:
        raise NotFound("There is no such product.")
    row = work.session.execute(
        select(col(PricePoint.price_minor), col(PricePoint.currency), col(PricePoint.since))
        .where(
            col(PricePoint.product_id) == product_id,
            col(PricePoint.since) <= datetime.combine(day, time.max, UTC),
        )
        .order_by(col(PricePoint.since).desc(), col(PricePoint.id).desc())
        .limit(1)
    ).one_or_none()
    return HeldPrice(*row) if row else None
