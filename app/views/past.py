"""What a snapshot shows of the catalogue as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.views.catalogue import SearchResult
    from app.views.catalogue_query import CatalogueQuery
    from app.views.snapshots import SnapshotView


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """What is asked of a snapshot.

    `category` are the names of the query's category from the root, () where there is none such.
    With `known_by`, products that came later are left out; with `stores`, those that none of these
    stores has in stock.
    """

    query: CatalogueQuery
    category: tuple[str, ...] = ()
    known_by: datetime | None = None
    stores: tuple[int, ...] | None = None


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

    `currency` is the one that prices are compared in. Counts of a facet ignore its own choice, but
    `categories`: they are those one step below the chosen one, by their names.
    """

    total: int
    currency: str
    suppliers: tuple[PastFacet, ...]
    categories: tuple[PastFacet, ...]
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
    """A product at a moment: by the history, and by a snapshot, the one nearest or a given one.

    `price` is None before the product was known; `remark` says what the snapshot does not, "" where
    it has the product.
    """

    moment: datetime
    price: HeldPrice | None
    snapshot: SnapshotView | None
    product: PastProduct | None
    remark: str


@dataclass(frozen=True, slots=True)
class CatalogueOfDay:
    """The catalogue at the end of a day (UTC).

    With `snapshot` its products are those, else today's that were known then. Their prices are
    those of the history, `by_history` has them by product; where it has none they are the
    snapshot's, which `by_snapshot` has. `query` is what of the question was answered, and `remarks`
    are sentences about what could not be.
    """

    day: date
    query: CatalogueQuery
    result: SearchResult
    snapshot: SnapshotView | None
    by_history: Mapping[int, HeldPrice]
    by_snapshot: Mapping[int, HeldPrice]
    remarks: tuple[str, ...]
