"""Looking into a snapshot: searched, paged and narrowed as it was, by those who may see it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.errors import Conflict, NotFound
from app.integrations.arrow.local import configured_parts
from app.models.accounts import Role
from app.services.snapshots import parts_of
from app.services.snapshots.looking import product_then, search_snapshot
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading
from tests.factories.catalogue import a_category, a_feed, a_product, index_words
from tests.integration.snapshots.conftest import INSTALLATION, somebody, taken

if TYPE_CHECKING:
    from app.integrations.bucket import S3Bucket
    from app.views.catalogue import SearchResult
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("database", "redis")


@pytest.fixture(autouse=True)
def _fresh_copies() -> None:
    configured_parts.cache_clear()


def _many(count: int) -> None:
    with open_work() as work:
        feed = a_feed(work.session)
        for number in range(count):
            a_product(
                work.session,
                feed,
                f"Product {number:03}",
                price_minor=(number * 37) % 50 * 100,
                currency="EUR" if number % 5 else "SEK",
                stock=number % 3,
                brand=f"Brand {number % 2}",
            )
        index_words(work.session)


def _search(snapshot: SnapshotView, query: str = "") -> SearchResult:
    return search_snapshot(
        viewer=INSTALLATION, snapshot_id=snapshot.id, query=CatalogueQuery.parse(query)
    )


def _names(result: SearchResult) -> list[str]:
    return [product.name for product in result.listing.products]


def test_a_snapshot_shows_what_was_and_not_what_is(catalogue: dict[str, int]) -> None:
    snapshot = taken()
    with open_work() as work:
        work.session.connection().exec_driver_sql("UPDATE product SET price_minor = 1, stock = 77")
    found = _search(snapshot)
    assert _names(found) == ["Steel bottle", "Bottle", "Screwdriver PH1"]
    full = found.listing.products[-1]
    assert (full.price_minor, full.id) == (12_345, catalogue["full"])
    then = product_then(viewer=INSTALLATION, snapshot_id=snapshot.id, product_id=full.id)
    assert then is not None
    assert (then.price_minor, then.name) == (12_345, "Screwdriver PH1")
    gone = catalogue["gone"]
    assert product_then(viewer=INSTALLATION, snapshot_id=snapshot.id, product_id=gone) is None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=bottle", ["Steel bottle", "Bottle"]),
        ("q=BOTTLE+steel", ["Steel bottle"]),
        ("q=ph-1", ["Screwdriver PH1"]),
        ("q=screwdrivers", ["Screwdriver PH1"]),
        ("q=100%25", []),
        ("q=%27%3B+drop", []),
        ("brand=Rautio", ["Screwdriver PH1"]),
        ("supplier=999", []),
        ("stock=1", ["Screwdriver PH1"]),
        ("min=12300&max=12400&currency=EUR", ["Screwdriver PH1"]),
        ("sort=name", ["Bottle", "Screwdriver PH1", "Steel bottle"]),
    ],
)
@pytest.mark.usefixtures("catalogue")
def test_what_is_asked_is_found(query: str, names: list[str]) -> None:
    assert _names(_search(taken(), query)) == names


@pytest.mark.parametrize("sort", ["newest", "name", "price-up", "price-down"])
def test_every_product_is_on_one_page_of_each_order_there_and_back(sort: str) -> None:
    _many(60)
    snapshot = taken()
    pages, query = [], f"sort={sort}"
    while True:
        page = _search(snapshot, query)
        pages.append(page)
        if page.listing.next is None:
            break
        query = f"sort={sort}&after={page.listing.next}"
    seen = [product.id for page in pages for product in page.listing.products]
    assert len(seen) == len(set(seen)) == pages[0].facets.total
    assert len(seen) == (48 if sort.startswith("price") else 60)
    way = pages[-1].listing
    for before in reversed(pages[:-1]):
        assert way.previous is not None
        way = _search(snapshot, f"sort={sort}&after={way.previous}").listing
        assert way.products == before.listing.products
    assert way.previous is None


@pytest.mark.parametrize("after", ["broken", "WzAsICJ4Il0", "WzAsIDEsIDIsIDNd", "e30"])
def test_a_place_that_is_none_gives_the_first_page_and_says_so(after: str) -> None:
    _many(30)
    snapshot = taken()
    found = _search(snapshot, f"after={after}")
    assert found.listing.products == _search(snapshot).listing.products
    assert "first one" in found.listing.problem


def test_counts_are_of_what_was_asked_and_ignore_their_own_choice() -> None:
    _many(60)
    facets = _search(taken(), "brand=Brand+1&stock=1").facets
    assert facets.total == 20
    assert {one.key: (one.count, one.chosen) for one in facets.brands} == {
        "Brand 0": (20, False),
        "Brand 1": (20, True),
    }
    assert (facets.in_stock.count, facets.in_stock.chosen) == (20, True)
    assert facets.currency == "EUR"


def test_what_the_stores_of_an_area_had_is_found(catalogue: dict[str, int]) -> None:
    with open_work() as work:
        work.session.connection().exec_driver_sql(
            "UPDATE store SET latitude = 65.01, longitude = 25.47 WHERE name = 'Oulu'"
        )
        work.session.connection().exec_driver_sql(
            "UPDATE store SET latitude = 60.45, longitude = 22.27 WHERE name = 'Turku'"
        )
    snapshot = taken()
    with open_work() as work:
        work.session.connection().exec_driver_sql("UPDATE store_stock SET stock = 5")
    near_oulu = _search(snapshot, "near=65.0124,25.4682&within=10")
    assert [product.id for product in near_oulu.listing.products] == [catalogue["full"]]
    assert near_oulu.facets.total == 1
    # What Turku has by now it did not have then, and nobody is at sea.
    assert _names(_search(snapshot, "near=60.45,22.27&within=10")) == []
    assert _names(_search(snapshot, "near=0,0&within=10")) == []


def test_categories_narrow_by_their_path_and_lead_further() -> None:
    with open_work() as work:
        feed = a_feed(work.session)
        tools = a_category(work.session, "Tools")
        for names, name in (
            (("Tools", "Saws"), "Saw"),
            (("Tools", "Drivers", "Cross"), "PH1"),
            (("Tools", "Drivers", "Slot"), "SL3"),
            (("Bottles",), "Bottle"),
        ):
            shelf = a_category(work.session, *names)
            a_product(work.session, feed, name, category_id=shelf.id)
        index_words(work.session)
    snapshot = taken()

    def offered(result: SearchResult) -> dict[str, int]:
        return {option.label: option.count for option in result.facets.categories}

    def into(result: SearchResult, label: str) -> SearchResult:
        number = next(one.key for one in result.facets.categories if one.label == label)
        return _search(snapshot, f"category={number}")

    whole = _search(snapshot)
    assert offered(whole) == {"Tools": 3, "Bottles": 1}
    inside = into(whole, "Tools")
    assert (_names(inside), inside.facets.total) == (["SL3", "PH1", "Saw"], 3)
    assert offered(inside) == {"Drivers": 2, "Saws": 1}
    drivers = into(inside, "Drivers")
    assert offered(drivers) == {"Cross": 1, "Slot": 1}
    trail = [(step.label, step.chosen) for step in drivers.facets.trail]
    assert (trail, drivers.facets.trail[0].key) == (
        [("Tools", False), ("Drivers", True)],
        str(tools.id),
    )
    assert _names(_search(snapshot, "category=987654")) == []


@pytest.mark.usefixtures("catalogue")
def test_only_those_look_into_it_who_may_see_it() -> None:
    owner, stranger = somebody(), somebody(name="Grace Hopper")
    snapshot = taken("q=bottle", viewer=owner)
    asked = CatalogueQuery()
    for viewer in (owner, somebody(Role.OPERATOR, "Katherine Johnson")):
        found = search_snapshot(viewer=viewer, snapshot_id=snapshot.id, query=asked)
        assert found.facets.total == 2
    nobody = replace(owner, permissions=frozenset())
    for viewer in (stranger, nobody):
        # Also once it is copied here and counted: rights are asked first.
        with pytest.raises(NotFound):
            search_snapshot(viewer=viewer, snapshot_id=snapshot.id, query=asked)
    with pytest.raises(NotFound):
        search_snapshot(viewer=owner, snapshot_id=uuid4(), query=asked)


@pytest.mark.usefixtures("catalogue")
def test_files_that_were_changed_in_the_bucket_are_not_shown(bucket: S3Bucket) -> None:
    snapshot = taken()
    (part,) = reading(parts_of, viewer=INSTALLATION, snapshot_id=snapshot.id)
    content = bucket.get(part.key).content
    bucket.put(part.key, content[:-1] + b"x", content_type="application/octet-stream")
    with pytest.raises(Conflict, match=r"part-00000\.parquet is not what was stored"):
        _search(snapshot)
