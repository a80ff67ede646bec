"""Places found by words, as a box offers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.views import formatting

if TYPE_CHECKING:
    from app.views.stores import FoundPlace


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place that was found; `note` tells it from others of its name, and may be ""."""

    name: str
    note: str
    latitude: float
    longitude: float


def place_choices(found: tuple[FoundPlace, ...], locale: str) -> tuple[PlaceChoice, ...]:
    """Write what was found for a reader."""
    return tuple(
        PlaceChoice(
            place.name,
            "" if place.stores is None else counted_stores(place.stores, locale),
            place.point.latitude,
            place.point.longitude,
        )
        for place in found
    )


def counted_stores(stores: int, locale: str) -> str:
    """Say how many stores there are."""
    return "1 store" if stores == 1 else f"{formatting.number(stores, locale)} stores"
