"""Products as text on screen, in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.views import formatting

if TYPE_CHECKING:
    from app.views.catalogue import ProductSummary

LOW_STOCK: Final = 5
SPARK_WIDTH: Final = 64
SPARK_HEIGHT: Final = 20
# A change of price is news for so long; after that it is simply the price.
NEWS_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StockWord:
    """The stock in a word, with the tone of its badge."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list.

    `change` is "" where the price has not changed lately, `trend` is the path of the kit's
    sparkline, "" for a price that never changed. `mark` says of a price that is past who says so.
    """

    id: int
    href: str
    name: str
    brand: str
    supplier: str
    price: str
    change: str
    change_tone: str
    stock: str
    stock_tone: str
    picture: str
    trend: str
    mark: str = ""


def card_of(summary: ProductSummary, locale: str) -> Card:
    """Write a product for a reader."""
    stock = stock_word(summary.stock, locale)
    change, tone = price_change(summary, locale)
    return Card(
        id=summary.id,
        href=f"/product/{summary.id}",
        name=summary.name,
        brand=summary.brand,
        supplier=summary.supplier,
        price=formatting.money(summary.price_minor, summary.currency, locale),
        change=change,
        change_tone=tone,
        stock=stock.text,
        stock_tone=stock.tone,
        picture=summary.picture,
        trend=trend_path(summary.prices),
    )


def stock_word(stock: int | None, locale: str) -> StockWord:
    """Say how many pieces there are; None is a supplier that does not say."""
    if stock is None:
        return StockWord("Not stated", "unknown")
    if stock <= 0:
        return StockWord("Out of stock", "neutral")
    if stock <= LOW_STOCK:
        return StockWord(f"Low: {formatting.number(stock, locale)} left", "warn")
    return StockWord(f"In stock {formatting.number(stock, locale)}", "good")


def price_change(summary: ProductSummary, locale: str) -> tuple[str, str]:
    """Return the change since the price before and its tone, "" where that is no news."""
    before = summary.previous_price_minor
    if before is None or datetime.now(UTC) - summary.price_since > NEWS_FOR:
        return "", "neutral"
    text = formatting.change(before, summary.price_minor, locale)
    return text, "good" if summary.price_minor < before else "warn"


def trend_path(prices: tuple[int, ...]) -> str:
    """Return the path of prices, oldest first, in steps: a price holds until the next one.

    Within 64 x 20, the drawing of the kit's sparkline; "" where nothing has changed.
    """
    low, high = min(prices, default=0), max(prices, default=0)
    if low == high:
        return ""
    width = SPARK_WIDTH / len(prices)
    heights = [2 + (SPARK_HEIGHT - 4) * (high - price) / (high - low) for price in prices]
    steps = "".join(f"V{height:.1f}H{width * place:.1f}" for place, height in enumerate(heights, 1))
    return f"M0 {heights[0]:.1f}{steps}"
