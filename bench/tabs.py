"""Five hundred open pages in one web process, beside as many of a near-empty Reflex program.

Half of them are orders, half the catalogue, of fifty people who are signed in. Both programs are
told the same by the same client, which is no browser but speaks as one. A page of ours that is not
told of a commit counts for nothing: the bench waits for each, and fails where one is left out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from app.config import settings
from app.integrations.ports import Identity
from app.models.catalogue import Product
from app.models.columns import stored
from app.models.ordering import Order
from app.services import accounts
from app.services.ordering import add_to_basket, place_order
from app.services.ordering.moves import note_on_timeline
from app.work import open_work, within
from bench.bare_reflex import bare_process
from bench.memory import family, held_by
from bench.open_tab import ROOT, OpenTab
from bench.row import Row, compared
from state.connections import LEFT_SECONDS, LOOK_EVERY_SECONDS
from state.order import OrderPageState
from tests.e2e.processes import pid_of
from tests.factories.ordering import ADDRESS
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from app.work import Work

TABS, PEOPLE = 500, 50
# Opened and closed before anything is measured: what a process loads once is no tab's.
WARMING_TABS = 100
OPENING_AT_ONCE = 8
EVENTS = 200
EVENTS_MEANWHILE = 40
PAUSE_SECONDS = 0.01
SETTLE_SECONDS = 5.0
# Until Reflex has been told to drop what was left, and has done so.
GONE_SECONDS = LEFT_SECONDS + LOOK_EVERY_SECONDS + SETTLE_SECONDS
GOAL = 1.5
LEFT_GOAL = 0.5

HYDRATED = '"is_hydrated_rx_state_":true'
SHOWN = '"phase_rx_state_":"shown"'
ASK = f"{OrderPageState.get_full_name()}.ask_to_cancel"
CLICK = f"{ROOT}.bare___bare____bare_state.click"


class Page(NamedTuple):
    """A page that is opened: where, whose, and the words that say that it is there."""

    path: str
    cookie: str
    words: tuple[str, ...]


class Program(NamedTuple):
    """A program that serves pages: its port, its processes, and the pages opened in turn."""

    port: int
    processes: list[int]
    pages: list[Page]


@dataclass(slots=True)
class Load:
    """What many tabs cost: kilobytes before, with and after them; seconds of an event of each."""

    before: int
    opened: int
    event: list[float]
    left: int = 0

    @property
    def per_tab(self) -> float:
        """Kilobytes of one."""
        return (self.opened - self.before) / TABS

    @property
    def share_left(self) -> float:
        """What is still held after they have left, of what they held."""
        return (self.left - self.before) / (self.opened - self.before)


def rows(size: int) -> list[Row]:
    """Return memory, an event, and what one commit to all of them does."""
    with bare_process() as (url, pid):
        port = int(url.rpartition(":")[2])
        pages = [Page("/", "", (HYDRATED,))]
        bare = asyncio.run(_measure(Program(port, family(pid), pages), _clicks))
    web = pid_of(Site(settings().public_url, Path(settings().data_folder), {}), "app.serve")
    buyers = [_buyer(number) for number in range(PEOPLE)]
    pages = [_order_page(*buyer) for buyer in buyers] + [_catalogue(one[0]) for one in buyers]
    flood = Flood([number for _, number in buyers])
    ours = asyncio.run(_measure(Program(settings().app_port, family(web), pages), flood.measure))
    last, calm, meanwhile = flood.last * 1000, _p95(ours.event), _p95(flood.meanwhile)
    return [
        *_against(size, ours, bare),
        compared(
            f"one commit to {TABS} pages, the last has changed",
            size,
            last,
            flood.middle * 1000,
            "ms",
        ),
        compared(
            f"an event while one commit changes {TABS} pages, p95", size, meanwhile, calm, "ms"
        ),
    ]


def _against(size: int, ours: Load, bare: Load) -> Iterator[Row]:
    """Yield what both programs were asked, ours beside the bare one."""
    for what, mine, theirs, unit in (
        (f"memory of each of {TABS} open tabs", ours.per_tab, bare.per_tab, "kB"),
        (f"an event while {TABS} tabs are open, p95", _p95(ours.event), _p95(bare.event), "ms"),
    ):
        met = mine <= GOAL * theirs
        yield compared(what, size, mine, theirs, unit, goal=f"at most {GOAL} times", met=met)
    yield compared(
        "memory held when they have left",
        size,
        ours.share_left,
        bare.share_left,
        "of theirs",
        goal=f"at most {LEFT_GOAL}",
        met=ours.share_left <= LEFT_GOAL,
    )


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


async def _measure(
    program: Program, events: Callable[[list[OpenTab]], Awaitable[list[float]]]
) -> Load:
    """Open the tabs, measure `events` on them and have them leave."""
    await _leave(await _open(program, WARMING_TABS))
    await asyncio.sleep(GONE_SECONDS)
    before = held_by(program.processes)
    tabs = await _open(program, TABS)
    await asyncio.sleep(SETTLE_SECONDS)
    load = Load(before, held_by(program.processes), await events(tabs))
    await _leave(tabs)
    await asyncio.sleep(GONE_SECONDS)
    load.left = held_by(program.processes)
    return load


async def _open(program: Program, count: int) -> list[OpenTab]:
    """Open that many tabs, a few at a time; return when all show what they are for."""
    turns = asyncio.Semaphore(OPENING_AT_ONCE)

    async def opened(page: Page) -> OpenTab:
        tab = OpenTab(page.path, cookie=page.cookie)
        async with turns:
            await tab.open(program.port, *page.words)
        return tab

    pages = islice(cycle(program.pages), count)
    return list(await asyncio.gather(*(opened(page) for page in pages)))


async def _leave(tabs: list[OpenTab]) -> None:
    await asyncio.gather(*(tab.close() for tab in tabs))


async def _clicks(tabs: list[OpenTab]) -> list[float]:
    """Return how long the bare handler takes on each of many tabs."""
    return [await _then_pause(tab.answer('"clicks_rx_state_":1', CLICK)) for tab in tabs[:EVENTS]]


async def _asks(tabs: list[OpenTab], *, asks: bool) -> list[float]:
    """Return how long a handler takes on each of `tabs` that changes one var, as the bare one."""
    words = f'"asks_to_cancel_rx_state_":{str(asks).lower()}'
    return [await _then_pause(tab.answer(words, ASK, asks=asks)) for tab in tabs]


async def _then_pause(seconds: Awaitable[float]) -> float:
    found = await seconds
    await asyncio.sleep(PAUSE_SECONDS)
    return found


class Flood:
    """One commit that changes every page: the orders by a step, the catalogue by its badge."""

    def __init__(self, orders: list[int]) -> None:
        """Change the pages of `orders` and of those who placed them."""
        self._orders = orders
        self.last = self.middle = 0.0
        self.meanwhile: list[float] = []

    async def measure(self, tabs: list[OpenTab]) -> list[float]:
        """Change all, and measure events in a calm moment (returned) and meanwhile."""
        orders = [tab for tab in tabs if tab.path != "/"]
        calm = await _asks(orders[:EVENTS], asks=True)
        title, badge = f"Step {uuid4()}", '"count_rx_state_":1'
        changed = [
            asyncio.create_task(tab.hears(badge, *((title,) if tab.path != "/" else ())))
            for tab in tabs
        ]
        await asyncio.sleep(0)
        committed = await asyncio.to_thread(within, _change_all, orders=self._orders, title=title)
        self.meanwhile = await _asks(orders[:EVENTS_MEANWHILE], asks=False)
        moments = [moment - committed for moment in await asyncio.gather(*changed)]
        self.last, self.middle = max(moments), median(moments)
        return calm


def _change_all(work: Work, *, orders: list[int], title: str) -> float:
    """Write a step of every order and a line into every basket; return when, by `perf_counter`."""
    product = work.session.scalars(select(col(Product.id)).limit(1)).one()
    for order in work.session.scalars(select(Order).where(col(Order.number).in_(orders))):
        note_on_timeline(work, order=order, kind="bench", title=title)
        add_to_basket(work, person_id=order.buyer_id, product_id=stored(product))
    work.session.flush()
    return perf_counter()


def _buyer(number: int) -> tuple[str, int]:
    """Sign somebody in who has ordered once; return their cookie and the order's number."""
    identity = Identity(
        issuer="https://issuer.example",
        subject=f"tab-{number}",
        email=f"tab{number}@company.example",
        name=f"Buyer {number}",
        groups=("buyer",),
        locale="en",
        id_token="",
    )
    token = within(
        accounts.sign_in, identity=identity, replaces="", browser=accounts.Browser()
    ).token
    person = within(accounts.who_is_asking, token=token)
    if person is None:
        raise RuntimeError("Nobody is signed in.")
    with open_work() as work:
        product = work.session.scalars(select(col(Product.id)).limit(1)).one()
        add_to_basket(work, person_id=person.person_id, product_id=stored(product))
        order = place_order(work, buyer=person, request_key=uuid4(), ship_to=ADDRESS)
    return f"{accounts.session_cookie()}={token}", order.number


def _order_page(cookie: str, number: int) -> Page:
    return Page(f"/orders/{number}", cookie, (HYDRATED, SHOWN, f'"number":{number}'))


def _catalogue(cookie: str) -> Page:
    return Page("/", cookie, (HYDRATED, SHOWN, '"cards_rx_state_":[{'))
