"""What each store has of a product, and what it asks for it where that is a price of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.integrations.feeds.money import to_minor
from app.integrations.feeds.values import Rejected, identifier, line, pieces, shown

if TYPE_CHECKING:
    from app.integrations.feeds.source import PriceUnit

FIELD: Final = "store_stock"

# Pieces, or pieces and a price in minor units of the product's currency.
Shelf = int | tuple[int, int]


def shelves_by_store(value: Any, currency: str, unit: PriceUnit) -> dict[str, Shelf]:  # noqa: ANN401 - any JSON
    """Return what stands on the shelves, by the supplier's store id.

    `value` is an object by store, of pieces or of `{stock, price}`, or a list of
    `{store, stock, price}`. Raises Rejected for an entry that cannot be taken, such as one with a
    price in another currency than the product's.
    """
    if not value:
        return {}
    if type(value) is list:
        if any(type(entry) is not dict for entry in value):
            raise Rejected(FIELD, "an entry is not an object")
        given = [(entry.get("store"), entry) for entry in value]
    elif type(value) is dict:
        given = list(value.items())
    else:
        raise Rejected(FIELD, f"{shown(value)} is neither an object nor a list")
    found = {identifier(store): _shelf(entry, currency, unit) for store, entry in given}
    return {store: shelf for store, shelf in found.items() if shelf is not None}


def _shelf(entry: Any, currency: str, unit: PriceUnit) -> Shelf | None:  # noqa: ANN401 - any JSON
    if type(entry) is not dict:
        return pieces(entry, FIELD)
    stock, price = pieces(entry.get("stock"), FIELD), entry.get("price")
    if price is None or price == "":
        return stock
    if type(price) in {dict, list}:
        raise Rejected(FIELD, f"{shown(price)} is not an amount")
    named = line(entry.get("currency"), FIELD)
    if named and named.upper() != currency:
        raise Rejected(FIELD, f"a price is in {shown(named)}, the product's in {currency}")
    minor = to_minor(price, currency, unit, FIELD)
    return None if stock is None else (stock, minor)
