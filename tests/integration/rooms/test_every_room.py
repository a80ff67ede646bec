"""Every room: opens, filters, sorts, shows its rows in detail, and refuses who may not see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.errors import NotAllowed, NotFound
from app.models.accounts import PersonSession, Role
from app.models.columns import now, stored
from app.models.feeds import Feed, RejectedRecord, RunTrigger, SyncRun, SyncRunState
from app.models.operations import Attempt, DeadLetter, Job, JobState, Queue
from app.services.operations import schedule
from app.services.rooms import open_detail, open_room
from app.services.rooms.asking import choices_of
from app.services.rooms.registry import ROOMS
from app.views.room_query import RoomQuery
from tests.factories.ordering import a_viewer, an_order, some_products
from tests.factories.stores import a_store

if TYPE_CHECKING:
    from app.services.rooms.room import Room
    from app.views.accounts import Viewer
    from app.work import Work

EVERY = [pytest.param(room, id=room.key) for room in ROOMS.values()]
SORTS = [
    pytest.param(room, f"{way}{column.key}", id=f"{room.key}:{way}{column.key}")
    for room in ROOMS.values()
    for column in room.columns
    if column.sort is not None
    for way in ("", "-")
]
FILTERS = [
    pytest.param(room, index, id=f"{room.key}:{one.key}")
    for room in ROOMS.values()
    for index, one in enumerate(room.filters)
]


@pytest.fixture
def administrator(work: Work) -> Viewer:
    """Return an administrator in a place where something of everything has happened."""
    viewer = a_viewer(work.session, Role.ADMIN, "Katherine Johnson")
    moment = now()
    work.session.add(
        PersonSession(
            id=viewer.session_id,
            token_hash=uuid4().bytes,
            person_id=viewer.person_id,
            id_token="",
            user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            address="192.0.2.7",
            expires_at=moment + timedelta(days=365),
        )
    )
    buyer = a_viewer(work.session)
    products = some_products(work.session, 2)
    an_order(work, buyer, products)
    some_stores(work, products[0].feed_id)
    a_sync_that_failed(work, products[0].feed_id)
    a_job_given_up(work)
    schedule.declare(work)
    schedule.run_now(work, viewer=viewer, name="clean-up")
    work.write_all()
    return viewer


def some_stores(work: Work, feed_id: int) -> None:
    feed = work.session.get_one(Feed, feed_id)
    a_store(work.session, feed, "By the feed", country="FI", opening_hours={"mon": "9-17"})
    a_store(work.session, feed, "By hand", placed_at=now(), opening_hours={"text": "Ask"})
    a_store(
        work.session, feed, "Nowhere", latitude=None, longitude=None, place_problem="It is 0, 0."
    )


def a_sync_that_failed(work: Work, feed_id: int) -> None:
    run = SyncRun(
        feed_id=feed_id,
        state=SyncRunState.FAILED,
        trigger=RunTrigger.OPERATOR,
        rejected=1,
        problem="Nobody answered.",
        started_at=now(),
        finished_at=now(),
    )
    work.session.add(run)
    work.session.flush()
    work.session.add(
        RejectedRecord(sync_run_id=stored(run.id), external_id="x-1", reason="No price.", record={})
    )


def a_job_given_up(work: Work) -> None:
    job = Job(
        queue=Queue.FEEDS,
        name="jobs.feeds.tidy_catalogue",
        payload={"vacuum": True},
        state=JobState.DEAD,
        attempts=1,
        max_attempts=3,
        timeout=60,
        finished_at=now(),
        problem="It broke.",
    )
    work.session.add(job)
    work.session.flush()
    work.session.add(Attempt(job_id=stored(job.id), number=1, worker="w:1", problem="It broke."))
    work.session.add(DeadLetter(job_id=stored(job.id), problem="It broke."))


def opened(work: Work, viewer: Viewer, room: Room, query: RoomQuery) -> list[str]:
    page = open_room(work, viewer=viewer, room=room.key, query=query)
    assert page.columns
    assert all(len(row.cells) == len(page.columns) for row in page.rows)
    return [row.key for row in page.rows]


@pytest.mark.parametrize("room", EVERY)
def test_it_opens_with_every_column(room: Room, work: Work, administrator: Viewer) -> None:
    usual = opened(work, administrator, room, RoomQuery())
    columns = tuple(column.key for column in room.columns)
    assert opened(work, administrator, room, RoomQuery(columns=columns)) == usual
    assert room.lead.endswith(".")
    assert room.empty.title


@pytest.mark.parametrize(("room", "sort"), SORTS)
def test_it_sorts_the_same_rows_in_another_order(
    room: Room, sort: str, work: Work, administrator: Viewer
) -> None:
    usual = opened(work, administrator, room, RoomQuery())
    assert sorted(opened(work, administrator, room, RoomQuery(sort=sort))) == sorted(usual)


@pytest.mark.parametrize(("room", "index"), FILTERS)
def test_a_filter_by_each_of_its_values_leaves_rows_of_the_room(
    room: Room, index: int, work: Work, administrator: Viewer
) -> None:
    one = room.filters[index]
    usual = set(opened(work, administrator, room, RoomQuery()))
    values = [choice.value for choice in choices_of(work, one.choices)] or ["a"]
    found: set[str] = set()
    for value in values:
        left = opened(work, administrator, room, RoomQuery(filters=((one.key, value),)))
        assert set(left) <= usual
        found |= set(left)
    if one.kind == "choice":
        assert found == usual, "each row has one of the values"


@pytest.mark.parametrize("room", [one for one in EVERY if ROOMS[str(one.id)].search])
def test_it_is_searched_by_what_one_types(room: Room, work: Work, administrator: Viewer) -> None:
    usual = set(opened(work, administrator, room, RoomQuery()))
    for words in ("e", "nobody has such words 100% _"):
        assert set(opened(work, administrator, room, RoomQuery(q=words))) <= usual


@pytest.mark.parametrize("room", [one for one in EVERY if ROOMS[str(one.id)].detail])
def test_each_row_opens_in_detail(room: Room, work: Work, administrator: Viewer) -> None:
    keys = opened(work, administrator, room, RoomQuery())
    assert keys
    for key in keys:
        detail = open_detail(work, viewer=administrator, room=room.key, key=key)
        assert detail.title
        assert detail.key == key
    with pytest.raises(NotFound):
        open_detail(work, viewer=administrator, room=room.key, key="no-such")


def without(viewer: Viewer, room: Room) -> Viewer:
    return replace(viewer, permissions=viewer.permissions - {room.permission})


@pytest.mark.parametrize("room", EVERY)
def test_who_lacks_the_permission_sees_nothing(
    room: Room, work: Work, administrator: Viewer
) -> None:
    keys = opened(work, administrator, room, RoomQuery())
    stranger = without(administrator, room)
    with pytest.raises(NotAllowed):
        open_room(work, viewer=stranger, room=room.key, query=RoomQuery())
    for key in [*keys[:1], "no-such"]:
        with pytest.raises(NotAllowed):
            open_detail(work, viewer=stranger, room=room.key, key=key)


def names_of(value: Any) -> set[str]:
    return {action.key for action in value}


@pytest.mark.parametrize("room", [one for one in EVERY if ROOMS[str(one.id)].actions])
def test_actions_are_offered_to_those_who_may(
    room: Room, work: Work, administrator: Viewer
) -> None:
    needed = frozenset(action.permission for action in room.actions)
    reader = replace(administrator, permissions=administrator.permissions - needed)
    if not reader.may(room.permission):
        reader = replace(reader, permissions=reader.permissions | {room.permission})
    page = open_room(work, viewer=reader, room=room.key, query=RoomQuery())
    offered = {action for row in page.rows for action in names_of(row.actions)}
    allowed = {each.key for each in room.actions if reader.may(each.permission)}
    assert offered | names_of(page.bulk) | names_of(page.general) <= allowed
