"""Refusals are noted, once a minute each, and never so many that they fill the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.acting import ActorKind, acts
from app.errors import Unavailable
from app.models.audit import AuditEntry
from app.services.audit import note_refusals, refused
from app.services.audit.refusals import MOST, MOST_OF_ONE
from app.work import within

if TYPE_CHECKING:
    from app.work import Work

pytestmark = pytest.mark.usefixtures("nothing_counted", "database")


@pytest.fixture
def nothing_counted(services: None) -> None:  # noqa: ARG001 - where it goes
    """Let go of what other tests were refused."""
    within(note_refusals)


def noted(work: Work) -> list[AuditEntry]:
    return list(work.session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))))


def somebody(address: str, trace_id: str = "") -> None:
    acts(kind=ActorKind.PERSON, id="7", name="Bob", address=address, trace_id=trace_id)


def test_the_same_refusal_is_one_entry_that_says_how_often() -> None:
    for trace in ("first", "second", "third"):
        somebody("203.0.113.1", trace)
        refused(kind="event", id="orders.retry", reason="Not for you.")
    somebody("203.0.113.2")
    refused(kind="event", id="orders.retry", reason="Not for you.")
    assert within(note_refusals) == 2
    assert within(note_refusals) == 0
    first, other = within(noted)
    assert (first.action, first.actor_name, first.address) == (
        "access.refused",
        "Bob",
        "203.0.113.1",
    )
    assert (first.subject_kind, first.subject_id, first.trace_id) == (
        "event",
        "orders.retry",
        "first",
    )
    assert first.after
    assert (first.after["times"], first.after["reason"]) == (3, "Not for you.")
    assert other.after
    assert other.after["times"] == 1


def test_a_flood_of_different_ones_has_an_end_and_is_counted() -> None:
    for number in range(10 * MOST):
        somebody(f"203.0.113.{number % 200}")
        refused(kind="event", id=f"guess-{number}", reason="Nobody may use it.")
    within(note_refusals)
    entries = within(noted)
    assert len(entries) == MOST + 1
    [others] = [one for one in entries if one.subject_kind == "others"]
    assert others.after
    assert others.after["times"] == 9 * MOST


def test_the_noise_of_one_does_not_hide_what_another_tried() -> None:
    for number in range(10 * MOST):
        somebody("203.0.113.1")
        refused(kind="event", id=f"noise-{number}", reason="Nobody may use it.")
    acts(kind=ActorKind.PERSON, id="8", name="Eve", address="203.0.113.9")
    refused(kind="event", id="people.block", reason="Not for you.")
    within(note_refusals)
    entries = within(noted)

    assert [one.subject_id for one in entries if one.actor_name == "Eve"] == ["people.block"]
    [rest] = [one for one in entries if one.subject_kind == "others"]
    assert (rest.actor_name, rest.address) == ("Bob", "203.0.113.1")
    assert rest.after
    assert rest.after["times"] == 10 * MOST - MOST_OF_ONE


def test_what_could_not_be_noted_is_noted_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_work: Work) -> None:
        raise Unavailable("Not now.")

    somebody("203.0.113.1")
    refused(kind="route", id="GET /x", reason="No.")
    with monkeypatch.context() as patch:
        patch.setattr("app.work.Work.write_all", away)
        with pytest.raises(Unavailable):
            within(note_refusals)
    refused(kind="route", id="GET /x", reason="No.")
    assert within(note_refusals) == 1
    [entry] = within(noted)
    assert entry.after
    assert entry.after["times"] == 2
