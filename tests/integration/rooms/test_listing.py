"""Keyset paging: whatever the order, its pages are a full sort, cut up; both ways."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.errors import BadInput
from app.models.accounts import Role
from app.models.columns import now
from app.models.operations import Job, JobState, Queue
from app.services.rooms.declared.jobs import JOBS as OPENED
from app.services.rooms.listing import read_page
from app.services.rooms.room import Column
from app.services.rooms.rows import COUNTED, count_rows, read_rows
from app.views.room_query import RoomQuery
from tests.factories.ordering import a_viewer

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

SIZE = 7


def nothing(_row: object, _viewer: object) -> str:
    return ""


# Sorted by everything there is: moments with ties, values that are missing, texts, states.
JOBS = replace(
    OPENED,
    columns=(
        *OPENED.columns,
        Column("began", "", nothing, sort=col(Job.created_at)),
        Column("ended-at", "", nothing, sort=col(Job.finished_at), nullable=True),
        Column("problem", "", nothing, sort=col(Job.problem), nullable=True),
        Column("standing", "", nothing, sort=col(Job.state)),
        Column("tried", "", nothing, sort=col(Job.attempts)),
    ),
)
SORTS = [
    f"{way}{column.key}" for column in JOBS.columns if column.sort is not None for way in ("", "-")
]


@pytest.fixture
def viewer(work: Work) -> Viewer:
    return a_viewer(work.session, Role.OPERATOR)


def some_jobs(work: Work, number: int) -> None:
    """Write jobs among which many share a moment and many have none."""
    chance = random.Random(7)
    start = now() - timedelta(days=3)
    for index in range(number):
        at = start + timedelta(minutes=chance.randrange(6))
        ended = chance.random() < 0.5
        work.session.add(
            Job(
                queue=chance.choice(list(Queue)),
                name="jobs.mail.send_dispatch",
                payload={"number": index},
                state=JobState.DONE if ended else JobState.QUEUED,
                max_attempts=8,
                timeout=60,
                created_at=at,
                due_at=at + timedelta(minutes=chance.randrange(3)),
                finished_at=at if ended else None,
                problem=chance.choice([None, "The mail service said 100% no_way."]),
            )
        )
    work.session.flush()


def fully_sorted(work: Work, sort: str) -> list[str]:
    column = next(each for each in JOBS.columns if each.key == sort.removeprefix("-"))
    by: Any = column.sort
    falling = sort.startswith("-")
    ways = [one.desc() if falling else one.asc() for one in (by, col(Job.id))]
    return [str(key) for key in work.session.scalars(select(col(Job.id)).order_by(*ways))]


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_of_every_order_are_the_full_sort_cut_up(
    work: Work, viewer: Viewer, sort: str
) -> None:
    some_jobs(work, 45)
    whole = fully_sorted(work, sort)
    forth: list[list[str]] = []
    query = RoomQuery(sort=sort)
    while True:
        page = read_page(work, viewer=viewer, room=JOBS, query=query, size=SIZE)
        forth.append([found.key for found in page.rows])
        assert bool(page.previous) == (len(forth) > 1)
        if not page.next:
            break
        query = RoomQuery(sort=sort, after=page.next)
    assert [key for keys in forth for key in keys] == whole
    assert all(len(keys) == SIZE for keys in forth[:-1])

    back = [forth[-1]]
    while page.previous:
        page = read_page(
            work,
            viewer=viewer,
            room=JOBS,
            query=RoomQuery(sort=sort, before=page.previous),
            size=SIZE,
        )
        assert page.next
        back.insert(0, [found.key for found in page.rows])
    assert back == forth


def test_a_page_that_reaches_the_beginning_is_the_full_first_page(
    work: Work, viewer: Viewer
) -> None:
    some_jobs(work, 20)
    whole = fully_sorted(work, "began")
    first = read_page(work, viewer=viewer, room=JOBS, query=RoomQuery(sort="began"), size=3)
    second = RoomQuery(sort="began", after=first.next)
    third = read_page(work, viewer=viewer, room=JOBS, query=second, size=3)
    before = RoomQuery(sort="began", before=third.previous)

    page = read_page(work, viewer=viewer, room=JOBS, query=before, size=10)

    assert [found.key for found in page.rows] == whole[:10]
    assert not page.previous
    assert page.next


def test_a_filter_leaves_its_rows_and_the_count_says_how_many(work: Work, viewer: Viewer) -> None:
    some_jobs(work, 40)
    query = RoomQuery(q="100% no_", filters=(("queue", "mail"), ("state", "done"), ("when", "7d")))
    wanted = work.session.scalars(
        select(col(Job.id)).where(
            col(Job.state) == "done", col(Job.queue) == "mail", col(Job.problem).is_not(None)
        )
    ).all()
    assert wanted, "nothing would be found by any filter"

    page = read_page(work, viewer=viewer, room=JOBS, query=query)

    assert {found.key for found in page.rows} == {str(key) for key in wanted}
    assert count_rows(work, viewer=viewer, room=JOBS, query=query) == len(wanted)
    assert count_rows(work, viewer=viewer, room=JOBS, query=RoomQuery(), at_most=9) == 10
    assert COUNTED > 9


def test_picked_days_leave_what_was_created_on_them(work: Work, viewer: Viewer) -> None:
    some_jobs(work, 8)
    today, day = now().date(), timedelta(days=1)

    def found(value: str) -> int:
        query = RoomQuery(filters=(("when", value),))
        return count_rows(work, viewer=viewer, room=JOBS, query=query)

    assert found(f"{today - day}..{today + day}") == found(f"{today - day}..") == 8
    assert found(f"..{today - 2 * day}") == found(f"{today + 2 * day}..") == 0
    # Midnight may pass while this runs.
    assert sum(found(str(today + number * day)) for number in (-1, 0, 1)) == 8


@pytest.mark.parametrize(
    "query",
    [
        RoomQuery(sort="payload"),
        RoomQuery(sort="name"),
        RoomQuery(filters=(("colour", "red"),)),
        RoomQuery(filters=(("state", "asleep"),)),
        RoomQuery(filters=(("when", "yesterday"),)),
        RoomQuery(filters=(("when", "9999-12-31"),)),
        RoomQuery(filters=(("when", "0001-01-01.."),)),
        RoomQuery(filters=(("when", "2026-11-20..2026-11-01"),)),
        RoomQuery(after="nonsense"),
        RoomQuery(after="%%%"),
        RoomQuery(before="WzEsMiwzXQ"),
    ],
    ids=str,
)
def test_what_a_room_cannot_be_asked_is_said_in_one_sentence(
    work: Work, viewer: Viewer, query: RoomQuery
) -> None:
    with pytest.raises(BadInput, match=r"\w.*\.$"):
        read_page(work, viewer=viewer, room=JOBS, query=query)


def test_a_place_in_one_order_is_none_in_another(work: Work, viewer: Viewer) -> None:
    some_jobs(work, 20)
    page = read_page(work, viewer=viewer, room=JOBS, query=RoomQuery(sort="ended-at"), size=3)

    with pytest.raises(BadInput, match="does not exist any more"):
        read_page(work, viewer=viewer, room=JOBS, query=RoomQuery(sort="began", after=page.next))


def test_rows_are_found_by_their_keys_and_nonsense_is_no_key(work: Work, viewer: Viewer) -> None:
    some_jobs(work, 3)
    key = str(work.session.scalars(select(col(Job.id))).first())

    found = read_rows(work, viewer=viewer, room=JOBS, keys=[key, "x", "", "7" * 40])

    assert [each.key for each in found] == [key]
