"""Comparing snapshots in the bucket: asked for once, kept for good, for those who may see both."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlmodel import Session, col
from typer.testing import CliRunner

from app import db
from app.api.rest import create_rest
from app.cli import cli as program
from app.errors import BadInput, NotFound, Unavailable
from app.integrations.arrow.local import LocalParts
from app.integrations.bucket import MemoryBucket
from app.models.comparisons import Comparison, MailComparison
from app.models.operations import Job
from app.models.snapshots import Snapshot
from app.services.comparisons import (
    changes_of,
    comparison_between,
    csv_link,
    request_comparison,
    request_csv,
    request_mail,
)
from app.services.comparisons.carry_out import carry_out
from app.services.comparisons.mailing import intend_mails
from app.services.comparisons.states import ROOT
from app.services.comparisons.taking_along import write_csv
from app.services.comparisons.tidy import tidy
from app.views.comparison_query import ComparisonQuery
from app.work import open_work, reading, within
from tests.factories.catalogue import fill
from tests.integration.snapshots.conftest import INSTALLATION, somebody, taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.integrations.bucket import S3Bucket
    from app.views.accounts import Viewer
    from app.views.comparisons import ComparisonView
    from app.views.snapshots import SnapshotView

CHANGES = """
    UPDATE product SET price_minor = price_minor * 2 + 1 WHERE id % 20 = 1;
    UPDATE product SET price_minor = price_minor / 2 WHERE id % 20 = 2 AND price_minor > 1;
    UPDATE product SET stock = coalesce(stock, 0) + 1 WHERE id % 20 = 3;
    UPDATE product SET name = name || ' II' WHERE id % 20 = 4;
    UPDATE product SET withdrawn_at = now() WHERE id % 20 = 5;
    UPDATE product SET description = description || '!' WHERE id % 20 = 6;
    UPDATE product SET currency = CASE currency WHEN 'EUR' THEN 'SEK' ELSE 'EUR' END
        WHERE id % 20 = 7
"""


@pytest.fixture
def pair(database: None) -> tuple[SnapshotView, SnapshotView]:  # noqa: ARG001 - on an empty one
    """Take a snapshot of 400 products, and one after every kind of change."""
    with Session(db.owner_engine()) as session:
        fill(session, 400)
        session.execute(text("UPDATE product SET withdrawn_at = now() WHERE id % 20 = 8"))
        session.commit()
    before = taken()
    with open_work() as work:
        work.session.execute(text("UPDATE product SET withdrawn_at = NULL WHERE id % 20 = 8"))
        for change in CHANGES.split(";"):
            work.session.execute(text(change))
    return before, taken()


def between(before: SnapshotView, after: SnapshotView) -> dict[str, Any]:
    """Return what names the comparison of two."""
    return {"before_id": before.id, "after_id": after.id}


def made(before: SnapshotView, after: SnapshotView, **given: Any) -> ComparisonView:
    """Compare two snapshots here."""
    both = between(before, after)
    asked = within(request_comparison, viewer=INSTALLATION, **both, queued=False)
    carry_out(asked.id, **given)
    return reading(comparison_between, viewer=INSTALLATION, **both)


def jobs() -> int:
    """Return how many jobs to compare were written."""
    with open_work() as work:
        name = "jobs.snapshots.compare_snapshots"
        return work.session.scalar(select(func.count()).where(col(Job.name) == name)) or 0


def test_every_kind_of_change_is_found(pair: tuple[SnapshotView, SnapshotView]) -> None:
    found = made(*pair)
    assert (found.state, found.added, found.removed) == ("stored", 20, 20)
    assert {kind: n for kind, n in found.kinds.items() if kind not in {"added", "removed"}} == {
        "price up": 20,
        "price down": 20,
        "currency": 20,
        "stock": 20,
        "name": 20,
        "details": 20,
    }
    assert found.changed == 120
    assert found.unchanged == 400 - 7 * 20 - 20
    assert sum(found.spread) == 40
    assert found.rows == 160

    query = ComparisonQuery(pair[0].id, pair[1].id, kind="price down")
    page = changes_of(viewer=INSTALLATION, query=query)
    assert page.total == len(page.rows) == 20
    assert all(row.price_before and row.price_after == row.price_before // 2 for row in page.rows)


def test_pages_are_bounded(pair: tuple[SnapshotView, SnapshotView]) -> None:
    made(*pair)
    query = ComparisonQuery(pair[0].id, pair[1].id)
    first = changes_of(viewer=INSTALLATION, query=query, most=100)
    assert (len(first.rows), first.total) == (100, 160)
    rest = ComparisonQuery(pair[0].id, pair[1].id, below=first.next_after)
    last = changes_of(viewer=INSTALLATION, query=rest, most=100)
    assert (len(last.rows), last.next_after) == (60, None)
    assert not {row.product_id for row in first.rows} & {row.product_id for row in last.rows}


def test_it_is_made_once(pair: tuple[SnapshotView, SnapshotView]) -> None:
    both = between(*pair)
    first = within(request_comparison, viewer=INSTALLATION, **both)
    joined = within(request_comparison, viewer=INSTALLATION, **both)
    assert (first.id, first.state) == (joined.id, "queued")
    assert jobs() == 1
    carry_out(first.id)
    carry_out(first.id)
    again = within(request_comparison, viewer=INSTALLATION, **both)
    assert (again.id, again.state, jobs()) == (first.id, "stored", 1)


def test_of_two_who_make_it_one_file_stays(
    pair: tuple[SnapshotView, SnapshotView], bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = within(request_comparison, viewer=INSTALLATION, **between(*pair), queued=False)
    kept = bucket.put_file

    def slow(key: str, file: Any, *, content_type: str) -> None:
        kept(key, file, content_type=content_type)
        monkeypatch.setattr(bucket, "put_file", kept)
        carry_out(asked.id, bucket=bucket)

    monkeypatch.setattr(bucket, "put_file", slow)
    carry_out(asked.id, bucket=bucket)
    with open_work() as work:
        row = work.session.get(Comparison, asked.id)
        assert row is not None
        assert [each.key for each in bucket.kept(f"{ROOT}{asked.id}/")] == [row.key]
        assert row.state == "stored"


def test_nothing_changed_is_an_answer(catalogue: dict[str, int]) -> None:
    assert catalogue
    found = made(taken(), taken())
    assert (found.rows, found.changed, found.added, found.removed, found.unchanged) == (
        0,
        0,
        0,
        0,
        3,
    )
    assert found.notes == ()


def test_different_searches_say_so(catalogue: dict[str, int]) -> None:
    everything = taken()
    with open_work() as work:
        work.session.execute(
            text("UPDATE product SET stock = 9 WHERE id = :id").bindparams(id=catalogue["steel"])
        )
    found = made(everything, taken("q=bottle"))
    assert (found.added, found.removed, found.kinds) == (None, None, {"stock": 1})
    assert found.unchanged == 1
    assert "1 are in the first only, 0 in the second only" in found.notes[0]


def test_others_snapshots_cannot_be_compared(catalogue: dict[str, int]) -> None:
    assert catalogue
    ada, ben = somebody(), somebody(name="Ben")
    mine, own = taken(viewer=ada), taken()
    both = between(mine, own)
    asked = within(request_comparison, viewer=ada, **both, queued=False)
    carry_out(asked.id)
    query = ComparisonQuery(mine.id, own.id)
    assert changes_of(viewer=ada, query=query).total == 0
    with pytest.raises(NotFound):
        within(request_comparison, viewer=ben, **both)
    with pytest.raises(NotFound):
        reading(comparison_between, viewer=ben, **both)
    with pytest.raises(NotFound):
        changes_of(viewer=ben, query=query)


def test_the_comparison_of_a_deleted_snapshot_goes_with_it(
    catalogue: dict[str, int], bucket: S3Bucket
) -> None:
    assert catalogue
    one, two, three = taken(), taken(), taken()
    gone, stays = made(one, two), made(two, three)
    bucket.put(f"{ROOT}{stays.id}/left-over.parquet", b"left", content_type="text/plain")
    with open_work() as work:
        row = work.session.get(Snapshot, one.id)
        assert row is not None
        row.deleted_at = row.created_at
    assert tidy(bucket) >= 2
    assert not list(bucket.kept(f"{ROOT}{gone.id}/"))
    assert len(list(bucket.kept(f"{ROOT}{stays.id}/"))) == 1
    assert changes_of(viewer=INSTALLATION, query=ComparisonQuery(two.id, three.id)).total == 0
    with pytest.raises(NotFound):
        reading(comparison_between, viewer=INSTALLATION, **between(one, two))


def test_a_snapshot_with_itself_is_refused(catalogue: dict[str, int]) -> None:
    assert catalogue
    one = taken()
    with pytest.raises(BadInput, match="one and the same"):
        within(request_comparison, viewer=INSTALLATION, **between(one, one))


def test_files_that_are_gone_end_it_with_the_reason(
    pair: tuple[SnapshotView, SnapshotView], tmp_path: Path
) -> None:
    copies = LocalParts(tmp_path, most_bytes=10**8)
    found = made(*pair, bucket=MemoryBucket(), parts=copies)
    assert found.state == "failed"
    assert "keeps nothing under" in found.problem
    assert made(*pair).state == "stored"


def test_a_bucket_that_is_away_leaves_it_for_later(
    pair: tuple[SnapshotView, SnapshotView], tmp_path: Path
) -> None:
    class Away(MemoryBucket):
        def chunks(self, key: str, *, first: int = 0, last: int | None = None) -> Iterator[bytes]:
            raise Unavailable(f"No answer about {key} from {first} to {last}.")

    asked = within(request_comparison, viewer=INSTALLATION, **between(*pair), queued=False)
    with pytest.raises(Unavailable):
        carry_out(asked.id, bucket=Away(), parts=LocalParts(tmp_path, most_bytes=10**8))
    assert made(*pair).state == "stored"


def test_the_command_line_prints_one_line(pair: tuple[SnapshotView, SnapshotView]) -> None:
    ran = CliRunner().invoke(
        program, ["snapshot", "compare", str(pair[0].id), str(pair[1].id), "--json"]
    )
    said = orjson.loads(ran.stdout)
    assert (said["added"], said["removed"], said["price_up"], said["stock"]) == (20, 20, 20, 20)
    assert said["unchanged"] == 240
    assert ran.exit_code == 0


def test_a_file_holds_what_was_asked_for_and_no_formula(
    catalogue: dict[str, int], bucket: S3Bucket
) -> None:
    before = taken()
    with open_work() as work:
        for name, field in (("full", "name = '=HYPERLINK(1)'"), ("steel", "price_minor = 1250")):
            changed = text(f"UPDATE product SET {field} WHERE id = :id")  # noqa: S608 - the test's own
            work.session.execute(changed.bindparams(id=catalogue[name]))
    found = made(before, after := taken())
    query = ComparisonQuery(before.id, after.id)
    assert csv_link(viewer=INSTALLATION, query=query) == ""
    within(request_csv, viewer=INSTALLATION, query=query)
    narrowed = ComparisonQuery(before.id, after.id, kind="price up")
    for wanted in (query, narrowed):
        write_csv(viewer=INSTALLATION, asked=wanted.address().partition("?")[2])
    web = TestClient(create_rest())
    both = [web.get(csv_link(viewer=INSTALLATION, query=one)) for one in (query, narrowed)]
    whole, some = (
        list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))) for answer in both
    )
    assert [row["Name after"] for row in whole] == ["Steel bottle", "'=HYPERLINK(1)"]
    assert [(row["Price before"], row["Price after"], row["Percent"]) for row in some] == [
        ("10.00", "12.50", "25.0")
    ]
    with pytest.raises(NotFound):
        csv_link(viewer=somebody_without_rights(), query=query)
    # The clean-up removes files that are written again when they are asked for.
    tidy(bucket)
    assert csv_link(viewer=INSTALLATION, query=query) == ""
    assert len(list(bucket.kept(f"{ROOT}{found.id}/"))) == 1


def somebody_without_rights() -> Viewer:
    """Return one who may see no snapshot."""
    return replace(somebody(), permissions=frozenset())


def test_a_mail_tells_the_summary(pair: tuple[SnapshotView, SnapshotView]) -> None:
    made(*pair)
    ada = somebody()
    within(request_mail, viewer=ada, query=ComparisonQuery(pair[0].id, pair[1].id))
    with open_work() as work:
        job = work.session.scalars(
            select(Job).where(col(Job.name) == "jobs.mail.mail_comparison")
        ).one()
        call = MailComparison.model_validate(job.payload)
        (intent,) = intend_mails(work, [call])
    assert intent is not None
    assert intent.mail.recipient == ada.email
    assert "price up: 20" in intent.mail.text
    assert f"/snapshots/compare?a={pair[0].id}&b={pair[1].id}" in intent.mail.text
    with pytest.raises(NotFound):
        within(
            request_mail,
            viewer=somebody_without_rights(),
            query=ComparisonQuery(pair[0].id, pair[1].id),
        )
