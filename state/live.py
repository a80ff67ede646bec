"""What wakes an open page: one subscription per web process, and who waits for which topic.

A page waits in an `on_load` background handler. Reflex cancels that handler when the visitor
navigates away or closes the tab, which leaves the block of `watching` and takes the waiter out.

    async with hub.watching(f"order:{number}") as changes:
        async for _ in changes:
            order = await look(find_order, viewer=signed_in(), number=number)
            if changes.are_news(order):
                async with self:
                    self.order = order
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections import defaultdict
from contextlib import aclosing, asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

from app.errors import AppError, Unavailable
from app.integrations import live
from app.services.accounts import RIGHTS
from state.rights import OpenSessions, open_sessions
from state.session import still_allowed, viewer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

# A page looks again after this long in any case: it finds what an announcement failed to tell,
# and that the visitor's session has ended.
SAFETY_NET_SECONDS = 30.0
# Topics look by themselves in so many groups: not all at once, and those of a group together.
SAFETY_NET_GROUPS = 30
# A page that is told many times in a row looks again at most this often.
LEAST_PAUSE_SECONDS = 0.02
# Pages that look at the same time; the others follow. What a visitor does meanwhile takes its turn
# among so many, however many pages one commit has woken.
LOOKING_AT_ONCE = 32
FIRST_RETRY_SECONDS = 0.25
LONGEST_RETRY_SECONDS = 10.0

log = logging.getLogger(__name__)

_NOTHING = object()


class Changes:
    """Iterates once at the start and then once per change; changes in between become one.

    It ends when the rights of whoever looks are others than before, which is asked anew for each
    change.
    """

    def __init__(self, *, turns: asyncio.Semaphore, allowed: Callable[[], Awaitable[bool]]) -> None:
        """Look when there is a turn of `turns`; `allowed` tells whether to go on."""
        self._allowed = allowed
        self._turns = turns
        self._has_turn = False
        self._changed = asyncio.Event()
        self._changed.set()
        self._woken_at = 0.0
        self._shown: object = _NOTHING

    def wake(self) -> None:
        """Say that there is something new to look at."""
        self._changed.set()

    def are_news(self, found: object) -> bool:
        """Tell whether `found` is anything else than what this page was last given to show."""
        is_new = found != self._shown
        self._shown = found
        return is_new

    def rest(self) -> None:
        """Let another page look: this one has done so, or has left."""
        if self._has_turn:
            self._has_turn = False
            self._turns.release()

    def __aiter__(self) -> Changes:
        """Return itself."""
        return self

    async def __anext__(self) -> None:
        """Return when there is something to look at, and this page's turn."""
        self.rest()
        await self._changed.wait()
        pause = self._woken_at + LEAST_PAUSE_SECONDS - monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        await self._turns.acquire()
        self._has_turn = True
        # Cleared before the page looks: what changes while it looks wakes it again.
        self._changed.clear()
        is_first, self._woken_at = not self._woken_at, monotonic()
        if not is_first and not await self._may_go_on():
            raise StopAsyncIteration

    async def _may_go_on(self) -> bool:
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                return await self._allowed()
            except Unavailable:
                # Nobody can be asked now: show nothing new, and do not give up either.
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY_SECONDS)


class Hub:
    """The waiters of one web process, by topic."""

    def __init__(
        self,
        *,
        safety_net: float = SAFETY_NET_SECONDS,
        allowed: Callable[[], Awaitable[bool]] = still_allowed,
        sessions: OpenSessions = open_sessions,
    ) -> None:
        """Start without waiters; `listen` feeds it, and each topic wakes by itself in between."""
        self._allowed = allowed
        self._sessions = sessions
        self._waiters: defaultdict[str, set[Changes]] = defaultdict(set)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._turns = asyncio.Semaphore(LOOKING_AT_ONCE)
        self._safety_net = safety_net
        self._warned = False
        self._hears: list[Callable[[frozenset[str]], None]] = []
        self._is_told = False

    @property
    def is_told(self) -> bool:
        """Whether the subscription stands: what is announced now reaches this process."""
        return self._is_told

    def hears(self, hear: Callable[[frozenset[str]], None]) -> None:
        """Have `hear` called with all topics of each announcement, before any page is woken."""
        self._hears.append(hear)

    @property
    def topics(self) -> frozenset[str]:
        """The topics somebody waits for now."""
        return frozenset(self._waiters)

    @asynccontextmanager
    async def watching(self, *topics: str) -> AsyncIterator[Changes]:
        """Wait for changes of any of `topics` for as long as the block lasts.

        Whoever is signed in is woken also when their session ends or their rights change.
        """
        changes = Changes(turns=self._turns, allowed=self._allowed)
        for topic in topics:
            self._waiters[topic].add(changes)
            if topic not in self._timers:
                self._wake_later(topic, self._safety_net * random.uniform(0.2, 1.0))
        try:
            with self._sessions.following(viewer(), changes.wake):
                yield changes
        finally:
            changes.rest()
            for topic in topics:
                self._waiters[topic].discard(changes)
                if not self._waiters[topic]:
                    del self._waiters[topic]
                    self._timers.pop(topic).cancel()

    def _wake_later(self, topic: str, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        group = self._safety_net / SAFETY_NET_GROUPS
        at = math.ceil((loop.time() + seconds) / group) * group
        self._timers[topic] = loop.call_at(at, self._wake_by_itself, topic)

    def _wake_by_itself(self, topic: str) -> None:
        self._wake_later(topic, self._safety_net - self._safety_net / SAFETY_NET_GROUPS)
        self.wake([topic])

    def wake(self, topics: Iterable[str]) -> None:
        """Wake whoever waits for one of `topics`."""
        for topic in topics:
            for changes in self._waiters.get(topic, ()):
                changes.wake()

    def wake_everybody(self) -> None:
        """Let every page look again, because announcements may have been missed."""
        self.wake(self.topics)

    async def listen(self) -> None:
        """Feed the hub from Redis until cancelled; the one subscription of this process.

        Without Redis the pages still work and look again by the safety net; this keeps trying.
        """
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                async with aclosing(live.announcements()) as announcements:
                    async for topics in announcements:
                        pause = FIRST_RETRY_SECONDS
                        self._hear(topics)
            except AppError as problem:
                self._warn_once(problem)
            finally:
                self._is_told = False
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    def _hear(self, topics: frozenset[str] | None) -> None:
        """Pass topics on; None is the start of a subscription, before which nothing was heard."""
        if topics is None or RIGHTS in topics:
            self._sessions.look_soon()
        if topics is not None:
            for hear in self._hears:
                hear(topics)
            self.wake(topics)
            return
        self._is_told = True
        if self._warned:
            log.info("Open pages are told of changes again.")
            self._warned = False
        self.wake_everybody()

    def _warn_once(self, problem: AppError) -> None:
        if not self._warned:
            log.warning("Open pages change late until Redis is back: %s", problem.sentence)
            self._warned = True


# The web process has one; `app.app` runs `hub.listen` as long as the process lives.
hub = Hub()
