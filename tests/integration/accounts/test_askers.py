"""How often who is asking is looked up: once for what a browser sends and what follows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from state import doorkeeper
from state.session import SessionState, holder_of
from tests.integration.accounts.socket_client import Tab, cookie_of, words_of

if TYPE_CHECKING:
    from app.views.accounts import Viewer

SESSION = SessionState.get_full_name()
SHOW_FORBIDDEN = f"{SESSION}.show_forbidden"


def test_one_message_of_the_browser_is_one_look_at_its_session(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[UUID] = []

    async def counted(session_id: UUID) -> Viewer | None:
        looks.append(session_id)
        return await holder_of(session_id)

    monkeypatch.setattr(doorkeeper, "holder_of", counted)

    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        # The page's own events came of the one that opened it.
        assert tab.var(SESSION, "signed_in") is True
        assert len(looks) == 1
        tab.send(SHOW_FORBIDDEN, path="/changed")
        tab.send(SHOW_FORBIDDEN, path="/again")
        tab.until(lambda: tab.var(SESSION, "forbidden_path") == "/again")
        assert len(looks) == 3


def test_what_follows_from_an_event_late_is_asked_about_anew(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "SAME_MOMENT_SECONDS", 0.0)
    looks: list[UUID] = []

    async def ended_after_one(session_id: UUID) -> Viewer | None:
        looks.append(session_id)
        return await holder_of(session_id) if len(looks) == 1 else None

    monkeypatch.setattr(doorkeeper, "holder_of", ended_after_one)

    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        tab.until(lambda: "window.location.reload()" in words_of(tab))
        assert tab.var(SESSION, "signed_in") is not True
