"""An event that the program fails at: its sender is told so, and administrators see it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from app.models.audit import AuditAction, AuditEntry
from app.services.audit import note_refusals
from app.work import open_work, within
from state.session import SessionState
from tests.integration.accounts.socket_client import Tab, cookie_of, words_of

if TYPE_CHECKING:
    import pytest

SESSION = SessionState.get_full_name()


def test_an_event_that_fails_is_noted_with_who_sent_it(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    within(note_refusals)
    with Tab(port, str(uuid4()), cookie=cookie_of("ann")) as tab:
        tab.settle()
        monkeypatch.setattr("state.session.places_of", lambda _: 1 // 0)
        tab.send(f"{SESSION}.load")
        tab.until(lambda: "The mistake is ours" in words_of(tab))
    within(note_refusals)
    with open_work() as work:
        is_failure = col(AuditEntry.action) == AuditAction.FAILED
        (entry,) = work.session.scalars(select(AuditEntry).where(is_failure))
    assert (entry.subject_id, entry.actor_name) == (f"{SESSION}.load", "Ann")
    assert entry.after
    assert (entry.after["times"], entry.after["reason"]) == (1, "ZeroDivisionError")
