"""The audit: who did what to what, when and from where; only ever appended to.

Each entry carries the hash of the one before, so that a changed, removed or inserted one is found.
`docs/audit.md` says how the hash is made and how it is checked without this program.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, FetchedValue, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.acting import ActorKind
from app.models.columns import Instant, enum_of
from app.models.operations import JobCall, Queue


class AuditAction(StrEnum):
    """What can be done that is noted: what it is done to, a dot, and the deed."""

    PERSON_SIGNED_IN = "person.signed-in"
    PERSON_SIGN_IN_FAILED = "person.sign-in-failed"
    PERSON_SIGNED_OUT = "person.signed-out"
    PERSON_ADDED = "person.added"
    PERSON_LINK_PRINTED = "person.link-printed"
    PERSON_ROLES_CHANGED = "person.roles-changed"
    PERSON_BLOCKED = "person.blocked"
    PERSON_UNBLOCKED = "person.unblocked"
    SESSION_ENDED = "session.ended"
    SETTINGS_CHANGED = "settings.changed"
    FEED_REGISTERED = "feed.registered"
    FEED_CHANGED = "feed.changed"
    FEED_SYNC_REQUESTED = "feed.sync-requested"
    FEED_SYNC_CANCELLED = "feed.sync-cancelled"
    FEED_PAUSED = "feed.paused"
    FEED_RESUMED = "feed.resumed"
    SUPPLIER_CHANGED = "supplier.changed"
    STORE_PLACED = "store.placed"
    ORDER_RETRIED = "order.retried"
    ORDER_RECEIPT_CONFIRMED = "order.receipt-confirmed"
    ORDER_ABANDONED = "order.abandoned"
    LETTER_RETRIED = "dead-letter.retried"
    LETTER_ABANDONED = "dead-letter.abandoned"
    SCHEDULE_RUN = "schedule.run"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
    FLAG_CHANGED = "flag.changed"
    SNAPSHOT_REQUESTED = "snapshot.requested"
    SNAPSHOT_CANCELLED = "snapshot.cancelled"
    SNAPSHOT_DELETED = "snapshot.deleted"
    LIST_EXPORTED = "list.exported"
    REFUSED = "access.refused"
    # The program did not do what was asked, and the mistake is its own.
    FAILED = "program.failed"


class AuditEntry(SQLModel, table=True):
    """One deed. The database numbers, dates and chains it as it is written: see the migration.

    `before` and `after` hold what changed, secrets masked; None where there is nothing to say.
    Its index on searched text stands in the migration alone.
    """

    __tablename__: Any = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "sequence"),
        Index("ix_audit_entry_actor", "actor_id", "sequence"),
        Index("ix_audit_entry_action", "action", "sequence"),
        Index("ix_audit_entry_subject", "subject_id", "sequence"),
        Index("ix_audit_entry_trace", "trace_id", "sequence"),
    )

    sequence: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger,
        # The database's triggers fill it in.
        sa_column_kwargs={"server_default": FetchedValue(), "autoincrement": False},
    )
    at: datetime = Field(sa_type=Instant)
    actor_kind: ActorKind = Field(sa_type=enum_of(ActorKind, "actor_kind"))
    actor_id: str = Field(sa_type=Text)
    actor_name: str = Field(sa_type=Text)
    address: str = Field(sa_type=Text)
    trace_id: str = Field(sa_type=Text)
    # A word of AuditAction; without a check, since what older versions noted stays.
    action: str = Field(sa_type=Text)
    subject_kind: str = Field(sa_type=Text)
    subject_id: str = Field(sa_type=Text)
    subject_title: str = Field(sa_type=Text)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    previous_hash: bytes
    hash: bytes


class AuditVerification(SQLModel, table=True):
    """What looking at the whole chain came to; `fault` is a word of `app.views.audit`, or None."""

    __tablename__: Any = "audit_verification"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    at: datetime = Field(sa_type=Instant)
    entries: int = Field(sa_type=BigInteger)
    # None where the bucket was away.
    anchors: int | None = None
    fault: str | None = Field(default=None, sa_type=Text)
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    sentence: str = Field(sa_type=Text)


class AnchorAudit(JobCall):
    """Write down in the bucket what the newest entry is."""

    job: ClassVar[str] = "jobs.audit.anchor_audit"
    queue: ClassVar[Queue] = Queue.ROOMS


class VerifyAudit(JobCall):
    """Look at every entry, and keep what came of it."""

    job: ClassVar[str] = "jobs.audit.verify_audit"
    queue: ClassVar[Queue] = Queue.ROOMS
    timeout: ClassVar[int] = 3600
