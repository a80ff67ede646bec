"""The hub alone: who is woken, how often, and that a page that left leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import AppError, Unavailable
from state.live import LEAST_PAUSE_SECONDS, LOOKING_AT_ONCE, Changes, Hub

PAGES = 3 * LOOKING_AT_ONCE
# Long enough that no look in these tests happens by itself.
NEVER = 3600.0
PATIENCE_SECONDS = 60


async def _yes() -> bool:
    return True


async def _looks(changes: Changes, *, count: int = 1) -> None:
    """Wait until the page has looked so often."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(count):
            await anext(changes)


async def _looks_no_more(changes: Changes) -> None:
    """Find that the page does not look again, for as long as it would take several times over."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10 * LEAST_PAUSE_SECONDS):
            await anext(changes)


async def test_a_page_looks_once_when_it_opens() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    async with hub.watching("order:1") as changes:
        await _looks(changes)
        await _looks_no_more(changes)


async def test_a_change_of_another_topic_wakes_nobody() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    async with hub.watching("order:1") as changes:
        await _looks(changes)
        hub.wake(["order:2"])
        await _looks_no_more(changes)


async def test_a_change_wakes_every_page_that_waits_for_it() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    async with hub.watching("order:1", "orders:all") as one, hub.watching("orders:all") as other:
        await anext(one)
        await anext(other)
        hub.wake(["orders:all"])
        await _looks(one)
        await _looks(other)


async def test_changes_while_a_page_looks_become_one_more_look() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    async with hub.watching("order:1") as changes:
        await anext(changes)
        for _ in range(100):
            hub.wake(["order:1"])
        await _looks(changes)
        await _looks_no_more(changes)


async def test_a_page_looks_again_without_any_announcement() -> None:
    hub = Hub(safety_net=0.1, allowed=_yes)
    async with hub.watching("order:1") as changes:
        await _looks(changes, count=3)


async def test_a_cancelled_page_leaves_nothing_behind() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    opened = asyncio.Event()

    async def page() -> None:
        async with hub.watching("order:1", "orders:all") as changes:
            async for _ in changes:
                opened.set()

    task = asyncio.create_task(page())
    await opened.wait()
    assert hub.topics == {"order:1", "orders:all"}
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert hub.topics == frozenset()


async def test_a_page_stops_when_its_visitor_may_not_look_any_more() -> None:
    answers = [True, False]

    async def allowed() -> bool:
        return answers.pop(0)

    hub = Hub(safety_net=0.05, allowed=allowed)
    looks = 0
    async with hub.watching("order:1") as changes:
        async for _ in changes:
            looks += 1
    assert looks == 2
    assert hub.topics == frozenset()


async def test_a_page_waits_while_nobody_can_be_asked_for_the_rights() -> None:
    answers: list[bool | AppError] = [Unavailable("The database does not answer."), True]

    async def allowed() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, AppError):
            raise answer
        return answer

    hub = Hub(safety_net=0.05, allowed=allowed)
    async with hub.watching("order:1") as changes:
        await anext(changes)
        await anext(changes)
    assert answers == []


async def test_pages_look_in_turn_however_many_are_woken() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    looking, most, looks = 0, 0, 0
    all_looked = asyncio.Event()

    async def page() -> None:
        nonlocal looking, most, looks
        async with hub.watching("catalogue") as changes:
            async for _ in changes:
                looking += 1
                most = max(most, looking)
                await asyncio.sleep(0)
                looking -= 1
                looks += 1
                if looks % PAGES == 0:
                    all_looked.set()

    pages = [asyncio.create_task(page()) for _ in range(PAGES)]
    for _ in range(2):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await all_looked.wait()
        all_looked.clear()
        hub.wake(["catalogue"])
    async with asyncio.timeout(PATIENCE_SECONDS):
        await all_looked.wait()
    assert most == LOOKING_AT_ONCE
    assert looks == 3 * PAGES
    for task in pages:
        task.cancel()
    await asyncio.gather(*pages, return_exceptions=True)


async def test_a_page_that_leaves_while_it_looks_gives_its_turn_back() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)

    async def page() -> None:
        async with hub.watching("catalogue") as changes:
            async for _ in changes:
                await asyncio.Event().wait()

    stuck = [asyncio.create_task(page()) for _ in range(LOOKING_AT_ONCE)]
    await asyncio.sleep(0)
    async with hub.watching("catalogue") as changes:
        waiting = asyncio.create_task(_looks(changes))
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
        await waiting


async def test_a_page_is_told_what_is_news_to_it() -> None:
    hub = Hub(safety_net=NEVER, allowed=_yes)
    async with hub.watching("order:1") as changes:
        assert changes.are_news(None)
        assert not changes.are_news(None)
        assert changes.are_news(("a", 1))
        assert not changes.are_news(("a", 1))
        assert changes.are_news(None)
