"""The stores nearest to a point."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import NotFound
from app.services.stores import nearest_stores, show_store
from app.views.stores import Point
from app.work import open_work
from tests.factories.catalogue import a_feed, a_product
from tests.factories.stores import a_store, put_on_shelf

if TYPE_CHECKING:
    from app.models.feeds import Feed
    from app.work import Work

HELSINKI = Point(60.17, 24.94)
PLACES = {
    "Helsinki": (60.1699, 24.9384), "Tallinn": (59.4370, 24.7536), "Oulu": (65.0121, 25.4651),
    "Suva": (-18.1416, 178.4419), "Apia": (-13.8333, -171.7667), "Alert": (82.5, -62.35),
    "Tiksi": (71.64, 128.87), "Cape Town": (-33.92, 18.42),
}  # fmt: skip


@pytest.fixture
def feed(work: Work) -> Feed:
    return a_feed(work.session)


def haversine(one: Point, other: tuple[float, float]) -> float:
    """Return metres along the ground, worked out by another formula than ours."""
    north, east = radians(other[0] - one.latitude), radians(other[1] - one.longitude)
    inner = sin(north / 2) ** 2
    inner += cos(radians(one.latitude)) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * 6_371_008.8 * asin(min(1, sqrt(inner)))


def test_the_order_is_that_of_the_distance_all_over_the_world(services: None) -> None:  # noqa: ARG001 - where it is written
    from tests.factories.database import empty_database  # noqa: PLC0415 - once for all examples

    empty_database()
    with open_work() as work:
        feed = a_feed(work.session)
        for name, (latitude, longitude) in PLACES.items():
            a_store(work.session, feed, name, latitude=latitude, longitude=longitude)

    @settings(max_examples=50, deadline=None)
    @given(st.floats(-90, 90), st.floats(-180, 180))
    def check(latitude: float, longitude: float) -> None:
        point = Point(latitude, longitude)
        with open_work(read_only=True) as work:
            found = nearest_stores(work, point=point)
        by_hand = sorted(PLACES, key=lambda name: haversine(point, PLACES[name]))
        far = {name: haversine(point, PLACES[name]) for name in by_hand}
        assert {near.store.name for near in found} == set(PLACES)
        for near, name in zip(found, by_hand, strict=True):
            assert near.metres == pytest.approx(far[name], abs=1)
            assert near.metres == pytest.approx(far[near.store.name], abs=1)

    check()


def test_within_a_distance(work: Work, feed: Feed) -> None:
    for name, (latitude, longitude) in PLACES.items():
        a_store(work.session, feed, name, latitude=latitude, longitude=longitude)

    def within(kilometres: float) -> list[str]:
        found = nearest_stores(work, point=HELSINKI, within_km=kilometres)
        return [near.store.name for near in found]

    assert within(1) == ["Helsinki"]
    assert within(81) == ["Helsinki"]
    assert within(83) == ["Helsinki", "Tallinn"]
    assert within(600) == ["Helsinki", "Tallinn", "Oulu"]
    assert len(within(25_000)) == len(PLACES)


def test_with_a_product_only_where_it_is_with_how_many_and_the_price(
    work: Work, feed: Feed
) -> None:
    product = a_product(work.session, feed, "Kettle", price_minor=4_900)
    near = a_store(work.session, feed, "Near, but empty", latitude=60.17, longitude=24.94)
    far = a_store(work.session, feed, "Far")
    a_store(work.session, feed, "Nowhere", latitude=None, longitude=None)
    put_on_shelf(work.session, product, near, 0)
    put_on_shelf(work.session, product, far, 7)
    (found,) = nearest_stores(work, point=HELSINKI, product_id=product.id)
    assert (found.store.name, found.stock, found.price_minor, found.currency) == (
        "Far",
        7,
        4_900,
        "EUR",
    )
    assert [found.store.name for found in nearest_stores(work, point=HELSINKI, most=1)] == [
        near.name
    ]


def test_a_store_asks_its_own_price_or_the_products(work: Work, feed: Feed) -> None:
    product = a_product(work.session, feed, "Kettle", price_minor=4_900)
    for name, own in (("Plain", None), ("Cheap", 4_500), ("Same", 4_900)):
        put_on_shelf(work.session, product, a_store(work.session, feed, name), 1, price_minor=own)
    found = nearest_stores(work, point=HELSINKI, product_id=product.id)
    assert {near.store.name: (near.price_minor, near.is_own_price) for near in found} == {
        "Plain": (4_900, False),
        "Cheap": (4_500, True),
        "Same": (4_900, False),
    }


def test_one_store(work: Work, feed: Feed) -> None:
    product = a_product(work.session, feed, "Kettle")
    store = a_store(work.session, feed, "Oulu", services=["Repairs"], city="Oulu")
    put_on_shelf(work.session, product, store, 2)
    assert store.id is not None
    page = show_store(work, store_id=store.id)
    assert (page.store.name, page.store.supplier, page.services) == (
        "Oulu",
        "Norda Supply",
        ("Repairs",),
    )
    assert page.products == 1
    with pytest.raises(NotFound):
        show_store(work, store_id=store.id + 1)
