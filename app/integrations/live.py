"""Telling other processes that something on an open page has changed.

Only topics travel, never contents: whoever is told reads the database under the rights of the one
who looks. Topics: `order:<number>`, `orders:<person id>`, `orders:all`, `basket:<person id>`,
`feeds`, `catalogue`, `mailbox`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.errors import Unavailable
from app.integrations.redis import RedisError, cache_client, subscriber

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

CHANNEL = "live"

# A connection that died without a word is found out after at most twice this time.
HEARTBEAT_SECONDS = 10.0

log = logging.getLogger(__name__)


def announce(topics: Iterable[str]) -> None:
    """Publish `topics` to every process. A Redis that is away only delays open pages."""
    try:
        cache_client().publish(CHANNEL, "\n".join(sorted(topics)))
    except RedisError as problem:
        log.warning("Open pages were not told of a change: %s", problem)


async def announcements() -> AsyncGenerator[frozenset[str] | None, None]:
    """Yield the topics of each announcement of any process, in the order they were made.

    Yields None whenever the subscription begins, also again: whatever was announced before that
    moment was not heard. Raises Unavailable when Redis cannot be reached or the connection is
    lost, and Misconfigured where no Redis is set.
    """
    client = subscriber()
    try:
        async with client.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            silent = 0
            while True:
                message = await subscription.get_message(timeout=HEARTBEAT_SECONDS)
                if message is None:
                    silent += 1
                    if silent > 1:
                        raise Unavailable("Redis does not answer on the live channel.")
                    await subscription.ping()
                    continue
                silent = 0
                if message["type"] == "subscribe":
                    yield None
                elif message["type"] == "message":
                    yield frozenset(message["data"].decode().split("\n"))
    except (RedisError, OSError) as problem:
        raise Unavailable(f"The live channel was lost: {problem}") from problem
    finally:
        await client.aclose()
