"""Announcements over a real Redis: heard by every hub, also after the connection was lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from app.integrations import live
from app.work import open_work
from state.live import Hub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis import Redis

    from state.live import Changes

PATIENCE_SECONDS = 30
# Long enough that no look in these tests happens by the safety net.
NEVER = 3600.0


async def _yes() -> bool:
    return True


@asynccontextmanager
async def a_hub() -> AsyncIterator[Hub]:
    """Run a hub of its own, as each web process does."""
    hub = Hub(safety_net=NEVER, allowed=_yes)
    listening = asyncio.create_task(hub.listen())
    yield hub
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def look(changes: Changes) -> None:
    """Wait for the next look."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await anext(changes)


async def no_look(changes: Changes) -> None:
    """Pass over the looks that are due, until none has come for a while."""
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.3):
                await anext(changes)


async def subscribers(redis: Redis, count: int) -> None:
    """Wait until that many hubs hear the channel."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            heard: Any = redis.pubsub_numsub(live.CHANNEL)
            if dict(heard)[live.CHANNEL.encode()] == count:
                return
            await asyncio.sleep(0.01)


async def test_a_commit_wakes_the_pages_of_every_process(redis: Redis, database: None) -> None:  # noqa: ARG001 - the work commits to it
    async with (
        a_hub() as one,
        a_hub() as two,
        one.watching("order:1") as here,
        two.watching("order:1") as there,
    ):
        await subscribers(redis, 2)
        await no_look(here)
        await no_look(there)
        with open_work() as work:
            work.touch("order:1")
        await look(here)
        await look(there)


async def test_a_rollback_wakes_nobody(redis: Redis, database: None) -> None:  # noqa: ARG001 - the work ends on it
    async with a_hub() as hub, hub.watching("order:1", "order:2") as changes:
        await subscribers(redis, 1)
        await no_look(changes)
        with suppress(LookupError), open_work() as work:
            work.touch("order:1")
            raise LookupError
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(changes)
        live.announce(["order:2"])
        await look(changes)


async def test_a_page_looks_again_after_the_connection_was_lost(redis: Redis) -> None:
    async with a_hub() as hub, hub.watching("order:1") as changes:
        await subscribers(redis, 1)
        await no_look(changes)
        clients: Any = redis.client_list(_type="pubsub")
        for client in clients:
            redis.client_kill_filter(_id=client["id"])
        # Announced while nobody hears it: the page must find it by itself.
        live.announce(["order:1"])
        await look(changes)
        await subscribers(redis, 1)
        live.announce(["order:1"])
        await look(changes)


async def test_a_hub_that_ends_leaves_no_subscription(redis: Redis) -> None:
    async with a_hub():
        await subscribers(redis, 1)
    await subscribers(redis, 0)
