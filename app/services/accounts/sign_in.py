"""Signing in: from an identity the provider vouches for to a session in this browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.config import settings
from app.errors import NotAllowed
from app.models.accounts import PEOPLE_ROLES, Person, PersonSession
from app.models.columns import now, stored
from app.services.accounts.locales import chosen_locale
from app.services.accounts.noted import note_by_oneself, note_by_provider
from app.services.accounts.people import set_roles
from app.services.accounts.queries import digest, named_by
from app.services.accounts.roles import GROUP_PREFIX, effective_roles, roles_from
from app.services.accounts.rotation import SignedIn, new_token
from app.services.accounts.topics import PEOPLE, RIGHTS, SESSIONS, sessions_topic
from app.services.audit import AuditAction
from app.work import goes_on

if TYPE_CHECKING:
    from app.integrations.ports import Identity
    from app.work import Work

LONGEST_USER_AGENT: Final = 400


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself: its headers Accept-Language and User-Agent, its address."""

    languages: str = ""
    user_agent: str = ""
    address: str = ""


@goes_on
def sign_in(work: Work, *, identity: Identity, replaces: str, browser: Browser) -> SignedIn:
    """Open a session for `identity` and end the one this browser had.

    `replaces` is the token the browser came with, or "".
    Name, address, roles and locale are refreshed from what the provider says now.
    Raises NotAllowed for somebody who has no role, by the provider or given, and who is blocked.
    """
    moment = now()
    person = _remember(work, identity, chosen_locale(identity.locale, browser.languages))
    _refuse_blocked(person)
    person_id = stored(person.id)
    roles, before = _roles(person), list(person.roles)
    if before and before != roles:
        changed = AuditAction.PERSON_ROLES_CHANGED
        note_by_provider(work, changed, person_id, {"roles": before}, {"roles": roles})
    set_roles(work, person, roles)
    # What has ended goes with every sign-in; nobody else needs to remember to sweep.
    work.session.execute(
        delete(PersonSession).where(named_by(replaces) | (col(PersonSession.expires_at) <= moment))
    )
    token = new_token()
    lifetime = settings().session_absolute
    work.session.add(
        PersonSession(
            token_hash=digest(token),
            person_id=person_id,
            rights_version=person.rights_version,
            id_token=identity.id_token,
            provider_session=identity.provider_session,
            user_agent=browser.user_agent[:LONGEST_USER_AGENT],
            address=browser.address,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + lifetime,
        )
    )
    said = {"roles": roles, "issuer": identity.issuer, "browser": browser.user_agent}
    note_by_oneself(work, AuditAction.PERSON_SIGNED_IN, person_id, said)
    work.touch(PEOPLE, RIGHTS, SESSIONS, sessions_topic(person_id))
    return SignedIn(token=token, max_age=int(lifetime.total_seconds()))


def _remember(work: Work, identity: Identity, locale: str) -> Person:
    """Insert or refresh the person and lock their row: two browsers may sign in at once."""
    said = {
        "email": identity.email,
        "name": identity.name,
        "roles_by_provider": roles_from(identity.groups),
        "locale": locale,
        "signed_in_at": now(),
    }
    return work.session.scalars(
        insert(Person)
        .values(
            issuer=identity.issuer, subject=identity.subject, roles=[], created_at=now(), **said
        )
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_=said)
        .returning(Person)
        .execution_options(populate_existing=True)
    ).one()


def _refuse_blocked(person: Person) -> None:
    if person.blocked_at is not None:
        raise NotAllowed(
            "Your account has been blocked. Ask your administrator why, and to unblock it."
        )


def _roles(person: Person) -> list[str]:
    """Return the roles that count from now on.

    Raises NotAllowed where there are none: the provider vouches for everybody in the company, and
    not everybody there may order.
    """
    roles = effective_roles(
        by_provider=person.roles_by_provider,
        given=person.roles_given,
        withheld=person.roles_withheld,
    )
    if not roles:
        wanted = ", ".join(GROUP_PREFIX + role for role in PEOPLE_ROLES)
        raise NotAllowed(
            "You are known, but in none of the groups that may use this program. Ask your "
            f"administrator to put you in one of them: {wanted}."
        )
    return roles
