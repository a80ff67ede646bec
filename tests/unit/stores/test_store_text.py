"""Stores as text: distances, hours, marks, and what an address says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.stores.near import around, metres_between
from app.services.stores.squares import bounds_of, view_of
from app.views.maps import MapMark
from app.views.store_hours_text import hours_line, opening_text, week_of
from app.views.store_page_text import shelves_href
from app.views.store_query import StoresQuery
from app.views.store_text import (
    NO_STORE,
    StoreRow,
    StoresText,
    distance_text,
    map_marks,
    store_of_key,
    store_row,
    stores_text,
)
from app.views.stores import Bounds, Mark, NearStore, Open, Opening, Point, StoreCard
from state.stores_on_map import with_chosen

OULU = ZoneInfo("Europe/Helsinki")
# A Friday.
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=OULU)
WEEK = {**dict.fromkeys(("mon", "tue", "wed", "thu"), "06:30–18:00"), "fri": "06:30–17:00"}  # noqa: RUF001 - as feeds write it
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def card(**given_: Any) -> StoreCard:
    values: dict[str, Any] = {
        "store_id": 7, "name": "Oulu", "supplier": "Norda", "street": "Kaarnatie 8",
        "postcode": "90530", "city": "Oulu", "country": "FI", "latitude": 65.0, "longitude": 25.5,
        "opening_hours": {}, "time_zone": None, **given_,
    }  # fmt: skip
    return StoreCard(**values)


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (0, "0 m"),
        (444, "440 m"),
        (996, "1 km"),
        (1_240, "1.2 km"),
        (9_960, "10 km"),
        (10_400, "10 km"),
        (1_234_567, "1,235 km"),
    ],
)
def test_a_distance_is_as_exact_as_anybody_needs(metres: float, text: str) -> None:
    assert distance_text(metres, "en") == text.replace(" ", "\u00a0")


def test_open_until_and_closed_until_name_the_day_only_where_it_is_another() -> None:
    def said(state: Open, until: datetime | None, locale: str = "en_GB") -> str:
        return opening_text(Opening(state, NOW, until), locale)[0]

    assert said(Open.OPEN, NOW.replace(hour=17, minute=0)) == "Open until 17:00"
    assert said(Open.CLOSED, datetime(2026, 11, 23, 6, 30, tzinfo=OULU)) == "Closed until Mon 06:30"
    assert said(Open.OPEN, NOW.replace(hour=17), "en_US").startswith("Open until 5:30")
    assert said(Open.OPEN, None) == "Open day and night"
    assert said(Open.CLOSED, None) == "Closed"
    assert opening_text(Opening(Open.UNKNOWN), "en") == ("", "neutral")


def test_hours_stand_by_day_with_today_marked_or_in_a_line() -> None:
    week = week_of(WEEK, Opening(Open.OPEN, NOW), "en")
    assert [day.day for day in week if day.is_today] == ["Friday"]
    assert (week[0].hours, week[6].hours) == ("06:30–18:00", "Closed")  # noqa: RUF001 - as above
    assert not any(day.is_today for day in week_of(WEEK, Opening(Open.UNKNOWN), "en"))
    assert week_of({"text": "By appointment"}, Opening(Open.UNKNOWN), "en") == ()
    line = "Mon–Thu 06:30–18:00, Fri 06:30–17:00, Sat–Sun closed"  # noqa: RUF001 - as above
    assert hours_line(WEEK, "en") == line
    assert hours_line({"text": "By appointment"}, "en") == "By appointment"
    assert hours_line({}, "en") == ""


def test_a_row_says_where_how_far_and_what_it_has() -> None:
    near = NearStore(card(), 1_240, 3, 4_900, "EUR")
    row = store_row(near, Opening(Open.CLOSED, NOW), "en")
    assert row.address == "Kaarnatie 8, 90530 Oulu"
    assert (row.price, row.stock, row.opening) == ("€49.00", "Low: 3 left", "Closed")
    assert row.directions == ("https://www.google.com/maps/dir/?api=1&destination=65.0%2C25.5")
    assert row.price_note == ""
    own = NearStore(card(), 1_240, 3, 4_500, "EUR", is_own_price=True)
    assert store_row(own, Opening(Open.CLOSED, NOW), "en").price_note == "in the store"
    lost = store_row(NearStore(card(latitude=None, longitude=None), 0), Opening(Open.UNKNOWN), "en")
    assert (lost.directions, lost.price, lost.stock) == ("", "", "")


def test_marks_are_read_out_as_what_they_are() -> None:
    several = Mark(65.0, 25.0, 14, None, "", 1_290, "EUR")
    mixed = Mark(60.0, 25.0, 2)
    single = Mark(61.0, 25.0, 1, 7, "Oulu", 1_290, "EUR")
    plain = Mark(61.0, 26.0, 1, 8, "Espoo")
    assert map_marks((several, mixed, single, plain), "en") == (
        MapMark("cluster-65.000000,25.000000", 65, 25, "14 stores, from €12.90", "14", 14),
        MapMark("cluster-60.000000,25.000000", 60, 25, "2 stores", "2", 2),
        MapMark("store-7", 61, 25, "Oulu: €12.90", "€12.90"),
        MapMark("store-8", 61, 26, "Espoo"),
    )


def test_the_list_says_whether_it_has_them_all() -> None:
    row = store_row(NearStore(card(), 0), Opening(Open.UNKNOWN), "en")
    marks = (Mark(65, 25, 1_200), Mark(60, 25, 365))
    assert stores_text((row,), marks, "en", is_all=True).count == "1 store"
    some = stores_text((row,), marks, "en", is_all=False)
    assert (some.count, some.hint) == ("1 of 1,565 stores", "Zoom in to list the others.")


def test_the_chosen_store_stays_in_the_list_while_the_map_shows_it() -> None:
    def row(number: int, latitude: float) -> StoreRow:
        there = card(store_id=number, latitude=latitude)
        return store_row(NearStore(there, 5_000), Opening(Open.UNKNOWN), "en")

    listed, other = row(1, 65.0), row(2, 65.1)
    stores, finland = StoresText((listed,), "1 of 60 stores"), Bounds(60, 20, 70, 30)
    again = replace(listed, distance="before")
    assert with_chosen(stores, again, finland, Point(65, 25.5), "en") == (stores, listed)
    kept, chosen = with_chosen(stores, other, finland, Point(65.0, 25.5), "en")
    assert [each.id for each in kept.rows] == [2, 1]
    # As far as it is now, and not as it was when it was chosen.
    assert chosen.distance == "11\u00a0km"
    gone = with_chosen(stores, other, Bounds(0, 0, 1, 1), Point(0, 0), "en")
    assert gone == (stores, NO_STORE)


@pytest.mark.parametrize(
    ("key", "store"),
    [("store-7", 7), ("store-", None), ("7", None), ("store--7", None), ("cluster-1,2", None),
     ("store-99999999999", None), ("store-\u0661", None)],
)  # fmt: skip
def test_a_key_names_a_store_or_none(key: str, store: int | None) -> None:
    assert store_of_key(key) == store


@given(latitudes, longitudes, st.text(max_size=40), st.tuples(latitudes, latitudes), longitudes)
def test_an_address_says_the_same_again(
    latitude: float, longitude: float, place: str, ends: tuple[float, float], east: float
) -> None:
    query = StoresQuery(
        Bounds(min(ends), longitude, max(ends), east), Point(latitude, longitude), place
    )
    once = StoresQuery.parse(query.address().partition("?")[2])
    assert once == StoresQuery.parse(once.address().partition("?")[2])
    assert once.near is not None
    assert once.near.latitude == pytest.approx(latitude, abs=1e-4)


@pytest.mark.parametrize(
    "written",
    [
        "view=1,2,3",
        "view=a,b,c,d",
        "view=9,0,1,0",
        "view=nan,0,1,0",
        "near=91,0",
        "near=inf,1",
        "x",
    ],
)
def test_what_is_no_place_counts_as_not_given(written: str) -> None:
    assert StoresQuery.parse(written) == StoresQuery()


def test_the_address_of_shelves() -> None:
    assert shelves_href("/stores/7", "") == "/stores/7"
    assert shelves_href("/stores/7", "hex key", 12) == "/stores/7?q=hex+key&before=12"


@given(latitudes, longitudes, st.floats(1, 2e7))
def test_around_a_point_all_is_shown_that_is_so_near(
    latitude: float, longitude: float, metres: float
) -> None:
    point = Point(latitude, longitude)
    bounds = around(point, metres)
    assert bounds.has(point)
    for edge in (bounds.south, bounds.north):
        is_pole = abs(edge) == 90
        assert is_pole or metres_between(point, Point(edge, longitude)) >= metres - 1


def test_bounds_leave_the_widest_gap_out() -> None:
    # Columns 0 and 127 of 128 stand beside each other across the 180th meridian.
    pacific = bounds_of(7, [0, 1, 126, 127], (60, 66))
    assert (pacific.west, pacific.east) == (174.375, -174.375)
    assert pacific.south < 0 < pacific.north
    europe = bounds_of(7, [64, 70], (30, 40))
    assert (europe.west, europe.east) == (0, 19.6875)
    assert view_of(europe, 3).squares <= 500
    whole = bounds_of(7, list(range(128)), (0, 127))
    assert whole.width == pytest.approx(360)


def test_the_middle_of_bounds_across_the_180th_meridian() -> None:
    pacific = Bounds(-30, 170, 0, -160)
    assert pacific.middle == Point(-15, -175)
    assert pacific.width == 30
    assert pacific.has(Point(-10, 180))
    assert not pacific.has(Point(-10, 0))
    assert Bounds(-90, -180, 90, 180).middle == Point(0, 0)
