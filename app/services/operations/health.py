"""Can this process serve? Each question has a time-out of its own and all are asked at once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Final

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col

from app import db
from app.config import PROJECT_ROOT
from app.errors import AppError, Unavailable
from app.integrations.bucket import configured_bucket
from app.integrations.redis import RedisError, ping
from app.models.feeds import Feed
from app.services.feeds.demo import DEMO_FEEDS
from app.views.health import CheckResult, Readiness
from app.views.operations import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One question: `ask` returns what it found, or raises an AppError that says what is wrong.

    `seconds` is how long it may take.
    """

    name: str
    ask: Callable[[], str]
    seconds: float


@lru_cache(maxsize=1)
def newest_migration() -> str | None:
    """Return the revision this program was written for."""
    return ScriptDirectory.from_config(Config(PROJECT_ROOT / "alembic.ini")).get_current_head()


def check_database() -> str:
    """Return the migration. Raises Unavailable unless the database answers and is at the newest."""
    try:
        with db.engine().connect() as connection:
            there = connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
            found = (
                connection.scalar(text("SELECT version_num FROM alembic_version"))
                if there
                else None
            )
    except OperationalError as problem:
        raise Unavailable("The database does not answer.") from problem
    if found != newest_migration():
        raise Unavailable(
            f"The database is at migration {found or 'none'} and the program needs "
            f"{newest_migration()}: run `python -m app migrate`."
        )
    return f"at migration {found}"


def check_redis() -> str:
    """Raise Unavailable unless Redis answers."""
    try:
        ping()
    except RedisError as problem:
        raise Unavailable("Redis does not answer.") from problem
    return "answers"


def check_bucket() -> str:
    """Raise Unavailable unless the bucket is there."""
    configured_bucket().check()
    return "is there"


def check_first_sync() -> str:
    """Raise Unavailable while a demo feed has not been synced once."""
    try:
        with db.open_session() as session:
            waiting = session.scalars(
                select(col(Feed.name))
                .where(col(Feed.synced_at).is_(None), col(Feed.name).in_(DEMO_FEEDS))
                .order_by(col(Feed.name))
            ).all()
    except DBAPIError as problem:
        raise Unavailable("The feeds cannot be read.") from problem
    if waiting:
        raise Unavailable(f"The first sync is not done: {', '.join(waiting)}.")
    return "done"


CHECKS: Final = (
    Check("database", check_database, 2.0),
    Check("redis", check_redis, 1.0),
    Check("bucket", check_bucket, 3.0),
    Check("first-sync", check_first_sync, 2.0),
)


async def readiness(checks: tuple[Check, ...]) -> Readiness:
    """Ask every question at once; one that takes too long counts as refused."""
    return Readiness(tuple(await asyncio.gather(*map(_answer, checks))))


class _Ready:
    """What all who ask at the same time are told: it takes few threads, however many they are.

    Nobody gets an answer that had begun before they asked.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Lock()
        # The newest look that has begun, the newest that has ended, and what that one found.
        self._begun = self._ended = 0
        self._found = Readiness(())

    async def ask(self) -> Readiness:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The program was ended and started anew in this process.
            self._loop, self._turn = loop, asyncio.Lock()
        before = self._begun
        async with self._turn:
            if self._ended <= before:
                self._begun += 1
                self._found, self._ended = await readiness(CHECKS), self._begun
            return self._found


# Anybody may ask for it, uncounted: a flood must not take the threads from everybody else.
ready_now: Final = _Ready().ask


def does_everything_answer(found: Readiness) -> Answer:
    """Answer for the dashboard whether every service that is needed answers."""
    refused = [check for check in found.checks if not check.ok]
    return Answer(
        key="health",
        question="Does everything answer?",
        is_good=not refused,
        figure=f"{len(found.checks) - len(refused)} of {len(found.checks)}",
        answer=(
            f"{refused[0].name}: {refused[0].sentence}"
            if refused
            else "Everything that the program needs is there."
        ),
        link="/admin/health",
    )


async def _answer(check: Check) -> CheckResult:
    began = monotonic()
    ok = False
    try:
        sentence = await asyncio.wait_for(asyncio.to_thread(check.ask), check.seconds)
        ok = True
    except TimeoutError:
        sentence = f"No answer within {check.seconds:g} s."
    except AppError as problem:
        sentence = problem.sentence
    except Exception:
        log.exception("The check %s failed in a way nobody expected", check.name)
        sentence = "The check itself failed; see the log."
    return CheckResult(check.name, ok, sentence, monotonic() - began)
