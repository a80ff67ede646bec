"""People, their sessions, what their roles allow, and where their orders go."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, now, trigrams
from app.models.operations import JobCall, Queue


class Role(StrEnum):
    """What a person is to the company, by the groups of the OIDC provider or an administrator.

    `service` is what the program's own jobs and commands are; no person can be given it.
    """

    BUYER = "buyer"
    OPERATOR = "operator"
    ADMIN = "admin"
    SERVICE = "service"


PEOPLE_ROLES: Final = (Role.BUYER, Role.OPERATOR, Role.ADMIN)


class Permission(StrEnum):
    """One thing a role may do. Handlers and routes name the one they need."""

    BASKET_USE = "basket.use"
    ORDER_PLACE = "order.place"
    ORDER_READ_OWN = "order.read-own"
    ORDER_READ_ALL = "order.read-all"
    ORDER_RETRY = "order.retry"
    FEED_READ = "feed.read"
    FEED_SYNC = "feed.sync"
    FEED_CHANGE = "feed.change"
    SUPPLIER_READ = "supplier.read"
    SUPPLIER_CHANGE = "supplier.change"
    STORE_PLACE = "store.place"
    MAILBOX_READ = "mailbox.read"
    OPERATIONS_READ = "operations.read"
    JOB_READ = "job.read"
    JOB_SETTLE = "job.settle"
    SCHEDULE_CHANGE = "schedule.change"
    LIST_EXPORT = "list.export"
    PERSON_READ = "person.read"
    PERSON_CHANGE = "person.change"
    SESSION_OWN = "session.own"
    SESSION_READ_ALL = "session.read-all"
    SESSION_END_ANY = "session.end-any"
    FLAG_READ = "flag.read"
    FLAG_CHANGE = "flag.change"
    AUDIT_READ = "audit.read"
    SETTING_READ = "setting.read"
    SNAPSHOT_TAKE = "snapshot.take"
    SNAPSHOT_READ = "snapshot.read"
    SNAPSHOT_READ_ALL = "snapshot.read-all"
    SNAPSHOT_VERIFY = "snapshot.verify"
    SNAPSHOT_DELETE = "snapshot.delete"


_BUYER = frozenset(
    {
        Permission.BASKET_USE,
        Permission.ORDER_PLACE,
        Permission.ORDER_READ_OWN,
        Permission.SESSION_OWN,
        Permission.SNAPSHOT_TAKE,
        Permission.SNAPSHOT_READ,
    }
)
_OPERATOR = _BUYER | {
    Permission.ORDER_READ_ALL,
    Permission.ORDER_RETRY,
    Permission.FEED_READ,
    Permission.FEED_SYNC,
    Permission.SUPPLIER_READ,
    Permission.STORE_PLACE,
    Permission.MAILBOX_READ,
    Permission.OPERATIONS_READ,
    Permission.JOB_READ,
    Permission.JOB_SETTLE,
    Permission.LIST_EXPORT,
    Permission.FLAG_READ,
    Permission.SNAPSHOT_READ_ALL,
    Permission.SNAPSHOT_VERIFY,
}
_ADMIN = _OPERATOR | {
    Permission.FEED_CHANGE,
    Permission.SUPPLIER_CHANGE,
    Permission.SCHEDULE_CHANGE,
    Permission.PERSON_READ,
    Permission.PERSON_CHANGE,
    Permission.SESSION_READ_ALL,
    Permission.SESSION_END_ANY,
    Permission.FLAG_CHANGE,
    Permission.AUDIT_READ,
    Permission.SETTING_READ,
    Permission.SNAPSHOT_DELETE,
}
# A service keeps the program going; it has no basket, no orders and no sessions of its own.
_SERVICE = _ADMIN - _BUYER
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.BUYER: _BUYER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: _ADMIN,
    Role.SERVICE: _SERVICE,
}

_EMPTY_TEXT = {"server_default": text("''")}
_EMPTY_LIST = {"server_default": text("'{}'")}
_ZERO = {"server_default": text("0")}


class Person(SQLModel, table=True):
    """Somebody who may sign in or has done so; known by (issuer, subject).

    `roles` are what counts: those by the provider without the withheld ones, and the given ones.
    `rights_version` goes up whenever what the person may do changes.
    """

    __tablename__: Any = "person"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        # Lists of people are read by name.
        Index("ix_person_by_name", "name", "id"),
        trigrams("person", "name"),
        trigrams("person", "email"),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    issuer: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    roles: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    roles_by_provider: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs=_EMPTY_LIST
    )
    roles_given: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs=_EMPTY_LIST
    )
    roles_withheld: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs=_EMPTY_LIST
    )
    rights_version: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    blocked_at: datetime | None = Field(default=None, sa_type=Instant)
    blocked_reason: str = Field(default="", sa_type=Text, sa_column_kwargs=_EMPTY_TEXT)
    locale: str = Field(default="en", sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    signed_in_at: datetime | None = Field(default=None, sa_type=Instant)


class PersonSession(SQLModel, table=True):
    """A browser in which a person is signed in. The cookie's token is kept only as its SHA-256.

    The token is replaced when `rights_version` is no longer the person's; the one before counts for
    a moment more, for requests that are under way.
    """

    __tablename__: Any = "person_session"
    # Lists of sessions are read by when they were opened.
    __table_args__ = (Index("ix_person_session_opened", "created_at", "id"),)

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    token_hash: bytes = Field(unique=True)
    previous_token_hash: bytes | None = Field(default=None, unique=True)
    rotated_at: datetime | None = Field(default=None, sa_type=Instant)
    rights_version: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    person_id: UUID = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    id_token: str = Field(sa_type=Text)
    # What the provider calls the sign-in (`sid`), "" where it gives it no name.
    provider_session: str = Field(default="", sa_type=Text, sa_column_kwargs=_EMPTY_TEXT)
    # What the browser said it was, and the network address it came from; for the person to see.
    user_agent: str = Field(default="", sa_type=Text, sa_column_kwargs=_EMPTY_TEXT)
    address: str = Field(default="", sa_type=Text, sa_column_kwargs=_EMPTY_TEXT)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    seen_at: datetime = Field(default_factory=now, sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class SignInLink(SQLModel, table=True):
    """A way in that somebody has asked for by mail, or an operator had printed: good once.

    Its token is made when the mail is written, and kept only as its SHA-256; until then, and for
    an address that nobody is known by, there is none. `browser_hash` is the SHA-256 of the cookie
    of the browser that asked, None for a link that was printed.
    """

    __tablename__: Any = "sign_in_link"
    __table_args__ = (
        Index("ix_sign_in_link_subject", "subject", "created_at"),
        Index("ix_sign_in_link_address", "address", "created_at"),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    token_hash: bytes | None = Field(default=None, unique=True)
    browser_hash: bytes | None = None
    # The e-mail address as people are known by it, the network address it was asked from, and
    # the path of ours that it leads to.
    subject: str = Field(sa_type=Text)
    address: str = Field(default="", sa_type=Text)
    target: str = Field(default="/", sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class SendSignInLink(JobCall):
    """Mail a sign-in link, where somebody is known by the address it was asked for."""

    job: ClassVar[str] = "jobs.mail.send_sign_in_link"
    queue: ClassVar[Queue] = Queue.MAIL
    # Four tries take some minutes; a link that comes later than that is not waited for.
    max_attempts: ClassVar[int] = 4

    link_id: UUID


class SendInvitation(JobCall):
    """Mail somebody that they may sign in."""

    job: ClassVar[str] = "jobs.mail.send_invitation"
    queue: ClassVar[Queue] = Queue.MAIL

    person_id: UUID


class Address(SQLModel, table=True):
    """A place a person's orders go to."""

    __tablename__: Any = "address"

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    person_id: UUID = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    recipient: str = Field(sa_type=Text)
    street: str = Field(sa_type=Text)
    postcode: str = Field(sa_type=Text)
    city: str = Field(sa_type=Text)
    country: str = Field(max_length=2)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    used_at: datetime = Field(default_factory=now, sa_type=Instant)
