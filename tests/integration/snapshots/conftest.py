"""A small catalogue, and snapshots of it that a test has in its hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb
import pytest

from app.models.accounts import Role
from app.models.columns import now
from app.models.snapshots import Snapshot
from app.services.accounts import service_viewer
from app.services.snapshots import request_snapshot, show_snapshot
from app.services.snapshots.capture import capture_snapshot
from app.services.snapshots.manifest import folder_of
from app.services.snapshots.states import is_being_written
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within
from tests.factories.catalogue import (
    LONG_AGO,
    a_category,
    a_feed,
    a_price,
    a_product,
    a_stocked_store,
    index_words,
)
from tests.factories.ordering import a_viewer
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from app.integrations.bucket import S3Bucket
    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView

INSTALLATION = service_viewer("command line")


@pytest.fixture
def catalogue(database: None) -> dict[str, int]:  # noqa: ARG001 - on an empty database
    """Write four products, one withdrawn, one with everything a product can have; return ids."""
    with open_work() as work:
        session = work.session
        feed = a_feed(session)
        shelf = a_category(session, "Tools", "Screwdrivers")
        full = a_product(
            session,
            feed,
            "Screwdriver PH1",
            sku="PH-1",
            brand="Rautio",
            category_id=shelf.id,
            description="Long, “magnetic”.\nTwo lines.",
            price_minor=12_345,
            attributes={"Tip": "PH1", "Väri": "sininen"},
            pictures=["https://pictures.example/1.jpg"],
        )
        # Before the price it has, whenever this runs.
        a_price(session, full, 15_000, days_ago=(now() - LONG_AGO).days + 100)
        a_stocked_store(session, full, "Oulu", 3)
        a_stocked_store(session, full, "Turku", 0)
        plain = a_product(session, feed, "Bottle", stock=None, currency="JPY", price_minor=0)
        steel = a_product(session, feed, "Steel bottle", stock=0)
        gone = a_product(session, feed, "Gone", withdrawn_at=full.created_at)
        index_words(session)
        found = {"full": full.id, "plain": plain.id, "steel": steel.id, "gone": gone.id}
        return {name: number for name, number in found.items() if number is not None}


def taken(
    query: str = "", *, viewer: Viewer = INSTALLATION, bucket: Bucket | None = None, **given: Any
) -> SnapshotView:
    """Ask for a snapshot and capture it here; return how that ended."""
    wanted = CatalogueQuery.parse(query)
    asked = within(request_snapshot, viewer=viewer, query=wanted, queued=False)
    capture_snapshot(snapshot_id=asked.id, bucket=bucket, **given)
    return shown(asked.id)


def shown(snapshot_id: UUID) -> SnapshotView:
    """Return a snapshot as the installation sees it."""
    return reading(show_snapshot, viewer=INSTALLATION, snapshot_id=snapshot_id)


def folder(snapshot: SnapshotView) -> str:
    """Return where the bucket keeps it."""
    assert snapshot.taken_at is not None
    return folder_of(snapshot.id, snapshot.taken_at)


def somebody(role: Role = Role.BUYER, name: str = "Ada Lovelace") -> Viewer:
    """Write a person and return them as signed in."""
    with open_work() as work:
        return a_viewer(work.session, role, name)


def everything_kept(bucket: Bucket, snapshot_id: UUID) -> list[str]:
    """Return what the bucket keeps of a snapshot, unfinished uploads as well."""
    return sorted(
        found.key.rsplit("/", 1)[-1]
        for found in bucket.kept("snapshots/")
        if str(snapshot_id) in found.key
    )


def row_of(snapshot_id: UUID) -> Snapshot:
    """Return its row."""
    with open_work() as work:
        found = work.session.get(Snapshot, snapshot_id)
        assert found is not None
        return found


def read_by_duckdb(bucket: S3Bucket, tmp_path: Path, columns: str = "*") -> list[dict[str, Any]]:
    """Copy the bucket's files as they are and read them as a partitioned table, by DuckDB alone."""
    for found in bucket.kept("snapshots/"):
        if found.bytes is not None:
            file = tmp_path / found.key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"".join(bucket.chunks(found.key)))
    answer: Any = duckdb.sql(
        f"SELECT {columns} FROM read_parquet("  # noqa: S608 - the test's own words
        f"'{tmp_path}/snapshots/*/*/part-*.parquet', hive_partitioning = true)"
        " ORDER BY taken_date, snapshot, product_id"
    )
    # Through Arrow, since DuckDB needs one package more to make Python's times itself.
    return answer.to_arrow_table().to_pylist(maps_as_pydicts="strict")


def wait_until_free(snapshot_id: UUID) -> None:
    """Wait until the server has let go of what a process held that is gone."""
    wait_until(lambda: not reading(is_being_written, snapshot_id=snapshot_id), "its lock is free")


@pytest.fixture(autouse=True)
def _an_empty_bucket(bucket: S3Bucket) -> None:
    """Forget the snapshots of other tests."""
    for found in list(bucket.kept("snapshots/")):
        bucket.discard(found)
