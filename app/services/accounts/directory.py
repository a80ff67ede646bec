"""Finding people: all of them, or the one that an operator means."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from app.errors import Conflict, NotFound
from app.models.accounts import Permission, Person
from app.models.columns import stored
from app.services.accounts.access import Access
from app.views.accounts import KnownPerson

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def known_people(work: Work, *, viewer: Viewer) -> tuple[KnownPerson, ...]:
    """Return everybody, by address. Raises NotAllowed."""
    Access(Permission.PERSON_READ).check(viewer)
    rows = work.session.scalars(select(Person).order_by(col(Person.email), col(Person.id)))
    return tuple(_known(row) for row in rows)


def person_meant(work: Work, *, viewer: Viewer, who: str) -> UUID:
    """Return the id of the person with this address, or this id.

    Raises NotAllowed, NotFound, and Conflict where several people have the address: it is not
    what people are known by.
    """
    Access(Permission.PERSON_READ).check(viewer)
    try:
        which = col(Person.id) == UUID(who)
    except ValueError:
        which = func.lower(col(Person.email)) == who.strip().lower()
    found = work.session.scalars(select(Person).where(which).order_by(col(Person.id))).all()
    if not found:
        raise NotFound(f"Nobody is known as {who}.")
    if len(found) > 1:
        them = ", ".join(f"{row.id} by {row.issuer}" for row in found)
        raise Conflict(f"Several people have this address; give the id of one: {them}.")
    return stored(found[0].id)


def _known(row: Person) -> KnownPerson:
    return KnownPerson(
        id=stored(row.id),
        issuer=row.issuer,
        email=row.email,
        name=row.name,
        roles=tuple(row.roles),
        is_blocked=row.blocked_at is not None,
        signed_in_at=row.signed_in_at,
    )
