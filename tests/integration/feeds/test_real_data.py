"""A real supplier's data in its real shape, synced with nothing but a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app import db
from app.config import PROJECT_ROOT
from app.views.feeds import SyncCounts
from tests.integration.feeds.conftest import pull, register
from tests.suppliers import Supplier, json_reply, offset_pages

FEEDS = PROJECT_ROOT.parent / "shared" / "feeds"


def real(name: str) -> list[Any]:
    path: Path = FEEDS / name
    if not path.exists():
        pytest.skip(f"the real data is not beside the project: {name} is not in ../shared/feeds")
    return orjson.loads(path.read_bytes())


def rows(statement: str) -> list[Any]:
    with db.engine().connect() as connection:
        return list(connection.execute(text(statement)).all())


@pytest.mark.usefixtures("database")
def test_dummyjson() -> None:
    products = real("dummyjson/products.json")
    with Supplier(offset_pages(products)).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging={"style": "offset", "size": 30},
            mapping={
                "records": "products",
                "name": "title",
                "currency": "'USD'",
                "pictures": "images",
                "attributes": "{Weight: weight, Warranty: warrantyInformation, Tags: tags}",
            },
        )
        run = pull(feed_id)
        assert run.counts == SyncCounts(seen=194, created=194)
        assert pull(feed_id).counts == SyncCounts(seen=194, unchanged=194)
    assert rows("SELECT count(*) FROM product WHERE brand IS NULL") == [(92,)]
    first = rows("SELECT name, price_minor, stock, attributes FROM product ORDER BY id LIMIT 1")
    assert first == [
        (
            "Essence Mascara Lash Princess",
            999,
            99,
            {"Weight": "4", "Warranty": "1 week warranty", "Tags": "beauty, mascara"},
        )
    ]
    cents = sum(round(product["price"] * 100) for product in products)
    assert rows("SELECT sum(price_minor) FROM product") == [(cents,)]


@pytest.mark.usefixtures("database")
def test_best_buy_stores() -> None:
    stores = real("bestbuy/stores.json")
    with Supplier(
        lambda asked: json_reply(
            stores if asked.path == "/stores" else [{"id": 1, "name": "Cable", "price": 5}]
        )
    ).serving() as supplier:
        feed_id = register(
            supplier.url + "/products",
            paging=None,
            mapping={"currency": "'USD'"},
            stores={
                "url": "stores",
                "street": "address",
                "postcode": "zip",
                "city": "city",
                "country": "'US'",
                "opening_hours": "hours",
                "services": "services",
            },
        )
        run = pull(feed_id)
    assert run.state == "applied"
    assert run.counts.rejected == 0
    assert rows("SELECT count(*), count(DISTINCT city) > 500 FROM store") == [(len(stores), True)]
    assert rows("SELECT count(*) FROM store WHERE latitude IS NULL OR opening_hours = '{}'") == [
        (0,)
    ]
    assert rows("SELECT stores FROM store_cell WHERE level = 0") == [(len(stores),)]
