"""What most rooms are declared with: filters, names of columns, counting in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import and_

from app.errors import BadInput
from app.models.columns import first_id_of, now
from app.services.rooms.cells import AnyRow
from app.services.rooms.room import Choices, Filter
from app.views.days import Days
from app.views.rooms import ChoiceView

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Label, SQLColumnExpression

    from app.work import Work

SPANS: Final[dict[str, tuple[str, timedelta]]] = {
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
}


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 job", "1,204 jobs"; `many` where the plural is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def named(column: SQLColumnExpression[Any], name: str) -> Label[Any]:
    """Return a column of a room's select under another name."""
    return cast("ColumnElement[Any]", column).label(name)


def one_of(
    key: str,
    title: str,
    column: SQLColumnExpression[Any],
    choices: type[StrEnum] | Choices | Callable[[Work], Choices],
    *,
    initial: str = "",
) -> Filter:
    """Return a filter by one of several values of a column."""
    values = words_of(choices) if isinstance(choices, type) else choices
    return Filter(key, title, "choice", lambda value: column == value, values, initial)


def words_of(states: type[StrEnum]) -> Choices:
    """Return the words of a state as choices."""
    return [ChoiceView(word.value, word.value.capitalize()) for word in states]


def linked(key: str, title: str, column: SQLColumnExpression[Any]) -> Filter:
    """Return a filter by exactly this value of a column, which links of other pages set."""
    return Filter(key, title, "linked", lambda value: column == value)


def since(key: str, title: str, column: SQLColumnExpression[Any]) -> Filter:
    """Return a filter by time: a span until now, or days of UTC as `app.views.days` writes them."""
    spans = [ChoiceView(word, text) for word, (text, _) in SPANS.items()]
    return Filter(key, title, "time", lambda value: within_time(column, value), spans)


def since_id(key: str, title: str, column: SQLColumnExpression[Any]) -> Filter:
    """Return the same for a column of UUIDs of version 7, which follow time."""
    return replace(since(key, title, column), where=partial(_between, column, first_id_of))


def within_time(column: SQLColumnExpression[Any], value: str) -> ColumnElement[bool]:
    """Return the condition that `column` lies in the span or on the days. Raises BadInput."""
    return _between(column, _itself, value)


def _itself(at: datetime) -> datetime:
    return at


def _between(
    column: SQLColumnExpression[Any], as_kept: Callable[[datetime], Any], value: str
) -> ColumnElement[bool]:
    if value in SPANS:
        return column >= as_kept(now() - SPANS[value][1])
    days = Days.parse(value)
    try:
        bounds = [
            *([column >= as_kept(_midnight(days.first))] if days.first else []),
            *([column < as_kept(_midnight(days.last) + timedelta(days=1))] if days.last else []),
        ]
    except (ValueError, OverflowError):
        raise BadInput(f"Nothing is kept of “{value[:40]}”.") from None
    return and_(*bounds)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def listed_by(
    key: str,
    title: str,
    choices: Choices | Callable[[Work], Choices],
    holds: Callable[[Any, str], bool],
) -> Filter:
    """Return a filter of a list that is not in a table: the rows for which the value `holds`."""

    def where(value: str) -> Callable[[Any], bool]:
        return partial(_holds, holds, value)

    return Filter(key, title, "choice", where, choices)


def _holds(holds: Callable[[Any, str], bool], value: str, row: AnyRow) -> bool:
    return holds(row, value)


def found_in(text: Callable[[Any], str]) -> Callable[[str], Callable[[Any], bool]]:
    """Return how a list that is not in a table is searched: in a text of each row, in any case."""

    def search(words: str) -> Callable[[Any], bool]:
        return partial(_has_words, text, words.lower())

    return search


def _has_words(text: Callable[[Any], str], words: str, row: AnyRow) -> bool:
    return words in text(row).lower()
