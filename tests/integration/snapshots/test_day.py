"""The catalogue of a day: products by the nearest snapshot, prices by the history, and who says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.integrations.arrow.local import configured_parts
from app.integrations.bucket import configured_bucket
from app.services.snapshots import day as days
from app.services.snapshots import parts_of
from app.services.snapshots.as_of import product_of_snapshot
from app.services.snapshots.day import catalogue_of_day
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading
from tests.factories.catalogue import a_feed, a_product, a_supplier, index_words
from tests.integration.snapshots.conftest import INSTALLATION, somebody, taken

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.views.past import CatalogueOfDay
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue", "redis")

DAY = date(2026, 3, 1)
END = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_copies() -> None:
    configured_parts.cache_clear()


@pytest.fixture(autouse=True)
def _known_for_long(catalogue: dict[str, int]) -> None:  # noqa: ARG001 - what it has written
    """Let the products have come long before the day, each at the price it has."""
    change(
        "UPDATE product SET created_at = '2026-01-01'",
        "DELETE FROM price_point",
        "INSERT INTO price_point (product_id, price_minor, currency, since)"
        " SELECT id, price_minor, currency, '2026-01-01' FROM product",
    )


def taken_at(moment: str) -> SnapshotView:
    """Take a snapshot of everything and say that it was at that moment, in the bucket as well."""
    snapshot = taken()
    bucket = configured_bucket()
    [part] = reading(parts_of, viewer=INSTALLATION, snapshot_id=snapshot.id)
    content = bucket.get(part.key).content
    with open_work() as work:
        work.session.execute(
            text("UPDATE snapshot SET taken_at = :moment WHERE id = :id"),
            {"moment": moment, "id": snapshot.id},
        )
    [part] = reading(parts_of, viewer=INSTALLATION, snapshot_id=snapshot.id)
    bucket.put(part.key, content, content_type="application/octet-stream")
    return snapshot


def change(*statements: str) -> None:
    with open_work() as work:
        for statement in statements:
            work.session.execute(text(statement))


def costs(product_id: int, minor: int, since: str, currency: str = "EUR") -> None:
    with open_work() as work:
        work.session.execute(
            text(
                "INSERT INTO price_point (product_id, price_minor, currency, since)"
                " VALUES (:id, :minor, :currency, :since)"
            ),
            {"id": product_id, "minor": minor, "currency": currency, "since": since},
        )


def of_day(query: str = "", viewer: Viewer | None = INSTALLATION) -> CatalogueOfDay:
    return catalogue_of_day(viewer=viewer, day=DAY, query=CatalogueQuery.parse(query))


def names(found: CatalogueOfDay) -> list[str]:
    return [product.name for product in found.result.listing.products]


def prices(found: CatalogueOfDay) -> dict[int, int]:
    return {product.id: product.price_minor for product in found.result.listing.products}


def test_products_are_the_snapshots_and_prices_the_history_s(catalogue: dict[str, int]) -> None:
    full, steel = catalogue["full"], catalogue["steel"]
    snapshot = taken_at("2026-03-01T02:00:00Z")
    costs(full, 9_900, "2026-03-01T14:00:00Z")
    costs(full, 1, "2026-03-02T00:00:00Z")
    change("UPDATE product SET price_minor = 1, name = 'Renamed'")
    found = of_day()
    assert found.snapshot is not None
    assert found.snapshot.id == snapshot.id
    assert names(found) == ["Steel bottle", "Bottle", "Screwdriver PH1"]
    # What changed after the snapshot on that day is known exactly, and what it said as well.
    assert (prices(found)[full], found.by_snapshot[full].price_minor) == (9_900, 12_345)
    assert found.by_history[full].since == datetime(2026, 3, 1, 14, tzinfo=UTC)
    assert prices(found)[steel] == found.by_snapshot[steel].price_minor == 1_000


def test_what_the_history_does_not_know_the_snapshot_says(catalogue: dict[str, int]) -> None:
    full = catalogue["full"]
    taken_at("2026-03-01T02:00:00Z")
    with open_work() as work:
        work.session.execute(text("DELETE FROM price_point WHERE product_id = :i"), {"i": full})
    found = of_day()
    assert (full in found.by_history, prices(found)[full]) == (False, 12_345)


def test_of_a_later_snapshot_what_came_after_the_day_is_left_out(
    catalogue: dict[str, int],
) -> None:
    with open_work() as work:
        work.session.execute(
            text("UPDATE product SET created_at = '2026-03-02' WHERE id = :id"),
            {"id": catalogue["steel"]},
        )
    taken_at("2026-03-05T02:00:00Z")
    found = of_day()
    assert names(found) == ["Bottle", "Screwdriver PH1"]
    assert found.result.facets.total == 2
    taken_at("2026-03-01T20:00:00Z")
    assert names(of_day()) == ["Steel bottle", "Bottle", "Screwdriver PH1"]


def test_it_is_searched_and_narrowed_as_a_snapshot(catalogue: dict[str, int]) -> None:
    taken_at("2026-03-01T02:00:00Z")
    costs(catalogue["full"], 9_900, "2026-03-01T14:00:00Z")
    assert names(of_day("q=screwdriver")) == ["Screwdriver PH1"]
    by_price = of_day("min=12300&max=12400&currency=EUR")
    assert names(by_price) == ["Screwdriver PH1"]
    assert by_price.remarks == (days.BY_SNAPSHOTS_PRICES,)


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_who_reads_no_snapshot_is_answered_by_the_history(
    who: str, catalogue: dict[str, int]
) -> None:
    taken_at("2026-03-01T02:00:00Z")
    full, steel = catalogue["full"], catalogue["steel"]
    costs(full, 9_900, "2026-02-14")
    change("UPDATE product SET price_minor = 1")
    with open_work() as work:
        work.session.execute(
            text("UPDATE product SET created_at = '2026-03-02' WHERE id = :id"), {"id": steel}
        )
    viewer = None if who == "nobody" else replace(somebody(), permissions=frozenset())
    found = of_day(viewer=viewer)
    assert found.snapshot is None
    assert sorted(names(found)) == ["Bottle", "Screwdriver PH1"]
    assert prices(found)[full] == 9_900
    assert [product.stock for product in found.result.listing.products] == [None, None]
    assert (found.result.facets.total, found.remarks) == (2, (days.TO_SIGN_IN,))
    assert names(of_day("q=screwdriver", viewer=viewer)) == ["Screwdriver PH1"]
    cheap = of_day("max=1&currency=EUR&stock=1&near=0,0&within=5", viewer=viewer)
    assert cheap.query == CatalogueQuery()
    assert days.NOT_NARROWED in cheap.remarks
    assert len(names(cheap)) == 2


def test_without_any_snapshot_the_history_answers_and_says_what_to_do() -> None:
    found = of_day()
    assert found.snapshot is None
    assert len(names(found)) == 3
    assert "take one first" in found.remarks[0]
    before = catalogue_of_day(viewer=INSTALLATION, day=date(2025, 12, 31), query=CatalogueQuery())
    assert (names(before), before.result.facets.total) == ([], 0)


def test_pages_of_the_history_begin_and_end_with_the_day() -> None:
    with open_work() as work:
        feed = a_feed(work.session, a_supplier(work.session, "Another"), "another")
        for number in range(70):
            a_product(
                work.session,
                feed,
                f"Product {number:02}",
                created_at=END - timedelta(days=20 - number // 3),
            )
        index_words(work.session)
    change(
        "DELETE FROM price_point",
        "INSERT INTO price_point (product_id, price_minor, currency, since)"
        " SELECT id, price_minor, currency, created_at FROM product",
    )
    pages = [of_day("q=product")]
    while (following := pages[-1].result.listing.next) is not None:
        pages.append(of_day(f"q=product&after={following}"))
    seen = [name for page in pages for name in names(page)]
    # Three a day: those of the last twenty days and of the day itself, no later ones.
    assert sorted(seen) == [f"Product {number:02}" for number in range(63)]
    assert (len(pages), pages[0].result.facets.total) == (3, 63)
    back = of_day(f"q=product&after={pages[1].result.listing.previous}")
    assert names(back) == names(pages[0])
    beyond = of_day(f"q=product&after={back.result.listing.previous}")
    assert names(beyond) == names(pages[0])
    assert beyond.result.listing.previous is None
    assert "first one" in of_day("after=broken").result.listing.problem


def test_a_product_is_shown_as_one_snapshot_has_it(catalogue: dict[str, int]) -> None:
    full = catalogue["full"]
    first = taken_at("2026-03-01T02:00:00Z")
    costs(full, 9_900, "2026-03-01T14:00:00Z")
    change("UPDATE product SET price_minor = 9900")
    taken_at("2026-03-01T20:00:00Z")
    found = product_of_snapshot(viewer=INSTALLATION, product_id=full, snapshot_id=first.id)
    assert found.price is not None
    assert found.product is not None
    assert found.price.price_minor == found.product.price_minor == 12_345
    assert found.moment == datetime(2026, 3, 1, 2, tzinfo=UTC)
    narrowed = taken("q=bottle")
    missing = product_of_snapshot(viewer=INSTALLATION, product_id=full, snapshot_id=narrowed.id)
    assert "does not have" in missing.remark
