"""Sync over HTTP against its floor: the same rows parsed, copied and upserted by hand.

The floor reads the pages from a file (no HTTP, no mapping, no checks), hashes a tuple of each row,
copies it into a temporary table and joins it in on that hash, with the same search vectors, price
points and indexes: what the best hand-written loader for exactly this feed would do. Each figure is
the median of `ROUNDS`; floor and ours take turns, since the machine is shared.
"""

from __future__ import annotations

import os
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
from bench.feed_server import PAGE, pages_file
from bench.row import Row

GOAL = 0.6
MOST_MEGABYTES = 300
ROUNDS = 3
LARGE = 500_000
NAME = "bench"
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
    SELECT DISTINCT split_part(category, '/', 1), ARRAY[split_part(category, '/', 1)] FROM by_hand
    ON CONFLICT (path) DO NOTHING
    """,
    """
    INSERT INTO category (parent_id, name, path)
    SELECT DISTINCT parent.id, split_part(category, '/', 3), string_to_array(category, '/')
    FROM by_hand JOIN category AS parent ON parent.path = ARRAY[split_part(category, '/', 1)]
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


def _tuples(path: Path) -> Iterator[tuple[Any, ...]]:
    """Parse the pages of a file; each record becomes a tuple with its hash."""
    with path.open("rb") as file:
        for page in file:
            for record in orjson.loads(page)["products"]:
                row = (
                    record["id"], record["sku"], record["title"], record["description"],
                    record["brand"], "/".join(record["category"]), round(record["price"] * 100),
                    record["currency"], record["stock"],
                    "{" + ",".join(record["images"]) + "}",
                    orjson.dumps(record["properties"]).decode(),
                )  # fmt: skip
                yield (*row, blake2b(orjson.dumps(row), digest_size=16).digest())


def by_hand(path: Path, feed_id: int) -> float:
    """Load a file in the quickest way known; return the seconds."""
    began = time.perf_counter()
    with db.raw_connection() as connection, connection.transaction():
        connection.execute("SET LOCAL work_mem = '64MB'")
        connection.execute(STAGE)
        with connection.cursor().copy("COPY by_hand FROM STDIN") as copy:
            for row in _tuples(path):
                copy.write_row(row)
        connection.execute("ANALYZE by_hand")
        for statement in CATEGORIES:
            connection.execute(statement)
        connection.execute(UPDATE, (feed_id,))
        connection.execute(INSERT, (feed_id, feed_id, feed_id))
    return time.perf_counter() - began


def ours(expected: dict[str, int]) -> tuple[float, float]:
    """Sync in a process of its own; return the seconds of the run and the peak megabytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "feed", "sync", NAME, "--json"],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
    )
    line = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("the sync failed")
    counts = orjson.loads(line)
    wrong = {name: counts[name] for name, number in expected.items() if counts[name] != number}
    if wrong:
        raise RuntimeError(f"the sync came to {wrong}, expected {expected}")
    return counts["seconds"], usage.ru_maxrss / 1024


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


def _prepare(connection: psycopg.Connection, url: str) -> int:
    """Register the feed where it is missing, point it at `url`, and return its id."""
    row = connection.execute("SELECT id FROM feed WHERE name = %s", (NAME,)).fetchone()
    feed_id = (
        row[0]
        if row
        else within(
            register_feed,
            name=NAME,
            supplier="Bench",
            order_email="orders@bench.example",
            url=url,
            mapping=MAPPING,
            paging={"style": "offset", "size": PAGE},
        )
    )
    connection.execute("UPDATE feed SET url = %s WHERE id = %s", (url, feed_id))
    return feed_id


def _empty(connection: psycopg.Connection) -> None:
    connection.execute(EMPTY)
    connection.execute("UPDATE feed SET products = 0, fingerprint = NULL")


def rows(size: int) -> list[Row]:
    """Measure first, unchanged and 5 % changed syncs of `size` rows; return rows of the table.

    The database of the settings is emptied of products. Rates are rows per second.
    """
    folder = settings().data_folder / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    files = {variant: pages_file(folder, size, variant) for variant in (0, 5)}
    rounds = 1 if size > LARGE else ROUNDS
    floor: dict[str, list[float]] = {"first": [], "unchanged": [], "5 % changed": []}
    took: dict[str, list[float]] = {name: [] for name in floor}
    peak = 0.0
    changed = len(range(7, size, 20))
    with _supplier(folder) as url, db.raw_connection() as connection:
        feed_id = _prepare(connection, f"{url}/{size}")
        for _ in range(rounds):
            _empty(connection)
            for name, variant in (("first", 0), ("unchanged", 0), ("5 % changed", 5)):
                floor[name].append(by_hand(files[variant], feed_id))
                _settle(connection, name)
            _empty(connection)
            for name, variant, expected in (
                ("first", 0, {"created": size}),
                ("unchanged", 0, {"unchanged": size}),
                ("5 % changed", 5, {"changed": changed, "unchanged": size - changed}),
            ):
                httpx.get(f"{url}/variant/{variant}")
                seconds, megabytes = ours(expected)
                took[name].append(seconds)
                peak = max(peak, megabytes)
                _settle(connection, name)
    table = [_row(f"sync, {name}", size, median(took[name]), median(floor[name])) for name in floor]
    return [*table, _memory(size, peak)]


def _settle(connection: psycopg.Connection, name: str) -> None:
    """Do between two measurements what autovacuum would do in the hours between two syncs."""
    if name == "first":
        connection.execute("VACUUM (ANALYZE) product, price_point, category")


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
