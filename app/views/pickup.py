"""Where a part of an order is picked up: stores to choose from, and the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.views.maps import WORLD, MapCamera, MapMark
from app.views.stores import Bounds, Point, turned

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many stores a map shows at first, with some air around them; at least some streets.
_SHOWN_FIRST: Final = 6
_AIR: Final = 1.3
_LEAST_DEGREES: Final = 0.02
# A map that was moved by less still shows what it did.
_LITTLE: Final = 0.1


@dataclass(frozen=True, slots=True)
class PickupView:
    """The store where a part of an order is picked up; `store_id` is 0 where it is delivered.

    `number` is what its supplier calls it; `address` is in lines; `directions` leads to a page that
    shows the way, "" where no map knows it.
    """

    store_id: int
    name: str
    number: str
    address: tuple[str, ...]
    hours: str
    directions: str


NO_PICKUP: Final = PickupView(0, "", "", (), "", "")


@dataclass(frozen=True, slots=True)
class PickupChoice:
    """A store to choose from; `lacks` says what it does not have, "" where it has everything.

    `key` is that of its mark on a map. `distance` is from the place that was asked for, "" where
    none was. Latitude and longitude, in degrees, are None for a store that no map can show.
    """

    store_id: int
    key: str
    name: str
    address: str
    distance: str
    lacks: str
    latitude: float | None
    longitude: float | None


NO_CHOICE: Final = PickupChoice(0, "", "", "", "", "", None, None)


@dataclass(frozen=True, slots=True)
class BasketPart:
    """What a basket holds of one supplier, who may have stores to pick it up at."""

    supplier_id: int
    supplier: str
    has_stores: bool


def mark_of(choice: PickupChoice) -> MapMark | None:
    """Return the mark of a store that a map can show."""
    if choice.latitude is None or choice.longitude is None:
        return None
    has = choice.lacks or "Has everything"
    said = ", ".join(filter(None, (choice.name, choice.distance, has)))
    tone = "warn" if choice.lacks else "good"
    return MapMark(choice.key, choice.latitude, choice.longitude, said, tone=tone)


def camera_of(choices: Sequence[PickupChoice], near: Point | None, *, serial: int) -> MapCamera:
    """Return what shows the first of the stores, and the place that they are near to."""
    marks = [mark for one in choices if (mark := mark_of(one))][:_SHOWN_FIRST]
    points = [(mark.latitude, mark.longitude) for mark in marks]
    if near is not None:
        points.append((near.latitude, near.longitude))
    if not points:
        return replace(WORLD, serial=serial)
    # Counted from the first, so that stores on both sides of the 180th meridian are neighbours.
    first = points[0][1]
    easts = [first + turned(longitude - first) for _, longitude in points]
    norths = [latitude for latitude, _ in points]
    height = max(max(norths) - min(norths), _LEAST_DEGREES) / 2 * _AIR
    width = max(max(easts) - min(easts), _LEAST_DEGREES) / 2 * _AIR
    north, east = (max(norths) + min(norths)) / 2, (max(easts) + min(easts)) / 2
    south, top = max(north - height, -90), min(north + height, 90)
    return MapCamera(south, turned(east - width), top, turned(east + width), serial)


def is_apart(one: Point, other: Point, view: Bounds) -> bool:
    """Tell whether two points are further apart than a little of what a map shows."""
    high = (view.north - view.south) * _LITTLE
    wide = view.width * _LITTLE
    east = abs(turned(one.longitude - other.longitude))
    return abs(one.latitude - other.latitude) > high or east > wide
