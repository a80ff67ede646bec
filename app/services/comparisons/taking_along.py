"""Taking a comparison along as a CSV file of its changes.

Neither snapshot ever changes, so a file of the same changes is written once; it goes with the
clean-up of the bucket and is written again when it is asked for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.errors import NotFound
from app.integrations.bucket import configured_bucket
from app.models.audit import AuditAction
from app.models.comparisons import WriteComparison
from app.models.operations import Job, JobState
from app.services.audit import note
from app.services.comparisons.queries import comparison_between, file_of, wanted_of
from app.services.comparisons.states import ROOT, topic_of
from app.services.downloads import download_address
from app.services.spreadsheet import CSV, written_csv
from app.views.comparison_query import BETWEEN, ComparisonQuery
from app.views.formatting import major
from app.work import reading, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.integrations.ports import Bucket
    from app.views.accounts import Viewer
    from app.views.comparisons import ComparisonView
    from app.work import Work

_SIDES: Final = ("before", "after")
_TITLES: Final = (
    "Product",
    "Article",
    "Supplier",
    "Changes",
    "Percent",
    *(
        f"{what} {side}"
        for what in ("Name", "Price", "Currency", "Stock", "Category", "Stores")
        for side in _SIDES
    ),
)


def csv_link(*, viewer: Viewer, query: ComparisonQuery, bucket: Bucket | None = None) -> str:
    """Return an address of the file that works for some minutes, "" where there is none yet.

    Raises NotFound where they may not see both snapshots, or these were not compared.
    """
    among = bucket or configured_bucket()
    found = reading(_between, viewer=viewer, query=query)
    key = _key(found.id, query)
    if not among.exists(key):
        return ""
    day = f"{found.after.taken_at:%Y-%m-%d}"
    return download_address(among, key, file_name=f"comparison-{day}.csv")


def request_csv(work: Work, *, viewer: Viewer, query: ComparisonQuery) -> UUID:
    """Have the changes that `query` asks for written into a file; return the job's id.

    Raises NotFound where they may not see both snapshots, or these were not compared.
    """
    found = _between(work, viewer=viewer, query=query)
    note(
        work,
        AuditAction.LIST_EXPORTED,
        kind="comparison",
        id=str(found.id),
        title=f"{found.before.title} / {found.after.title}",
        after={"address": query.narrowed.address()},
    )
    return work.enqueue(WriteComparison(query=_asked(query)))


def has_given_up(work: Work, *, job_id: UUID) -> bool:
    """Tell whether the file of a job will not come."""
    job = work.session.get(Job, job_id)
    return job is None or job.state is JobState.DEAD


def write_csv(*, viewer: Viewer, asked: str, bucket: Bucket | None = None) -> None:
    """Write a file that was asked for. Raises Unavailable where a later try may succeed."""
    among = bucket or configured_bucket()
    query = ComparisonQuery.parse(asked)
    found = reading(_between, viewer=viewer, query=query)
    with written_csv(_rows(viewer, query, among)) as file:
        among.put_file(_key(found.id, query), file, content_type=CSV)
    within(_tell, found.id)


def _rows(viewer: Viewer, query: ComparisonQuery, bucket: Bucket) -> Iterator[Sequence[object]]:
    from app.integrations.duck.changes import all_changes  # noqa: PLC0415 - loads DuckDB

    yield _TITLES
    with file_of(viewer=viewer, query=query, bucket=bucket) as path:
        for row in all_changes(path, wanted_of(query)):
            yield _cells(row)


def _cells(row: dict[str, Any]) -> list[object]:
    """Return a row as the file has it: prices in whole units, exact, in their own currency."""
    percent = row["percent"]
    return [
        row["product_id"],
        row["external_id"],
        row["supplier"],
        ", ".join(row["kinds"]),
        None if percent is None else round(percent, 2),
        *(row[f"name_{side}"] for side in _SIDES),
        *(_price(row, side) for side in _SIDES),
        *(row[f"currency_{side}"] for side in _SIDES),
        *(row[f"stock_{side}"] for side in _SIDES),
        *(BETWEEN.join(row[f"category_{side}"] or ()) for side in _SIDES),
        *(_stores(row[f"stores_{side}"]) for side in _SIDES),
    ]


def _price(row: dict[str, Any], side: str) -> object:
    minor, currency = row[f"price_{side}"], row[f"currency_{side}"]
    return None if minor is None else major(minor, currency)


def _stores(found: list[dict[str, Any]] | None) -> str:
    return ", ".join(f"{store['name']}: {store['stock']}" for store in found or ())


def _between(work: Work, *, viewer: Viewer, query: ComparisonQuery) -> ComparisonView:
    if query.before is None or query.after is None:
        raise NotFound("Choose two snapshots to compare.")
    found = comparison_between(work, viewer=viewer, before_id=query.before, after_id=query.after)
    if not found.is_stored:
        raise NotFound("This comparison is not ready yet.")
    return found


def _asked(query: ComparisonQuery) -> str:
    return query.narrowed.address().partition("?")[2]


def _key(comparison_id: UUID, query: ComparisonQuery) -> str:
    name = hashlib.sha256(_asked(query).encode()).hexdigest()[:32]
    return f"{ROOT}{comparison_id}/{name}.csv"


def _tell(work: Work, comparison_id: UUID) -> None:
    work.touch(topic_of(comparison_id))
