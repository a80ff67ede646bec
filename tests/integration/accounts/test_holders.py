"""How often it is looked up who is asking, and how soon less is allowed after it was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app import db
from app.db_async import reading_in_loop
from app.errors import Unavailable
from app.models.accounts import Permission
from app.services.accounts import Access, holders_in_use
from app.work import open_work
from state.holders import holders
from state.live import hub
from state.session import SessionState, holder_of
from tests.integration.accounts.socket_client import Tab, cookie_of, words_of
from tests.integration.accounts.test_doorkeeper import declare, end_sessions, person_of
from tests.integration.hearing import all_is_heard

if TYPE_CHECKING:
    from app.views.accounts import Viewer

SESSION = SessionState.get_full_name()
SHOW_FORBIDDEN = f"{SESSION}.show_forbidden"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Return the sessions that were looked up."""
    found: list[UUID] = []

    async def counted(session_id: UUID) -> Viewer | None:
        found.append(session_id)
        return await holder_of(session_id)

    monkeypatch.setattr(holders, "_look", counted)
    return found


def show(tab: Tab, path: str) -> None:
    tab.send(SHOW_FORBIDDEN, path=path)
    tab.until(lambda: tab.var(SESSION, "forbidden_path") == path)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a moment last for hours: a busy machine must not look again by itself."""
    monkeypatch.setattr("state.holders.MOMENT_SECONDS", 10_000.0)


@pytest.mark.usefixtures("hours")
def test_what_reads_looks_once_within_a_moment(port: int, looks: list[UUID]) -> None:
    cookie = cookie_of("ann")
    all_is_heard()
    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        assert tab.var(SESSION, "signed_in") is True
        show(tab, "/first")
        show(tab, "/second")

    assert looks == [person_of(cookie).session_id]


@pytest.mark.usefixtures("hours")
def test_what_changes_anything_looks_each_time(
    port: int, looks: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, "show_forbidden", Access(Permission.ORDER_PLACE))
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        before = len(looks)
        show(tab, "/first")
        show(tab, "/second")

        assert len(looks) == before + 2


@pytest.mark.usefixtures("hours")
def test_a_session_that_is_ended_is_refused_as_soon_as_it_is_announced(port: int) -> None:
    cookie = cookie_of("ann")
    all_is_heard()
    with Tab(port, str(uuid4()), cookie=cookie) as tab:
        show(tab, "/first")
        end_sessions()
        tab.send(SHOW_FORBIDDEN, path="/second")
        tab.until(lambda: "window.location.reload()" in words_of(tab))

        assert tab.var(SESSION, "forbidden_path") == "/first"


@pytest.mark.usefixtures("hours")
def test_while_announcements_are_not_heard_nothing_is_remembered(
    port: int, looks: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        monkeypatch.setattr(hub, "_is_told", False)
        before = len(looks)
        show(tab, "/first")
        show(tab, "/second")

        assert len(looks) == before + 2


def test_a_moment_ends(port: int, looks: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.holders.MOMENT_SECONDS", -1.0)
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        before = len(looks)
        show(tab, "/first")
        show(tab, "/second")

        assert len(looks) == before + 2


async def test_who_asks_is_still_known_when_the_server_has_ended_the_connection(
    database: None,  # noqa: ARG001 - with nobody signed in
) -> None:
    ann = person_of(cookie_of("ann"))
    async with reading_in_loop():
        assert await holder_of(ann.session_id) == ann
        with db.raw_connection() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE usename = current_user AND pid <> pg_backend_pid()"
            )

        assert await holder_of(ann.session_id) == ann


async def test_one_who_was_away_is_noted_as_there_again(
    database: None,  # noqa: ARG001 - with nobody signed in
) -> None:
    ann = person_of(cookie_of("ann"))
    with open_work() as work:
        work.session.execute(text("UPDATE person_session SET seen_at = now() - interval '1 hour'"))
    async with reading_in_loop():
        assert await holder_of(ann.session_id) == ann
        # Which is what keeps a session from ending.
        assert await holders_in_use(session_ids=[ann.session_id]) == {ann.session_id: ann}


async def test_without_a_database_nobody_is_taken_for_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nowhere = "postgresql://app:app@127.0.0.1:1/app"
    monkeypatch.setattr("app.db.database_url", lambda: nowhere)
    async with reading_in_loop():
        with pytest.raises(Unavailable):
            await holder_of(uuid4())
