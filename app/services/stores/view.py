"""What a page shows that has stores in a list and on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.services.stores.map import bounds_of_stores, stores_in_bounds
from app.services.stores.near import around, nearest_stores, stores_in_view
from app.views.maps import WORLD
from app.views.stores import Bounds, Mark, Point, StoreOrder, StoresInView

if TYPE_CHECKING:
    from app.work import Work

# So many stores are shown at first beside a place, from no nearer and no further than this.
FIRST_SHOWN: Final = 6
LEAST_METRES: Final = 1_500
MOST_METRES: Final = 400_000
# The mark of the last one does not stand at the very edge.
ROOM: Final = 1.15


def show_view(
    work: Work,
    *,
    bounds: Bounds,
    zoom: float,
    order: StoreOrder = StoreOrder.NEAREST,
    point: Point | None = None,
    product_id: int | None = None,
) -> tuple[StoresInView, tuple[Mark, ...]]:
    """Return the list and the marks of one view, of all stores or of those that have a product.

    How the transaction plans is set for marks of products from here on: ask other things before.
    """
    products = None if product_id is None else (product_id,)
    return (
        stores_in_view(work, bounds=bounds, point=point, product_id=product_id, order=order),
        stores_in_bounds(work, bounds=bounds, zoom=zoom, products=products),
    )


def first_view(work: Work, *, point: Point | None, product_id: int | None = None) -> Bounds:
    """Return what shows the nearest stores to a point, without one all stores there are."""
    if point is None:
        found = bounds_of_stores(work, product_id=product_id)
        return found or WORLD.bounds
    near = nearest_stores(work, point=point, product_id=product_id, most=FIRST_SHOWN)
    metres = ROOM * max((each.metres for each in near), default=MOST_METRES)
    return around(point, min(max(metres, LEAST_METRES), MOST_METRES))
