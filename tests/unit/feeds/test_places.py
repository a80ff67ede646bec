"""Coordinates in every shape that feeds have, and those that never reach a map."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.feeds import Rejection, StoreRow, StoreSource
from app.integrations.feeds.answers import parsed
from app.integrations.feeds.errors import FeedMalformed
from app.integrations.feeds.places import MISSING, NOWHERE, Place, coordinates_in, place_of
from app.integrations.feeds.stores import StoreReader

NORTH = st.floats(-90, 90)
EAST = st.floats(-180, 180)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["lat", "lng", "location", "geometry", "coordinates", "longitude"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
SHAPES: dict[str, Any] = {
    "lat, lon": lambda north, east: {"location": {"lat": north, "lon": east}},
    "lat, lng": lambda north, east: {"lat": north, "lng": east},
    "latitude, longitude": lambda north, east: {"Latitude": north, "Longitude": east},
    "a GeoJSON point": lambda north, east: {
        "location": {"type": "Point", "coordinates": [east, north]}
    },
    "a GeoJSON feature": lambda north, east: {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [east, north, 12.0]},
    },
    "a pair": lambda north, east: {"coordinates": [east, north]},
    "texts": lambda north, east: {"lat": f"{north:.7f}", "lng": f" {east:.7f}"},
    "one text": lambda north, east: {"position": f"{north:.7f}, {east:.7f}"},
    "with decimal commas": lambda north, east: {
        "lat": f"{north:.7f}".replace(".", ","),
        "lng": f"{east:.7f}".replace(".", ","),
    },
}


def read(record: dict[str, Any], **source: Any) -> StoreRow:
    row = StoreReader(StoreSource(url="stores", **source)).read({"id": 1, "name": "Oulu", **record})
    assert not isinstance(row, Rejection)
    return row


def is_on_a_map(row: StoreRow | Place) -> bool:
    if row.latitude is None or row.longitude is None:
        return False
    return abs(row.latitude) <= 90 and abs(row.longitude) <= 180


@pytest.mark.parametrize("shape", SHAPES)
@given(north=NORTH, east=EAST)
def test_every_shape_is_read(shape: str, north: float, east: float) -> None:
    row = read(SHAPES[shape](north, east))
    if abs(north) < NOWHERE + 1e-6 and abs(east) < NOWHERE + 1e-6:
        return
    assert row.place_problem is None
    assert row.latitude == pytest.approx(north, abs=1e-7)
    assert row.longitude == pytest.approx(east, abs=1e-7)


@given(latitude=JSON, longitude=JSON, country=st.sampled_from(["", "FI", "US", "ZZ"]))
def test_two_values_are_a_place_or_a_sentence(latitude: Any, longitude: Any, country: str) -> None:
    place = place_of(latitude, longitude, country=country)
    assert is_on_a_map(place) is (place.problem is None)
    if place.problem is None:
        assert place.latitude is not None
        assert place.longitude is not None
        assert abs(place.latitude) >= NOWHERE or abs(place.longitude) >= NOWHERE
    else:
        assert (place.latitude, place.longitude) == (None, None)
        assert place.problem.endswith(".")


@given(value=JSON)
def test_whatever_a_feed_gives_is_kept_with_a_place_or_a_reason(value: Any) -> None:
    row = read({"location": value})
    assert is_on_a_map(row) is (row.place_problem is None)


@given(north=NORTH, east=EAST.filter(lambda east: abs(east) > 90))
def test_a_swap_that_leaves_the_globe_is_recognized(north: float, east: float) -> None:
    assert "swapped" in (place_of(east, north, country="").problem or "")


@pytest.mark.parametrize(
    ("north", "east", "country"),
    [(60.19, 24.98, "FI"), (25.77, -80.19, "US"), (-33.92, 18.42, "ZA"), (51.5, -0.1, "GB")],
)
def test_a_swap_that_leaves_the_country_is_recognized(
    north: float, east: float, country: str
) -> None:
    assert place_of(north, east, country=country) == (north, east, None)
    assert "swapped" in (place_of(east, north, country=country).problem or "")
    # Without the country nobody can tell, so it is believed.
    assert place_of(east, north, country="").problem is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        (None, None, MISSING),
        ("", "", MISSING),
        (60.1, None, "The feed gives no longitude."),
        ("north", 25.5, 'The latitude "north" is not a number of degrees.'),
        ("1_0", 25.5, 'The latitude "1_0" is not a number of degrees.'),
        (True, 25.5, 'The latitude "True" is not a number of degrees.'),
        ([60], 25.5, 'The latitude "[60]" is not a number of degrees.'),
        ("NaN", 25.5, 'The latitude "NaN" is not a number of degrees.'),
        (math.nan, 25.5, 'The latitude "nan" is not a number of degrees.'),
        (60.1, math.inf, 'The longitude "inf" is not a number of degrees.'),
        (0, 0.0, "The coordinates are 0, 0: that is in the open sea."),
        ("0", "0,000", "The coordinates are 0, 0: that is in the open sea."),
        (91, 100, "The latitude 91 is not between -90 and 90."),
        (60, 180.5, "The longitude 180.5 is not between -180 and 180."),
        (149.9, 61.2, "Latitude and longitude are swapped: 149.9 can be no latitude."),
        (10**400, 5, f'The latitude "1{"0" * 58}…" is not a number of degrees.'),
    ],
)
def test_the_reason_is_said(latitude: Any, longitude: Any, said: str) -> None:
    assert place_of(latitude, longitude, country="FI").problem == said


def test_named_fields_win_over_what_stands_at_its_usual_place() -> None:
    record = {"lat": 1, "lng": 2, "entrance": {"n": 60.5, "e": "25.5"}}
    row = read(record, latitude="entrance.n", longitude="entrance.e")
    assert (row.latitude, row.longitude) == (60.5, 25.5)
    assert read({"at": [25.5, 60.5]}, position="at").latitude == 60.5
    with pytest.raises(ValueError, match="given together"):
        StoreSource(url="stores", latitude="lat")


def test_a_store_far_down_in_a_record_is_not_looked_for() -> None:
    assert coordinates_in({"a": {"lat": 1, "lng": 2}}) == (None, None)


def test_numbers_that_json_does_not_have_are_texts() -> None:

    url = httpx.URL("http://supplier.example/stores")
    assert parsed(b'[{"lat": NaN, "lng": -Infinity}]', url) == [{"lat": "NaN", "lng": "-Infinity"}]
    for broken in (b'[{"lat": NaN', b'["\\ud800", NaN]', b"[NaN, " + b"[" * 100_000):
        with pytest.raises(FeedMalformed):
            parsed(broken, url)
