"""What pages and API show of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from app.models.accounts import Permission


# Stands for the person of a service: nobody's, so nothing is a service's own.
NOBODYS_ID: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: somebody who is signed in, or a service; and what they may do at this moment."""

    person_id: UUID
    session_id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    permissions: frozenset[Permission]
    locale: str
    rights_version: int = 0

    @property
    def is_service(self) -> bool:
        """Whether this is the program itself, not a person."""
        return self.person_id == NOBODYS_ID

    def may(self, permission: Permission) -> bool:
        """Tell whether one of their roles has `permission`."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who may sign in or has done so, for those who look after people."""

    id: UUID
    issuer: str
    email: str
    name: str
    roles: tuple[str, ...]
    is_blocked: bool
    signed_in_at: datetime | None
