"""What a map is told and what it says: without text of a language, beside the names on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


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


@dataclass(frozen=True, slots=True)
class MapView:
    """What a map shows now, in degrees, at a zoom as of Google and Leaflet."""

    south: float
    west: float
    north: float
    east: float
    zoom: float


# All inhabited land.
WORLD: Final = MapCamera(south=-56.0, west=-169.0, north=72.0, east=-169.5)
