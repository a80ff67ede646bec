"""How maps are answered at 100,000 stores: counted, not timed, so the same on any machine."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.models.catalogue import StoreStock
from app.services.stores import (
    bounds_of_stores,
    nearest_stores,
    show_shelves,
    stores_in_bounds,
    stores_in_view,
)
from app.services.stores.find import towns_of_stores
from app.services.stores.squares import MOST_MARKS
from app.views.stores import Bounds, Point, StoreOrder
from app.work import open_work, reading
from tests.factories.database import empty_database, owners_work
from tests.factories.stores import fill_stores, put_in_stores
from tests.plans import heard_of, nodes_of, plans_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.views.stores import Mark

STORES: Final = 100_000
LARGE: Final = frozenset({"store", "store_stock", "store_cell"})
VIEWS: Final = {
    "the world": (Bounds(-80, -180, 80, 180), 1),
    "a continent": (Bounds(35, -10, 70, 40), 4),
    "a country": (Bounds(45, 5, 55, 16), 6),
    "a town": (Bounds(50, 8, 50.4, 8.8), 11),
    "a street": (Bounds(50, 8, 50.01, 8.02), 16),
    "the Pacific": (Bounds(-50, 150, 20, -140), 4),
    "the North Pole": (Bounds(80, -180, 90, 180), 4),
    "the world, asked in detail": (Bounds(-90, -180, 90, 180), 22),
}


@pytest.fixture(scope="module")
def products(services: None) -> tuple[int, int]:  # noqa: ARG001 - where it is written
    """Fill the database once: a product that 1,000 stores have, and one that all have."""
    empty_database()
    with owners_work() as work:
        return fill_stores(work.session, STORES)


@pytest.fixture(scope="module")
def shelves(products: tuple[int, int]) -> dict[str, list[int]]:
    """Return products by how many stores they are in."""
    some, everywhere = products
    with owners_work() as work:
        return {
            "in one": put_in_stores(work.session, 1, every=STORES),
            "in 1,000": [some],
            "in 5,000": put_in_stores(work.session, 1, every=STORES // 5_000),
            "in all": [everywhere],
            "several": put_in_stores(work.session, 20, every=STORES // 100),
        }


def read_from_the_start(asks: Callable[[], object]) -> set[str]:
    """Return the large tables that a question reads as a whole."""
    return {
        node["Relation Name"]
        for plan in plans_of(heard_of(asks))
        for node in nodes_of(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
    }


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_reads_no_more_than_it_shows(products: tuple[int, int], name: str) -> None:  # noqa: ARG001 - what is filled
    bounds, zoom = VIEWS[name]

    def asks() -> object:
        return reading(stores_in_bounds, bounds=bounds, zoom=zoom)

    assert read_from_the_start(asks) == set()
    (plan,) = [plan for plan in plans_of(heard_of(asks)) if plan]
    for node in nodes_of(plan):
        assert node["Actual Rows"] * node["Actual Loops"] <= MOST_MARKS
        assert node.get("Rows Removed by Filter", 0) <= MOST_MARKS


@pytest.mark.parametrize("which", ["in one", "in 1,000", "in 5,000", "in all", "several"])
@pytest.mark.parametrize("name", VIEWS)
def test_where_products_are_is_found_from_the_shorter_end(
    shelves: dict[str, list[int]], name: str, which: str
) -> None:
    bounds, zoom = VIEWS[name]
    wanted = shelves[which]
    in_view = sum(mark.stores for mark in reading(stores_in_bounds, bounds=bounds, zoom=zoom))
    with open_work() as work:
        on_shelves = work.session.scalar(
            select(func.count()).where(col(StoreStock.product_id).in_(wanted))
        )
    assert on_shelves
    plans = plans_of(
        heard_of(lambda: reading(stores_in_bounds, bounds=bounds, zoom=zoom, products=wanted))
    )

    shorter = 2 * min(on_shelves, in_view * len(wanted))
    for node in (node for plan in plans for node in nodes_of(plan)):
        each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        assert each * node["Actual Loops"] <= max(shorter, MOST_MARKS), node


@pytest.mark.parametrize("which", ["in one", "in 5,000", "several"])
@pytest.mark.parametrize("name", VIEWS)
def test_both_ends_find_the_same(
    shelves: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch, name: str, which: str
) -> None:
    bounds, zoom = VIEWS[name]
    found: list[list[Mark]] = []
    # Nothing is shorter than no look at all, and nothing as long as a million.
    for rows_of_a_look in (0, 1_000_000):
        monkeypatch.setattr("app.services.stores.map._ROWS_OF_A_LOOK", rows_of_a_look)
        marks = reading(stores_in_bounds, bounds=bounds, zoom=zoom, products=shelves[which])
        # Of two at one latitude the western comes first, whatever the database found first.
        found.append(
            sorted(marks, key=lambda mark: (round(mark.latitude, 6), round(mark.longitude, 6)))
        )
    from_the_view, from_the_shelves = found
    assert len(from_the_view) == len(from_the_shelves)
    for one, other in zip(from_the_view, from_the_shelves, strict=True):
        # Their middle is an average, which is not to the last digit the same in another order.
        assert astuple(one) == pytest.approx(astuple(other))


@pytest.mark.parametrize("name", VIEWS)
def test_every_store_in_view_is_counted_in_one_mark(products: tuple[int, int], name: str) -> None:
    bounds, zoom = VIEWS[name]
    _, everywhere = products
    squares = reading(stores_in_bounds, bounds=bounds, zoom=zoom)
    one_by_one = reading(stores_in_bounds, bounds=bounds, zoom=zoom, products=[everywhere])
    assert len(squares) <= MOST_MARKS
    assert sorted(mark.stores for mark in squares) == sorted(mark.stores for mark in one_by_one)
    if name.startswith("the world"):
        assert sum(mark.stores for mark in squares) == STORES


@pytest.mark.parametrize("within_km", [None, 50])
@pytest.mark.parametrize("which", ["none", "some", "all"])
def test_the_nearest_are_found_without_looking_at_all(
    products: tuple[int, int], which: str, within_km: float | None
) -> None:
    product_id = {"none": None, "some": products[0], "all": products[1]}[which]
    point = Point(50, 8)

    def asks() -> object:
        return reading(nearest_stores, point=point, product_id=product_id, within_km=within_km)

    assert read_from_the_start(asks) == set()


@pytest.mark.parametrize("name", VIEWS)
def test_the_list_of_a_view_reads_no_table_as_a_whole(products: tuple[int, int], name: str) -> None:
    bounds, _ = VIEWS[name]
    some, _ = products
    for given in ({}, *({"product_id": some, "order": order} for order in StoreOrder)):
        asked: dict[str, Any] = {"bounds": bounds, **given}
        assert read_from_the_start(lambda asked=asked: reading(stores_in_view, **asked)) == set()


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("name", ["a town", "a street"])
def test_the_list_of_a_town_looks_at_that_town_alone(name: str) -> None:
    def asks() -> object:
        return reading(stores_in_view, bounds=VIEWS[name][0])

    (plan,) = [plan for plan in plans_of(heard_of(asks)) if plan]
    looked_at = [
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in nodes_of(plan)
        if node.get("Relation Name") == "store"
    ]
    assert max(looked_at) < STORES / 100


@pytest.mark.usefixtures("products")
def test_what_shows_all_stores_is_read_from_the_squares() -> None:
    assert reading(bounds_of_stores)
    assert read_from_the_start(lambda: reading(bounds_of_stores)) == set()


@pytest.mark.parametrize("words", ["", "store"])
def test_what_a_store_has_is_read_from_its_shelves(products: tuple[int, int], words: str) -> None:  # noqa: ARG001 - what is filled
    store_id = reading(nearest_stores, point=Point(50, 8), most=1)[0].store.store_id

    def asks() -> object:
        return reading(show_shelves, store_id=store_id, words=words)

    assert read_from_the_start(asks) == set()


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("words", ["town 39", "6511", "Street 7, 6511 Town 200"])
def test_a_town_is_found_by_its_index(words: str) -> None:
    assert reading(towns_of_stores, words=words)
    assert read_from_the_start(lambda: reading(towns_of_stores, words=words)) == set()
