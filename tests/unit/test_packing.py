"""How the files of snapshots are packed, and that it makes no difference to what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.integrations.arrow.parquet import write_parts
from app.integrations.arrow.typed import REPEATING, SCHEMA
from app.integrations.bucket import MemoryBucket
from app.integrations.duck.changes import Wanted, read_changes
from app.integrations.duck.comparing import compare_files

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 3_000
PACKED = ("packed", "plain")


def products(*, dearer: int | None = None) -> pa.Table:
    """Return made-up products of which one may cost more."""
    seen = [1000 + (n == dearer) for n in range(ROWS)]
    made = {
        "product_id": [n * 3 for n in range(ROWS)],
        "supplier_id": [n % 3 for n in range(ROWS)],
        "supplier": [f"Supplier {n % 3}" for n in range(ROWS)],
        "external_id": [f"x-{n}" for n in range(ROWS)],
        "name": [f"Product {n}" for n in range(ROWS)],
        "category": [["Tools", f"Shelf {n % 5}"] for n in range(ROWS)],
        "price_minor": seen,
        "currency": ["EUR"] * ROWS,
        "price_point_id": [n * 2 if n % 7 else None for n in range(ROWS)],
        "stock": [n % 10 or None for n in range(ROWS)],
        "stores": [[{"store_id": 1, "name": "Oulu", "stock": n % 4}] for n in range(ROWS)],
        "pictures": [[f"https://pictures.example/{n}.jpg"] for n in range(ROWS)],
        "attributes": [[("Colour", "blue")] for _ in range(ROWS)],
        "row_hash": [hash((n, price)) >> 1 for n, price in enumerate(seen)],
    }
    missing = [None] * ROWS
    arrays = [pa.array(made.get(field.name, missing), field.type) for field in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def written(folder: Path, rows: pa.Table, how: str) -> Path:
    """Write rows as a capture does, or in the way that Arrow packs what nobody says more of."""
    path = folder / "part.parquet"
    folder.mkdir()
    if how == "plain":
        pq.write_table(rows, path, compression="zstd")
        return path
    bucket = MemoryBucket()
    made = write_parts(
        iter(rows.to_batches()),
        schema=SCHEMA,
        opened=lambda name: bucket.upload(name, content_type="text/plain"),
        about={},
    )
    assert [part.rows for part in made if not isinstance(part, int)] == [ROWS]
    path.write_bytes(b"".join(bucket.chunks("part-00000.parquet")))
    return path


def test_what_repeats_has_a_dictionary_and_nothing_else(tmp_path: Path) -> None:
    group = pq.ParquetFile(written(tmp_path / "one", products(), "packed")).metadata.row_group(0)
    by_column = {
        column.path_in_schema: set(column.encodings)
        for column in map(group.column, range(group.num_columns))
    }
    assert {name for name, found in by_column.items() if "RLE_DICTIONARY" in found} == set(
        REPEATING
    )


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = products()
    assert pq.read_table(written(tmp_path / "one", rows, "packed"), schema=SCHEMA).equals(rows)


@pytest.mark.parametrize("before", PACKED)
@pytest.mark.parametrize("after", PACKED)
def test_snapshots_that_are_packed_in_different_ways_compare(
    tmp_path: Path, before: str, after: str
) -> None:
    one = written(tmp_path / "before", products(), before)
    other = written(tmp_path / "after", products(dearer=1234), after)
    into = tmp_path / "changes.parquet"
    found = compare_files([one], [other], into=into, same_hash=True, same_filter=True)
    (change,), total = read_changes(into, Wanted(), after=-1, most=5)
    assert (found.rows, total, change["product_id"]) == (1, 1, 1234 * 3)
    assert (change["kinds"], change["name_before"]) == (["price up"], "Product 1234")
