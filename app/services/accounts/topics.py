"""What open pages are told of people, by topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

# People, their roles, and whether they are blocked.
PEOPLE: Final = "people"
# Everybody's sessions: opened, or ended by somebody.
SESSIONS: Final = "sessions"
# Somebody may do less or more than before, or a session has ended.
RIGHTS: Final = "rights"


def sessions_topic(person_id: UUID) -> str:
    """Return the topic that tells of one person's sessions."""
    return f"{SESSIONS}:{person_id}"
