"""What the stores of an area have in stock: which stores those are, and how to look at shelves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, Integer, any_, literal, literal_column, select, text

from app.services.catalogue.tables import PRODUCT, SHELF, STORE, given
from app.views.areas import DISTANCES_KM, Circle
from app.views.stores import through_the_ground

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, TextClause

    from app.views.areas import Area

# Stores of an area that are named one by one in a statement.
MOST_STORES: Final = 5_000
# How many entries of shelves are looked through from their stores, and where that is a choice.
FEW_SHELVES: Final = 2_000
SOME_SHELVES: Final = 20_000


class Reach(StrEnum):
    """How it is found out whether a product is in stock in an area, by how much stands there.

    The database knows how many shelves there are for a store and for a product as a rule, and not
    those of this area.

    FEW: by the shelves, whatever else is asked: little is left of the catalogue.
    SOME: by the shelves or by the products, as the database thinks best.
    MANY: product by product: most of those that are looked at are there.
    VAST: the same, and each store is asked where it stands: they are too many to be named.
    """

    FEW = "few"
    SOME = "some"
    MANY = "many"
    VAST = "vast"


@dataclass(frozen=True, slots=True)
class StoresThere:
    """The stores of an area: their ids (none of a VAST one), and how to look at their shelves.

    `within` counts the stores within each of `DISTANCES_KM` of the middle of a circle.
    """

    area: Area
    ids: tuple[int, ...]
    reach: Reach
    within: tuple[int, ...] = ()

    @property
    def is_circle(self) -> bool:
        """Whether the area is round."""
        return isinstance(self.area, Circle)

    @property
    def values(self) -> dict[str, Any]:
        """What the statements of an area are given."""
        return {"stores": list(self.ids), **_values(self.area)}


# Each is written as the index on places is, and then to the point: what lies in the cube or in the
# squares of the index lies a little beyond the area as well.
_IN_CIRCLE: Final = """
    store_position(store.latitude, store.longitude)
        <@ cube_enlarge(store_position(:latitude, :longitude), :reach, 3)
    AND store_position(store.latitude, store.longitude)
        <-> store_position(:latitude, :longitude) <= :reach
"""
_IN_BOUNDS: Final = """
    store_y(store.latitude) BETWEEN store_y(:north) AND store_y(:south)
    AND store.latitude BETWEEN :south AND :north
    AND (
        store_x(store.longitude) BETWEEN store_x(:west) AND store_x(:last)
            AND store.longitude BETWEEN :west AND :last
        OR store_x(store.longitude) BETWEEN store_x(:first) AND store_x(:east)
            AND store.longitude BETWEEN :first AND :east
    )
"""
_ON_THE_MAP: Final = "store.withdrawn_at IS NULL AND store.latitude IS NOT NULL"
_THERE: Final = """
WITH there AS MATERIALIZED (
    SELECT id FROM store WHERE {on_the_map} AND {in_area} LIMIT :most
), shelves AS (
    SELECT FROM there JOIN store_stock ON store_stock.store_id = there.id LIMIT :shelves
)
SELECT ARRAY(SELECT id FROM there ORDER BY id), (SELECT count(*) FROM shelves)
"""
_WITHIN: Final = text(f"""
SELECT store_position(latitude, longitude) <-> store_position(:latitude, :longitude) AS straight
FROM store WHERE {_ON_THE_MAP}
    AND store_position(latitude, longitude)
        <@ cube_enlarge(store_position(:latitude, :longitude), :furthest, 3)
""")  # noqa: S608 - made of the constants above


def stores_there(connection: Connection, area: Area) -> StoresThere:
    """Find the stores of an area. A search does that once, whatever it asks of them."""
    values = _values(area)
    limits = {"most": MOST_STORES + 1, "shelves": SOME_SHELVES + 1}
    ids, shelves = connection.execute(_there(isinstance(area, Circle)), {**values, **limits}).one()
    within = _within(connection, values) if isinstance(area, Circle) else ()
    if len(ids) > MOST_STORES:
        return StoresThere(area, (), Reach.VAST, within)
    reach = Reach.MANY
    if shelves <= SOME_SHELVES:
        reach = Reach.FEW if shelves <= FEW_SHELVES else Reach.SOME
    return StoresThere(area, tuple(ids), reach, within)


def in_stock_there(reach: Reach, *, is_circle: bool) -> ColumnElement[bool]:
    """Return that a product is on a shelf of the area."""
    found = select(literal(1)).where(SHELF.c.stock > 0)
    stores = any_(given("stores", ARRAY(Integer)))
    if reach is Reach.FEW:
        # OFFSET 0 keeps the database from taking this apart.
        numbers = select(SHELF.c.product_id).distinct().where(SHELF.c.store_id == stores)
        return PRODUCT.c.id.in_(numbers.where(SHELF.c.stock > 0).offset(literal_column("0")))
    own = found.where(SHELF.c.product_id == PRODUCT.c.id).correlate(PRODUCT)
    if reach is Reach.SOME:
        return own.where(SHELF.c.store_id == stores).exists()
    if reach is Reach.MANY:
        # A sum is not looked up in an index: each shelf of the product is held against a hash of
        # the stores. Else all stores would be gone through for each product, by their own index.
        there = SHELF.c.store_id + literal_column("0") == stores
        return own.where(there).offset(literal_column("0")).exists()
    placed = own.join(STORE, STORE.c.id == SHELF.c.store_id).where(
        text(f"{_ON_THE_MAP} AND {_area(is_circle)}")
    )
    return placed.offset(literal_column("0")).exists()


def _area(is_circle: bool) -> str:  # noqa: FBT001 - which of two texts
    return _IN_CIRCLE if is_circle else _IN_BOUNDS


@cache
def _there(is_circle: bool) -> TextClause:  # noqa: FBT001 - which of two texts
    return text(_THERE.format(on_the_map=_ON_THE_MAP, in_area=_area(is_circle)))


def _within(connection: Connection, values: dict[str, float]) -> tuple[int, ...]:
    reaches = [through_the_ground(km * 1000) for km in DISTANCES_KM]
    found = list(connection.scalars(_WITHIN, {**values, "furthest": reaches[-1]}))
    return tuple(sum(straight <= reach for straight in found) for reach in reaches)


def _values(area: Area) -> dict[str, float]:
    if isinstance(area, Circle):
        point = area.point
        reach = through_the_ground(area.km * 1000)
        return {"latitude": point.latitude, "longitude": point.longitude, "reach": reach}
    return area.ends
