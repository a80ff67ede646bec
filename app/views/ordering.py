"""What pages, mails and API show of baskets, orders and the mails that carry them out.

Money is already formatted for the reader (`app.views.formatting`); times are UTC, aware; states
are the words of `app.models.ordering`. Ids are text where a page only hands them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.views.pickup import BasketPart, PickupView


@dataclass(frozen=True, slots=True)
class BasketLineView:
    """One product in the basket.

    `price` and `total` are at today's price, `price_minor` is what `accept_price` wants back;
    `old_price` is what the buyer took it at, empty unless it has changed since; `problem` is one
    sentence, empty where there is none.
    """

    product_id: int
    name: str
    sku: str
    quantity: int
    price_minor: int
    price: str
    total: str
    old_price: str
    price_changed: bool
    withdrawn: bool
    out_of_stock: bool
    stock: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class BasketGroup:
    """The lines of one supplier in one currency, and what they cost together."""

    supplier_id: int
    supplier: str
    currency: str
    lines: tuple[BasketLineView, ...]
    subtotal: str


@dataclass(frozen=True, slots=True)
class BasketView:
    """A person's basket.

    `parts` are what it holds by supplier, `groups` by supplier and currency. `totals` has one
    amount per currency; `lines` counts lines, `price_changes` those whose new price is not accepted
    yet; `problem` says in one sentence why it cannot be ordered as it is, empty when it can.
    """

    parts: tuple[BasketPart, ...]
    groups: tuple[BasketGroup, ...]
    totals: tuple[str, ...]
    lines: int
    price_changes: int
    can_order: bool
    problem: str


@dataclass(frozen=True, slots=True)
class AddressForm:
    """Where an order goes, as somebody typed it; `country` is ISO 3166 alpha-2."""

    recipient: str
    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class AddressView:
    """A saved address, or the copy in an order (then `id` is empty)."""

    id: str
    recipient: str
    street: str
    postcode: str
    city: str
    country: str
    country_name: str


NO_ADDRESS = AddressView(
    id="", recipient="", street="", postcode="", city="", country="", country_name=""
)


@dataclass(frozen=True, slots=True)
class Country:
    """A country one may ship to: ISO 3166 alpha-2 and its name for the reader."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order a request led to; `replayed` when an earlier request with its key placed it."""

    number: int
    state: str
    replayed: bool


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """One product of an order, with the price that held and the price point that proves it."""

    product_id: int
    price_point_id: int
    name: str
    sku: str
    external_id: str
    quantity: int
    price: str
    total: str


@dataclass(frozen=True, slots=True)
class DispatchView:
    """One supplier's part of an order.

    `attempt` and `attempts` say which try of how many is under way or next, 0 when none is;
    `trying_again` is the sentence for it, empty unless an earlier try failed.
    """

    id: str
    supplier: str
    recipient: str
    state: str
    completes_when: str
    round: int
    problem: str
    attempt: int
    attempts: int
    trying_again: str
    changed_at: datetime
    lines: tuple[OrderLineView, ...]
    subtotals: tuple[str, ...]
    pickup: PickupView


@dataclass(frozen=True, slots=True)
class TimelineView:
    """One step of an order; `tone` is info, good, warning or bad."""

    id: int
    kind: str
    title: str
    detail: str
    tone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MailHead:
    """A mail of an order without its contents; `dispatch_id` is empty for the confirmation."""

    id: str
    dispatch_id: str
    recipient: str
    subject: str
    state: str
    problem: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail of an order as it was meant, and what is known of it."""

    id: str
    sender: str
    recipient: str
    reply_to: str
    subject: str
    html: str
    text: str
    state: str
    problem: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order, as its buyer or an operator sees it; `next_step` is one sentence.

    `ship_to` has no recipient where all of it is picked up.
    """

    number: int
    state: str
    next_step: str
    buyer: str
    buyer_email: str
    is_own: bool
    placed_at: datetime
    changed_at: datetime
    ship_to: AddressView
    contact: str
    reference: str
    note: str
    totals: tuple[str, ...]
    dispatches: tuple[DispatchView, ...]
    timeline: tuple[TimelineView, ...]
    mails: tuple[MailHead, ...]
    can_cancel: bool
    can_retry: bool


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    number: int
    state: str
    buyer: str
    suppliers: str
    lines: int
    totals: str
    reference: str
    placed_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many orders the reader may see are in one state."""

    state: str
    orders: int


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """A page of orders, newest first; `next_before` asks for the next one, None after the last."""

    rows: tuple[OrderRow, ...]
    counts: tuple[StateCount, ...]
    next_before: int | None
