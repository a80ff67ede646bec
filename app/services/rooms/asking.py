"""What a list may be asked for: the filters, the words and the order of a query, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.rooms.room import Choices, Column, Filter, Room
    from app.views.room_query import RoomQuery
    from app.work import Work

# Takes away a filter that otherwise holds from the start.
ALL: Final = "all"


def conditions_of(work: Work, room: Room, query: RoomQuery) -> list[Any]:
    """Return what decides which rows match. Raises BadInput for what the room cannot be asked."""
    known = {each.key for each in room.filters}
    if unknown := [key for key, _ in query.filters if key not in known]:
        raise BadInput(f"{room.title} cannot be filtered by “{unknown[0][:40]}”.")
    conditions = [
        _condition(work, each, value)
        for each in room.filters
        if (value := filter_value(each, query)) and value != any_value(each)
    ]
    if query.q:
        if room.search is None:
            raise BadInput(f"{room.title} cannot be searched.")
        conditions.append(room.search(query.q))
    return conditions


def filter_value(one: Filter, query: RoomQuery) -> str:
    """Return what a filter is set to, "" for nothing."""
    return dict(query.filters).get(one.key, one.initial)


def any_value(one: Filter) -> str:
    """Return the value that takes a filter away."""
    return ALL if one.initial else ""


def _condition(work: Work, one: Filter, value: str) -> Any:  # noqa: ANN401 - SQL or a function
    allowed = {choice.value for choice in choices_of(work, one.choices)}
    if one.kind == "choice" and value not in allowed:
        raise BadInput(f"{one.title} is never “{value[:40]}”.")
    return one.where(value)


def choices_of(work: Work, choices: Choices | Callable[[Work], Choices]) -> Choices:
    """Return the values of a filter or a field, read where they are not fixed."""
    return choices(work) if callable(choices) else choices


def sorted_by(room: Room, query: RoomQuery) -> tuple[Column | None, bool]:
    """Return the column a list is sorted by and whether descending.

    Raises BadInput for one there is not, or that cannot be sorted by.
    """
    asked = query.sort or room.sort
    name = asked.removeprefix("-")
    column = next(
        (each for each in room.columns if each.key == name and each.sort is not None), None
    )
    if column is None and asked:
        raise BadInput(f"{room.title} cannot be sorted by “{name[:40]}”.")
    return column, asked.startswith("-")
