"""The stores nearest to a point, and all that is known of one."""

from __future__ import annotations

from math import pi, sin
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.errors import NotFound
from app.services.stores import statements
from app.views.stores import NearStore, Point, StoreCard, StorePage

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from app.work import Work

MOST_NEAR: Final = 50
EARTH: Final = 6_371_008.8
_NEAREST: Final = text(statements.NEAREST)
_NEAREST_WITH: Final = text(statements.NEAREST_WITH)
_ONE: Final = text(statements.ONE)
_CARD: Final = tuple(StoreCard.__dataclass_fields__)


def nearest_stores(
    work: Work,
    *,
    point: Point,
    product_id: int | None = None,
    within_km: float | None = None,
    most: int = MOST_NEAR,
) -> tuple[NearStore, ...]:
    """Return the stores nearest to `point`, at most `most`, nearest first.

    With `product_id` only those that have the product, with how many pieces and its price.
    """
    given: dict[str, Any] = {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "reach": None if within_km is None else _through_the_ground(within_km * 1000),
        "most": min(most, MOST_NEAR),
    }
    if product_id is None:
        rows = work.session.execute(_NEAREST, given)
    else:
        rows = work.session.execute(_NEAREST_WITH, {**given, "product": product_id})
    found = [
        NearStore(_card(row), row["metres"], row["stock"], row["price_minor"], row["currency"])
        for row in rows.mappings()
    ]
    # The index looks into a cube, whose corners are further away than its sides.
    return tuple(near for near in found if within_km is None or near.metres <= within_km * 1000)


def show_store(work: Work, *, store_id: int) -> StorePage:
    """Return a store, also one that its feed no longer has. Raises NotFound."""
    row = work.session.execute(_ONE, {"store": store_id}).mappings().first()
    if row is None:
        raise NotFound("There is no such store.")
    return StorePage(_card(row), tuple(row["services"]), row["products"], row["withdrawn_at"])


def _card(row: RowMapping) -> StoreCard:
    return StoreCard(**{name: row[name] for name in _CARD})


def _through_the_ground(metres: float) -> float:
    """Return the straight distance between two points that are so far apart along the ground."""
    return 2 * EARTH * sin(min(metres / (2 * EARTH), pi / 2))
