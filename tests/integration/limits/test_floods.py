"""A flood of one visitor fills their own line: others are served, and what is too much ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import simple_websocket
from sqlalchemy import text

from app import db
from app.api.bounds import LONGEST_MESSAGE
from app.config import PROJECT_ROOT, settings
from app.errors import Unavailable
from app.integrations import rates
from app.integrations.rates import Kind, Rate
from app.models.accounts import Permission
from app.services.accounts import Access
from app.work import open_work
from state import sessions
from state.live import hub
from state.running import EVENT_SECONDS, MOST_IN_BACKGROUND, running
from state.session import SessionState
from state.sessions import SessionsPageState
from state.turns import THREADS_OF_A_VISITOR
from tests.integration.accounts.socket_client import (
    PATIENCE_SECONDS,
    Tab,
    cookie_of,
    words_of,
)
from tests.integration.accounts.test_doorkeeper import declare
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis
    from reflex import App

SESSION = SessionState.get_full_name()
SHOW_FORBIDDEN = f"{SESSION}.show_forbidden"
SESSIONS = SessionsPageState.get_full_name()


@pytest.fixture
def port(web: tuple[int, App], database: None, redis: Redis) -> int:  # noqa: ARG001 - empty
    """Return where the program listens, with nobody signed in and nothing counted."""
    return web[0]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Have limits."""
    monkeypatch.setenv("RATE_LIMITS", "1")
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def show(tab: Tab, path: str) -> None:
    tab.send(SHOW_FORBIDDEN, path=path)
    tab.until(lambda: tab.var(SESSION, "forbidden_path") == path)


def test_while_one_visitor_holds_their_threads_another_is_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, began = threading.Event(), threading.Semaphore(0)

    def held(*_args: Any, **_kwargs: Any) -> None:
        began.release()
        hold.wait()

    monkeypatch.setattr(sessions.accounts, "sign_out_elsewhere", held)
    # However long a dozen pages take to open: an event that is ended gives its turn away.
    monkeypatch.setattr(running, "_seconds", 10_000.0)
    flooder = cookie_of("eve")
    tabs = [Tab(port, str(uuid4()), cookie=flooder) for _ in range(12)]
    try:
        for tab in tabs:
            tab.__enter__()
            tab.send(f"{SESSIONS}.end", session_id=str(uuid4()))
        for _ in range(THREADS_OF_A_VISITOR):
            assert began.acquire(timeout=PATIENCE_SECONDS)
        # A look at the database in a thread, behind nobody.
        with Tab(port, str(uuid4()), cookie=cookie_of("ann"), path="/account/sessions") as other:
            other.send(f"{SESSIONS}.watch")
            other.until(lambda: other.var(SESSIONS, "phase") == "shown")
        assert not began.acquire(blocking=False)
    finally:
        hold.set()
        for tab in tabs:
            tab.__exit__(None, None, None)


def test_an_event_too_many_is_told_how_long_to_wait_and_does_nothing(
    port: int, limited: pytest.MonkeyPatch
) -> None:
    limited.setitem(rates.RATES, Kind.CHANGING, Rate(burst=3, per_second=0.001))
    declare(limited, "show_forbidden", Access(Permission.ORDER_PLACE))
    with (
        Tab(port, str(uuid4()), cookie=cookie_of("eve")) as tab,
        Tab(port, str(uuid4()), cookie=cookie_of("ann")) as other,
    ):
        for number in range(3):
            show(tab, f"/{number}")
        tab.send(SHOW_FORBIDDEN, path="/too-many")
        tab.until(lambda: "Too many at once; try again in" in words_of(tab))
        assert tab.var(SESSION, "forbidden_path") == "/2"

        show(other, "/mine")


def test_an_event_that_does_not_end_is_ended_and_its_page_goes_on(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(*_args: Any, **_kwargs: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(sessions, "in_work", never)
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        monkeypatch.setattr(running, "_seconds", 0.05)
        tab.send(f"{SESSIONS}.end", session_id=str(uuid4()))
        tab.until(lambda: "That took too long and was stopped." in words_of(tab))
        monkeypatch.undo()
        show(tab, "/next")
    assert f"Ended {SESSIONS}.end" in caplog.text


def are_watched() -> bool:
    return any(topic.startswith("sessions:") for topic in hub.topics)


def test_a_page_has_so_many_watchers_and_they_end_with_it(port: int) -> None:
    with Tab(port, str(uuid4()), cookie=cookie_of("eve")) as tab:
        for _ in range(MOST_IN_BACKGROUND + 10):
            tab.send(f"{SESSIONS}.watch")
        tab.until(lambda: words_of(tab).count("Too much runs on this page") == 10)
        wait_until(are_watched, "the page does not watch")
    wait_until(lambda: not are_watched(), "the page that was left still watches")


def test_a_message_that_is_too_long_ends_its_connection_only(port: int) -> None:
    with (
        Tab(port, str(uuid4()), cookie=cookie_of("eve")) as tab,
        Tab(port, str(uuid4()), cookie=cookie_of("ann")) as other,
    ):
        tab.send(SHOW_FORBIDDEN, path="x" * LONGEST_MESSAGE)
        with pytest.raises(simple_websocket.ConnectionClosed):
            tab.until(lambda: False)
        show(other, "/mine")


def test_postgres_ends_a_statement_of_the_web_that_takes_too_long(
    services: None,  # noqa: ARG001 - where it runs
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Another address is another engine, which connects after it was bounded.
    monkeypatch.setenv("DATABASE_URL", f"{db.database_url()}?application_name=bounded")
    settings.cache_clear()
    # What a connection begins with is held to it as well.
    monkeypatch.setattr(db, "_bounds", ["-c statement_timeout=2s"])
    try:
        with pytest.raises(Unavailable, match="took too long and was stopped"), open_work() as work:
            work.session.execute(text("SELECT pg_sleep(200)"))
        db.engine().dispose()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_web_has_bounds_and_they_are_shorter_than_an_event() -> None:
    # In a process of its own: this one is that of the workers and of the tests as well.
    says = "import app.app, app.db; print(*app.db._bounds)"
    web = subprocess.run(
        [sys.executable, "-c", says], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert web.stdout.splitlines()[-1] == "-c statement_timeout=20s -c transaction_timeout=25s"
    assert max(db.STATEMENT_SECONDS, db.TRANSACTION_SECONDS) < EVENT_SECONDS
