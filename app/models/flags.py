"""What administrators have set about feature flags; the flags themselves stand in `app.flags`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, now


class FeatureFlag(SQLModel, table=True):
    """The rule of one flag, as `app.flags.parse_rule` reads it, and why it is so.

    `changed_by` is nobody where it was changed from the command line.
    """

    __tablename__: Any = "feature_flag"

    name: str = Field(primary_key=True, sa_type=Text)
    rule: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    changed_by: UUID | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)
