"""A start with other settings is noted: which, and of secrets only that they are others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.config import load_settings
from app.models.audit import AuditEntry
from app.services.operations.noted_settings import note_settings
from app.work import open_work, within

if TYPE_CHECKING:
    from app.work import Work

pytestmark = pytest.mark.usefixtures("database")
HIDDEN = "**********"


def noted(work: Work) -> list[AuditEntry]:
    return list(work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))))


def started(process: str = "web", **flags: object) -> None:
    within(note_settings, process=process, given=load_settings(with_running=False, **flags))


def test_the_first_start_notes_what_is_not_the_default_and_the_next_nothing() -> None:
    started(log_level="warning")
    started(log_level="warning")
    [entry] = within(noted)
    assert (entry.action, entry.subject_id) == ("settings.changed", "web")
    assert entry.before is None
    assert entry.after
    assert entry.after["LOG_LEVEL"] == "warning"
    assert "PUBLIC_CATALOGUE" not in entry.after


def test_what_changed_is_noted_by_name_and_value() -> None:
    started(log_level="warning", public_catalogue=True)
    started(log_level="error", public_catalogue=True)
    entry = within(noted)[-1]
    assert (entry.before, entry.after) == ({"LOG_LEVEL": "warning"}, {"LOG_LEVEL": "error"})


def test_of_another_secret_it_is_noted_that_it_is_another() -> None:
    for key in ("SG.one-of-them", "SG.one-of-them", "SG.another"):
        started(sendgrid_api_key=key)
    first, second = within(noted)
    assert first.after
    assert first.after["SENDGRID_API_KEY"] == HIDDEN
    assert (second.before, second.after) == (
        {"SENDGRID_API_KEY": HIDDEN},
        {"SENDGRID_API_KEY": HIDDEN},
    )
    started()
    assert within(noted)[-1].after == {"SENDGRID_API_KEY": None}


def test_no_secret_and_no_quick_digest_of_one_is_kept() -> None:
    started(sendgrid_api_key="SG.one-of-them")
    with open_work() as work:
        kept = work.session.execute(
            text("SELECT string_agg(t::text, '') FROM (TABLE noted_setting) t")
        ).scalar_one()
        entry = work.session.execute(text("SELECT a::text FROM audit_entry a")).scalar_one()
        digest = work.session.execute(text("SELECT encode(sha256('SG.one-of-them'), 'hex')"))
        quick = digest.scalar_one()
    assert "SG.one" not in kept + entry
    assert quick not in kept + entry


def test_several_that_start_at_once_note_it_once_and_each_kind_for_itself() -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: started(log_level="error"), range(4)))
    started("worker-mail", log_level="error")
    assert [one.subject_id for one in within(noted)] == ["web", "worker-mail"]
