"""Taking a list out of the program: a CSV file in the bucket, written by a job, for a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.errors import AppError, BadInput, NotAllowed, NotFound, Unavailable
from app.models.accounts import Permission
from app.models.audit import AuditAction
from app.models.columns import now
from app.models.rooms import ListTask, ListTaskKind, ListTaskState, WriteExport
from app.services.audit import note
from app.services.rooms.listing import read_page
from app.services.rooms.opening import can_export, cell_of, room_for, shown_columns
from app.services.rooms.rows import count_rows
from app.services.rooms.tasks import UNDER_WAY, act_for, begin_task, end_task, task_of
from app.services.spreadsheet import CSV, written_csv
from app.views.room_actions import ExportedFile
from app.views.room_query import RoomQuery
from app.work import open_work, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.integrations.ports import Bucket
    from app.services.rooms.room import Column, Room
    from app.services.rooms.rows import Found
    from app.views.accounts import Viewer
    from app.work import Work

MOST_ROWS: Final = 200_000
PAGE: Final = 1_000
KEPT: Final = timedelta(days=7)


def request_export(work: Work, *, viewer: Viewer, room: str, query: RoomQuery) -> UUID:
    """Have a list written into a file, with its filters, order and columns; return the task's id.

    Raises NotFound and NotAllowed for a room that is not theirs, NotAllowed for who may not take
    lists out, BadInput for what the room cannot be asked and for too many rows, Conflict.
    """
    opened = room_for(viewer, room)
    _check_right(viewer)
    asked = query.first_page()
    shown_columns(opened, asked)
    read_page(work, viewer=viewer, room=opened, query=asked, size=1)
    rows = count_rows(work, viewer=viewer, room=opened, query=asked, at_most=MOST_ROWS)
    if rows > MOST_ROWS:
        raise BadInput(f"At most {MOST_ROWS:,} rows fit into a file: narrow the list.")
    task = begin_task(
        work,
        viewer=viewer,
        kind=ListTaskKind.EXPORT,
        room=opened,
        title=f"{opened.title} as CSV",
        query=asked,
        rows=rows,
    )
    note(
        work,
        AuditAction.LIST_EXPORTED,
        kind="list",
        id=str(task.id),
        title=opened.title,
        after={"address": asked.address(room), "rows": rows},
    )
    work.enqueue(WriteExport(task_id=UUID(str(task.id))))
    return UUID(str(task.id))


def write_export(task_id: UUID, bucket: Bucket) -> None:
    """Write the file of a task. What cannot be done ends the task with its reason.

    Raises Unavailable where a later try may succeed.
    """
    try:
        lines = _Lines(task_id)
        with written_csv(lines) as file:
            bucket.put_file(_key(task_id), file, content_type=CSV)
    except Unavailable:
        raise
    except AppError as problem:
        within(export_gave_up, task_id=task_id, problem=problem.sentence)
        return
    within(end_task, task_id, state=ListTaskState.DONE, done=lines.rows)


def export_gave_up(work: Work, *, task_id: UUID, problem: str) -> None:
    """Record that there will be no file."""
    end_task(work, task_id, state=ListTaskState.FAILED, problem=problem)


class _Lines:
    """The lines of a list's file, titles first; `rows` counts the others as they are given."""

    def __init__(self, task_id: UUID) -> None:
        self._task_id = task_id
        self.rows = 0

    def __iter__(self) -> Iterator[list[object]]:
        """Yield them page by page, each from where the one before ended."""
        viewer, room, query = within(_asked, self._task_id)
        columns = shown_columns(room, query)
        with open_work(read_only=True) as work:
            yield [column.title for column in columns]
            while True:
                page = read_page(work, viewer=viewer, room=room, query=query, size=PAGE)
                for found in page.rows:
                    yield [_exported(column, found, viewer) for column in columns]
                self.rows += len(page.rows)
                if not page.next or self.rows >= MOST_ROWS:
                    return
                query = replace(query, after=page.next)


def _asked(work: Work, task_id: UUID) -> tuple[Viewer, Room, RoomQuery]:
    """Return what is to be written and for whom, with the rights they have by now."""
    task = task_of(work, task_id)
    viewer = act_for(work, task)
    room = room_for(viewer, task.room)
    _check_right(viewer)
    return viewer, room, RoomQuery.parse(task.query)


def _check_right(viewer: Viewer) -> None:
    if not can_export(viewer):
        raise NotAllowed("Your role does not allow you to export lists.")


def _exported(column: Column, found: Found, viewer: Viewer) -> object:
    if column.exported is not None:
        return column.exported(found.row)
    cell = cell_of(column, found, viewer)
    first = cell.at.isoformat(timespec="seconds") if cell.at else cell.text
    return f"{first} · {cell.second}" if cell.second else first


def _key(task_id: UUID) -> str:
    return f"exports/{task_id}.csv"


def exported_file(work: Work, *, viewer: Viewer, task_id: UUID) -> ExportedFile:
    """Return the file of an export for who asked for it, or may read what everybody did.

    Raises NotFound for anybody else's, for one that is not ready or gone, and NotAllowed where
    they may not see the list any more.
    """
    task = work.session.get(ListTask, task_id)
    if task is None or not _is_theirs(task, viewer) or task.kind is not ListTaskKind.EXPORT:
        raise NotFound("There is no such export.")
    room: Room = room_for(viewer, task.room)
    if task.state is not ListTaskState.DONE or _is_old(task):
        raise NotFound("There is no file of this export: it is not ready, or has been deleted.")
    return ExportedFile(key=_key(task_id), name=f"{room.key}-{task.created_at:%Y-%m-%d-%H%M}.csv")


def _is_theirs(task: ListTask, viewer: Viewer) -> bool:
    return task.person_id == viewer.person_id or viewer.may(Permission.AUDIT_READ)


def _is_old(task: ListTask) -> bool:
    return task.created_at < now() - KEPT


def remove_old_files(bucket: Bucket) -> int:
    """Delete the files of exports that have been kept long enough; return how many."""
    with open_work(read_only=True) as work:
        old = work.session.scalars(
            select(col(ListTask.id)).where(
                col(ListTask.kind) == ListTaskKind.EXPORT,
                col(ListTask.state).in_((ListTaskState.DONE, *UNDER_WAY)),
                col(ListTask.created_at) < now() - KEPT,
            )
        ).all()
    for task_id in old:
        # The file first: a row that says it is there leads to it again.
        bucket.delete(_key(UUID(str(task_id))))
        within(end_task, UUID(str(task_id)), state=ListTaskState.REMOVED)
    return len(old)
