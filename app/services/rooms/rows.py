"""The rows of a room's source as far as somebody may see them: counted, and found by keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, select, text
from sqlalchemy.exc import DataError

from app.errors import BadInput
from app.services.rooms.asking import conditions_of, sorted_by
from app.services.rooms.cursors import of_type
from app.services.rooms.room import Listed, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from app.services.rooms.room import Room
    from app.views.accounts import Viewer
    from app.views.room_query import RoomQuery
    from app.work import Work

# Counting stops here: nobody reads further, and a count has to look at every row.
COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A row of a list with its key as text."""

    key: str
    row: Any


def count_rows(
    work: Work, *, viewer: Viewer, room: Room, query: RoomQuery, at_most: int = COUNTED
) -> int:
    """Return how many rows match, one more than `at_most` where there are more than that."""
    if isinstance(room.source, Listed):
        return len(read_listed(work, viewer, room, room.source, query.matching()))
    conditions = conditions_of(work, room, query)
    asked = visible(room.source, viewer).where(*conditions)
    few: Select[Any] = asked.with_only_columns(text("1"), maintain_column_froms=True)
    counted = select(func.count()).select_from(few.limit(at_most + 1).subquery())
    try:
        return work.session.scalar(counted) or 0
    except DataError as problem:
        raise BadInput(f"{room.title} cannot be asked for this.") from problem


def read_keys(
    work: Work, *, viewer: Viewer, room: Room, query: RoomQuery, at_most: int
) -> list[str]:
    """Return the keys of all rows that match, one more than `at_most` where there are more."""
    if isinstance(room.source, Listed):
        found = read_listed(work, viewer, room, room.source, query.matching())
        return [each.key for each in found][: at_most + 1]
    key = key_column(room.source)
    asked = visible(room.source, viewer).where(*conditions_of(work, room, query))
    keys: Select[Any] = asked.with_only_columns(key, maintain_column_froms=True)
    return [str(each) for each in work.session.scalars(keys.order_by(key).limit(at_most + 1))]


def read_rows(work: Work, *, viewer: Viewer, room: Room, keys: Sequence[str]) -> list[Found]:
    """Return the rows with these keys that the viewer may see; what is no key is left out."""
    source = room.source
    if isinstance(source, Listed):
        known = {source.key(row): row for row in source.rows(work, viewer)}
        return [Found(key, known[key]) for key in keys if key in known]
    wanted = [found for key in keys if (found := _key_of(source, key)) is not None]
    if not wanted:
        return []
    asked = visible(source, viewer).where(key_column(source).in_(wanted))
    rows = work.session.execute(asked.add_columns(key_column(source).label("room_key"))).all()
    return enriched(work, viewer, source, rows)


def visible(source: Table, viewer: Viewer) -> Select[Any]:
    """Return the select of what somebody may see."""
    return source.select.where(*source.visible_to(viewer)) if source.visible_to else source.select


def key_column(source: Table) -> ColumnElement[Any]:
    """Return the column that tells rows apart."""
    return cast("ColumnElement[Any]", source.key)


def _key_of(source: Table, key: str) -> Any:  # noqa: ANN401 - of whatever type the key is
    try:
        return of_type(key_column(source).type, key)
    except ValueError:
        return None


def enriched(work: Work, viewer: Viewer, source: Table, rows: Sequence[Row[Any]]) -> list[Found]:
    """Return rows, selected with their `room_key`, with what the room reads along with them."""
    full = source.enrich(work, viewer, rows) if source.enrich and rows else rows
    return [Found(str(bare.room_key), row) for bare, row in zip(rows, full, strict=True)]


def read_listed(
    work: Work, viewer: Viewer, room: Room, source: Listed, query: RoomQuery
) -> list[Found]:
    """Return the rows of a short list that match, in order."""
    conditions = conditions_of(work, room, query)
    rows = [row for row in source.rows(work, viewer) if all(holds(row) for holds in conditions)]
    column, descending = sorted_by(room, query)
    by = column.sort if column else None
    if callable(by):
        rows.sort(key=lambda row: ((value := by(row)) is None, value, source.key(row)))
        if descending:
            rows.reverse()
    return [Found(source.key(row), row) for row in rows]
