"""What pages and API show of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from app.models.accounts import Permission


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in: who they are and what they may do at this moment."""

    person_id: UUID
    session_id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    permissions: frozenset[Permission]
    locale: str

    def may(self, permission: Permission) -> bool:
        """Tell whether one of the person's roles has `permission`."""
        return permission in self.permissions
