"""The squares that a map is cut into, and which of them a view of the map is answered with.

The map is Web Mercator, as Google and Leaflet draw it. On level 0 it is one square, on each further
level a square is cut into four; `store_cell` holds how many stores stand in each. The level is
chosen so that a view never takes more than `MOST_MARKS` squares, whatever part of the world it
shows and however many stores there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from typing import Final

from app.views.stores import Bounds

MOST_MARKS: Final = 500
DEEPEST_LEVEL: Final = 20
# A tile of a map, which is 256 pixels wide, shows four by four squares: marks do not overlap.
LEVELS_BELOW_ZOOM: Final = 2
MERCATOR_EDGE: Final = 85.06


@dataclass(frozen=True, slots=True)
class View:
    """Squares of one level: columns (in up to two runs, each with its ends), and rows."""

    level: int
    columns: tuple[range, ...]
    rows: range

    @property
    def squares(self) -> int:
        """How many squares there are in it."""
        return sum(map(len, self.columns)) * len(self.rows)


def view_of(bounds: Bounds, zoom: float) -> View:
    """Return the squares that show `bounds` at `zoom` (0 shows the world in one tile)."""
    level = min(max(floor(zoom), 0) + LEVELS_BELOW_ZOOM, DEEPEST_LEVEL)
    view = _on_level(bounds, level)
    while view.squares > MOST_MARKS:
        level -= 1
        view = _on_level(bounds, level)
    return view


def _on_level(bounds: Bounds, level: int) -> View:
    last = (1 << level) - 1
    west = _column(bounds.west, level)
    east = _column(bounds.east, level)
    if bounds.west <= bounds.east:
        columns: tuple[range, ...] = (range(west, east + 1),)
    elif west > east:
        columns = (range(west, last + 1), range(east + 1))
    else:
        # Both ends in one square: nearly all the way round.
        columns = (range(last + 1),)
    return View(level, columns, range(_row(bounds.north, level), _row(bounds.south, level) + 1))


def _column(longitude: float, level: int) -> int:
    size = 1 << level
    return min(floor((longitude + 180) / 360 * size), size - 1)


def _row(latitude: float, level: int) -> int:
    size = 1 << level
    shown = radians(min(max(latitude, -MERCATOR_EDGE), MERCATOR_EDGE))
    return min(max(floor((0.5 - asinh(tan(shown)) / (2 * pi)) * size), 0), size - 1)


def bounds_of(level: int, columns: list[int], rows: tuple[int, int]) -> Bounds:
    """Return what holds all `columns` of squares, from the first to the last of `rows`.

    The longest run without a column is left outside, wherever on the round world it lies.
    """
    size = 1 << level
    following = [*columns[1:], columns[0] + size]
    gaps = [after - before for before, after in zip(columns, following, strict=True)]
    last = gaps.index(max(gaps))
    if gaps[last] == 1:
        # All the way round.
        return Bounds(_latitude(rows[1] + 1, size), -180, _latitude(rows[0], size), 180)
    west = following[last] % size / size * 360 - 180
    east = (columns[last] + 1) / size * 360 - 180
    return Bounds(_latitude(rows[1] + 1, size), west, _latitude(rows[0], size), east)


def _latitude(row: int, size: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * row / size))))
