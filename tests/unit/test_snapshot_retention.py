"""Which snapshots are kept for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.snapshots.retention import RECENT, reasons

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEEP_ALL = timedelta(days=14)


def kept(*days_ago: float) -> list[str]:
    """Return why snapshots of so many days ago, oldest first, are kept."""
    taken = sorted(NOW - timedelta(days=days) for days in days_ago)
    return reasons(taken, at=NOW, keep_all=KEEP_ALL)


def test_recent_ones_are_all_kept() -> None:
    assert kept(0, 0.01, 0.02, 13.9) == [RECENT] * 4


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ((20.3, 20.2, 20.1), ["", "", "last of 2026-10-31"]),
        ((104.2, 99.2, 98.2), ["last of 2026 week 32", "", "last of 2026 week 33"]),
        ((400.1, 396, 395), ["", "", "last of 2025-10"]),
        # A Saturday in February and the Sunday after it, in March.
        ((265, 264), ["last of 2026 week 09", "last of 2026 week 09"]),
    ],
)
def test_older_ones_thin_out(days_ago: tuple[float, ...], expected: list[str]) -> None:
    assert kept(*days_ago) == expected


@given(st.lists(st.floats(0, 900), min_size=1, max_size=60))
def test_no_month_is_left_without_one(days_ago: list[float]) -> None:
    taken = sorted(NOW - timedelta(days=days) for days in days_ago)
    why = reasons(taken, at=NOW, keep_all=KEEP_ALL)
    months = {f"{moment:%Y-%m}" for moment in taken}
    assert {
        f"{moment:%Y-%m}" for moment, reason in zip(taken, why, strict=True) if reason
    } == months


@given(st.lists(st.floats(0, 900), min_size=1, max_size=60), st.floats(0, 400))
def test_what_went_would_not_be_kept_later(days_ago: list[float], later: float) -> None:
    """Whoever deletes today and thins out again later keeps something of every month still."""
    taken = sorted(NOW - timedelta(days=days) for days in days_ago)
    why = reasons(taken, at=NOW, keep_all=KEEP_ALL)
    left = [moment for moment, reason in zip(taken, why, strict=True) if reason]
    then = reasons(left, at=NOW + timedelta(days=later), keep_all=KEEP_ALL)
    assert {f"{moment:%Y-%m}" for moment, reason in zip(left, then, strict=True) if reason} == {
        f"{moment:%Y-%m}" for moment in taken
    }
