"""Tokens of sessions: a new one when a person signs in, and when their rights have changed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import col

from app.config import settings
from app.models.accounts import Person, PersonSession
from app.models.columns import now
from app.services.accounts.queries import digest, is_token
from app.work import goes_on

if TYPE_CHECKING:
    from app.work import Work

TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's new token: the cookie's value, which is kept nowhere else, and its seconds."""

    token: str
    max_age: int


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


@goes_on
def rotate(work: Work, *, token: str) -> SignedIn | None:
    """Replace the token of a session that was given it when its person had other rights.

    Of several requests that come with it at the same time, one is given the new one; the old one
    counts for `queries.GRACE` more. Returns None where nothing has to change.
    """
    if not is_token(token):
        return None
    moment = now()
    found = work.session.execute(
        select(PersonSession, col(Person.rights_version))
        .join(Person, col(Person.id) == col(PersonSession.person_id))
        .where(
            col(PersonSession.token_hash) == digest(token),
            col(PersonSession.rights_version) != col(Person.rights_version),
            col(PersonSession.expires_at) > moment,
            col(PersonSession.seen_at) > moment - settings().session_idle,
        )
        .with_for_update(of=PersonSession)
    ).one_or_none()
    if found is None:
        return None
    session, version = found
    replacement = new_token()
    session.previous_token_hash, session.rotated_at = session.token_hash, moment
    session.token_hash, session.rights_version = digest(replacement), version
    seconds = int((session.expires_at - moment).total_seconds())
    return SignedIn(token=replacement, max_age=seconds)
