"""A sync makes the catalogue what the supplier says it is, and writes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from app import db
from app.models.feeds import Feed
from app.services.feeds import list_feeds, show_feed
from app.views.feeds import SyncCounts
from app.work import open_work, reading
from tests.integration.feeds.conftest import MAPPING, a_record, pull, register
from tests.suppliers import Supplier, json_reply, offset_pages


def rows(statement: str, **given: Any) -> list[Any]:
    with db.engine().connect() as connection:
        return list(connection.execute(text(statement), given).all())


def one(external_id: str) -> Any:
    return rows("SELECT * FROM product WHERE external_id = :id", id=external_id)[0]


def test_the_first_sync_brings_every_product(feed_id: int, supplier: Supplier) -> None:
    before = datetime.now(UTC)
    run = pull(feed_id)
    assert run.state == "applied"
    assert run.counts == SyncCounts(seen=100, created=100)
    product = one("42")
    assert (product.name, product.brand, product.sku) == ("Screwdriver PH42", "Rautio", "SKU-42")
    assert (product.price_minor, product.currency, product.stock) == (1042, "EUR", 42)
    assert product.pictures == [f"{supplier.url}/pictures/42.svg"]
    assert product.attributes == {"Tip": "PH42"}
    assert product.price_since >= before
    assert product.previous_price_minor is None
    assert rows("SELECT path FROM category ORDER BY path") == [
        (["Tools"],),
        (["Tools", "Screwdrivers"],),
    ]
    assert rows("SELECT count(*), count(DISTINCT product_id) FROM price_point") == [(100, 100)]


def test_what_was_synced_is_found_and_its_words_are_counted(feed_id: int) -> None:
    pull(feed_id)
    found = "SELECT count(*) FROM product WHERE search @@ plainto_tsquery('catalogue', :words)"
    assert rows(found, words="screwdrivers rautio") == [(100,)]
    assert rows(found, words="PH42") == [(1,)]
    assert rows("SELECT products FROM word WHERE word = 'rautio'") == [(100,)]


def test_an_unchanged_feed_writes_no_product(feed_id: int) -> None:
    pull(feed_id)
    before = rows("SELECT id, xmin::text, ctid::text FROM product ORDER BY id")
    run = pull(feed_id)
    assert run.counts == SyncCounts(seen=100, unchanged=100)
    assert rows("SELECT id, xmin::text, ctid::text FROM product ORDER BY id") == before
    assert rows("SELECT count(*) FROM price_point") == [(100,)]


def test_fields_that_are_not_mapped_change_nothing(feed_id: int, records: list[Any]) -> None:
    pull(feed_id)
    for record in records:
        record["rating"] = 4.5
    assert pull(feed_id).counts == SyncCounts(seen=100, unchanged=100)


def test_changed_prices_become_price_points(feed_id: int, records: list[Any]) -> None:
    pull(feed_id)
    for record in records[::20]:
        record["price"] = 99.95
    run = pull(feed_id)
    assert run.counts == SyncCounts(seen=100, changed=5, unchanged=95)
    product = one("20")
    assert (product.price_minor, product.previous_price_minor) == (9995, 1020)
    history = rows(
        "SELECT price_minor FROM price_point WHERE product_id = :id ORDER BY since", id=product.id
    )
    assert history == [(1020,), (9995,)]
    assert product.price_since == product.changed_at > product.created_at


def test_a_change_without_another_price_leaves_the_price_alone(
    feed_id: int, records: list[Any]
) -> None:
    pull(feed_id)
    since = one("3").price_since
    records[3]["title"] = "Hammer of 300 g"
    assert pull(feed_id).counts.changed == 1
    product = one("3")
    assert (product.name, product.price_since) == ("Hammer of 300 g", since)
    assert rows("SELECT count(*) FROM price_point WHERE product_id = :id", id=product.id) == [(1,)]
    found = "SELECT count(*) FROM product WHERE search @@ plainto_tsquery('catalogue', 'hammer')"
    assert rows(found) == [(1,)]
    assert rows("SELECT products FROM word WHERE word = 'hammer'") == [(1,)]
    assert rows("SELECT products FROM word WHERE word = 'ph3'") == [(0,)]


def test_another_currency_has_no_previous_price(
    database: None,  # noqa: ARG001 - it empties the database
    supplier: Supplier,
    records: list[Any],
) -> None:
    for record in records:
        record["currency"] = "EUR"
    feed_id = register(supplier.url, mapping={**MAPPING, "currency": "currency"})
    pull(feed_id)
    records[5]["currency"] = "JPY"
    records[5]["price"] = 1500
    pull(feed_id)
    product = one("5")
    assert (product.price_minor, product.currency) == (1500, "JPY")
    assert product.previous_price_minor is None


def test_what_is_missing_is_withdrawn_and_comes_back(feed_id: int, records: list[Any]) -> None:
    pull(feed_id)
    gone = records.pop(50)
    run = pull(feed_id)
    assert run.counts == SyncCounts(seen=99, unchanged=99, withdrawn=1)
    assert one("50").withdrawn_at is not None
    assert reading(list_feeds)[0].products == 99
    assert rows("SELECT products FROM word WHERE word = 'rautio'") == [(99,)]
    assert pull(feed_id).counts == SyncCounts(seen=99, unchanged=99)
    records.insert(50, gone)
    assert pull(feed_id).counts == SyncCounts(seen=100, changed=1, unchanged=99)
    assert one("50").withdrawn_at is None
    assert reading(list_feeds)[0].products == 100
    assert rows("SELECT products FROM word WHERE word = 'rautio'") == [(100,)]
    assert rows("SELECT count(*) FROM price_point WHERE product_id = :id", id=one("50").id) == [
        (1,)
    ]


def test_rejected_records_are_kept_with_their_reason(feed_id: int, records: list[Any]) -> None:
    pull(feed_id)
    records[7] = a_record(7, price=-1)
    records.append(a_record(500, title=" "))
    records.append("not a record")
    run = pull(feed_id)
    assert run.counts == SyncCounts(seen=102, unchanged=99, rejected=3)
    rejected = reading(show_feed, feed_id=feed_id).rejected
    assert {(one.external_id, one.reason) for one in rejected} == {
        ("7", 'price: "-1" is not an amount of 0 or more.'),
        ("500", "name: there is no value."),
        (None, 'record: "not a record" is not an object.'),
    }
    assert next(one.record for one in rejected if one.external_id == "7")["price"] == -1


def test_a_record_that_is_rejected_leaves_its_product_as_it_was(
    feed_id: int, records: list[Any]
) -> None:
    pull(feed_id)
    records[7]["price"] = "on request"
    assert pull(feed_id).counts.rejected == 1
    product = one("7")
    assert (product.price_minor, product.withdrawn_at) == (1007, None)


@pytest.mark.parametrize("known", [False, True])
def test_the_later_of_two_records_with_one_id_is_rejected(
    feed_id: int, records: list[Any], *, known: bool
) -> None:
    if known:
        pull(feed_id)
    records.append(a_record(8, title="Second"))
    records.insert(9, a_record(8, title="Right behind it"))
    run = pull(feed_id)
    assert run.counts.rejected == 2
    assert run.counts.seen == 102
    assert one("8").name == "Screwdriver PH8"


def test_doubles_in_different_batches_are_found(
    feed_id: int, records: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.feeds.staging.BATCH", 10)
    records.append(a_record(8, title="Much later"))
    run = pull(feed_id)
    assert run.counts == SyncCounts(seen=101, created=100, rejected=1)
    assert one("8").name == "Screwdriver PH8"
    assert [r.reason for r in reading(show_feed, feed_id=feed_id).rejected] == [
        "external_id: an earlier record of this feed has the same one."
    ]


def test_another_mapping_is_applied_to_records_that_did_not_change(feed_id: int) -> None:
    pull(feed_id)
    with open_work() as work:
        feed = work.session.get(Feed, feed_id)
        assert feed
        feed.mapping = {**feed.mapping, "brand": "sku"}
    assert pull(feed_id).counts == SyncCounts(seen=100, changed=100)
    assert one("1").brand == "SKU-1"
    assert pull(feed_id).counts == SyncCounts(seen=100, unchanged=100)


def test_two_feeds_do_not_touch_one_another(feed_id: int, supplier: Supplier) -> None:
    other = register(supplier.url + "/other", name="other")
    pull(feed_id)
    assert pull(other).counts.created == 100
    supplier.answer = offset_pages([a_record(1)])
    assert pull(other).counts == SyncCounts(seen=1, unchanged=1, withdrawn=99)
    live = "SELECT feed_id, count(*) FROM product WHERE withdrawn_at IS NULL GROUP BY 1 ORDER BY 1"
    assert rows(live) == [(feed_id, 100), (other, 1)]


def test_stores_and_their_stock_follow_the_feed(
    database: None,  # noqa: ARG001 - it empties the database
) -> None:
    stores = [
        {"id": "a", "name": "Oulu", "lat": 65.01, "lon": 25.47, "hours": {"Monday": "9-17"}},
        {"id": "b", "name": "Turku", "lat": "60.45", "lon": "22.27"},
    ]
    products = [a_record(1, at={"a": 3, "b": 0, "unknown": 9}), a_record(2, at={"a": 1})]
    with Supplier(
        lambda asked: json_reply(stores if asked.path == "/stores" else products)
    ).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging=None,
            mapping={**MAPPING, "records": "@", "store_stock": "at"},
            stores={
                "url": "stores",
                "latitude": "lat",
                "longitude": "lon",
                "opening_hours": "hours",
            },
        )
        stock = (
            "SELECT product.external_id, store.external_id, store_stock.stock FROM store_stock "
            "JOIN product ON product.id = product_id "
            "JOIN store ON store.id = store_id ORDER BY 1, 2"
        )
        pull(feed_id)
        assert rows("SELECT name, latitude, opening_hours FROM store ORDER BY name") == [
            ("Oulu", 65.01, {"mon": "9-17"}),
            ("Turku", 60.45, {}),
        ]
        assert rows(stock) == [("1", "a", 3), ("1", "b", 0), ("2", "a", 1)]
        products[0]["at"] = {"a": 4}
        assert pull(feed_id).counts == SyncCounts(seen=2, changed=1, unchanged=1)
        assert rows(stock) == [("1", "a", 4), ("2", "a", 1)]
        stores.pop()
        pull(feed_id)
        assert rows("SELECT name FROM store WHERE withdrawn_at IS NULL") == [("Oulu",)]
        stores.append({"id": "unknown", "name": "Rauma", "lat": 61.13, "lon": 21.51})
        products[1]["at"] = {"a": 1, "unknown": 5}
        pull(feed_id)
        assert rows(stock) == [("1", "a", 4), ("2", "a", 1), ("2", "unknown", 5)]


def test_a_stores_price_follows_the_feed_and_leaves_the_products_alone(
    database: None,  # noqa: ARG001 - it empties the database
) -> None:
    stores = [{"id": name, "name": name, "lat": 65, "lon": 25} for name in "ab"]
    shelf = {"stock": 3, "price": 9.5}
    products = [a_record(1, at={"a": shelf, "b": 2}), a_record(2, at={"a": 1})]
    with Supplier(
        lambda asked: json_reply(stores if asked.path == "/stores" else products)
    ).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging=None,
            mapping={**MAPPING, "records": "@", "store_stock": "at"},
            stores={"url": "stores", "latitude": "lat", "longitude": "lon"},
        )
        shelves = (
            "SELECT product.external_id, store.external_id, store_stock.stock, "
            "store_stock.price_minor FROM store_stock JOIN product ON product.id = product_id "
            "JOIN store ON store.id = store_id ORDER BY 1, 2"
        )
        others = [("1", "b", 2, None), ("2", "a", 1, None)]
        pull(feed_id)
        assert rows(shelves) == [("1", "a", 3, 950), *others]
        points = rows("SELECT * FROM price_point ORDER BY id")
        for price, stored in ((8.95, 895), (None, None), ("10.01", 1001)):
            shelf["price"] = price
            assert pull(feed_id).counts == SyncCounts(seen=2, changed=1, unchanged=1)
            assert rows(shelves) == [("1", "a", 3, stored), *others]
        assert pull(feed_id).counts == SyncCounts(seen=2, unchanged=2)
        assert rows("SELECT * FROM price_point ORDER BY id") == points
        # A price that is none is refused with its record, and what is known stays.
        shelf["price"] = 9.505
        refused = pull(feed_id)
        assert refused.counts == SyncCounts(seen=2, unchanged=1, rejected=1)
        assert rows(shelves) == [("1", "a", 3, 1001), *others]
        products[0]["at"] = {"a": 3, "b": 2}
        assert pull(feed_id).counts == SyncCounts(seen=2, changed=1, unchanged=1)
        assert rows(shelves) == [("1", "a", 3, None), *others]


def test_the_list_of_feeds_shows_how_each_is_doing(feed_id: int) -> None:
    register("http://127.0.0.1:1/never", name="never-synced", schedule="0 * * * *")
    pull(feed_id)
    pull(feed_id)
    never, tools = reading(list_feeds)
    assert (never.name, never.state, never.synced_at) == ("never-synced", "new", None)
    assert never.due_at is not None
    assert (tools.state, tools.products) == ("applied", 100)
    assert tools.last_run
    assert tools.last_run.counts.unchanged == 100
