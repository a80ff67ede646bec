"""What somebody may do: from where their roles come, and what these allow."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from app.models.accounts import PEOPLE_ROLES, ROLE_PERMISSIONS, Permission, Role
from app.views.accounts import NOBODYS_ID, Viewer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# A company's directory rarely has groups named after one program's roles.
GROUP_PREFIX: Final = "anythingyouwantt-"


def roles_from(groups: Iterable[str]) -> list[str]:
    """Return the roles that `groups` grant: a group is named as the role, or prefixed."""
    names = {group.removeprefix(GROUP_PREFIX) for group in groups}
    return [role.value for role in PEOPLE_ROLES if role.value in names]


def effective_roles(
    *, by_provider: Collection[str], given: Collection[str], withheld: Collection[str]
) -> list[str]:
    """Return the roles that count: (by provider - withheld) + given, in the order of `Role`."""
    counted = (set(by_provider) - set(withheld)) | set(given)
    return [role.value for role in PEOPLE_ROLES if role.value in counted]


@lru_cache(maxsize=64)
def permissions_of(roles: tuple[str, ...]) -> frozenset[Permission]:
    """Return what a person's `roles` allow together; what is no role of people allows nothing."""
    return frozenset[Permission]().union(
        *(ROLE_PERMISSIONS[role] for role in PEOPLE_ROLES if role.value in roles)
    )


def service_viewer(name: str) -> Viewer:
    """Return the service `name` (`command line`, `worker`) as one who asks, where none signed in.

    It may do what keeps the program going, and owns nothing.
    """
    return Viewer(
        person_id=NOBODYS_ID,
        session_id=NOBODYS_ID,
        name=name,
        email="",
        roles=(Role.SERVICE.value,),
        permissions=ROLE_PERMISSIONS[Role.SERVICE],
        locale="en",
    )
