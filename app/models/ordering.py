"""Baskets, orders and their dispatches; which state may follow which; the mails they became."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Sequence, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.models.columns import Instant, enum_of, now, trigrams
from app.models.operations import DomainEvent, JobCall, Queue

ORDER_NUMBERS = Sequence("order_number", start=10001, metadata=SQLModel.metadata)


class OrderState(StrEnum):
    """Where an order stands; follows from its dispatches."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


class DispatchState(StrEnum):
    """Where one supplier's part of an order stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    BOUNCED = "bounced"
    DECLINED = "declined"
    FAILED = "failed"
    UNSURE = "unsure"
    CANCELLED = "cancelled"


ORDER_TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING: frozenset({OrderState.PROCESSING, OrderState.CANCELLED}),
    OrderState.PROCESSING: frozenset({OrderState.COMPLETED, OrderState.FAILED}),
    OrderState.COMPLETED: frozenset({OrderState.PROCESSING}),
    OrderState.FAILED: frozenset({OrderState.PROCESSING, OrderState.ABANDONED}),
    OrderState.ABANDONED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

# What stands back at `queued` is an operator's retry; `unsure` becomes `sent` when a person has
# asked the supplier and the mail had arrived.
DISPATCH_TRANSITIONS: dict[DispatchState, frozenset[DispatchState]] = {
    DispatchState.QUEUED: frozenset({DispatchState.SENDING, DispatchState.CANCELLED}),
    DispatchState.SENDING: frozenset(
        {DispatchState.SENT, DispatchState.FAILED, DispatchState.UNSURE}
    ),
    DispatchState.SENT: frozenset({DispatchState.DELIVERED, DispatchState.BOUNCED}),
    DispatchState.DELIVERED: frozenset({DispatchState.CONFIRMED, DispatchState.DECLINED}),
    DispatchState.CONFIRMED: frozenset({DispatchState.SHIPPED}),
    DispatchState.SHIPPED: frozenset(),
    DispatchState.BOUNCED: frozenset({DispatchState.QUEUED}),
    DispatchState.DECLINED: frozenset({DispatchState.QUEUED}),
    DispatchState.FAILED: frozenset({DispatchState.QUEUED}),
    DispatchState.UNSURE: frozenset({DispatchState.QUEUED, DispatchState.SENT}),
    DispatchState.CANCELLED: frozenset(),
}


class MailState(StrEnum):
    """What is known of one mail.

    `intended`: handed over now, or by a worker that died in between; `deferred`: certainly not
    taken, to be handed over again; then taken by the mail service, refused by it, or unknown.
    """

    INTENDED = "intended"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSURE = "unsure"


class BasketLine(SQLModel, table=True):
    """What a person is about to order, with the price they saw when they took it."""

    __tablename__: Any = "basket_line"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True, ondelete="CASCADE")
    product_id: int = Field(
        foreign_key="product.id", primary_key=True, sa_type=BigInteger, ondelete="CASCADE"
    )
    quantity: int
    accepted_price_minor: int = Field(sa_type=BigInteger)
    accepted_currency: str = Field(max_length=3)
    added_at: datetime = Field(default_factory=now, sa_type=Instant)


class Order(SQLModel, table=True):
    """What was ordered.

    `ship_to` is a copy of the address as it was at that moment, None where all of it is picked up.
    """

    __tablename__: Any = "orders"
    __table_args__ = (
        UniqueConstraint("buyer_id", "request_key"),
        Index("ix_orders_buyer_number", "buyer_id", "number"),
        Index("ix_orders_changed", "changed_at", "number"),
        trigrams("orders", "reference"),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    number: int | None = Field(
        default=None,
        unique=True,
        nullable=False,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("nextval('order_number')")},
    )
    buyer_id: UUID = Field(foreign_key="person.id")
    request_key: UUID
    state: OrderState = Field(
        default=OrderState.PENDING, sa_type=enum_of(OrderState, "order_state"), index=True
    )
    ship_to: dict[str, str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    contact: str = Field(default="", sa_type=Text)
    reference: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    placed_at: datetime = Field(default_factory=now, sa_type=Instant)
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)


class Dispatch(SQLModel, table=True):
    """The part of an order that goes to one supplier.

    `round` counts how often it was started: 1 at first, one more for each retry by an operator;
    `job_id` is the job that carries this round out. `pickup` is a copy of the store where the buyer
    picks it up (`app.services.ordering.pickup`), as it was at that moment; None where it is
    delivered.
    """

    __tablename__: Any = "dispatch"
    __table_args__ = (
        UniqueConstraint("order_id", "supplier_id"),
        Index("ix_dispatch_changed", "changed_at", "id"),
        # Those that are not where they should be, which are few.
        Index(
            "ix_dispatch_open",
            "state",
            "changed_at",
            postgresql_where=text(
                "state IN ('queued', 'sending', 'bounced', 'declined', 'failed', 'unsure')"
            ),
        ),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    supplier_id: int = Field(foreign_key="supplier.id", index=True)
    state: DispatchState = Field(
        default=DispatchState.QUEUED, sa_type=enum_of(DispatchState, "dispatch_state")
    )
    round: int = 1
    job_id: UUID | None = Field(default=None, foreign_key="job.id", ondelete="SET NULL", index=True)
    pickup: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    problem: str | None = Field(default=None, sa_type=Text)
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)


class OrderLine(SQLModel, table=True):
    """One product of an order, with the price that held and the price point that proves it."""

    __tablename__: Any = "order_line"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    dispatch_id: UUID = Field(foreign_key="dispatch.id", index=True)
    product_id: int = Field(foreign_key="product.id", sa_type=BigInteger)
    price_point_id: int = Field(foreign_key="price_point.id", sa_type=BigInteger)
    name: str = Field(sa_type=Text)
    external_id: str = Field(sa_type=Text)
    sku: str | None = Field(default=None, sa_type=Text)
    quantity: int
    price_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)


class TimelineEntry(SQLModel, table=True):
    """One step of an order, as its page shows it."""

    __tablename__: Any = "timeline_entry"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    order_id: UUID = Field(foreign_key="orders.id", index=True)
    dispatch_id: UUID | None = Field(default=None, foreign_key="dispatch.id")
    kind: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    detail: str = Field(default="", sa_type=Text)
    tone: str = Field(default="info", sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)


class Mail(SQLModel, table=True):
    """The ledger of mails: one row per mail that was meant, so that none goes out twice."""

    __tablename__: Any = "mail"
    __table_args__ = (
        # Those that were not taken, which are few.
        Index(
            "ix_mail_open",
            "created_at",
            postgresql_where=text("state IN ('intended', 'deferred', 'refused', 'unsure')"),
        ),
    )

    id: UUID | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")}
    )
    key: str = Field(unique=True, sa_type=Text)
    order_id: UUID | None = Field(default=None, foreign_key="orders.id", index=True)
    dispatch_id: UUID | None = Field(default=None, foreign_key="dispatch.id", index=True)
    sender: str = Field(sa_type=Text)
    recipient: str = Field(sa_type=Text)
    reply_to: str = Field(default="", sa_type=Text)
    subject: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    state: MailState = Field(default=MailState.INTENDED, sa_type=enum_of(MailState, "mail_state"))
    provider_id: str | None = Field(default=None, sa_type=Text)
    problem: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)


class MailboxMessage(SQLModel, table=True):
    """A mail that arrived in the embedded mailbox, which stands in for SendGrid."""

    __tablename__: Any = "mailbox_message"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()]
    )
    key: str = Field(unique=True, sa_type=Text)
    sender: str = Field(sa_type=Text)
    recipient: str = Field(sa_type=Text)
    reply_to: str = Field(default="", sa_type=Text)
    subject: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    received_at: datetime = Field(default_factory=now, sa_type=Instant)


class SendDispatch(JobCall):
    """Mail one dispatch to its supplier."""

    job: ClassVar[str] = "jobs.mail.send_dispatch"
    queue: ClassVar[Queue] = Queue.MAIL

    dispatch_id: UUID
    round: int


class SendConfirmation(JobCall):
    """Mail the buyer that the order was placed."""

    job: ClassVar[str] = "jobs.mail.send_confirmation"
    queue: ClassVar[Queue] = Queue.MAIL

    order_id: UUID


class RecordOutcome(JobCall):
    """Record how the mail of a dispatch fared and move the order on."""

    job: ClassVar[str] = "jobs.ordering.record_outcome"
    queue: ClassVar[Queue] = Queue.ORDERS

    mail_id: UUID


class FollowPolicy(JobCall):
    """Look anew at the orders of a supplier whose completion policy has changed."""

    job: ClassVar[str] = "jobs.ordering.follow_policy"
    queue: ClassVar[Queue] = Queue.ORDERS
    timeout: ClassVar[int] = 600

    supplier_id: int


class OrderPlaced(DomainEvent):
    """A buyer has placed an order."""

    name: ClassVar[str] = "order.placed"
    aggregate: ClassVar[str] = "order"


class OrderMoved(DomainEvent):
    """An order has gone from one state to another."""

    name: ClassVar[str] = "order.moved"
    aggregate: ClassVar[str] = "order"

    before: OrderState
    after: OrderState


class DispatchMoved(DomainEvent):
    """A dispatch has gone from one state to another."""

    name: ClassVar[str] = "dispatch.moved"
    aggregate: ClassVar[str] = "order"

    dispatch_id: UUID
    before: DispatchState
    after: DispatchState
