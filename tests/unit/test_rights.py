"""Who is woken when rights change: by a look that finds it, however it was told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.errors import Unavailable
from app.views.accounts import Viewer
from state.rights import OpenSessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

# Long enough that no look in these tests happens by itself.
NEVER = 3600.0
PATIENCE_SECONDS = 60


def somebody(version: int = 1) -> Viewer:
    return Viewer(
        person_id=uuid4(),
        session_id=uuid4(),
        name="Ann",
        email="ann@company.example",
        roles=("buyer",),
        permissions=frozenset(),
        locale="en",
        rights_version=version,
    )


class Database:
    """Answers with the versions it is given, and counts how often it is asked."""

    def __init__(self, *people: Viewer) -> None:
        """Run the sessions of these people."""
        self.versions = {one.session_id: one.rights_version for one in people}
        self.asked: list[set[UUID]] = []
        self.is_away = False
        self.was_asked = asyncio.Event()

    async def look(self, session_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Return the versions of those that run."""
        self.asked.append(set(session_ids))
        self.was_asked.set()
        if self.is_away:
            raise Unavailable("Away.")
        return {one: self.versions[one] for one in session_ids if one in self.versions}


@asynccontextmanager
async def looking(database: Database, *, every: float = NEVER) -> AsyncIterator[OpenSessions]:
    sessions = OpenSessions(look=database.look, every=every)
    task = asyncio.create_task(sessions.keep_looking())
    await asyncio.sleep(0)
    yield sessions
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until_set(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await event.wait()


async def test_whose_rights_changed_is_woken_and_nobody_else() -> None:
    ann, bob = somebody(), somebody()
    database = Database(ann, bob)
    woken, other = asyncio.Event(), asyncio.Event()
    async with looking(database) as sessions:
        with sessions.following(ann, woken.set), sessions.following(bob, other.set):
            database.versions[ann.session_id] += 1
            sessions.look_soon()
            await until_set(woken)
    assert database.asked == [{ann.session_id, bob.session_id}]
    assert not other.is_set()


async def test_an_ended_session_wakes_every_page_of_it() -> None:
    ann = somebody()
    database = Database(ann)
    one, two = asyncio.Event(), asyncio.Event()
    async with looking(database) as sessions:
        with sessions.following(ann, one.set), sessions.following(ann, two.set):
            database.versions.clear()
            sessions.look_soon()
            await until_set(one)
            await until_set(two)


async def test_what_nobody_announced_is_found_all_the_same() -> None:
    ann, woken = somebody(), asyncio.Event()
    database = Database(ann)
    async with looking(database, every=0.001) as sessions:
        with sessions.following(ann, woken.set):
            database.versions[ann.session_id] += 1
            await until_set(woken)


async def test_a_database_that_is_away_for_a_while_is_asked_again() -> None:
    ann, woken = somebody(), asyncio.Event()
    database = Database()
    database.is_away = True
    async with looking(database, every=0.001) as sessions:
        with sessions.following(ann, woken.set):
            await until_set(database.was_asked)
            database.is_away = False
            await until_set(woken)


async def test_nobody_is_asked_about_when_nobody_has_a_page_open() -> None:
    ann = somebody()
    database = Database(ann)
    async with looking(database) as sessions:
        with sessions.following(ann, lambda: None), sessions.following(None, lambda: None):
            assert sessions.followed == {ann.session_id}
        assert sessions.followed == frozenset()
        sessions.look_soon()
        await asyncio.sleep(0.01)
    assert database.asked == []
