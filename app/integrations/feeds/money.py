"""Amounts of money as suppliers write them, to whole minor units, without ever rounding a price.

What is not exactly a number of minor units is refused, because a rounded price is one the supplier
never named. The one exception is the noise of binary fractions: a JSON number such as
19.990000000000002 is meant as 19.99, so a number may miss by a millionth of a minor unit.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_currency_precision

from app.integrations.feeds.source import PriceUnit
from app.integrations.feeds.values import Rejected, shown

MOST_MINOR = 10**12
BINARY_NOISE = Decimal("1e-6")
# A comma counts as a decimal point only where it cannot stand for thousands.
_PLAIN = re.compile(r"\d{1,16}(?:\.\d{1,12}|,\d{1,2})?", re.ASCII)


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Return how many decimals the currency has (ISO 4217, Babel's data).

    Raises Rejected where there is no such currency.
    """
    if currency not in get_global("all_currencies"):
        raise Rejected("currency", f"{shown(currency)} is not the code of a currency")
    return get_currency_precision(currency)


def _decimal(value: object, field: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Rejected(field, f"{shown(value)} is not an amount")
    if isinstance(value, str):
        text = value.strip()
        if not _PLAIN.fullmatch(text):
            raise Rejected(field, f"{shown(value)} is not an amount such as 12.50")
        return Decimal(text.replace(",", "."))
    if isinstance(value, int):
        return Decimal(value)
    # repr() of a float is the shortest text that means it: the decimals the supplier wrote.
    return Decimal(repr(value))


# Prices repeat: a hundred thousand products share a few thousand of them.
@lru_cache(maxsize=32_768, typed=True)
def to_minor(value: float | str, currency: str, unit: PriceUnit, field: str = "price") -> int:
    """Return `value` in minor units of `currency`, exactly.

    Raises Rejected, which names `field`, for what is no amount, negative, more than 10^12 minor
    units, or finer than the currency's smallest coin.
    """
    amount = _decimal(value, field)
    if not amount.is_finite() or amount < 0:
        raise Rejected(field, f"{shown(value)} is not an amount of 0 or more")
    if amount > MOST_MINOR:
        raise Rejected(field, f"{shown(value)} is beyond any price")
    scaled = amount.scaleb(exponent(currency)) if unit is PriceUnit.MAJOR else amount
    if scaled > MOST_MINOR:
        raise Rejected(field, f"{shown(value)} is beyond any price")
    whole = scaled.quantize(Decimal(1), ROUND_HALF_EVEN)
    if scaled != whole and not (isinstance(value, float) and abs(scaled - whole) < BINARY_NOISE):
        raise Rejected(field, f"{shown(value)} has more decimals than {currency} has")
    return int(whole)
