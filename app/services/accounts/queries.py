"""Who is asking: the question behind every event and every request."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, or_, select, update
from sqlmodel import col

from app.config import settings
from app.db_async import loop_reader
from app.models.accounts import Person, PersonSession
from app.models.columns import now
from app.services.accounts.roles import permissions_of
from app.views.accounts import Viewer
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Executable

    from app.work import Work

# Longer tokens are not ours; hashing what a stranger sends must cost nothing.
LONGEST_TOKEN: Final = 128
# For requests that are under way when a token is replaced, and a page that reconnects meanwhile.
GRACE: Final = timedelta(seconds=30)
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
        col(Person.rights_version),
        col(PersonSession.id),
        col(PersonSession.seen_at),
    )
    .select_from(PersonSession)
    .join(Person, col(Person.id) == col(PersonSession.person_id))
    .where(
        col(PersonSession.expires_at) > bindparam("moment"),
        col(PersonSession.seen_at) > bindparam("idle_since"),
        col(Person.blocked_at).is_(None),
    )
)
_BY_TOKEN: Final = _RUNNING.where(
    or_(
        col(PersonSession.token_hash) == bindparam("key"),
        and_(
            col(PersonSession.previous_token_hash) == bindparam("key"),
            col(PersonSession.rotated_at) > bindparam("grace_since"),
        ),
    )
)
_BY_IDS: Final = _RUNNING.where(
    col(PersonSession.id) == any_(bindparam("key", type_=ARRAY(Uuid())))
)
_VERSIONS: Final = _BY_IDS.with_only_columns(col(PersonSession.id), col(Person.rights_version))


def digest(token: str) -> bytes:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def is_token(value: str) -> bool:
    """Tell whether a cookie's value may be a session's token."""
    return 0 < len(value) <= LONGEST_TOKEN


def named_by(token: str) -> ColumnElement[bool]:
    """Return which session has this token, or had it before."""
    key = digest(token)
    return or_(col(PersonSession.token_hash) == key, col(PersonSession.previous_token_hash) == key)


@goes_on
def who_is_asking(work: Work, *, token: str) -> Viewer | None:
    """Return the person whose running session `token` names, None for anything else."""
    if not is_token(token):
        return None
    return next(iter(_running(work, _BY_TOKEN, digest(token))), None)


@goes_on
def holders_of(work: Work, *, session_ids: Sequence[UUID]) -> dict[UUID, Viewer]:
    """Return the people of those sessions, found by their tokens before, that still run."""
    found = _running(work, _BY_IDS, list(session_ids))
    return {person.session_id: person for person in found}


async def holders_in_use(*, session_ids: Sequence[UUID]) -> dict[UUID, Viewer]:
    """Return the people of those sessions that run and are noted as used within the last minute.

    Costs no thread and no transaction: events ask this first, and `holders_of` about the others,
    which have ended or are to be noted. Raises Unavailable.
    """
    moment = now()
    asked = _asked(list(session_ids), moment)
    asked["idle_since"] = moment - min(SEEN_EVERY, settings().session_idle)
    rows = await loop_reader.rows(_BY_IDS, asked)
    return {row.id: _viewer(row) for row in rows}


@goes_on
def rights_versions(work: Work, *, session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the version of their people's rights, of those sessions that run.

    Nobody does anything by this: it does not count as use of a session.
    """
    rows = work.session.connection().execute(_VERSIONS, _asked(list(session_ids), now()))
    return {row.id: row.rights_version for row in rows}


def _asked(key: bytes | list[UUID], moment: datetime) -> dict[str, object]:
    return {
        "key": key,
        "moment": moment,
        "idle_since": moment - settings().session_idle,
        "grace_since": moment - GRACE,
    }


def _running(work: Work, statement: Executable, key: bytes | list[UUID]) -> list[Viewer]:
    """Return the people of the sessions with this `key`, without those that have ended.

    They end when they are idle, and in any case; while a person is blocked none of theirs counts.
    Each is one lookup by a unique index. It notes at most once a minute that a session is used,
    which is what keeps it from ending as idle.
    """
    moment = now()
    rows = work.session.connection().execute(statement, _asked(key, moment)).all()
    unnoted = [row.id for row in rows if moment - row.seen_at > SEEN_EVERY]
    if unnoted:
        _note_use(work, unnoted, moment)
    return [_viewer(row) for row in rows]


def _viewer(row: Any) -> Viewer:  # noqa: ANN401 - a row of SQLAlchemy or of psycopg, of `_RUNNING`
    roles = tuple(row.roles)
    return Viewer(
        person_id=row.person_id,
        session_id=row.id,
        name=row.name,
        email=row.email,
        roles=roles,
        permissions=permissions_of(roles),
        locale=row.locale,
        rights_version=row.rights_version,
    )


def _note_use(work: Work, session_ids: list[UUID], moment: datetime) -> None:
    """Write when sessions were last used; a stale look must not undo a newer one.

    One that is locked is left out: another process notes it, or it is being ended.
    """
    free = (
        select(col(PersonSession.id))
        .where(col(PersonSession.id).in_(session_ids), col(PersonSession.seen_at) < moment)
        .with_for_update(skip_locked=True)
    )
    work.session.execute(
        update(PersonSession).where(col(PersonSession.id).in_(free)).values(seen_at=moment)
    )
