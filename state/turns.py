"""Turns at the worker threads: one visitor has a few of them at once, and never all.

The threads of a process are shared. Without turns, what one visitor asks for would stand in line
before what everybody else asks for.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

# A page loads its parts side by side; a small machine has half a dozen threads.
THREADS_OF_A_VISITOR: Final = 3

# Who sent the event that runs now, "" for nobody in particular. Set by the doorkeeper.
_visitor: ContextVar[str] = ContextVar("visitor", default="")


def set_visitor(visitor: str) -> None:
    """Say whose turns are taken for the rest of this event; for the doorkeeper only."""
    _visitor.set(visitor)


class Turns:
    """Gives each visitor a few turns at once; those who wait stand in their own line."""

    def __init__(self, at_once: int) -> None:
        """Give each `at_once` turns."""
        self._at_once = at_once
        self._lines: dict[str, asyncio.Semaphore] = {}
        self._standing: Counter[str] = Counter()

    @property
    def visitors(self) -> int:
        """How many visitors have a turn or wait for one."""
        return len(self._lines)

    async def run(self, visitor: str, call: Callable[[], R]) -> R:
        """Return what `call` returns, from a worker thread, when it is the visitor's turn.

        The turn lasts until the thread is done with it, also when nobody waits for it any more.
        """
        if not visitor:
            return await asyncio.to_thread(call)
        self._standing[visitor] += 1
        line = self._lines.get(visitor)
        if line is None:
            line = self._lines[visitor] = asyncio.Semaphore(self._at_once)
        try:
            await line.acquire()
        except BaseException:
            self._leave(visitor)
            raise
        running = asyncio.create_task(asyncio.to_thread(call))

        def ended(task: asyncio.Task[R]) -> None:
            line.release()
            self._leave(visitor)
            if not task.cancelled():
                # Where nobody waits any more, nobody else would look at it.
                task.exception()

        running.add_done_callback(ended)
        return await asyncio.shield(running)

    def _leave(self, visitor: str) -> None:
        self._standing[visitor] -= 1
        if not self._standing[visitor]:
            del self._standing[visitor], self._lines[visitor]


_turns: Final = Turns(THREADS_OF_A_VISITOR)


async def in_thread(call: Callable[[], R]) -> R:
    """Run `call` in a worker thread, when it is the turn of who sent the event that runs now."""
    return await _turns.run(_visitor.get(), call)
