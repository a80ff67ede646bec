"""What takes a while: files of lists, and actions on every row that matches."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models.accounts import Person, PersonSession, Role
from app.models.audit import AuditAction, AuditEntry
from app.models.columns import now
from app.models.operations import DeadLetter, Job, Queue
from app.models.rooms import ActOnRows, ListTask, ListTaskState
from app.services.rooms import (
    ask_first_of_all,
    bulk,
    carry_out_all,
    exported_file,
    open_detail,
    open_room,
    recent_tasks,
    request_export,
)
from app.services.rooms.export import remove_old_files
from app.services.spreadsheet import harmless
from app.views.room_query import RoomQuery
from app.work import open_work, reading, within
from tests.factories.ordering import a_viewer
from tests.integration.rooms.conftest import dead_letters, signed_in

if TYPE_CHECKING:
    from app.integrations.bucket import S3Bucket
    from app.views.accounts import Viewer
    from tests.integration.rooms.conftest import WorkOff

EVERYTHING = RoomQuery()
BAD_WORDS = '=HYPERLINK("https://bad.example")'


def some_jobs(number: int, problem: str = "") -> None:
    with open_work() as work:
        work.session.add_all(
            Job(
                queue=Queue.MAIL,
                name="jobs.mail.send_dispatch",
                payload={},
                max_attempts=8,
                timeout=60,
                problem=problem or None,
                # Nobody is to begin them.
                due_at=now() + timedelta(days=1),
            )
            for _ in range(number)
        )


def content_of(
    bucket: S3Bucket, viewer: Viewer, task_id: UUID, separator: str = ","
) -> list[list[str]]:
    file = reading(exported_file, viewer=viewer, task_id=task_id)
    text = b"".join(bucket.chunks(file.key)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def task_of(task_id: UUID) -> ListTask:
    with open_work() as work:
        task = work.session.get_one(ListTask, task_id)
        work.session.expunge(task)
        return task


def unsettled() -> int:
    with open_work() as work:
        found = select(func.count()).where(col(DeadLetter.settled_at).is_(None))
        return work.session.scalar(found) or 0


def test_a_file_has_every_row_that_matches_and_nothing_a_spreadsheet_runs(
    operator: Viewer, work_lists: WorkOff, bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.rooms.export.PAGE", 4)
    some_jobs(10, BAD_WORDS)
    some_jobs(3)
    query = RoomQuery(q="hyperlink", columns=("name", "queue", "id"), sort="created")

    task_id = within(request_export, viewer=operator, room="jobs", query=query)
    (told,) = reading(recent_tasks, viewer=operator)
    assert (told.words, told.href) == ("Under way", "")
    work_lists()

    (told,) = reading(recent_tasks, viewer=operator)
    assert (told.words, told.href) == ("10 rows, ready", f"/exports/{task_id}")
    head, *rows = content_of(bucket, operator, task_id)
    assert head == ["Job", "Queue", "Id"]
    assert len({row[2] for row in rows}) == 10
    assert {(row[0], row[1]) for row in rows} == {(f"Send dispatch · {BAD_WORDS}", "mail")}
    # As a spreadsheet reads it where columns are told apart by semicolons.
    with open_work() as work:
        work.session.execute(update(Job).values(problem=f"hyperlink;{BAD_WORDS}"))
    by_semicolon = within(request_export, viewer=operator, room="jobs", query=query)
    work_lists()
    rows = content_of(bucket, operator, by_semicolon, separator=";")
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "  =1", "\u00a0=1", "\uff1d1"]
)
def test_no_value_starts_a_formula(start: str) -> None:
    assert str(harmless(start)).startswith("'")


@pytest.mark.parametrize("value", ["a=1", "", "1-1", -5, 3.5, None])
def test_what_is_harmless_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value


def test_an_export_is_noted_with_what_was_taken(operator: Viewer) -> None:
    some_jobs(2)
    within(request_export, viewer=operator, room="jobs", query=RoomQuery(q=""))
    with open_work() as work:
        entry = work.session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == AuditAction.LIST_EXPORTED)
        ).one()
    assert entry.after == {"address": "/admin/jobs", "rows": 2}


def test_a_file_is_for_whoever_asked_or_reads_the_audit(
    operator: Viewer, work_lists: WorkOff, bucket: S3Bucket
) -> None:
    assert bucket
    task_id = within(request_export, viewer=operator, room="jobs", query=EVERYTHING)
    with pytest.raises(NotFound, match="not ready"):
        reading(exported_file, viewer=operator, task_id=task_id)
    work_lists()
    with open_work() as work:
        other, admin = a_viewer(work.session, Role.OPERATOR), a_viewer(work.session, Role.ADMIN)

    assert reading(exported_file, viewer=operator, task_id=task_id).name.startswith("jobs-20")
    assert reading(exported_file, viewer=admin, task_id=task_id)
    for stranger, wanted in ((other, task_id), (operator, uuid4())):
        with pytest.raises(NotFound, match="no such export"):
            reading(exported_file, viewer=stranger, task_id=wanted)
    assert reading(open_room, viewer=operator, room="exports", query=EVERYTHING).count == 1
    assert reading(open_room, viewer=other, room="exports", query=EVERYTHING).count == 0
    assert reading(open_room, viewer=admin, room="exports", query=EVERYTHING).count == 1


def test_who_may_not_see_a_list_does_not_take_it_out_either(operator: Viewer) -> None:
    with open_work() as work:
        buyer = a_viewer(work.session)
    for viewer, room in ((buyer, "jobs"), (buyer, "orders")):
        with pytest.raises(NotAllowed):
            within(request_export, viewer=viewer, room=room, query=EVERYTHING)
    with pytest.raises(BadInput):
        within(request_export, viewer=operator, room="jobs", query=RoomQuery(sort="payload"))
    with pytest.raises(BadInput):
        within(request_export, viewer=operator, room="jobs", query=RoomQuery(columns=("x",)))
    with pytest.raises(NotFound):
        within(request_export, viewer=operator, room="nothing", query=EVERYTHING)


@pytest.mark.parametrize("taken", ["session", "roles"])
def test_nothing_is_written_for_whoever_lost_the_right_meanwhile(
    operator: Viewer, work_lists: WorkOff, bucket: S3Bucket, taken: str
) -> None:
    task_id = within(request_export, viewer=operator, room="jobs", query=EVERYTHING)
    with open_work() as work:
        if taken == "session":
            work.session.delete(work.session.get_one(PersonSession, operator.session_id))
        else:
            work.session.execute(update(Person).values(roles=[Role.BUYER]))
    work_lists()

    task = task_of(task_id)
    assert task.state is ListTaskState.FAILED
    assert task.problem
    assert not bucket.exists(f"exports/{task_id}.csv")


def test_one_person_has_only_so_many_under_way(operator: Viewer) -> None:
    for _ in range(5):
        within(request_export, viewer=operator, room="jobs", query=EVERYTHING)
    with pytest.raises(Conflict, match="still worked on"):
        within(request_export, viewer=operator, room="jobs", query=EVERYTHING)


def test_a_file_is_deleted_after_a_week(
    operator: Viewer, work_lists: WorkOff, bucket: S3Bucket
) -> None:
    old = within(request_export, viewer=operator, room="jobs", query=EVERYTHING)
    new = within(request_export, viewer=operator, room="jobs", query=EVERYTHING)
    work_lists()
    with open_work() as work:
        work.session.execute(
            update(ListTask)
            .where(col(ListTask.id) == old)
            .values(created_at=now() - timedelta(days=7, minutes=1))
        )
    with pytest.raises(NotFound):
        reading(exported_file, viewer=operator, task_id=old)

    assert remove_old_files(bucket) == 1

    assert task_of(old).state is ListTaskState.REMOVED
    assert not bucket.exists(f"exports/{old}.csv")
    assert bucket.exists(f"exports/{new}.csv")
    assert remove_old_files(bucket) == 0


def test_every_row_that_matches_is_done_by_jobs_where_they_are_many(
    operator: Viewer, work_lists: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    dead_letters(24)
    dead_letters(1, name="jobs.gone.away")
    about = {"viewer": operator, "room": "dead-letters", "query": EVERYTHING}
    asked = reading(ask_first_of_all, action="abandon", **about)
    assert (asked.count, asked.takes_while) == (25, True)

    outcome = within(
        carry_out_all, action="abandon", confirmed=asked.count, reason="Not needed", **about
    )
    assert outcome.sentence.startswith("25 rows")
    assert unsettled() == 25
    work_lists()

    assert unsettled() == 0
    (told,) = reading(recent_tasks, viewer=operator)
    assert (told.state, told.words) == ("done", "25 of 25 done.")
    with open_work() as work:
        entries = work.session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == AuditAction.LETTER_ABANDONED)
        ).all()
    assert len(entries) == 25
    assert {entry.actor_id for entry in entries} == {str(operator.person_id)}


def test_what_stands_against_some_rows_is_told_when_the_others_are_done(
    operator: Viewer, work_lists: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 4)
    dead_letters(6)
    dead_letters(3, name="jobs.gone.away")
    about = {"viewer": operator, "room": "dead-letters", "query": EVERYTHING}
    within(carry_out_all, action="retry", confirmed=9, **about)
    work_lists()

    (told,) = reading(recent_tasks, viewer=operator)
    assert told.words.startswith("6 of 9 done.")
    assert "does not know the job any more" in told.words
    assert unsettled() == 3


def test_never_more_rows_are_done_than_were_confirmed(operator: Viewer) -> None:
    dead_letters(4)
    about = {"viewer": operator, "room": "dead-letters", "query": EVERYTHING}
    with pytest.raises(Conflict, match="More rows match"):
        within(carry_out_all, action="retry", confirmed=3, **about)
    assert unsettled() == 4
    outcome = within(carry_out_all, action="retry", confirmed=4, **about)
    assert (outcome.done, outcome.refused) == (4, 0)
    with pytest.raises(Conflict, match="No row matches"):
        within(carry_out_all, action="retry", confirmed=4, **about)


def test_rows_are_left_alone_where_the_right_is_gone_when_their_turn_comes(
    operator: Viewer, work_lists: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    dead_letters(5)
    about = {"viewer": operator, "room": "dead-letters", "query": EVERYTHING}
    within(carry_out_all, action="retry", confirmed=5, **about)
    with open_work() as work:
        work.session.execute(update(Person).values(roles=[Role.BUYER]))
    work_lists()

    assert unsettled() == 5
    (told,) = reading(recent_tasks, viewer=operator)
    assert told.words.startswith("0 of 5 done.")


def test_what_an_administrator_says_along_with_an_action_is_not_shown_with_its_job(
    operator: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    with open_work() as work:
        administrator = signed_in(work, Role.ADMIN)
        for _ in range(2):
            signed_in(work, Role.BUYER)
    asked = {"room": "people", "action": "block", "query": RoomQuery(filters=(("role", "buyer"),))}
    within(carry_out_all, viewer=administrator, confirmed=2, reason="A secret affair", **asked)
    with open_work() as work:
        jobs = work.session.scalars(select(Job).where(col(Job.name) == ActOnRows.job)).all()
        assert [job.payload["reason"] for job in jobs] == ["A secret affair"] * 2
        shown = [
            open_detail(work, viewer=operator, room="jobs", key=str(job.id)).sections
            for job in jobs
        ]

    assert "A secret affair" not in str(shown)
    assert "task_id" in str(shown)


def test_nobody_acts_on_everything_without_the_right(database: None) -> None:  # noqa: ARG001 - in it
    with open_work() as work:
        buyer = signed_in(work, Role.BUYER)
    dead_letters(1)
    about = {"viewer": buyer, "room": "dead-letters", "action": "retry", "query": EVERYTHING}
    with pytest.raises(NotAllowed):
        reading(ask_first_of_all, **about)
    with pytest.raises(NotAllowed):
        within(carry_out_all, confirmed=1, **about)
