"""Signing out, of one browser or of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlmodel import col

from app.models.accounts import Person, PersonSession
from app.services.accounts.queries import digest

if TYPE_CHECKING:
    from uuid import UUID

    from app.integrations.ports import EndedSession
    from app.work import Work


def sign_out(work: Work, *, token: str) -> str | None:
    """End the session of `token`, from this moment on and in every open page.

    Returns the id token it was opened with, which the provider wants to see, or None where there
    was no such session.
    """
    return work.session.execute(
        delete(PersonSession)
        .where(col(PersonSession.token_hash) == digest(token))
        .returning(col(PersonSession.id_token))
    ).scalar_one_or_none()


def sign_out_everywhere(work: Work, *, person_id: UUID) -> int:
    """End every session of a person. Returns how many there were."""
    ended = work.session.execute(
        delete(PersonSession)
        .where(col(PersonSession.person_id) == person_id)
        .returning(col(PersonSession.id))
    )
    return len(ended.all())


def sign_out_at_provider(work: Work, *, ended: EndedSession) -> int:
    """End the sessions of a sign-in that the provider has ended. Returns how many there were.

    A sign-in without a name means every session of its subject.
    """
    people = select(col(Person.id)).where(col(Person.issuer) == ended.issuer)
    if ended.subject:
        people = people.where(col(Person.subject) == ended.subject)
    which = col(PersonSession.person_id).in_(people)
    if ended.provider_session:
        which &= col(PersonSession.provider_session) == ended.provider_session
    gone = work.session.execute(
        delete(PersonSession)
        .where(which, col(PersonSession.created_at) <= ended.opened_before)
        .returning(col(PersonSession.id))
    )
    return len(gone.all())
