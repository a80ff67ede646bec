"""What the frame of every page shows and follows: the basket's badge, the bar of maintenance."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import reflex as rx

from app import flag_cache
from app.errors import AppError
from app.flag_cache import is_on
from app.flags import READ_ONLY
from app.services import ordering
from state.guard import public
from state.live import hub
from state.session import viewer
from state.together import look

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# This process goes by other flags than before; of this process alone.
FLAGS_KNOWN: Final = "flags-known"


@asynccontextmanager
async def following_flags() -> AsyncGenerator[None]:
    """Wake open pages when flags change, for as long as the program runs.

    When this process has read them: what is announced to all may come before that.
    """
    loop = asyncio.get_running_loop()

    def tell() -> None:
        # A loop that has ended in this moment shows no page any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(hub.wake, [FLAGS_KNOWN])

    with flag_cache.telling(tell):
        yield


class FrameState(rx.State):
    """How many lines the basket has, and whether changes are paused."""

    basket_lines: int = 0
    is_read_only: bool = False

    @rx.event(background=True)
    @public
    async def watch(self) -> None:
        """Follow both; an `on_load` handler of every page."""
        person = viewer()
        topics = [FLAGS_KNOWN] + ([f"basket:{person.person_id}"] if person else [])
        lines = self.basket_lines if person else 0
        async with hub.watching(*topics) as changes:
            async for _ in changes:
                if person:
                    # Else the badge stays as it was: the page itself says what does not answer.
                    with suppress(AppError):
                        lines = await look(ordering.basket_count, person_id=person.person_id)
                if changes.are_news(shown := (lines, is_on(READ_ONLY))):
                    async with self:
                        self.basket_lines, self.is_read_only = shown
