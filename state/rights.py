"""Whose pages are open here, and that they hear of it when their people's rights change.

A change is announced, but the announcement may be lost: so one statement for all sessions with an
open page looks after it every second as well. Two seconds are promised.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.errors import Unavailable
from app.services.accounts import rights_versions
from state.base import in_work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from app.views.accounts import Viewer

    Look = Callable[[Sequence[UUID]], Awaitable[dict[UUID, int]]]

LOOK_EVERY_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


async def _versions(session_ids: Sequence[UUID]) -> dict[UUID, int]:
    return await in_work(rights_versions, session_ids=session_ids)


class OpenSessions:
    """The sessions that somebody has a page open in, and what wakes what waits on those pages."""

    def __init__(self, *, look: Look = _versions, every: float = LOOK_EVERY_SECONDS) -> None:
        """Follow nobody; `keep_looking` asks `look` for the versions of sessions that run."""
        self._look = look
        self._every = every
        self._followed: defaultdict[UUID, list[tuple[int, Callable[[], None]]]] = defaultdict(list)
        self._soon: asyncio.Event | None = None

    @property
    def followed(self) -> frozenset[UUID]:
        """The sessions that have a page open now."""
        return frozenset(self._followed)

    @contextmanager
    def following(self, person: Viewer | None, wake: Callable[[], None]) -> Iterator[None]:
        """Call `wake` when the session of `person` ends or their rights become others.

        Again with every look, for as long as the block lasts.
        """
        if person is None:
            yield
            return
        followed = self._followed[person.session_id]
        followed.append(entry := (person.rights_version, wake))
        try:
            yield
        finally:
            followed.remove(entry)
            if not followed:
                del self._followed[person.session_id]

    def look_soon(self) -> None:
        """Say that somebody's rights have changed."""
        if self._soon is not None:
            self._soon.set()

    async def keep_looking(self) -> None:
        """Look whenever it is said, and every so many seconds, until cancelled."""
        self._soon = asyncio.Event()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._soon.wait()
            self._soon.clear()
            try:
                await self._wake_changed()
            except Unavailable as problem:
                # Nobody can be shown anything new now, either.
                log.warning("Could not look after the rights of open pages: %s", problem.sentence)
            except Exception:
                log.exception("Could not look after the rights of open pages")

    async def _wake_changed(self) -> None:
        if not self._followed:
            return
        versions = await self._look(list(self._followed))
        for session_id, followed in list(self._followed.items()):
            for version, wake in followed:
                if versions.get(session_id) != version:
                    wake()


# The web process has one; `app.app` runs `keep_looking` as long as the process lives.
open_sessions = OpenSessions()
