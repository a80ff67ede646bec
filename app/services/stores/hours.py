"""Whether a store is open at a moment, from the texts that its feed has and its own time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from app.views.stores import WEEKDAYS, Open, Opening

if TYPE_CHECKING:
    from app.views.stores import StoreCard

DAY: Final = 24 * 60
WEEK: Final = 7
NOON: Final = 12 * 60
_CLOSED = re.compile(r"(?:closed|off|-|–|—)\.?", re.IGNORECASE)  # noqa: RUF001 - as feeds write it
_ALWAYS = re.compile(r"(?:open )?24 ?(?:hours|hrs|h)|24/7|open all day", re.IGNORECASE)
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(a\.?m\.?|p\.?m\.?)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to|until)\s*{_TIME}", re.IGNORECASE)  # noqa: RUF001 - the same


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute of a day to another, the latter after midnight where it is above 1440."""

    start: int
    end: int


def opening_of(store: StoreCard, moment: datetime) -> Opening:
    """Tell whether a store is open at `moment`, a time of any zone, and until when it stays so."""
    zone = time_zone_of(store, moment)
    if zone is None:
        return Opening(Open.UNKNOWN)
    there = moment.astimezone(zone)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    # From yesterday, whose evening may last until today, to the same day of the next week.
    days = [
        _spans_on(store, (there + timedelta(days=ahead)).weekday()) for ahead in range(-1, WEEK + 1)
    ]
    spans = sorted(
        (span.start + ahead * DAY, span.end + ahead * DAY)
        for ahead, day in enumerate(days, -1)
        for span in day or ()
    )
    minute = end = there.hour * 60 + there.minute
    for first, last in spans:
        if first <= end < last:
            end = last
    if end > minute:
        closes = midnight + timedelta(minutes=end) if end < WEEK * DAY else None
        return Opening(Open.OPEN, there, closes)
    if days[1] is None:
        return Opening(Open.UNKNOWN, there)
    opens = next((first for first, _ in spans if first > minute), None)
    if opens is None or None in days[1 : opens // DAY + 1]:
        return Opening(Open.CLOSED, there)
    return Opening(Open.CLOSED, there, midnight + timedelta(minutes=opens))


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


def time_zone_of(store: StoreCard, moment: datetime) -> ZoneInfo | None:
    """Return a store's time zone: its feed's, the one all of its country has, or that of its place.

    Looked up each time: it takes microseconds, and a store that is moved needs nothing more.
    """
    try:
        if store.time_zone:
            return ZoneInfo(store.time_zone)
        zones = [ZoneInfo(one) for one in _zones_of(store.country)]
        if len({moment.astimezone(zone).utcoffset() for zone in zones}) == 1:
            return zones[0]
        if store.latitude is None or store.longitude is None:
            return None
        return ZoneInfo(_zone_at(store.latitude, store.longitude))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=256)
def _zones_of(country: str) -> tuple[str, ...]:
    zones = get_global("zone_territories")
    return tuple(name for name, territory in zones.items() if territory == country)


def _zone_at(latitude: float, longitude: float) -> str:
    # The map of all time zones takes 35 MB: only where a store stands in a country of several.
    from tzfpy import get_tz  # noqa: PLC0415 - the reason is above

    return get_tz(longitude, latitude)
