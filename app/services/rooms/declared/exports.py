"""The room of exports: files of lists, and actions on many rows, with how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlmodel import col

from app.models.accounts import Permission, Person
from app.models.rooms import ListTask, ListTaskKind, ListTaskState
from app.services.rooms.cells import Looks, badge
from app.services.rooms.filters import named, one_of, since
from app.services.rooms.room import Column, Group, Room, Table
from app.services.rooms.tasks import ALL_TASKS, download_address
from app.views.formatting import number
from app.views.room_query import RoomQuery
from app.views.rooms import CellView, EmptyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer

_LOOKS: Final[Looks] = {
    ListTaskState.WAITING: ("neutral", "clock"),
    ListTaskState.RUNNING: ("info", "loader"),
    ListTaskState.DONE: ("good", "check"),
    ListTaskState.FAILED: ("bad", "circle-alert"),
    ListTaskState.REMOVED: ("neutral", "archive"),
}


def _own(viewer: Viewer) -> Sequence[ColumnElement[bool]]:
    """Leave everybody their own; whoever reads the audit sees all."""
    if viewer.may(Permission.AUDIT_READ):
        return ()
    return (col(ListTask.person_id) == viewer.person_id,)


def _list(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - a row of the select below
    query = RoomQuery.parse(row.query)
    return CellView(row.title, second=row.problem or row.query, href=query.address(row.room))


def _rows(row: Any, viewer: Viewer) -> CellView:  # noqa: ANN401 - as above
    refused = f"{number(row.refused, viewer.locale)} refused" if row.refused else ""
    done = number(row.done, viewer.locale)
    return CellView(f"{done} of {number(row.rows, viewer.locale)}", second=refused)


def _file(row: Any, _viewer: Viewer) -> CellView:  # noqa: ANN401 - as above
    if row.kind is not ListTaskKind.EXPORT or row.state is not ListTaskState.DONE:
        return CellView()
    return CellView("Download", href=download_address(str(row.id)), download=True)


EXPORTS: Final = Room(
    key="exports",
    title="Exports",
    group=Group.BACKGROUND,
    icon="download",
    lead="Lists as files, kept for a week, and actions on many rows with what came of them.",
    permission=Permission.LIST_EXPORT,
    source=Table(
        select(
            col(ListTask.id),
            col(ListTask.kind),
            col(ListTask.state),
            col(ListTask.room),
            col(ListTask.title),
            col(ListTask.query),
            col(ListTask.problem),
            named(col(ListTask.rows), "rows"),
            col(ListTask.done),
            col(ListTask.refused),
            col(ListTask.created_at),
            named(col(Person.name), "asked_by"),
        ).join(Person, col(Person.id) == col(ListTask.person_id)),
        key=col(ListTask.id),
        visible_to=_own,
    ),
    name=lambda row: row.title,
    columns=(
        Column("list", "List", _list),
        Column("state", "State", lambda row, _: badge(row.state, _LOOKS)),
        Column("file", "File", _file),
        Column("rows", "Rows", _rows, figures=True, wide_only=True),
        Column("by", "Asked by", lambda row, _: row.asked_by, wide_only=True),
        Column(
            "created",
            "Asked",
            lambda row, _: CellView(at=row.created_at),
            sort=col(ListTask.created_at),
            figures=True,
            wide_only=True,
        ),
    ),
    sort="-created",
    filters=(
        one_of("state", "State", col(ListTask.state), ListTaskState),
        one_of("kind", "Kind", col(ListTask.kind), ListTaskKind),
        since("when", "Asked", col(ListTask.created_at)),
    ),
    empty=EmptyView(
        "download",
        "Nothing was exported yet",
        "Every list has a button that writes it into a file.",
        "/admin/jobs",
        "Look at the jobs",
    ),
    words="csv files downloads bulk actions",
    topics=(ALL_TASKS,),
)
