"""Sync over HTTP against its floor: the same rows parsed, copied and upserted by hand.

The floor reads the pages from a file (no HTTP, no mapping, no checks), hashes a tuple of each row,
copies it into a temporary table and joins it in on that hash, with the same search vectors, price
points and indexes: what the best hand-written loader for exactly this feed would do, knowing its
categories and that Python's collector has nothing to find. Both figures are from connecting to
committed. Each is the median of a few rounds, in which floor and ours take turns, since the machine
is shared.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import orjson
import psycopg

from app import db
from app.config import PROJECT_ROOT, settings
from app.services.feeds import register_feed
from app.work import within
from bench.feed_server import PAGE, is_changed, make_listings
from bench.row import Row

GOAL = 0.6
GROWTH_GOAL = 0.7
MOST_MEGABYTES = 300
# A small sync is soon over and easily disturbed, a large one neither.
ROUNDS = ((20_000, 7), (500_000, 3))
LARGE = 500_000
NAME = "bench"
# A worker has synced before: what is loaded and compiled once is no part of a sync.
BEFORE = "bench-one"
MAPPING = {
    "records": "products",
    "name": "title",
    "currency": "currency",
    "pictures": "images",
    "attributes": "properties",
}
EMPTY = "TRUNCATE product, price_point, word, category, sync_run RESTART IDENTITY CASCADE"
STAGE = """
CREATE TEMPORARY TABLE by_hand (
    external_id text, sku text, name text, description text, brand text, category text,
    price_minor bigint, currency text, stock integer, pictures text[], attributes jsonb, hash bytea
)
"""
CATEGORIES = (
    """
    INSERT INTO category (name, path)
    SELECT DISTINCT path[1], path[:1]
    FROM (SELECT string_to_array(unnest(%s::text[]), '/') AS path) AS wanted
    ON CONFLICT (path) DO NOTHING
    """,
    """
    INSERT INTO category (parent_id, name, path)
    SELECT DISTINCT parent.id, wanted.path[3], wanted.path
    FROM (SELECT string_to_array(unnest(%s::text[]), '/') AS path) AS wanted
    JOIN category AS parent ON parent.path = wanted.path[:1]
    ON CONFLICT (path) DO NOTHING
    """,
)
UPDATE = """
WITH updated AS (
    UPDATE product SET
        price_minor = by_hand.price_minor, previous_price_minor = product.price_minor,
        price_since = now(), stock = by_hand.stock, record_hash = by_hand.hash, changed_at = now()
    FROM by_hand
    WHERE product.feed_id = %s AND product.external_id = by_hand.external_id
        AND product.record_hash <> by_hand.hash
    RETURNING product.id, product.price_minor, product.currency
)
INSERT INTO price_point (product_id, price_minor, currency, since)
SELECT id, price_minor, currency, now() FROM updated
"""
INSERT = """
WITH inserted AS (
    INSERT INTO product (
        feed_id, supplier_id, external_id, sku, name, description, brand, category_id,
        price_minor, currency, price_since, stock, pictures, attributes, search, record_hash,
        created_at, changed_at
    )
    SELECT %s, feed.supplier_id, external_id, sku, by_hand.name, description, brand, category.id,
        price_minor, currency, now(), stock, pictures, attributes,
        catalogue_vector(by_hand.name, brand, sku, replace(category, '/', ' '), description),
        hash, now(), now()
    FROM by_hand
    JOIN category ON category.path = string_to_array(by_hand.category, '/')
    CROSS JOIN (SELECT supplier_id FROM feed WHERE id = %s) AS feed
    WHERE NOT EXISTS (
        SELECT FROM product
        WHERE product.feed_id = %s AND product.external_id = by_hand.external_id
    )
    RETURNING id, price_minor, currency
)
INSERT INTO price_point (product_id, price_minor, currency, since)
SELECT id, price_minor, currency, now() FROM inserted
"""


def _tuples(path: Path, categories: set[str]) -> Iterator[tuple[Any, ...]]:
    """Parse the pages of a file; each record becomes a tuple with its hash."""
    with path.open("rb") as file:
        for page in file:
            for record in orjson.loads(page)["products"]:
                category = "/".join(record["category"])
                categories.add(category)
                row = (
                    record["id"], record["sku"], record["title"], record["description"],
                    record["brand"], category, round(record["price"] * 100),
                    record["currency"], record["stock"],
                    "{" + ",".join(record["images"]) + "}",
                    orjson.dumps(record["properties"]).decode(),
                )  # fmt: skip
                yield (*row, blake2b(orjson.dumps(row), digest_size=16).digest())


def by_hand(path: Path, feed_id: int) -> float:
    """Load a file in the quickest way known; return the seconds."""
    gc.disable()
    began = time.perf_counter()
    try:
        _load(path, feed_id)
    finally:
        gc.enable()
    return time.perf_counter() - began


def _load(path: Path, feed_id: int) -> None:
    categories: set[str] = set()
    with db.raw_connection() as connection, connection.transaction():
        connection.execute("SET LOCAL work_mem = '256MB'")
        connection.execute(STAGE)
        with connection.cursor().copy("COPY by_hand FROM STDIN") as copy:
            for row in _tuples(path, categories):
                copy.write_row(row)
        connection.execute("ANALYZE by_hand (external_id)")
        for statement in CATEGORIES:
            connection.execute(statement, (list(categories),))
        connection.execute(UPDATE, (feed_id,))
        connection.execute(INSERT, (feed_id, feed_id, feed_id))


def ours(expected: dict[str, int]) -> tuple[float, float]:
    """Sync in a process of its own; return the seconds of the run and the peak megabytes."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.one_sync", BEFORE, NAME],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found = orjson.loads(done.stdout)
    wrong = {name: found[name] for name, number in expected.items() if found[name] != number}
    if wrong:
        raise RuntimeError(f"the sync came to {wrong}, expected {expected}")
    return found["seconds"], found["megabytes"]


@contextmanager
def _supplier(folder: Path) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.feed_server", str(folder)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = server.stdout.readline().strip() if server.stdout else ""
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _prepare(connection: psycopg.Connection, folder: Path, url: str) -> int:
    """Register the feeds where they are missing and return the id of the one that is measured."""
    make_listings(folder, 1)
    found: dict[str, int] = dict(connection.execute("SELECT name, id FROM feed").fetchall())
    for name in (BEFORE, NAME):
        if name not in found:
            found[name] = within(
                register_feed,
                name=name,
                supplier="Bench",
                order_email="orders@bench.example",
                url=url,
                mapping=MAPPING,
                paging={"style": "offset", "size": PAGE},
            )
    _ask(connection, BEFORE, f"{url}/1")
    return found[NAME]


def _empty(connection: psycopg.Connection) -> None:
    connection.execute(EMPTY)
    connection.execute("UPDATE feed SET products = 0, fingerprint = NULL")
    connection.execute("CHECKPOINT")


def rows(size: int) -> list[Row]:
    """Measure first, unchanged and 5 % changed syncs of `size` rows; return rows of the table.

    The database of the settings is emptied of products. Rates are rows per second.
    """
    folder = settings().data_folder / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    files = make_listings(folder, size)
    floor: dict[str, list[float]] = {"first": [], "unchanged": [], "5 % changed": []}
    took: dict[str, list[float]] = {name: [] for name in floor}
    peak = 0.0
    with _supplier(folder) as url, db.raw_connection() as connection:
        feed_id = _prepare(connection, folder, url)
        grown = [_growth(connection, folder, url, size // 10)] if size > LARGE else []
        _ask(connection, NAME, f"{url}/{size}")
        for _ in range(_rounds(size)):
            _empty(connection)
            for name, variant in (("first", 0), ("unchanged", 0), ("5 % changed", 5)):
                floor[name].append(by_hand(files[variant], feed_id))
                _settle(connection, name)
            _empty(connection)
            for name, variant, expected in _expected(size):
                httpx.get(f"{url}/variant/{variant}")
                seconds, megabytes = ours(expected)
                took[name].append(seconds)
                peak = max(peak, megabytes)
                _settle(connection, name)
    table = [_row(f"sync, {name}", size, median(took[name]), median(floor[name])) for name in floor]
    first = size / median(took["first"])
    return [*table, *(_growth_row(size, first, before) for before in grown), _memory(size, peak)]


def _rounds(size: int) -> int:
    return next((rounds for most, rounds in ROUNDS if size <= most), 1)


def _expected(size: int) -> tuple[tuple[str, int, dict[str, int]], ...]:
    """Return what is measured, of which variant of the listing, and what has to come out."""
    changed = sum(map(is_changed, range(size)))
    return (
        ("first", 0, {"created": size}),
        ("unchanged", 0, {"unchanged": size}),
        ("5 % changed", 5, {"changed": changed, "unchanged": size - changed}),
    )


def _ask(connection: psycopg.Connection, name: str, url: str) -> None:
    """Point a feed at an address."""
    connection.execute("UPDATE feed SET url = %s WHERE name = %s", (url, name))


def _growth(connection: psycopg.Connection, folder: Path, url: str, size: int) -> float:
    """Return the rate of the first sync of a smaller listing, in rows per second."""
    make_listings(folder, size)
    _ask(connection, NAME, f"{url}/{size}")
    seconds: list[float] = []
    for _ in range(_rounds(size)):
        _empty(connection)
        seconds.append(ours({"created": size})[0])
    return size / median(seconds)


def _settle(connection: psycopg.Connection, name: str) -> None:
    """Do between two measurements what autovacuum would do in the hours between two syncs."""
    if name == "first":
        connection.execute("VACUUM (ANALYZE) product, price_point, category")
    connection.execute("CHECKPOINT")


def _row(what: str, size: int, seconds: float, floor_seconds: float) -> Row:
    ratio = floor_seconds / seconds
    return {
        "what": what,
        "size": size,
        "ours": round(size / seconds),
        "floor": round(size / floor_seconds),
        "unit": "rows/s",
        "ratio": round(ratio, 2),
        "goal": f"at least {GOAL}",
        "met": ratio >= GOAL,
    }


def _growth_row(size: int, rate: float, before: float) -> Row:
    return {
        "what": "sync, first, beside a tenth of the products",
        "size": size,
        "ours": round(rate),
        "floor": round(before),
        "unit": "rows/s",
        "ratio": round(rate / before, 2),
        "goal": f"at least {GROWTH_GOAL}",
        "met": rate / before >= GROWTH_GOAL,
    }


def _memory(size: int, peak: float) -> Row:
    return {
        "what": "sync, peak memory of the process",
        "size": size,
        "ours": round(peak),
        "floor": 0,
        "unit": "MB",
        "ratio": 0,
        "goal": f"under {MOST_MEGABYTES}",
        "met": peak < MOST_MEGABYTES,
    }


def main() -> None:
    """Print the rows for the sizes given on the command line (10000 without any)."""
    for size in map(int, sys.argv[1:] or ["10000"]):
        for row in rows(size):
            print(orjson.dumps(row).decode(), flush=True)


if __name__ == "__main__":
    main()
