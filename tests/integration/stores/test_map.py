"""What a map shows of the stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.errors import BadInput
from app.models.columns import now
from app.services.stores import stores_in_bounds
from app.views.stores import Bounds, Mark
from tests.factories.catalogue import a_feed, a_product
from tests.factories.stores import a_store, put_on_shelf

if TYPE_CHECKING:
    from app.models.feeds import Feed
    from app.work import Work

WORLD = Bounds(-90, -180, 90, 180)
OULU = Bounds(64.9, 25.3, 65.1, 25.6)
# One row for each level, however many stores there are in the world.
COUNTED = """
SELECT level, sum(stores), sum(latitudes), sum(longitudes), sum(ids)
FROM store_cell GROUP BY level ORDER BY level
"""
RIGHT = """
SELECT level, count(*), sum(round(latitude * 1000000))::bigint,
    sum(round(longitude * 1000000))::bigint, sum(id)
FROM store CROSS JOIN generate_series(0, 20) AS level
WHERE withdrawn_at IS NULL AND latitude IS NOT NULL GROUP BY level ORDER BY level
"""


@pytest.fixture
def feed(work: Work) -> Feed:
    return a_feed(work.session)


def shown(work: Work, bounds: Bounds, zoom: float, **given: Any) -> tuple[Mark, ...]:
    work.session.flush()
    return stores_in_bounds(work, bounds=bounds, zoom=zoom, **given)


def names(marks: tuple[Mark, ...]) -> set[str]:
    return {mark.name for mark in marks}


def test_a_single_store_is_a_mark_with_its_name(work: Work, feed: Feed) -> None:
    store = a_store(work.session, feed, "Oulu")
    (mark,) = shown(work, OULU, 12)
    assert mark == Mark(65.01, 25.47, 1, store.id, "Oulu")
    assert shown(work, Bounds(0, 0, 1, 1), 12) == ()


def test_near_ones_are_one_mark_until_one_looks_closer(work: Work, feed: Feed) -> None:
    a_store(work.session, feed, "Centre")
    a_store(work.session, feed, "Harbour", latitude=65.03, longitude=25.49)
    (both,) = shown(work, WORLD, 1)
    assert (both.stores, both.store_id, both.name) == (2, None, "")
    assert (both.latitude, both.longitude) == pytest.approx((65.02, 25.48))
    assert names(shown(work, OULU, 12)) == {"Centre", "Harbour"}


def test_what_needs_a_place_or_is_withdrawn_is_on_no_map(work: Work, feed: Feed) -> None:
    a_store(work.session, feed, "Lost", latitude=None, longitude=None, place_problem="None.")
    store = a_store(work.session, feed, "Closed")
    work.session.execute(
        text("UPDATE store SET withdrawn_at = now() WHERE id = :id"), {"id": store.id}
    )
    assert shown(work, WORLD, 1) == ()


def test_the_squares_follow_every_change_of_the_stores(work: Work, feed: Feed) -> None:
    for number in range(20):
        a_store(
            work.session, feed, f"S{number}", latitude=number * 4 - 40, longitude=number * 17 - 170
        )
    for change in (
        "UPDATE store SET latitude = latitude + 1.5, longitude = -longitude WHERE id % 3 = 0",
        "UPDATE store SET latitude = NULL, longitude = NULL WHERE id % 5 = 0",
        "UPDATE store SET withdrawn_at = now() WHERE id % 4 = 0",
        "UPDATE store SET latitude = 10, longitude = 10, withdrawn_at = NULL WHERE id % 5 = 0",
        "UPDATE store SET name = name || '!'",
        "DELETE FROM store WHERE id % 7 = 0",
    ):
        work.session.execute(text(change))
        assert work.session.execute(text(COUNTED)).all() == work.session.execute(text(RIGHT)).all()
    work.session.execute(text("DELETE FROM store"))
    assert shown(work, WORLD, 1) == ()


def test_the_180th_meridian_and_the_poles(work: Work, feed: Feed) -> None:
    a_store(work.session, feed, "Suva", latitude=-18.1, longitude=178.4)
    a_store(work.session, feed, "Apia", latitude=-13.8, longitude=-171.8)
    a_store(work.session, feed, "On it", latitude=-17.0, longitude=180.0)
    a_store(work.session, feed, "North Pole", latitude=90.0, longitude=0.0)
    a_store(work.session, feed, "Greenwich", latitude=-15.0, longitude=0.0)
    product = a_product(work.session, feed, "Kava")
    for row in work.session.execute(text("SELECT id FROM store")).all():
        work.session.execute(
            text("INSERT INTO store_stock VALUES (:product, :store, 1)"),
            {"product": product.id, "store": row.id},
        )
    assert product.id
    for given in ({}, {"products": [product.id]}):
        pacific = shown(work, Bounds(-30, 170, 0, -165), 6, **given)
        assert names(pacific) == {"Suva", "Apia", "On it"}
        assert names(shown(work, Bounds(85, -180, 90, 180), 4, **given)) == {"North Pole"}


def test_for_products_only_stores_that_have_them_and_the_lowest_price(
    work: Work, feed: Feed
) -> None:
    cheap = a_product(work.session, feed, "Cheap", price_minor=500)
    dear = a_product(work.session, feed, "Dear", price_minor=900)
    crowns = a_product(work.session, feed, "Crowns", price_minor=100, currency="SEK")
    assert cheap.id and dear.id and crowns.id  # noqa: PT018 - ids of what was written
    centre = a_store(work.session, feed, "Centre")
    harbour = a_store(work.session, feed, "Harbour", latitude=65.03, longitude=25.49)
    empty = a_store(work.session, feed, "Empty", latitude=65.05, longitude=25.5)
    put_on_shelf(work.session, cheap, centre, 3)
    put_on_shelf(work.session, dear, centre, 3)
    put_on_shelf(work.session, dear, harbour, 1)
    put_on_shelf(work.session, crowns, harbour, 1)
    put_on_shelf(work.session, dear, empty, 0)

    def prices(zoom: float, *products: int) -> set[tuple[int, int | None, str | None]]:
        marks = shown(work, OULU if zoom > 5 else WORLD, zoom, products=products)
        return {(mark.stores, mark.price_minor, mark.currency) for mark in marks}

    assert prices(12, cheap.id, dear.id) == {(1, 500, "EUR"), (1, 900, "EUR")}
    assert prices(1, cheap.id, dear.id) == {(2, 500, "EUR")}
    assert prices(1, cheap.id) == {(1, 500, "EUR")}
    # What cannot be compared is not compared.
    assert prices(1, cheap.id, crowns.id) == {(2, None, None)}
    assert prices(1) == set()


@pytest.mark.parametrize("rows_of_a_look", [0, 1_000_000])
def test_the_lowest_price_is_what_the_stores_ask(
    work: Work, feed: Feed, monkeypatch: pytest.MonkeyPatch, rows_of_a_look: int
) -> None:
    # From either end: nothing is shorter than no look at all, and nothing as long as a million.
    monkeypatch.setattr("app.services.stores.map._ROWS_OF_A_LOOK", rows_of_a_look)
    kettle = a_product(work.session, feed, "Kettle", price_minor=4_900)
    gone = a_product(work.session, feed, "Gone", withdrawn_at=now())
    assert kettle.id and gone.id  # noqa: PT018 - ids of what was written
    for name, longitude, own in (
        ("Own", 25.40, 4_500),
        ("Dear", 25.44, 5_300),
        ("As", 25.48, None),
    ):
        store = a_store(work.session, feed, name, longitude=longitude)
        put_on_shelf(work.session, kettle, store, 1, price_minor=own)
        put_on_shelf(work.session, gone, store, 1, price_minor=1)
    products = kettle.id, gone.id
    assert {mark.name: mark.price_minor for mark in shown(work, OULU, 14, products=products)} == {
        "Own": 4_500,
        "Dear": 5_300,
        "As": 4_900,
    }
    (all_three,) = shown(work, WORLD, 1, products=products)
    assert (all_three.stores, all_three.price_minor, all_three.currency) == (3, 4_500, "EUR")


def test_too_many_products_are_refused(work: Work) -> None:
    with pytest.raises(BadInput):
        stores_in_bounds(work, bounds=WORLD, zoom=1, products=range(1_001))
