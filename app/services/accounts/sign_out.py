"""Signing out, of one browser or of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlmodel import col

from app.errors import NotFound
from app.models.accounts import Person, PersonSession
from app.services.accounts.queries import digest
from app.services.accounts.sessions import sessions_topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, Row

    from app.integrations.ports import EndedSession
    from app.views.accounts import Viewer
    from app.work import Work


def sign_out(work: Work, *, token: str) -> str | None:
    """End the session of `token`, from this moment on and in every open page.

    Returns the id token it was opened with, which the provider wants to see, or None where there
    was no such session.
    """
    ended = _end(work, col(PersonSession.token_hash) == digest(token))
    return ended[0].id_token if ended else None


def sign_out_everywhere(work: Work, *, person_id: UUID) -> int:
    """End every session of a person. Returns how many there were."""
    return len(_end(work, col(PersonSession.person_id) == person_id))


def sign_out_elsewhere(work: Work, *, viewer: Viewer, session_id: UUID) -> None:
    """End one of the person's own sessions.

    Raises NotFound for a session that has ended already, and for somebody else's, which is the
    same to the one who asks.
    """
    own = col(PersonSession.person_id) == viewer.person_id
    if not _end(work, own & (col(PersonSession.id) == session_id)):
        raise NotFound("This session has ended already.")


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
    return len(_end(work, which & (col(PersonSession.created_at) <= ended.opened_before)))


def _end(work: Work, which: ColumnElement[bool]) -> Sequence[Row[str, UUID]]:
    """End sessions, and tell the open pages that list them."""
    ended = work.session.execute(
        delete(PersonSession)
        .where(which)
        .returning(col(PersonSession.id_token), col(PersonSession.person_id))
    ).all()
    work.touch(*{sessions_topic(row.person_id) for row in ended})
    return ended
