"""Reading a room's list: by keyset, so that its last page costs what its first one does.

A list sorted by (value, key) is read from a place on with one range of an index, in either
direction. Rows without a value are a list of their own behind it (before it, descending), sorted by
key: a range too, and read only where the page reaches into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import literal, null, tuple_
from sqlalchemy.exc import DataError

from app.errors import BadInput
from app.services.rooms.asking import conditions_of, sorted_by
from app.services.rooms.cursors import Cursor, open_cursor
from app.services.rooms.room import Listed, Table
from app.services.rooms.rows import Found, enriched, key_column, read_listed, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row, Select

    from app.services.rooms.room import Room
    from app.views.accounts import Viewer
    from app.views.room_query import RoomQuery
    from app.work import Work

PAGE_SIZE: Final = 50


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
        return Listing(tuple(read_listed(work, viewer, room, room.source, query)))
    conditions = conditions_of(work, room, query)
    asked = visible(room.source, viewer).where(*conditions)
    order = _order(room, query)
    try:
        return _read_table(work, viewer, room.source, asked, order, query=query, size=size)
    except DataError as problem:
        raise BadInput(f"{room.title} cannot be asked for this.") from problem


def _order(room: Room, query: RoomQuery) -> _Order:
    column, descending = sorted_by(room, query)
    by = column.sort if column else None
    return _Order(
        name=f"{room.key}:{column.key if column else ''}",
        by=None if callable(by) else cast("ColumnElement[Any] | None", by),
        nullable=column.nullable if column else False,
        descending=descending,
    )


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
    shown = enriched(work, viewer, source, rows)
    return Listing(
        rows=tuple(shown),
        previous=_seal(order, rows[0]) if rows and (more if back else place) else "",
        next=_seal(order, rows[-1]) if rows and (back or more) else "",
    )


def _open(source: Table, order: _Order, sealed: str) -> Cursor | None:
    if not sealed:
        return None
    value = None if order.by is None else order.by.type
    place = open_cursor(sealed, sort=order.name, value=value, key=key_column(source).type)
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
    key = key_column(source)
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
