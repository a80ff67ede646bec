"""The room of people: who they are, what they may do and why, and who is kept out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import any_, case, literal, or_, select
from sqlmodel import col

from app.models.accounts import PEOPLE_ROLES, Permission, Person, Role
from app.services import accounts
from app.services.rooms.cells import AnyRow, badge, moment
from app.services.rooms.declared.people_actions import PEOPLE_ACTIONS, ROLE_NAMES
from app.services.rooms.declared.sessions import sessions_of
from app.services.rooms.filters import one_of, since
from app.services.rooms.room import Column, Filter, Group, Room, Table
from app.views.rooms import CellView, ChoiceView, DetailView, EmptyView, FactView, SectionView

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from app.views.accounts import Viewer
    from app.work import Work

ACTIVE, BLOCKED = "active", "blocked"
LOOKS: Final = {ACTIVE: ("good", "user-check"), BLOCKED: ("bad", "user-x")}

_STATE = case((col(Person.blocked_at).is_(None), ACTIVE), else_=BLOCKED)


def _roles(row: AnyRow) -> str:
    return ", ".join(ROLE_NAMES[role] for role in PEOPLE_ROLES if role.value in row.roles)


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        col(Person.name).icontains(words, autoescape=True),
        col(Person.email).icontains(words, autoescape=True),
    )


def _describe(work: Work, viewer: Viewer, row: AnyRow) -> DetailView:
    sections = [_why(row)]
    if viewer.may(Permission.SESSION_READ_ALL):
        sections.append(sessions_of(work, viewer, row.id))
    return DetailView(
        title=row.name,
        lead=row.blocked_reason if row.blocked_at else "",
        badge=badge(row.state, LOOKS),
        facts=(
            FactView("E-mail", CellView(row.email)),
            FactView("Roles", CellView(_roles(row) or "none")),
            FactView("Signed in", moment(row.signed_in_at, "not yet")),
            FactView("Known since", CellView(at=row.created_at)),
            FactView("Blocked", moment(row.blocked_at, "no")),
            FactView("Person", CellView(str(row.id), mono=True)),
            FactView("Provider", CellView(row.issuer, mono=True)),
            FactView("Subject there", CellView(row.subject, mono=True)),
            FactView(
                "What they did", CellView("See the audit", href=f"/admin/audit?actor={row.id}")
            ),
        ),
        sections=tuple(sections),
    )


def _why(row: AnyRow) -> SectionView:
    def said(role: Role) -> str:
        if role.value in row.roles_given:
            return "given here"
        return "withheld here" if role.value in row.roles_withheld else "up to the provider"

    yes, no = CellView("Yes", tone="good", icon="check"), CellView("No")
    return SectionView(
        kind="table",
        title="Why they may do what they may",
        heads=("Role", "The provider says", "Decided here", "Counts"),
        rows=tuple(
            (
                CellView(ROLE_NAMES[role]),
                yes if role.value in row.roles_by_provider else no,
                CellView(said(role)),
                yes if role.value in row.roles else no,
            )
            for role in PEOPLE_ROLES
        ),
    )


PEOPLE: Final = Room(
    key="people",
    title="People",
    group=Group.PEOPLE,
    icon="users",
    lead="Who may sign in, what they may do, and who is kept out.",
    permission=Permission.PERSON_READ,
    source=Table(
        select(
            col(Person.id),
            col(Person.name),
            col(Person.email),
            col(Person.roles),
            col(Person.roles_by_provider),
            col(Person.roles_given),
            col(Person.roles_withheld),
            col(Person.blocked_at),
            col(Person.blocked_reason),
            col(Person.issuer),
            col(Person.subject),
            col(Person.signed_in_at),
            col(Person.created_at),
            _STATE.label("state"),
        ),
        key=col(Person.id),
    ),
    name=lambda row: row.name,
    columns=(
        Column(
            "name",
            "Person",
            lambda row, _: CellView(row.name, second=row.email),
            sort=col(Person.name),
            exported=lambda row: row.name,
        ),
        Column("email", "E-mail", lambda row, _: row.email, sort=col(Person.email), hidden=True),
        Column("roles", "Roles", lambda row, _: _roles(row) or "none", wide_only=True),
        Column("state", "State", lambda row, _: badge(row.state, LOOKS)),
        Column(
            "signed-in",
            "Signed in",
            lambda row, _: moment(row.signed_in_at, "not yet"),
            sort=col(Person.signed_in_at),
            nullable=True,
            figures=True,
            wide_only=True,
        ),
        Column(
            "since",
            "Known since",
            lambda row, _: CellView(at=row.created_at),
            sort=col(Person.created_at),
            figures=True,
            wide_only=True,
            hidden=True,
        ),
        Column(
            "issuer",
            "Provider",
            lambda row, _: CellView(row.issuer, mono=True),
            wide_only=True,
            hidden=True,
        ),
    ),
    sort="name",
    filters=(
        Filter(
            "role",
            "Role",
            "choice",
            lambda value: literal(value) == any_(col(Person.roles)),
            tuple(ChoiceView(role.value, ROLE_NAMES[role]) for role in PEOPLE_ROLES),
        ),
        one_of(
            "state",
            "State",
            _STATE,
            (ChoiceView(ACTIVE, "Active"), ChoiceView(BLOCKED, "Blocked")),
        ),
        since("when", "Signed in", col(Person.signed_in_at)),
    ),
    search=_search,
    search_hint="Name or e-mail",
    actions=PEOPLE_ACTIONS,
    detail=_describe,
    empty=EmptyView(
        "users", "Nobody has signed in yet", "Whoever signs in is listed from then on.", "", ""
    ),
    topics=(accounts.PEOPLE, accounts.SESSIONS),
    letter="u",
    words="users accounts roles rights permissions block administrators",
)
