"""What every State shares: calling a service without stopping the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from app.work import reading, within

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    from app.work import Work

    P = ParamSpec("P")

R = TypeVar("R")


async def in_work(
    use_case: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run one use case in one transaction, in a worker thread."""
    return await asyncio.to_thread(within, use_case, *args, **kwargs)


async def in_reading(
    query: Callable[Concatenate[Work, P], R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run one query in a read-only transaction, in a worker thread."""
    return await asyncio.to_thread(reading, query, *args, **kwargs)
