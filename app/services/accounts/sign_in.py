"""Signing in: from an identity the provider vouches for to a session in this browser."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.config import settings
from app.errors import NotAllowed
from app.models.accounts import Person, PersonSession, Role
from app.models.columns import now, stored
from app.services.accounts.locales import chosen_locale
from app.services.accounts.queries import digest
from app.services.accounts.sessions import sessions_topic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from app.integrations.ports import Identity
    from app.work import Work

# A company's directory rarely has groups named after one program's roles.
GROUP_PREFIX: Final = "anythingyouwantt-"
TOKEN_BYTES: Final = 32
LONGEST_USER_AGENT: Final = 400


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's value, which is kept nowhere else, and its life in seconds."""

    token: str
    max_age: int


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself: its headers Accept-Language and User-Agent, its address."""

    languages: str = ""
    user_agent: str = ""
    address: str = ""


def roles_from(groups: Iterable[str]) -> list[str]:
    """Return the roles that `groups` grant: a group is named as the role, or prefixed.

    Raises NotAllowed where they grant none: the provider vouches for everybody in the company,
    and not everybody there may order.
    """
    names = {group.removeprefix(GROUP_PREFIX) for group in groups}
    roles = [role.value for role in Role if role.value in names]
    if not roles:
        wanted = ", ".join(GROUP_PREFIX + role for role in Role)
        raise NotAllowed(
            "You are known, but in none of the groups that may use this program. Ask your "
            f"administrator to put you in one of them: {wanted}."
        )
    return roles


def sign_in(work: Work, *, identity: Identity, replaces: str, browser: Browser) -> SignedIn:
    """Open a session for `identity` and end the one this browser had.

    `replaces` is the token the browser came with, or "".
    Name, address, roles and locale are refreshed from what the provider says now.
    Raises NotAllowed for somebody whose groups grant no role.
    """
    roles = roles_from(identity.groups)
    moment = now()
    person_id = _remember(work, identity, roles, chosen_locale(identity.locale, browser.languages))
    # What has ended goes with every sign-in; nobody else needs to remember to sweep.
    work.session.execute(
        delete(PersonSession).where(
            (col(PersonSession.token_hash) == digest(replaces))
            | (col(PersonSession.expires_at) <= moment)
        )
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    lifetime = settings().session_absolute
    work.session.add(
        PersonSession(
            token_hash=digest(token),
            person_id=person_id,
            id_token=identity.id_token,
            provider_session=identity.provider_session,
            user_agent=browser.user_agent[:LONGEST_USER_AGENT],
            address=browser.address,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + lifetime,
        )
    )
    work.touch(sessions_topic(person_id))
    return SignedIn(token=token, max_age=int(lifetime.total_seconds()))


def _remember(work: Work, identity: Identity, roles: list[str], locale: str) -> UUID:
    """Insert or refresh the person, in one statement: two browsers may sign in at once."""
    said = {
        "email": identity.email,
        "name": identity.name,
        "roles": roles,
        "locale": locale,
        "signed_in_at": now(),
    }
    person_id = work.session.execute(
        insert(Person)
        .values(issuer=identity.issuer, subject=identity.subject, created_at=now(), **said)
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_=said)
        .returning(col(Person.id))
    ).scalar_one()
    return stored(person_id)
