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
