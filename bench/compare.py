"""Two snapshots of which 1 % differs, against bare DuckDB queries on the row hash.

All over local copies, each in a process of its own, taking turns. The goal stands on the stricter
of two readings of a bare query: one join on the product, whose row hashes differ, that returns the
ids and whether each was added, removed or changed. It reads two columns and knows nothing of what
has changed. The other returns both sides of each row, as a comparison does that people can page
through. Both are what one would write by hand: one join, DuckDB's own settings, the same memory.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Self

import duckdb
import orjson
import pyarrow as pa

from app.config import PROJECT_ROOT, settings
from app.integrations.arrow.parquet import GROUP_ROWS, write_parts
from app.integrations.arrow.typed import SCHEMA
from app.integrations.duck.comparing import compare_files
from app.integrations.duck.connection import MEMORY, files
from bench.memory import peak
from bench.row import compared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from bench.row import Row

GOAL = 1.3
MOST_MEGABYTES = 350
TURNS = 5
FIELDS = (
    "external_id",
    "supplier_id",
    "supplier",
    "name",
    "price_minor",
    "currency",
    "stock",
    "category",
    "stores",
)
KIND = (
    "CASE WHEN a.row_hash IS NULL THEN 'added' WHEN b.row_hash IS NULL THEN 'removed' "
    "ELSE 'changed' END"
)
# Every hundredth product costs something else in the second.
MADE = """
    SELECT
        i AS product_id, (i % 7)::INT AS feed_id, 'feed ' || i % 7 AS feed,
        (i % 7)::INT AS supplier_id, 'Supplier ' || i % 7 AS supplier,
        'X' || i AS external_id, 'SKU' || i AS sku,
        'Screwdriver with handle ' || hash(i) % 100000 || ' mm ' || i AS name,
        'A description ' || hash(i * 3) || ' that says much of it ' || hash(i * 5) AS description,
        'Brand ' || i % 300 AS brand,
        ['Tools', 'Group ' || i % 20, 'Shelf ' || i % 300] AS category,
        (1000 + hash(i) % 100000 + {is_changed} * ((hash(i * 7) % 200)::INT - 100))::BIGINT
            AS price_minor,
        'EUR' AS currency, TIMESTAMPTZ '2026-01-01' AS price_since, i AS price_point_id,
        (hash(i) % 100)::INT AS stock,
        [{{'store_id': 1::INT, 'name': 'Oulu', 'stock': (i % 9)::INT}}] AS stores,
        ['https://pictures.example/' || i || '.jpg'] AS pictures,
        MAP {{'Colour': 'blue', 'Size': (i % 30)::VARCHAR}} AS attributes,
        TIMESTAMPTZ '2026-01-01' AS created_at, TIMESTAMPTZ '2026-01-01' AS changed_at,
        (hash(i, {is_changed}) >> 1)::BIGINT AS row_hash
    FROM range({size}) t(i)
"""


def rows(size: int) -> list[Row]:
    """Measure two snapshots of `size` products each."""
    folder = settings().data_folder / "compared"
    for name, changed in (("before", "0"), ("after", "(i % 100 = 7)::INT")):
        make(folder / name, size, changed)
    took: dict[str, list[dict[str, float]]] = {"ours": [], "rows": [], "hash": []}
    for _ in range(TURNS):
        for which, found in took.items():
            found.append(_run(which, folder))
    shutil.rmtree(folder)
    ours, same_rows, on_hash = (
        median(one["seconds"] for one in found) * 1000 for found in took.values()
    )
    megabytes = max(one["megabytes"] for one in took["ours"])
    return [
        compared(
            "comparison of two snapshots, 1 % differs, beside a bare join on the row hash",
            size,
            ours,
            on_hash,
            "ms",
            goal=f"at most {GOAL} times",
            met=ours <= GOAL * on_hash,
        ),
        compared(
            "the same beside one query for both sides of the same rows", size, ours, same_rows, "ms"
        ),
        compared(
            "memory of a comparison",
            size,
            megabytes,
            0,
            "MB",
            goal=f"at most {MOST_MEGABYTES} MB",
            met=megabytes <= MOST_MEGABYTES,
        ),
    ]


class _File:
    """A local file as the writer of snapshots takes it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.bytes, self.sha256 = 0, ""

    def write(self, content: bytes) -> int:
        self.bytes += len(content)
        return self._file.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def make(folder: Path, size: int, is_changed: str) -> None:
    """Write the parts of a made-up snapshot as a capture writes them."""
    folder.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def batches() -> Iterator[pa.RecordBatch]:
        made = connection.sql(MADE.format(size=size, is_changed=is_changed))
        for batch in made.to_arrow_reader(GROUP_ROWS):
            yield from pa.Table.from_batches([batch]).cast(SCHEMA).to_batches()

    for _ in write_parts(
        batches(), schema=SCHEMA, opened=lambda name: _File(folder / name), about={}
    ):
        pass
    connection.close()


def _run(which: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.compare", which, str(folder)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
    )
    return orjson.loads(done.stdout)


def once(which: str, folder: Path) -> float:
    """Compare in one of the ways; return the seconds."""
    before, after = (sorted((folder / name).iterdir()) for name in ("before", "after"))
    into = folder / f"{which}.parquet"
    began = perf_counter()
    if which == "ours":
        compare_files(before, after, into=into, same_hash=True, same_filter=True)
    else:
        _bare(which, before, after, into)
    return perf_counter() - began


def _bare(which: str, before: list[Path], after: list[Path], into: Path) -> None:
    found = (
        f"FROM {files(before)} a FULL JOIN {files(after)} b USING (product_id) "
        "WHERE a.row_hash IS DISTINCT FROM b.row_hash"
    )
    both = ", ".join(f"{side}.{name} AS {side}_{name}" for name in FIELDS for side in ("a", "b"))
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 2}) as connection:
        if which == "rows":
            connection.execute(f"COPY (SELECT product_id, {both} {found}) TO '{into}'")
        elif not connection.execute(f"SELECT product_id, {KIND} {found}").fetchall():
            sys.exit("Nothing differs: there is nothing to measure.")


def main() -> None:
    """Compare once to warm the files, then once for the figures; print a line of JSON."""
    which, folder = sys.argv[1], Path(sys.argv[2])
    once(which, folder)
    (folder / f"{which}.parquet").unlink(missing_ok=True)
    seconds = once(which, folder)
    sys.stdout.write(orjson.dumps({"seconds": seconds, "megabytes": peak()}).decode())


if __name__ == "__main__":
    main()
