"""Who is asking: the question behind every event and every request."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update
from sqlmodel import col

from app.config import settings
from app.models.accounts import ROLE_PERMISSIONS, Permission, Person, PersonSession, Role
from app.models.columns import now, stored
from app.views.accounts import Viewer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from app.work import Work

# Longer tokens are not ours; hashing what a stranger sends must cost nothing.
LONGEST_TOKEN: Final = 128
SEEN_EVERY: Final = timedelta(minutes=1)


def digest(token: str) -> bytes:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def permissions_of(roles: list[str]) -> frozenset[Permission]:
    """Return what `roles` allow together; a role that no longer exists allows nothing."""
    known = set(Role)
    return frozenset[Permission]().union(
        *(ROLE_PERMISSIONS[Role(role)] for role in roles if role in known)
    )


def who_is_asking(work: Work, *, token: str) -> Viewer | None:
    """Return the person whose running session `token` names, None for anything else."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return _running(work, col(PersonSession.token_hash) == digest(token))


def holder_of(work: Work, *, session_id: UUID) -> Viewer | None:
    """Return the person of a session that was found by its token before and still runs."""
    return _running(work, col(PersonSession.id) == session_id)


def _running(work: Work, which: ColumnElement[bool]) -> Viewer | None:
    """Return the person of `which` session unless it has ended, idle or in any case.

    One lookup by a unique index. It notes at most once a minute that the session is used, which
    is what keeps it from ending as idle.
    """
    moment = now()
    row = work.session.execute(
        select(Person, PersonSession)
        .join(PersonSession, col(PersonSession.person_id) == col(Person.id))
        .where(
            which,
            col(PersonSession.expires_at) > moment,
            col(PersonSession.seen_at) > moment - settings().session_idle,
        )
    ).one_or_none()
    if row is None:
        return None
    person, session = row
    if moment - session.seen_at > SEEN_EVERY:
        _note_use(work, session, moment)
    return Viewer(
        person_id=session.person_id,
        session_id=stored(session.id),
        name=person.name,
        email=person.email,
        roles=tuple(person.roles),
        permissions=permissions_of(person.roles),
        locale=person.locale,
    )


def _note_use(work: Work, session: PersonSession, moment: datetime) -> None:
    """Write when the session was last used, past the object: a stale one must not undo a newer."""
    work.session.execute(
        update(PersonSession)
        .where(col(PersonSession.id) == session.id, col(PersonSession.seen_at) < moment)
        .values(seen_at=moment)
        .execution_options(synchronize_session=False)
    )
