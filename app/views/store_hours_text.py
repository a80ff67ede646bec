"""Opening hours as text on screen, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from app.views import formatting
from app.views.stores import WEEKDAYS, Open

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.views.stores import Opening


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one weekday."""

    day: str
    hours: str
    is_today: bool


def opening_text(opening: Opening, locale: str) -> tuple[str, str]:
    """Say whether a store is open and until when, with the tone; "" where nobody can tell."""
    if opening.state is Open.UNKNOWN or opening.there is None:
        return "", "neutral"
    is_open = opening.state is Open.OPEN
    word, tone = ("Open", "good") if is_open else ("Closed", "neutral")
    if opening.until is None:
        return ("Open day and night" if is_open else word), tone
    time = formatting.clock_time(opening.until, locale)
    if opening.until.date() != opening.there.date():
        time = f"{formatting.weekday(opening.until.weekday(), locale)} {time}"
    return f"{word} until {time}", tone


def week_of(hours: Mapping[str, str], opening: Opening, locale: str) -> tuple[DayHours, ...]:
    """Return the hours of each weekday with today marked, none where days cannot be told apart."""
    if not any(day in hours for day in WEEKDAYS):
        return ()
    today = opening.there.weekday() if opening.there else None
    return tuple(
        DayHours(
            formatting.weekday(number, locale, long=True),
            hours.get(day, "closed").capitalize(),
            number == today,
        )
        for number, day in enumerate(WEEKDAYS)
    )


def hours_line(hours: Mapping[str, str], locale: str) -> str:
    """Return all hours in a line, days of the same together; "" where there are none."""
    if not any(day in hours for day in WEEKDAYS):
        return hours.get("text", "")
    parts: list[str] = []
    for told, days in groupby(range(7), lambda number: hours.get(WEEKDAYS[number], "closed")):
        run = [formatting.weekday(number, locale) for number in days]
        parts.append(f"{run[0]}–{run[-1]} {told}" if len(run) > 1 else f"{run[0]} {told}")  # noqa: RUF001 - a span
    return ", ".join(parts)
