"""What the map of pickup points shows, and when it has gone elsewhere."""

from __future__ import annotations

import pytest

from app.views.maps import WORLD
from app.views.pickup import NO_CHOICE, PickupChoice, camera_of, is_apart, mark_of
from app.views.stores import Bounds, Point

OULU = Point(65.01, 25.47)


def a_choice(latitude: float | None, longitude: float | None, lacks: str = "") -> PickupChoice:
    return PickupChoice(7, "store-7", "Oulu", "Kaarnatie 8", "2 km", lacks, latitude, longitude)


def test_a_mark_says_what_the_list_says() -> None:
    mark = mark_of(a_choice(65.0, 25.5))
    assert mark is not None
    assert (mark.key, mark.name, mark.tone) == ("store-7", "Oulu, 2 km, Has everything", "good")
    lacking = mark_of(a_choice(65.0, 25.5, "Not enough of Saw"))
    assert lacking is not None
    assert (lacking.name, lacking.tone) == ("Oulu, 2 km, Not enough of Saw", "warn")
    assert mark_of(a_choice(None, None)) is None
    assert mark_of(NO_CHOICE) is None


def test_the_camera_holds_the_first_stores_and_the_place() -> None:
    shown = camera_of([a_choice(60.2, 24.9), a_choice(61.5, 23.8)], OULU, serial=3)
    bounds = Bounds(shown.south, shown.west, shown.north, shown.east)
    assert all(map(bounds.has, (OULU, Point(60.2, 24.9), Point(61.5, 23.8))))
    assert shown.serial == 3
    assert bounds.width < 5


def test_stores_on_both_sides_of_the_180th_meridian_are_neighbours() -> None:
    shown = camera_of([a_choice(-17.7, 178.1), a_choice(-13.8, -171.8)], None, serial=1)
    assert shown.west > shown.east
    bounds = Bounds(shown.south, shown.west, shown.north, shown.east)
    assert bounds.has(Point(-17.7, 178.1))
    assert bounds.has(Point(-13.8, -171.8))
    assert bounds.width < 20


def test_one_store_is_shown_with_its_streets_and_none_with_the_world() -> None:
    alone = camera_of([a_choice(65.0, 25.5)], None, serial=1)
    assert 0 < alone.north - alone.south < 0.1
    nothing = camera_of([a_choice(None, None)], None, serial=9)
    assert (nothing.west, nothing.serial) == (WORLD.west, 9)


@pytest.mark.parametrize("latitude", [90.0, -90.0])
def test_the_poles_are_the_end_of_a_map(latitude: float) -> None:
    shown = camera_of([a_choice(latitude, 0.0)], None, serial=1)
    assert Bounds(shown.south, shown.west, shown.north, shown.east)


def test_a_map_has_moved_when_its_middle_is_elsewhere() -> None:
    view = Bounds(64, 24, 66, 27)
    assert not is_apart(Point(65.1, 25.5), Point(65.0, 25.4), view)
    assert is_apart(Point(65.5, 25.5), Point(65.0, 25.5), view)
    assert is_apart(Point(65, 26.0), Point(65, 25.5), view)
    over = Bounds(-1, 179, 1, -179)
    assert not is_apart(Point(0, 180), Point(0, -179.9), over)
