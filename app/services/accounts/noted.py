"""Noting what happens at the door: signing in and out, and what the provider decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.acting import ActorKind, actor
from app.models.accounts import Person
from app.services.audit import AuditAction, note_of

if TYPE_CHECKING:
    from uuid import UUID

    from app.work import Work

PROVIDER = "sign-in provider"


def note_by_oneself(
    work: Work, action: AuditAction, person_id: UUID, after: dict[str, Any] | None = None
) -> None:
    """Note what a person did at a door that had not asked who they are."""
    person = work.session.get_one(Person, person_id)
    themselves = replace(actor(), kind=ActorKind.PERSON, id=str(person_id), name=person.name)
    note_of(
        work,
        themselves,
        action,
        kind="person",
        id=str(person_id),
        title=person.name,
        after=after,
    )


def note_by_provider(
    work: Work,
    action: AuditAction,
    person_id: UUID,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    """Note what the provider decided about a person."""
    provider = replace(actor(), kind=ActorKind.SERVICE, id=PROVIDER, name=PROVIDER)
    title = work.session.get_one(Person, person_id).name
    note_of(
        work,
        provider,
        action,
        kind="person",
        id=str(person_id),
        title=title,
        before=before,
        after=after,
    )
