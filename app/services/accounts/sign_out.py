"""Signing out: of one browser or of all of them, oneself or by an administrator."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlmodel import col

from app.errors import NotFound
from app.models.accounts import Permission, Person, PersonSession
from app.services.accounts.access import Access
from app.services.accounts.noted import note_by_oneself, note_by_provider
from app.services.accounts.queries import named_by
from app.services.accounts.topics import RIGHTS, SESSIONS, sessions_topic
from app.services.audit import AuditAction, note
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement, Row

    from app.integrations.ports import EndedSession
    from app.views.accounts import Viewer
    from app.work import Work

_MAY_END_ANY: Final = Access(Permission.SESSION_END_ANY)


@goes_on
def sign_out(work: Work, *, token: str) -> str | None:
    """End the session of `token`, from this moment on and in every open page.

    Returns the id token it was opened with, which the provider wants to see, or None where there
    was no such session.
    """
    ended = _end(work, named_by(token))
    if not ended:
        return None
    note_by_oneself(work, AuditAction.PERSON_SIGNED_OUT, ended[0].person_id)
    return ended[0].id_token


@goes_on
def sign_out_everywhere(work: Work, *, person_id: UUID) -> int:
    """End every session of the person who asks. Returns how many there were."""
    number = end_sessions_of(work, person_id=person_id)
    if number:
        _note_ended(work, person_id=person_id, number=number)
    return number


def end_sessions_of(work: Work, *, person_id: UUID) -> int:
    """End every session of a person; the caller notes why. Returns how many there were."""
    return len(_end(work, col(PersonSession.person_id) == person_id))


@goes_on
def sign_out_elsewhere(work: Work, *, viewer: Viewer, session_id: UUID) -> None:
    """End one of the person's own sessions.

    Raises NotFound for a session that has ended already, and for somebody else's, which is the
    same to the one who asks.
    """
    own = col(PersonSession.person_id) == viewer.person_id
    if not _end(work, own & (col(PersonSession.id) == session_id)):
        raise NotFound("This session has ended already.")
    _note_ended(work, person_id=viewer.person_id, number=1)


@goes_on
def end_session(work: Work, *, administrator: Viewer, session_id: UUID) -> None:
    """End anybody's session. Raises NotAllowed, and NotFound for one that has ended already."""
    _MAY_END_ANY.check(administrator)
    ended = _end(work, col(PersonSession.id) == session_id)
    if not ended:
        raise NotFound("This session has ended already.")
    _note_ended(work, person_id=ended[0].person_id, number=1)


@goes_on
def end_all_sessions_of(work: Work, *, administrator: Viewer, person_id: UUID) -> int:
    """End every session of anybody. Returns how many there were. Raises NotAllowed."""
    _MAY_END_ANY.check(administrator)
    return sign_out_everywhere(work, person_id=person_id)


@goes_on
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
    gone = _end(work, which & (col(PersonSession.created_at) <= ended.opened_before))
    for person_id, number in Counter(row.person_id for row in gone).items():
        note_by_provider(work, AuditAction.SESSION_ENDED, person_id, None, {"sessions": number})
    return len(gone)


def _note_ended(work: Work, *, person_id: UUID, number: int) -> None:
    note(
        work,
        AuditAction.SESSION_ENDED,
        kind="person",
        id=str(person_id),
        title=work.session.get_one(Person, person_id).name,
        after={"sessions": number},
    )


def _end(work: Work, which: ColumnElement[bool]) -> Sequence[Row[str, UUID]]:
    """End sessions; tell the pages that are open in them, and those that list them."""
    ended = work.session.execute(
        delete(PersonSession)
        .where(which)
        .returning(col(PersonSession.id_token), col(PersonSession.person_id))
    ).all()
    if ended:
        work.touch(RIGHTS, SESSIONS, *{sessions_topic(row.person_id) for row in ended})
    return ended
