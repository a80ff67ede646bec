"""Opening a room: whether one may, its list as a page shows it, and one of its rows in detail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.errors import BadInput, NotAllowed, NotFound
from app.models.accounts import Permission
from app.services.rooms.asking import any_value, choices_of, filter_value, sorted_by
from app.services.rooms.listing import read_page
from app.services.rooms.registry import ROOMS
from app.services.rooms.room import Group
from app.services.rooms.rows import COUNTED, count_rows, read_rows
from app.views.days import Days
from app.views.formatting import capped
from app.views.palette import PlaceGroup, PlaceView
from app.views.room_query import RoomQuery, detail_address
from app.views.rooms import (
    ActionView,
    CellView,
    ColumnView,
    DetailView,
    FilterView,
    RoomPage,
    RowView,
)

if TYPE_CHECKING:
    from app.services.rooms.room import Action, Choices, Column, Filter, Room
    from app.services.rooms.rows import Found
    from app.views.accounts import Viewer
    from app.work import Work


def room_for(viewer: Viewer, key: str) -> Room:
    """Return a room. Raises NotFound where there is none, NotAllowed where it is not theirs."""
    room = ROOMS.get(key)
    if room is None:
        raise NotFound("The administration has no such page.")
    if not viewer.may(room.permission):
        raise NotAllowed(f"Your role does not allow you to see {room.title.lower()}.")
    return room


def topics_of(room: str) -> tuple[str, ...]:
    """Return what wakes the pages of a room; nothing for a room there is not."""
    found = ROOMS.get(room)
    return found.topics if found else ()


def rooms_for(viewer: Viewer) -> tuple[PlaceGroup, ...]:
    """Return the rooms that somebody may see, by group."""
    theirs = [room for room in ROOMS.values() if viewer.may(room.permission)]
    return tuple(
        PlaceGroup(group.value, places)
        for group in Group
        if (places := tuple(_place(room) for room in theirs if room.group is group))
    )


def _place(room: Room) -> PlaceView:
    words = f"{room.title} {room.words}".lower().strip()
    return PlaceView(
        room.key, room.title, RoomQuery().address(room.key), room.icon, room.letter, words
    )


def open_room(work: Work, *, viewer: Viewer, room: str, query: RoomQuery) -> RoomPage:
    """Return a page of a room's list.

    Raises NotFound and NotAllowed as `room_for`, BadInput for what the room cannot be asked.
    """
    opened = room_for(viewer, room)
    shown = shown_columns(opened, query)
    listing = read_page(work, viewer=viewer, room=opened, query=query)
    count = count_rows(work, viewer=viewer, room=opened, query=query)
    first = query.first_page()
    columns = _columns(opened, query, shown)
    return RoomPage(
        key=opened.key,
        title=opened.title,
        lead=opened.lead,
        columns=tuple(view for view in columns if view.shown),
        all_columns=columns,
        filters=_filters(work, opened, query),
        search_hint=opened.search_hint if opened.search else "",
        q=query.q,
        rows=tuple(_row(opened, viewer, shown, found) for found in listing.rows),
        matches=_matches(count, viewer.locale),
        count=count,
        is_filtered=bool(query.q or query.filters),
        clear_href=RoomQuery(sort=query.sort, columns=query.columns).address(room),
        first_href=first.address(room) if query.after or query.before else "",
        previous_href=replace(first, before=listing.previous).address(room)
        if listing.previous
        else "",
        next_href=replace(first, after=listing.next).address(room) if listing.next else "",
        bulk=_bulk(opened, viewer),
        general=tuple(_action(each) for each in allowed(opened, viewer) if each.general),
        can_export=can_export(viewer),
        empty=opened.empty,
    )


def _matches(count: int, locale: str) -> str:
    return capped(min(count, COUNTED), exact=count <= COUNTED, limit=COUNTED, locale=locale)


def shown_columns(room: Room, query: RoomQuery) -> tuple[Column, ...]:
    """Return the columns that are shown, in the room's order. Raises BadInput for unknown ones."""
    if not query.columns:
        return tuple(column for column in room.columns if not column.hidden)
    known = {column.key for column in room.columns}
    if unknown := [key for key in query.columns if key not in known]:
        raise BadInput(f"{room.title} have no column “{unknown[0][:40]}”.")
    return tuple(column for column in room.columns if column.key in query.columns)


def _columns(room: Room, query: RoomQuery, shown: tuple[Column, ...]) -> tuple[ColumnView, ...]:
    sorted_column, descending = sorted_by(room, query)
    return tuple(
        ColumnView(
            key=column.key,
            title=column.title,
            figures=column.figures,
            wide_only=column.wide_only,
            shown=column in shown,
            sorted=("descending" if descending else "ascending") if column is sorted_column else "",
            href=_sort_href(room, query, column, column is sorted_column and not descending),
            toggle_href=_toggle_href(room, query, column, shown),
        )
        for column in room.columns
    )


def _sort_href(room: Room, query: RoomQuery, column: Column, turn: bool) -> str:  # noqa: FBT001 - whether to fall
    if column.sort is None:
        return ""
    sort = f"-{column.key}" if turn else column.key
    return replace(query.first_page(), sort="" if sort == room.sort else sort).address(room.key)


def _toggle_href(room: Room, query: RoomQuery, column: Column, shown: tuple[Column, ...]) -> str:
    chosen = [each.key for each in room.columns if (each in shown) != (each is column)]
    usual = [each.key for each in room.columns if not each.hidden]
    # A table without columns would show nothing to choose them again by.
    columns = () if chosen == usual or not chosen else tuple(chosen)
    return replace(query, columns=columns).address(room.key)


def _filters(work: Work, room: Room, query: RoomQuery) -> tuple[FilterView, ...]:
    shown = [each for each in room.filters if each.kind != "linked" or filter_value(each, query)]
    return tuple(_filter(each, choices_of(work, each.choices), query) for each in shown)


def _filter(one: Filter, choices: Choices, query: RoomQuery) -> FilterView:
    value = filter_value(one, query)
    said = next((choice.text for choice in choices if choice.value == value), "")
    days = Days.parse(value) if one.kind == "time" and value and not said else None
    first, last = days.ends if days else ("", "")
    return FilterView(
        key=one.key,
        title=one.title,
        kind=one.kind,
        value=value,
        any_value=any_value(one),
        said=said or str(days or value),
        first=first,
        last=last,
        choices=tuple(choices),
    )


def allowed(room: Room, viewer: Viewer) -> list[Action]:
    """Return what somebody may do in a room."""
    return [action for action in room.actions if viewer.may(action.permission)]


def can_export(viewer: Viewer) -> bool:
    """Tell whether somebody may take lists out of the program."""
    return viewer.may(Permission.LIST_EXPORT)


def _action(action: Action) -> ActionView:
    return ActionView(action.key, action.title, action.icon, action.danger)


def _bulk(room: Room, viewer: Viewer) -> tuple[ActionView, ...]:
    return tuple(_action(each) for each in allowed(room, viewer) if each.bulk and not each.general)


def _offered(room: Room, viewer: Viewer, found: Found) -> tuple[ActionView, ...]:
    return tuple(
        _action(each)
        for each in allowed(room, viewer)
        if not (each.general or each.inline) and each.applies(found.row)
    )


def _row(room: Room, viewer: Viewer, shown: tuple[Column, ...], found: Found) -> RowView:
    href = detail_address(room.key, found.key) if room.detail else ""
    return RowView(
        key=found.key,
        title=room.name(found.row),
        href=room.href(found.row) if room.href else href,
        cells=tuple(cell_of(column, found, viewer) for column in shown),
        actions=_offered(room, viewer, found),
    )


def cell_of(column: Column, found: Found, viewer: Viewer) -> CellView:
    """Return what stands in a column of a row."""
    cell = column.cell(found.row, viewer)
    return CellView(cell) if isinstance(cell, str) else cell


def open_detail(work: Work, *, viewer: Viewer, room: str, key: str) -> DetailView:
    """Return one row of a room in detail.

    Raises NotFound and NotAllowed as `room_for`, NotFound where the room has no such row.
    """
    opened = room_for(viewer, room)
    found = next(iter(read_rows(work, viewer=viewer, room=opened, keys=[key])), None)
    if found is None or opened.detail is None:
        raise NotFound(f"{opened.title}: there is nothing of this name any more.")
    described = opened.detail(work, viewer, found.row)
    return replace(
        described, key=found.key, room=opened.title, actions=_offered(opened, viewer, found)
    )
