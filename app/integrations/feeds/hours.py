"""Opening hours as feeds have them, sorted by weekday where that can be told."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from app.integrations.feeds.values import line
from app.views.stores import WEEKDAYS

# What is said of all days together, where single ones cannot be told apart.
ALL_DAYS: Final = "text"
CLOSED: Final = "closed"

_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = {
    **{name[:letters]: day for letters in (2, 3) for day, name in enumerate(_FULL)},
    **{name: day for day, name in enumerate(_FULL)},
    "tues": 1, "weds": 2, "thur": 3, "thurs": 3,
}  # fmt: skip
_DAY = r"\b(?:" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")\b\.?"
_DASH = r"(?:-|–|—|\bto\b)"  # noqa: RUF001 - as people write a span
_SPAN = rf"{_DAY}(?:\s*{_DASH}\s*{_DAY})?"
_PART = re.compile(
    rf"(?P<days>{_SPAN}(?:\s*(?:,|&|/|\band\b)\s*{_SPAN})*)\s*:?(?P<hours>(?:(?!{_DAY}).)*)",
    re.IGNORECASE,
)
_DAILY = re.compile(r"(?:daily|every ?day|all days)\b\s*:?\s*(.+)", re.IGNORECASE)
_ALWAYS = re.compile(r"24\s*/\s*7|(?:always )?open 24 hours|24 hours", re.IGNORECASE)


def hours_by_day(value: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    """Return texts by `mon` … `sun`, or one text by `text`; empty where nothing is said.

    A value is an object by weekday, a list of `{day, hours}`, a list of texts or one text. What
    has another shape says nothing that people could read, and is left out.
    """
    if type(value) is list and all(type(entry) is str for entry in value):
        value = "; ".join(value)
    if type(value) is str:
        return _from_text(line(value, "opening_hours") or "")
    if type(value) is list:
        value = [entry for entry in value if type(entry) is dict]
        entries = [(entry.get("day"), entry.get("hours")) for entry in value]
    else:
        entries = list(value.items()) if type(value) is dict else []
    found: dict[int, str] = {}
    for days, hours in entries:
        text = hours if type(hours) is str else CLOSED if hours is None else None
        for day in _days_of(str(days)) if text is not None else ():
            found[day] = line(text, "opening_hours") or CLOSED
    return _in_order(found)


def _from_text(text: str) -> dict[str, str]:
    if not text:
        return {}
    if _ALWAYS.fullmatch(text):
        return dict.fromkeys(WEEKDAYS, "24 hours")
    if daily := _DAILY.fullmatch(text):
        return dict.fromkeys(WEEKDAYS, daily[1])
    found: dict[int, str] = {}
    at = 0
    for part in _PART.finditer(text):
        hours = part["hours"].strip(" ;,|.")
        if part.start() != at or not hours:
            return {ALL_DAYS: text}
        at = part.end()
        found |= dict.fromkeys(_days_of(part["days"]), hours)
    return _in_order(found) if found else {ALL_DAYS: text}


def _days_of(text: str) -> list[int]:
    """Return the days that a text such as "Mon-Wed, Sat" names, Monday as 0."""
    words = re.findall(rf"{_DAY}|{_DASH}", text, re.IGNORECASE)
    named = [_DAYS.get(word.lower().rstrip(".")) for word in words]
    found = [day for day in named if day is not None]
    for place, (first, word) in enumerate(pairwise(named)):
        last = named[place + 2] if place + 2 < len(named) else None
        if word is None and first is not None and last is not None:
            found += [(first + step) % 7 for step in range((last - first) % 7)]
    return sorted(set(found))


def _in_order(found: dict[int, str]) -> dict[str, str]:
    return {WEEKDAYS[day]: found[day] for day in sorted(found)}
