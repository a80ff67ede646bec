"""Token buckets in Redis: how many pass, who is counted with whom, and what holds without Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import httpx2
import pytest
import pytest_asyncio
from fastapi.routing import iter_route_contexts

from app.api.access import Allowed
from app.api.bounds import Bounds
from app.api.handshake import Handshake, visitor_cookie
from app.api.rest import create_rest
from app.config import settings
from app.errors import TooMany, Unavailable
from app.integrations import rates
from app.integrations.rates import (
    RATES,
    VISITORS_OF_AN_ADDRESS,
    Kind,
    Rate,
    count,
    network_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis import Redis

SLOW = Rate(burst=3, per_second=0.001)


@pytest_asyncio.fixture(autouse=True)
async def limited(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[pytest.MonkeyPatch]:
    """Have limits of three in an hour; a machine that is busy fills no bucket meanwhile."""
    assert redis
    monkeypatch.setenv("RATE_LIMITS", "1")
    monkeypatch.setattr(rates, "RATES", dict.fromkeys(Kind, SLOW))
    monkeypatch.setattr(rates, "_counter", rates._Counter())  # noqa: SLF001 - one that knows nothing of other tests
    settings.cache_clear()
    async with rates.counting():
        yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


async def passes(kind: Kind, number: int, **who: str) -> int:
    """Ask `number` times; return how often it passed."""
    passed = 0
    for _ in range(number):
        try:
            await count(kind, **who)
            passed += 1
        except TooMany:
            pass
    return passed


@pytest.mark.parametrize("kind", Kind)
async def test_so_many_pass_and_no_more_of_each_kind(kind: Kind) -> None:
    assert await passes(kind, 5, person="ann") == 3
    with pytest.raises(TooMany, match=r"^Too many at once; try again in \d+ s\.$") as refused:
        await count(kind, person="ann")
    assert 0 < refused.value.seconds <= 1000
    # Another person, and another kind of the same person.
    assert await passes(kind, 5, person="bea") == 3
    other = Kind.READING if kind is not Kind.READING else Kind.HEAVY
    assert await passes(other, 5, person="ann") == 3


async def test_visitors_are_counted_each_and_with_their_address() -> None:
    assert await passes(Kind.READING, 5, visitor="a", address="192.0.2.1") == 3
    # One who comes with another cookie each time is held by the address.
    others = [
        await passes(Kind.READING, 1, visitor=f"v{number}", address="192.0.2.1")
        for number in range(3 * VISITORS_OF_AN_ADDRESS)
    ]
    assert sum(others) == 3 * VISITORS_OF_AN_ADDRESS - 3
    assert await passes(Kind.READING, 1, address="192.0.2.1") == 0
    assert await passes(Kind.READING, 1, visitor="a", address="192.0.2.2") == 0
    assert await passes(Kind.READING, 1, visitor="b", address="192.0.2.2") == 1


async def test_who_has_a_network_of_addresses_is_counted_as_one() -> None:
    passed = [
        await passes(Kind.SIGNING_IN, 1, address=f"2001:db8:0:7::{number:x}")
        for number in range(3 * VISITORS_OF_AN_ADDRESS + 5)
    ]
    assert sum(passed) == 3 * VISITORS_OF_AN_ADDRESS
    assert await passes(Kind.SIGNING_IN, 1, address="2001:db8:0:8::1") == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_what_is_refused_takes_nothing(limited: pytest.MonkeyPatch) -> None:
    limited.setitem(rates.RATES, Kind.READING, Rate(burst=3, per_second=50))
    assert await passes(Kind.READING, 3, person="ann") == 3
    # Whoever goes on asking is served again as soon as somebody who has waited.
    async with asyncio.timeout(60):
        while not await passes(Kind.READING, 1, person="ann"):
            pass


async def test_many_at_once_are_counted_once_each() -> None:
    asked = [count(Kind.CHANGING, person="ann") for _ in range(50)]
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert sum(answer is None for answer in answers) == 3


async def test_redis_keeps_a_bucket_until_it_is_full_and_no_longer(redis: Redis) -> None:
    await passes(Kind.READING, 2, person="ann")

    (key,) = cast("list[bytes]", redis.keys("rate:*"))
    assert 0 < cast("int", redis.pttl(key)) <= 2 / SLOW.per_second * 1000
    assert cast("int", redis.memory_usage(key)) < 200


async def test_the_limits_can_be_widened_and_switched_off(limited: pytest.MonkeyPatch) -> None:
    limited.setenv("RATE_LIMITS", "2")
    settings.cache_clear()
    assert await passes(Kind.READING, 10, person="ann") == 6
    limited.setenv("RATE_LIMITS", "0")
    settings.cache_clear()
    assert await passes(Kind.READING, 10, person="ann") == 10


async def test_limits_beyond_all_measure_are_counted_too(
    limited: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limited.setenv("RATE_LIMITS", "1000000000")
    settings.cache_clear()
    assert await passes(Kind.READING, 10, person="ann") == 10
    assert not [one for one in caplog.records if one.name == rates.__name__]


async def test_without_redis_all_passes_but_signing_in(limited: pytest.MonkeyPatch) -> None:
    limited.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    settings.cache_clear()
    for kind in Kind:
        if kind is Kind.SIGNING_IN:
            with pytest.raises(Unavailable, match="Signing in is not possible"):
                await count(kind, address="192.0.2.1")
        else:
            assert await passes(kind, 5, person="ann") == 5


async def test_redis_that_comes_back_counts_again(limited: pytest.MonkeyPatch) -> None:
    with limited.context() as patch:
        patch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
        patch.setattr(rates, "AWAY_SECONDS", 0.0)
        settings.cache_clear()
        assert await passes(Kind.READING, 5, person="ann") == 5
    settings.cache_clear()
    await rates._counter.close()  # noqa: SLF001 - its connections are of the other address
    assert await passes(Kind.READING, 5, person="ann") == 3


def web() -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=Bounds(Handshake(create_rest())))
    return httpx2.AsyncClient(transport=transport, base_url=settings().public_url)


async def test_a_route_says_when_to_come_back() -> None:
    async with web() as browser:
        browser.cookies.set(visitor_cookie(), "a-browser")
        answers = [await browser.get("/auth/logout") for _ in range(4)]
        unknown = await browser.post("/auth/backchannel-logout")

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert int(answers[3].headers["retry-after"]) > 0
    assert "Too many at once; try again in" in answers[3].text
    assert unknown.status_code == 429
    assert unknown.headers["content-type"].startswith("text/html")


async def test_what_watches_over_the_program_is_not_counted() -> None:
    async with web() as watcher:
        assert {(await watcher.get("/health")).status_code for _ in range(10)} == {200}


async def test_without_redis_one_can_sign_out_and_not_in(limited: pytest.MonkeyPatch) -> None:
    limited.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    settings.cache_clear()
    async with web() as browser:
        login = await browser.get("/auth/login")
        logout = await browser.get("/auth/logout")

    assert login.status_code == 503
    assert "Signing in is not possible at this moment." in login.text
    assert logout.status_code == 200


def test_every_way_to_sign_in_is_counted_and_closed_without_redis() -> None:
    kinds = {
        f"{method} {route.path}": one.call.kind
        for route in iter_route_contexts(create_rest().routes)
        for method in route.methods or ()
        for one in route.dependant.dependencies  # pyright: ignore[reportOptionalMemberAccess] - of FastAPI's own routes
        if isinstance(one.call, Allowed)
    }
    ends = {name for name in kinds if "/auth/" in name and "out" in name}
    assert {kinds[name] for name in ends} == {Kind.REQUEST}
    assert {kinds[name] for name in kinds if "/auth/" in name} == {Kind.REQUEST, Kind.SIGNING_IN}
    assert {name for name in kinds if "/auth/" in name and kinds[name] is Kind.REQUEST} == ends


def test_what_people_do_by_hand_is_far_below() -> None:
    # Two dozen tabs that are opened again, each with a handful of events; a fast typist.
    assert RATES[Kind.READING].burst >= 24 * 4
    assert RATES[Kind.SEARCHING].per_second >= 10
    assert RATES[Kind.SIGNING_IN].burst >= 10
