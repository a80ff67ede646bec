"""The list beside a map, what is shown at first, and what a store has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.models.catalogue import Store
from app.services.stores import (
    bounds_of_stores,
    first_view,
    metres_between,
    show_shelves,
    show_view,
    stores_in_view,
    stores_without_place,
)
from app.views.stores import Bounds, Point, StoreOrder, StoresInView
from tests.factories.catalogue import a_feed, a_product
from tests.factories.stores import a_store, put_on_shelf

if TYPE_CHECKING:
    from app.models.feeds import Feed
    from app.work import Work

WORLD = Bounds(-85, -180, 85, 180)
FINLAND = Bounds(59, 20, 70, 32)
PLACES = {
    "Helsinki": (60.1699, 24.9384), "Tampere": (61.4978, 23.7610), "Oulu": (65.0121, 25.4651),
    "Tallinn": (59.4370, 24.7536), "Suva": (-18.1416, 178.4419), "Apia": (-13.8333, -171.7667),
}  # fmt: skip


@pytest.fixture
def feed(work: Work) -> Feed:
    feed = a_feed(work.session)
    for name, (latitude, longitude) in PLACES.items():
        a_store(work.session, feed, name, latitude=latitude, longitude=longitude)
    a_store(work.session, feed, "Lost", latitude=None, longitude=None)
    closed = a_store(work.session, feed, "Closed")
    work.session.execute(
        text("UPDATE store SET withdrawn_at = now() WHERE id = :id"), {"id": closed.id}
    )
    return feed


def names(found: StoresInView) -> list[str]:
    return [near.store.name for near in found.stores]


@pytest.mark.usefixtures("feed")
def test_the_list_has_what_the_map_shows_nearest_to_its_middle_first(work: Work) -> None:
    found = stores_in_view(work, bounds=FINLAND)
    assert (names(found), found.is_all) == (["Oulu", "Tampere", "Helsinki", "Tallinn"], True)
    for near in found.stores:
        assert near.metres == pytest.approx(
            metres_between(FINLAND.middle, Point(*PLACES[near.store.name])), abs=1
        )
    assert names(stores_in_view(work, bounds=Bounds(0, 0, 10, 10))) == []


@pytest.mark.usefixtures("feed")
def test_of_too_many_the_nearest_are_listed(work: Work) -> None:
    found = stores_in_view(work, bounds=FINLAND, most=2)
    assert (names(found), found.is_all) == (["Oulu", "Tampere"], False)
    assert stores_in_view(work, bounds=FINLAND, most=4).is_all


@pytest.mark.usefixtures("feed")
def test_a_place_inside_decides_which_and_one_outside_how_far(work: Work) -> None:
    helsinki = Point(*PLACES["Helsinki"])
    inside = stores_in_view(work, bounds=FINLAND, point=helsinki, most=2)
    assert names(inside) == ["Helsinki", "Tallinn"]
    assert [round(near.metres / 1000) for near in inside.stores] == [0, 82]
    suva = Point(*PLACES["Suva"])
    outside = stores_in_view(work, bounds=FINLAND, point=suva, most=3)
    assert sorted(names(outside)) == ["Helsinki", "Oulu", "Tampere"]
    far = [near.metres for near in outside.stores]
    assert far == sorted(far)
    assert far[0] > 13_000_000


@pytest.mark.usefixtures("feed")
def test_across_the_180th_meridian_and_the_whole_world(work: Work) -> None:
    assert sorted(names(stores_in_view(work, bounds=Bounds(-40, 170, 0, -160)))) == ["Apia", "Suva"]
    assert len(stores_in_view(work, bounds=WORLD).stores) == len(PLACES)


def test_with_a_product_by_distance_by_pieces_or_by_name(work: Work, feed: Feed) -> None:
    kettle = a_product(work.session, feed, "Kettle", price_minor=4_900)
    stores = {
        name: work.session.execute(
            text("SELECT id FROM store WHERE name = :name"), {"name": name}
        ).scalar_one()
        for name in PLACES
    }
    for name, pieces in (("Helsinki", 2), ("Oulu", 1), ("Tampere", 9), ("Tallinn", 0)):
        work.session.execute(
            text("INSERT INTO store_stock VALUES (:product, :store, :pieces)"),
            {"product": kettle.id, "store": stores[name], "pieces": pieces},
        )

    def listed(order: StoreOrder) -> list[tuple[str, int | None]]:
        found = stores_in_view(work, bounds=FINLAND, product_id=kettle.id, order=order)
        assert all((near.price_minor, near.currency) == (4_900, "EUR") for near in found.stores)
        return [(near.store.name, near.stock) for near in found.stores]

    assert listed(StoreOrder.NEAREST) == [("Oulu", 1), ("Tampere", 9), ("Helsinki", 2)]
    assert listed(StoreOrder.PIECES) == [("Tampere", 9), ("Helsinki", 2), ("Oulu", 1)]
    assert listed(StoreOrder.NAME) == [("Helsinki", 2), ("Oulu", 1), ("Tampere", 9)]
    assert kettle.id is not None
    work.session.execute(
        text(
            "INSERT INTO store_stock SELECT :product, id, 4 FROM store"
            " WHERE name IN ('Lost', 'Closed')"
        ),
        {"product": kettle.id},
    )
    lost = stores_without_place(work, product_id=kettle.id)
    assert [(near.store.name, near.stock) for near in lost] == [("Lost", 4)]
    found, marks = show_view(work, bounds=FINLAND, zoom=5, product_id=kettle.id)
    assert len(found.stores) == sum(mark.stores for mark in marks) == 3
    shown = first_view(work, point=None, product_id=kettle.id)
    assert all(shown.has(Point(*PLACES[name])) for name in ("Helsinki", "Oulu", "Tampere"))
    assert not shown.has(Point(*PLACES["Suva"]))


def test_by_price_the_cheapest_first_and_of_the_same_the_nearest(work: Work, feed: Feed) -> None:
    kettle = a_product(work.session, feed, "Kettle", price_minor=4_900)
    own = {"Helsinki": None, "Oulu": 5_200, "Tampere": 4_900, "Tallinn": 4_700}
    for name, price in own.items():
        store = work.session.scalars(select(Store).where(col(Store.name) == name)).one()
        put_on_shelf(work.session, kettle, store, 1, price_minor=price)

    def listed(point: Point | None = None, **given: Any) -> list[tuple[str, int | None]]:
        found = stores_in_view(
            work, point=point, product_id=kettle.id, order=StoreOrder.PRICE, **given
        )
        return [(near.store.name, near.price_minor) for near in found.stores]

    cheapest, dearest = ("Tallinn", 4_700), ("Oulu", 5_200)
    tampere, helsinki = ("Tampere", 4_900), ("Helsinki", 4_900)
    assert listed(bounds=FINLAND) == [cheapest, tampere, helsinki, dearest]
    near = Point(*PLACES["Helsinki"])
    assert listed(near, bounds=FINLAND) == [cheapest, helsinki, tampere, dearest]
    assert listed(near, bounds=FINLAND, most=2) == [cheapest, helsinki]
    # Nearest to a place that the map does not show.
    assert listed(Point(50, 25), bounds=FINLAND) == [cheapest, helsinki, tampere, dearest]
    store = work.session.scalars(select(Store).where(col(Store.name) == "Oulu")).one()
    assert store.id is not None
    assert [product.price_minor for product in show_shelves(work, store_id=store.id).products] == [
        5_200
    ]


@pytest.mark.usefixtures("feed")
def test_at_first_all_stores_are_shown_or_those_near_to_a_place(work: Work) -> None:
    everywhere = bounds_of_stores(work)
    assert everywhere is not None
    assert all(everywhere.has(Point(*place)) for place in PLACES.values())
    # The Atlantic and America, where nobody is, are left out.
    assert everywhere.west > everywhere.east
    assert everywhere.width < 180
    oulu = Point(*PLACES["Oulu"])
    near = first_view(work, point=oulu)
    assert near.has(oulu)
    assert near.has(Point(*PLACES["Tampere"]))
    assert not near.has(Point(*PLACES["Suva"]))


def test_where_there_is_no_store_the_world_is_shown(work: Work) -> None:
    assert bounds_of_stores(work) is None
    assert first_view(work, point=None).width > 180
    assert first_view(work, point=Point(65, 25)).has(Point(65, 25))


def test_what_a_store_has_by_page_and_by_word(work: Work, feed: Feed) -> None:
    store = a_store(work.session, feed, "Full")
    other = a_store(work.session, feed, "Other")
    assert store.id is not None
    for number in range(53):
        product = a_product(work.session, feed, f"Mug {number}")
        put_on_shelf(work.session, product, store, 0 if number == 52 else number + 1)
        put_on_shelf(work.session, product, other, 1)
    kettle = a_product(work.session, feed, "Électric kettle", price_minor=4_900)
    put_on_shelf(work.session, kettle, store, 7)
    work.session.execute(
        text(
            "UPDATE product SET search = catalogue_vector(name, '', '', '', ''),"
            " withdrawn_at = CASE WHEN name = 'Mug 0' THEN now() END"
        )
    )
    first = show_shelves(work, store_id=store.id)
    assert (first.products[0].name, first.products[0].stock) == ("Électric kettle", 7)
    assert len(first.products) == 50
    rest = show_shelves(work, store_id=store.id, before=first.before)
    assert ([product.name for product in rest.products], rest.before) == (["Mug 2", "Mug 1"], None)
    for words, found in (("elec", 1), ("kettle electric", 1), ("mug", 50), ("nothing", 0)):
        assert len(show_shelves(work, store_id=store.id, words=words).products) == found
    for words in ("!!!", "'", ":*", "a & b |"):
        assert show_shelves(work, store_id=store.id, words=words).products == ()
    assert show_shelves(work, store_id=0).products == ()
