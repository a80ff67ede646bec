"""A place on a map that somebody may correct."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpotView:
    """A place on a map, in degrees; both are None for what has none yet.

    `name` is what the mark is called. Where there is no place, the map begins where `words` are
    found, else in the bounds. With an `action` (of the room, of one row, with the fields
    `latitude` and `longitude`) the mark can be moved, and that action is carried out.
    """

    name: str
    latitude: float | None
    longitude: float | None
    words: str
    south: float
    west: float
    north: float
    east: float
    action: str
    hint: str
