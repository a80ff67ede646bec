"""People who are known by an e-mail address alone: those whom an administrator has added.

They are no one else's namesakes: an address that a provider vouches for is another person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app.config import settings
from app.errors import BadInput, Conflict
from app.integrations.mail.addresses import split_address
from app.integrations.ports import MailRefused
from app.models.accounts import Permission, Person, SendInvitation
from app.models.columns import now, stored
from app.services.accounts.access import Access
from app.services.accounts.people import change_roles, checked_roles
from app.services.accounts.topics import PEOPLE
from app.services.audit import AuditAction, note

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.work import Work

# No address of a provider, so never an issuer of one.
LINK_ISSUER: Final = "link:"
LONGEST_NAME: Final = 200

_MAY_CHANGE: Final = Access(Permission.PERSON_CHANGE)


def subject_of(email: str) -> str:
    """Return an e-mail address as people are known by it. Raises BadInput for anything else."""
    subject = email.strip().lower()
    try:
        name, address = split_address(subject)
    except MailRefused as problem:
        raise BadInput(problem.sentence, field="email") from problem
    if name or address != subject:
        raise BadInput("Give the address alone, such as ada@company.example.", field="email")
    return subject


def known_by(work: Work, *, subject: str) -> Person | None:
    """Return who is known by this address, None for nobody."""
    return work.session.scalars(
        select(Person).where(col(Person.issuer) == LINK_ISSUER, col(Person.subject) == subject)
    ).one_or_none()


def add_person(
    work: Work, *, administrator: Viewer, email: str, name: str, roles: Collection[str]
) -> UUID:
    """Let somebody sign in by links that are mailed to `email`; returns their id.

    Without a name they are called by their address. Raises NotAllowed, BadInput for what is no
    address and without a role, and Conflict where somebody has been added with this address.
    """
    _MAY_CHANGE.check(administrator)
    subject, given = subject_of(email), checked_roles(roles)
    called = _checked_name(name.strip() or subject.partition("@")[0])
    if not given:
        raise BadInput("Give at least one role: without one nobody can sign in.", field="roles")
    person_id = work.session.scalar(
        insert(Person)
        .values(
            issuer=LINK_ISSUER,
            subject=subject,
            email=subject,
            name=called,
            roles=given,
            roles_given=given,
            locale="en",
            created_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(col(Person.id))
    )
    if person_id is None:
        raise Conflict(f"{subject} has been added already.")
    note(
        work,
        AuditAction.PERSON_ADDED,
        kind="person",
        id=str(person_id),
        title=called,
        after={"email": subject, "roles": given},
    )
    work.touch(PEOPLE)
    return person_id


def invite_person(
    work: Work, *, administrator: Viewer, email: str, name: str, roles: Collection[str]
) -> UUID:
    """Add somebody, and tell them by mail where they sign in; returns their id.

    Raises as `add_person` does, and Conflict while nobody can sign in by links.
    """
    if not settings().sign_in_links:
        raise Conflict("People come through the sign-in service here: SIGN_IN_LINKS is off.")
    person_id = add_person(work, administrator=administrator, email=email, name=name, roles=roles)
    work.enqueue(SendInvitation(person_id=person_id))
    return person_id


def add_or_change(
    work: Work, *, administrator: Viewer, email: str, name: str, roles: Collection[str]
) -> Person:
    """Return the person with this address, added where nobody has it; with `roles` if any are said.

    Raises as `add_person` and `change_roles` do.
    """
    _MAY_CHANGE.check(administrator)
    person = known_by(work, subject=subject_of(email))
    if person is None:
        person_id = add_person(
            work, administrator=administrator, email=email, name=name, roles=roles
        )
        return work.session.get_one(Person, person_id)
    if roles:
        change_roles(
            work,
            administrator=administrator,
            person_id=stored(person.id),
            give=roles,
            withhold=set(person.roles_withheld) - set(roles),
        )
    if called := _checked_name(name):
        person.name = called
    return person


def _checked_name(name: str) -> str:
    called = " ".join(name.split())
    if len(called) > LONGEST_NAME:
        raise BadInput(f"A name has at most {LONGEST_NAME} characters.", field="name")
    return called
