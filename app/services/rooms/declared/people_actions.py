"""What can be done about people: their roles, blocking, signing out; `accounts` decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.models.accounts import PEOPLE_ROLES, Permission, Role
from app.services import accounts
from app.services.rooms.cells import AnyRow
from app.services.rooms.filters import counted
from app.services.rooms.room import Action, Field
from app.views.rooms import ChoiceView
from app.work import goes_on

if TYPE_CHECKING:
    from app.services.rooms.room import Call
    from app.work import Work

ROLE_NAMES: Final = {Role.BUYER: "Buyer", Role.OPERATOR: "Operator", Role.ADMIN: "Administrator"}
BY_PROVIDER, GIVEN, WITHHELD = "provider", "given", "withheld"


def _said_about(role: Role) -> Field:
    """Return the field that says who decides about a role."""

    def initial(row: AnyRow) -> str:
        if role.value in row.roles_given:
            return GIVEN
        return WITHHELD if role.value in row.roles_withheld else BY_PROVIDER

    return Field(
        role.value,
        ROLE_NAMES[role],
        kind="choice",
        choices=(
            ChoiceView(BY_PROVIDER, "As the sign-in provider says"),
            ChoiceView(GIVEN, "Given here, whatever the provider says"),
            ChoiceView(WITHHELD, "Withheld here, whatever the provider says"),
        ),
        initial=initial,
    )


def _change_roles(work: Work, call: Call) -> None:
    accounts.change_roles(
        work,
        administrator=call.viewer,
        person_id=UUID(call.key),
        give=[role for role, said in call.values.items() if said == GIVEN],
        withhold=[role for role, said in call.values.items() if said == WITHHELD],
    )


def _invite(work: Work, call: Call) -> None:
    accounts.invite_person(
        work,
        administrator=call.viewer,
        email=call.values["email"],
        name=call.values["name"],
        roles=[call.values["role"]],
    )


@goes_on
def _block(work: Work, call: Call) -> None:
    accounts.block_person(
        work, administrator=call.viewer, person_id=UUID(call.key), reason=call.reason
    )


def _unblock(work: Work, call: Call) -> None:
    accounts.unblock_person(work, administrator=call.viewer, person_id=UUID(call.key))


@goes_on
def _sign_out(work: Work, call: Call) -> None:
    accounts.end_all_sessions_of(work, administrator=call.viewer, person_id=UUID(call.key))


PEOPLE_ACTIONS: Final = (
    Action(
        "invite",
        "Invite",
        "plus",
        Permission.PERSON_CHANGE,
        says=lambda _: "They get a mail that says where to sign in, by a link to this address.",
        did=lambda _: "The invitation is on its way.",
        carry_out=_invite,
        fields=(
            Field("email", "E-mail"),
            Field("name", "Name", hint="Empty: as the address says.", required=False),
            Field(
                "role",
                "Role",
                kind="choice",
                choices=tuple(ChoiceView(role.value, ROLE_NAMES[role]) for role in PEOPLE_ROLES),
            ),
        ),
        bulk=False,
        general=True,
    ),
    Action(
        "roles",
        "Change roles",
        "shield",
        Permission.PERSON_CHANGE,
        says=lambda _: "It counts from their next click on, and on their open pages at once.",
        did=lambda _: "The roles are changed.",
        carry_out=_change_roles,
        fields=tuple(_said_about(role) for role in PEOPLE_ROLES),
        bulk=False,
    ),
    Action(
        "block",
        "Block",
        "user-x",
        Permission.PERSON_CHANGE,
        says=lambda n: (
            f"{counted(n, 'person', 'people')} will be signed out everywhere now and "
            "cannot sign in until unblocked."
        ),
        did=lambda n: f"{counted(n, 'person', 'people')} blocked.",
        carry_out=_block,
        applies=lambda row: row.blocked_at is None,
        needs_reason=True,
        danger=True,
    ),
    Action(
        "unblock",
        "Unblock",
        "user-check",
        Permission.PERSON_CHANGE,
        says=lambda n: f"{counted(n, 'person', 'people')} will be able to sign in again.",
        did=lambda n: f"{counted(n, 'person', 'people')} unblocked.",
        carry_out=_unblock,
        applies=lambda row: row.blocked_at is not None,
    ),
    Action(
        "sign-out",
        "Sign out everywhere",
        "log-out",
        Permission.SESSION_END_ANY,
        says=lambda n: (
            f"Every session of {counted(n, 'person', 'people')} ends now. They can sign in again."
        ),
        did=lambda n: f"{counted(n, 'person', 'people')} signed out everywhere.",
        carry_out=_sign_out,
        applies=lambda row: row.blocked_at is None,
        danger=True,
    ),
)
