"""Parts of the world in which something is to be had, as an address writes them.

A circle is `near=65.0124,25.4682&within=10&place=Oulu`, what a map shows is
`area=south,west,north,east`. Degrees have four decimals, which is about ten metres: addresses stay
short, and whoever asks for nearly the same gets the answer that is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from app.errors import BadInput
from app.views.stores import Bounds, Point

if TYPE_CHECKING:
    from collections.abc import Callable

DECIMALS: Final = 4
MOST_KM: Final = 500
DISTANCES_KM: Final = (5, 10, 25, 50, 100)
USUAL_KM: Final = 25

_DEGREES: Final = re.compile(r"-?\d{1,3}(\.\d{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Circle:
    """What lies within so many whole kilometres of a point; `name` is the point's, or ""."""

    point: Point
    km: int = USUAL_KM
    name: str = ""


Area: TypeAlias = Circle | Bounds


def circle_at(point: Point, km: int = USUAL_KM, name: str = "") -> Circle:
    """Return the circle as an address can write it."""
    return Circle(Point(_rounded(point.latitude), _rounded(point.longitude)), km, name)


def bounds_of(south: float, west: float, north: float, east: float) -> Bounds:
    """Return what a map shows as an address can write it. Raises BadInput for what is nowhere."""
    return Bounds(*map(_rounded, (south, west, north, east)))


def read_area(last: Callable[[str], str], clean: Callable[[str], str]) -> Area | None:
    """Read an area from the parameters of an address; what is none counts as not given.

    `last` returns a parameter's value and "" where there is none, `clean` makes a name of text.
    """
    km = last("within")
    try:
        if last("near"):
            known = km.isascii() and km.isdigit() and len(km) < len(str(MOST_KM)) + 1
            within = int(km) if known and 1 <= int(km) <= MOST_KM else USUAL_KM
            return circle_at(Point(*degrees_in(last("near"), 2)), within, clean(last("place")))
        return bounds_of(*degrees_in(last("area"), 4)) if last("area") else None
    except BadInput:
        return None


def write_area(area: Area | None) -> list[tuple[str, str | int]]:
    """Return the parameters that `read_area` reads."""
    if isinstance(area, Circle):
        near = written(area.point.latitude, area.point.longitude)
        name: list[tuple[str, str | int]] = [("place", area.name)] if area.name else []
        return [("near", near), ("within", area.km), *name]
    if area is None:
        return []
    return [("area", written(area.south, area.west, area.north, area.east))]


def in_words(area: Area) -> str:
    """Say where it is, as the end of a sentence."""
    if isinstance(area, Bounds):
        return "in the area of the map"
    point = area.point
    return f"within {area.km} km of {area.name or f'{point.latitude:.3f}, {point.longitude:.3f}'}"


def degrees_in(text: str, how_many: int) -> list[float]:
    """Read so many numbers with commas between. Raises BadInput for anything else."""
    parts = text.split(",")
    if len(parts) != how_many or not all(map(_DEGREES.fullmatch, parts)):
        raise BadInput("A place is written in degrees.")
    return [float(part) for part in parts]


def _rounded(degrees: float) -> float:
    # Without the sign of a zero, which would make two places of one.
    return round(degrees, DECIMALS) + 0.0


def written(*degrees: float) -> str:
    """Return degrees as `degrees_in` reads them."""
    return ",".join(f"{each:.{DECIMALS}f}".rstrip("0").rstrip(".") for each in degrees)
