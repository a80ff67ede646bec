"""What runs for each page: it is ended when it takes too long, or when its page is left.

Reflex ends what a page has loaded with. What a client starts by itself, and a handler that never
comes to an end, are ended here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final

import reflex as rx
from reflex.event import Event

from app.errors import AppError, TooMany
from app.services.audit import failed

if TYPE_CHECKING:
    from reflex_base.event.context import EventContext

# Longer than any statement may take (`app.db`), so that the reason is told where there is one.
EVENT_SECONDS: Final = 30.0
# A page has a handful of background events, one for each thing that it watches.
MOST_IN_BACKGROUND: Final = 30

log = logging.getLogger(__name__)


class Running:
    """The events that run in this process."""

    def __init__(self, *, seconds: float = EVENT_SECONDS) -> None:
        """Let an event that is not in the background take so many `seconds`."""
        self._seconds = seconds
        self._in_background: defaultdict[str, set[asyncio.Task[object]]] = defaultdict(set)
        self._told: set[asyncio.Task[None]] = set()

    def begin(self, name: str, context: EventContext, *, in_background: bool) -> None:
        """Watch over the event whose task this is. Raises TooMany where too many run."""
        task = asyncio.current_task()
        if task is None:
            return
        task.add_done_callback(partial(_note_failure, name))
        if in_background:
            self._begin_in_background(task, context.token)
        else:
            end = partial(self._end, name, task, context)
            timer = asyncio.get_running_loop().call_later(self._seconds, end)
            task.add_done_callback(lambda _: timer.cancel())

    def leave(self, token: str) -> None:
        """End what runs in the background of a page that nobody looks at any more."""
        for task in self._in_background.get(token, set()).copy():
            task.cancel()

    def _begin_in_background(self, task: asyncio.Task[object], token: str) -> None:
        running = self._in_background[token]
        if len(running) >= MOST_IN_BACKGROUND:
            raise TooMany("Too much runs on this page; load it again.", seconds=1)
        running.add(task)
        task.add_done_callback(partial(self._ended, token))

    def _ended(self, token: str, task: asyncio.Task[object]) -> None:
        running = self._in_background[token]
        running.discard(task)
        if not running:
            del self._in_background[token]

    def _end(self, name: str, task: asyncio.Task[object], context: EventContext) -> None:
        log.error("Ended %s: it took longer than %g s", name, self._seconds)
        task.cancel()
        sentence = "That took too long and was stopped. Try again in a moment."
        (toast,) = Event.from_event_type(rx.toast.error(sentence))
        telling = asyncio.get_running_loop().create_task(context.emit_event(toast))
        self._told.add(telling)
        telling.add_done_callback(self._told.discard)


def _note_failure(name: str, task: asyncio.Task[object]) -> None:
    problem = None if task.cancelled() else task.exception()
    if problem is not None and not isinstance(problem, AppError):
        failed(kind="event", id=name, problem=problem)


# The web process has one; `state.connections` tells it which pages were left.
running: Final = Running()
