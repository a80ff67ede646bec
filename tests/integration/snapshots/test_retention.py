"""What retention says it deletes, and that it deletes just that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.errors import NotAllowed, NotFound
from app.models.accounts import Role
from app.models.audit import AuditEntry
from app.models.columns import now, stored
from app.models.ordering import Order
from app.services.snapshots import list_snapshots, parts_of
from app.services.snapshots.capture import capture_snapshot
from app.services.snapshots.leftovers import clean_up_bucket
from app.services.snapshots.manifest import csv_of
from app.services.snapshots.retention import (
    ORDERED,
    delete_unkept,
    plan_retention,
    request_deletion,
)
from app.services.snapshots.verify import verify_snapshot
from app.work import open_work, reading, within
from tests.integration.snapshots.conftest import (
    INSTALLATION,
    everything_kept,
    row_of,
    shown,
    somebody,
    taken,
)

if TYPE_CHECKING:
    from app.integrations.bucket import S3Bucket
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue")


def three_old_ones() -> list[SnapshotView]:
    """Take three of one day, a month and more ago: in the morning, at noon and in the evening."""
    found = [taken(), taken(), taken()]
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=40)
    with open_work() as work:
        for hour, snapshot in enumerate(found, 1):
            work.session.execute(
                text("UPDATE snapshot SET taken_at = :at WHERE id = :id"),
                {"at": midnight + timedelta(hours=6 * hour), "id": snapshot.id},
            )
    return found


def an_order(first: SnapshotView, hours: float) -> None:
    """Write an order, so long after the first of that day."""
    buyer = somebody()
    at = stored(row_of(first.id).taken_at)
    with open_work() as work:
        order = Order(
            buyer_id=buyer.person_id,
            request_key=uuid4(),
            ship_to={},
            placed_at=at + timedelta(hours=hours),
        )
        work.session.add(order)


def test_it_says_first_what_it_deletes_and_then_deletes_that() -> None:
    first, second, last = three_old_ones()
    recent = taken()
    plan = {each.id: each.keeps for each in reading(plan_retention, viewer=INSTALLATION)}
    assert plan[recent.id] == "recent"
    assert plan[last.id].startswith("last of ")
    assert (plan[first.id], plan[second.id]) == ("", "")
    assert len(reading(list_snapshots, viewer=INSTALLATION).rows) == 4

    assert delete_unkept() == 2
    left = [one.id for one in reading(list_snapshots, viewer=INSTALLATION).rows]
    assert left == [recent.id, last.id]
    assert delete_unkept() == 0


def test_what_is_deleted_is_gone_from_the_bucket_and_noted(bucket: S3Bucket) -> None:
    first, *_ = three_old_ones()
    # Where a part would have stood, had the snapshot really been taken that day.
    with open_work() as work:
        work.session.execute(
            text(
                # Before the others of its day, whatever the time is now.
                "UPDATE snapshot SET taken_at = taken_at - interval '5 hours' WHERE id = :id"
            ),
            {"id": first.id},
        )
    delete_unkept()
    assert clean_up_bucket() >= 2
    assert everything_kept(bucket, first.id) == []
    with pytest.raises(NotFound):
        reading(parts_of, viewer=INSTALLATION, snapshot_id=first.id)
    assert not shown(first.id).is_readable
    with open_work() as work:
        deleted = select(AuditEntry).where(col(AuditEntry.action) == "snapshot.deleted")
        assert str(first.id) in {entry.subject_id for entry in work.session.scalars(deleted)}


def test_a_csv_that_was_written_while_its_snapshot_went_is_removed(bucket: S3Bucket) -> None:
    gone, *_, kept = three_old_ones()
    delete_unkept()
    for snapshot in (gone, kept):
        bucket.put(csv_of(snapshot.id), b"name", content_type="text/csv")
    clean_up_bucket()
    assert not bucket.exists(csv_of(gone.id))
    assert bucket.exists(csv_of(kept.id))
    bucket.delete(csv_of(kept.id))


def test_the_chain_stays_whole_when_links_of_it_are_deleted() -> None:
    three_old_ones()
    recent = taken()
    delete_unkept()
    assert verify_snapshot(viewer=INSTALLATION, snapshot_id=recent.id).is_sound


@pytest.mark.parametrize(
    ("hours", "kept"),
    [(-3, [0]), (1, [0, 1]), (7, [1, 2]), (14, [2])],
)
def test_what_stands_beside_an_order_is_kept(hours: float, kept: list[int]) -> None:
    found = three_old_ones()
    an_order(found[0], hours)
    plan = {each.id: each.keeps for each in reading(plan_retention, viewer=INSTALLATION)}
    proofs = [place for place, snapshot in enumerate(found) if plan[snapshot.id] == ORDERED]
    # The last of the day is kept for that already.
    assert set(proofs) | {2} == set(kept) | {2}


def test_only_whole_catalogues_prove_and_each_search_thins_out_by_itself() -> None:
    old, newer = taken("q=bottle"), taken("q=bottle")
    with open_work() as work:
        work.session.execute(
            text("UPDATE snapshot SET taken_at = '2026-09-01T10:00Z' WHERE id = :id"),
            {"id": old.id},
        )
        work.session.execute(
            text("UPDATE snapshot SET taken_at = '2026-09-01T12:00Z' WHERE id = :id"),
            {"id": newer.id},
        )
    three_old_ones()
    plan = {each.id: each.keeps for each in reading(plan_retention, viewer=INSTALLATION)}
    assert plan[old.id] == ""
    assert plan[newer.id].startswith("last of ")


def test_only_administrators_delete_and_what_is_deleted_is_not_captured_again() -> None:
    for role in (Role.BUYER, Role.OPERATOR):
        with pytest.raises(NotAllowed):
            reading(plan_retention, viewer=somebody(role))
        with pytest.raises(NotAllowed):
            within(request_deletion, viewer=somebody(role))
    assert within(request_deletion, viewer=somebody(Role.ADMIN))
    first, *_ = three_old_ones()
    delete_unkept()
    capture_snapshot(snapshot_id=first.id)
    assert not shown(first.id).is_readable
