"""Where a store stands, by whatever shape of coordinates a feed has, or why nobody can tell."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from app.integrations.feeds.countries import is_within
from app.integrations.feeds.values import shown

MOST_NORTH: Final = 90.0
MOST_EAST: Final = 180.0
MOST_NUMBER: Final = 1e9
# Nothing but sea within some hundred kilometres of 0, 0: who says so, knows no place.
NOWHERE: Final = 0.01
# A record, a geometry in it, the coordinates in that.
DEEPEST: Final = 3

_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{1,20})?", re.ASCII)
_PAIR = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*")
_NAMES: Final = (("latitude", "longitude"), ("lat", "lng"), ("lat", "lon"), ("lat", "long"))
_HOLDERS: Final = ("location", "position", "coordinates", "geometry", "geo", "point")

MISSING: Final = "The feed gives no coordinates."


class Place(NamedTuple):
    """Degrees, or None for both and a sentence that says what is wrong with what the feed gives."""

    latitude: float | None
    longitude: float | None
    problem: str | None


class _Unusable(Exception):
    """Coordinates that cannot be shown on a map; the text is the sentence."""


def place_of(latitude: Any, longitude: Any, *, country: str) -> Place:  # noqa: ANN401 - any JSON
    """Return the place of two values; `country` is a code of two letters, "" where unknown."""
    if latitude in (None, "") and longitude in (None, ""):
        return Place(None, None, MISSING)
    try:
        north = _degrees(latitude, "latitude")
        east = _degrees(longitude, "longitude")
        _refuse(north, east, country)
    except _Unusable as problem:
        return Place(None, None, str(problem))
    return Place(north, east, None)


def coordinates_in(
    value: Any,  # noqa: ANN401 - any JSON
    depth: int = DEEPEST,
) -> tuple[Any, Any]:
    """Return latitude and longitude as a value holds them, unread; None for both without any.

    An object by its usual names, also within a `location`, `geometry` and the like; a list as in
    GeoJSON (longitude first); a text as people write it (latitude first).
    """
    if type(value) is dict:
        return _in_object(value, depth)
    if type(value) is list and len(value) in {2, 3}:
        return value[1], value[0]
    if type(value) is str and (found := _PAIR.fullmatch(value)):
        return found[1], found[2]
    return None, None


def _in_object(value: dict[str, Any], depth: int) -> tuple[Any, Any]:
    by_name = {name.lower(): inner for name, inner in value.items()}
    for latitude, longitude in _NAMES:
        if latitude in by_name and longitude in by_name:
            return by_name[latitude], by_name[longitude]
    for holder in _HOLDERS if depth else ():
        found = coordinates_in(by_name.get(holder), depth - 1)
        if found != (None, None):
            return found
    return None, None


def _degrees(value: Any, name: str) -> float:  # noqa: ANN401 - any JSON
    if value in (None, ""):
        raise _Unusable(f"The feed gives no {name}.")
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value.strip().replace(",", "."))
    # False for NaN and for infinity; a whole number may be too long to become a float.
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_NUMBER:
        return float(value)
    raise _Unusable(f"The {name} {shown(value)} is not a number of degrees.")


def _refuse(north: float, east: float, country: str) -> None:
    if abs(north) < NOWHERE and abs(east) < NOWHERE:
        raise _Unusable("The coordinates are 0, 0: that is in the open sea.")
    if abs(east) > MOST_EAST:
        raise _Unusable(f"The longitude {east:g} is not between -180 and 180.")
    if abs(north) > MOST_NORTH:
        if abs(north) <= MOST_EAST and abs(east) <= MOST_NORTH:
            raise _Unusable(f"Latitude and longitude are swapped: {north:g} can be no latitude.")
        raise _Unusable(f"The latitude {north:g} is not between -90 and 90.")
    if not is_within(country, north, east) and is_within(country, east, north):
        raise _Unusable(
            f"Latitude and longitude are swapped: {north:g}, {east:g} is not in {country}, "
            f"and {east:g}, {north:g} is."
        )
