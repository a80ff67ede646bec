"""Announcements over a real Redis: heard by every hub, also after the connection was lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from app.integrations import live
from app.work import open_work
from state.live import Hub
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis import Redis

    from state.live import Changes

PATIENCE_SECONDS = 60
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


async def told(hub: Hub, *pages: Changes) -> None:
    """Wait until a hub is told of what changes, and pass over the looks that are due until then."""
    await asyncio.to_thread(wait_until, lambda: hub.is_told, "the hub is told of changes")
    for changes in pages:
        while changes._changed.is_set():  # noqa: SLF001 - that a look is due has no public name
            await look(changes)


def listeners(redis: Redis) -> int:
    """Return how many hubs hear the channel."""
    heard: Any = redis.pubsub_numsub(live.CHANNEL)
    return dict(heard)[live.CHANNEL.encode()]


async def test_a_commit_wakes_the_pages_of_every_process(redis: Redis, database: None) -> None:  # noqa: ARG001 - the work commits to it
    async with (
        a_hub() as one,
        a_hub() as two,
        one.watching("order:1") as here,
        two.watching("order:1") as there,
    ):
        await told(one, here)
        await told(two, there)
        assert listeners(redis) == 2
        with open_work() as work:
            work.touch("order:1")
        await look(here)
        await look(there)


async def test_a_rollback_wakes_nobody(redis: Redis, database: None) -> None:  # noqa: ARG001 - the work ends on it
    async with a_hub() as hub, hub.watching("order:1", "order:2") as changes:
        heard: list[frozenset[str]] = []
        hub.hears(heard.append)
        await told(hub, changes)
        with suppress(LookupError), open_work() as work:
            work.touch("order:1")
            raise LookupError
        live.announce(["order:2"])
        await look(changes)
        # Announcements are heard in their order: there was none before this one.
        assert heard == [frozenset({"order:2"})]


async def test_a_page_looks_again_after_the_connection_was_lost(redis: Redis) -> None:
    async with a_hub() as hub, hub.watching("order:1") as changes:
        await told(hub, changes)
        clients: Any = redis.client_list(_type="pubsub")
        for client in clients:
            redis.client_kill_filter(_id=client["id"])
        # Announced while nobody hears it: the page must find it by itself.
        live.announce(["order:1"])
        await look(changes)
        await told(hub, changes)
        live.announce(["order:1"])
        await look(changes)


async def test_a_hub_that_ends_leaves_no_subscription(redis: Redis) -> None:
    async with a_hub() as hub:
        await told(hub)
        assert listeners(redis) == 1
    is_over = partial(wait_until, lambda: not listeners(redis), "the subscription is over")
    await asyncio.to_thread(is_over)
