"""Prices and stock that move with the clock, the same for everybody who asks at that moment."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from app.embedded.demo_supplier.assortment import chance, shelf_price

if TYPE_CHECKING:
    from app.embedded.demo_supplier.assortment import Item

MINUTE = 60
HOUR = 60 * MINUTE
LIVELY_PERCENT = 15
NOT_COUNTED_PERCENT = 4
OUT_OF_STOCK_PERCENT = 7
LOW_PERCENT = 9
ON_SALE_PERCENT = 7
PRICED_BY_STORE_PERCENT = 50


def _epoch(item: Item, what: str, moment: float, shortest: int, longest: int) -> int:
    """Return the number of the period that `moment` lies in; each item has periods of its own."""
    length = shortest + chance(item.sku, what, "length", below=longest - shortest)
    return int(moment + chance(item.sku, what, "offset", below=length)) // length


def price_cents(item: Item, moment: float) -> int:
    """Return the price in euro cents at `moment` (seconds of Unix time).

    One item in seven moves within hours, the rest within days, so that a few prices change every
    few minutes. A price stays within 8 % of its base, except now and then for a sale.
    """
    lively = chance(item.sku, "lively", below=100) < LIVELY_PERCENT
    longest = 4 * HOUR if lively else 72 * HOUR
    epoch = _epoch(item, "price", moment, longest // 3, longest)
    percent = 92 + chance(item.sku, "price", epoch, below=17)
    on_sale = chance(item.sku, "sale", epoch, below=100) < ON_SALE_PERCENT
    return shelf_price(Decimal(item.base_cents) * (percent - 15 if on_sale else percent) / 100)


def stock(item: Item, moment: float) -> int | None:
    """Return the pieces in stock at `moment`, None where the supplier does not count them."""
    luck = chance(item.sku, "stock", _epoch(item, "stock", moment, 6 * HOUR, 90 * HOUR), below=100)
    if chance(item.sku, "counted", below=100) < NOT_COUNTED_PERCENT:
        return None
    if luck < OUT_OF_STOCK_PERCENT:
        return 0
    if luck < OUT_OF_STOCK_PERCENT + LOW_PERCENT:
        return 1 + luck % 4
    most = 60 if item.base_cents > 10_000 else 400  # noqa: PLR2004 - dear things are kept in small numbers
    return 6 + chance(item.sku, "pieces", luck, below=most)


def stock_at_stores(item: Item, stores: tuple[str, ...], moment: float) -> dict[str, int]:
    """Return how many pieces the stores that carry the item have, by store."""
    epoch = _epoch(item, "stores", moment, 12 * HOUR, 120 * HOUR)
    return {
        store: chance(item.sku, store, epoch, below=25)
        for store in stores
        if chance(item.sku, store, "carried", below=100) < 45  # noqa: PLR2004 - nearly half of them
    }


def price_at_store(item: Item, store: str, cents: int) -> int | None:
    """Return what a store itself asks where the item costs `cents`, within 5 % of that.

    None for items that cost the same everywhere: every second one.
    """
    if chance(item.sku, "by store", below=100) >= PRICED_BY_STORE_PERCENT:
        return None
    percent = 95 + chance(item.sku, store, "price", below=11)
    return shelf_price(Decimal(cents) * percent / 100)
