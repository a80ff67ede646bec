"""What is in stock in an area, however many stores stand there and wherever it lies."""

from __future__ import annotations

from dataclasses import replace
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.services.catalogue import places, products_found, search_catalogue
from app.services.catalogue.places import Reach, stores_there
from app.services.snapshots import parts_of, request_snapshot
from app.services.snapshots.capture import capture_snapshot
from app.views.areas import Circle, bounds_of, circle_at
from app.views.catalogue_query import CatalogueQuery, Sort
from app.views.stores import Bounds, Point
from app.work import open_work, reading, within
from tests.factories.catalogue import a_feed, a_product, a_supplier, fill
from tests.factories.database import owners_work
from tests.factories.stores import a_store, fill_shelves, fill_stores, put_on_shelf
from tests.integration.snapshots.conftest import INSTALLATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.integrations.bucket import S3Bucket
    from app.models.catalogue import Store
    from app.models.feeds import Feed
    from app.views.areas import Area
    from app.views.catalogue import SearchResult

pytestmark = pytest.mark.usefixtures("database", "redis")

OULU = Point(65.0121, 25.4651)
WORLD = Bounds(-90, -180, 90, 180)
EVERYWHERE = "Here and there"
ON_SHELVES = """
SELECT product_id, latitude, longitude FROM store_stock JOIN store ON store.id = store_id
WHERE stock > 0
"""


@pytest.fixture
def session(database: None) -> Iterator[Session]:  # noqa: ARG001 - on an empty database
    """Open a session whose rows the search sees once it is committed."""
    with open_work() as work:
        yield work.session


@pytest.fixture
def feed(session: Session) -> Feed:
    return a_feed(session)


def on_shelf_at(
    feed: Feed, session: Session, name: str, at: tuple[float, float], stock: int = 3
) -> Store:
    """Write a product that one store has."""
    store = a_store(session, feed, f"Store of {name}", latitude=at[0], longitude=at[1])
    put_on_shelf(session, a_product(session, feed, name), store, stock)
    return store


def search(area: Area | None, **asked: object) -> SearchResult:
    return reading(search_catalogue, query=replace(CatalogueQuery(place=area), **asked))


def names(area: Area | None, **asked: object) -> set[str]:
    return {product.name for product in search(area, **asked).listing.products}


def metres(one: Point, other: tuple[float, float]) -> float:
    """Return the distance along the ground, worked out by another formula than ours."""
    north, east = radians(other[0] - one.latitude), radians(other[1] - one.longitude)
    inner = sin(north / 2) ** 2
    inner += cos(radians(one.latitude)) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * 6_371_008.8 * asin(min(1, sqrt(inner)))


def test_what_a_store_nearby_has_in_stock_is_found(session: Session, feed: Feed) -> None:
    on_shelf_at(feed, session, "Next door", (65.02, 25.47))
    on_shelf_at(feed, session, "Down the road", (65.20, 25.47))
    on_shelf_at(feed, session, "Sold out", (65.02, 25.47), stock=0)
    a_product(session, feed, "In no store")
    on_shelf_at(feed, session, "Closed down", (65.02, 25.47)).withdrawn_at = feed.synced_at
    lost = on_shelf_at(feed, session, "Nobody knows where", (65.02, 25.47))
    lost.latitude = lost.longitude = None
    lost.place_problem = "It has none."
    session.commit()

    assert names(circle_at(OULU, 10)) == {"Next door"}
    assert names(circle_at(OULU, 25)) == {"Next door", "Down the road"}
    assert names(bounds_of(65.1, 25, 65.3, 26)) == {"Down the road"}
    assert names(None) >= {"In no store", "Sold out"}
    facets = search(circle_at(OULU, 10)).facets
    assert [(each.km, each.stores) for each in facets.distances] == [
        (5, 2),
        (10, 2),
        (25, 3),
        (50, 3),
        (100, 3),
    ]
    assert search(bounds_of(65.1, 25, 65.3, 26)).facets.distances == ()


def test_other_choices_are_counted_in_the_area(session: Session, feed: Feed) -> None:
    other = a_feed(session, a_supplier(session, "Verkko Tools"), name="verkko")
    on_shelf_at(feed, session, "Drill one", (65.02, 25.47))
    on_shelf_at(other, session, "Drill two", (65.02, 25.47))
    on_shelf_at(other, session, "Drill far away", (60.1, 25.47))
    session.commit()

    found = search(circle_at(OULU, 10), text="drill", suppliers=(feed.supplier_id,))
    assert [product.name for product in found.listing.products] == ["Drill one"]
    assert (found.facets.total, found.facets.exact) == (1, True)
    assert {o.label: o.count for o in found.facets.suppliers} == {
        "Norda Supply": 1,
        "Verkko Tools": 1,
    }


@pytest.mark.parametrize("reach", Reach)
def test_it_makes_no_difference_how_the_shelves_are_looked_at(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owners_work() as work:
        fill(work.session, 3_000)
        fill_stores(work.session, 60)
        fill_shelves(work.session, each=60)
        rows = work.session.execute(text(ON_SHELVES)).all()
        products = work.session.execute(text("SELECT id, name, supplier_id FROM product")).all()
        centre = work.session.execute(
            text("SELECT avg(latitude), avg(longitude) FROM store WHERE city = 'Town 1'")
        ).one()
    limits = {
        Reach.FEW: (10**9, 10**9, 10**9),
        Reach.SOME: (10**9, -1, 10**9),
        Reach.MANY: (10**9, -1, -1),
        Reach.VAST: (-1, -1, -1),
    }
    for name, limit in zip(
        ("MOST_STORES", "FEW_SHELVES", "SOME_SHELVES"), limits[reach], strict=True
    ):
        monkeypatch.setattr(places, name, limit)
    areas = [circle_at(Point(*centre), km) for km in (2, 50, 500)]
    areas += [bounds_of(-50, 100, 0, -100), bounds_of(-60, -50, 10, 50), WORLD]
    counts = []
    for area in areas:
        with open_work(read_only=True) as work:
            assert stores_there(work.session.connection(), area).reach is reach
        there = {number for number, *at in rows if lies_in(area, (at[0], at[1]))}
        counts.append(len(there))
        for asked in ({}, {"text": "drill"}, {"suppliers": (1,)}, {"sort": Sort.NAME}):
            wanted = {
                row.id
                for row in products
                if row.id in there
                and ("text" not in asked or "drill" in row.name.lower())
                and ("suppliers" not in asked or row.supplier_id == 1)
            }
            found = search(area, **asked)
            assert found.facets.total == min(len(wanted), 1_000)
            assert found.facets.exact is (len(wanted) <= 1_000)
            assert {product.id for product in found.listing.products} <= wanted
            assert len(found.listing.products) == min(len(wanted), 24)
    assert min(counts) < 1_000 < max(counts)


def lies_in(area: Area, at: tuple[float, float]) -> bool:
    if isinstance(area, Circle):
        return metres(area.point, at) <= area.km * 1000
    is_wide = area.west <= area.east
    inside = (
        (area.west <= at[1] <= area.east) if is_wide else (at[1] >= area.west or at[1] <= area.east)
    )
    return area.south <= at[0] <= area.north and inside


def test_an_area_may_cross_the_180th_meridian(session: Session, feed: Feed) -> None:
    on_shelf_at(feed, session, "West of it", (-17, 179.9))
    on_shelf_at(feed, session, "East of it", (-17, -179.9))
    on_shelf_at(feed, session, "On it", (-17, 180))
    on_shelf_at(feed, session, "Elsewhere", (-17, 0))
    session.commit()

    around = {"West of it", "East of it", "On it"}
    assert names(bounds_of(-20, 179, -10, -179)) == around
    assert names(circle_at(Point(-17, 179.95), 50)) == around
    assert names(bounds_of(-20, -180, -10, 180)) == around | {"Elsewhere"}
    assert names(bounds_of(-20, -179, -10, 179)) == {"Elsewhere"}


def test_an_area_may_hold_a_pole(session: Session, feed: Feed) -> None:
    on_shelf_at(feed, session, "Behind the pole", (89.9, -90))
    on_shelf_at(feed, session, "Before the pole", (89.9, 90))
    on_shelf_at(feed, session, "Far south of it", (86, 90))
    session.commit()

    both = {"Behind the pole", "Before the pole"}
    assert names(circle_at(Point(90, 0), 25)) == both
    assert names(circle_at(Point(89.95, 90), 25)) == both
    assert names(bounds_of(89, -180, 90, 180)) == both
    assert names(bounds_of(85, 0, 90, 180)) == {"Before the pole", "Far south of it"}


def test_an_area_without_stores_is_empty(session: Session, feed: Feed) -> None:
    on_shelf_at(feed, session, EVERYWHERE, (65, 25))
    session.commit()

    found = search(circle_at(Point(0, 0), 100))
    assert found.listing.products == ()
    assert (found.facets.total, found.facets.exact) == (0, True)
    assert {each.stores for each in found.facets.distances} == {0}
    assert found.listing.problem == ""


def test_an_answer_is_kept_by_its_area_and_not_by_the_name_of_it(
    session: Session, feed: Feed
) -> None:
    on_shelf_at(feed, session, EVERYWHERE, (65, 25))
    session.commit()
    assert names(circle_at(Point(65, 25), 5, "Here")) == {EVERYWHERE}

    # As no sync would do it: nothing says that the catalogue is another one now.
    session.execute(text("UPDATE store SET latitude = 0"))
    session.commit()
    assert names(circle_at(Point(65, 25), 5, "There")) == {EVERYWHERE}
    assert names(circle_at(Point(65, 25), 10, "Here")) == set()


def test_a_page_further_down_is_in_the_same_area(session: Session, feed: Feed) -> None:
    store = a_store(session, feed, "Oulu")
    far = a_store(session, feed, "Far away", latitude=0, longitude=0)
    for number in range(60):
        product = a_product(session, feed, f"Product {number:02}")
        put_on_shelf(session, product, store if number % 2 else far, 1)
    session.commit()

    area = circle_at(Point(65.01, 25.47), 5)
    first = search(area, sort=Sort.NAME).listing
    second = search(area, sort=Sort.NAME, after=first.next).listing
    found = [product.name for page in (first, second) for product in page.products]
    assert found == [f"Product {number:02}" for number in range(1, 60, 2)]
    assert second.next is None


def test_a_map_is_told_of_the_products_of_the_first_pages(session: Session, feed: Feed) -> None:
    store = a_store(session, feed, "Oulu")
    for number in range(30):
        product = a_product(session, feed, f"Drill {number:02}", price_minor=1000 + number)
        if number % 2:
            put_on_shelf(session, product, store, 1)
    session.commit()

    area = circle_at(OULU, 5)
    for query in (
        CatalogueQuery(text="drill", place=area),
        CatalogueQuery(text="drill", sort=Sort.PRICE_DOWN, place=area),
        CatalogueQuery(place=area),
        CatalogueQuery(),
    ):
        found = reading(products_found, query=query, at_most=1_000)
        assert len(found) == (15 if query.place else 30)
        page = reading(search_catalogue, query=query).listing.products
        assert found[: len(page)] == tuple(product.id for product in page)
        assert reading(products_found, query=query, at_most=4) == found[:4]


def test_a_snapshot_of_such_a_search_holds_what_it_finds(
    session: Session, feed: Feed, bucket: S3Bucket
) -> None:
    on_shelf_at(feed, session, "Next door", (65.02, 25.47))
    on_shelf_at(feed, session, "Far away", (60.1, 25.47))
    session.commit()

    query = CatalogueQuery(place=circle_at(OULU, 10, "Oulu"))
    asked = within(request_snapshot, viewer=INSTALLATION, query=query, queued=False)
    assert asked.title == "in stock within 10 km of Oulu"
    assert asked.filter["place"]["near"] == "65.0121,25.4651"
    capture_snapshot(snapshot_id=asked.id, bucket=bucket)
    parts = reading(parts_of, viewer=INSTALLATION, snapshot_id=asked.id)
    assert [part.rows for part in parts] == [1]
