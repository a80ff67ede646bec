"""Who may ask for a snapshot, see it and call it off, and that a second request joins the first."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.integrations.bucket import MemoryBucket
from app.models.accounts import Permission, Role
from app.models.audit import AuditEntry
from app.models.operations import DomainEventRow, Job
from app.models.snapshots import SnapshotAsker, SnapshotTrigger
from app.services.snapshots import (
    cancel_snapshot,
    list_snapshots,
    parts_of,
    request_snapshot,
    show_snapshot,
    snapshots_around,
)
from app.services.snapshots.capture import capture_snapshot
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading, within
from tests.integration.snapshots.conftest import INSTALLATION, shown, somebody, taken

if TYPE_CHECKING:
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.views.snapshots import SnapshotView

pytestmark = pytest.mark.usefixtures("catalogue")


def ask(viewer: Viewer, query: str = "", *, by_mail: bool = True) -> SnapshotView:
    """Ask as a page does."""
    wanted = CatalogueQuery.parse(query)
    return within(request_snapshot, viewer=viewer, query=wanted, by_mail=by_mail)


def askers(snapshot_id: UUID) -> set[UUID]:
    """Return who waits for a snapshot."""
    with open_work() as work:
        which = col(SnapshotAsker.snapshot_id) == snapshot_id
        return set(work.session.scalars(select(col(SnapshotAsker.person_id)).where(which)))


def test_a_request_is_a_row_a_job_and_an_entry_of_the_audit() -> None:
    ada = somebody()
    asked = ask(ada, "q=bottle")
    assert (asked.state, asked.is_own, asked.by, asked.is_open) == (
        "queued",
        True,
        "Ada Lovelace",
        True,
    )
    with open_work() as work:
        job = work.session.scalars(select(Job)).one()
        assert (job.queue, job.payload) == ("snapshots", {"snapshot_id": str(asked.id)})
        noted = work.session.scalars(select(AuditEntry)).one()
        assert (noted.action, noted.subject_title) == ("snapshot.requested", "“bottle”")


@pytest.mark.parametrize(
    ("first", "second"),
    [("", ""), ("q=bottle", "q=bottle&sort=name&view=table&after=abc"), ("currency=EUR", "")],
)
def test_a_second_identical_request_joins_the_first(first: str, second: str) -> None:
    ada, grace = somebody(), somebody(name="Grace Hopper")
    one, other = ask(ada, first), ask(grace, second)
    assert one.id == other.id
    assert not other.is_own
    assert askers(one.id) == {ada.person_id, grace.person_id}
    with open_work() as work:
        assert len(work.session.scalars(select(Job)).all()) == 1


def test_requests_at_the_same_time_join_too() -> None:
    people = [somebody(name=f"Person {number}") for number in range(6)]
    found: list[UUID] = []
    start = threading.Barrier(len(people))

    def run(viewer: Viewer) -> None:
        start.wait()
        found.append(ask(viewer).id)

    threads = [threading.Thread(target=run, args=(viewer,)) for viewer in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(people)
    assert len(set(found)) == 1


def test_another_search_or_one_after_the_first_is_stored_is_a_new_one() -> None:
    ada = somebody()
    first = ask(ada)
    assert ask(ada, "q=bottle").id != first.id
    capture_snapshot(snapshot_id=first.id)
    assert ask(ada).id != first.id


def test_one_whose_process_is_gone_is_not_joined() -> None:
    lost = within(request_snapshot, viewer=INSTALLATION, queued=False)
    again = ask(somebody())
    assert again.id != lost.id
    assert shown(lost.id).state == "failed"


def test_a_search_that_names_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="supplier or a category"):
        ask(somebody(), "supplier=99")
    with pytest.raises(BadInput, match="supplier or a category"):
        ask(somebody(), "category=99")


def test_without_the_permission_nothing_is_taken_seen_or_called_off() -> None:
    ada = somebody()
    mine = taken(viewer=ada)
    stripped = replace(ada, permissions=frozenset())
    with pytest.raises(NotAllowed):
        ask(stripped)
    with pytest.raises(NotFound):
        reading(show_snapshot, viewer=stripped, snapshot_id=mine.id)
    assert reading(list_snapshots, viewer=stripped).rows == ()
    with pytest.raises(NotFound):
        reading(parts_of, viewer=stripped, snapshot_id=mine.id)


def test_people_see_their_own_and_the_installations_operators_all() -> None:
    ada, grace = somebody(), somebody(name="Grace Hopper")
    operator = somebody(Role.OPERATOR, "Katherine Johnson")
    of_ada, of_all = taken(viewer=ada), taken("q=bottle")
    assert [one.id for one in reading(list_snapshots, viewer=ada).rows] == [of_all.id, of_ada.id]
    assert [one.id for one in reading(list_snapshots, viewer=grace).rows] == [of_all.id]
    assert len(reading(list_snapshots, viewer=operator).rows) == 2
    with pytest.raises(NotFound):
        reading(parts_of, viewer=grace, snapshot_id=of_ada.id)


def test_whoever_asked_calls_it_off_before_and_while_it_is_captured() -> None:
    ada = somebody()
    asked = ask(ada)
    within(cancel_snapshot, viewer=ada, snapshot_id=asked.id)
    capture_snapshot(snapshot_id=asked.id)
    assert shown(asked.id).state == "cancelled"
    with pytest.raises(Conflict):
        within(cancel_snapshot, viewer=ada, snapshot_id=asked.id)


def test_nobody_else_calls_it_off_and_the_last_one_who_waits_does() -> None:
    ada, grace, other = somebody(), somebody(name="Grace"), somebody(name="Other")
    asked = ask(ada)
    ask(grace)
    with pytest.raises(NotFound):
        within(cancel_snapshot, viewer=other, snapshot_id=asked.id)
    assert not within(cancel_snapshot, viewer=ada, snapshot_id=asked.id)
    assert (shown(asked.id).state, askers(asked.id)) == ("queued", {grace.person_id})
    assert within(cancel_snapshot, viewer=grace, snapshot_id=asked.id)
    assert shown(asked.id).state == "cancelled"


def test_who_may_only_look_calls_nothing_off() -> None:
    asked = ask(somebody())
    reader = replace(
        somebody(Role.OPERATOR, "Katherine"),
        permissions=frozenset({Permission.SNAPSHOT_READ, Permission.SNAPSHOT_READ_ALL}),
    )
    with pytest.raises(NotAllowed, match="calling off"):
        within(cancel_snapshot, viewer=reader, snapshot_id=asked.id)


def test_the_nightly_one_goes_on_when_a_person_who_joined_it_leaves() -> None:
    nightly = within(
        request_snapshot, viewer=INSTALLATION, trigger=SnapshotTrigger.SCHEDULE, queued=True
    )
    ada = somebody()
    assert ask(ada).id == nightly.id
    within(cancel_snapshot, viewer=ada, snapshot_id=nightly.id)
    assert shown(nightly.id).state == "queued"


def test_every_move_is_an_event_in_order() -> None:
    snapshot = taken()
    with open_work() as work:
        rows = work.session.scalars(
            select(DomainEventRow)
            .where(col(DomainEventRow.aggregate) == "snapshot")
            .order_by(col(DomainEventRow.sequence))
        ).all()
    assert [(row.aggregate_id, row.name, row.sequence) for row in rows] == [
        (str(snapshot.id), "snapshot.moved", 1),
        (str(snapshot.id), "snapshot.moved", 2),
        (str(snapshot.id), "snapshot.stored", 3),
    ]


def test_the_nearest_before_and_after_a_moment() -> None:
    first, middle, last = taken(), taken("q=bottle"), taken()
    assert first.taken_at
    assert middle.taken_at
    assert last.taken_at
    around = reading(snapshots_around, viewer=INSTALLATION, moment=middle.taken_at)
    assert [one and one.id for one in around] == [first.id, last.id]
    around = reading(snapshots_around, viewer=INSTALLATION, moment=last.taken_at)
    assert [one and one.id for one in around] == [last.id, None]


def test_a_replica_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr("app.db.reading_url", lambda: heard.append("asked") or _own_url())
    taken(bucket=MemoryBucket())
    assert heard == ["asked"]


def _own_url() -> str:
    from app import db  # noqa: PLC0415 - only what the test above replaces

    return db.database_url()


def test_what_a_titles_filter_says_is_what_was_asked() -> None:
    with open_work() as work:
        supplier = work.session.scalar(text("SELECT id FROM supplier"))
        category = work.session.scalar(text("SELECT id FROM category WHERE cardinality(path) = 2"))
    query = f"q=ph1&supplier={supplier}&category={category}&min=100&max=99999&currency=EUR&stock=1"
    snapshot = taken(query)
    assert snapshot.rows == 1
    assert snapshot.title == (
        "“ph1”, Norda Supply, Tools / Screwdrivers, from €1.00, up to €999.99, in stock"
    )
