"""Signing out, of one browser or of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import col

from app.models.accounts import PersonSession
from app.services.accounts.queries import digest

if TYPE_CHECKING:
    from uuid import UUID

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
