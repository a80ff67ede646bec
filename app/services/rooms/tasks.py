"""What somebody asks of a list that takes a while: begun here, carried out by jobs, followed.

A job acts for the person who asked: as the audit shows them, and with the rights they have by
then. Whoever has signed out meanwhile, or was blocked, gets nothing more done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlmodel import col

from app.acting import ActorKind, actor, acts
from app.errors import Conflict, NotAllowed
from app.models.columns import now
from app.models.rooms import ListTask, ListTaskKind, ListTaskState
from app.services.accounts import holders_of
from app.views.room_actions import TaskView

if TYPE_CHECKING:
    from app.services.rooms.room import Room
    from app.views.accounts import Viewer
    from app.views.room_query import RoomQuery
    from app.work import Work

# More of one person's at a time would only wait for each other.
MOST_AT_ONCE: Final = 5
# A page tells of this many, and of none that ended longer ago.
TOLD: Final = 3
TOLD_SECONDS: Final = 600

UNDER_WAY: Final = (ListTaskState.WAITING, ListTaskState.RUNNING)


def tasks_topic(person_id: UUID) -> str:
    """Return what the pages of whoever asked wait for."""
    return f"list-tasks:{person_id}"


ALL_TASKS: Final = "list-tasks:all"


def begin_task(
    work: Work,
    *,
    viewer: Viewer,
    kind: ListTaskKind,
    room: Room,
    title: str,
    query: RoomQuery,
    rows: int,
) -> ListTask:
    """Write a task. Raises Conflict where too many of theirs are under way."""
    open_tasks = work.session.scalar(
        select(func.count())
        .select_from(ListTask)
        .where(col(ListTask.person_id) == viewer.person_id, col(ListTask.state).in_(UNDER_WAY))
    )
    if (open_tasks or 0) >= MOST_AT_ONCE:
        raise Conflict("Several lists of yours are still worked on; wait for one of them.")
    who = actor()
    task = ListTask(
        kind=kind,
        person_id=viewer.person_id,
        session_id=viewer.session_id,
        address=who.address,
        trace_id=who.trace_id,
        room=room.key,
        title=title,
        query=query.render(),
        rows=rows,
    )
    work.session.add(task)
    work.session.flush()
    _touch(work, viewer.person_id)
    return task


def task_of(work: Work, task_id: UUID) -> ListTask:
    """Return a task."""
    return work.session.get_one(ListTask, task_id)


def act_for(work: Work, task: ListTask) -> Viewer:
    """Act from now on for whoever asked. Raises NotAllowed where their session runs no more."""
    viewer = holders_of(work, session_ids=[task.session_id]).get(task.session_id)
    if viewer is None:
        raise NotAllowed("Whoever asked for it is not signed in any more.")
    acts(
        kind=ActorKind.PERSON,
        id=str(viewer.person_id),
        name=viewer.name,
        address=task.address,
        trace_id=task.trace_id,
    )
    return viewer


def advance(
    work: Work, task_id: UUID, *, done: int = 0, refused: int = 0, problem: str | None = None
) -> None:
    """Count what of a task is done; it ends when every row is accounted for."""
    counted = col(ListTask.done) + col(ListTask.refused) + done + refused
    person_id = work.session.scalar(
        update(ListTask)
        .where(col(ListTask.id) == task_id)
        .values(
            done=col(ListTask.done) + done,
            refused=col(ListTask.refused) + refused,
            problem=func.coalesce(problem, col(ListTask.problem)),
            state=case(
                (counted >= col(ListTask.rows), ListTaskState.DONE), else_=ListTaskState.RUNNING
            ),
            finished_at=case((counted >= col(ListTask.rows), now()), else_=None),
        )
        .returning(col(ListTask.person_id))
    )
    if person_id is not None:
        _touch(work, person_id)


def end_task(
    work: Work, task_id: UUID, *, state: ListTaskState, done: int = 0, problem: str | None = None
) -> None:
    """End a task as a whole."""
    person_id = work.session.scalar(
        update(ListTask)
        .where(col(ListTask.id) == task_id)
        .values(state=state, done=done, problem=problem, finished_at=now())
        .returning(col(ListTask.person_id))
    )
    if person_id is not None:
        _touch(work, person_id)


def _touch(work: Work, person_id: UUID) -> None:
    work.touch(tasks_topic(person_id), ALL_TASKS)


def recent_tasks(work: Work, *, viewer: Viewer) -> tuple[TaskView, ...]:
    """Return what a page tells somebody about their tasks: the newest ones, while they matter."""
    age = func.extract("epoch", now() - col(ListTask.finished_at))
    found = work.session.scalars(
        select(ListTask)
        .where(
            col(ListTask.person_id) == viewer.person_id,
            col(ListTask.state) != ListTaskState.REMOVED,
            col(ListTask.finished_at).is_(None) | (age < TOLD_SECONDS),
        )
        .order_by(col(ListTask.created_at).desc())
        .limit(TOLD)
    )
    return tuple(task_view(task) for task in found)


def task_view(task: ListTask) -> TaskView:
    """Return a task as pages tell of it."""
    is_file = task.kind is ListTaskKind.EXPORT and task.state is ListTaskState.DONE
    return TaskView(
        id=str(task.id),
        title=task.title,
        state=task.state.value,
        words=_words(task),
        href=download_address(str(task.id)) if is_file else "",
    )


def download_address(task_id: str) -> str:
    """Return where the file of an export is fetched."""
    return f"/exports/{task_id}"


def _words(task: ListTask) -> str:
    if task.state in UNDER_WAY:
        return f"{task.done:,} of {task.rows:,} done" if task.done else "Under way"
    if task.kind is ListTaskKind.EXPORT:
        return task.problem or f"{task.done:,} rows, ready"
    done = f"{task.done:,} of {task.rows:,} done."
    return f"{done} {task.problem}" if task.problem else done
