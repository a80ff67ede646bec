"""The rooms as somebody sees them: who may, what stands in them, what is done in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models.accounts import ROLE_PERMISSIONS, Permission, Role
from app.models.audit import AuditAction, AuditEntry
from app.models.columns import now, stored
from app.models.operations import DeadLetter, Job, JobState, Queue, Settlement
from app.models.ordering import Order, OrderState
from app.services.rooms import ask_first, carry_out, open_detail, open_room, rooms_for
from app.services.rooms.actions import AT_ONCE
from app.services.rooms.registry import ROOMS
from app.views.room_query import RoomQuery
from tests.factories.ordering import a_viewer, an_operator, an_order, some_products

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work

EVERYTHING = RoomQuery()


@pytest.fixture
def operator(work: Work) -> Viewer:
    return an_operator(work.session)


def a_dead_letter(work: Work, name: str = "jobs.feeds.tidy_catalogue") -> str:
    """Write a job that was given up; return its id."""
    job = Job(
        queue=Queue.FEEDS,
        name=name,
        payload={"vacuum": False} if name.endswith("tidy_catalogue") else {},
        state=JobState.DEAD,
        attempts=3,
        max_attempts=3,
        timeout=60,
        finished_at=now(),
        problem="It went wrong.",
    )
    work.session.add(job)
    work.session.flush()
    work.session.add(DeadLetter(job_id=stored(job.id), problem="It went wrong."))
    work.session.flush()
    return str(job.id)


def settlements(work: Work) -> dict[str, int]:
    work.write_added()
    found = work.session.execute(
        select(col(DeadLetter.settlement), func.count()).group_by(col(DeadLetter.settlement))
    )
    return {str(how): number for how, number in found}


@pytest.mark.parametrize("role", Role)
def test_a_room_opens_for_whose_role_has_its_permission_and_for_nobody_else(
    work: Work, role: Role
) -> None:
    viewer = a_viewer(work.session, role)
    shown = {place.key for group in rooms_for(viewer) for place in group.places}
    allowed = {key for key, room in ROOMS.items() if room.permission in ROLE_PERMISSIONS[role]}
    assert shown == allowed
    for key in ROOMS:
        if key in allowed:
            assert open_room(work, viewer=viewer, room=key, query=EVERYTHING).key == key
        else:
            with pytest.raises(NotAllowed):
                open_room(work, viewer=viewer, room=key, query=EVERYTHING)
            with pytest.raises(NotAllowed):
                open_detail(work, viewer=viewer, room=key, key=str(uuid4()))


@pytest.mark.parametrize("key", ROOMS)
def test_every_room_can_be_opened_in_every_order_and_with_every_choice(
    work: Work, key: str
) -> None:
    viewer = a_viewer(work.session, Role.ADMIN)
    an_order(work, viewer, some_products(work.session, 2))
    a_dead_letter(work)
    room = ROOMS[key]
    every_column = RoomQuery(columns=tuple(column.key for column in room.columns))
    page = open_room(work, viewer=viewer, room=key, query=every_column)
    assert len(page.columns) == len(room.columns)
    assert all(len(row.cells) == len(room.columns) for row in page.rows)
    for column in page.all_columns:
        for sort in (column.key, f"-{column.key}") if column.href else ():
            open_room(work, viewer=viewer, room=key, query=RoomQuery(sort=sort))
    for one in page.filters:
        for choice in one.choices:
            open_room(
                work, viewer=viewer, room=key, query=EVERYTHING.with_filter(one.key, choice.value)
            )
    if page.search_hint:
        open_room(work, viewer=viewer, room=key, query=RoomQuery(q="50% of_it 'x"))
    for row in page.rows:
        if room.detail:
            assert open_detail(work, viewer=viewer, room=key, key=row.key).title


def test_there_is_no_room_of_another_name(work: Work, operator: Viewer) -> None:
    for name in ("nothing", "", "../jobs", "JOBS"):
        with pytest.raises(NotFound):
            open_room(work, viewer=operator, room=name, query=EVERYTHING)


def test_an_order_is_shown_with_its_suppliers_and_what_it_costs(
    work: Work, operator: Viewer
) -> None:
    buyer = a_viewer(work.session)
    number = an_order(work, buyer, some_products(work.session, 2), reference="Site 7")
    page = open_room(work, viewer=operator, room="orders", query=RoomQuery(q=f"#{number}"))

    (row,) = page.rows
    cells = {column.key: cell for column, cell in zip(page.columns, row.cells, strict=True)}
    assert (cells["number"].text, cells["number"].second) == (str(number), "Site 7")
    assert cells["suppliers"].text == "Supplier 1, Supplier 2"
    assert cells["total"].text
    assert row.href == f"/orders/{number}"
    assert page.matches == "1"
    assert not open_room(work, viewer=operator, room="orders", query=RoomQuery(q="Site 8")).rows


def test_waiting_letters_are_shown_first_and_all_on_demand(work: Work, operator: Viewer) -> None:
    waiting, settled = a_dead_letter(work), a_dead_letter(work)
    carry_out(
        work, viewer=operator, room="dead-letters", action="abandon", keys=[settled], reason="Old"
    )
    work.write_added()

    def keys(query: RoomQuery) -> set[str]:
        page = open_room(work, viewer=operator, room="dead-letters", query=query)
        return {row.key for row in page.rows}

    assert keys(EVERYTHING) == {waiting}
    assert keys(EVERYTHING.with_filter("state", "abandoned")) == {settled}
    assert keys(EVERYTHING.with_filter("state", "all")) == {waiting, settled}


def test_what_will_happen_is_said_before_it_happens(work: Work, operator: Viewer) -> None:
    keys = [a_dead_letter(work) for _ in range(3)]

    asked = ask_first(work, viewer=operator, room="dead-letters", action="abandon", keys=keys)

    assert asked.count == 3
    assert asked.sentence.startswith("3 jobs will never be done.")
    assert asked.needs_reason
    assert settlements(work) == {"None": 3}


def test_one_row_that_cannot_be_done_does_not_keep_the_others(work: Work, operator: Viewer) -> None:
    good, other = a_dead_letter(work), a_dead_letter(work)
    unknown = a_dead_letter(work, "jobs.gone.away")

    outcome = carry_out(
        work,
        viewer=operator,
        room="dead-letters",
        action="retry",
        keys=[good, unknown, other, str(uuid4()), "nonsense"],
    )

    assert (outcome.done, outcome.refused) == (2, 3)
    assert outcome.sentence.startswith("2 jobs will be done once more. 3 could not be done:")
    assert "It is not there any more. (2)" in outcome.sentence
    assert settlements(work) == {"None": 1, str(Settlement.RETRIED): 2}
    queued = work.session.scalar(
        select(func.count()).select_from(Job).where(col(Job.state) == JobState.QUEUED)
    )
    assert queued == 2


def test_what_is_done_in_a_room_is_noted_with_its_reason(work: Work, operator: Viewer) -> None:
    key = a_dead_letter(work)
    carry_out(
        work,
        viewer=operator,
        room="dead-letters",
        action="abandon",
        keys=[key],
        reason="Moved away",
    )
    work.write_all()
    entry = work.session.scalars(
        select(AuditEntry).where(col(AuditEntry.action) == AuditAction.LETTER_ABANDONED)
    ).one()
    assert entry.subject_id == key
    assert (entry.after or {})["reason"] == "Moved away"


def test_nothing_is_done_without_the_right_or_the_reason(work: Work, operator: Viewer) -> None:
    key = a_dead_letter(work)
    buyer = a_viewer(work.session)
    with pytest.raises(NotAllowed):
        carry_out(work, viewer=buyer, room="dead-letters", action="retry", keys=[key])
    with pytest.raises(NotAllowed):
        ask_first(work, viewer=buyer, room="dead-letters", action="retry", keys=[key])
    with pytest.raises(BadInput) as missing:
        carry_out(
            work, viewer=operator, room="dead-letters", action="abandon", keys=[key], reason="  "
        )
    assert missing.value.field == "reason"
    with pytest.raises(NotFound):
        carry_out(work, viewer=operator, room="dead-letters", action="explode", keys=[key])
    with pytest.raises(NotFound):
        carry_out(work, viewer=operator, room="dead-letters", action="retry", keys=[])
    assert settlements(work) == {"None": 1}


def test_rows_are_named_one_by_one_only_as_far_as_one_waits_for_them(
    work: Work, operator: Viewer
) -> None:
    about = {"viewer": operator, "room": "dead-letters", "action": "retry"}
    keys = [str(uuid4()) for _ in range(AT_ONCE + 1)]
    for act in (ask_first, carry_out):
        with pytest.raises(BadInput, match="At most 100 rows"):
            act(work, keys=keys, **about)


def test_a_reader_sees_a_room_and_may_not_act_in_it(work: Work, operator: Viewer) -> None:
    key = a_dead_letter(work)
    reader = replace(operator, permissions=frozenset({Permission.JOB_READ}))
    page = open_room(work, viewer=reader, room="dead-letters", query=EVERYTHING)
    assert [row.key for row in page.rows] == [key]
    assert not page.bulk
    assert not page.rows[0].actions
    with pytest.raises(NotAllowed):
        carry_out(work, viewer=reader, room="dead-letters", action="retry", keys=[key])


def test_one_row_alone_says_itself_what_stands_against_it(work: Work, operator: Viewer) -> None:
    buyer = a_viewer(work.session)
    number = str(an_order(work, buyer, some_products(work.session)))
    with pytest.raises(Conflict, match="does not apply"):
        ask_first(work, viewer=operator, room="orders", action="retry", keys=[number])
    with pytest.raises(Conflict, match="does not apply"):
        carry_out(work, viewer=operator, room="orders", action="retry", keys=[number])


def test_a_failed_order_offers_what_can_be_done_about_it(work: Work, operator: Viewer) -> None:
    buyer = a_viewer(work.session)
    number = an_order(work, buyer, some_products(work.session))
    (row,) = open_room(work, viewer=operator, room="orders", query=EVERYTHING).rows
    assert not row.actions
    order = work.session.scalars(select(Order).where(col(Order.number) == number)).one()
    order.state = OrderState.FAILED
    work.session.flush()
    (row,) = open_room(work, viewer=operator, room="orders", query=EVERYTHING).rows
    assert [action.key for action in row.actions] == ["retry", "abandon"]


def test_rows_are_done_in_one_sequence_however_they_were_chosen(
    work: Work, operator: Viewer
) -> None:
    buyer, products = a_viewer(work.session), some_products(work.session)
    numbers = [an_order(work, buyer, products) for _ in range(3)]
    for order in work.session.scalars(select(Order)):
        order.state = OrderState.FAILED
    work.session.flush()
    chosen = [str(number) for number in reversed(numbers)]
    carry_out(work, viewer=operator, room="orders", action="abandon", keys=chosen, reason="Gone")
    work.write_all()
    entries = work.session.scalars(
        select(AuditEntry)
        .where(col(AuditEntry.action) == AuditAction.ORDER_ABANDONED)
        .order_by(col(AuditEntry.sequence))
    )
    assert [int(entry.subject_id) for entry in entries] == numbers
