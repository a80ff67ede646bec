"""Whose session it is: asked of the database, and remembered for a moment where nothing changes.

Whoever may do less than before is announced after the commit (topic `rights`), which empties what
is remembered here. Nothing is remembered for longer than `MOMENT_SECONDS`, so that an announcement
that was lost delays a refusal by no more than that, and nothing at all while announcements are not
heard. What changes anything asks the database each time.
"""

from __future__ import annotations

from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from app.services.accounts import RIGHTS
from state.live import hub
from state.session import holder_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.views.accounts import Viewer
    from state.live import Hub

MOMENT_SECONDS: Final = 1.0


class _Known(NamedTuple):
    asked_at: float
    person: Viewer | None


class Holders:
    """Tells who holds a session."""

    def __init__(
        self, told_by: Hub, look: Callable[[UUID], Awaitable[Viewer | None]] = holder_of
    ) -> None:
        """Remember what `look` finds for as long as `told_by` hears of changes."""
        self._hub = told_by
        self._look = look
        self._known: dict[UUID, _Known] = {}
        # Counts what made everything forgotten: a look that had begun before may be out of date.
        self._forgotten = 0
        told_by.hears(self._hear)

    async def holder(self, session_id: UUID, *, now: bool) -> Viewer | None:
        """Return the person of a running session, None where it has ended.

        As it is `now`, or as it was within the last moment. Raises Unavailable where the database
        is needed and does not answer.
        """
        moment = monotonic()
        self._forget_before(moment - MOMENT_SECONDS)
        if not now and self._hub.is_told and (known := self._known.get(session_id)):
            return known.person
        forgotten = self._forgotten
        person = await self._look(session_id)
        if forgotten == self._forgotten:
            # At the end, also where it was known: they lie in the order in which they were asked.
            self._known.pop(session_id, None)
            self._known[session_id] = _Known(moment, person)
        return person

    def _hear(self, topics: frozenset[str]) -> None:
        if RIGHTS in topics:
            self._forgotten += 1
            self._known.clear()

    def _forget_before(self, moment: float) -> None:
        old = takewhile(lambda one: self._known[one].asked_at < moment, self._known)
        for session_id in list(old):
            del self._known[session_id]


# The web process has one.
holders: Final = Holders(hub)
