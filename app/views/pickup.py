"""Where a part of an order is picked up: stores to choose from, and the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from app.views.formatting import weekday

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DIRECTIONS: Final = "https://www.google.com/maps/dir/"


@dataclass(frozen=True, slots=True)
class PickupView:
    """The store where a part of an order is picked up; `store_id` is 0 where it is delivered.

    `number` is what its supplier calls it; `address` and `hours` are lines; `directions` leads to
    a page that shows the way.
    """

    store_id: int
    name: str
    number: str
    address: tuple[str, ...]
    hours: tuple[str, ...]
    directions: str


NO_PICKUP: Final = PickupView(0, "", "", (), (), "")


@dataclass(frozen=True, slots=True)
class PickupChoice:
    """A store to choose from; `lacks` says what it does not have, "" where it has everything.

    `distance` is from the place that was asked for, "" where none was. Latitude and longitude, in
    degrees, are None for a store that no map can show.
    """

    store_id: int
    name: str
    address: str
    distance: str
    lacks: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class BasketPart:
    """What a basket holds of one supplier, who may have stores to pick it up at."""

    supplier_id: int
    supplier: str
    has_stores: bool


def hours_lines(opening_hours: Mapping[str, str], locale: str) -> tuple[str, ...]:
    """Return opening hours as lines, days that follow each other and are alike in one."""
    if text := opening_hours.get("text", ""):
        return (text,)
    days = [(number, opening_hours.get(day, "")) for number, day in enumerate(_WEEKDAYS)]
    lines: list[str] = []
    for said, group in groupby(days, key=lambda day: day[1]):
        numbers = [number for number, _ in group]
        if said:
            ends = dict.fromkeys((numbers[0], numbers[-1]))
            span = "–".join(weekday(day, locale) for day in ends)  # noqa: RUF001 - a dash of a span
            lines.append(f"{span} {said}")
    return tuple(lines)


def directions(latitude: float | None, longitude: float | None, address: tuple[str, ...]) -> str:
    """Return the address of a page that shows the way to a store."""
    to = ", ".join(address) if latitude is None else f"{latitude},{longitude}"
    return f"{_DIRECTIONS}?{urlencode({'api': 1, 'destination': to})}"
