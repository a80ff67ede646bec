"""A snapshot shows one moment, whatever a sync does to the catalogue while it is captured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from app import db
from app.integrations.bucket import S3Bucket
from app.models.columns import now
from app.work import open_work
from tests.integration.snapshots.conftest import read_by_duckdb, taken

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from app.integrations.bucket.upload import MultipartUpload

# As a sync ends: everything it brought, in one transaction.
SYNC = (
    "UPDATE product SET price_minor = price_minor + 1, price_since = now(), stock = 99",
    """
    INSERT INTO price_point (product_id, price_minor, currency, since)
    SELECT id, price_minor, currency, now() FROM product
    """,
    "UPDATE product SET withdrawn_at = now() WHERE name = 'Bottle'",
    "UPDATE store_stock SET stock = 42",
    "UPDATE category SET name = 'Elsewhere'",
)


def sync() -> None:
    """Apply a sync that changes every product."""
    with open_work() as work:
        for statement in SYNC:
            work.session.execute(text(statement))


def test_a_sync_that_is_applied_in_the_middle_is_not_in_it_at_all(
    catalogue: dict[str, int],
    bucket: S3Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = S3Bucket.upload
    began = now()

    def upload(self: S3Bucket, key: str, *, content_type: str) -> MultipartUpload:
        # The moment is known by now, and the first row has yet to be written.
        sync()
        return whole(self, key, content_type=content_type)

    monkeypatch.setattr(S3Bucket, "upload", upload)
    snapshot = taken()
    monkeypatch.undo()
    rows = read_by_duckdb(bucket, tmp_path)

    assert [row["product_id"] for row in rows] == [
        catalogue["full"],
        catalogue["plain"],
        catalogue["steel"],
    ]
    assert [row["price_minor"] for row in rows] == [12_345, 0, 1000]
    assert [row["stock"] for row in rows] == [5, None, 0]
    assert [store["stock"] for store in rows[0]["stores"]] == [3, 0]
    assert _price_of_point(rows[0]) == 12_345
    assert snapshot.taken_at is not None
    assert began <= snapshot.taken_at <= now()

    after = taken()
    assert after.rows == 2


def _price_of_point(row: dict[str, Any]) -> int:
    with db.open_session() as session:
        found = session.execute(
            text("SELECT price_minor FROM price_point WHERE id = :id"),
            {"id": row["price_point_id"]},
        )
        return found.scalar_one()


def test_what_comes_between_the_question_and_the_rows_is_not_in_it(
    catalogue: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two connections read: one what the search means, one the rows. Both see one moment."""
    assert catalogue
    spelled_out = db.spelled_out

    def slowly(*given: Any) -> str:
        query = spelled_out(*given)
        with open_work() as work:
            work.session.execute(text("DELETE FROM price_point"))
            work.session.execute(text("DELETE FROM store_stock"))
            work.session.execute(text("DELETE FROM product"))
        return query

    monkeypatch.setattr(db, "spelled_out", slowly)
    assert taken("q=bottle").rows == 2
