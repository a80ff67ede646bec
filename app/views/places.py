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
        PlaceChoice(p.name, _note(p.stores, locale), p.point.latitude, p.point.longitude)
        for p in found
    )


def _note(stores: int | None, locale: str) -> str:
    if stores is None:
        return ""
    return "1 store" if stores == 1 else f"{formatting.number(stores, locale)} stores"
