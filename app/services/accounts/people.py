"""What an administrator decides about people: roles given and withheld, and who is kept out.

It takes effect on the next event of the person and on their open pages; see `state.rights`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import any_, literal, or_, select
from sqlmodel import col

from app.errors import BadInput, Conflict, NotFound
from app.models.accounts import PEOPLE_ROLES, Permission, Person, Role
from app.models.columns import now
from app.services.accounts.access import Access
from app.services.accounts.roles import effective_roles
from app.services.accounts.sign_out import end_sessions_of
from app.services.accounts.topics import PEOPLE, RIGHTS
from app.services.audit import AuditAction, note
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any
    from uuid import UUID

    from app.views.accounts import Viewer
    from app.work import Work

LONGEST_REASON: Final = 500

_MAY_CHANGE: Final = Access(Permission.PERSON_CHANGE)


def change_roles(
    work: Work,
    *,
    administrator: Viewer,
    person_id: UUID,
    give: Collection[str],
    withhold: Collection[str],
) -> None:
    """Say which roles a person has whatever the provider says, and which they have not.

    `give` and `withhold` replace what was said before; with both empty the provider alone decides.
    Raises NotAllowed, NotFound, BadInput for a role that nobody can have or that is in both, and
    Conflict where nobody would be administrator any more.
    """
    _MAY_CHANGE.check(administrator)
    given, withheld = checked_roles(give), checked_roles(withhold)
    if both := set(given) & set(withheld):
        raise BadInput(f"Either give or withhold a role, not both: {', '.join(sorted(both))}.")
    person, is_last_administrator = _locked(work, person_id)
    roles = effective_roles(by_provider=person.roles_by_provider, given=given, withheld=withheld)
    if is_last_administrator and Role.ADMIN not in roles:
        raise Conflict(_nobody_left(person))
    before = _rights(person)
    person.roles_given, person.roles_withheld = given, withheld
    set_roles(work, person, roles)
    _note(work, AuditAction.PERSON_ROLES_CHANGED, person, before)


@goes_on
def block_person(work: Work, *, administrator: Viewer, person_id: UUID, reason: str) -> None:
    """Keep a person out: their sessions end now, and they cannot sign in until unblocked.

    `reason` is for the administrators; the person is not told. Blocking somebody who is blocked
    changes the reason. Raises NotAllowed, NotFound, BadInput without a reason, and Conflict for
    oneself and for the last administrator.
    """
    _MAY_CHANGE.check(administrator)
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise BadInput(
            f"Say why, in at most {LONGEST_REASON} characters: it stands beside the block.",
            field="reason",
        )
    if person_id == administrator.person_id:
        raise Conflict("You cannot block yourself. Ask another administrator.")
    person, is_last_administrator = _locked(work, person_id)
    if is_last_administrator:
        raise Conflict(_nobody_left(person))
    before = _rights(person)
    if person.blocked_at is None:
        person.blocked_at = now()
        _rights_changed(work, person)
    person.blocked_reason = said
    end_sessions_of(work, person_id=person_id)
    _note(work, AuditAction.PERSON_BLOCKED, person, before)


def unblock_person(work: Work, *, administrator: Viewer, person_id: UUID) -> None:
    """Let a blocked person sign in again. Raises NotAllowed, NotFound, Conflict if not blocked."""
    _MAY_CHANGE.check(administrator)
    person, _ = _locked(work, person_id)
    if person.blocked_at is None:
        raise Conflict(f"{person.name} is not blocked.")
    before = _rights(person)
    person.blocked_at, person.blocked_reason = None, ""
    _rights_changed(work, person)
    _note(work, AuditAction.PERSON_UNBLOCKED, person, before)


def set_roles(work: Work, person: Person, roles: list[str]) -> None:
    """Let `roles` count for a person whose row is locked; open pages hear of a change."""
    if person.roles != roles:
        person.roles = roles
        _rights_changed(work, person)


def _rights_changed(work: Work, person: Person) -> None:
    person.rights_version += 1
    work.touch(RIGHTS)


def _rights(person: Person) -> dict[str, Any]:
    """Return what of a person is noted when it changes."""
    return {
        "roles": list(person.roles),
        "given": list(person.roles_given),
        "withheld": list(person.roles_withheld),
        "blocked": person.blocked_at is not None,
        "reason": person.blocked_reason,
    }


def _note(work: Work, action: AuditAction, person: Person, before: dict[str, Any]) -> None:
    """Note what was done to a person, and tell the pages that show people."""
    after = _rights(person)
    note(
        work,
        action,
        kind="person",
        id=str(person.id),
        title=person.name,
        before=before,
        after=after,
    )
    work.touch(PEOPLE)


def _locked(work: Work, person_id: UUID) -> tuple[Person, bool]:
    """Return a person, and whether without them nobody would be administrator.

    Administrators are locked with them, in the order of their ids: two who take the role from each
    other at the same time must not both succeed.
    """
    rows = work.session.scalars(
        select(Person)
        .where(
            or_(
                col(Person.id) == person_id,
                literal(Role.ADMIN.value) == any_(col(Person.roles)),
            )
        )
        .order_by(col(Person.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    person = next((row for row in rows if row.id == person_id), None)
    if person is None:
        raise NotFound("There is no such person.")
    administrators = [row.id for row in rows if Role.ADMIN in row.roles and row.blocked_at is None]
    return person, administrators == [person_id]


def checked_roles(roles: Collection[str]) -> list[str]:
    """Return `roles` in their order. Raises BadInput for one that a person cannot have."""
    if unknown := sorted(set(roles) - set(PEOPLE_ROLES)):
        known = ", ".join(PEOPLE_ROLES)
        raise BadInput(f"A person cannot have the role {unknown[0]!r}; there are {known}.")
    return [role.value for role in PEOPLE_ROLES if role in roles]


def _nobody_left(person: Person) -> str:
    return f"{person.name} is the last administrator. Make somebody else one first."
