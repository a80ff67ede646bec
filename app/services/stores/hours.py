"""Whether a store is open at a moment, from the texts that its feed has and its own time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

if TYPE_CHECKING:
    from app.views.stores import StoreCard

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = 24 * 60
NOON: Final = 12 * 60
_CLOSED = re.compile(r"(?:closed|off|-|–|—)\.?", re.IGNORECASE)  # noqa: RUF001 - as feeds write it
_ALWAYS = re.compile(r"(?:open )?24 ?(?:hours|hrs|h)|24/7|open all day", re.IGNORECASE)
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to|until)\s*{_TIME}", re.IGNORECASE)  # noqa: RUF001 - the same


class Open(StrEnum):
    """Whether a store is open; unknown where its hours or its time zone cannot be told."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute of a day to another, the latter after midnight where it is above 1440."""

    start: int
    end: int


def open_at(store: StoreCard, moment: datetime) -> Open:
    """Tell whether a store is open at `moment`, a time of any zone."""
    zone = time_zone_of(store.time_zone, store.country, moment)
    if zone is None or not store.opening_hours:
        return Open.UNKNOWN
    there = moment.astimezone(zone)
    minute = there.hour * 60 + there.minute
    today = _spans_on(store, there.weekday())
    yesterday = _spans_on(store, (there - timedelta(days=1)).weekday())
    running = [*(today or ()), *(Span(s.start - DAY, s.end - DAY) for s in yesterday or ())]
    if any(span.start <= minute < span.end for span in running):
        return Open.OPEN
    return Open.UNKNOWN if today is None else Open.CLOSED


def _spans_on(store: StoreCard, weekday: int) -> tuple[Span, ...] | None:
    """Return the spans of a day; a day that a feed leaves out, while it has others, is closed."""
    hours = store.opening_hours
    if not any(day in hours for day in WEEKDAYS):
        return None
    return spans_of(hours.get(WEEKDAYS[weekday], "closed"))


@lru_cache(maxsize=4096)
def spans_of(text: str) -> tuple[Span, ...] | None:
    """Return what a text such as "9-12, 13-17:30" says, None where that cannot be told."""
    text = text.strip()
    if _CLOSED.fullmatch(text):
        return ()
    if _ALWAYS.fullmatch(text):
        return (Span(0, DAY),)
    found = tuple(map(_span, text.split(","))) if "," in text else (_span(text),)
    known = tuple(span for span in found if span is not None)
    return known if len(known) == len(found) else None


def _span(text: str) -> Span | None:
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    first = _minute(match[1], match[2], match[3])
    last = _minute(match[4], match[5], match[6])
    if first is None or last is None:
        return None
    # "10-9:30" is on a clock of twelve hours: till half past nine in the evening. "22:00-06:00"
    # and "10:00-02:00" are on one of twenty-four, and end the next day.
    names_halves = bool(match[3] or match[6])
    is_padded = match[1].startswith("0") or match[4].startswith("0")
    if last <= first and not names_halves and not is_padded and last <= NOON and first <= NOON:
        last += NOON
    return Span(first, last if last > first else last + DAY)


def _minute(hour: str, minute: str | None, half: str | None) -> int | None:
    """Return the minute of the day, None where there is none such."""
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:  # noqa: PLR2004 - a clock with halves of the day
            return None
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    found = hours * 60 + minutes
    return found if minutes < 60 and found <= DAY else None  # noqa: PLR2004 - minutes of an hour


def time_zone_of(name: str | None, country: str, moment: datetime) -> ZoneInfo | None:
    """Return a store's time zone: the feed's own, or the one that all of its country agrees on."""
    try:
        if name:
            return ZoneInfo(name)
        zones = [ZoneInfo(one) for one in _zones_of(country)]
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return zones[0] if len({moment.astimezone(zone).utcoffset() for zone in zones}) == 1 else None


@lru_cache(maxsize=256)
def _zones_of(country: str) -> tuple[str, ...]:
    zones = get_global("zone_territories")
    return tuple(name for name, territory in zones.items() if territory == country)
