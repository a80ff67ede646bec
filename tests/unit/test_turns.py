"""Worker threads are shared: nobody has all of them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from state.turns import Turns

PATIENCE_SECONDS = 60


async def test_one_visitor_has_a_few_turns_and_others_have_theirs() -> None:
    turns, hold = Turns(2), threading.Event()
    began = threading.Semaphore(0)

    def held() -> None:
        began.release()
        assert hold.wait(PATIENCE_SECONDS)

    flood = [asyncio.create_task(turns.run("flood", held)) for _ in range(20)]
    for _ in range(2):
        assert await asyncio.to_thread(began.acquire, timeout=PATIENCE_SECONDS)
    # Eighteen wait in their own line: somebody else is not behind them.
    assert await asyncio.wait_for(turns.run("other", lambda: "done"), PATIENCE_SECONDS) == "done"
    assert not began.acquire(blocking=False)

    hold.set()
    await asyncio.gather(*flood)
    assert turns.visitors == 0


async def test_who_leaves_keeps_the_turn_until_the_thread_is_done() -> None:
    turns, hold, began = Turns(1), threading.Event(), threading.Event()

    def held() -> None:
        began.set()
        hold.wait(PATIENCE_SECONDS)
        raise ValueError("nobody hears this")

    left = asyncio.create_task(turns.run("ann", held))
    assert await asyncio.to_thread(began.wait, PATIENCE_SECONDS)
    left.cancel()
    with suppress(asyncio.CancelledError):
        await left
    following = asyncio.create_task(turns.run("ann", lambda: "done"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not following.done()

    hold.set()
    assert await asyncio.wait_for(following, PATIENCE_SECONDS) == "done"
    assert turns.visitors == 0


async def test_who_leaves_the_line_leaves_it() -> None:
    turns, hold = Turns(1), threading.Event()
    first = asyncio.create_task(turns.run("ann", lambda: hold.wait(PATIENCE_SECONDS)))
    waiting = asyncio.create_task(turns.run("ann", lambda: "never"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    hold.set()

    assert await first
    assert turns.visitors == 0


async def test_what_nobody_sent_needs_no_turn() -> None:
    turns = Turns(1)

    assert await turns.run("", lambda: "done") == "done"
    assert turns.visitors == 0
