"""Applying a sync: all that was staged becomes the catalogue in one transaction, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text

from app.errors import BadInput
from app.models.columns import now
from app.models.feeds import Feed, SyncRun, SyncRunState
from app.services.feeds import statements
from app.services.feeds.runs import check_running, lock_feed, lock_run, move
from app.services.feeds.tidy import ask_to_tidy
from app.views.feeds import SyncCounts

if TYPE_CHECKING:
    from datetime import datetime

    from app.services.feeds.staging import Staging
    from app.work import Work


def apply_run(
    work: Work, *, run_id: UUID, feed_id: int, staging: Staging, fingerprint: bytes
) -> SyncCounts:
    """Apply what was staged on this work's connection and end the run as applied.

    Raises BadInput, and changes nothing, where a feed that had products brings none that can be
    taken: that is a broken feed and not an empty shop. Raises Conflict where the run was cancelled.
    """
    feed = lock_feed(work, feed_id=feed_id)
    run = lock_run(work, run_id=run_id)
    check_running(work, run_id=run_id)
    _refuse_nothing(feed, staging)
    moment = now()
    given = {"feed_id": feed_id, "supplier_id": feed.supplier_id, "moment": moment}
    for statement in statements.SETTINGS:
        _execute(work, statement)
    if staging.tally.staged:
        _write_products(work, staging, given)
    _withdraw(work, staging, given)
    done = _execute(work, statements.COUNTS).one()
    _execute(work, statements.WORDS)
    _write_stores(work, feed, given)
    counts = SyncCounts(
        seen=staging.tally.seen,
        created=done.created,
        changed=done.changed,
        unchanged=staging.tally.unchanged + done.unchanged,
        withdrawn=done.withdrawn,
        rejected=staging.tally.rejected,
    )
    _write_rejections(work, run_id, staging)
    feed.products += done.created + done.returned - done.withdrawn
    feed.fingerprint = fingerprint
    _finish(feed, run, counts, moment)
    ask_to_tidy(work, counts=counts)
    work.touch("catalogue", "feeds")
    return counts


def _execute(work: Work, statement: str, **given: Any) -> Any:  # noqa: ANN401 - rows of any statement
    return work.session.execute(text(statement), given)


def _refuse_nothing(feed: Feed, staging: Staging) -> None:
    tally = staging.tally
    if not feed.products or tally.seen - tally.rejected > 0:
        return
    if tally.seen == 0:
        raise BadInput("The feed came back empty, so nothing was withdrawn.")
    raise BadInput(
        f"None of {tally.seen} records could be taken, so nothing was changed. "
        f"The first: {tally.kept[0].reason}"
    )


def _write_products(work: Work, staging: Staging, given: dict[str, Any]) -> None:
    for statement in statements.PREPARE:
        _execute(work, statement)
    for (external_id,) in _execute(work, statements.DOUBLED).all():
        staging.tally.reject_double(external_id)
    _write_categories(work)
    _execute(work, statements.UPDATE, **given)
    _execute(work, statements.INSERT, **given)
    _execute(work, statements.PRICE_POINTS, **given)


def _write_categories(work: Work) -> None:
    deepest = _execute(work, statements.DEEPEST).scalar() or 0
    for depth in range(1, deepest + 1):
        _execute(work, statements.CATEGORIES, depth=depth)


def _withdraw(work: Work, staging: Staging, given: dict[str, Any]) -> None:
    marks = staging.marks
    _execute(
        work,
        statements.WITHDRAW,
        **given,
        marks=bytes(marks.bits),
        lowest=marks.lowest,
        highest=marks.highest,
    )


def _write_stores(work: Work, feed: Feed, given: dict[str, Any]) -> None:
    if feed.store_source is None:
        return
    for statement in (*statements.STORES, *statements.STORE_STOCK):
        _execute(work, statement, **given)


def _write_rejections(work: Work, run_id: UUID, staging: Staging) -> None:
    if not staging.tally.kept:
        return
    records = text(
        "INSERT INTO rejected_record (sync_run_id, external_id, reason, record) "
        "VALUES (:run_id, :external_id, :reason, CAST(:record AS jsonb))"
    )
    work.session.execute(
        records, [{"run_id": run_id, **rejection._asdict()} for rejection in staging.tally.kept]
    )


def _finish(feed: Feed, run: SyncRun, counts: SyncCounts, moment: datetime) -> None:
    run.seen, run.created, run.changed = counts.seen, counts.created, counts.changed
    run.unchanged, run.withdrawn = counts.unchanged, counts.withdrawn
    run.rejected = counts.rejected
    move(run, SyncRunState.APPLIED)
    feed.synced_at = moment
