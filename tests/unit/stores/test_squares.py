"""Which squares of the map a view is answered with."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.services.stores.squares import DEEPEST_LEVEL, MOST_MARKS, View, view_of
from app.views.stores import Bounds, Point

NORTH = st.floats(-90, 90)
EAST = st.floats(-180, 180)
ZOOM = st.floats(0, 22)
BOUNDS = st.builds(
    lambda north, south, west, east: Bounds(min(north, south), west, max(north, south), east),
    NORTH, NORTH, EAST, EAST,
)  # fmt: skip


def holds(view: View, latitude: float, longitude: float) -> bool:
    own = view_of(Bounds(latitude, longitude, latitude, longitude), DEEPEST_LEVEL)
    below = DEEPEST_LEVEL - view.level
    column, row = own.columns[0][0] >> below, own.rows[0] >> below
    return row in view.rows and column in {*chain.from_iterable(view.columns)}


@given(bounds=BOUNDS, zoom=ZOOM)
def test_a_view_is_never_more_than_can_be_shown(bounds: Bounds, zoom: float) -> None:
    view = view_of(bounds, zoom)
    assert 1 <= view.squares <= MOST_MARKS
    assert 0 <= view.level <= DEEPEST_LEVEL
    size = 1 << view.level
    columns = [*chain.from_iterable(view.columns)]
    assert len(columns) == len(set(columns))
    assert all(0 <= number < size for number in (*columns, *view.rows))


@given(bounds=BOUNDS, zoom=ZOOM, point=st.tuples(NORTH, EAST))
def test_what_is_in_the_bounds_is_in_the_view(
    bounds: Bounds, zoom: float, point: tuple[float, float]
) -> None:
    latitude, longitude = point
    between = bounds.west <= longitude <= bounds.east
    if bounds.west > bounds.east:
        between = longitude >= bounds.west or longitude <= bounds.east
    if between and bounds.south <= latitude <= bounds.north:
        assert holds(view_of(bounds, zoom), latitude, longitude)


def test_across_the_180th_meridian_both_sides_are_seen_and_nothing_between() -> None:
    view = view_of(Bounds(-25, 170, -10, -170), zoom=5)
    assert holds(view, -18, 179)
    assert holds(view, -18, -179)
    assert not holds(view, -18, 0)


def test_the_poles_count_to_the_edge_of_the_map() -> None:
    view = view_of(Bounds(80, -180, 90, 180), zoom=3)
    assert holds(view, 90, 0)
    assert holds(view, 89, 179)
    assert not holds(view, -90, 0)


def test_the_same_view_is_cut_finer_the_nearer_one_looks() -> None:
    near, far = Bounds(60.1, 24.9, 60.2, 25.0), Bounds(-60, -180, 75, 180)
    assert view_of(near, 13).level == 15
    assert view_of(far, 1).level == 3
    assert view_of(far, 13).level < 6


@pytest.mark.parametrize(
    "wrong",
    [
        (0, 0, 91, 0),
        (0, -181, 1, 0),
        (float("nan"), 0, 1, 1),
        (5, 0, 4, 0),
        (0, 0, 1, float("inf")),
    ],
)
def test_bounds_that_are_none_are_refused(wrong: Any) -> None:
    with pytest.raises(BadInput):
        Bounds(*wrong)


def test_a_point_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput):
        Point(float("nan"), 0)
