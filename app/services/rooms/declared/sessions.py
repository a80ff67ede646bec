"""The room of sessions: where everybody is signed in just now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from app.config import settings
from app.models.accounts import Permission, Person, PersonSession
from app.models.columns import now
from app.services import accounts
from app.services.accounts.sessions import device
from app.services.rooms.cells import AnyRow
from app.services.rooms.filters import counted, since
from app.services.rooms.room import Action, Column, Group, Room, Table
from app.views.room_query import detail_address
from app.views.rooms import CellView, EmptyView, SectionView
from app.work import goes_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from app.services.rooms.room import Call
    from app.views.accounts import Viewer
    from app.work import Work


def running(_viewer: Viewer | None = None) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of sessions that can still be used."""
    moment = now()
    return (
        col(PersonSession.expires_at) > moment,
        col(PersonSession.seen_at) > moment - settings().session_idle,
    )


def sessions_of(work: Work, viewer: Viewer, person_id: UUID) -> SectionView:
    """Return a person's running sessions as a part of their page, the latest used first."""
    rows = work.session.scalars(
        select(PersonSession)
        .where(col(PersonSession.person_id) == person_id, *running())
        .order_by(col(PersonSession.seen_at).desc(), col(PersonSession.id))
    ).all()
    return SectionView(
        kind="table",
        title="Where they are signed in",
        heads=("Device", "Address", "Opened", "Last used"),
        rows=tuple(
            (
                _device(row, viewer),
                CellView(row.address, mono=True),
                CellView(at=row.created_at),
                CellView(at=row.seen_at),
            )
            for row in rows
        ),
        empty="Nowhere just now.",
    )


def _device(row: Any, viewer: Viewer) -> CellView:  # noqa: ANN401 - a session, or a row of the select below
    return CellView(
        device(row.user_agent), second="this browser" if row.id == viewer.session_id else ""
    )


@goes_on
def _end(work: Work, call: Call) -> None:
    accounts.end_session(work, administrator=call.viewer, session_id=UUID(call.key))


@goes_on
def _end_all(work: Work, call: Call) -> None:
    """End every session of the person whose session was chosen."""
    query = select(col(PersonSession.person_id)).where(col(PersonSession.id) == UUID(call.key))
    person_id = work.session.scalar(query)
    if person_id is not None:
        accounts.end_all_sessions_of(work, administrator=call.viewer, person_id=person_id)


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        col(Person.name).icontains(words, autoescape=True),
        col(Person.email).icontains(words, autoescape=True),
        col(PersonSession.address).icontains(words, autoescape=True),
    )


def _person(row: AnyRow, viewer: Viewer) -> CellView:
    may_see = viewer.may(Permission.PERSON_READ)
    href = detail_address("people", str(row.person_id)) if may_see else ""
    return CellView(row.name, second=row.email, href=href)


SESSIONS: Final = Room(
    key="sessions",
    title="Sessions",
    group=Group.PEOPLE,
    icon="monitor",
    lead="Where everybody is signed in just now. One that is ended ends on its open pages too.",
    permission=Permission.SESSION_READ_ALL,
    source=Table(
        select(
            col(PersonSession.id),
            col(PersonSession.person_id),
            col(PersonSession.user_agent),
            col(PersonSession.address),
            col(PersonSession.created_at),
            col(PersonSession.seen_at),
            col(PersonSession.expires_at),
            col(Person.name),
            col(Person.email),
        ).join(Person, col(Person.id) == col(PersonSession.person_id)),
        key=col(PersonSession.id),
        visible_to=running,
    ),
    name=lambda row: f"{row.name}, {device(row.user_agent)}",
    columns=(
        Column("person", "Person", _person, sort=col(Person.name)),
        Column("device", "Device", _device, wide_only=True),
        Column(
            "address",
            "Address",
            lambda row, _: CellView(row.address, mono=True),
            sort=col(PersonSession.address),
            wide_only=True,
        ),
        Column(
            "opened",
            "Opened",
            lambda row, _: CellView(at=row.created_at),
            sort=col(PersonSession.created_at),
            figures=True,
            wide_only=True,
        ),
        Column(
            "seen",
            "Last used",
            lambda row, _: CellView(at=row.seen_at),
            sort=col(PersonSession.seen_at),
            figures=True,
        ),
        Column(
            "ends",
            "Ends",
            lambda row, _: CellView(at=row.expires_at),
            sort=col(PersonSession.expires_at),
            figures=True,
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="-opened",
    filters=(since("when", "Last used", col(PersonSession.seen_at)),),
    search=_search,
    search_hint="Name, e-mail or address",
    actions=(
        Action(
            "end",
            "End",
            "log-out",
            Permission.SESSION_END_ANY,
            says=lambda n: (
                f"{counted(n, 'session')} will end now, on open pages too. Whoever it is "
                "can sign in again."
            ),
            did=lambda n: f"{counted(n, 'session')} ended.",
            carry_out=_end,
            danger=True,
        ),
        Action(
            "end-all",
            "End all of this person",
            "user-x",
            Permission.SESSION_END_ANY,
            says=lambda _: "Every session of this person will end now, on open pages too.",
            did=lambda _: "Every session of this person has ended.",
            carry_out=_end_all,
            danger=True,
            bulk=False,
        ),
    ),
    empty=EmptyView("monitor", "Nobody is signed in", "Which is odd, since you are.", "", ""),
    topics=(accounts.SESSIONS,),
    words="signed in devices browsers sign out log out",
)
