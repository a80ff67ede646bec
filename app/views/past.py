"""What a snapshot shows of the catalogue as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.views.snapshots import SnapshotView


@dataclass(frozen=True, slots=True)
class PastProduct:
    """A product as a snapshot has it. `picture` is the supplier's address, "" for none."""

    id: int
    name: str
    brand: str
    supplier: str
    price_minor: int
    currency: str
    price_since: datetime
    price_point_id: int | None
    stock: int | None
    picture: str


@dataclass(frozen=True, slots=True)
class PastFacet:
    """One choice and how many products it would show."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PastPage:
    """A page of products; `edges` are the sort keys of the first and the last one, with their ids.

    `more` tells whether there are others in the direction that was asked for.
    """

    products: tuple[PastProduct, ...]
    edges: tuple[tuple[Any, ...], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class PastCounts:
    """How many products a question finds, and how it can be narrowed.

    `currency` is the one that prices are compared in. Counts of a facet ignore its own choice.
    """

    total: int
    currency: str
    suppliers: tuple[PastFacet, ...]
    brands: tuple[PastFacet, ...]
    in_stock: int


@dataclass(frozen=True, slots=True)
class HeldPrice:
    """A price of the history, in minor units, and since when it held."""

    price_minor: int
    currency: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ProductOfDay:
    """A product at the end of a day: by the history, and by the snapshot nearest to it.

    `price` is None before the product was known; `remark` says what the snapshot does not, "" where
    it has the product.
    """

    day: date
    price: HeldPrice | None
    snapshot: SnapshotView | None
    product: PastProduct | None
    remark: str
