"""What the guard costs an event, how soon it refuses, and what a flood takes from somebody else.

The same event of the same page is sent in turn with the doorkeeper and without it, to the program
in this process; what lies between the medians is the guard: who asks, whether they may, how often
they asked, what they sent. The flood comes from a process of its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import event as sql_event

from app import db
from app.config import PROJECT_ROOT, settings
from app.db_async import LoopReader, loop_reader
from app.models.accounts import Permission, PersonSession
from app.services import accounts
from app.services.accounts import Access
from app.work import within
from bench.open_tab import OpenTab
from bench.row import Row, compared
from state.session import SessionState
from tests.integration.accounts.socket_client import cookie_of
from tests.integration.program import serving_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reflex import App

EVENTS, ROUNDS, WARMING = 60, 6, 50
REVOCATIONS = 10
FLOODED_EVENTS = 150
GOAL_MS = 1.0
REVOCATION_GOAL_MS = 2_000.0
FLOOD_GOAL = 2.0
FLOODERS = 10
SHOW = f"{SessionState.get_full_name()}.show_forbidden"
HYDRATED = '"is_hydrated_rx_state_":true'
RELOAD = "window.location.reload()"


def a_tab(cookie: str) -> OpenTab:
    """Return a page that loads nothing, in a browser with this cookie."""
    return OpenTab("/nowhere", cookie=cookie, origin=settings().public_url)


@contextmanager
def without_guard(app: App) -> Iterator[None]:
    """Let every event pass for as long as the block lasts."""
    kept, app._middlewares = app._middlewares, []  # noqa: SLF001 - Reflex takes none out again
    try:
        yield
    finally:
        app._middlewares = kept  # noqa: SLF001 - the same


@contextmanager
def counted() -> Iterator[list[object]]:
    """Yield the statements about sessions that are sent to Postgres while the block lasts.

    Only the guard's: the program has others of its own, above all when it has just begun.
    """
    found: list[object] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if PersonSession.__tablename__ in statement:
            found.append(statement)

    async def noted(statement: Any, values: Mapping[str, object]) -> list[Any]:  # noqa: ANN401 - as it is given
        found.append(statement)
        return await LoopReader.rows(loop_reader, statement, values)

    sql_event.listen(db.engine(), "before_cursor_execute", note)
    try:
        with patch.object(loop_reader, "rows", noted):
            yield found
    finally:
        sql_event.remove(db.engine(), "before_cursor_execute", note)


async def answers(tab: OpenTab, number: int, name: str) -> list[float]:
    """Send events one after another; return how many milliseconds each answer took."""
    found: list[float] = []
    for place in range(number):
        path = f"/{name}/{place}"
        found.append(1000 * await tab.answer(f'"{path}"', SHOW, path=path))
    return found


async def cost(port: int, app: App) -> tuple[float, float, int]:
    """Return the medians with the guard and without it, and the statements of all guarded ones."""
    tab = a_tab(cookie_of("ann"))
    await tab.open(port, HYDRATED)
    await answers(tab, WARMING, "warm")
    guarded: list[float] = []
    bare: list[float] = []
    statements = 0
    for turn in range(ROUNDS):
        with counted() as found:
            guarded += await answers(tab, EVENTS, f"guarded{turn}")
        statements += len(found)
        with without_guard(app):
            bare += await answers(tab, EVENTS, f"bare{turn}")
    await tab.close()
    return median(guarded), median(bare), statements


async def revocation(port: int) -> float:
    """Return the milliseconds from the commit that ends a session to the first refused event."""
    taken: list[float] = []
    for number in range(REVOCATIONS):
        cookie = cookie_of(f"ann{number}")
        person = within(accounts.who_is_asking, token=cookie.partition("=")[2])
        if person is None:
            raise RuntimeError("The bench could not sign anybody in.")
        tab = a_tab(cookie)
        await tab.open(port, HYDRATED)
        await answers(tab, 1, "before")
        refused = asyncio.create_task(tab.hears(RELOAD))
        await asyncio.to_thread(within, accounts.sign_out_everywhere, person_id=person.person_id)
        ended = perf_counter()
        while not refused.done():
            tab.send(SHOW, path="/again")
            await asyncio.sleep(0.002)
        taken.append(1000 * (await refused - ended))
        await tab.close()
    return max(taken)


async def beside_a_flood(port: int) -> tuple[float, float]:
    """Return the medians of another visitor while one sends all they can, and without that."""
    tab = a_tab(cookie_of("bea"))
    await tab.open(port, HYDRATED)
    await answers(tab, WARMING, "warm")
    alone = await paced(tab, "alone")
    flood = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.guard",
        str(port),
        cwd=PROJECT_ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        # It says when all its connections stand and it has begun.
        if flood.stdout is None or not await flood.stdout.readline():
            raise RuntimeError("The flood did not begin.")
        beside = await paced(tab, "beside")
    finally:
        flood.kill()
        await flood.wait()
    await tab.close()
    return median(beside), median(alone)


async def paced(tab: OpenTab, name: str) -> list[float]:
    """Send events as somebody does by hand, if fast: below what is too many."""
    found: list[float] = []
    for place in range(FLOODED_EVENTS):
        found += await answers(tab, 1, f"{name}{place}")
        await asyncio.sleep(0.05)
    return found


async def flood(port: int) -> None:
    """Send events without end from one visitor with several connections."""
    tabs = [a_tab(f"visitor-{settings().app_port}=eve") for _ in range(FLOODERS)]
    for tab in tabs:
        await tab.open(port, HYDRATED)
    print("flooding", flush=True)
    while True:
        for tab in tabs:
            tab.send(SHOW, path="/flood")
        # What the program does not read fills the buffers here.
        await asyncio.sleep(0.001)


def rows(_size: int) -> list[Row]:
    """Measure in this process, beside services of its own."""
    with TemporaryDirectory() as folder, serving_program(Path(folder)) as (port, app):
        guarded, bare, statements = asyncio.run(cost(port, app))
        handler = SessionState.event_handlers["show_forbidden"].fn
        declared = handler.__guard__  # pyright: ignore[reportFunctionMemberAccess] - what the guard keeps there
        handler.__guard__ = Access(Permission.BASKET_USE)  # pyright: ignore[reportFunctionMemberAccess] - the same
        changing, bare_changing, asked = asyncio.run(cost(port, app))
        handler.__guard__ = declared  # pyright: ignore[reportFunctionMemberAccess] - the same
        ended = asyncio.run(revocation(port))
        os.environ["RATE_LIMITS"] = "1"
        settings.cache_clear()
        beside, alone = asyncio.run(beside_a_flood(port))
    events = EVENTS * ROUNDS
    return [
        compared(
            "an event that reads, with the guard and without",
            0,
            guarded,
            bare,
            "ms",
            goal=f"≤ {GOAL_MS:g} ms more",
            met=guarded - bare <= GOAL_MS,
        ),
        compared(
            "an event that changes, which asks the database who it is",
            0,
            changing,
            bare_changing,
            "ms",
            goal=f"≤ {GOAL_MS:g} ms more",
            met=changing - bare_changing <= GOAL_MS,
        ),
        compared(
            "queries of the guard per event, its session known",
            0,
            statements / events,
            asked / events,
            "queries",
            goal="≤ 0.1 (once a second)",
            met=statements / events <= 0.1,
        ),
        compared(
            "from the end of a session to the first refused event, at most",
            0,
            ended,
            0,
            "ms",
            goal=f"≤ {REVOCATION_GOAL_MS:,.0f} ms",
            met=ended <= REVOCATION_GOAL_MS,
        ),
        compared(
            "an event of somebody else beside a flood, and without",
            0,
            beside,
            alone,
            "ms",
            goal=f"≤ {FLOOD_GOAL:g} times",
            met=beside <= FLOOD_GOAL * alone,
        ),
    ]


if __name__ == "__main__":
    asyncio.run(flood(int(sys.argv[1])))
