"""One product as text on its page, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.views import formatting
from app.views.cards import Card, card_of
from app.views.catalogue_query import CatalogueQuery

if TYPE_CHECKING:
    from app.views.catalogue import PriceStep, ProductPage


@dataclass(frozen=True, slots=True)
class Crumb:
    """One category on the way to the product, and the catalogue narrowed to it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class PricePlot:
    """One corner of the price history: milliseconds since 1970, and whole units of the currency."""

    at: int
    price: float


@dataclass(frozen=True, slots=True)
class ProductText:
    """The page of one product. Times are ISO 8601 text in UTC, "" where there is none."""

    card: Card
    sku: str
    description: str
    trail: tuple[Crumb, ...]
    pictures: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    currency: str
    price_since: str
    lowest: str
    is_lowest: bool
    plot: tuple[PricePlot, ...]
    has_stores: bool
    similar: tuple[Card, ...]
    synced_at: str
    withdrawn_at: str
    supplier_href: str


NO_CARD: Final = Card(
    id=0,
    href="",
    name="",
    brand="",
    supplier="",
    price="",
    change="",
    change_tone="neutral",
    stock="",
    stock_tone="neutral",
    picture="",
    trend="",
)
NO_PRODUCT: Final = ProductText(
    card=NO_CARD,
    sku="",
    description="",
    trail=(),
    pictures=(),
    attributes=(),
    currency="",
    price_since="",
    lowest="",
    is_lowest=False,
    plot=(),
    has_stores=False,
    similar=(),
    synced_at="",
    withdrawn_at="",
    supplier_href="",
)


def product_text(page: ProductPage, locale: str) -> ProductText:
    """Write the page of a product for a reader."""
    summary = page.summary
    return ProductText(
        card=card_of(summary, locale),
        sku=page.sku or page.external_id,
        description=page.description,
        trail=tuple(
            Crumb(step.name, CatalogueQuery(category=step.id).address()) for step in page.trail
        ),
        pictures=page.pictures,
        attributes=page.attributes,
        currency=summary.currency,
        price_since=_iso(summary.price_since),
        lowest=formatting.money(page.lowest_30_days, summary.currency, locale),
        is_lowest=page.lowest_30_days == summary.price_minor,
        plot=_plot(page.history, summary.price_minor, summary.currency, page.withdrawn_at),
        has_stores=page.has_stores,
        similar=tuple(card_of(other, locale) for other in page.similar),
        synced_at=_iso(page.synced_at),
        withdrawn_at=_iso(page.withdrawn_at),
        supplier_href=CatalogueQuery(suppliers=(page.supplier_id,)).address(),
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _plot(
    history: tuple[PriceStep, ...], price_minor: int, currency: str, until: datetime | None
) -> tuple[PricePlot, ...]:
    """Return the corners of the history up to now, none where the price never changed."""
    if len(history) < 2:  # noqa: PLR2004 - a history has a before and an after
        return ()
    steps = [(step.since, step.price_minor) for step in history]
    steps.append((until or datetime.now(UTC), price_minor))
    return tuple(
        PricePlot(int(at.timestamp() * 1000), float(formatting.major(minor, currency)))
        for at, minor in steps
    )
