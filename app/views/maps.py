"""What a map is told and what it says: without text of a language, beside the names on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Final

from app.views.stores import Bounds

# How many tiles wide a map is drawn, and what it does not look at from nearer, in degrees.
_TILES_WIDE: Final = 3
_LEAST_WIDTH: Final = 1e-3


@dataclass(frozen=True, slots=True)
class MapMark:
    """A store on a map, or several near each other (`stores` of them).

    `key` is unique on the map. `name` is what a screen reader says, `text` what the mark shows: a
    count or a price, "" for a plain pin. `tone` is a word of the kit's badges, "" for the usual.
    """

    key: str
    latitude: float
    longitude: float
    name: str
    text: str = ""
    stores: int = 1
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MapCamera:
    """What a map shall show, in degrees; `west` is greater than `east` across the 180th meridian.

    The map looks there whenever `serial` has changed, and else leaves people's own view alone. It
    leaves room around what is shown, except where that `is_whole`: all that a map showed before.
    """

    south: float
    west: float
    north: float
    east: float
    serial: int = 0
    is_whole: bool = False

    @property
    def bounds(self) -> Bounds:
        """What it shows."""
        return Bounds(self.south, self.west, self.north, self.east)


# All inhabited land.
WORLD: Final = MapCamera(south=-56.0, west=-169.0, north=72.0, east=-169.5)


def camera_on(shown: Bounds, *, serial: int = 0, is_whole: bool = False) -> MapCamera:
    """Return what makes a map show `shown`; the rest is as in `MapCamera`."""
    return MapCamera(shown.south, shown.west, shown.north, shown.east, serial, is_whole)


def likely_zoom(shown: Bounds) -> float:
    """Return about at which zoom a map shows `shown`, which it says itself once it does."""
    return log2(_TILES_WIDE * 360 / max(shown.width, _LEAST_WIDTH))
