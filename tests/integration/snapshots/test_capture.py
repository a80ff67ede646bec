"""What a snapshot holds, and that another program reads it without this one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from app import db
from app.integrations.bucket import MemoryBucket
from app.services.snapshots import parts_of
from app.services.snapshots.manifest import NAME
from app.work import open_work, reading
from tests.factories.catalogue import fill
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    folder,
    read_by_duckdb,
    taken,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.integrations.bucket import S3Bucket

# What `row_hash` is, as `docs/snapshots.md` tells readers of other programs.
RECOMPUTED = """
    left(sha256(concat_ws(chr(31),
        external_id, coalesce(sku, chr(30)), name, description, coalesce(brand, chr(30)),
        array_to_string(category, chr(29)), price_minor, currency,
        coalesce(stock::VARCHAR, chr(30)),
        array_to_string(pictures, chr(29)),
        array_to_string(map_keys(attributes), chr(29)),
        array_to_string(map_values(attributes), chr(29)),
        array_to_string(list_transform(stores, lambda s: s.store_id), chr(29)),
        array_to_string(list_transform(stores, lambda s: s.stock), chr(29))
    )), 16) AS recomputed
"""


def test_duckdb_alone_reads_it_as_a_partitioned_table(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path
) -> None:
    snapshot = taken()
    rows = read_by_duckdb(bucket, tmp_path)

    assert snapshot.taken_at is not None
    assert [row["product_id"] for row in rows] == [
        catalogue["full"],
        catalogue["plain"],
        catalogue["steel"],
    ]
    full = rows[0]
    assert str(full["taken_date"]) == f"{snapshot.taken_at:%Y-%m-%d}"
    assert str(full["snapshot"]) == str(snapshot.id)
    assert (full["price_minor"], full["currency"]) == (12_345, "EUR")
    assert full["category"] == ["Tools", "Screwdrivers"]
    assert full["attributes"] == {"Tip": "PH1", "Väri": "sininen"}
    assert [(store["name"], store["stock"]) for store in full["stores"]] == [
        ("Oulu", 3),
        ("Turku", 0),
    ]
    assert (full["supplier"], full["feed"]) == ("Norda Supply", "norda")
    assert full["description"] == "Long, “magnetic”.\nTwo lines."
    assert full["price_since"].astimezone(UTC).isoformat() == "2026-01-01T00:00:00+00:00"
    assert (rows[1]["stock"], rows[1]["attributes"], rows[1]["stores"]) == (None, {}, [])
    assert rows[1]["category"] == []


def test_the_price_point_is_the_one_that_holds(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path
) -> None:
    taken()
    row = read_by_duckdb(bucket, tmp_path)[0]
    with open_work() as work:
        point = work.session.execute(
            text("SELECT product_id, price_minor FROM price_point WHERE id = :id"),
            {"id": row["price_point_id"]},
        ).one()
    assert tuple(point) == (catalogue["full"], 12_345)


def test_anybody_can_recompute_the_hash_of_a_row(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path
) -> None:
    assert catalogue
    taken()
    rows = read_by_duckdb(bucket, tmp_path, f"*, {RECOMPUTED}")
    assert [f"{row['row_hash'] % 2**64:016x}" for row in rows] == [
        row["recomputed"] for row in rows
    ]


CHANGES = {
    "price": "UPDATE product SET price_minor = 12346 WHERE id = :full",
    "stock": "UPDATE product SET stock = 6 WHERE id = :full",
    "no stock said": "UPDATE product SET stock = NULL WHERE id = :full",
    "name": "UPDATE product SET name = 'Screwdriver PH1 ' WHERE id = :full",
    "category": "UPDATE product SET category_id = NULL WHERE id = :full",
    "an attribute": """UPDATE product SET attributes = '{"Tip": "PH2"}' WHERE id = :full""",
    "a store's stock": "UPDATE store_stock SET stock = 4 WHERE product_id = :full AND stock = 3",
    "a store": "DELETE FROM store_stock WHERE product_id = :full AND stock = 3",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_hash_of_a_row_differs_when_the_product_does(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path, change: str
) -> None:
    taken()
    with open_work() as work:
        work.session.execute(text(change).bindparams(full=catalogue["full"]))
    taken()
    before, after = _hashes(read_by_duckdb(bucket, tmp_path, "snapshot, product_id, row_hash"))
    assert before[catalogue["full"]] != after[catalogue["full"]]
    assert before[catalogue["plain"]] == after[catalogue["plain"]]


def _hashes(rows: list[dict[str, Any]]) -> list[dict[int, int]]:
    by_snapshot: dict[str, dict[int, int]] = {}
    for row in rows:
        by_snapshot.setdefault(str(row["snapshot"]), {})[row["product_id"]] = row["row_hash"]
    return [by_snapshot[name] for name in sorted(by_snapshot)]


def test_a_search_holds_what_the_search_finds(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path
) -> None:
    snapshot = taken("q=bottle&stock=0&sort=price-up&view=table")
    assert (snapshot.title, snapshot.query, snapshot.rows) == ("“bottle”", "q=bottle", 2)
    assert {row["product_id"] for row in read_by_duckdb(bucket, tmp_path)} == {
        catalogue["plain"],
        catalogue["steel"],
    }


def test_what_finds_nothing_is_a_snapshot_of_nothing(
    catalogue: dict[str, int], bucket: S3Bucket, tmp_path: Path
) -> None:
    assert catalogue
    snapshot = taken("q=submarine")
    assert (snapshot.state, snapshot.rows, snapshot.parts) == ("stored", 0, 1)
    assert read_by_duckdb(bucket, tmp_path) == []


def test_the_manifest_names_every_file_with_its_hash(
    catalogue: dict[str, int], bucket: S3Bucket
) -> None:
    assert catalogue
    snapshot = taken()
    said = json.loads(b"".join(bucket.chunks(folder(snapshot) + NAME)))
    root_hash = said.pop("root_hash")

    # As `docs/snapshots.md` tells others.
    packed = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert root_hash == snapshot.root_hash == hashlib.sha256(packed.encode()).hexdigest()
    assert (said["id"], said["rows"]) == (str(snapshot.id), 3)
    assert (said["schema_version"], said["filter"]) == (1, {})
    for part in said["parts"]:
        content = b"".join(bucket.chunks(folder(snapshot) + part["name"]))
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            part["bytes"],
            part["sha256"],
        )


def test_each_names_the_root_hash_of_the_one_before(catalogue: dict[str, int]) -> None:
    assert catalogue
    first, second, third = taken(), taken("q=bottle"), taken()
    assert [one.position for one in (first, second, third)] == [1, 2, 3]
    assert [one.previous_root_hash for one in (first, second, third)] == [
        "",
        first.root_hash,
        second.root_hash,
    ]
    # The same products at another moment are another snapshot.
    assert first.root_hash != third.root_hash


def test_many_rows_go_into_several_files(bucket: S3Bucket, tmp_path: Path, database: None) -> None:
    assert database is None
    with Session(db.owner_engine()) as session:
        fill(session, 50_000)
    snapshot = taken(part_rows=1)
    files = reading(parts_of, viewer=INSTALLATION, snapshot_id=snapshot.id)

    assert len(files) == snapshot.parts == 2
    assert sum(file.rows for file in files) == snapshot.rows == 50_000
    assert sum(file.bytes for file in files) == snapshot.bytes
    found = read_by_duckdb(
        bucket, tmp_path, "DISTINCT count(*) OVER () AS rows, snapshot, taken_date, 0 AS product_id"
    )
    assert [row["rows"] for row in found] == [50_000]


def test_what_is_stored_is_encrypted_and_never_replaced(
    catalogue: dict[str, int], bucket: S3Bucket
) -> None:
    assert catalogue
    snapshot = taken()
    assert everything_kept(bucket, snapshot.id) == [NAME, "part-00000.parquet"]
    client = bucket._client  # noqa: SLF001 - the port does not tell
    for found in bucket.kept(folder(snapshot)):
        head = client.head_object(Bucket="anythingyouwantt", Key=found.key)
        assert head.get("ServerSideEncryption") == "AES256"
        assert not bucket.put_new(found.key, b"another", content_type="text/plain")


def test_the_twin_in_memory_holds_the_same(catalogue: dict[str, int], bucket: S3Bucket) -> None:
    assert catalogue
    twin = MemoryBucket()
    snapshot = taken(bucket=twin)
    assert everything_kept(twin, snapshot.id) == [NAME, "part-00000.parquet"]
    assert everything_kept(bucket, snapshot.id) == []
