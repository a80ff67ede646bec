"""Where a person is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col
from ua_parser import parse

from app.config import settings
from app.models.accounts import PersonSession
from app.models.columns import now, stored
from app.views.sessions import SessionRow

if TYPE_CHECKING:
    from app.views.accounts import Viewer
    from app.work import Work


def own_sessions(work: Work, *, viewer: Viewer) -> tuple[SessionRow, ...]:
    """Return the running sessions of the person, the one that asks first, then the latest used."""
    moment = now()
    rows = work.session.scalars(
        select(PersonSession)
        .where(
            col(PersonSession.person_id) == viewer.person_id,
            col(PersonSession.expires_at) > moment,
            col(PersonSession.seen_at) > moment - settings().session_idle,
        )
        .order_by(
            col(PersonSession.id) != viewer.session_id,
            col(PersonSession.seen_at).desc(),
            col(PersonSession.id),
        )
    )
    return tuple(
        SessionRow(
            id=stored(row.id),
            device=device(row.user_agent),
            address=row.address,
            opened_at=row.created_at,
            seen_at=row.seen_at,
            is_this=row.id == viewer.session_id,
        )
        for row in rows
    )


def device(user_agent: str) -> str:
    """Return what a person calls the browser that sent this header: `Firefox on Linux`."""
    known = parse(user_agent)
    browser = known.user_agent.family if known.user_agent else ""
    system = known.os.family if known.os else ""
    if not browser:
        return f"A program on {system}" if system else "An unknown program"
    return f"{browser} on {system}" if system else browser
