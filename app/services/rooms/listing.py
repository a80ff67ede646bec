"""Reading a room's list: by keyset, so that its last page costs what its first one does.

A list sorted by (value, key) is read from a place on with one range of an index, in either
direction. Rows without a value are a list of their own behind it (before it, descending), sorted by
key: a range too, and read only where the page reaches into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, literal, null, select, text, tuple_
from sqlalchemy.exc import DataError

from app.errors import BadInput
from app.services.rooms.asking import conditions_of, sorted_by
from app.services.rooms.cursors import Cursor, of_type, open_cursor
from app.services.rooms.room import Listed, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from app.services.rooms.room import Room
    from app.views.accounts import Viewer
    from app.views.room_query import RoomQuery
    from app.work import Work

PAGE_SIZE: Final = 50
# Counting stops here: nobody reads further, and a count has to look at every row.
COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A row of a list with its key as text."""

    key: str
    row: Any


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list; `previous` and `next` are sealed places, "" where there is no such page."""

    rows: tuple[Found, ...]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """How a list is sorted; without `by` by its keys alone."""

    name: str
    by: ColumnElement[Any] | None
    nullable: bool
    descending: bool


def read_page(
    work: Work, *, viewer: Viewer, room: Room, query: RoomQuery, size: int = PAGE_SIZE
) -> Listing:
    """Return the page of a room's list that `query` asks for.

    Raises BadInput for a filter, an order or a place that the room does not have.
    """
    if isinstance(room.source, Listed):
        return Listing(tuple(_read_listed(work, viewer, room, room.source, query)))
    conditions = conditions_of(work, room, query)
    asked = _visible(room.source, viewer).where(*conditions)
    order = _order(room, query)
    try:
        return _read_table(work, viewer, room.source, asked, order, query=query, size=size)
    except DataError as problem:
        raise BadInput(f"{room.title} cannot be asked for this.") from problem


def count_rows(
    work: Work, *, viewer: Viewer, room: Room, query: RoomQuery, at_most: int = COUNTED
) -> int:
    """Return how many rows match, one more than `at_most` where there are more than that."""
    if isinstance(room.source, Listed):
        return len(_read_listed(work, viewer, room, room.source, query.matching()))
    conditions = conditions_of(work, room, query)
    asked = _visible(room.source, viewer).where(*conditions)
    few: Select[Any] = asked.with_only_columns(text("1"), maintain_column_froms=True)
    counted = select(func.count()).select_from(few.limit(at_most + 1).subquery())
    try:
        return work.session.scalar(counted) or 0
    except DataError as problem:
        raise BadInput(f"{room.title} cannot be asked for this.") from problem


def read_rows(work: Work, *, viewer: Viewer, room: Room, keys: Sequence[str]) -> list[Found]:
    """Return the rows with these keys that the viewer may see; what is no key is left out."""
    source = room.source
    if isinstance(source, Listed):
        known = {source.key(row): row for row in source.rows(work, viewer)}
        return [Found(key, known[key]) for key in keys if key in known]
    wanted = [found for key in keys if (found := _key_of(source, key)) is not None]
    if not wanted:
        return []
    asked = _visible(source, viewer).where(_key(source).in_(wanted))
    rows = work.session.execute(asked.add_columns(_key(source).label("room_key"))).all()
    return _enriched(work, viewer, source, rows)


def _key(source: Table) -> ColumnElement[Any]:
    return cast("ColumnElement[Any]", source.key)


def _key_of(source: Table, key: str) -> Any:  # noqa: ANN401 - of whatever type the key is
    try:
        return of_type(_key(source).type, key)
    except ValueError:
        return None


def _order(room: Room, query: RoomQuery) -> _Order:
    column, descending = sorted_by(room, query)
    by = column.sort if column else None
    return _Order(
        name=f"{room.key}:{column.key if column else ''}",
        by=None if callable(by) else cast("ColumnElement[Any] | None", by),
        nullable=column.nullable if column else False,
        descending=descending,
    )


def _visible(source: Table, viewer: Viewer) -> Select[Any]:
    return source.select.where(*source.visible_to(viewer)) if source.visible_to else source.select


def _read_table(
    work: Work,
    viewer: Viewer,
    source: Table,
    asked: Select[Any],
    order: _Order,
    *,
    query: RoomQuery,
    size: int,
) -> Listing:
    back = bool(query.before)
    place = _open(source, order, query.before or query.after)
    rows = _from_place(work, source, asked, order, place, back=back, limit=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if back and not more:
        # It reaches the beginning: the first page, and a full one.
        rows = _from_place(work, source, asked, order, None, back=False, limit=size + 1)
        more, rows, place, back = len(rows) > size, rows[:size], None, False
    if back:
        rows.reverse()
    shown = _enriched(work, viewer, source, rows)
    return Listing(
        rows=tuple(shown),
        previous=_seal(order, rows[0]) if rows and (more if back else place) else "",
        next=_seal(order, rows[-1]) if rows and (back or more) else "",
    )


def _open(source: Table, order: _Order, sealed: str) -> Cursor | None:
    if not sealed:
        return None
    value = None if order.by is None else order.by.type
    place = open_cursor(sealed, sort=order.name, value=value, key=_key(source).type)
    if order.by is not None and place.value is None and not order.nullable:
        raise BadInput("This page of the list does not exist any more. Start at the first one.")
    return place


def _seal(order: _Order, row: Row[Any]) -> str:
    return Cursor(order.name, row.room_sort, row.room_key).seal()


def _from_place(
    work: Work,
    source: Table,
    asked: Select[Any],
    order: _Order,
    place: Cursor | None,
    *,
    back: bool,
    limit: int,
) -> list[Row[Any]]:
    """Return up to `limit` rows behind `place` in reading direction, from the edge without one."""
    falling = order.descending != back
    by: ColumnElement[Any] = null() if order.by is None else order.by
    key = _key(source)
    labelled = asked.add_columns(key.label("room_key"), by.label("room_sort"))
    found: list[Row[Any]] = []
    for valued in _parts(order, place, falling=falling):
        part = labelled
        keys = [key]
        if order.by is not None and order.nullable:
            part = part.where(order.by.is_not(None) if valued else order.by.is_(None))
        if order.by is not None and valued:
            keys = [order.by, key]
        if place is not None and valued == _is_valued(order, place):
            edge = [literal(place.key, key.type)]
            if len(keys) > 1:
                edge = [literal(place.value, keys[0].type), *edge]
            here, there = tuple_(*keys), tuple_(*edge)
            part = part.where(here < there if falling else here > there)
        part = part.order_by(*(each.desc() if falling else each.asc() for each in keys))
        found += work.session.execute(part.limit(limit - len(found))).all()
        if len(found) >= limit:
            break
    return found


def _parts(order: _Order, place: Cursor | None, *, falling: bool) -> Sequence[bool]:
    """Return the parts of the list from `place` on, True for the rows that have a value."""
    if order.by is None or not order.nullable:
        return (True,)
    parts = (False, True) if falling else (True, False)
    return parts if place is None else parts[parts.index(_is_valued(order, place)) :]


def _is_valued(order: _Order, place: Cursor) -> bool:
    return order.by is None or place.value is not None


def _enriched(work: Work, viewer: Viewer, source: Table, rows: Sequence[Row[Any]]) -> list[Found]:
    full = source.enrich(work, viewer, rows) if source.enrich and rows else rows
    return [Found(str(bare.room_key), row) for bare, row in zip(rows, full, strict=True)]


def _read_listed(
    work: Work, viewer: Viewer, room: Room, source: Listed, query: RoomQuery
) -> list[Found]:
    conditions = conditions_of(work, room, query)
    rows = [row for row in source.rows(work, viewer) if all(holds(row) for holds in conditions)]
    column, descending = sorted_by(room, query)
    by = column.sort if column else None
    if callable(by):
        rows.sort(key=lambda row: ((value := by(row)) is None, value, source.key(row)))
        if descending:
            rows.reverse()
    return [Found(source.key(row), row) for row in rows]
