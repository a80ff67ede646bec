"""A change reaches every process within two seconds, and asking for a flag costs no query."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from queue import Queue
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import event, update

from app import db
from app.config import PROJECT_ROOT, settings
from app.flag_cache import LOOK_EVERY_SECONDS, is_on, rule_of
from app.flags import CORRECTED_SEARCH, OFF, ON, STOP_MAIL, Rule, parse_rule
from app.integrations.redis import RedisError, ping
from app.models.accounts import Role
from app.models.flags import FeatureFlag
from app.work import open_work
from tests.factories.ordering import a_viewer
from tests.integration.accounts.provider import free_port
from tests.integration.flags.switching import change, switch
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.views.accounts import Viewer

PROMISE_SECONDS = 2.0
# However busy the machine is, and the other process with starting.
PATIENCE_SECONDS = 120.0
NEVER_SECONDS = 10_000.0
# What another process does: says how the flag is, each time that it is something else.
WATCH = """
import sys
import time
from app import flag_cache
from app.flag_cache import is_on
from app.flags import STOP_MAIL
flag_cache.LOOK_EVERY_SECONDS = float(sys.argv[1])
said = None
while True:
    now = is_on(STOP_MAIL)
    if now != said:
        print("on" if now else "off", flush=True)
        said = now
    time.sleep(0.005)
"""


@contextmanager
def another_process(look_every: float = LOOK_EVERY_SECONDS) -> Iterator[Queue[str]]:
    """Run another process of this program; yields what it says about `stop-mail`."""
    process = subprocess.Popen(
        [sys.executable, "-c", WATCH, str(look_every)],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    said: Queue[str] = Queue()

    def listen() -> None:
        assert process.stdout
        for line in process.stdout:
            said.put(line.strip())

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield said
    finally:
        process.kill()
        process.wait()
        listener.join()
        assert process.stdout
        process.stdout.close()


@pytest.mark.usefixtures("database")
def test_another_process_is_told_and_does_not_wait_for_its_next_look() -> None:
    with another_process(look_every=NEVER_SECONDS) as said:
        assert said.get(timeout=PATIENCE_SECONDS) == "off"
        for rule in ("on", "off"):
            change(STOP_MAIL, rule)
            assert said.get(timeout=PATIENCE_SECONDS) == rule


@pytest.mark.usefixtures("database")
def test_where_the_notification_is_lost_and_redis_is_away_it_looks_within_the_promise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By the clock only a machine with nothing else to do could be held to it.
    assert 2 * LOOK_EVERY_SECONDS <= PROMISE_SECONDS
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    try:
        with pytest.raises(RedisError):
            ping()
        with another_process() as said:
            assert said.get(timeout=PATIENCE_SECONDS) == "off"
            with open_work() as work:
                work.session.add(FeatureFlag(name="stop-mail", rule="on", reason="quietly"))
            assert said.get(timeout=PATIENCE_SECONDS) == "on"
            with open_work() as work:
                work.session.execute(update(FeatureFlag).values(rule="off"))
            assert said.get(timeout=PATIENCE_SECONDS) == "off"
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.usefixtures("database")
def test_asking_costs_no_query(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_work() as work:
        people = [a_viewer(work.session) for _ in range(10)]
    switch(CORRECTED_SEARCH, "50%")
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    connected: list[float] = []
    connect = db.raw_connection
    monkeypatch.setattr(db, "raw_connection", lambda: connected.append(monotonic()) or connect())
    event.listen(db.engine(), "before_cursor_execute", count)
    try:
        for _ in range(1_000):
            for person in people:
                is_on(CORRECTED_SEARCH, person)
    finally:
        event.remove(db.engine(), "before_cursor_execute", count)
    assert not asked
    assert not connected


@pytest.mark.usefixtures("database")
def test_without_postgres_what_was_read_last_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    switch(STOP_MAIL, "on")
    tried = threading.Semaphore(0)

    def refuse() -> None:
        tried.release()
        raise psycopg.OperationalError("gone")

    connect = db.raw_connection
    monkeypatch.setattr(db, "raw_connection", refuse)
    with connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND query LIKE '%feature_flag%'"
        )
        # From here on it reads nothing.
        assert tried.acquire(timeout=PATIENCE_SECONDS)
        connection.execute("UPDATE feature_flag SET rule = 'off'")
    for _ in range(3):
        assert tried.acquire(timeout=PATIENCE_SECONDS)
        assert is_on(STOP_MAIL)
    monkeypatch.setattr(db, "raw_connection", connect)
    wait_until(lambda: not is_on(STOP_MAIL), "the switch is read again")


@pytest.fixture
def people(database: None) -> dict[str, Viewer]:  # noqa: ARG001 - on an empty database
    with open_work() as work:
        return {role: a_viewer(work.session, role) for role in (Role.BUYER, Role.OPERATOR)}


def test_a_rule_holds_for_whom_it_names(people: dict[str, Viewer]) -> None:
    buyer, operator = people[Role.BUYER], people[Role.OPERATOR]
    switch(CORRECTED_SEARCH, "role:operator")
    assert [is_on(CORRECTED_SEARCH, who) for who in (buyer, operator, None)] == [False, True, False]
    switch(CORRECTED_SEARCH, f"person:{buyer.person_id}")
    assert [is_on(CORRECTED_SEARCH, who) for who in (buyer, operator, None)] == [True, False, False]
    assert rule_of(CORRECTED_SEARCH) == parse_rule(f"person:{buyer.person_id}")
    assert rule_of(STOP_MAIL) == OFF != ON != Rule(percent=1)


@pytest.mark.usefixtures("database")
def test_a_rule_that_nobody_can_read_leaves_the_flag_as_declared(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_work() as work:
        work.session.add(FeatureFlag(name="corrected-search", rule="moon:full", reason="later"))
    wait_until(lambda: "corrected-search is passed over" in caplog.text, "it was read")
    assert is_on(CORRECTED_SEARCH)
