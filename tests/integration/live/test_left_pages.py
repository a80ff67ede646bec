"""What is kept of pages that were left: nothing but their state, and that on disk only."""

# ruff: noqa: SLF001 - what Reflex and the hub keep for a page has no public count
from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from uuid import uuid4

import pytest
from reflex.istate.manager.disk import StateManagerDisk
from reflex_base.event.processor import BaseStateEventProcessor

from app import db
from app.api.handshake import session_owner, state_token
from app.work import open_work
from state import session, together
from state.connections import LEFT_SECONDS, let_left_pages_expire
from state.live import hub
from state.order import OrderPageState
from state.product import ProductState
from tests.factories.ordering import an_order, some_products
from tests.integration.accounts.socket_client import PATIENCE_SECONDS, Tab
from tests.integration.live.test_pages import a_browser, an_open_order
from tests.integration.ordering.waiting import wait_until
from tests.integration.program import serving_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis
    from reflex import App
    from reflex.app import EventNamespace

PAGE = OrderPageState.get_full_name()
PRODUCT = ProductState.get_full_name()
PEOPLE, TABS_EACH, ROUNDS = 3, 4, 3

R = TypeVar("R")


class Web(NamedTuple):
    """The served program, and the parts of Reflex that keep something for each page."""

    port: int
    app: App
    states: StateManagerDisk
    namespace: EventNamespace
    events: BaseStateEventProcessor

    def in_loop(self, do: Callable[[], R]) -> R:
        """Do something where the program does it, which changes nothing meanwhile."""
        rounds = self.states._write_queue_task
        assert rounds

        async def doing() -> R:
            return do()

        return asyncio.run_coroutine_threadsafe(doing(), rounds.get_loop()).result(PATIENCE_SECONDS)

    def keeps_open_pages_only(self) -> bool:
        """Have the pages that were left expire as if their time had passed; tell whether they have.

        Asked again and again: what still runs for a page that was left may touch its state.
        """
        self.in_loop(self._let_time_pass)
        return self.states.states.keys() <= self.namespace.token_to_sid.keys()

    def _let_time_pass(self) -> None:
        opened, touched = self.namespace.token_to_sid, self.states._token_last_touched
        for key, (at, token) in touched.items():
            if token.ident not in opened:
                touched[key] = (at - LEFT_SECONDS - 1, token)
        let_left_pages_expire(self.states, opened, time())

    def kept(self) -> dict[str, int]:
        """Return how many of what is kept for pages, connections and those who wait."""
        return self.in_loop(self._kept)

    def _kept(self) -> dict[str, int]:
        server = self.app.sio
        assert server
        rooms = server.manager.rooms.get(self.namespace.namespace, {})
        return {
            "topics": len(hub.topics),
            "timers of topics": len(hub._timers),
            "sockets": len(server.eio.sockets),
            "environments": len(server.environ),
            "rooms": sum(len(room) for room in rooms.values()),
            "sessions of sockets": len(self.namespace.sid_to_token),
            "tokens of sockets": len(self.namespace.token_to_sid),
            "handshakes": len(self.namespace._static_router_data),
            "tasks": len(self.events._tasks),
            "futures": len(self.events._futures),
            "queues": len(self.events._token_queues),
            "superseded": len(self.events._superseded),
            "hydrations": len(self.events._pending_hydrates),
            "states": len(self.states.states),
            "locks of states": len(self.states._states_locks),
            "times of states": len(self.states._token_last_touched),
            "connections in use": db.engine().pool.checkedout(),  # pyright: ignore[reportAttributeAccessIssue] - of a queue pool, which ours is
            "questions": sum(
                not asked.is_idle for asked in (session._used, session._unnoted, together._looks)
            ),
        }


@pytest.fixture(scope="module")
def program(
    services: None,  # noqa: ARG001 - sessions are rows
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """Serve the whole program, page state in this process and on disk."""
    with serving_program(tmp_path_factory.mktemp("web")) as (port, app):
        assert isinstance(app.state_manager, StateManagerDisk)
        assert app.event_namespace
        assert isinstance(app.event_processor, BaseStateEventProcessor)
        yield Web(port, app, app.state_manager, app.event_namespace, app.event_processor)


@pytest.fixture
def web(program: Web, database: None, redis: Redis) -> Web:  # noqa: ARG001 - empty ones
    """Return the program with nobody looking at anything."""
    # The rounds of the state manager ended with the program that was served before; a page that
    # opens starts them again.
    with Tab(program.port, str(uuid4())):
        pass
    wait_until(lambda: not program.namespace.token_to_sid, "a page is still open")
    wait_until(program.keeps_open_pages_only, "the state of a page that was left is kept")
    wait_until(
        lambda: not any(program.kept().values()), "something of a page that was left is kept"
    )
    return program


def test_a_page_that_was_left_is_on_disk_only_and_comes_back_as_it_was(web: Web) -> None:
    cookie, person = a_browser("ann")
    chosen = str(uuid4())
    kept_as = state_token(session_owner(person), chosen)
    with Tab(web.port, str(uuid4()), cookie=cookie):
        with Tab(web.port, chosen, cookie=cookie) as left:
            left.send(f"{PRODUCT}.step_quantity", by=2)
            left.until(lambda: left.var(PRODUCT, "quantity") == 3)
            assert kept_as in web.states.states
        wait_until(lambda: kept_as not in web.namespace.token_to_sid, "the page has not left")
        wait_until(web.keeps_open_pages_only, "what was left is in memory")
        assert len(web.states.states) == 1, "the page that is open was forgotten as well"
        with Tab(web.port, chosen, cookie=cookie) as back:
            assert back.var(PRODUCT, "quantity") == 3


def test_a_page_that_was_left_a_moment_ago_is_still_in_memory(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A moment that is longer than this test takes: the program itself looks as well.
    monkeypatch.setattr("state.connections.LEFT_SECONDS", moment := 10_000.0)
    with Tab(web.port, str(uuid4())):
        pass
    wait_until(lambda: not web.namespace.token_to_sid, "the page has not left")

    def touched() -> list[float]:
        return [at for at, _ in web.states._token_last_touched.values()]

    before = web.in_loop(touched)
    assert before
    web.in_loop(lambda: let_left_pages_expire(web.states, (), min(before) + moment - 1))
    assert web.in_loop(touched) == before


def test_pages_that_come_and_go_leave_nothing_behind(web: Web) -> None:
    browsers = [a_browser(f"buyer{number}") for number in range(PEOPLE)]
    with open_work() as work:
        products = some_products(work.session)
        orders = [an_order(work, person, products) for _, person in browsers]
    for _ in range(ROUNDS):
        tabs = [
            an_open_order(web.port, cookie, number)
            for (cookie, _), number in zip(browsers, orders, strict=True)
            for _ in range(TABS_EACH)
        ]
        for tab in tabs:
            tab.__enter__()
        for tab in tabs:
            tab.until(lambda tab=tab: tab.var(PAGE, "phase") == "shown")
        assert web.kept()["sockets"] == len(tabs)
        wait_until(lambda: len(hub.topics) == 2 * PEOPLE + 1, "a page or its frame is not followed")
        for tab in tabs:
            tab.__exit__(None, None, None)
        wait_until(lambda: not web.namespace.token_to_sid, "the pages have not left")
        wait_until(lambda: not web.events._tasks, "something still runs for a page that was left")
        wait_until(web.keeps_open_pages_only, "the state of a page that was left is kept")
        wait_until(lambda: not any(web.kept().values()), "something is kept of pages that went")
