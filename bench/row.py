"""One line of the bench's table."""

from __future__ import annotations

from typing import TypedDict


class Row(TypedDict):
    """A figure of ours beside the floor or peer that was measured in the same run.

    `ratio` is ours to the floor, better the nearer it is to 1 (or beyond, where more is better);
    `goal` says in words what is asked of it, `met` whether it holds.
    """

    what: str
    size: int
    ours: float
    floor: float
    unit: str
    ratio: float
    goal: str
    met: bool


def compared(
    what: str,
    size: int,
    ours: float,
    floor: float,
    unit: str,
    *,
    goal: str = "shown",
    met: bool = True,
) -> Row:
    """Return the line of `ours` beside `floor`, both in `unit`; 0 is no floor."""
    return Row(
        what=what,
        size=size,
        ours=ours,
        floor=floor,
        unit=unit,
        ratio=ours / floor if floor else 0.0,
        goal=goal,
        met=met,
    )
