"""The read-through cache: kept until a sync, one load at a time, and no need of Redis."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from app.config import settings
from app.integrations import cache
from app.services.catalogue import search_catalogue
from app.views.catalogue_query import CatalogueQuery
from app.work import open_work, reading
from tests.factories.catalogue import a_feed, a_product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis

NUMBER = TypeAdapter(int)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def fresh_breaker() -> Iterator[None]:
    """Let every test start and end with a cache that is asked."""
    cache.rest_is_over()
    yield
    cache.rest_is_over()


@pytest.fixture
def nothing_listens(services: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - whose setting it replaces
    """Point the settings to a Redis that is not there."""
    with socket.socket() as taken:
        # Kept, and nobody else can listen there either.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
        settings.cache_clear()
        yield
        monkeypatch.undo()
        settings.cache_clear()


class Clock:
    """The time as the cache sees it: it passes while the cache sleeps, and otherwise not."""

    def __init__(self) -> None:
        """Begin some time after the last rest."""
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        """Return the seconds so far."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        self.seconds += seconds


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what another one loads however long that takes on a busy machine."""
    monkeypatch.setattr(cache, "WAIT_SECONDS", 120.0)
    monkeypatch.setattr(cache, "LOCK_SECONDS", 240)


def counting(value: int, *, seconds: float = 0) -> tuple[Callable[[], int], list[int]]:
    """Return a loader and the list of its calls."""
    calls: list[int] = []

    def load() -> int:
        calls.append(value)
        if seconds:
            threading.Event().wait(seconds)
        return value

    return load, calls


def cached_keys(redis: Redis) -> list[bytes]:
    """Return the keys of what is cached; the client's type allows for an asynchronous answer."""
    return cast("list[bytes]", redis.keys("cache:*"))


def test_a_value_is_loaded_once_and_kept_as_json_for_its_time(redis: Redis) -> None:
    load, calls = counting(42)
    for _ in range(3):
        assert cache.read_through("answer", load, kind=NUMBER, keep=MINUTE) == 42
    assert calls == [42]
    (key,) = cached_keys(redis)
    assert redis.get(key) == b"42"
    assert 0 < cast("int", redis.pttl(key)) <= 60_000


@pytest.mark.parametrize("planted", [b"not json", b'"text"', b"\x80\x04K*."])
def test_what_cannot_be_read_is_loaded_anew(redis: Redis, planted: bytes) -> None:
    load, calls = counting(7)
    cache.read_through("key", load, kind=NUMBER, keep=MINUTE)
    (key,) = cached_keys(redis)
    redis.set(key, planted)
    assert cache.read_through("key", load, kind=NUMBER, keep=MINUTE) == 7
    assert calls == [7, 7]


@pytest.mark.usefixtures("redis", "patient")
def test_a_stampede_runs_one_load() -> None:
    load, calls = counting(5, seconds=0.2)
    start = threading.Barrier(50)

    def ask() -> int:
        start.wait()
        return cache.read_through("rush", load, kind=NUMBER, keep=MINUTE)

    with ThreadPoolExecutor(50) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(50)]]
    assert answers == [5] * 50
    assert calls == [5]


@pytest.mark.usefixtures("patient")
def test_another_process_that_loads_is_waited_for(redis: Redis) -> None:
    load, calls = counting(1)
    cache.read_through("shared", load, kind=NUMBER, keep=MINUTE)
    (key,) = cached_keys(redis)
    redis.delete(key)
    redis.set(f"{key.decode()}:lock", b"somebody else")
    arrives = threading.Timer(0.1, lambda: redis.set(key, b"99"))
    arrives.start()
    assert cache.read_through("shared", load, kind=NUMBER, keep=MINUTE) == 99
    arrives.join()
    assert calls == [1]


def test_one_that_never_finishes_is_not_waited_for_long(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, calls = counting(3)
    cache.read_through("stuck", load, kind=NUMBER, keep=MINUTE)
    (key,) = cached_keys(redis)
    redis.delete(key)
    redis.set(f"{key.decode()}:lock", b"died")
    clock = Clock()
    began = clock.seconds
    monkeypatch.setattr(cache, "time", clock)
    assert cache.read_through("stuck", load, kind=NUMBER, keep=MINUTE) == 3
    waited = clock.seconds - began
    assert cache.WAIT_SECONDS <= waited < cache.WAIT_SECONDS + 2 * cache.LOOK_EVERY_SECONDS
    assert calls == [3, 3]


@pytest.mark.usefixtures("redis")
def test_a_failed_load_is_raised_and_keeps_nothing() -> None:
    def fail() -> int:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            cache.read_through("bad", fail, kind=NUMBER, keep=MINUTE)
    assert cache.read_through("bad", lambda: 1, kind=NUMBER, keep=MINUTE) == 1


@pytest.mark.usefixtures("nothing_listens")
def test_without_redis_everything_is_loaded_and_redis_left_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No time passes, so that Redis is still left alone at the end.
    monkeypatch.setattr(cache, "time", Clock())
    load, calls = counting(8)
    for _ in range(20):
        assert cache.read_through("gone", load, kind=NUMBER, keep=MINUTE) == 8
    assert len(calls) == 20
    assert len([record for record in caplog.records if "left out" in record.message]) == 1


@pytest.mark.usefixtures("database", "redis")
def test_a_sync_moves_the_catalogue_on_at_once() -> None:
    with open_work() as work:
        feed = a_feed(work.session)
        a_product(work.session, feed, "Hammer")
    query = CatalogueQuery()
    assert reading(search_catalogue, query=query).facets.total == 1
    with open_work() as work:
        a_product(work.session, feed, "Second hammer")
    # Nothing said that the catalogue has changed: what was kept is still shown.
    assert reading(search_catalogue, query=query).facets.total == 1
    with open_work() as work:
        work.session.connection().execute(text("UPDATE feed SET synced_at = now()"))
    result = reading(search_catalogue, query=query)
    assert result.facets.total == 2
    assert result.listing.products[0].name in {"Hammer", "Second hammer"}


@pytest.mark.usefixtures("database", "nothing_listens")
def test_the_catalogue_is_searched_without_redis() -> None:
    with open_work() as work:
        a_product(work.session, a_feed(work.session), "Hammer")
    assert reading(search_catalogue, query=CatalogueQuery(text="hamer")).facets.total == 1


@pytest.mark.usefixtures("database", "redis")
def test_a_kept_answer_is_the_answer() -> None:
    with open_work() as work:
        feed = a_feed(work.session)
        for n in range(30):
            a_product(work.session, feed, f"Hammer {n}", price_minor=100 + n, brand="Stahlfeld")
    query = CatalogueQuery(text="hamer", brands=("Stahlfeld",))
    assert reading(search_catalogue, query=query) == reading(search_catalogue, query=query)
