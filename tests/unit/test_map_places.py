"""The names and lakes of our own map: what was written, and how it is made."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import pytest

from app.config import PROJECT_ROOT
from components.map import places
from components.map.parts import LIBRARIES

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]


@pytest.mark.parametrize(("sheet", "address"), sorted(places.addresses().items()))
def test_a_sheet_is_named_after_what_it_says(sheet: str, address: str) -> None:
    content = (PROJECT_ROOT / "assets" / address.lstrip("/")).read_bytes()
    assert address == f"/assets/places-{sheet}-{hashlib.sha256(content).hexdigest()[:8]}.json"


@pytest.mark.parametrize("sheet", places.SHEETS)
def test_the_cities_of_a_sheet_are_of_its_size_the_largest_first(sheet: str) -> None:
    address = places.addresses()[sheet]
    cities = json.loads((PROJECT_ROOT / "assets" / address.lstrip("/")).read_text())["cities"]
    least, most = places.SHEETS[sheet]
    assert len(cities) > 1000
    assert all(name and abs(east) <= 180 and abs(north) <= 90 for name, east, north, _ in cities)
    assert all(least // 1000 <= size <= most / 1000 for *_, size in cities)
    assert all(first[3] >= second[3] for first, second in pairwise(cities))


def test_the_middle_of_a_country_is_far_from_its_borders() -> None:
    # Of an L the corner: its bounding box has its centre outside.
    shape = [(0, 0), (12, 0), (12, 4), (4, 4), (4, 12), (0, 12), (0, 0)]
    dense = [
        (x1 + (x2 - x1) * step / 20, y1 + (y2 - y1) * step / 20)
        for (x1, y1), (x2, y2) in pairwise(shape)
        for step in range(20)
    ]
    x, y, away = places.middle(dense)
    assert 1 < x < 3
    assert 1 < y < 3
    assert 1.5 < away < 2.5


def test_an_outline_goes_on_beyond_the_180th_meridian() -> None:
    topology = {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": [[[170, 60], [9, 0], [-358, 0], [0, 5], [358, 0], [-9, 0], [0, -5]]],
    }
    (ring,) = places.rings(topology, {"type": "Polygon", "arcs": [[0]]})
    assert [x for x, _ in ring] == [170, 179, 181, 181, 179, 170, 170]


def test_corners_are_cut() -> None:
    smooth = places.smooth(SQUARE)
    assert len(smooth) == 2 * (len(SQUARE) - 1)
    assert not set(SQUARE) & set(smooth)
    assert all(0 <= x <= 10 and 0 <= y <= 10 for x, y in smooth)


def test_cities_are_read_from_deltas() -> None:
    def field(number: int, value: bytes | int) -> bytes:
        if isinstance(value, int):
            return bytes([number << 3, value])
        return bytes([number << 3 | 2, len(value)]) + value

    first = field(2, b"Oulu") + field(9, 100) + field(10, 4) + field(11, 6)
    second = field(2, b"Kemi") + field(10, 1) + field(11, 0)
    content = bytes([len(first)]) + first + bytes([len(second)]) + second
    oulu, kemi = places.cities(content)
    assert (oulu[2], oulu[9], oulu[10], oulu[11]) == ("Oulu", 100, 2e-5, 3e-5)
    assert (kemi[2], kemi[10], kemi[11]) == ("Kemi", 1e-5, 3e-5)


def test_the_map_is_built_from_exact_versions_that_are_locked() -> None:
    lock = json.loads((PROJECT_ROOT / "reflex.lock" / "package-lock.json").read_text())
    for library in LIBRARIES:
        name, _, version = library.rpartition("@")
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
