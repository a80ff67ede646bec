"""Who is asking: the question behind every event and every request."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from app.config import settings
from app.models.accounts import ROLE_PERMISSIONS, Permission, Person, PersonSession, Role
from app.models.columns import now
from app.views.accounts import Viewer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Executable

    from app.work import Work

# Longer tokens are not ours; hashing what a stranger sends must cost nothing.
LONGEST_TOKEN: Final = 128
SEEN_EVERY: Final = timedelta(minutes=1)

# Asked with every event and every request: written once, and columns in place of objects, because
# building either takes longer than the lookup itself.
_RUNNING: Final = (
    select(
        col(PersonSession.person_id),
        col(Person.name),
        col(Person.email),
        col(Person.roles),
        col(Person.locale),
        col(PersonSession.id),
        col(PersonSession.seen_at),
    )
    .select_from(PersonSession)
    .join(Person, col(Person.id) == col(PersonSession.person_id))
    .where(
        col(PersonSession.expires_at) > bindparam("moment"),
        col(PersonSession.seen_at) > bindparam("idle_since"),
    )
)
_BY_TOKEN: Final = _RUNNING.where(col(PersonSession.token_hash) == bindparam("key"))
_BY_ID: Final = _RUNNING.where(col(PersonSession.id) == bindparam("key"))


def digest(token: str) -> bytes:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).digest()


@lru_cache(maxsize=64)
def permissions_of(roles: tuple[str, ...]) -> frozenset[Permission]:
    """Return what `roles` allow together; a role that no longer exists allows nothing."""
    known = set(Role)
    return frozenset[Permission]().union(
        *(ROLE_PERMISSIONS[Role(role)] for role in roles if role in known)
    )


def who_is_asking(work: Work, *, token: str) -> Viewer | None:
    """Return the person whose running session `token` names, None for anything else."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return _running(work, _BY_TOKEN, digest(token))


def holder_of(work: Work, *, session_id: UUID) -> Viewer | None:
    """Return the person of a session that was found by its token before and still runs."""
    return _running(work, _BY_ID, session_id)


def _running(work: Work, statement: Executable, key: bytes | UUID) -> Viewer | None:
    """Return the person of the session with this `key` unless it has ended, idle or in any case.

    One lookup by a unique index. It notes at most once a minute that the session is used, which
    is what keeps it from ending as idle.
    """
    moment = now()
    row = (
        work.session.connection()
        .execute(
            statement,
            {"key": key, "moment": moment, "idle_since": moment - settings().session_idle},
        )
        .one_or_none()
    )
    if row is None:
        return None
    if moment - row.seen_at > SEEN_EVERY:
        _note_use(work, row.id, moment)
    roles = tuple(row.roles)
    return Viewer(
        person_id=row.person_id,
        session_id=row.id,
        name=row.name,
        email=row.email,
        roles=roles,
        permissions=permissions_of(roles),
        locale=row.locale,
    )


def _note_use(work: Work, session_id: UUID, moment: datetime) -> None:
    """Write when the session was last used; a stale look must not undo a newer one."""
    work.session.execute(
        update(PersonSession)
        .where(col(PersonSession.id) == session_id, col(PersonSession.seen_at) < moment)
        .values(seen_at=moment)
    )
