"""The demo suppliers: three shapes, three ways of paging and signing in, read by settings alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from app import db
from app.embedded.demo_supplier.assortment import assortment
from app.embedded.demo_supplier.drift import price_cents
from app.embedded.demo_supplier.server import create_server
from app.models.columns import now
from app.models.feeds import Feed
from app.services.feeds import fire_due_feeds, list_feeds, seed_demo
from app.work import open_work, reading, within
from tests.integration.feeds.conftest import pull

# Of which day makes no difference, but that it is the same one every time.
MORNING = datetime(2026, 3, 1, 6, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """Serve the demo suppliers on a free port."""
    # It listens from here on: who asks before the server runs waits for it.
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_server(), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listening.close()


def asked(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, timeout=60)


def rows(statement: str) -> list[Any]:
    with db.engine().connect() as connection:
        return list(connection.execute(text(statement)).all())


def test_all_three_are_synced_whole(
    demo: str,
    database: None,  # noqa: ARG001 - it empties the database
) -> None:
    ids = within(seed_demo, base_url=demo)
    runs = [pull(feed_id) for feed_id in ids]
    assert [run.problem for run in runs] == [None, None, None]
    assert sum(run.counts.rejected for run in runs) == 0
    assert 1_800 <= sum(run.counts.created for run in runs) <= 2_200
    assert {currency for (currency,) in rows("SELECT DISTINCT currency FROM product")} == {
        "EUR",
        "GBP",
    }
    assert rows("SELECT count(*) FROM store") == [(40,)]
    everywhere = "SELECT count(DISTINCT supplier_id) FROM store_stock JOIN store ON id = store_id"
    assert rows(everywhere) == [(3,)]
    whole = (
        "SELECT count(*) FROM product WHERE name = '' OR description = '' OR brand IS NULL "
        "OR category_id IS NULL OR sku IS NULL OR cardinality(pictures) <> 2 "
        "OR attributes = '{}' OR price_minor = 0"
    )
    assert rows(whole) == [(0,)]
    # Suppliers name the same categories differently and still share one tree.
    shared = (
        "SELECT count(*) FROM (SELECT category_id FROM product GROUP BY 1 "
        "HAVING count(DISTINCT supplier_id) > 1) AS shared"
    )
    assert rows(shared)[0][0] > 10
    found = (
        "SELECT count(*) FROM product WHERE search @@ plainto_tsquery('catalogue', 'screwdriver')"
    )
    assert rows(found)[0][0] > 20
    assert all(feed.products > 400 for feed in reading(list_feeds))


def test_seeding_again_changes_nothing_but_the_address(
    demo: str,
    database: None,  # noqa: ARG001 - it empties the database
) -> None:
    ids = within(seed_demo, base_url=demo)
    assert within(fire_due_feeds) == 3
    assert within(seed_demo, base_url=demo + "/") == ids
    assert within(fire_due_feeds) == 0
    assert within(seed_demo, base_url="http://127.0.0.1:9") == ids
    with open_work() as work:
        feed = work.session.get(Feed, ids[0])
        assert feed
        assert feed.url == "http://127.0.0.1:9/verkko/products"
        assert feed.due_at
        assert feed.due_at <= now()


@pytest.mark.parametrize("supplier", ["verkko", "norda", "atlas"])
def test_every_picture_is_a_drawing(demo: str, supplier: str) -> None:
    drawn: set[str] = set()
    for item in assortment(supplier, seed=1):
        if item.shape in drawn:
            continue
        drawn.add(item.shape)
        for view in (1, 2):
            answer = asked(f"{demo}/{supplier}/pictures/{item.sku}-{view}.svg")
            assert answer.headers["content-type"] == "image/svg+xml"
            root = ET.fromstring(answer.text)  # noqa: S314 - our own drawing
            assert root.get("viewBox") == "0 0 400 300"
            # The colours are filled in everywhere: braces belong to the style sheet alone.
            values = [value for part in root.iter() for value in part.attrib.values()]
            assert not [value for value in values if "{" in value]
    assert len(drawn) > 15


@pytest.mark.parametrize("supplier", ["norda", "atlas"])
def test_a_wrong_key_is_refused(demo: str, supplier: str) -> None:
    wrong = {"X-Api-Key": "wrong", "Authorization": "Bearer wrong"}
    assert asked(f"{demo}/{supplier}/products").status_code == 401
    assert asked(f"{demo}/{supplier}/products", **wrong).status_code == 401


def test_an_assortment_follows_from_its_seed() -> None:
    first, again, other = (assortment("verkko", seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len({item.sku for item in first}) == len(first)


def test_a_few_prices_move_every_quarter_of_an_hour() -> None:
    items = assortment("norda", seed=1)
    before = [price_cents(item, MORNING) for item in items]
    for quarter in range(1, 21):
        after = [price_cents(item, MORNING + quarter * 15 * 60) for item in items]
        moved = sum(one != other for one, other in zip(before, after, strict=True))
        assert 0 < moved < len(items) / 10
        before = after
    for item, cents in zip(items, before, strict=True):
        assert 0.6 < cents / item.base_cents < 1.4
