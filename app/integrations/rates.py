"""How often one person, one visitor and one network address may do something: token buckets.

A bucket is one number in Redis: the moment at which it is full again. It expires at that moment, so
Redis holds only what is being used, and one script reads and writes all buckets of a question in
one round trip.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1
from ipaddress import IPv6Address, IPv6Network
from time import monotonic
from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary

from app.config import settings
from app.errors import Misconfigured, TooMany, Unavailable
from app.integrations.redis import NoScriptError, RedisError, limiter_client

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

    from redis.asyncio import Redis


class Kind(StrEnum):
    """What is counted, each by itself."""

    READING = "reading"
    CHANGING = "changing"
    SEARCHING = "searching"
    SIGNING_IN = "signing-in"
    REQUEST = "request"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many each second after that."""

    burst: int
    per_second: float


# What a person does by hand stays far below; what a script does in a loop does not.
RATES: Final = {
    Kind.READING: Rate(120, 20),
    Kind.CHANGING: Rate(60, 5),
    Kind.SEARCHING: Rate(60, 10),
    Kind.SIGNING_IN: Rate(20, 0.2),
    Kind.REQUEST: Rate(600, 100),
    Kind.HEAVY: Rate(10, 0.1),
}
# Without an answer of Redis these are refused: nobody may guess at them uncounted.
CLOSED: Final = frozenset({Kind.SIGNING_IN})
# A company's people often come from one address.
VISITORS_OF_AN_ADDRESS: Final = 10
# Whoever is given one address of IPv6 is given as many as this leaves.
NETWORK_BITS: Final = 64
# Redis that did not answer is left alone for this long, so that nobody waits for it each time.
AWAY_SECONDS: Final = 2.0

_SCRIPT: Final = """
local time = redis.call('TIME')
local now, wait, full = time[1] * 1000 + time[2] / 1000, 0, {}
for place, key in ipairs(KEYS) do
  local each, whole = tonumber(ARGV[place * 2 - 1]), tonumber(ARGV[place * 2])
  full[place] = math.max(tonumber(redis.call('GET', key) or '0'), now) + each
  wait = math.max(wait, full[place] - now - whole)
end
if wait > 0 then return math.ceil(wait) end
for place, key in ipairs(KEYS) do
  local left = math.max(math.ceil(full[place] - now), 1)
  redis.call('SET', key, string.format('%.3f', full[place]), 'PX', left)
end
return 0
"""
_SHA: Final = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

log = logging.getLogger(__name__)


class _Counter:
    """Asks Redis, and remembers for a moment that it does not answer."""

    def __init__(self) -> None:
        """Ask at the first question."""
        # A connection belongs to the event loop it was made in.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()
        self._away_until = 0.0

    async def wait(self, buckets: list[tuple[str, Rate]]) -> float | None:
        """Take one from each bucket; return the seconds until all have one, 0 where they had.

        None where Redis does not say.
        """
        if monotonic() < self._away_until:
            return None
        keys = [key for key, _ in buckets]
        figures = [
            figure
            for _, rate in buckets
            for figure in (1000 / rate.per_second, 1000 * rate.burst / rate.per_second)
        ]
        try:
            return await self._asked(keys, figures) / 1000
        except (RedisError, OSError, Misconfigured) as problem:
            if not self._away_until:
                log.warning("Nothing is counted until Redis is back: %s", problem)
            self._away_until = monotonic() + AWAY_SECONDS
            return None

    async def close(self) -> None:
        """Close the connections of this event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _asked(self, keys: list[str], figures: list[float]) -> int:
        client = self._clients.get(loop := asyncio.get_running_loop())
        if client is None:
            client = self._clients[loop] = limiter_client()
        try:
            asked = client.evalsha(_SHA, len(keys), *keys, *figures)
            found = await cast("Awaitable[int]", asked)
        except NoScriptError:
            asked = client.eval(_SCRIPT, len(keys), *keys, *figures)
            found = await cast("Awaitable[int]", asked)
        if self._away_until:
            log.info("Redis counts again.")
            self._away_until = 0.0
        return found


_counter: Final = _Counter()


@asynccontextmanager
async def counting() -> AsyncGenerator[None]:
    """Close the connections at the end of the block, which is as long as the program runs."""
    yield
    await _counter.close()


def network_of(address: str) -> str:
    """Return what is counted as one address: of IPv6 the network that one customer is given."""
    try:
        known = IPv6Address(address)
    except ValueError:
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(IPv6Network((known, NETWORK_BITS), strict=False))


async def count(kind: Kind, *, person: str = "", visitor: str = "", address: str = "") -> None:
    """Count one of `kind` for a person, or for a visitor and the network address they come from.

    Raises TooMany when there were too many, and Unavailable where it must be counted and cannot be.
    """
    factor = settings().rate_limits
    if not factor:
        return
    rate = Rate(math.ceil(RATES[kind].burst * factor), RATES[kind].per_second * factor)
    if person:
        buckets = [(f"rate:{kind}:person:{person}", rate)]
    else:
        shared = Rate(rate.burst * VISITORS_OF_AN_ADDRESS, rate.per_second * VISITORS_OF_AN_ADDRESS)
        buckets = [(f"rate:{kind}:address:{network_of(address)}", shared)]
        if visitor:
            buckets.append((f"rate:{kind}:visitor:{visitor}", rate))
    wait = await _counter.wait(buckets)
    if wait is None and kind in CLOSED:
        raise Unavailable("Signing in is not possible at this moment. Try again in a minute.")
    if wait:
        seconds = math.ceil(wait)
        raise TooMany(f"Too many at once; try again in {seconds} s.", seconds=seconds)
