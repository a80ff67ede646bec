"""A process of the web notes by itself what it started with, and what its doors refuse."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.models.audit import AuditEntry
from app.services.audit import refused
from app.work import open_work
from state.audit import keep_noting
from tests.integration.ordering.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.usefixtures("database")
SETTINGS, REFUSED = ("settings.changed", "web"), ("access.refused", "GET /x")


@asynccontextmanager
async def noting() -> AsyncIterator[None]:
    task = asyncio.create_task(keep_noting())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def noted() -> list[tuple[str, str]]:
    with open_work(read_only=True) as work:
        rows = select(col(AuditEntry.action), col(AuditEntry.subject_id))
        return [(action, subject) for action, subject in work.session.execute(rows)]


async def until_noted(what: tuple[str, str]) -> None:
    await asyncio.to_thread(wait_until, lambda: what in noted(), f"{what} is not noted")


async def test_what_is_refused_is_noted_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.audit.NOTE_EVERY_SECONDS", 0.01)
    async with noting():
        await until_noted(SETTINGS)
        refused(kind="route", id="GET /x", reason="No.")
        await until_noted(REFUSED)


async def test_what_was_refused_last_is_noted_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.audit.NOTE_EVERY_SECONDS", 3600.0)
    async with noting():
        await until_noted(SETTINGS)
        refused(kind="route", id="GET /x", reason="No.")
        assert REFUSED not in noted()
    assert REFUSED in noted()
