"""Maps: what a view takes at 100,000 stores beside the same views at 1,000."""

from __future__ import annotations

import random
import statistics
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from app import db
from app.services.stores import nearest_stores, stores_in_bounds
from app.views.stores import Bounds, Point
from app.work import reading
from bench.row import Row, compared
from tests.factories.stores import fill_stores, put_in_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FEW, MANY = 1_000, 100_000
STOCKED = 500
# A result of the catalogue, as much as a map is asked about; each is in so many stores.
PRODUCTS, IN_STORES = 1_000, 100
VIEWS = 300
FIRST = 20
MOST_TIMES = 3.0
IN_SOME = f"where a product of {STOCKED} stores is"


def rows(_size: int) -> list[Row]:
    """Measure the same 300 views, from the world to a street, with few stores and with many."""
    few, many = (_measured(stores) for stores in (FEW, MANY))
    asked = {"a view of all stores", "where a product of one store is", IN_SOME}
    return [
        compared(
            f"map p95: {what}, 100,000 stores beside 1,000",
            MANY,
            many[what],
            few.get(what, 0),
            "ms",
            goal=f"at most {MOST_TIMES:g} times" if what in asked else "shown",
            met=what not in asked or many[what] <= MOST_TIMES * few[what],
        )
        for what in many
    ]


def _measured(stores: int) -> dict[str, float]:
    with db.open_session() as session:
        session.execute(text("TRUNCATE supplier, store_cell RESTART IDENTITY CASCADE"))
        some, everywhere = fill_stores(session, stores, stocked=STOCKED)
        in_one = put_in_stores(session, 1, every=stores)
        of_a_search = put_in_stores(session, PRODUCTS, every=stores // IN_STORES)
        # There are not as many among the few.
        in_more = put_in_stores(session, 1, every=20) if stores == MANY else []
    views = _views()
    points = [Point((view.south + view.north) / 2, view.west) for view, _ in views]

    def on_map(**given: Sequence[int]) -> list[Callable[[], object]]:
        return [
            lambda view=view, zoom=zoom: reading(stores_in_bounds, bounds=view, zoom=zoom, **given)
            for view, zoom in views
        ]

    def nearest(**given: int) -> list[Callable[[], object]]:
        return [
            lambda point=point: reading(nearest_stores, point=point, **given) for point in points
        ]

    asked = {
        "a view of all stores": on_map(),
        "where a product of one store is": on_map(products=in_one),
        IN_SOME: on_map(products=[some]),
        **({"where a product of 5,000 stores is": on_map(products=in_more)} if in_more else {}),
        "where a product of all stores is": on_map(products=[everywhere]),
        f"where {PRODUCTS:,} products of {IN_STORES} stores each are": on_map(products=of_a_search),
        "the 50 nearest stores": nearest(),
        f"the nearest with a product of {STOCKED} stores": nearest(product_id=some),
        "the nearest with a product of all stores": nearest(product_id=everywhere),
    }
    return {what: _p95(asks) for what, asks in asked.items()}


def _views() -> list[tuple[Bounds, int]]:
    """Return views of a window of about 1440 by 900 pixels, the same at every call."""
    chosen = random.Random(6)
    found: list[tuple[Bounds, int]] = []
    for number in range(VIEWS):
        zoom = 2 + number % 14
        wide, high = min(5.6 * 360 / 2**zoom, 360), min(3.5 * 180 / 2**zoom, 150)
        south = chosen.uniform(-50, 75 - high) if high < 125 else -75
        west = chosen.uniform(-180, 180)
        east = west + wide if wide < 360 else west
        bounds = Bounds(south, west, south + high, east - 360 if east > 180 else east)
        found.append((bounds if wide < 360 else Bounds(south, -180, south + high, 180), zoom))
    return found


def _p95(asks: list[Callable[[], object]]) -> float:
    """Return the p95 in milliseconds."""
    for ask in asks[:FIRST]:
        ask()
    taken: list[float] = []
    for ask in asks:
        began = perf_counter()
        ask()
        taken.append((perf_counter() - began) * 1000)
    return statistics.quantiles(taken, n=20)[-1]
