"""What a sync makes of the places of stores."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from app import db
from app.services.stores import nearest_stores, stores_in_bounds
from app.services.stores.mend import forget_place, place_store
from app.views.stores import Bounds, Point
from app.work import open_work, reading, within
from tests.factories.ordering import an_operator
from tests.integration.feeds.conftest import MAPPING, a_record, pull, register
from tests.suppliers import Supplier, json_reply

WORLD = Bounds(-90, -180, 90, 180)
GOOD = [
    {"id": "a", "name": "Object", "location": {"lat": 65.01, "lon": 25.47}},
    {"id": "b", "name": "Flat", "lat": "60.45", "lng": "22.27"},
    {"id": "c", "name": "Long names", "latitude": 61.5, "longitude": 23.8},
    {"id": "d", "name": "GeoJSON", "geometry": {"type": "Point", "coordinates": [24.75, 59.44]}},
]
BAD = [
    {"id": "e", "name": "Text", "lat": "north", "lng": "east"},
    {"id": "f", "name": "Swapped", "country": "FI", "lat": 24.94, "lng": 60.17},
    {"id": "g", "name": "Nowhere", "lat": 0, "lng": 0},
    {"id": "h", "name": "NaN", "lat": float("nan"), "lng": 25.0},
    {"id": "i", "name": "Out of range", "lat": 95, "lng": 185},
    {"id": "j", "name": "None"},
]


def rows(statement: str, **given: Any) -> list[Any]:
    with db.engine().begin() as connection:
        found = connection.execute(text(statement), given)
        return list(found.all()) if found.returns_rows else []


def on_the_map() -> int:
    return sum(mark.stores for mark in reading(stores_in_bounds, bounds=WORLD, zoom=1))


@pytest.mark.usefixtures("database")
def test_a_store_without_a_usable_place_is_kept_off_the_map_until_it_has_one() -> None:
    stores: list[dict[str, Any]] = [*GOOD, *BAD]
    with Supplier(
        lambda asked: json_reply(stores if asked.path == "/stores" else [a_record(1)])
    ).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging=None,
            mapping={**MAPPING, "records": "@"},
            stores={"url": "stores", "country": "country"},
        )
        run = pull(feed_id)
        assert (run.state, run.counts.rejected) == ("applied", 0)
        good = "SELECT name, latitude FROM store WHERE place_problem IS NULL ORDER BY name"
        assert rows(good) == [
            ("Flat", 60.45), ("GeoJSON", 59.44), ("Long names", 61.5), ("Object", 65.01),
        ]  # fmt: skip
        unplaced = rows("SELECT name FROM store WHERE latitude IS NULL ORDER BY external_id")
        assert [name for (name,) in unplaced] == [store["name"] for store in BAD]
        assert on_the_map() == len(GOOD)
        assert len(reading(nearest_stores, point=Point(0, 0))) == len(GOOD)

        # A place that a person has set outlives other changes, and gives way to a good one.
        rows(
            "UPDATE store SET latitude = 62, longitude = 25, placed_at = now() WHERE name = 'Text'"
        )
        stores[len(GOOD)]["name"] = "Text, renamed"
        pull(feed_id)
        placed = (
            "SELECT latitude, placed_at IS NULL, place_problem IS NULL "
            "FROM store WHERE external_id = 'e'"
        )
        assert rows(placed) == [(62, False, False)]
        assert on_the_map() == len(GOOD) + 1
        stores[len(GOOD)] |= {"lat": 63.0, "lng": 25.0}
        pull(feed_id)
        assert rows(placed) == [(63, True, True)]
        stores[0]["location"] = None
        pull(feed_id)
        assert on_the_map() == len(GOOD)


@pytest.mark.usefixtures("database")
def test_a_place_set_by_hand_that_is_left_to_the_feed_is_its_again_with_the_next_sync() -> None:
    stores = [{"id": "a", "name": "Oulu", "lat": 65.01, "lng": 25.47}]
    with Supplier(
        lambda asked: json_reply(stores if asked.path == "/stores" else [a_record(1)])
    ).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging=None,
            mapping={**MAPPING, "records": "@"},
            stores={"url": "stores", "country": "country"},
        )
        pull(feed_id)
        ((store_id,),) = rows("SELECT id FROM store")
        with open_work() as work:
            operator = an_operator(work.session)
        where = "SELECT latitude, placed_at IS NULL FROM store"
        within(place_store, viewer=operator, store_id=store_id, latitude="62", longitude="25")
        pull(feed_id)
        assert rows(where) == [(62, False)]
        within(forget_place, viewer=operator, store_id=store_id)
        assert rows(where) == [(62, True)]
        pull(feed_id)
        assert rows(where) == [(65.01, True)]
