"""What pages show of the browsers somebody is signed in with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser in which somebody is signed in, as they may recognise it."""

    id: UUID
    device: str
    address: str
    opened_at: datetime
    seen_at: datetime
    is_this: bool
