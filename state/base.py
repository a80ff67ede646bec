"""What every State shares: calling a service without stopping the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from app.work import reading, within
from state.turns import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    from app.work import Work

    P = ParamSpec("P")

R = TypeVar("R")
# A bigint has no more, and Python reads no number that is very much longer.
_MOST_FIGURES = 19


async def in_work(
    use_case: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run one use case in one transaction, in a worker thread."""
    return await in_thread(lambda: within(use_case, *args, **kwargs))


async def in_reading(
    query: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run one query in a read-only transaction, in a worker thread."""
    return await in_thread(lambda: reading(query, *args, **kwargs))


def whole_number(word: str) -> int | None:
    """Return the number that somebody wrote in figures, None where it is none or too long for one.

    It may still lie a little beyond what the database can hold.
    """
    is_number = word.isascii() and word.isdigit() and len(word) <= _MOST_FIGURES
    return int(word) if is_number else None


def as_said(text: str) -> str:
    """Return somebody else's words as a toast may repeat them.

    Reflex takes this mark, wherever it stands in a text, for one of its own vars and looks it up.
    """
    return text.replace("<reflex.Var>", "")
