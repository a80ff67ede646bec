"""Stores as maps and lists show them; every view is without text of a language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import pi, sin
from typing import Final

from app.errors import BadInput

# By which opening hours are kept.
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_NORTH: Final = 90.0
MOST_EAST: Final = 180.0
# The earth's mean radius (IUGG R1) in metres.
EARTH: Final = 6_371_008.8


def through_the_ground(metres: float) -> float:
    """Return the straight distance of two points, in metres, that are so far apart on the ground.

    It is what `cube` compares; no two points are further apart than half the way around.
    """
    return 2 * EARTH * sin(min(metres / (2 * EARTH), pi / 2))


def turned(degrees: float) -> float:
    """Return the same direction between -180 and 180 degrees."""
    return (degrees + MOST_EAST) % (2 * MOST_EAST) - MOST_EAST


class Open(StrEnum):
    """Whether a store is open; unknown where its hours or its time zone cannot be told."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class StoreOrder(StrEnum):
    """In which order stores are listed: the nearest, cheapest, fullest first, or by name."""

    NEAREST = "nearest"
    PRICE = "price"
    PIECES = "pieces"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Point:
    """A point in degrees. Raises BadInput for what is none, NaN included."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Check it."""
        if not (abs(self.latitude) <= MOST_NORTH and abs(self.longitude) <= MOST_EAST):
            raise BadInput("A place lies between -90 and 90, and between -180 and 180 degrees.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a map shows, in degrees; `west` is greater than `east` across the 180th meridian.

    Raises BadInput for what cannot be shown.
    """

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        """Check it."""
        Point(self.south, self.west)
        Point(self.north, self.east)
        if self.south > self.north:
            raise BadInput("The south of a map cannot lie north of its north.")

    def has(self, point: Point) -> bool:
        """Tell whether a point lies in it."""
        return self.south <= point.latitude <= self.north and any(
            west <= point.longitude <= east for west, east in self.runs
        )

    @property
    def runs(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """From west to east: across the 180th meridian in two runs, else the same one twice."""
        if self.west <= self.east:
            return (self.west, self.east), (self.west, self.east)
        return (self.west, MOST_EAST), (-MOST_EAST, self.east)

    @property
    def ends(self) -> dict[str, float]:
        """What statements about it are given: it lies from `west` to `last`, `first` to `east`."""
        (west, last), (first, east) = self.runs
        return {
            "south": self.south,
            "north": self.north,
            "west": west,
            "last": last,
            "first": first,
            "east": east,
        }

    @property
    def width(self) -> float:
        """How many degrees it is wide."""
        return (self.east - self.west) % 360 or (360.0 if self.east != self.west else 0.0)

    @property
    def middle(self) -> Point:
        """The point amid it."""
        longitude = self.west + self.width / 2
        return Point(
            (self.south + self.north) / 2, longitude - 360 if longitude > MOST_EAST else longitude
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A store, or several near each other: where, and how many.

    `store_id` and `name` are those of a single store, None and "" for several. The price is the
    lowest that the stores ask for the products in question, in minor units of `currency`; both are
    None where no product is, and where the prices there are in several currencies.
    """

    latitude: float
    longitude: float
    stores: int
    store_id: int | None = None
    name: str = ""
    price_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class StoreCard:
    """A store in a list; `opening_hours` are texts by `mon` … `sun` or by `text`.

    Latitude and longitude are None where it needs a place.
    """

    store_id: int
    name: str
    supplier: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    opening_hours: dict[str, str]
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class NearStore:
    """A store, how far it is in metres, and what it has of the product that was asked for.

    `stock` and the price are None where no product was asked for. The price is what the store asks,
    in minor units of `currency`; `is_own_price` tells whether the catalogue has another.
    """

    store: StoreCard
    metres: float
    stock: int | None = None
    price_minor: int | None = None
    currency: str | None = None
    is_own_price: bool = False


@dataclass(frozen=True, slots=True)
class StoresInView:
    """Stores in what a map shows; `is_all` tells whether it shows no others."""

    stores: tuple[NearStore, ...]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a store is open at a moment, and until when; times are in its own time zone.

    `until` is None where that cannot be told, or is more than a week away; `there` is the moment
    itself, None where its time zone is not known.
    """

    state: Open
    there: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StorePage:
    """All that is known of a store; `products` is how many it has in stock."""

    store: StoreCard
    services: tuple[str, ...]
    products: int
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShelfProduct:
    """A product that a store has in stock; the price is the store's, in minor units."""

    id: int
    name: str
    brand: str
    sku: str
    price_minor: int
    currency: str
    stock: int


@dataclass(frozen=True, slots=True)
class ShelvesPage:
    """What a store has, the products last added first; `before` leads to the next page."""

    products: tuple[ShelfProduct, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place found by words; `stores` is how many stand there, None where it was not counted."""

    name: str
    point: Point
    stores: int | None = None
