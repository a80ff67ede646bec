"""What pages and API show of the catalogue: facts, not yet text in anybody's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ProductSummary:
    """A product in a list.

    Prices are minor units of `currency`; `prices` are those of its latest price points, oldest
    first; `stock` is None where the supplier does not say; `picture` is a path on this site, ""
    where there is none.
    """

    id: int
    name: str
    brand: str
    supplier: str
    price_minor: int
    currency: str
    previous_price_minor: int | None
    price_since: datetime
    stock: int | None
    picture: str
    prices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One choice of a facet and how many products it would show.

    `count` is a lower bound where it is not `exact`.
    """

    key: str
    label: str
    count: int
    exact: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class PriceBar:
    """How many products cost from `low` to below `high`, in minor units; the last includes it."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Distance:
    """How many stores stand within so many kilometres."""

    km: int
    stores: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How a result can be narrowed.

    A facet's counts ignore its own choice. `total` counts the matches up to the service's limit
    and is `exact` below it. `trail` leads from the root to the chosen category; `categories` are
    those one step further down. `prices` are of `currency` alone. `distances` are those around the
    chosen point, none where none is chosen.
    """

    total: int
    exact: bool
    suppliers: tuple[FacetOption, ...]
    trail: tuple[FacetOption, ...]
    categories: tuple[FacetOption, ...]
    brands: tuple[FacetOption, ...]
    in_stock: FacetOption
    currency: str
    currencies: tuple[FacetOption, ...]
    prices: tuple[PriceBar, ...]
    distances: tuple[Distance, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of products, in the order asked for.

    `next` and `previous` are cursors, None at either end. `corrected` are the words that were
    searched instead of mistyped ones, `problem` is a sentence about what could not be used.
    """

    products: tuple[ProductSummary, ...]
    next: str | None
    previous: str | None
    corrected: str
    problem: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one question. `synced_at` is when the longest untouched feed was synced."""

    listing: Listing
    facets: Facets
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class CategoryStep:
    """One category on the way to a product."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A price and the moment from which it held, in minor units of the product's currency."""

    since: datetime
    price_minor: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Everything the page of one product shows.

    `history` holds the prices of the present currency, oldest first; `lowest_30_days` is the
    lowest that held at any moment of the last 30 days; `has_stores` tells whether a store has it.
    """

    summary: ProductSummary
    supplier_id: int
    sku: str
    external_id: str
    description: str
    trail: tuple[CategoryStep, ...]
    pictures: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    history: tuple[PriceStep, ...]
    lowest_30_days: int
    has_stores: bool
    similar: tuple[ProductSummary, ...]
    synced_at: datetime | None
    withdrawn_at: datetime | None
