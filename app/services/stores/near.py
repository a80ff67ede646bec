"""The stores nearest to a point, and all that is known of one."""

from __future__ import annotations

from dataclasses import replace
from math import asin, cos, degrees, radians, sin, sqrt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.errors import NotFound
from app.services.stores import statements
from app.views.stores import (
    EARTH,
    MOST_EAST,
    MOST_NORTH,
    Bounds,
    NearStore,
    Point,
    StoreCard,
    StoreOrder,
    StorePage,
    StoresInView,
    through_the_ground,
    turned,
)

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from app.work import Work

MOST_NEAR: Final = 50
MOST_WITHOUT_PLACE: Final = 20
_NEAREST: Final = text(statements.NEAREST)
_KNOW_THE_PRODUCT: Final = text(statements.KNOW_THE_PRODUCTS)
_NEAREST_WITH: Final = text(statements.NEAREST_WITH)
_IN_VIEW: Final = text(statements.IN_VIEW)
_IN_VIEW_WITH: Final = {order: text(asked) for order, asked in statements.IN_VIEW_WITH.items()}
_WITHOUT_PLACE: Final = text(statements.WITHOUT_PLACE)
_ONE: Final = text(statements.ONE)
_CARD: Final = tuple(StoreCard.__dataclass_fields__)
_FACTS: Final = tuple(NearStore.__dataclass_fields__)[1:]


def nearest_stores(
    work: Work,
    *,
    point: Point,
    product_id: int | None = None,
    within_km: float | None = None,
    most: int = MOST_NEAR,
) -> tuple[NearStore, ...]:
    """Return the stores nearest to `point`, at most `most`, nearest first.

    With `product_id` only those that have the product, with how many pieces and what each asks.
    """
    given: dict[str, Any] = {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "reach": None if within_km is None else through_the_ground(within_km * 1000),
        "most": min(most, MOST_NEAR),
    }
    if product_id is None:
        rows = work.session.execute(_NEAREST, given)
    else:
        work.session.execute(_KNOW_THE_PRODUCT)
        rows = work.session.execute(_NEAREST_WITH, {**given, "product": product_id})
    found = [_near(row) for row in rows.mappings()]
    # The index looks into a cube, whose corners are further away than its sides.
    return tuple(near for near in found if within_km is None or near.metres <= within_km * 1000)


def stores_in_view(
    work: Work,
    *,
    bounds: Bounds,
    point: Point | None = None,
    product_id: int | None = None,
    order: StoreOrder = StoreOrder.NEAREST,
    most: int = MOST_NEAR,
) -> StoresInView:
    """Return stores in `bounds`, at most `most`, each with its distance from `point`.

    Where there are more, those that come first by `order`, the nearest being those nearest to
    `point`, or to the middle where `point` lies outside; of the same price the nearest come first.
    Without `point` distances are from the middle. With `product_id` only stores that have it;
    without one the order is by distance.
    """
    by_distance = order is StoreOrder.NEAREST or product_id is None
    near = point or bounds.middle
    if by_distance and not bounds.has(near):
        near = bounds.middle
    given: dict[str, Any] = {
        **bounds.ends,
        "latitude": near.latitude,
        "longitude": near.longitude,
        "reach": through_the_ground(_farthest(bounds, near)) if by_distance else None,
        "most": min(most, MOST_NEAR) + 1,
    }
    if product_id is None:
        rows = work.session.execute(_IN_VIEW, given)
    else:
        work.session.execute(_KNOW_THE_PRODUCT)
        rows = work.session.execute(_IN_VIEW_WITH[order], {**given, "product": product_id})
    found = [_near(row) for row in rows.mappings()]
    listed = found[:most]
    if point is not None and near is not point:
        listed = [replace(each, metres=metres_between(point, _point(each))) for each in listed]
        listed.sort(key=lambda each: each.metres)
    return StoresInView(tuple(listed), len(found) <= most)


def stores_without_place(
    work: Work, *, product_id: int, most: int = MOST_WITHOUT_PLACE
) -> tuple[NearStore, ...]:
    """Return stores that have a product and need a place, by name; their distance is 0."""
    given = {"product": product_id, "latitude": 0, "longitude": 0, "most": most}
    rows = work.session.execute(_WITHOUT_PLACE, given)
    return tuple(_near(row) for row in rows.mappings())


def metres_between(one: Point, other: Point) -> float:
    """Return how far two points are from each other along the ground."""
    south, north = radians(one.latitude), radians(other.latitude)
    half = sin((north - south) / 2) ** 2
    half += cos(south) * cos(north) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def around(point: Point, metres: float) -> Bounds:
    """Return what shows a point and all that is so near to it; the poles are the end of a map."""
    up = degrees(metres / EARTH)
    side = up / max(cos(radians(point.latitude)), 0.01)
    if side >= MOST_EAST:
        west, east = -MOST_EAST, MOST_EAST
    else:
        west = turned(point.longitude - side)
        east = turned(point.longitude + side)
    return Bounds(
        max(point.latitude - up, -MOST_NORTH), west, min(point.latitude + up, MOST_NORTH), east
    )


def _farthest(bounds: Bounds, point: Point) -> float:
    """Return metres that nothing in `bounds` is further away: along a meridian, then a parallel."""
    up = max(bounds.north - point.latitude, point.latitude - bounds.south)
    # The longest parallel that is crossed: the one nearest to the equator.
    widest = (
        1.0
        if bounds.south <= 0 <= bounds.north
        else cos(radians(min(abs(bounds.south), abs(bounds.north))))
    )
    return EARTH * (radians(up) + radians(min(bounds.width, 180)) * widest)


def show_store(work: Work, *, store_id: int) -> StorePage:
    """Return a store, also one that its feed no longer has. Raises NotFound."""
    row = work.session.execute(_ONE, {"store": store_id}).mappings().first()
    if row is None:
        raise NotFound("There is no such store.")
    return StorePage(_card(row), tuple(row["services"]), row["products"], row["withdrawn_at"])


def _near(row: RowMapping) -> NearStore:
    return NearStore(_card(row), *(row[name] for name in _FACTS))


def _point(near: NearStore) -> Point:
    return Point(near.store.latitude or 0, near.store.longitude or 0)


def _card(row: RowMapping) -> StoreCard:
    return StoreCard(**{name: row[name] for name in _CARD})
