"""Days to narrow a list by, and their one written form: what stands in its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.errors import BadInput

_TO: Final = ".."
# Whoever types the year of a date field passes through the first centuries.
FIRST_DAY: Final = date(2000, 1, 1)
# Somewhere it is tomorrow already.
_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included; at most one of them is None, and open.

    One day is written 2026-11-20, several are 2026-11-01..2026-11-20, and with an open end
    2026-11-01.. or ..2026-11-20.
    """

    first: date | None
    last: date | None

    @classmethod
    def parse(cls, value: str) -> Days:
        """Read days. Raises BadInput for what is none, and where the last is before the first."""
        first, several, last = value.partition(_TO)
        try:
            days = cls(_day(first), _day(last if several else first))
        except ValueError:
            days = cls(None, None)
        if days.first is None and days.last is None:
            raise BadInput(
                f"“{value[:40]}” is no day; write 2026-11-20, or 2026-11-01..2026-11-20."
            )
        if days.first and days.last and days.last < days.first:
            raise BadInput(f"{days.last} comes before {days.first}.")
        return days

    @classmethod
    def between(cls, first: str, last: str) -> str:
        """Return the written form of days that were picked, "" where neither end was."""
        return first if first == last else f"{first}{_TO}{last}"

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends as a date field takes them, "" for an open one."""
        return str(self.first or ""), str(self.last or "")

    def __str__(self) -> str:
        """Return what a person reads."""
        first, last = self.ends
        if not first:
            return f"until {last}"
        if not last:
            return f"since {first}"
        return first if first == last else f"{first} to {last}"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def past_day(text: str) -> date | None:
    """Return a day that people can look back to, None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= datetime.now(UTC).date() + _AHEAD else None


def end_of(day: date) -> datetime:
    """Return the last moment of a day (UTC)."""
    return datetime.combine(day, time.max, UTC)
