"""Reading comparisons, for those who may read both snapshots."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput, NotFound
from app.integrations.arrow.local import configured_parts
from app.integrations.bucket import configured_bucket
from app.models.columns import stored
from app.models.comparisons import Comparison, ComparisonState
from app.services.comparisons.states import topic_of
from app.services.snapshots.queries import readable, show_snapshot
from app.views.comparison_query import BETWEEN
from app.views.comparisons import Change, ChangesPage, ChoiceCount, ComparisonView, PriceFigures
from app.views.snapshots import SnapshotPart, SnapshotView
from app.work import reading

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from app.integrations.duck.changes import Wanted
    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.comparison_query import ComparisonQuery
    from app.work import Work

__all__ = ["changes_of", "comparison_between", "topic_of", "view_of"]

PAGE_SIZE: Final = 50
OPEN_STATES: Final = (ComparisonState.QUEUED, ComparisonState.COMPARING)


def comparison_between(
    work: Work, *, viewer: Viewer, before_id: UUID, after_id: UUID
) -> ComparisonView:
    """Return the comparison of two snapshots. Raises NotFound where they may not see both."""
    return view_of(work, viewer, _between(work, viewer, before_id, after_id))


def changes_of(
    *, viewer: Viewer, query: ComparisonQuery, most: int = PAGE_SIZE, bucket: Bucket | None = None
) -> ChangesPage:
    """Return a page of the changes that `query` asks for, the largest first.

    Not within a transaction: the file may have to be fetched first. Raises NotFound where they may
    not see both snapshots or the comparison is not stored, BadInput where the snapshots are still
    to choose, Unavailable where the bucket does not answer.
    """
    from app.integrations.duck.changes import read_changes  # noqa: PLC0415 - loads DuckDB

    with file_of(viewer=viewer, query=query, bucket=bucket) as path:
        after = -1 if query.below is None else query.below
        rows, total = read_changes(path, wanted_of(query), after=after, most=most + 1)
    changes = tuple(change_of(row) for row in rows[:most])
    return ChangesPage(changes, total, changes[-1].place if len(rows) > most else None)


def wanted_of(query: ComparisonQuery) -> Wanted:
    """Return what a query leaves of the changes."""
    from app.integrations.duck.changes import Wanted  # noqa: PLC0415 - loads DuckDB

    return Wanted(query.kind, query.supplier, query.category, query.at_least)


@contextmanager
def file_of(
    *, viewer: Viewer, query: ComparisonQuery, bucket: Bucket | None = None
) -> Generator[Path]:
    """Give the local copy of a comparison's file for as long as the block lasts."""
    if query.before is None or query.after is None:
        raise BadInput("Choose two snapshots to compare.")
    part = reading(_part_of, viewer=viewer, before_id=query.before, after_id=query.after)
    among = bucket or configured_bucket()
    with configured_parts().held([part], chunks=among.chunks) as (path,):
        yield path


def _part_of(work: Work, *, viewer: Viewer, before_id: UUID, after_id: UUID) -> SnapshotPart:
    found = _between(work, viewer, before_id, after_id)
    if found.state is not ComparisonState.STORED:
        raise NotFound("This comparison is not ready yet.")
    return SnapshotPart(
        key=stored(found.key),
        name="The comparison",
        rows=stored(found.rows),
        bytes=stored(found.bytes),
        sha256=stored(found.sha256),
    )


def _between(work: Work, viewer: Viewer, before_id: UUID, after_id: UUID) -> Comparison:
    for snapshot_id in (before_id, after_id):
        readable(work, viewer=viewer, snapshot_id=snapshot_id)
    found = work.session.scalar(
        select(Comparison).where(
            col(Comparison.before_id) == before_id, col(Comparison.after_id) == after_id
        )
    )
    if found is None:
        raise NotFound("These two were not compared yet.")
    return found


def view_of(work: Work, viewer: Viewer, comparison: Comparison) -> ComparisonView:
    """Return what is shown of a comparison to somebody who may see both snapshots."""
    before = show_snapshot(work, viewer=viewer, snapshot_id=comparison.before_id)
    after = show_snapshot(work, viewer=viewer, snapshot_id=comparison.after_id)
    figures = comparison.figures
    kinds: dict[str, int] = figures.get("kinds", {})
    same_filter = before.query == after.query
    changed: int = figures.get("changed", 0)
    both = (after.rows or 0) - kinds.get("added", 0) - figures.get("unlisted_after", 0)
    took = comparison.finished_at and comparison.started_at
    return ComparisonView(
        id=stored(comparison.id),
        before=before,
        after=after,
        state=comparison.state.value,
        stage=comparison.stage,
        problem=comparison.problem or "",
        bytes_done=comparison.bytes_done,
        bytes_expected=comparison.bytes_expected,
        rows=comparison.rows or 0,
        seconds=(
            (stored(comparison.finished_at) - stored(comparison.started_at)).total_seconds()
            if took
            else None
        ),
        added=kinds.get("added", 0) if same_filter else None,
        removed=kinds.get("removed", 0) if same_filter else None,
        changed=changed,
        unchanged=both - changed,
        kinds=kinds,
        prices=tuple(PriceFigures(**each) for each in figures.get("prices", [])),
        steps=tuple(figures.get("steps", [])),
        spread=tuple(figures.get("spread", [])),
        suppliers=tuple(
            ChoiceCount(str(each["id"]), each["name"], each["rows"])
            for each in figures.get("suppliers", [])
        ),
        categories=tuple(
            ChoiceCount(BETWEEN.join(each["path"]), BETWEEN.join(each["path"]), each["rows"])
            for each in figures.get("categories", [])
        ),
        notes=_notes(before, after, figures) if figures else (),
    )


def _notes(before: SnapshotView, after: SnapshotView, figures: dict[str, Any]) -> tuple[str, ...]:
    """Say what of these two cannot be compared as it is of two alike."""
    notes: list[str] = []
    if before.query != after.query:
        notes.append(
            f"They hold different searches ({before.title}; {after.title}), so only products that "
            f"both hold are compared: {figures['unlisted_before']:,} are in the first only, "
            f"{figures['unlisted_after']:,} in the second only."
        )
    if before.schema_version != after.schema_version:
        notes.append(
            f"They were written in versions {before.schema_version} and {after.schema_version} of "
            "the schema, so only the fields that are shown here are compared."
        )
    if figures["not_compared"]:
        left = " and ".join(figures["not_compared"])
        notes.append(f"One of them does not say {left}: that is not compared.")
    return tuple(notes)


def change_of(row: dict[str, Any]) -> Change:
    """Return a row of a comparison's file as it is shown."""
    return Change(
        place=row.get("place", -1),
        product_id=row["product_id"],
        external_id=row["external_id"],
        supplier=row["supplier"],
        kinds=tuple(row["kinds"]),
        percent=row["percent"],
        **{
            f"{name}_{side}": row[f"{name}_{side}"]
            for name in ("name", "price", "currency", "stock")
            for side in ("before", "after")
        },
        category_before=tuple(row["category_before"] or ()),
        category_after=tuple(row["category_after"] or ()),
        stores_before=_stores(row["stores_before"]),
        stores_after=_stores(row["stores_after"]),
    )


def _stores(found: list[dict[str, Any]] | None) -> tuple[tuple[str, int], ...]:
    return tuple((store["name"], store["stock"]) for store in found or ())
