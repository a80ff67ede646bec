"""What a product cost on a past day, as text in one reader's locale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.views import formatting
from app.views.cards import stock_word

if TYPE_CHECKING:
    from app.views.past import ProductOfDay


@dataclass(frozen=True, slots=True)
class ProductOfDayText:
    """Both answers for one day. Times are ISO 8601 text in UTC, "" where there is none.

    `asked` is the query of the address that it answers, "" before one was asked for; `moment` is
    when all of this held. `price` is "" where the product was not known yet. The
    snapshot's part has a time where there is one, and `remark` where it says nothing.
    """

    product_id: int
    asked: str
    moment: str
    price: str
    since: str
    snapshot_at: str
    snapshot_href: str
    snapshot_price: str
    snapshot_stock: str
    remark: str


NO_DAY: Final = ProductOfDayText(0, "", "", "", "", "", "", "", "", "")


def product_of_day_text(
    found: ProductOfDay, product_id: int, asked: str, locale: str
) -> ProductOfDayText:
    """Write what was found for a reader."""
    price, snapshot, product = found.price, found.snapshot, found.product
    taken_at = snapshot.taken_at if snapshot else None
    return ProductOfDayText(
        product_id=product_id,
        asked=asked,
        moment=formatting.moment(found.moment, locale),
        price=formatting.money(price.price_minor, price.currency, locale) if price else "",
        since=price.since.isoformat() if price else "",
        snapshot_at=taken_at.isoformat() if taken_at else "",
        snapshot_href=f"/snapshots/{snapshot.id}" if snapshot else "",
        snapshot_price=(
            formatting.money(product.price_minor, product.currency, locale) if product else ""
        ),
        snapshot_stock=stock_word(product.stock, locale).text if product else "",
        remark=found.remark,
    )
