"""A read-through cache on Redis: quick when Redis is there, and only slower when it is not.

Values travel as JSON. A key is loaded once at a time, in this process and across processes; whoever
comes meanwhile waits a moment for that answer. After a failure Redis is left alone for a while, so
that a dead one costs no request its time-out.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from app.errors import Misconfigured
from app.integrations.redis import NoScriptError, RedisError, cache_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

T = TypeVar("T")

# Part of every key: another layout of the views must not read what an older program has kept.
LAYOUT: Final = 1
RESTING_SECONDS: Final = 5.0
# How long a loader may hold its key, and how long others wait for it before they load themselves.
LOCK_SECONDS: Final = 5
WAIT_SECONDS: Final = 1.0
LOOK_EVERY_SECONDS: Final = 0.02

# What is kept, else a claim to load it, in one round trip.
_LOOK_UP: Final = """
local kept = redis.call('GET', KEYS[1])
if kept then return {kept, 0} end
return {false, redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) and 1 or 0}
"""
_LOOK_UP_SHA: Final = hashlib.sha1(_LOOK_UP.encode(), usedforsecurity=False).hexdigest()

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Breaker:
    """Remembers that Redis did not answer, and until when it is not asked again."""

    resting_until: float = 0.0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def is_open(self) -> bool:
        return time.monotonic() < self.resting_until

    def trip(self, problem: Exception) -> None:
        with self.guard:
            if not self.is_open():
                log.warning("The cache is left out for %.0f s: %s", RESTING_SECONDS, problem)
            self.resting_until = time.monotonic() + RESTING_SECONDS


_breaker = _Breaker()
_loading: dict[str, Future[Any]] = {}
_loading_guard = threading.Lock()


def rest_is_over() -> None:
    """Ask Redis again from now on, whatever happened before."""
    _breaker.resting_until = 0.0


def read_through(key: str, load: Callable[[], T], *, kind: TypeAdapter[T], keep: timedelta) -> T:
    """Return what is kept under `key`, else load it and keep it for `keep`.

    `kind` reads and checks the JSON of a value. What `load` raises is raised; a cache that does
    not answer never is.
    """
    name = f"cache:{LAYOUT}:{hashlib.sha256(key.encode()).hexdigest()}"
    mine: Future[Any] = Future()
    with _loading_guard:
        other = _loading.setdefault(name, mine)
    if other is not mine:
        try:
            return other.result(timeout=WAIT_SECONDS)
        except Exception:  # noqa: BLE001 - too slow, or a failure that is not ours
            return load()
    try:
        value = _load_alone(name, load, kind, keep)
    except BaseException as problem:
        mine.set_exception(problem)
        raise
    else:
        mine.set_result(value)
        return value
    finally:
        with _loading_guard:
            _loading.pop(name, None)
        # Nobody may have waited: an exception that was never asked for is not worth a warning.
        mine.exception()


def _load_alone(name: str, load: Callable[[], T], kind: TypeAdapter[T], keep: timedelta) -> T:
    """Return what is kept, else load while other processes wait, or wait for the one that loads."""
    lock = f"{name}:lock"
    packed, has_lock = _ask(lambda redis: _looked_up(redis, name, lock)) or (None, None)
    kept = _read(packed, kind)
    if kept is None and packed is None and has_lock == 0:
        kept = _wait_for(name, kind)
    if kept is not None:
        return kept[0]
    value = load()
    packed = orjson.dumps(value)

    def put(redis: Any) -> None:  # noqa: ANN401 - the client's methods are typed for two worlds
        pipeline = redis.pipeline(transaction=False).set(name, packed, px=keep)
        (pipeline.delete(lock) if has_lock else pipeline).execute()

    _ask(put)
    return value


def _looked_up(redis: Any, name: str, lock: str) -> list[Any]:  # noqa: ANN401 - typed for two worlds
    """Return what is kept, and otherwise whether the lock is now ours."""
    try:
        return redis.evalsha(_LOOK_UP_SHA, 2, name, lock, LOCK_SECONDS)
    except NoScriptError:
        return redis.eval(_LOOK_UP, 2, name, lock, LOCK_SECONDS)


def _wait_for(name: str, kind: TypeAdapter[T]) -> tuple[T] | None:
    """Return the value that another process is loading, None where it takes too long."""
    give_up = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < give_up and not _breaker.is_open():
        time.sleep(LOOK_EVERY_SECONDS)
        kept = _get(name, kind)
        if kept is not None:
            return kept
    return None


def _get(name: str, kind: TypeAdapter[T]) -> tuple[T] | None:
    """Return the kept value in a tuple, None where there is none that can be read."""
    return _read(_ask(lambda redis: redis.get(name)), kind)


def _read(packed: bytes | None, kind: TypeAdapter[T]) -> tuple[T] | None:
    if packed is None:
        return None
    try:
        return (kind.validate_json(packed),)
    except ValidationError:
        return None


def _ask(question: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - whatever Redis answers
    """Ask Redis, None where it does not answer."""
    if _breaker.is_open():
        return None
    try:
        return question(cache_client())
    except (RedisError, Misconfigured) as problem:
        _breaker.trip(problem)
        return None
