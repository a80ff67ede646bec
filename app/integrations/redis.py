"""Connections to Redis (or Valkey): one pool per process and URL, quick to give up."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import redis
import redis.asyncio
import redis.exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.config import settings
from app.errors import Misconfigured

# A page must not wait for a cache that is gone.
CONNECT_TIMEOUT_SECONDS = 0.5
ANSWER_TIMEOUT_SECONDS = 2.0

RedisError = redis.RedisError
NoScriptError = redis.exceptions.NoScriptError


def redis_url() -> str:
    """Return the URL of the cache. Raises Misconfigured where there is none."""
    url = settings().redis_url
    if url is None:
        raise Misconfigured(
            "No Redis is running: start the program with `make up`, or set REDIS_URL."
        )
    return url.get_secret_value()


def queue_url() -> str:
    """Return the URL of the Redis that holds the queues."""
    url = settings().queue_url
    return url.get_secret_value() if url else redis_url()


@lru_cache(maxsize=4)
def client_of(url: str, *, answer_seconds: float, retries: int = 0) -> redis.Redis:
    """Return the client of this process for `url`, which waits so long for each answer.

    It asks at once again so many times where a connection turns out to have been lost.
    """
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), retries=retries),
    )


def cache_client() -> redis.Redis:
    """Return the client of the cache; its answers are bytes."""
    return client_of(redis_url(), answer_seconds=ANSWER_TIMEOUT_SECONDS)


def ping() -> None:
    """Return when the cache answers. Raises RedisError where it does not."""
    cache_client().ping()  # pyright: ignore[reportUnknownMemberType] - typed for both kinds of client


def eviction_policy() -> str | None:
    """Return what Redis does when its memory is full, None where it does not tell."""
    client = cache_client()
    try:
        answer = client.config_get("maxmemory-policy")
    except redis.ResponseError:  # services that are run by others often forbid the question
        client.ping()  # pyright: ignore[reportUnknownMemberType] - typed for both kinds of client
        return None
    return cast("dict[str, str]", answer).get("maxmemory-policy")


def limiter_client() -> redis.asyncio.Redis:
    """Return a new asynchronous client whose answers are waited for no longer than a cache's."""
    return redis.asyncio.Redis.from_url(
        redis_url(),
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def subscriber() -> redis.asyncio.Redis:
    """Return a new asynchronous client that may wait for messages as long as it likes."""
    return redis.asyncio.Redis.from_url(
        redis_url(), socket_connect_timeout=CONNECT_TIMEOUT_SECONDS, socket_keepalive=True
    )
